// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How a compilation is stopped in the middle: by a cancel token, or because it takes too long. The walks over the program
// ask every few thousand nodes. They have no way to fail, so the answer is an exception, as when memory runs out; it is
// caught where the compilation began (runtime/watched.h) and becomes an error like any other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace exprjit {

// Thrown by poll_compile(). Not a std::exception: nothing may take it for one.
struct CompileStopped {
    bool cancelled;        // else: too slow
    uint64_t nanoseconds;  // since the compilation began
};

// What this thread's compilation obeys, for as long as the object lives.
class CompileWatch {
  public:
    // `cancel`: a word that another thread may make non-zero; may be nullptr. `max_nanoseconds`: UINT64_MAX for no limit.
    CompileWatch(const volatile int32_t* cancel, uint64_t max_nanoseconds);
    ~CompileWatch();
    CompileWatch(const CompileWatch&) = delete;
    CompileWatch& operator=(const CompileWatch&) = delete;

    // Throws CompileStopped if it must not go on.
    void look() const;

  private:
    const volatile int32_t* const cancel_;
    const uint64_t max_nanoseconds_;
    const uint64_t start_;
    CompileWatch* const outer_;
};

// Looks at this thread's watch, if there is one.
void poll_compile();

// For walks: looks once in kPollStep steps. Small programs never get there; they are looked at between the phases.
inline constexpr size_t kPollStep = 4096;
inline void poll_compile_at(size_t step) {
    if (step % kPollStep == kPollStep - 1) [[unlikely]]
        poll_compile();
}

}  // namespace exprjit
