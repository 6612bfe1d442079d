// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <utility>

#include "support/compile_watch.h"
#include "support/result.h"

namespace exprjit {

// What a compilation that was stopped reports.
Failure stopped_failure(const CompileStopped& stopped, uint64_t max_nanoseconds);

// Runs `body`, which compiles and gives a Result, under a watch.
template <class Body>
auto watched(const volatile int32_t* cancel, uint64_t max_nanoseconds, Body&& body) -> decltype(body()) {
    try {
        const CompileWatch watch(cancel, max_nanoseconds);
        return std::forward<Body>(body)();
    } catch (const CompileStopped& stopped) {
        return stopped_failure(stopped, max_nanoseconds);
    }
}

}  // namespace exprjit
