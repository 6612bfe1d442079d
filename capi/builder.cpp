// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The builder: its life, functions, values and memory. Regions are in builder_regions.cpp; compiling is in compile.cpp.
#include "builder.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "abi.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "runtime/image.h"
#include "wire/bytes.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace exprjit::capi {

Failure mistakes(const ej_builder& builder) {
    if (builder.memory_ran_out) {
        return fail(Status::NoMemory, static_cast<int32_t>(CallCode::NoMemory),
                    "memory ran out while the program was built", "reset the builder, or destroy it");
    }
    const Error* const found = builder.program.error();
    return found != nullptr ? std::make_unique<Error>(*found) : nullptr;
}

const Bytes& write_image(const ej_builder& builder) {
    exprjit::write_image(builder.program.program(), true, builder.image);
    return builder.image;
}

bool read_nodes(CheckedBuilder& b, Op op, const ej_node* nodes, size_t count, std::span<const ValueId>& out) {
    if (nodes == nullptr && count != 0) {
        b.refuse_call(op, "its " + std::to_string(count) + " operands are at NULL", "pass an array of nodes");
        return false;
    }
    out = {nodes, count};
    return true;
}

int log2_of_lanes(int32_t lanes) {
    if (lanes < 1 || lanes > 1 << kMaxLaneLog2 || !std::has_single_bit(static_cast<uint32_t>(lanes))) return -1;
    return std::countr_zero(static_cast<uint32_t>(lanes));
}

bool read_type(ej_type t, Type& out) {
    if (t.rank == 0) {
        const int log2 = log2_of_lanes(t.lanes);
        if (!is_value_dtype(t.element) || log2 < 0 || t.is_mut != 0) return false;
        out = Type::lanes(static_cast<Scalar>(t.element - 1), log2);
        return true;
    }
    if (!is_dtype(t.element) || t.rank < 1 || t.rank > kMaxRank || t.lanes > 1 || t.lanes < 0 || (t.is_mut & ~1) != 0)
        return false;
    out = Type::array(storage_of_dtype(t.element), t.rank, t.is_mut != 0);
    return true;
}

ValueId refuse_type(CheckedBuilder& b, Op op, ej_type type) {
    return b.refuse_call(op,
                         "has a type that does not exist: element " + std::to_string(type.element) + ", " +
                             std::to_string(type.lanes) + " lanes, rank " + std::to_string(type.rank),
                         "make it with ej_type_of, ej_type_lanes or ej_type_array");
}

}  // namespace exprjit::capi

