// SPDX-License-Identifier: MIT OR Apache-2.0
#include "unit/jit/lanes_cases.h"

#include "interp/interpreter.h"
#include "support/random.h"

namespace exprjit::jit {

using namespace trial;

namespace {

constexpr Op kConversions[] = {Op::RawBits,      Op::FromBits, Op::TruncToInt, Op::IntToFloat,
                               Op::FloatToFloat, Op::Widen,    Op::Wrap,       Op::FromBool};
constexpr Op kValues[] = {Op::AddOverflow, Op::SubOverflow, Op::MulOverflow, Op::Add,   Op::Sub,  Op::Mul,  Op::Quot,
                          Op::Rem,         Op::Neg,         Op::Abs,         Op::Min,   Op::Max,  Op::And,  Op::Or,
                          Op::Xor,         Op::Not,         Op::Shl,         Op::Shr,   Op::Shru, Op::Rotl, Op::Rotr,
                          Op::Popcount,    Op::Clz,         Op::Ctz,         Op::Bswap, Op::Eq,   Op::Ne,   Op::Lt,
                          Op::Le,          Op::Gt,          Op::Ge,          Op::Select};

bool exists(Op op, Scalar from, Scalar to) {
    if ((info(op).types & set_of(from)) == 0 || (info(op).results & set_of(to)) == 0) return false;
    switch (op) {
    case Op::RawBits:
    case Op::FromBits: return byte_size(from) == byte_size(to);
    case Op::Widen: return to >= from;
    case Op::Wrap: return to <= from;
    default: return true;
    }
}

}  // namespace

bool LanesCase::is_conversion() const {
    for (const Op conversion : kConversions)
        if (op == conversion) return true;
    return false;
}

std::string LanesCase::describe() const {
    return std::string(info(op).text) + " of " + std::string(name_of(from)) +
           (is_conversion() ? " to " + std::string(name_of(to)) : "") + ", " + std::to_string(lanes) + " lanes, v" +
           std::to_string(static_cast<int>(isa));
}

std::string LanesCase::describe(const LanesTuple& t) const {
    std::string s = "(";
    for (int k = 0; k < arity(); ++k) s += (k != 0 ? ", " : "") + trial::describe(operand_type(k), t.v[k]);
    return s + ")";
}

std::string LanesCase::test_name() const {
    return std::string(info(op).name) + "_" + std::string(name_of(from)) +
           (is_conversion() ? "_" + std::string(name_of(to)) : "") + "_x" + std::to_string(lanes) + "_v" +
           std::to_string(static_cast<int>(isa));
}

bool LanesCase::evaluate(const LanesTuple& t, Slot& result, bool& flag) const {
    return exprjit::evaluate(op, from, to, t.v[0], t.v[1], t.v[2], &result, &flag);
}

std::vector<LanesTuple> tuples_of(const LanesCase& c) {
    std::vector<LanesTuple> tuples;
    Random random(static_cast<uint64_t>(c.op) * 131 + static_cast<uint64_t>(c.from) * 17 + static_cast<uint64_t>(c.to));
    const auto random_tuple = [&] {
        LanesTuple t;
        for (int k = 0; k < c.arity(); ++k) t.v[k] = random_value(c.operand_type(k), random);
        return t;
    };
    const auto add = [&](const LanesTuple& t) { tuples.push_back(t); };
    if (c.arity() == 1) {
        for (const Slot a : special_values(c.from)) add({{a}});
        // Every position of the top bit, alone, with its neighbours and with noise below.
        const int width = static_cast<int>(byte_size(c.from)) * 8;
        for (int k = 0; c.from != Scalar::Bool && k < width; ++k) {
            const uint64_t top = uint64_t{1} << k;
            for (const uint64_t bits : {top, top - 1, ~top + 1, top | (random.next() & (top - 1)), ~(top - 1) ^ top})
                add({{canonical(c.from, bits)}});
        }
    } else {
        const int first = c.op == Op::Select ? 1 : 0;
        for (const Slot a : special_values(c.from)) {
            for (const Slot b : special_values(c.from)) {
                LanesTuple t;
                t.v[first] = a, t.v[first + 1] = b;
                if (first == 1) t.v[0] = random.below(2);
                add(t);
            }
        }
        if (c.is_shift())
            for (uint64_t count = 0; count < 66; ++count) add({{random_value(c.from, random), count}});
        if (c.op == Op::Quot || c.op == Op::Rem) {  // quotients just at, below and above an integer, of every size
            for (int k = 0; k < 4000; ++k) {
                const uint64_t b = random.next() >> random.below(64);
                const uint64_t a = b * (random.next() >> random.below(64)) + random.below(3) - 1;
                add({{canonical(c.from, random.one_in(2) ? 0 - a : a),
                      canonical(c.from, random.one_in(2) ? 0 - b : b)}});
            }
        }
        if (c.op == Op::MulOverflow) {  // products about as wide as the type
            const int width = static_cast<int>(byte_size(c.from)) * 8;
            for (int k = 0; k < 2000; ++k) {
                const int bits = static_cast<int>(random.below(static_cast<uint64_t>(width)));
                const uint64_t a = random.next() >> (63 - bits), b = random.next() >> (64 - (width - bits));
                add({{canonical(c.from, random.one_in(2) ? 0 - a : a),
                      canonical(c.from, random.one_in(2) ? 0 - b : b)}});
            }
        }
    }
    for (int k = 0; k < 1000; ++k) add(random_tuple());
    if (c.op == Op::IntToFloat) {  // about halfway between two floats
        const int significand = c.to == Scalar::F32 ? 24 : 53, width = static_cast<int>(byte_size(c.from)) * 8;
        for (int k = 0; k < 3000; ++k) {
            const int top =
                significand +
                static_cast<int>(random.below(static_cast<uint64_t>(width > significand ? width - significand : 1)));
            const int below = top - significand;
            uint64_t a = (random.next() >> (64 - significand) | uint64_t{1} << (significand - 1)) << below;
            if (below > 0) a += (uint64_t{1} << (below - 1)) + random.below(3) - 1;
            add({{canonical(c.from, random.one_in(2) ? 0 - a : a)}});
        }
    }
    return tuples;
}

std::vector<LanesCase> all_lanes_cases() {
    std::vector<LanesCase> cases;
    const auto add = [&](Op op, Scalar from, Scalar to) {
        const bool wide = byte_size(from) == 8 || byte_size(to) == 8;
        for (const Isa isa : {Isa::V3, Isa::V4}) {
            const int few = isa == Isa::V4 ? 8 : 4;
            cases.push_back({op, from, to, few, isa});
            if (!wide) cases.push_back({op, from, to, few * 2, isa});
        }
    };
    for (const Op op : kValues) {
        for (const Scalar t : {Scalar::Bool, Scalar::I32, Scalar::I64}) {
            if ((info(op).types & set_of(t)) == 0) continue;
            add(op, t, result_type(op, t, t).scalar());
        }
    }
    for (const Op op : kConversions)
        for (int from = 0; from < kScalarCount; ++from)
            for (int to = 0; to < kScalarCount; ++to)
                if (exists(op, static_cast<Scalar>(from), static_cast<Scalar>(to)))
                    add(op, static_cast<Scalar>(from), static_cast<Scalar>(to));
    return cases;
}

}  // namespace exprjit::jit
