// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/fork_aware.h"

#include <pthread.h>

#include <mutex>

namespace exprjit {

// Never destroyed: forks may happen while static destructors run.
struct ForkRegistry {
    std::mutex mutex;
    ForkAware* first = nullptr;

    static ForkRegistry& get() {
        static ForkRegistry* registry = [] {
            auto* r = new ForkRegistry;
            pthread_atfork(&ForkRegistry::prepare, &ForkRegistry::parent, &ForkRegistry::child);
            return r;
        }();
        return *registry;
    }

    static void prepare() {
        ForkRegistry& r = get();
        r.mutex.lock();
        for (ForkAware* f = r.first; f != nullptr; f = f->next_) f->before_fork();
    }
    static void finish(bool in_child) {
        ForkRegistry& r = get();
        for (ForkAware* f = r.first; f != nullptr; f = f->next_) f->after_fork(in_child);
        r.mutex.unlock();
    }
    static void parent() { finish(false); }
    static void child() { finish(true); }

    static void add(ForkAware& f) {
        ForkRegistry& r = get();
        const std::lock_guard lock(r.mutex);
        f.next_ = r.first;
        if (r.first != nullptr) r.first->previous_ = &f;
        r.first = &f;
    }
    static void remove(ForkAware& f) {
        ForkRegistry& r = get();
        const std::lock_guard lock(r.mutex);
        (f.previous_ != nullptr ? f.previous_->next_ : r.first) = f.next_;
        if (f.next_ != nullptr) f.next_->previous_ = f.previous_;
    }
};

void ForkAware::register_for_fork() { ForkRegistry::add(*this); }
void ForkAware::unregister_for_fork() { ForkRegistry::remove(*this); }

}  // namespace exprjit
