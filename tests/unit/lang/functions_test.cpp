// SPDX-License-Identifier: MIT OR Apache-2.0
#include <set>
#include <sstream>

#include "run_text.h"

namespace exprjit::testing {
namespace {

// The list of the issue, written once more by hand: a name that falls out of the table is noticed.
constexpr const char* kPromised =
    "abs sign floor ceil trunc round round_away rint frac sqrt rsqrt cbrt hypot root exp exp2 exp10 expm1 log log2 "
    "log10 "
    "log1p logn pow sin cos tan cot sec csc sinc asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc gamma "
    "lgamma "
    "min max fmin fmax clamp avg fmod rem copysign nextafter fma isnan isinf isfinite signbit where if select sigmoid "
    "relu "
    "softplus gelu silu deg2rad rad2deg popcount clz ctz rotl rotr bswap inrange arcsin arccos arctan arctan2 arcsinh "
    "arccosh "
    "arctanh ln sgn clip power fabs absolute fix maximum minimum tgamma loggamma degrees radians logistic expit popcnt "
    "bitcount f32 f64 i32 i64 bool float32 float64 int32 int64 float int square";

std::vector<std::string> words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> all;
    for (std::string w; in >> w;) all.push_back(w);
    return all;
}

std::string call(const std::string& name, int args) {
    std::string text = name + "(";
    for (int i = 0; i < args; ++i) text += i == 0 ? "i" : ", i";
    return text + ")";
}

const TextParam kInteger[] = {{"i", Storage::I64}};

TEST(Functions, EveryPromisedNameExists) {
    std::set<std::string> known;
    for (const FunctionDoc& doc : function_docs()) {
        known.insert(doc.name);
        for (const std::string& alias : words(doc.aliases)) known.insert(alias);
    }
    for (const std::string& name : words(kPromised)) EXPECT_TRUE(known.count(name)) << name;
    for (const char* name : {"pi", "e", "tau", "inf", "nan", "eps"}) EXPECT_TRUE(known.count(name)) << name;
}

TEST(Functions, EveryNameTakesItsNumberOfArgumentsAndNoOther) {
    TextOptions options;
    options.params = kInteger;
    for (const FunctionDoc& doc : function_docs()) {
        if (doc.is_constant) continue;
        std::vector<std::string> names = words(doc.aliases);
        names.push_back(doc.name);
        for (const std::string& name : names) {
            const int most = doc.max_args < 0 ? doc.min_args + 3 : doc.max_args;
            for (int n = doc.min_args; n <= most; ++n) {
                Program program;
                auto compiled = compile_text(call(name, n), options, Limits(), program);
                ASSERT_TRUE(compiled.ok()) << call(name, n) << explain(compiled.error());
                EXPECT_TRUE(verify(program, Limits()).ok()) << call(name, n);
            }
            if (doc.min_args > 0) {
                const std::string few = call(name, doc.min_args - 1);
                EXPECT_EQ(first_error(few, options).code, 1106) << few;
            }
            if (doc.max_args < 0) continue;
            const std::string many = call(name, doc.max_args + 1);
            const Diagnostic d = first_error(many, options);
            EXPECT_EQ(d.code, 1106) << many;
            EXPECT_EQ(d.span, (Span{0, static_cast<uint32_t>(many.size())}));
            EXPECT_NE(d.message.find(doc.parameters), std::string::npos) << d.message;
        }
    }
}

TEST(Functions, AliasesMeanTheSame) {
    TextOptions options;
    options.params = kInteger;
    for (const FunctionDoc& doc : function_docs()) {
        for (const std::string& alias : words(doc.aliases)) {
            if (doc.is_constant) {
                EXPECT_EQ(ir_of(alias), ir_of(doc.name)) << alias;
            } else {
                EXPECT_EQ(ir_of(call(alias, doc.min_args), options), ir_of(call(doc.name, doc.min_args), options))
                    << alias;
            }
        }
    }
}

TEST(Functions, AreDocumented) {
    std::set<std::string> names;
    for (const FunctionDoc& doc : function_docs()) {
        EXPECT_TRUE(names.insert(doc.name).second) << doc.name;
        EXPECT_GT(std::string(doc.summary).size(), 3u) << doc.name;
        EXPECT_EQ(doc.summary[std::string(doc.summary).size() - 1], '.') << doc.name;
        EXPECT_NE(std::string(doc.category), "") << doc.name;
        EXPECT_EQ(doc.is_constant, std::string(doc.parameters).empty()) << doc.name;
    }
}

TEST(Functions, Values) {
    const Inputs s{{{"x", value(2.5)}, {"y", value(-1.0)}, {"n", value(std::nan(""))}, {"i", value(int32_t{-7})}}};
    EXPECT_EQ(run("abs(y) + abs(i)", s), value(8.0));
    EXPECT_EQ(run("abs(i)", s), value(int32_t{7}));
    EXPECT_EQ(run("sign(y)", s), value(-1.0));
    EXPECT_EQ(run("sign(i)", s), value(int32_t{-1}));
    EXPECT_EQ(run("round(x)", s), value(2.0));
    EXPECT_EQ(run("round_away(x)", s), value(3.0));
    EXPECT_EQ(run("floor(i) + ceil(i) + trunc(i) + round(i)", s), value(int32_t{-28}));
    EXPECT_EQ(run("frac(x)", s), value(0.5));
    EXPECT_EQ(run("min(x, y, 7)", s), value(-1.0));
    EXPECT_EQ(run("max(x, n)", s), value(std::nan("")));
    EXPECT_EQ(run("fmax(x, n, 1)", s), value(2.5));
    EXPECT_EQ(run("fmin(i, 3, -9)", s), value(int32_t{-9}));
    EXPECT_EQ(run("clamp(x, 0, 1)", s), value(1.0));
    EXPECT_EQ(run("avg(x, y, 3)", s), value(1.5));
    EXPECT_EQ(run("avg(i, 4)", s), value(-1.5));
    EXPECT_EQ(run("rem(i, 3)", s), value(int32_t{-1}));
    EXPECT_EQ(run("i % 3", s), value(int32_t{2}));
    EXPECT_EQ(run("fmod(-x, 2)", s), value(-0.5));
    EXPECT_EQ(run("fma(x, 2, y)", s), value(4.0));
    EXPECT_EQ(run("copysign(x, y)", s), value(-2.5));
    EXPECT_EQ(run("square(x)", s), value(6.25));
    EXPECT_EQ(run("square(7)", s), value(int64_t{49}));
    EXPECT_EQ(run("sqrt(square(x))", s), value(2.5));
    EXPECT_EQ(run("√9", s), value(3.0));
    EXPECT_EQ(run("√f32(9)", s), value(3.0f));
    EXPECT_EQ(run("√i32(9)", s), value(3.0));
    EXPECT_EQ(run("pow(x, 2)", s), value(6.25));
    EXPECT_EQ(run("pow(2, 10)", s), value(int64_t{1024}));
    EXPECT_EQ(run("log(exp(1)) + log(8, 2)", s), value(4.0));
    EXPECT_EQ(run("ln(1) + log2(8) + log10(1000)", s), value(6.0));
    EXPECT_EQ(run("atan2(0, y)", s), run("pi"));
    EXPECT_EQ(run("hypot(3, 4)", s), value(5.0));
    EXPECT_EQ(run("root(-27, 3)", s), value(-3.0));
    EXPECT_EQ(run("isnan(n)", s), value(true));
    EXPECT_EQ(run("isnan(i) or isinf(i) or not isfinite(i)", s), value(false));
    EXPECT_EQ(run("signbit(i)", s), value(true));
    EXPECT_EQ(run("signbit(-0.0)", s), value(true));
    EXPECT_EQ(run("signbit(true)", s), value(false));
    EXPECT_EQ(run("inrange(x, 1, 3)", s), value(true));
    EXPECT_EQ(run("where(x > 2, x, y)", s), value(2.5));
    EXPECT_EQ(run("select(x < 2, 1, 2)", s), value(int64_t{2}));
    EXPECT_EQ(run("popcount(255) + clz(i64(1)) + ctz(8)", s), value(int64_t{8 + 63 + 3}));
    EXPECT_EQ(run("popcount(i)", s), value(int32_t{30}));
    EXPECT_EQ(run("clz(i32(1))", s), value(int32_t{31}));
    EXPECT_EQ(run("rotl(i32(1), 33)", s), value(int32_t{2}));
    EXPECT_EQ(run("bswap(i32(1))", s), value(int32_t{1 << 24}));
    EXPECT_EQ(run("relu(i)", s), value(int32_t{0}));
    EXPECT_EQ(run("relu(x)", s), value(2.5));
}

TEST(Functions, Casts) {
    const Inputs s{
        {{"x", value(-2.75)}, {"n", value(std::nan(""))}, {"l", value(int64_t{1} << 40)}, {"q", value(true)}}};
    EXPECT_EQ(run("i32(x)", s), value(int32_t{-2}));
    EXPECT_EQ(run("i64(x)", s), value(int64_t{-2}));
    EXPECT_EQ(run("i32(n)", s), value(int32_t{0}));
    EXPECT_EQ(run("i32(1e10)", s), value(INT32_MAX));
    EXPECT_EQ(run("i64(-1e300)", s), value(INT64_MIN));
    EXPECT_EQ(run("i32(2.9)", s), value(int32_t{2}));
    EXPECT_EQ(run("f32(l)", s), value(1099511627776.0f));
    EXPECT_EQ(run("f32(x)", s), value(-2.75f));
    EXPECT_EQ(run("i32(q) + 1", s), value(int32_t{2}));
    EXPECT_EQ(run("bool(x)", s), value(true));
    EXPECT_EQ(run("bool(0.0)", s), value(false));
    EXPECT_EQ(run("bool(n)", s), value(true));
    EXPECT_EQ(run("int(3)", s), value(int64_t{3}));
    EXPECT_EQ(run("float(3)", s), value(3.0));
    EXPECT_EQ(run("f64(f32(0.1))", s), value(static_cast<double>(0.1f)));
    // A literal as f32 is rounded once more from f64; as f64 arithmetic it is not rounded early.
    EXPECT_EQ(run("f32(x) * (1/3)", s), value(-2.75f * static_cast<float>(1.0 / 3.0)));
}

}  // namespace
}  // namespace exprjit::testing
