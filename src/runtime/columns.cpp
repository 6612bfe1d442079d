// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns.h"

#include <cstring>
#include <string>
#include <vector>

#include "runtime/codes.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "runtime/overlap.h"
#include "runtime/row_loop.h"

namespace exprjit {

namespace {

// Layouts kept per kernel. What comes after them is compiled for one call only: a caller that sends every combination
// of dtypes does not fill the memory.
constexpr uint32_t kMostLayouts = 64;

std::string column_text(const char* what, size_t i, const char* name) {
    std::string s = what;
    s += " column " + std::to_string(i);
    if (*name != '\0') s += std::string(" ('") + name + "')";
    return s;
}

Result<void> check_columns(const KernelText& text, std::span<const Column> inputs, std::span<const Column> outputs,
                           int64_t rows) {
    const CompiledCode& code = *text.code;
    const auto count = [](const char* what, size_t wanted, size_t given) {
        return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                    "the kernel has " + std::to_string(wanted) + " " + what + ", but " + std::to_string(given) +
                        " columns were given");
    };
    if (inputs.size() != code.param_count()) return count("parameter(s)", code.param_count(), inputs.size());
    if (outputs.size() != code.result_count()) return count("output(s)", code.result_count(), outputs.size());
    const auto check_memory = [rows](const Column& c, auto&& described) -> Failure {
        if (rows == 0) return nullptr;
        if (c.data == nullptr) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::BadColumn), described() + " has no data (NULL)");
        }
        if (!addressable(c, rows)) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::BadColumn),
                        described() + " does not fit the address space: stride " + std::to_string(c.stride) + " over " +
                            std::to_string(rows) + " rows");
        }
        return nullptr;
    };
    for (size_t i = 0; i < inputs.size(); ++i) {
        const auto described = [&] { return column_text("input", i, text.param_name(i)); };
        const Scalar from = widened(inputs[i].dtype), to = code.param_type(i);
        if (!converts(from, to)) {
            return fail(Status::Type, code_of(RuntimeCode::WrongType),
                        described() + " is " + std::string(name_of(inputs[i].dtype)) +
                            ", which does not convert to the parameter's " + std::string(name_of(to)) + " without loss",
                        "declare the parameter as " + std::string(name_of(from)) + ", or convert the column");
        }
        if (Failure f = check_memory(inputs[i], described)) return f;
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
        const auto described = [&] { return column_text("output", i, text.result_name(i)); };
        const Column& out = outputs[i];
        const Scalar from = code.result_type(i);
        if (storage_of(widened(out.dtype)) != out.dtype || !converts(from, widened(out.dtype))) {
            return fail(Status::Type, code_of(RuntimeCode::WrongType),
                        described() + " is " + std::string(name_of(out.dtype)) + ", to which the kernel's " +
                            std::string(name_of(from)) + " does not convert without loss",
                        "make the column " + std::string(name_of(from)) + ", or compile with result_type " +
                            std::string(name_of(widened(out.dtype))));
        }
        if (Failure f = check_memory(out, described)) return f;
        if (rows > 0 && overlaps_itself(out, rows)) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                        described() + " overlaps itself: its stride of " + std::to_string(out.stride) +
                            " bytes is shorter than an element");
        }
    }
    for (size_t o = 0; o < outputs.size() && rows > 0; ++o) {
        const auto described = [&] { return column_text("output", o, text.result_name(o)); };
        for (size_t i = 0; i < inputs.size(); ++i) {
            if (!may_overlap(outputs[o], inputs[i], rows) || same_elements(outputs[o], inputs[i], rows)) continue;
            return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                        described() + " partly overlaps " + column_text("input", i, text.param_name(i)),
                        "use separate memory, or exactly the same elements for both (in place)");
        }
        for (size_t p = 0; p < o; ++p) {
            if (!may_overlap(outputs[o], outputs[p], rows)) continue;
            return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap),
                        described() + " overlaps " + column_text("output", p, text.result_name(p)),
                        "give every output its own memory");
        }
    }
    return {};
}

// Inputs with stride 0 are read once, here; 16-bit floats and narrow integers as a load in generated code would.
Slot read_element(const Column& c) {
    const auto as = [&c]<class T>(T) {
        T t;
        std::memcpy(&t, c.data, sizeof t);
        return t;
    };
    switch (c.dtype) {
    case Storage::Bool: return as(uint8_t{}) != 0;
    case Storage::I32:
    case Storage::F32: return as(uint32_t{});
    case Storage::I64:
    case Storage::F64: return as(uint64_t{});
    case Storage::I8: return static_cast<uint32_t>(static_cast<int32_t>(as(int8_t{})));
    case Storage::I16: return static_cast<uint32_t>(static_cast<int32_t>(as(int16_t{})));
    case Storage::U8: return as(uint8_t{});
    case Storage::U16: return as(uint16_t{});
    case Storage::U32: return as(uint32_t{});
    case Storage::F16: return half_to_float_bits(as(uint16_t{}));
    }
    return 0;
}

