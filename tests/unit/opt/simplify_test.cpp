// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Every rule: the program as written and as simplified give the same bits for all pairs of special values, and the rule did
// act (the operation it removes is gone) or, for its near misses, did not.
#include "opt_test.h"

namespace exprjit::opt_test {
namespace {

using Body = std::function<ValueId(Builder&, ValueId x, ValueId y)>;

constexpr double kInf = std::numeric_limits<double>::infinity();

void expect_same_bits(const Program& before, const Program& after, Scalar t, const std::string& name) {
    const Scalar result = before.entry().results[0].scalar();
    const Interpreter a(before), b(after);
    for (const Slot x : special_values(t)) {
        for (const Slot y : special_values(t)) {
            const Slot args[2] = {x, y};
            const Slot want = run(a, args, 1).outs[0], got = run(b, args, 1).outs[0];
            ASSERT_TRUE(same_value(result, want, got)) << name << " of " << show(t, x) << ", " << show(t, y) << ": "
                                                       << show(result, want) << " became " << show(result, got);
        }
    }
}

// `nodes`: how many are left beside the two parameters and the return.
void check(const char* name, Scalar t, Scalar result, size_t nodes, const Body& body) {
    SCOPED_TRACE(std::string(name) + " for " + std::string(name_of(t)));
    const Program p =
        make({t, t}, {result}, [&](Builder& b, std::span<const ValueId> v) { b.ret(body(b, v[0], v[1])); });
    const Program after = optimised(p, Tier::Optimised);
    EXPECT_EQ(after.entry().size() - 3, nodes);
    expect_same_bits(optimised(p, Tier::Baseline), after, t, name);
    // The same in lanes.
    const Program lanes = make({t, t}, {result}, [&](Builder& b, std::span<const ValueId> v) {
        const ValueId wide = body(b, b.splat(Type::lanes(t, 2), v[0]), b.splat(Type::lanes(t, 2), v[1]));
        b.ret(b.append(Op::Extract, result, {&wide, 1}, 1));
    });
    expect_same_bits(optimised(p, Tier::Baseline), optimised(lanes, Tier::Optimised), t, name);
    // Twice is once.
    EXPECT_EQ(optimised(after, Tier::Optimised).entry().size(), after.entry().size());
}

ValueId num(Builder& b, ValueId like, double d) { return b.number(b.type_of(like), d); }

struct Rule {
    const char* name;
    size_t nodes;
    Body body;
};

TEST(Simplify, Floats) {
    const Rule rules[] = {
        {"x * 1", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, 1)); }},
        {"1 * x", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, num(b, x, 1), x); }},
        {"x * -1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, -1)); }},
        {"x * 2", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, 2)); }},
        {"x * 0 stays", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, 0)); }},
        {"x / 1", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 1)); }},
        {"x / -1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, -1)); }},
        {"x / 8", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 8)); }},
        {"x / 2^-20", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 0x1p-20)); }},
        {"x / 3", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 3)); }},
        {"x / 2^127", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 0x1p127)); }},
        {"x / 2^-127", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 0x1p-127)); }},
        {"x / 2^-149", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 0x1p-149)); }},
        {"x / 0", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, 0)); }},
        {"x / inf", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, x, num(b, x, kInf)); }},
        {"-x / -y", 1,
         [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Div, b.unary(Op::Neg, x), b.unary(Op::Neg, y)); }},
        {"-x / 3", 2,
         [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Div, b.unary(Op::Neg, x), num(b, x, 3)); }},
        {"-x * -y", 1,
         [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Mul, b.unary(Op::Neg, x), b.unary(Op::Neg, y)); }},
        {"-x * 3", 2,
         [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, b.unary(Op::Neg, x), num(b, x, 3)); }},
        {"x + 0 stays", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Add, x, num(b, x, 0)); }},
        {"x + -0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Add, x, num(b, x, -0.0)); }},
        {"x - 0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, x, num(b, x, 0)); }},
        {"x - -0 stays", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, x, num(b, x, -0.0)); }},
        {"0 - x stays", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, num(b, x, 0), x); }},
        {"-0 - x", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, num(b, x, -0.0), x); }},
        {"x - x stays", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, x, x); }},
        {"x + -y", 1, [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Add, x, b.unary(Op::Neg, y)); }},
        {"-x + y", 1, [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Add, b.unary(Op::Neg, x), y); }},
        {"x - -y", 1, [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Sub, x, b.unary(Op::Neg, y)); }},
        {"--x", 0, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Neg, b.unary(Op::Neg, x)); }},
        {"-(x - y) stays", 2,
         [](Builder& b, ValueId x, ValueId y) { return b.unary(Op::Neg, b.binary(Op::Sub, x, y)); }},
        {"abs abs", 1, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Abs, b.unary(Op::Abs, x)); }},
        {"abs -x", 1, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Abs, b.unary(Op::Neg, x)); }},
        {"abs x*x", 1, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Abs, b.binary(Op::Mul, x, x)); }},
        {"fma x 1 y", 1, [](Builder& b, ValueId x, ValueId y) { return b.ternary(Op::Fma, x, num(b, x, 1), y); }},
        {"fma -1 x y", 1, [](Builder& b, ValueId x, ValueId y) { return b.ternary(Op::Fma, num(b, x, -1), x, y); }},
        {"fma x y -0", 1, [](Builder& b, ValueId x, ValueId y) { return b.ternary(Op::Fma, x, y, num(b, x, -0.0)); }},
        {"fma x y 0 stays", 2, [](Builder& b, ValueId x, ValueId y) { return b.ternary(Op::Fma, x, y, num(b, x, 0)); }},
        {"fma -x -y y", 1,
         [](Builder& b, ValueId x, ValueId y) {
             return b.ternary(Op::Fma, b.unary(Op::Neg, x), b.unary(Op::Neg, y), y);
         }},
        {"min x x", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Min, x, x); }},
        {"min x inf", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Min, x, num(b, x, kInf)); }},
        {"max x -inf", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Max, num(b, x, -kInf), x); }},
        {"max x inf stays", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Max, x, num(b, x, kInf)); }},
        {"floor floor", 1, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Floor, b.unary(Op::Floor, x)); }},
        {"round ceil", 1, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Round, b.unary(Op::Ceil, x)); }},
        {"shared halves", 2,
         [](Builder& b, ValueId x, ValueId y) {
             return b.binary(Op::Mul, b.binary(Op::Add, x, y), b.binary(Op::Add, y, x));
         }},
    };
    for (const Rule& r : rules) {
        check(r.name, Scalar::F64, Scalar::F64, r.nodes, r.body);
        check(r.name, Scalar::F32, Scalar::F32, r.nodes, r.body);
    }
}

