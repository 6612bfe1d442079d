// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace exprjit {

// A growing array of plain data for the hot paths of a compile. It differs from std::vector in what it leaves out:
// push_back is a compare and a copy that the compiler inlines everywhere, and growing is one cold call. Throws bad_alloc.
template <class T>
class Stack {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    Stack() = default;
    Stack(Stack&& o) noexcept { swap(o); }
    Stack& operator=(Stack&& o) noexcept {
        Stack(std::move(o)).swap(*this);
        return *this;
    }
    ~Stack() { std::free(data_); }

    void push_back(const T& value) {
        if (size_ == capacity_) [[unlikely]] {
            const T copy = value;  // it may lie in this very stack
            grow(size_ + 1);
            data_[size_++] = copy;
            return;
        }
        data_[size_++] = value;
    }
    void pop_back() { --size_; }
    void clear() { size_ = 0; }
    // Shrinks, or grows with value-initialised elements.
    void resize(size_t n) {
        if (n > capacity_) grow(n);
        for (; size_ < n; ++size_) data_[size_] = T{};
        size_ = n;
    }
    void swap(Stack& o) noexcept {
        std::swap(data_, o.data_);
        std::swap(size_, o.size_);
        std::swap(capacity_, o.capacity_);
    }

    bool empty() const { return size_ == 0; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T& back() { return data_[size_ - 1]; }
    const T& back() const { return data_[size_ - 1]; }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }

  private:
    [[gnu::noinline]] void grow(size_t wanted) {
        size_t capacity = capacity_ == 0 ? 32 : capacity_ * 2;
        if (capacity < wanted) capacity = wanted;
        void* bigger = std::realloc(static_cast<void*>(data_), capacity * sizeof(T));
        if (bigger == nullptr) throw std::bad_alloc();
        data_ = static_cast<T*>(bigger);
        capacity_ = capacity;
    }

    T* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

}  // namespace exprjit
