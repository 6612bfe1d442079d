// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Implementations to be measured: exprjit, and those it is compared with.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "functions.h"

namespace exprjit::accuracy {

template <class T>
class Subject {
  public:
    virtual ~Subject() = default;
    // Safe to call from several threads at once.
    virtual void run(const T* x, const T* y, T* out, size_t count) const = 0;
};

struct Way {
    int isa = 0;  // 2, 3, 4, or 0: the best of this CPU
    bool fast = false;
    bool scalar = false;  // the plain entry, one call per argument
    bool interpreter = false;
};

// What could not be had is null, and `why` says so.
template <class T>
std::unique_ptr<Subject<T>> exprjit_subject(const Function& f, const Way& way, std::string& why);

struct Rival {
    const char* name;  // "glibc", "libmvec", "SLEEF u10", "SLEEF u35"
};
extern const std::vector<Rival> kRivals;
template <class T>
std::unique_ptr<Subject<T>> rival_subject(size_t rival, const Function& f, const Way& way);

}  // namespace exprjit::accuracy
