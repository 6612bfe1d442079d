// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the parser makes of a text and the emitter turns into IR: stack code, as a linked list. A list, because `a if
// c else b` reads a before c and runs it after: joining two pieces in another order than they were written is then
// changing one index, however long they are. Operands are converted by the instruction that uses them.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/op.h"
#include "lang/typing.h"
#include "support/span.h"

namespace exprjit::lang {

inline constexpr uint32_t kNone = UINT32_MAX;

enum class Do : uint8_t {
    Literal,      // push the constant `payload` of type `type`
    Param,        // push parameter `payload`
    Local,        // push local `payload`
    Store,        // pop into local `payload`
    Value,        // pop `payload` operands, convert them to `type`, push op of them
    Divide,       // as Value with two; kChecked: check that the divisor is not 0. payload: span of the operator
    IntPower,     // as Value with two; kChecked: check that the exponent is not negative. payload: span of the operator
    PowerBy,      // pop one, convert to `type`, push its power with the literal exponent `payload`
    Cast,         // pop, convert to `type` as a cast does, push
    Replace,      // pop, push the bool `payload`
    IsNegative,   // pop an integer, push whether it is below 0
    Fold,         // pop `payload` operands, combine them by `op` from left to right in `type`
    Mean,         // the same, then divide by how many they were
    Compare,      // pop right and left, push whether `op` holds; see the flags
    ChainIf,      // pop the condition below the top; what follows, up to ChainEnd, only runs if it holds
    ChainEnd,     // close `payload` ChainIfs: push false where one did not hold
    Reduce,       // pop the value, and below it the predicate if kHasPredicate; push its reduction of form `payload`
    Copy,         // push the top again
    Guard,        // peek the condition; op Or: what follows matters where it does not hold, else where it does
    GuardElse,    // the condition lies below the top: what follows matters where it does not hold
    GuardEnd,     // what follows matters as what stood before the Guard
    Logic,        // pop two, push op (And, Or) of them as bools
    Invert,       // pop, push whether it is 0
    Select,       // pop b, a, condition; push a or b as `type`
    BeginIf,      // pop the condition; op Or: what follows runs if it does not hold
    ElseIf,       // pop the value of the first arm as `type`
    CallNative,   // pop the arguments of native `payload`, push its result
    CallRoutine,  // run routine `payload`, which pops its arguments and pushes its value
    EndIf,  // pop the value of the second arm as `type`, push the result. op And, Or: the other arm is false, true
};

enum CodeFlag : uint8_t {
    kChecked = 1,
    kHasCondition = 2,  // Compare: a condition lies below the left operand; the result is the conjunction
    kKeepRight = 4,     // Compare: push the right operand again, above the result
    kHasPredicate = 8,  // Reduce
};

struct Code {
    Do what;
    Op op;
    Scalar type;
    uint8_t flags;
    uint32_t next;
    Span span;
    uint64_t payload;
};

// A parsed expression: a piece of code that pushes one value (two for the left side of a chained comparison).
struct Operand {
    uint32_t first = kNone, last = kNone;
    Span span;
    Ty ty = Ty::Error;
    bool literal = false;  // a weak number whose value is known; `last` is its Literal, written when its type is known
    bool magnitude = false;  // the literal 2^63, which only a minus can make fit
    bool effects = false;    // its code holds a check
    bool reduces = false;    // its code holds a reduction over rows, which must not stand in a branch
    bool guarded = false;    // its code holds a reduction that fails without rows; a Guard around it says if it matters
    bool wide = false;       // a weak integer whose value is not known and may not fit i32
    uint8_t chain = 0;       // left side of a chained comparison: 1 a condition lies below it, 2 none does
    uint32_t open = 0;       // how many ChainIfs its code leaves open
    union {
        int64_t integer = 0;
        double number;
    };
};

// One name bound by an assignment or let.
struct Local {
    Operand value;  // its type, and its literal if it is one; the code is not used
    uint32_t symbol;
    bool is_output;
};

}  // namespace exprjit::lang
