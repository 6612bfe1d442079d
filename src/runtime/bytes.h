// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>

namespace exprjit {

// A growing run of bytes for keys. Unlike a vector it does not clear what it reserves, and clear() keeps the memory, so
// that writing the key of a small expression costs nothing but its bytes. Throws std::bad_alloc.
class Bytes {
  public:
    Bytes() = default;
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    ~Bytes() { std::free(data_); }

    // Room for `n` more bytes; the writer tells how far it got with advance_to.
    uint8_t* reserve(size_t n) {
        if (capacity_ - size_ < n) grow(n);
        return data_ + size_;
    }
    void advance_to(const uint8_t* end) { size_ = static_cast<size_t>(end - data_); }
    void append(const void* from, size_t n) {
        if (n == 0) return;
        std::memcpy(reserve(n), from, n);
        size_ += n;
    }
    void clear() { size_ = 0; }
    // Gives the memory back as well.
    void release() {
        std::free(data_);
        data_ = nullptr;
        size_ = capacity_ = 0;
    }

    const uint8_t* data() const { return data_; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    std::span<const uint8_t> view() const { return {data_, size_}; }

  private:
    void grow(size_t n) {
        size_t wanted = capacity_ == 0 ? 512 : capacity_ * 2;
        if (wanted < size_ + n) wanted = size_ + n;
        void* p = std::realloc(data_, wanted);
        if (p == nullptr) throw std::bad_alloc();
        data_ = static_cast<uint8_t*>(p);
        capacity_ = wanted;
    }

    uint8_t* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace exprjit