ColumnCode* find_layout(const CompiledCode& code, std::span<const uint8_t> layout) {
    for (ColumnCode* c = code.columns.load(std::memory_order_acquire); c != nullptr; c = c->next) {
        if (c->layout_bytes == layout.size() && std::memcmp(c->layout.get(), layout.data(), layout.size()) == 0)
            return c;
    }
    return nullptr;
}

// Compiles the row loop. Two threads may do so at once; the first to publish wins and the other uses its code.
Result<ColumnCode*> make_layout(const Kernel& kernel, std::span<const uint8_t> layout,
                                std::unique_ptr<ColumnCode>& single) {
    CompiledCode& code = kernel.code();
    auto made = std::make_unique<ColumnCode>();
    made->layout.reset(new uint8_t[layout.size()]);
    std::memcpy(made->layout.get(), layout.data(), layout.size());
    made->layout_bytes = layout.size();
    auto executable = compile_row_loop(kernel, layout);
    if (!executable) return executable.take_failure();
    made->executable = std::move(*executable);

    const size_t charge = sizeof(ColumnCode) + layout.size() + made->executable.memory_bytes();
    ColumnCode* head = code.columns.load(std::memory_order_acquire);
    do {
        if (ColumnCode* const other = find_layout(code, layout)) return other;
        if (code.column_count.load(std::memory_order_relaxed) >= kMostLayouts) {
            single = std::move(made);
            return single.get();
        }
        made->next = head;
    } while (!code.columns.compare_exchange_weak(head, made.get(), std::memory_order_acq_rel));
    code.column_count.fetch_add(1, std::memory_order_relaxed);
    code.column_bytes.fetch_add(charge, std::memory_order_relaxed);
    code.engine().cache().recharge(code, static_cast<ptrdiff_t>(charge));
    return made.release();
}

}  // namespace

void delete_column_code(ColumnCode* first) {
    while (first != nullptr) {
        ColumnCode* const next = first->next;
        delete first;
        first = next;
    }
}

bool converts(Scalar from, Scalar to) {
    if (from == to || from == Scalar::Bool) return true;
    if (to == Scalar::F64) return true;
    return from == Scalar::I32 && to == Scalar::I64;
}

Slot convert_slot(Scalar from, Scalar to, Slot bits) {
    if (from == to) return bits;
    double value = 0;
    switch (from) {
    case Scalar::Bool: value = bits != 0 ? 1 : 0; break;
    case Scalar::I32: value = static_cast<int32_t>(static_cast<uint32_t>(bits)); break;
    case Scalar::I64: value = static_cast<double>(static_cast<int64_t>(bits)); break;
    case Scalar::F32: value = std::bit_cast<float>(static_cast<uint32_t>(bits)); break;
    case Scalar::F64: value = std::bit_cast<double>(bits); break;
    }
    switch (to) {
    case Scalar::Bool: return value != 0;
    case Scalar::I32: return static_cast<uint32_t>(static_cast<int32_t>(value));
    case Scalar::I64: return static_cast<uint64_t>(static_cast<int64_t>(value));  // from i32 and bool: exact
    case Scalar::F32: return std::bit_cast<uint32_t>(static_cast<float>(value));
    case Scalar::F64: return std::bit_cast<uint64_t>(value);
    }
    return 0;
}

Result<void> eval_columns(const Kernel& kernel, const volatile int32_t* stop, std::span<const Column> inputs,
                          std::span<const Column> outputs, int64_t rows) {
    if (auto checked = check_columns(kernel.text(), inputs, outputs, rows); !checked) return checked;
    if (rows == 0) return {};
    CompiledCode& code = kernel.code();
    const DefaultFloatEnvironment environment;  // for the conversion of single values

    const size_t columns = inputs.size() + outputs.size();
    std::vector<uint8_t> layout(columns);
    std::vector<ArrayDescriptor> arrays(columns);
    std::vector<Slot> args(columns + 1);
    for (size_t i = 0; i < columns; ++i) {
        const bool is_input = i < inputs.size();
        const Column& c = is_input ? inputs[i] : outputs[i - inputs.size()];
        if (is_input && c.stride == 0) {
            layout[i] = kUniformColumn;
            args[i] = convert_slot(widened(c.dtype), code.param_type(i), read_element(c));
            continue;
        }
        layout[i] = static_cast<uint8_t>(c.dtype);
        arrays[i].data = c.data;
        arrays[i].length[0] = rows;
        arrays[i].stride[0] = c.stride;
        args[i] = reinterpret_cast<uintptr_t>(&arrays[i]);
    }
    args[columns] = static_cast<uint64_t>(rows);

    std::unique_ptr<ColumnCode> single;
    ColumnCode* loop = find_layout(code, layout);
    if (loop == nullptr) {
        auto made = make_layout(kernel, layout, single);
        if (!made) return made.take_failure();
        loop = *made;
    }
    Context context;
    context.stop = stop;
    Slot none = 0;
    const Exit exit = loop->executable.call(context, args.data(), &none);
    if (exit == Exit::Ok) return {};
    return run_time_failure(kernel.text(), exit, context, exit == Exit::CheckFailed ? context.failed_index : -1);
}

}  // namespace exprjit
