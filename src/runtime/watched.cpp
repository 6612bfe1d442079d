// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/watched.h"

#include <string>

#include "runtime/codes.h"

namespace exprjit {

Failure stopped_failure(const CompileStopped& stopped, uint64_t max_nanoseconds) {
    if (stopped.cancelled) {
        return fail(Status::Cancelled, code_of(RuntimeCode::CompileCancelled),
                    "the compilation was cancelled before it finished",
                    "the cancel token (or stop word) it was given is set; reset it before it is used again");
    }
    return fail(Status::Limit, code_of(RuntimeCode::CompileTime),
                "compiling was given up after " + std::to_string(stopped.nanoseconds) +
                    " ns; the limit max_compile_ns is " + std::to_string(max_nanoseconds),
                "split the program, or raise the engine's max_compile_ns");
}

}  // namespace exprjit
