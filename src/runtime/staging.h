// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Moving pieces of columns between the caller's memory, of any layout, and contiguous scratch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace exprjit {

// An array that lives in place while it is short. Not initialised.
template <class T, size_t N>
class InlineArray {
  public:
    InlineArray() = default;
    explicit InlineArray(size_t size) { resize(size); }
    InlineArray(const InlineArray&) = delete;
    InlineArray& operator=(const InlineArray&) = delete;

    // Forgets the elements. Throws std::bad_alloc.
    void resize(size_t size) {
        if (size > N) more_.reset(new T[size]);
        data_ = size > N ? more_.get() : reinterpret_cast<T*>(few_);
        size_ = size;
    }
    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return size_; }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }

  private:
    alignas(T) unsigned char few_[N * sizeof(T)];
    T* data_ = reinterpret_cast<T*>(few_);
    size_t size_ = 0;
    std::unique_ptr<T[]> more_;
};

// Copies `count` elements of 1, 2, 4 or 8 bytes from `stride` bytes apart to next to each other.
void gather_elements(void* to, const void* from, int64_t stride, size_t size, int64_t count);
// The other way.
void scatter_elements(void* to, int64_t stride, const void* from, size_t size, int64_t count);

}  // namespace exprjit
