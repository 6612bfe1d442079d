// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <exprjit/exprjit.h>

#include <cstddef>
#include <vector>

namespace exprjit::cli {

// Calls a kernel's plain C entry, whose type is known only now. Up to six integer or bool and eight floating
// parameters.
class PlainCall {
  public:
    // False if the kernel has no plain entry or one that cannot be called from here.
    bool prepare(const ej_kernel* kernel, const std::vector<ej_value>& arguments);

    // Calls it `times` times in a loop that keeps no result and hoists nothing.
    void run(size_t times) const;

  private:
    using Loop = void (*)(void (*entry)(void), const long long* integers, const double* floats, size_t times);

    void (*entry_)(void) = nullptr;
    Loop loop_ = nullptr;
    long long integers_[6] = {};
    double floats_[8] = {};
};

}  // namespace exprjit::cli
