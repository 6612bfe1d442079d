// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/guarded.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace exprjit::trial {

namespace {
constexpr size_t kPage = 4096;
constexpr uint8_t kPattern = 0xa5;
}  // namespace

Guarded::Guarded(size_t bytes, Side side) : size_(bytes) {
    const size_t inside = (bytes + kPage - 1) / kPage * kPage + (bytes == 0 ? kPage : 0);
    mapped_ = inside + 2 * kPage;
    void* p = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || mprotect(static_cast<uint8_t*>(p) + kPage, inside, PROT_READ | PROT_WRITE) != 0) {
        std::fprintf(stderr, "cannot map %zu bytes for a guarded test array\n", mapped_);
        std::abort();
    }
    base_ = static_cast<uint8_t*>(p);
    std::memset(base_ + kPage, kPattern, inside);
    data_ = side == Side::Front ? base_ + kPage : base_ + kPage + inside - bytes;
}

Guarded::~Guarded() {
    if (base_ != nullptr) munmap(base_, mapped_);
}

Guarded& Guarded::operator=(Guarded&& other) noexcept {
    std::swap(base_, other.base_);
    std::swap(mapped_, other.mapped_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

bool Guarded::intact() const {
    if (base_ == nullptr) return true;
    const uint8_t* end = base_ + mapped_ - kPage;
    for (const uint8_t* p = base_ + kPage; p < end; ++p) {
        if (p == data_) {
            p += size_;
            if (p >= end) break;
        }
        if (*p != kPattern) return false;
    }
    return true;
}

}  // namespace exprjit::trial