TEST(Simplify, Integers) {
    const Rule rules[] = {
        {"x + 0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Add, x, num(b, x, 0)); }},
        {"x - 0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, x, num(b, x, 0)); }},
        {"x - x", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, x, x); }},
        {"0 - x", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Sub, num(b, x, 0), x); }},
        {"x + 1 + 2", 2,
         [](Builder& b, ValueId x, ValueId) {
             return b.binary(Op::Add, b.binary(Op::Add, x, num(b, x, 1)), num(b, x, 2));
         }},
        {"x - 5 + 5", 0,
         [](Builder& b, ValueId x, ValueId) {
             return b.binary(Op::Add, b.binary(Op::Sub, x, num(b, x, 5)), num(b, x, 5));
         }},
        {"x * 0", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, 0)); }},
        {"x * 1", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, 1)); }},
        {"x * -1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, -1)); }},
        {"x * 8", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, 8)); }},
        {"x * MIN32", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Mul, x, num(b, x, -0x1p31)); }},
        {"x * 3 * 5", 2,
         [](Builder& b, ValueId x, ValueId) {
             return b.binary(Op::Mul, b.binary(Op::Mul, x, num(b, x, 3)), num(b, x, 5));
         }},
        {"--x", 0, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Neg, b.unary(Op::Neg, x)); }},
        {"-(x - y)", 1, [](Builder& b, ValueId x, ValueId y) { return b.unary(Op::Neg, b.binary(Op::Sub, x, y)); }},
        {"abs -x", 1, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Abs, b.unary(Op::Neg, x)); }},
        {"x & x", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::And, x, x); }},
        {"x | x", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Or, x, x); }},
        {"x ^ x", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Xor, x, x); }},
        {"x & 0", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::And, x, num(b, x, 0)); }},
        {"x & -1", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::And, x, num(b, x, -1)); }},
        {"x | 0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Or, x, num(b, x, 0)); }},
        {"x | -1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Or, x, num(b, x, -1)); }},
        {"x ^ 0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Xor, x, num(b, x, 0)); }},
        {"x ^ -1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Xor, x, num(b, x, -1)); }},
        {"x & 12 & 10", 2,
         [](Builder& b, ValueId x, ValueId) {
             return b.binary(Op::And, b.binary(Op::And, x, num(b, x, 12)), num(b, x, 10));
         }},
        {"~~x", 0, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Not, b.unary(Op::Not, x)); }},
        {"x << 0", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Shl, x, num(b, x, 0)); }},
        {"x << 200", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Shl, x, num(b, x, 200)); }},
        {"x >> 200", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Shr, x, num(b, x, 200)); }},
        {"x >> -1", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Shr, x, num(b, x, -1)); }},
        {"x >>> 200", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Shru, x, num(b, x, 200)); }},
        {"0 << y", 1, [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Shl, num(b, x, 0), y); }},
        {"rotl x 64", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Rotl, x, num(b, x, 64)); }},
        {"bswap bswap", 0, [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Bswap, b.unary(Op::Bswap, x)); }},
        {"min x MAX64-ish stays", 2,
         [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Min, x, num(b, x, 77)); }},
        {"max x x", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Max, x, x); }},
        {"0 quot y", 1, [](Builder& b, ValueId x, ValueId y) { return b.binary(Op::Quot, num(b, x, 0), y); }},
        {"x quot 1", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Quot, x, num(b, x, 1)); }},
        {"x rem 1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Rem, x, num(b, x, 1)); }},
        {"x quot -1", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Quot, x, num(b, x, -1)); }},
        {"x quot 0", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Quot, x, num(b, x, 0)); }},
        {"x quot 3 stays", 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Quot, x, num(b, x, 3)); }},
    };
    for (const Rule& r : rules) {
        check(r.name, Scalar::I64, Scalar::I64, r.nodes, r.body);
        check(r.name, Scalar::I32, Scalar::I32, r.nodes, r.body);
    }
    check("min x MAX", Scalar::I32, Scalar::I32, 0,
          [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Min, x, num(b, x, INT32_MAX)); });
    check("min x MIN", Scalar::I32, Scalar::I32, 1,
          [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Min, x, num(b, x, INT32_MIN)); });
    check("max x MIN", Scalar::I64, Scalar::I64, 0,
          [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Max, x, num(b, x, -0x1p63)); });
}