namespace {

ValueId refuse_lanes(CheckedBuilder& b, Op op, int32_t lanes) {
    return b.refuse_call(op, "cannot have " + std::to_string(lanes) + " lanes", "a value has 1, 2, 4, … 64 lanes");
}

ValueId refuse_dtype(CheckedBuilder& b, Op op, ej_dtype t, bool value) {
    return b.refuse_call(
        op, "is to have type " + std::to_string(t) + ", which no " + (value ? "value" : "element") + " has",
        value ? "use EJ_BOOL, EJ_I32, EJ_I64, EJ_F32 or EJ_F64" : "use EJ_BOOL … EJ_U64");
}

ValueId constant_of(CheckedBuilder& b, ej_value v, int32_t lanes) {
    const int log2 = log2_of_lanes(lanes);
    if (log2 < 0) return refuse_lanes(b, Op::Const, lanes);
    if (!is_value_dtype(v.type)) return refuse_dtype(b, Op::Const, v.type, true);
    const auto s = static_cast<Scalar>(v.type - 1);
    uint64_t bits = 0;
    switch (s) {
    case Scalar::Bool: bits = v.as.b != 0; break;
    case Scalar::I32: bits = static_cast<uint32_t>(v.as.i32); break;
    case Scalar::I64: bits = static_cast<uint64_t>(v.as.i64); break;
    case Scalar::F32: bits = std::bit_cast<uint32_t>(v.as.f32); break;
    case Scalar::F64: bits = std::bit_cast<uint64_t>(v.as.f64); break;
    }
    return b.constant(Type::lanes(s, log2), bits);
}

bool find_code(CheckedBuilder& b, int32_t code, Op& out) {
    if (code > 0 && code <= UINT16_MAX && find_op_by_code(static_cast<uint16_t>(code), out)) return true;
    b.refuse_unknown("there is no operation with code " + std::to_string(code), "ej_op_find gives the code of a name");
    return false;
}

bool find_name(CheckedBuilder& b, const char* name, Op& out) {
    if (name != nullptr && find_op(name, out)) return true;
    constexpr size_t kShown = 60;
    const std::string_view all = name != nullptr ? name : "";
    size_t shown = std::min(all.size(), kShown);
    while (shown < all.size() && shown > 0 && (static_cast<unsigned char>(all[shown]) & 0xc0) == 0x80) --shown;
    b.refuse_unknown(name != nullptr ? "there is no operation '" + std::string(all.substr(0, shown)) +
                                           (all.size() > shown ? "…'" : "'")
                                     : "the name of an operation is NULL",
                     "ej_op_get lists them, docs/ir.md says what they mean");
    return false;
}

ej_node conversion(CheckedBuilder& b, Op op, std::span<const ej_node> operands, ej_dtype to) {
    if (!is_value_dtype(to)) return refuse_dtype(b, op, to, true);
    return b.op(op, operands, static_cast<Scalar>(to - 1));
}

ej_node value_op(ej_builder* builder, int32_t code, std::span<const ej_node> operands) {
    return build(builder, [&](CheckedBuilder& b) {
        Op op{};
        return find_code(b, code, op) ? b.op(op, operands) : kNoValue;
    });
}

}  // namespace

extern "C" {

ej_status ej_builder_create(ej_builder** builder) {
    if (builder == nullptr) return EJ_ERR_INVALID_ARGUMENT;
    *builder = nullptr;
    return at_border([&] {
        *builder = new ej_builder;
        return EJ_OK;
    });
}

void ej_builder_destroy(ej_builder* builder) { delete builder; }

void ej_builder_reset(ej_builder* builder) {
    if (builder == nullptr) return;
    builder->program.reset();
    builder->memory_ran_out = false;
    builder->shown.reset();
    builder->shown_count = 0;
    constexpr size_t kLargeBytes = size_t{1} << 20;
    if (builder->image.capacity() > kLargeBytes) builder->image.release();
}

const ej_error* ej_builder_error(const ej_builder* builder) {
    if (builder == nullptr) return nullptr;
    if (builder->memory_ran_out) return out_of_memory();
    const Error* const found = builder->program.error();
    if (found == nullptr) return nullptr;
    if (builder->shown && builder->shown_count == found->diagnostics.size()) return builder->shown.get();
    try {
        builder->shown.reset(make_error(*found, {}));
        builder->shown_count = found->diagnostics.size();
        return builder->shown.get();
    } catch (...) {
        return out_of_memory();
    }
}

void ej_builder_clear_error(ej_builder* builder) {
    if (builder == nullptr) return;
    builder->program.clear_error();
    if (builder->program.error() == nullptr) builder->shown.reset();
}

size_t ej_builder_node_count(const ej_builder* builder) {
    return builder != nullptr ? builder->program.node_count() : 0;
}

ej_type ej_builder_type_of(const ej_builder* builder, ej_node node) {
    const Type t = builder != nullptr ? builder->program.type_of(node) : kVoid;
    if (t.is_array()) return ej_type_array(dtype_of(t.storage()), t.rank(), t.is_mut());
    if (t.is_value()) return ej_type_lanes(dtype_of(t.scalar()), t.lane_count());
    return ej_type_of(EJ_DTYPE_NONE);
}

void ej_builder_at(ej_builder* builder, size_t begin, size_t end) {
    build(builder, [&](CheckedBuilder& b) {
        const bool known = begin <= end && end < UINT32_MAX;
        b.at(known ? Span{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)} : kNoSpan);
        return 0;
    });
}

