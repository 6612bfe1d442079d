// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Value operations by their rows in ops.def, constants, and the few operations that cross between scalars and lanes.
#include "ir/verify_function.h"

namespace exprjit::verifier {

namespace {

std::string names_of(ScalarSet set) {
    std::string names;
    for (int s = 0; s < kScalarCount; ++s) {
        if ((set & set_of(static_cast<Scalar>(s))) == 0) continue;
        if (!names.empty()) names += ", ";
        names += name_of(static_cast<Scalar>(s));
    }
    return names;
}

// What the sets of a row cannot say about a pair of types; nullptr if they go together.
const char* conversion_problem(Op op, Scalar t, Scalar u) {
    switch (op) {
    case Op::RawBits:
    case Op::FromBits:
    case Op::Bits: return byte_size(t) == byte_size(u) ? nullptr : "converts between equal widths only";
    case Op::Widen: return u >= t ? nullptr : "cannot narrow; use wrap";
    case Op::Wrap: return u <= t ? nullptr : "cannot widen; use widen";
    default: return nullptr;
    }
}

}  // namespace

void FunctionVerifier::check_value(ValueId v) {
    const Node& n = f_[v];
    const OpInfo& i = info(n.op);
    if (!expect_count(v, static_cast<size_t>(i.arity))) return;
    const auto operands = f_.operands(n);
    const Type t = type_of(operands[i.signature[0] == 'B' ? 1 : 0]);
    if (!t.is_value() || (i.types & set_of(t.scalar())) == 0) {
        say(v, kVerifyOperandType, "cannot work on " + name_of_type(t), "it takes " + names_of(i.types));
        return;
    }
    for (size_t k = 0; k < operands.size(); ++k) {
        if (!expect_operand(v, k, i.signature[k] == 'B' ? t.with(Scalar::Bool) : t)) return;
    }
    if (!n.type.is_value()) {
        say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected a value");
        return;
    }
    if (!expect_type(v, result_type(n.op, t, n.type.scalar()))) return;
    if (i.results != 0) {
        if ((i.results & set_of(n.type.scalar())) == 0) {
            say(v, kVerifyResultType, "cannot give " + name_of_type(n.type), "it gives " + names_of(i.results));
            return;
        }
        if (const char* problem = conversion_problem(n.op, t.scalar(), n.type.scalar()))
            say(v, kVerifyResultType, problem);
    }
    if (n.op == Op::Powi) {
        const auto exponent = static_cast<int64_t>(n.imm);
        const int64_t least = is_int(t.scalar()) ? 0 : -16;
        if (exponent < least || exponent > 16)
            say(v, kVerifyImmediate,
                "exponent " + std::to_string(exponent) + " is outside " + std::to_string(least) + " to 16",
                "use pow, or int_pow for integers");
    }
    if (i.has(kMulti)) {
        const Type expected[2] = {t, t.with(Scalar::Bool)};
        results_follow(v, expected);
    }
}

void FunctionVerifier::check_const(ValueId v) {
    const Node& n = f_[v];
    if (!expect_count(v, 0)) return;
    if (!n.type.is_value()) {
        say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected a value");
        return;
    }
    const size_t width = byte_size(n.type.scalar()) * 8;
    const bool canonical = n.type.scalar() == Scalar::Bool ? n.imm <= 1 : width == 64 || n.imm >> width == 0;
    if (!canonical) say(v, kVerifyImmediate, "has bits that do not fit " + name_of_type(n.type));
}

void FunctionVerifier::check_lanes(ValueId v) {
    const Node& n = f_[v];
    if (!expect_count(v, n.op == Op::Iota ? 0 : 1)) return;
    const Type from = n.op == Op::Iota ? kVoid : type_of(f_.operands(n)[0]);
    const auto wrong_operand = [&](const char* expected) {
        say(v, kVerifyOperandType, "operand 0 is " + name_of_type(from) + ", expected " + expected);
    };
    switch (n.op) {
    case Op::Any:
        if (!from.is_value() || from.scalar() != Scalar::Bool) return wrong_operand("bool lanes");
        expect_type(v, kBool);
        break;
    case Op::Splat:
        if (!from.is_scalar()) return wrong_operand("a scalar");
        if (!n.type.is_value() || n.type.is_scalar() || n.type.scalar() != from.scalar())
            say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected lanes of " + name_of_type(from));
        break;
    case Op::Extract:
        if (!from.is_value() || from.is_scalar()) return wrong_operand("lanes");
        if (expect_type(v, from.scalar())) expect_imm_below(v, static_cast<uint64_t>(from.lane_count()), "lane");
        break;
    case Op::LaneMask:
        if (from != kI64) return wrong_operand("i64");
        if (!n.type.is_value() || n.type.is_scalar() || n.type.scalar() != Scalar::Bool)
            say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected bool lanes");
        break;
    case Op::CountLanes:
        if (!from.is_value() || from.scalar() != Scalar::Bool) return wrong_operand("bool lanes");
        expect_type(v, kI64);
        break;
    default:  // Iota
        if (!n.type.is_value() || n.type.is_scalar() || !is_int(n.type.scalar()))
            say(v, kVerifyResultType, "has type " + name_of_type(n.type) + ", expected lanes of i32 or i64");
        break;
    }
}

void FunctionVerifier::check_reduce(ValueId v) {
    const Node& n = f_[v];
    if (!expect_count(v, 2) || !expect_imm_below(v, kReduceKindCount, "kind of reduction")) return;
    const auto kind = static_cast<ReduceKind>(n.imm);
    const Type value = type_of(f_.operands(n)[0]);
    if (!value.is_scalar() || (reduced_types(kind) & set_of(value.scalar())) == 0) {
        say(v, kVerifyOperandType, "cannot reduce " + name_of_type(value) + " by " + std::string(name_of(kind)),
            "it takes " + names_of(reduced_types(kind)));
        return;
    }
    if (!expect_operand(v, 1, kBool) || !expect_type(v, reduced_result(kind, value.scalar()))) return;
    if (!scratch_.regions.empty())
        say(v, kVerifyReduce, "reduces over all rows, but stands inside an if or loop",
            "compute it before the if or loop and use its value there");
}

}  // namespace exprjit::verifier
