// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The kernels that clients hold handles of, least recently used out first.
#pragma once

#include <exprjit/exprjit.h>

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace exprjit::server {

// A compiled program and what has to be known of it, so that nobody asks the kernel row by row. Immutable.
struct Held {
    struct Parameter {
        std::string name;
        ej_dtype dtype;
    };
    struct Output {
        std::string name;
        ej_dtype dtype;
        bool is_reduced, is_nullable;
    };

    Held() = default;
    ~Held() { ej_kernel_release(kernel); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    std::string handle;  // 32 bytes
    ej_kernel* kernel = nullptr;
    std::vector<Parameter> parameters;
    std::vector<Output> outputs;
    bool is_reducing = false;     // has reductions over rows
    bool is_all_reduced = false;  // … and nothing else in its outputs
    uint64_t compile_ns = 0, memory_bytes = 0;
};
using HeldRef = std::shared_ptr<const Held>;

class KernelStore {
  public:
    KernelStore(size_t most_kernels, uint64_t most_bytes) : most_kernels_(most_kernels), most_bytes_(most_bytes) {}

    // nullptr if it is not there (any more). Both count as a use.
    HeldRef find(const std::string& handle);
    // By what asked for it before: the digest of a request's program, which spares the second request every other step.
    HeldRef find_request(const std::string& request_digest);
    // The kernel under held->handle, which is `held` or one that was there before.
    HeldRef keep(HeldRef held, const std::string& request_digest);

    size_t size() const;
    uint64_t evictions() const;

  private:
    struct Entry {
        HeldRef held;
        std::vector<std::string> requests;  // the keys in by_request_ that lead here
    };
    using Place = std::list<Entry>::iterator;
    static constexpr size_t kMostRequests = 16;  // different texts of one program that are remembered

    HeldRef use(Place place);

    const size_t most_kernels_;
    const uint64_t most_bytes_;
    mutable std::mutex mutex_;
    std::list<Entry> entries_;  // the most recently used first
    std::unordered_map<std::string, Place> by_handle_, by_request_;
    uint64_t bytes_ = 0, evictions_ = 0;
};

}  // namespace exprjit::server
