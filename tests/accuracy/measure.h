// SPDX-License-Identifier: MIT OR Apache-2.0
//
// One function and type, several implementations, the same arguments for all.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "judge.h"
#include "samples.h"
#include "subjects.h"

namespace exprjit::accuracy {

struct Plan {
    uint64_t samples = 1'000'000;  // besides the hard cases
    bool all = false;              // every number of f32 instead, or
    uint64_t every = 1;            // one of so many, by their bits
    std::optional<Range> only;
    unsigned threads = 2;
    uint64_t seed = 1;
};

// One verdict per subject; a null subject gets an empty one.
template <class T>
std::vector<Verdict> measure(const Function& f, const std::vector<const Subject<T>*>& subjects, const Plan& plan);

extern template std::vector<Verdict> measure<float>(const Function&, const std::vector<const Subject<float>*>&,
                                                    const Plan&);
extern template std::vector<Verdict> measure<double>(const Function&, const std::vector<const Subject<double>*>&,
                                                     const Plan&);

}  // namespace exprjit::accuracy