TEST(Simplify, Comparisons) {
    const struct {
        const char* name;
        size_t int_nodes, float_nodes;
        Body body;
    } rules[] = {
        {"x == x", 1, 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Eq, x, x); }},
        {"x != x", 1, 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Ne, x, x); }},
        {"x < x", 1, 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Lt, x, x); }},
        {"x >= x", 1, 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Ge, x, x); }},
        {"3 < x", 2, 2, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Lt, num(b, x, 3), x); }},
        {"x < y and y > x", 1, 1,
         [](Builder& b, ValueId x, ValueId y) {
             return b.binary(Op::And, b.binary(Op::Lt, x, y), b.binary(Op::Gt, y, x));
         }},
        {"not x == y", 1, 1, [](Builder& b, ValueId x, ValueId y) { return b.unary(Op::Not, b.binary(Op::Eq, x, y)); }},
        {"not x < y", 1, 2, [](Builder& b, ValueId x, ValueId y) { return b.unary(Op::Not, b.binary(Op::Lt, x, y)); }},
        {"not x >= y", 1, 2, [](Builder& b, ValueId x, ValueId y) { return b.unary(Op::Not, b.binary(Op::Ge, x, y)); }},
        {"select true false", 1, 1,
         [](Builder& b, ValueId x, ValueId y) {
             const ValueId c = b.binary(Op::Lt, x, y);
             return b.select(c, b.splat(b.type_of(c), b.boolean(true)), b.splat(b.type_of(c), b.boolean(false)));
         }},
        {"select false true", 1, 2,
         [](Builder& b, ValueId x, ValueId y) {
             const ValueId c = b.binary(Op::Lt, x, y);
             return b.select(c, b.splat(b.type_of(c), b.boolean(false)), b.splat(b.type_of(c), b.boolean(true)));
         }},
        {"bool(int(c))", 1, 1,
         [](Builder& b, ValueId x, ValueId y) {
             const ValueId n = b.to(Op::FromBool, Scalar::I32, b.binary(Op::Lt, x, y));
             return b.binary(Op::Ne, n, num(b, n, 0));
         }},
        {"int(c) == 1", 1, 1,
         [](Builder& b, ValueId x, ValueId y) {
             const ValueId n = b.to(Op::FromBool, Scalar::F64, b.binary(Op::Lt, x, y));
             return b.binary(Op::Eq, n, num(b, n, 1));
         }},
        {"int(c) == 7", 1, 1,
         [](Builder& b, ValueId x, ValueId y) {
             const ValueId n = b.to(Op::FromBool, Scalar::I64, b.binary(Op::Lt, x, y));
             return b.binary(Op::Eq, n, num(b, n, 7));
         }},
        {"c == false", 1, 1,
         [](Builder& b, ValueId x, ValueId y) {
             const ValueId c = b.binary(Op::Eq, x, y);
             return b.binary(Op::Eq, c, num(b, c, 0));
         }},
    };
    for (const auto& r : rules) {
        for (const Scalar s : {Scalar::I32, Scalar::I64}) check(r.name, s, Scalar::Bool, r.int_nodes, r.body);
        for (const Scalar s : {Scalar::F32, Scalar::F64}) check(r.name, s, Scalar::Bool, r.float_nodes, r.body);
    }
}

