// SPDX-License-Identifier: MIT OR Apache-2.0
#include "memory.h"

#include <cstdlib>

namespace exprjit::server {

bool MemoryQuota::take(size_t bytes) {
    if (bytes > static_cast<uint64_t>(limit_)) {
        return false;
    }
    const auto wanted = static_cast<int64_t>(bytes);
    if (used_.fetch_add(wanted, std::memory_order_relaxed) + wanted <= limit_) {
        return true;
    }
    give(bytes);
    return false;
}

bool MemoryLease::take(size_t bytes) {
    if (!quota_.take(bytes)) {
        return false;
    }
    bytes_ += bytes;
    return true;
}

void MemoryLease::end() {
    quota_.give(bytes_);
    bytes_ = 0;
}

Arena::~Arena() {
    for (uint8_t* chunk : chunks_) {
        std::free(chunk);
    }
}

uint8_t* Arena::allocate(size_t size) {
    if (size > SIZE_MAX - kChunk) {
        return nullptr;
    }
    size = size == 0 ? kAlignment : (size + kAlignment - 1) / kAlignment * kAlignment;
    if (size > left_) {
        // A large piece has a chunk of its own, so that what is left of the current one is not lost to it.
        const size_t bytes = size >= kChunk / 2 ? size : kChunk;
        if (!lease_.take(bytes)) {
            return nullptr;
        }
        auto* chunk = static_cast<uint8_t*>(std::aligned_alloc(kAlignment, bytes));
        if (chunk == nullptr) {
            return nullptr;
        }
        chunks_.push_back(chunk);
        if (bytes == size) {
            return chunk;
        }
        next_ = chunk;
        left_ = bytes;
    }
    uint8_t* piece = next_;
    next_ += size;
    left_ -= size;
    return piece;
}

}  // namespace exprjit::server
