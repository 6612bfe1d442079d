// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/compile_watch.h"

#include "support/ticks.h"

namespace exprjit {

namespace {

constinit thread_local CompileWatch* current = nullptr;

// No clock of a CPU that runs this is slower than 125 MHz, so before that many ticks no time is worth converting.
constexpr uint64_t kNanosecondsPerTick = 8;

}  // namespace

CompileWatch::CompileWatch(const volatile int32_t* cancel, uint64_t max_nanoseconds)
    : cancel_(cancel), max_nanoseconds_(max_nanoseconds), start_(ticks()), outer_(current) {
    current = this;
}

CompileWatch::~CompileWatch() { current = outer_; }

void CompileWatch::look() const {
    const bool cancelled = cancel_ != nullptr && __atomic_load_n(cancel_, __ATOMIC_RELAXED) != 0;
    const uint64_t elapsed = ticks() - start_;
    if (!cancelled && elapsed < max_nanoseconds_ / kNanosecondsPerTick) return;
    const uint64_t nanoseconds = ticks_to_nanoseconds(elapsed);
    if (cancelled || nanoseconds > max_nanoseconds_) throw CompileStopped{cancelled, nanoseconds};
}

void poll_compile() {
    if (current != nullptr) current->look();
}

}  // namespace exprjit