TEST(Simplify, SelectsAndConversions) {
    check("equal arms", Scalar::F64, Scalar::F64, 0,
          [](Builder& b, ValueId x, ValueId y) { return b.select(b.binary(Op::Lt, x, y), x, x); });
    check("not turns the arms", Scalar::F64, Scalar::F64, 2,
          [](Builder& b, ValueId x, ValueId y) { return b.select(b.unary(Op::Not, b.binary(Op::Lt, x, y)), x, y); });
    check("constant condition", Scalar::F64, Scalar::F64, 0, [](Builder& b, ValueId x, ValueId y) {
        return b.select(b.splat(b.type_of(x).with(Scalar::Bool), b.boolean(false)), y, x);
    });
    check("c ? 1 : 0", Scalar::I32, Scalar::I32, 2, [](Builder& b, ValueId x, ValueId y) {
        return b.select(b.binary(Op::Lt, x, y), num(b, x, 1), num(b, x, 0));
    });
    check("f64 and back", Scalar::F32, Scalar::F32, 0, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::FloatToFloat, Scalar::F32, b.to(Op::FloatToFloat, Scalar::F64, x));
    });
    check("f32 and back stays", Scalar::F64, Scalar::F64, 2, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::FloatToFloat, Scalar::F64, b.to(Op::FloatToFloat, Scalar::F32, x));
    });
    check("i64 and back", Scalar::I32, Scalar::I32, 0,
          [](Builder& b, ValueId x, ValueId) { return b.to(Op::Wrap, Scalar::I32, b.to(Op::Widen, Scalar::I64, x)); });
    check("i32 and back stays", Scalar::I64, Scalar::I64, 2,
          [](Builder& b, ValueId x, ValueId) { return b.to(Op::Widen, Scalar::I64, b.to(Op::Wrap, Scalar::I32, x)); });
    check("i32 by f64", Scalar::I32, Scalar::I32, 0, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::TruncToInt, Scalar::I32, b.to(Op::IntToFloat, Scalar::F64, x));
    });
    check("i32 by f64 to i64", Scalar::I32, Scalar::I64, 1, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::TruncToInt, Scalar::I64, b.to(Op::IntToFloat, Scalar::F64, x));
    });
    check("i32 by f32 stays", Scalar::I32, Scalar::I32, 2, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::TruncToInt, Scalar::I32, b.to(Op::IntToFloat, Scalar::F32, x));
    });
    check("float of widened", Scalar::I32, Scalar::F32, 1, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::IntToFloat, Scalar::F32, b.to(Op::Widen, Scalar::I64, x));
    });
    check("floor of int", Scalar::I64, Scalar::F64, 1,
          [](Builder& b, ValueId x, ValueId) { return b.unary(Op::Floor, b.to(Op::IntToFloat, Scalar::F64, x)); });
    check("bits and back", Scalar::F64, Scalar::F64, 0, [](Builder& b, ValueId x, ValueId) {
        return b.to(Op::FromBits, Scalar::F64, b.to(Op::RawBits, Scalar::I64, x));
    });
}

TEST(Simplify, Bools) {
    const Rule rules[] = {
        {"x and true", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::And, x, num(b, x, 1)); }},
        {"x and false", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::And, x, num(b, x, 0)); }},
        {"x or true", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Or, x, num(b, x, 1)); }},
        {"x xor true", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Xor, x, num(b, x, 1)); }},
        {"x == true", 0, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Eq, x, num(b, x, 1)); }},
        {"x != true", 1, [](Builder& b, ValueId x, ValueId) { return b.binary(Op::Ne, num(b, x, 1), x); }},
        {"x ? y : false", 1, [](Builder& b, ValueId x, ValueId y) { return b.select(x, y, num(b, x, 0)); }},
        {"x ? true : y", 1, [](Builder& b, ValueId x, ValueId y) { return b.select(x, num(b, x, 1), y); }},
    };
    for (const Rule& r : rules) check(r.name, Scalar::Bool, Scalar::Bool, r.nodes, r.body);
}

}  // namespace
}  // namespace exprjit::opt_test
