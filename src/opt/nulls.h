// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Missing values. A row function whose inputs may be null computes a value for every row; whether the result is null is
// computed beside it. The value of a null row is unspecified, and its checks do not fail.
#pragma once

#include <span>
#include <vector>

#include "ir/program.h"
#include "opt/pipeline.h"
#include "support/result.h"

namespace exprjit {

// How the validity of one output comes about.
struct OutputValidity {
    // The output is valid where all of these parameters are: whole words of their bitmaps are ANDed. Empty: always valid.
    std::vector<uint32_t> all_of;
    // Index of a bool result of the rewritten function that holds the validity (where is_null, coalesce or a choice decide
    // by row), or -1: then all_of tells.
    int32_t result = -1;
};

// Rewrites function 0, which must hold no Call nodes (inline_calls) and no expanded operations yet, for the parameters
// marked in `nullable`. Appends to its parameters one bool per nullable parameter, in order (true: valid), but only those
// that some node or check needs: `needed` lists their parameters. Rules: an operation is null if any operand is; a select
// or If is null where its condition or the chosen side is; is_null is never null; coalesce(a, b) is b's where a is null;
// a loop and all it computes is null where any nullable parameter it uses is; the rows where its value or predicate is null
// are not part of a reduction, whose result is never null; a check does not fail where its condition is null. IsNull and
// Coalesce of what cannot be null become false and the value itself. Appends bool results as OutputValidity tells.
struct NullPlan {
    std::vector<uint32_t> needed;
    std::vector<OutputValidity> outputs;  // per original result
};
Result<void> propagate_nulls(Program& program, std::span<const uint8_t> nullable, NullPlan& plan, PassScratch& scratch);

}  // namespace exprjit
