// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Looking inside: listings of a kernel, and the tables of passes, operations and functions.
#include <array>
#include <cstdlib>

#include "abi.h"
#include "border.h"
#include "ir/op.h"
#include "lang/front_end.h"
#include "opt/pipeline.h"
#include "runtime/dump.h"
#include "runtime/encode.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

// The names of every set of scalars, spelled once: "i32 i64 f32 f64".
const char* names_of(ScalarSet set) {
    static const auto names = [] {
        std::array<std::string, 1u << kScalarCount> all;
        for (size_t s = 0; s < all.size(); ++s) {
            for (int i = 0; i < kScalarCount; ++i) {
                if ((s >> i & 1u) == 0) continue;
                if (!all[s].empty()) all[s] += ' ';
                all[s] += name_of(static_cast<Scalar>(i));
            }
        }
        return all;
    }();
    return names[set & (names.size() - 1)].c_str();
}

const char* name_of_lowering(Lowering l) {
    switch (l) {
    case Lowering::Inst: return "inst";
    case Lowering::Expand: return "expand";
    case Lowering::Call: return "call";
    case Lowering::Shape: return "structure";
    }
    return "structure";
}

}  // namespace

extern "C" {

ej_status ej_kernel_dump(const ej_kernel* kernel, ej_dump what, const char* pass, char** out, ej_error** error) {
    if (out != nullptr) *out = nullptr;
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (out == nullptr) return null_argument("out");
        if (what < EJ_DUMP_IR || what > EJ_DUMP_ASM) {
            return invalid(CallCode::UnknownEnumerator, "what is " + std::to_string(what) + ", which is no ej_dump",
                           "use EJ_DUMP_IR, EJ_DUMP_OPT or EJ_DUMP_ASM");
        }
        const Kernel& k = kernel_of(kernel);
        auto listing = dump(k, static_cast<DumpKind>(what), pass);
        if (!listing) {
            set_source(source, k.text());
            return listing.take_failure();
        }
        char* const copy = static_cast<char*>(std::malloc(listing->size() + 1));
        if (copy == nullptr) throw std::bad_alloc();
        std::memcpy(copy, listing->c_str(), listing->size() + 1);
        *out = copy;
        return nullptr;
    });
}

void ej_string_free(char* string) { std::free(string); }

ej_status ej_kernel_encode(const ej_kernel* kernel, uint8_t** bytes, size_t* size, ej_error** error) {
    if (bytes != nullptr) *bytes = nullptr;
    if (size != nullptr) *size = 0;
    return at_border(error, [&](Source& source) -> Failure {
        if (kernel == nullptr) return null_argument("kernel");
        if (bytes == nullptr) return null_argument("bytes");
        if (size == nullptr) return null_argument("size");
        const Kernel& k = kernel_of(kernel);
        auto encoded = encode_kernel(k);
        if (!encoded) {
            set_source(source, k.text());
            return encoded.take_failure();
        }
        auto* const copy = static_cast<uint8_t*>(std::malloc(encoded->size()));
        if (copy == nullptr) throw std::bad_alloc();
        std::memcpy(copy, encoded->data(), encoded->size());
        *bytes = copy;
        *size = encoded->size();
        return nullptr;
    });
}

void ej_bytes_free(uint8_t* bytes) { std::free(bytes); }

const char* ej_pass_name(size_t index) { return pass_name(index); }

size_t ej_op_count(void) { return kOpCount; }

ej_status ej_op_get(size_t index, ej_op_info* out) {
    if (!can_fill(out) || index >= static_cast<size_t>(kOpCount)) return EJ_ERR_INVALID_ARGUMENT;
    return at_border([&] {
        const OpInfo& i = kOpInfos[index];
        ej_op_info o{};
        o.code = i.code;
        o.operand_count = i.arity;
        o.name = i.text;
        o.signature = i.signature;
        o.types = names_of(i.types);
        o.lowering = name_of_lowering(i.lowering);
        o.ulp = static_cast<double>(i.ulp.largest());
        o.ulp_f64 = static_cast<double>(i.ulp.of(Scalar::F64, false));
        o.ulp_f32 = static_cast<double>(i.ulp.of(Scalar::F32, false));
        o.fast_ulp_f64 = static_cast<double>(i.ulp.of(Scalar::F64, true));
        o.fast_ulp_f32 = static_cast<double>(i.ulp.of(Scalar::F32, true));
        return fill(out, o);
    });
}

int32_t ej_op_find(const char* name) {
    Op op{};
    return name != nullptr && find_op(name, op) ? info(op).code : 0;
}

size_t ej_function_count(void) { return function_docs().size(); }

ej_status ej_function_get(size_t index, ej_function_info* out) {
    if (!can_fill(out) || index >= function_docs().size()) return EJ_ERR_INVALID_ARGUMENT;
    const FunctionDoc& d = function_docs()[index];
    ej_function_info o{};
    o.name = d.name;
    o.aliases = d.aliases;
    o.parameters = d.parameters;
    o.category = d.category;
    o.summary = d.summary;
    o.min_args = d.min_args;
    o.max_args = d.max_args;
    o.is_constant = d.is_constant;
    return fill(out, o);
}

}  // extern "C"