void ej_builder_set_flags(ej_builder* builder, uint32_t flags) {
    build(builder, [&](CheckedBuilder& b) {
        const auto known = static_cast<uint32_t>(EJ_FLAG_CONTRACT) | static_cast<uint32_t>(EJ_FLAG_REASSOC);
        if ((flags & ~known) != 0) {
            return b.refuse_unknown("flags " + std::to_string(flags) + " do not exist",
                                    "use EJ_FLAG_CONTRACT and EJ_FLAG_REASSOC");
        }
        b.set_flags(flags);
        return ValueId{0};
    });
}

uint32_t ej_builder_begin_function(ej_builder* builder, const char* name) {
    return build(builder, [&](CheckedBuilder& b) { return b.begin_function(name != nullptr ? name : ""); });
}

ej_node ej_builder_param(ej_builder* builder, const char* name, ej_type type) {
    return build(builder, [&](CheckedBuilder& b) {
        Type t;
        if (!read_type(type, t)) return refuse_type(b, Op::Param, type);
        return b.param(name != nullptr ? name : "", t);
    });
}

void ej_builder_name_results(ej_builder* builder, const char* const* names, size_t count) {
    build(builder, [&](CheckedBuilder& b) {
        std::vector<std::string_view> views;
        if (names == nullptr && count != 0)
            return b.refuse_call(Op::Return, "the names of its results are at NULL", "pass an array of names");
        for (size_t i = 0; i < count; ++i) views.emplace_back(names[i] != nullptr ? names[i] : "");
        b.name_results(views);
        return ValueId{0};
    });
}

uint32_t ej_builder_table(ej_builder* builder, ej_dtype element, const void* data, size_t length) {
    return build(builder, [&](CheckedBuilder& b) {
        if (!is_dtype(element)) return refuse_dtype(b, Op::Table, element, false);
        if (data == nullptr && length != 0)
            return b.refuse_call(Op::Table, "its " + std::to_string(length) + " elements are at NULL",
                                 "pass the elements");
        return b.table(storage_of_dtype(element), data, length);
    });
}

ej_node ej_builder_table_node(ej_builder* builder, uint32_t table) {
    return build(builder, [&](CheckedBuilder& b) { return b.table_node(table); });
}

ej_node ej_builder_constant(ej_builder* builder, ej_value value) {
    return build(builder, [&](CheckedBuilder& b) { return constant_of(b, value, 1); });
}

ej_node ej_builder_constant_lanes(ej_builder* builder, ej_value value, int32_t lanes) {
    return build(builder, [&](CheckedBuilder& b) { return constant_of(b, value, lanes); });
}

ej_node ej_builder_op_named(ej_builder* builder, const char* name, ej_dtype to, const ej_node* operands,
                            size_t operand_count) {
    return build(builder, [&](CheckedBuilder& b) {
        Op op{};
        std::span<const ValueId> all;
        if (!find_name(b, name, op) || !read_nodes(b, op, operands, operand_count, all)) return kNoValue;
        return to == EJ_DTYPE_NONE ? b.op(op, all) : conversion(b, op, all, to);
    });
}

ej_node ej_builder_unary(ej_builder* builder, int32_t code, ej_node a) { return value_op(builder, code, {&a, 1}); }

ej_node ej_builder_binary(ej_builder* builder, int32_t code, ej_node a, ej_node b) {
    const ej_node operands[2] = {a, b};
    return value_op(builder, code, operands);
}

ej_node ej_builder_ternary(ej_builder* builder, int32_t code, ej_node a, ej_node b, ej_node c) {
    const ej_node operands[3] = {a, b, c};
    return value_op(builder, code, operands);
}

ej_node ej_builder_op(ej_builder* builder, int32_t code, const ej_node* operands, size_t operand_count) {
    return build(builder, [&](CheckedBuilder& b) {
        Op op{};
        std::span<const ValueId> all;
        if (!find_code(b, code, op) || !read_nodes(b, op, operands, operand_count, all)) return kNoValue;
        return b.op(op, all);
    });
}

