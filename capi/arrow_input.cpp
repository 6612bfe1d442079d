// SPDX-License-Identifier: MIT OR Apache-2.0
#include "arrow_input.h"

#include <cstring>
#include <string>
#include <string_view>

#include "abi.h"
#include "runtime/codes.h"
#include "runtime/columns_bitmap.h"

namespace exprjit::capi {

namespace {

// Formats of one letter, in the order of kFormatStorage. 'b' is a bit per value.
constexpr std::string_view kFormats = "bcCsSiIlLefg";
constexpr Storage kFormatStorage[] = {Storage::Bool, Storage::I8,  Storage::U8,  Storage::I16,
                                      Storage::U16,  Storage::I32, Storage::U32, Storage::I64,
                                      Storage::U64,  Storage::F16, Storage::F32, Storage::F64};

// Lengths and offsets up to here can be added and counted in bytes without overflow.
constexpr int64_t kLongest = INT64_MAX / 64;

std::string describe_field(const ArrowSchema& schema) {
    const bool is_named = schema.name != nullptr && schema.name[0] != '\0';
    return is_named ? std::string("the field '") + schema.name + "'" : "the array";
}

Failure malformed(const std::string& what) {
    return fail(Status::InvalidArgument, code_of(RuntimeCode::BadColumn), what,
                "the array breaks the rules of the Arrow C Data Interface");
}

Failure check_released(const ArrowSchema* schema, const ArrowArray* batch) {
    if (schema == nullptr) return null_argument("schema");
    if (batch == nullptr) return null_argument("batch");
    if (schema->release == nullptr) return malformed("schema was released already");
    if (batch->release == nullptr) return malformed("batch was released already");
    if (schema->format == nullptr) return malformed("the schema's format is NULL");
    return nullptr;
}

Failure check_lengths(const std::string& described, const ArrowArray& array) {
    if (array.length < 0 || array.offset < 0 || array.length > kLongest || array.offset > kLongest) {
        return malformed(described + " has length " + std::to_string(array.length) + " and offset " +
                         std::to_string(array.offset));
    }
    return nullptr;
}

// The bitmap of an array, nullptr if it has no nulls.
Failure read_validity(const std::string& described, const ArrowArray& array, const uint8_t*& bits) {
    bits = nullptr;
    if (array.null_count == 0) return nullptr;
    if (array.n_buffers < 1 || array.buffers == nullptr)
        return malformed(described + " has no buffers, not even one for nulls");
    bits = static_cast<const uint8_t*>(array.buffers[0]);
    if (bits == nullptr && array.null_count > 0) {
        return malformed(described + " has " + std::to_string(array.null_count) + " nulls but no validity bitmap");
    }
    return nullptr;
}

std::string list_of_formats() { return "fields may be b c C s S i I l L e f g (bool, integers and floats)"; }

Failure find_field(const ArrowSchema& schema, const char* name, int64_t& found) {
    found = -1;
    for (int64_t i = 0; i < schema.n_children; ++i) {
        const ArrowSchema* const child = schema.children[i];
        if (child == nullptr || child->name == nullptr || std::strcmp(child->name, name) != 0) continue;
        if (found >= 0) {
            return fail(Status::Name, code_of(RuntimeCode::BadColumn),
                        std::string("the batch has more than one field '") + name + "'", "rename one of them");
        }
        found = i;
    }
    if (found >= 0) return nullptr;
    std::string names;
    for (int64_t i = 0; i < schema.n_children && names.size() < 200; ++i) {
        const ArrowSchema* const child = schema.children[i];
        if (child != nullptr && child->name != nullptr)
            names += (names.empty() ? "'" : ", '") + std::string(child->name) + "'";
    }
    return fail(Status::Name, code_of(RuntimeCode::BadColumn),
                std::string("the batch has no field '") + name + "', which the kernel's parameter needs",
                names.empty() ? "the batch has no fields" : "its fields are " + names);
}

}  // namespace

uint8_t* ArrowInput::keep(size_t bytes) {
    kept_.emplace_back(new uint8_t[bytes + 8]);
    return kept_.back().get();
}

bool ArrowInput::has_nulls() const {
    for (const Column& c : columns_) {
        if (c.validity != nullptr) return true;
    }
    return false;
}

// `first`: the element of the array, after its own offset, that is row 0.
Failure ArrowInput::read_field(const ArrowSchema& schema, const ArrowArray& array, int64_t first, Column& out) {
    const std::string described = describe_field(schema);
    if (schema.dictionary != nullptr || array.dictionary != nullptr) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable),
                    described + " is dictionary-encoded (format '" +
                        std::string(schema.format == nullptr ? "" : schema.format) + "'), which cannot be evaluated",
                    "decode it first; " + list_of_formats());
    }
    const std::string_view format = schema.format == nullptr ? std::string_view() : std::string_view(schema.format);
    const size_t which = format.size() == 1 ? kFormats.find(format[0]) : std::string_view::npos;
    if (which == std::string_view::npos) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable),
                    described + " has the Arrow format '" + std::string(format) + "', which cannot be evaluated",
                    "convert it first; " + list_of_formats());
    }
    if (array.release == nullptr) return malformed(described + " was released already");
    if (Failure f = check_lengths(described, array)) return f;
    if (first + rows_ > array.length) {
        return malformed(described + " has " + std::to_string(array.length) + " elements; the batch needs " +
                         std::to_string(first + rows_));
    }
    if (array.n_buffers != 2 || array.buffers == nullptr) {
        return malformed(described + " has " + std::to_string(array.n_buffers) + " buffers instead of 2");
    }
    const uint8_t* validity = nullptr;
    if (Failure f = read_validity(described, array, validity)) return f;
    const int64_t at = array.offset + first;
    out.dtype = kFormatStorage[which];
    out.stride = static_cast<int64_t>(byte_size(out.dtype));
    out.validity = const_cast<uint8_t*>(validity);  // never written: it belongs to an input
    out.validity_offset = validity != nullptr ? at : 0;
    const auto* const data = static_cast<const uint8_t*>(array.buffers[1]);
    out.data = nullptr;
    if (rows_ == 0) return nullptr;
    if (data == nullptr) return malformed(described + " has no data buffer");
    if (out.dtype == Storage::Bool) {
        uint8_t* const bytes = keep(static_cast<size_t>(rows_));
        unpack_bits(bytes, data, at, rows_);
        out.data = bytes;
    } else {
        out.data = const_cast<uint8_t*>(data) + at * out.stride;
    }
    return nullptr;
}

