// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/columns_check.h"

#include "runtime/codes.h"
#include "runtime/kernel.h"
#include "runtime/overlap.h"
#include "runtime/staging.h"

namespace exprjit {

namespace {

Failure bad_column(std::string message, std::string hint = {}) {
    return fail(Status::InvalidArgument, code_of(RuntimeCode::BadColumn), std::move(message), std::move(hint));
}

Failure overlapping(std::string message, std::string hint) {
    return fail(Status::InvalidArgument, code_of(RuntimeCode::Overlap), std::move(message), std::move(hint));
}

// The bytes of a column or bitmap: first, and past the last.
struct Bytes {
    uintptr_t low = 0;
    uintptr_t high = 0;
    bool meets(const Bytes& other) const { return low < other.high && other.low < high; }
};

// False if they do not fit the address space.
bool bytes_of(const Column& c, int64_t elements, Bytes& out) {
    int64_t reach = 0;
    if (__builtin_mul_overflow(c.stride, elements - 1, &reach)) return false;
    const auto base = reinterpret_cast<uintptr_t>(c.data);
    uintptr_t last = 0;
    if (__builtin_add_overflow(base, reach, &last)) return false;
    out.low = base < last ? base : last;
    return !__builtin_add_overflow(base < last ? last : base, byte_size(c.dtype), &out.high);
}

class MemoryCheck {
  public:
    MemoryCheck(const KernelText& text, const ColumnCode& code, std::span<const Column> inputs,
                std::span<const Column> outputs, int64_t rows)
        : text_(text), code_(code), inputs_(inputs), outputs_(outputs), rows_(rows),
          bytes_(inputs.size() + outputs.size()) {}
    Failure run();

  private:
    // How many elements of an output there are. With one, the stride has no meaning.
    bool is_single(size_t o) const {
        return code_.outputs[o].is_reduced || (outputs_[o].stride == 0 && code_.outputs[o].is_uniform);
    }
    int64_t elements(size_t o) const { return is_single(o) ? 1 : rows_; }
    Column as_placed(size_t o) const {
        Column c = outputs_[o];
        if (is_single(o)) c.stride = 0;
        return c;
    }
    std::string input(size_t i) const { return column_text("input", i, text_.param_name(i)); }
    std::string output(size_t o) const { return column_text("output", o, text_.result_name(o)); }

    Failure not_addressable(const std::string& what, const Column& c) const;
    Failure check_output(size_t o);
    Failure check_pairs(size_t o) const;
    Failure check_bitmaps() const;
    Failure check_bitmap_apart(size_t o) const;