ej_node ej_builder_convert(ej_builder* builder, int32_t code, ej_node a, ej_dtype to) {
    return build(builder, [&](CheckedBuilder& b) {
        Op op{};
        return find_code(b, code, op) ? conversion(b, op, {&a, 1}, to) : kNoValue;
    });
}

ej_node ej_builder_powi(ej_builder* builder, ej_node a, int32_t exponent) {
    return build(builder, [&](CheckedBuilder& b) {
        return b.op(Op::Powi, {&a, 1}, {}, static_cast<uint64_t>(static_cast<int64_t>(exponent)));
    });
}

ej_node ej_builder_steps(ej_builder* builder, const ej_builder_step* steps, size_t count, ej_node* nodes) {
    // First of all, so that they are written however the call ends.
    if (nodes != nullptr) std::fill_n(nodes, count, EJ_NO_NODE);
    return build(builder, [&](CheckedBuilder& b) {
        if ((steps == nullptr || nodes == nullptr) && count != 0)
            return b.refuse_unknown(std::to_string(count) + " steps, but " + (steps == nullptr ? "steps" : "nodes") +
                                        " is NULL",
                                    "pass an array of steps, and one for their nodes");
        ej_node last = EJ_NO_NODE;
        for (size_t i = 0; i < count; ++i) {
            const ej_builder_step& s = steps[i];
            Op op{};
            last = EJ_NO_NODE;
            if (!find_code(b, s.code, op)) continue;
            if (s.to != EJ_DTYPE_NONE && !is_value_dtype(s.to)) {
                refuse_dtype(b, op, s.to, true);
                continue;
            }
            ValueId operands[3];
            const size_t arity = info(op).is_value() ? static_cast<size_t>(info(op).arity) : 0;
            bool known = true;
            for (size_t k = 0; k < arity; ++k) {
                operands[k] = s.operands[k];
                if (operands[k] < EJ_STEP || operands[k] == EJ_NO_NODE) continue;
                const size_t from = operands[k] - EJ_STEP;
                known = known && from < i;
                operands[k] = from < i ? nodes[from] : EJ_NO_NODE;
            }
            if (!known) {
                b.refuse_call(op, "step " + std::to_string(i) + " has an operand that is no step before it",
                              "EJ_STEP + k is step k, from 0");
                continue;
            }
            std::optional<Scalar> u;
            if (s.to != EJ_DTYPE_NONE) u = static_cast<Scalar>(s.to - 1);
            last = nodes[i] = b.op(op, {operands, arity}, u,
                                   static_cast<uint64_t>(static_cast<int64_t>(op == Op::Powi ? s.exponent : 0)));
        }
        return last;
    });
}

ej_node ej_builder_any(ej_builder* builder, ej_node mask) {
    return build(builder, [&](CheckedBuilder& b) { return b.plain(Op::Any, kBool, {&mask, 1}); });
}

ej_node ej_builder_count_lanes(ej_builder* builder, ej_node mask) {
    return build(builder, [&](CheckedBuilder& b) { return b.plain(Op::CountLanes, kI64, {&mask, 1}); });
}

ej_node ej_builder_splat(ej_builder* builder, ej_node scalar, int32_t lanes) {
    return build(builder, [&](CheckedBuilder& b) {
        const int log2 = log2_of_lanes(lanes);
        return log2 < 0 ? refuse_lanes(b, Op::Splat, lanes) : b.splat(scalar, log2);
    });
}

ej_node ej_builder_extract(ej_builder* builder, ej_node lanes, int32_t lane) {
    return build(builder, [&](CheckedBuilder& b) {
        // A negative lane is one that does not exist, like any other.
        return b.extract(lanes, lane < 0 ? UINT32_MAX : static_cast<uint64_t>(lane));
    });
}

ej_node ej_builder_iota(ej_builder* builder, ej_dtype element, int32_t lanes) {
    return build(builder, [&](CheckedBuilder& b) {
        const int log2 = log2_of_lanes(lanes);
        if (log2 < 0) return refuse_lanes(b, Op::Iota, lanes);
        if (!is_value_dtype(element)) return refuse_dtype(b, Op::Iota, element, true);
        return b.plain(Op::Iota, Type::lanes(static_cast<Scalar>(element - 1), log2), {});
    });
}

