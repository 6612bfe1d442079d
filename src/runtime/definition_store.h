// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "lang/definitions.h"
#include "runtime/fork_aware.h"
#include "support/result.h"

namespace exprjit {

// The definitions of an engine. They change while other threads compile: everyone works on the snapshot that was current when
// they began. Costs one load while there are none.
class DefinitionStore final : ForkAware {
  public:
    DefinitionStore() { register_for_fork(); }
    ~DefinitionStore() { unregister_for_fork(); }

    // nullptr: there are none.
    std::shared_ptr<const Definitions> snapshot() {
        if (!any_.load(std::memory_order_acquire)) return nullptr;
        const std::lock_guard lock(mutex_);
        return current_;
    }

    // `make` takes the current definitions (nullptr: none) and gives those to come. Changes come one after the other.
    template <class Make>
    Result<void> change(Make&& make) {
        const std::lock_guard changing(changes_);
        Result<std::shared_ptr<const Definitions>> made = make(snapshot().get());
        if (!made) return made.take_failure();
        const std::lock_guard lock(mutex_);
        current_ = std::move(*made);
        any_.store(true, std::memory_order_release);
        return {};
    }

  private:
    void before_fork() override {
        changes_.lock();
        mutex_.lock();
    }
    void after_fork(bool) override {
        mutex_.unlock();
        changes_.unlock();
    }

    std::mutex changes_, mutex_;
    std::atomic<bool> any_{false};
    std::shared_ptr<const Definitions> current_;
};

}  // namespace exprjit
