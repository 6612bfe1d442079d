// SPDX-License-Identifier: MIT OR Apache-2.0
#include "arrow_output.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "runtime/columns_bitmap.h"
#include "runtime/selection_columns.h"

namespace exprjit::capi {

namespace {

constexpr std::align_val_t kAlignment{64};  // what Arrow recommends, and a vector

// At least one vector, and a multiple of it: readers may take whole ones. What is beyond the elements is zero.
ArrowField::Buffer make_buffer(size_t bytes) {
    const size_t padded = std::max<size_t>(64, (bytes + 63) / 64 * 64);
    ArrowField::Buffer buffer(::operator new(padded, kAlignment));
    std::memset(static_cast<char*>(buffer.get()) + padded - 64, 0, 64);
    return buffer;
}

const char* format_of(Scalar type) {
    switch (type) {
    case Scalar::Bool: return "b";
    case Scalar::I32: return "i";
    case Scalar::I64: return "l";
    case Scalar::F32: return "f";
    case Scalar::F64: return "g";
    }
    return "g";
}

// ---- What the private_data of each exported struct points to.

struct ArrayOwner {
    ArrowField::Buffer data, validity;
    const void* buffers[2] = {nullptr, nullptr};
    std::vector<ArrowArray> children;
    std::vector<ArrowArray*> pointers;
};

struct SchemaOwner {
    std::string name;
    std::vector<ArrowSchema> children;
    std::vector<ArrowSchema*> pointers;
};

// A child that was moved away has its release set to NULL by whoever took it.
template <class Struct, class Owner>
void release(Struct* s) {
    for (int64_t i = 0; i < s->n_children; ++i) {
        if (s->children[i]->release != nullptr) s->children[i]->release(s->children[i]);
    }
    delete static_cast<Owner*>(s->private_data);
    s->release = nullptr;
}
void release_array(ArrowArray* a) { release<ArrowArray, ArrayOwner>(a); }
void release_schema(ArrowSchema* s) { release<ArrowSchema, SchemaOwner>(s); }

// Takes ownership of `owner` at once, so that whatever has been built can be released as Arrow does.
void fill_schema(ArrowSchema& s, std::unique_ptr<SchemaOwner> owner, const char* format, int64_t flags) {
    s = {};
    s.format = format;
    s.name = owner->name.c_str();
    s.flags = flags;
    s.n_children = static_cast<int64_t>(owner->pointers.size());
    s.children = owner->pointers.empty() ? nullptr : owner->pointers.data();
    s.release = release_schema;
    s.private_data = owner.release();
}

void fill_array(ArrowArray& a, std::unique_ptr<ArrayOwner> owner, int64_t rows, int64_t null_count, int64_t buffers) {
    a = {};
    a.length = rows;
    a.null_count = null_count;
    a.n_buffers = buffers;
    owner->buffers[0] = owner->validity.get();
    owner->buffers[1] = owner->data.get();
    a.buffers = owner->buffers;
    a.n_children = static_cast<int64_t>(owner->pointers.size());
    a.children = owner->pointers.empty() ? nullptr : owner->pointers.data();
    a.release = release_array;
    a.private_data = owner.release();
}

template <class Owner>
std::unique_ptr<Owner> owner_of(size_t children) {
    auto owner = std::make_unique<Owner>();
    owner->children.resize(children);
    owner->pointers.resize(children);
    for (size_t i = 0; i < children; ++i) {
        owner->children[i] = {};
        owner->pointers[i] = &owner->children[i];
    }
    return owner;
}

}  // namespace

void ArrowField::Free::operator()(void* p) const { ::operator delete(p, kAlignment); }

void ArrowField::make(std::string name, Scalar type, int64_t elements, int64_t rows, bool with_validity,
                      bool is_nullable) {
    name_ = std::move(name);
    type_ = type;
    elements_ = elements;
    rows_ = rows;
    is_nullable_ = is_nullable;
    const auto most = static_cast<size_t>(std::max(elements, rows));
    if (most > static_cast<size_t>(INT64_MAX) / 16) throw std::bad_alloc();
    data_ = make_buffer(most * byte_size(type));
    if (with_validity) {
        validity_ = make_buffer((most + 7) / 8);
        std::memset(validity_.get(), 0, (most + 7) / 8);
    }
}

Column ArrowField::column() const {
    return {data_.get(), static_cast<int64_t>(byte_size(type_)), storage_of(type_),
            static_cast<uint8_t*>(validity_.get()), 0};
}

void ArrowField::finish() {
    if (elements_ == 1 && rows_ > 1) {
        repeat(data_.get(), column(), 1, rows_ - 1);
        if (validity_ != nullptr) {
            auto* const bits = static_cast<uint8_t*>(validity_.get());
            fill_bits(bits, 0, rows_, read_bit(bits, 0));
        }
    }
    if (type_ == Scalar::Bool) {
        // The bits of 64 bytes go where earlier bytes were.
        auto* const bytes = static_cast<uint8_t*>(data_.get());
        for (int64_t i = 0; i < rows_; i += 64) {
            const int64_t n = rows_ - i < 64 ? rows_ - i : 64;
            uint64_t word;
            pack_bools(&word, bytes + i, n);
            std::memcpy(bytes + i / 8, &word, 8);
        }
    }
    null_count_ = 0;
    for (int64_t i = 0; validity_ != nullptr && i < rows_; i += 64) {
        const int n = static_cast<int>(rows_ - i < 64 ? rows_ - i : 64);
        null_count_ += n - std::popcount(read_bits(static_cast<uint8_t*>(validity_.get()), i, n));
    }
}

class ArrowBatchBuilder {
  public:
    static void build(std::vector<ArrowField>& fields, int64_t rows, ArrowSchema& schema, ArrowArray& array) {
        ArrowSchema new_schema{};
        ArrowArray new_array{};
        try {
            // Parents first: they release what children there are.
            fill_schema(new_schema, owner_of<SchemaOwner>(fields.size()), "+s", 0);
            fill_array(new_array, owner_of<ArrayOwner>(fields.size()), rows, 0, 1);
            for (size_t i = 0; i < fields.size(); ++i) {
                ArrowField& f = fields[i];
                auto schema_owner = std::make_unique<SchemaOwner>();
                schema_owner->name = f.name_;
                fill_schema(*new_schema.children[i], std::move(schema_owner), format_of(f.type_),
                            f.is_nullable_ ? ARROW_FLAG_NULLABLE : 0);
                auto array_owner = std::make_unique<ArrayOwner>();
                array_owner->data = std::move(f.data_);
                array_owner->validity = std::move(f.validity_);
                fill_array(*new_array.children[i], std::move(array_owner), rows, f.null_count_, 2);
            }
        } catch (...) {
            if (new_schema.release != nullptr) new_schema.release(&new_schema);
            if (new_array.release != nullptr) new_array.release(&new_array);
            throw;
        }
        schema = new_schema;
        array = new_array;
    }
};

void export_batch(std::vector<ArrowField>& fields, int64_t rows, ArrowSchema* schema, ArrowArray* array) {
    ArrowBatchBuilder::build(fields, rows, *schema, *array);
}

}  // namespace exprjit::capi