ej_node ej_builder_reduce(ej_builder* builder, ej_reduce kind, ej_node value, ej_node predicate) {
    return build(builder, [&](CheckedBuilder& b) {
        return b.reduce(kind < 0 ? UINT32_MAX : static_cast<uint64_t>(kind), value, predicate);
    });
}

ej_node ej_builder_load(ej_builder* builder, ej_node array, const ej_node* indices, size_t index_count) {
    return build(builder, [&](CheckedBuilder& b) {
        std::span<const ValueId> all;
        return read_nodes(b, Op::Load, indices, index_count, all) ? b.load(array, all) : kNoValue;
    });
}

ej_node ej_builder_store(ej_builder* builder, ej_node array, const ej_node* indices, size_t index_count,
                         ej_node value) {
    return build(builder, [&](CheckedBuilder& b) {
        std::span<const ValueId> all;
        return read_nodes(b, Op::Store, indices, index_count, all) ? b.store(array, all, value) : kNoValue;
    });
}

ej_node ej_builder_len(ej_builder* builder, ej_node array, int32_t dimension) {
    return build(builder, [&](CheckedBuilder& b) {
        return b.plain(Op::Len, kI64, {&array, 1}, dimension < 0 ? UINT32_MAX : static_cast<uint64_t>(dimension));
    });
}

ej_node ej_builder_local(ej_builder* builder, ej_dtype element, size_t length) {
    return build(builder, [&](CheckedBuilder& b) {
        if (!is_dtype(element)) return refuse_dtype(b, Op::Local, element, false);
        return b.plain(Op::Local, Type::array(storage_of_dtype(element), 1, true), {}, length);
    });
}

ej_node ej_builder_check(ej_builder* builder, ej_node condition, ej_check code, uint32_t site) {
    return build(builder, [&](CheckedBuilder& b) { return b.check(condition, static_cast<uint32_t>(code), site); });
}

ej_node ej_builder_call(ej_builder* builder, uint32_t function, const ej_node* arguments, size_t argument_count) {
    return build(builder, [&](CheckedBuilder& b) {
        std::span<const ValueId> all;
        return read_nodes(b, Op::Call, arguments, argument_count, all) ? b.call(function, all) : kNoValue;
    });
}

ej_status ej_builder_print(const ej_builder* builder, char** out, ej_error** error) {
    if (out != nullptr) *out = nullptr;
    return at_border(error, [&](Source&) -> Failure {
        if (builder == nullptr) return null_argument("builder");
        if (out == nullptr) return null_argument("out");
        if (builder->memory_ran_out) return mistakes(*builder);
        Program program;
        read_image(write_image(*builder).view(), program);
        const std::string text = print(program);
        *out = static_cast<char*>(std::malloc(text.size() + 1));
        if (*out == nullptr) throw std::bad_alloc();
        std::memcpy(*out, text.c_str(), text.size() + 1);
        return nullptr;
    });
}

ej_status ej_builder_encode(const ej_builder* builder, uint8_t** bytes, size_t* size, ej_error** error) {
    if (bytes != nullptr) *bytes = nullptr;
    if (size != nullptr) *size = 0;
    return at_border(error, [&](Source&) -> Failure {
        if (builder == nullptr) return null_argument("builder");
        if (bytes == nullptr) return null_argument("bytes");
        if (size == nullptr) return null_argument("size");
        if (Failure f = mistakes(*builder)) return f;
        Program program;
        read_image(write_image(*builder).view(), program);
        if (auto verified = verify(program, CheckedBuilder::limits()); !verified) return verified.take_failure();
        auto encoded = wire::encode(program);
        if (!encoded) return encoded.take_failure();
        *bytes = static_cast<uint8_t*>(std::malloc(encoded->size()));
        if (*bytes == nullptr) throw std::bad_alloc();
        std::memcpy(*bytes, encoded->data(), encoded->size());
        *size = encoded->size();
        return nullptr;
    });
}

}  // extern "C"
