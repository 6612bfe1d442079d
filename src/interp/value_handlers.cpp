// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Value operations, instantiated from the meanings in ops.def: one handler per row, type and shape. This file must be
// compiled with contraction off (-ffp-contract=off): a * b + c is two roundings unless the IR says fma.
#include "interp/handlers.h"
#include "interp/value_rows.h"

namespace exprjit {

namespace interp {

namespace {

template <Op op, Scalar t, Scalar u>
inline auto apply(const Slot* a, const Slot* b, const Slot* c) {
    using T = cpp_type<t>;
    using U = std::conditional_t<kRow<op>.result() == 'B', bool, cpp_type<u>>;
    using A = std::conditional_t<kRow<op>.first_is_bool(), bool, T>;
    const T second = kRow<op>.arity() > 1 ? decode<T>(*b) : T();
    const T third = kRow<op>.arity() > 2 ? decode<T>(*c) : T();
    return MeaningOf<op>::template eval<T, U, A, T, T>(decode<A>(*a), second, third);
}

template <Op op, Scalar t, Scalar u, bool kLanes>
const Instruction* run_value(const Instruction* at, Slot* frame, Machine&) {
    const size_t lanes = kLanes ? static_cast<size_t>(at->imm) : 1;
    for (size_t k = 0; k < lanes; ++k) {
        const Slot* a = frame + at->a + k;
        const Slot* b = frame + at->b + k;
        const Slot* c = frame + at->c + k;
        frame[at->dst + k] = encode(apply<op, t, u>(a, b, c));
        if constexpr (kRow<op>.two_results()) {
            using T = cpp_type<t>;
            frame[at->dst + lanes + k] = encode(meaning::overflows<op, T>(decode<T>(*a), decode<T>(*b)));
        }
    }
    return at + 1;
}

template <Op op, Scalar t, Scalar u>
Handler pick_shape(bool lanes) {
    if constexpr (kRow<op>.admits(t, u))
        return lanes ? &run_value<op, t, u, true> : &run_value<op, t, u, false>;
    else
        return nullptr;
}

template <Op op, Scalar t>
Handler pick_result(Scalar u, bool lanes) {
    if constexpr (!kRow<op>.admits(t)) {
        return nullptr;
    } else if constexpr (kRow<op>.result() != 'U') {
        return pick_shape<op, t, t>(lanes);
    } else {
        switch (u) {
        case Scalar::Bool: return pick_shape<op, t, Scalar::Bool>(lanes);
        case Scalar::I32: return pick_shape<op, t, Scalar::I32>(lanes);
        case Scalar::I64: return pick_shape<op, t, Scalar::I64>(lanes);
        case Scalar::F32: return pick_shape<op, t, Scalar::F32>(lanes);
        case Scalar::F64: return pick_shape<op, t, Scalar::F64>(lanes);
        }
        return nullptr;
    }
}

template <Op op>
Handler pick(Scalar t, Scalar u, bool lanes) {
    if constexpr (MeaningOf<op>::exists) {
        switch (t) {
        case Scalar::Bool: return pick_result<op, Scalar::Bool>(u, lanes);
        case Scalar::I32: return pick_result<op, Scalar::I32>(u, lanes);
        case Scalar::I64: return pick_result<op, Scalar::I64>(u, lanes);
        case Scalar::F32: return pick_result<op, Scalar::F32>(u, lanes);
        case Scalar::F64: return pick_result<op, Scalar::F64>(u, lanes);
        }
    }
    return nullptr;
}

constexpr Handler (*kPick[kOpCount])(Scalar, Scalar, bool) = {
#define OP(code, Name, ...) &pick<Op::Name>,
#include "ir/ops.def"
};

// ---- Call rows as C functions.

template <Op op, class T>
T call_one(T a) {
    return MeaningOf<op>::template eval<T, T, T, T, T>(a, T(), T());
}
template <Op op, class T>
T call_two(T a, T b) {
    return MeaningOf<op>::template eval<T, T, T, T, T>(a, b, T());
}
template <Op op, class T>
T call_three(T a, T b, T c) {
    return MeaningOf<op>::template eval<T, T, T, T, T>(a, b, c);
}

template <Op op, Scalar t>
const void* c_function() {
    if constexpr (kRow<op>.lowering == Lowering::Call && kRow<op>.admits(t)) {
        using T = cpp_type<t>;
        if constexpr (kRow<op>.arity() == 1)
            return reinterpret_cast<const void*>(&call_one<op, T>);
        else if constexpr (kRow<op>.arity() == 2)
            return reinterpret_cast<const void*>(&call_two<op, T>);
        else
            return reinterpret_cast<const void*>(&call_three<op, T>);
    } else {
        return nullptr;
    }
}

template <Op op>
const void* c_function_of(Scalar t) {
    switch (t) {
    case Scalar::Bool: return c_function<op, Scalar::Bool>();
    case Scalar::I32: return c_function<op, Scalar::I32>();
    case Scalar::I64: return c_function<op, Scalar::I64>();
    case Scalar::F32: return c_function<op, Scalar::F32>();
    case Scalar::F64: return c_function<op, Scalar::F64>();
    }
    return nullptr;
}

constexpr const void* (*kCFunction[kOpCount])(Scalar) = {
#define OP(code, Name, ...) &c_function_of<Op::Name>,
#include "ir/ops.def"
};

}  // namespace

Handler value_handler(Op op, Scalar t, Scalar u, bool lanes) {
    // The table pairs every float with every integer here; only equal widths mean something.
    if ((op == Op::RawBits || op == Op::FromBits) && byte_size(t) != byte_size(u)) return nullptr;
    return kPick[static_cast<int>(op)](t, u, lanes);
}

}  // namespace interp

bool evaluate(Op op, Scalar t, Scalar u, Slot a, Slot b, Slot c, Slot* out, bool* flag) {
    const interp::Handler handler = interp::value_handler(op, t, u, false);
    if (!handler) return false;
    Slot frame[5] = {a, b, c, 0, 0};
    const interp::Instruction instruction{handler, 3, 0, 1, 2, 0};
    interp::Machine machine;
    handler(&instruction, frame, machine);
    *out = frame[3];
    if (flag) *flag = frame[4] != 0;
    return true;
}

const void* call_target(Op op, Scalar t) { return interp::kCFunction[static_cast<int>(op)](t); }

}  // namespace exprjit