// A null struct makes its fields null, whatever their own bitmaps say.
void ArrowInput::add_struct_nulls(const ArrowArray& batch) {
    const auto* const bits = static_cast<const uint8_t*>(batch.buffers[0]);
    uint8_t* plain = nullptr;  // for all fields without a bitmap of their own
    const auto words = static_cast<size_t>((rows_ + 63) / 64);
    for (Column& c : columns_) {
        uint8_t* const combined = c.validity == nullptr && plain != nullptr ? plain : keep(words * 8);
        if (combined != plain) {
            for (int64_t i = 0; i < rows_; i += 64) {
                const int n = static_cast<int>(rows_ - i < 64 ? rows_ - i : 64);
                uint64_t word = read_bits(bits, batch.offset + i, n);
                if (c.validity != nullptr) word &= read_bits(c.validity, c.validity_offset + i, n);
                std::memcpy(combined + i / 8, &word, sizeof word);
            }
            if (c.validity == nullptr) plain = combined;
        }
        c.validity = combined;
        c.validity_offset = 0;
    }
}

Failure ArrowInput::read(const Kernel& kernel, const ArrowSchema* schema, const ArrowArray* batch) {
    if (Failure f = check_released(schema, batch)) return f;
    if (Failure f = check_lengths("the batch", *batch)) return f;
    rows_ = batch->length;
    const KernelText& text = kernel.text();
    columns_.resize(kernel.code().param_count());
    if (std::strcmp(schema->format, "+s") != 0) {
        if (columns_.size() != 1) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::WrongCount),
                        "the kernel has " + std::to_string(columns_.size()) +
                            " parameter(s), and the array is no struct with a field for each (format '" +
                            std::string(schema->format) + "')",
                        "pass a record batch, which is a struct array");
        }
        return read_field(*schema, *batch, 0, columns_[0]);
    }
    if (schema->dictionary != nullptr || batch->dictionary != nullptr) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable),
                    "the batch is dictionary-encoded, which cannot be evaluated", "decode it first");
    }
    if (schema->n_children < 0 || schema->n_children != batch->n_children) {
        return malformed("the schema has " + std::to_string(schema->n_children) + " fields and the batch " +
                         std::to_string(batch->n_children));
    }
    if (schema->n_children > 0 && (schema->children == nullptr || batch->children == nullptr))
        return malformed("the batch says that it has fields, but its children are NULL");
    const uint8_t* struct_validity = nullptr;
    if (Failure f = read_validity("the batch", *batch, struct_validity)) return f;
    for (size_t p = 0; p < columns_.size(); ++p) {
        int64_t child = 0;
        if (Failure f = find_field(*schema, text.param_name(p), child)) return f;
        if (batch->children[child] == nullptr)
            return malformed(describe_field(*schema->children[child]) + " is NULL in the batch");
        if (Failure f = read_field(*schema->children[child], *batch->children[child], batch->offset, columns_[p]))
            return f;
    }
    if (struct_validity != nullptr) add_struct_nulls(*batch);
    return nullptr;
}

}  // namespace exprjit::capi