    const KernelText& text_;
    const ColumnCode& code_;
    std::span<const Column> inputs_, outputs_;
    int64_t rows_;
    InlineArray<Bytes, 16> bytes_;
};

Failure MemoryCheck::not_addressable(const std::string& what, const Column& c) const {
    return bad_column(what + " does not fit the address space: stride " + std::to_string(c.stride) + " over " +
                      std::to_string(rows_) + " rows");
}

Failure MemoryCheck::check_output(size_t o) {
    const Column& c = outputs_[o];
    const int64_t n = elements(o);
    if (n == 0) return nullptr;
    if (c.data == nullptr) return bad_column(output(o) + " has no data (NULL)");
    if (!bytes_of(as_placed(o), n, bytes_[inputs_.size() + o])) return not_addressable(output(o), c);
    if (n > 1 && c.stride == 0) {
        return overlapping(output(o) + " has stride 0, which is one element, but its value differs from row to row",
                           "give the column an element per row");
    }
    if (overlaps_itself(c, n)) {
        return overlapping(output(o) + " overlaps itself: its stride of " + std::to_string(c.stride) +
                               " bytes is shorter than an element",
                           "give every row an element of its own");
    }
    return nullptr;
}

Failure MemoryCheck::check_pairs(size_t o) const {
    const Bytes& mine = bytes_[inputs_.size() + o];
    for (size_t i = 0; i < inputs_.size() && rows_ > 0; ++i) {
        if (!mine.meets(bytes_[i])) continue;
        const Column placed = as_placed(o);
        if (!may_overlap(placed, inputs_[i], rows_) || same_elements(placed, inputs_[i], rows_)) continue;
        return overlapping(output(o) + " partly overlaps " + input(i),
                           "use separate memory, or exactly the same elements for both (in place)");
    }
    for (size_t p = 0; p < o; ++p) {
        if (!mine.meets(bytes_[inputs_.size() + p])) continue;
        if (!may_overlap(as_placed(o), as_placed(p), rows_ > 0 ? rows_ : 1)) continue;
        return overlapping(output(o) + " overlaps " + output(p), "give every output its own memory");
    }
    return nullptr;
}

// An output's bitmap must be apart from everything but the same bits of an input's bitmap.
Failure MemoryCheck::check_bitmap_apart(size_t o) const {
    const auto bits = [](const Column& c, int64_t n, uint64_t& first, uint64_t& end) {
        first = (reinterpret_cast<uintptr_t>(c.validity) << 3) + static_cast<uint64_t>(c.validity_offset);
        end = first + static_cast<uint64_t>(n);
    };
    const auto bytes = [](uint64_t first, uint64_t end) {
        return Bytes{static_cast<uintptr_t>(first >> 3), static_cast<uintptr_t>((end + 7) >> 3)};
    };
    uint64_t first = 0, end = 0, other_first = 0, other_end = 0;
    bits(outputs_[o], elements(o), first, end);
    const Bytes mine = bytes(first, end);
    const char* const cure = "give the bitmap its own memory, or exactly the same bits as the input's";
    for (size_t i = 0; i < inputs_.size(); ++i) {
        if (mine.meets(bytes_[i])) return overlapping("the bitmap of " + output(o) + " overlaps " + input(i), cure);
        if (inputs_[i].validity == nullptr) continue;
        bits(inputs_[i], rows_, other_first, other_end);
        if (first < other_end && other_first < end && first != other_first)
            return overlapping("the bitmap of " + output(o) + " partly overlaps that of " + input(i), cure);
        if (bytes_[inputs_.size() + o].meets(bytes(other_first, other_end)))
            return overlapping(output(o) + " overlaps the bitmap of " + input(i), "use separate memory");
    }
    for (size_t p = 0; p < outputs_.size(); ++p) {
        if (mine.meets(bytes_[inputs_.size() + p]))
            return overlapping("the bitmap of " + output(o) + " overlaps " + output(p), cure);
        if (p >= o || outputs_[p].validity == nullptr) continue;
        bits(outputs_[p], elements(p), other_first, other_end);
        if (first < other_end && other_first < end)
            return overlapping("the bitmap of " + output(o) + " overlaps that of " + output(p), cure);
    }
    return nullptr;
}

Failure MemoryCheck::check_bitmaps() const {
    for (size_t i = 0; i < inputs_.size(); ++i) {
        if (inputs_[i].validity != nullptr && inputs_[i].validity_offset < 0)
            return bad_column(input(i) + " has a negative validity_offset");
    }
    for (size_t o = 0; o < outputs_.size(); ++o) {
        const Column& c = outputs_[o];
        if (c.validity == nullptr) {
            if (!code_.outputs[o].is_nullable || rows_ == 0) continue;
            return bad_column(output(o) + " can be null because of the inputs' null bitmaps, but has no bitmap",
                              "give it a validity bitmap of one bit per row, or replace nulls in the expression: "
                              "coalesce(x, 0)");
        }
        if (c.validity_offset < 0) return bad_column(output(o) + " has a negative validity_offset");
        if (Failure f = check_bitmap_apart(o)) return f;
    }
    return nullptr;
}

Failure MemoryCheck::run() {
    bool has_bitmaps = false;
    for (size_t i = 0; i < inputs_.size(); ++i) {
        bytes_[i] = {};
        has_bitmaps = has_bitmaps || inputs_[i].validity != nullptr;
        if (rows_ > 0 && !bytes_of(inputs_[i], rows_, bytes_[i])) return not_addressable(input(i), inputs_[i]);
    }
    for (size_t o = 0; o < outputs_.size(); ++o) {
        bytes_[inputs_.size() + o] = {};
        has_bitmaps = has_bitmaps || outputs_[o].validity != nullptr;
        if (Failure f = check_output(o)) return f;
    }
    for (size_t o = 0; o < outputs_.size(); ++o) {
        if (Failure f = check_pairs(o)) return f;
    }
    return has_bitmaps ? check_bitmaps() : nullptr;
}

}  // namespace

std::string column_text(const char* what, size_t i, const char* name) {
    std::string s = what;
    s += " column " + std::to_string(i);
    if (*name != '\0') s += std::string(" ('") + name + "')";
    return s;
}

Failure check_column_count(const KernelText& text, size_t inputs, size_t outputs) {
    const auto wrong = [](const char* what, size_t wanted, size_t given) {
        return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                    "the kernel has " + std::to_string(wanted) + " " + what + ", but " + std::to_string(given) +
                        " columns were given");
    };
    const CompiledCode& code = *text.code;
    if (inputs != code.param_count()) return wrong("parameter(s)", code.param_count(), inputs);
    if (outputs != code.result_count()) return wrong("output(s)", code.result_count(), outputs);
    return nullptr;
}

Failure check_input_data(const KernelText& text, std::span<const Column> inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].data == nullptr)
            return bad_column(column_text("input", i, text.param_name(i)) + " has no data (NULL)");
    }
    return nullptr;
}

Failure check_column_types(const KernelText& text, std::span<const Column> inputs, std::span<const Column> outputs) {
    const CompiledCode& code = *text.code;
    for (size_t i = 0; i < inputs.size(); ++i) {
        const Scalar from = widened(inputs[i].dtype), to = code.param_type(i);
        if (converts(from, to)) continue;
        return fail(Status::Type, code_of(RuntimeCode::WrongType),
                    column_text("input", i, text.param_name(i)) + " is " + std::string(name_of(inputs[i].dtype)) +
                        ", which does not convert to the parameter's " + std::string(name_of(to)) + " without loss",
                    "declare the parameter as " + std::string(name_of(from)) + ", or convert the column");
    }
    for (size_t o = 0; o < outputs.size(); ++o) {
        const Storage storage = outputs[o].dtype;
        const Scalar from = code.result_type(o);
        if (storage_of(widened(storage)) == storage && converts(from, widened(storage))) continue;
        return fail(Status::Type, code_of(RuntimeCode::WrongType),
                    column_text("output", o, text.result_name(o)) + " is " + std::string(name_of(storage)) +
                        ", to which the kernel's " + std::string(name_of(from)) + " does not convert without loss",
                    storage_of(widened(storage)) == storage
                        ? "make the column " + std::string(name_of(from)) + ", or compile with result_type " +
                              std::string(name_of(storage))
                        : "outputs are stored as bool, i32, i64, f32 or f64: make the column " +
                              std::string(name_of(from)));
    }
    return nullptr;
}

Failure check_column_memory(const KernelText& text, const ColumnCode& code, std::span<const Column> inputs,
                            std::span<const Column> outputs, int64_t rows) {
    return MemoryCheck(text, code, inputs, outputs, rows).run();
}

}  // namespace exprjit
