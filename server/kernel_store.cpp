// SPDX-License-Identifier: MIT OR Apache-2.0
#include "kernel_store.h"

#include <utility>

namespace exprjit::server {

HeldRef KernelStore::use(Place place) {
    entries_.splice(entries_.begin(), entries_, place);
    return place->held;
}

HeldRef KernelStore::find(const std::string& handle) {
    const std::lock_guard lock(mutex_);
    const auto found = by_handle_.find(handle);
    return found == by_handle_.end() ? nullptr : use(found->second);
}

HeldRef KernelStore::find_request(const std::string& request_digest) {
    const std::lock_guard lock(mutex_);
    const auto found = by_request_.find(request_digest);
    return found == by_request_.end() ? nullptr : use(found->second);
}

HeldRef KernelStore::keep(HeldRef held, const std::string& request_digest) {
    std::list<Entry> dropped;  // kernels are freed after the lock
    const std::lock_guard lock(mutex_);
    auto found = by_handle_.find(held->handle);
    if (found == by_handle_.end()) {
        entries_.push_front({std::move(held), {}});
        found = by_handle_.emplace(entries_.front().held->handle, entries_.begin()).first;
        bytes_ += entries_.front().held->memory_bytes;
    }
    const Place place = found->second;
    HeldRef kept = use(place);
    if (place->requests.size() < kMostRequests && by_request_.emplace(request_digest, place).second) {
        place->requests.push_back(request_digest);
    }
    while (entries_.size() > 1 && (entries_.size() > most_kernels_ || bytes_ > most_bytes_)) {
        const Place last = std::prev(entries_.end());
        for (const std::string& request : last->requests) {
            by_request_.erase(request);
        }
        by_handle_.erase(last->held->handle);
        bytes_ -= last->held->memory_bytes;
        ++evictions_;
        dropped.splice(dropped.end(), entries_, last);
    }
    return kept;
}

size_t KernelStore::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

uint64_t KernelStore::evictions() const {
    const std::lock_guard lock(mutex_);
    return evictions_;
}

}  // namespace exprjit::server
