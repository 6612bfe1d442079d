// SPDX-License-Identifier: MIT OR Apache-2.0
#include "run_text.h"

namespace exprjit::testing {
namespace {

// Each text means the same as the second, which has every bracket written out. Compared as IR, so that the structure
// and not just one value is judged.
struct Same {
    const char* text;
    const char* bracketed;
};

constexpr Same kSame[] = {
    // Power is right-associative and binds tighter than a sign on its left, looser than one on its right.
    {"-x^2", "-(x^2)"},
    {"x^-y", "x^(-y)"},
    {"x^y^z", "x^(y^z)"},
    {"x**y**z", "x**(y**z)"},
    {"x^-y^z", "x^(-(y^z))"},
    {"2^-x*y", "(2^(-x))*y"},
    {"-x*y", "(-x)*y"},
    {"√x^2", "√(x^2)"},
    {"√x*y", "(√x)*y"},
    {"- -x", "-(-x)"},
    {"x--y", "x-(-y)"},
    // Products, sums: left to right.
    {"x-y-z", "(x-y)-z"},
    {"x/y/z", "(x/y)/z"},
    {"x/y*z", "(x/y)*z"},
    {"x%y//z", "(x%y)//z"},
    {"x+y*z", "x+(y*z)"},
    {"x*y+z", "(x*y)+z"},
    {"x+y-z*x/y", "(x+y)-((z*x)/y)"},
    // Comparisons bind looser than arithmetic; not looser still; and before or.
    {"x+y<z*x", "(x+y)<(z*x)"},
    {"not x<y", "not (x<y)"},
    {"!x<y", "(!x)<y"},
    {"not x and y", "(not x) and y"},
    {"x and y or z", "(x and y) or z"},
    {"x or y and z", "x or (y and z)"},
    {"x && y || z", "(x and y) or z"},
    {"x<y and y<z", "(x<y) and (y<z)"},
    {"not not x", "not (not x)"},
    // Conditionals bind loosest and group to the right.
    {"x ? y : z ? x : y", "x ? y : (z ? x : y)"},
    {"x ? y ? z : x : y", "x ? (y ? z : x) : y"},
    {"x or y ? z : x", "(x or y) ? z : x"},
    {"x if y else z if x else y", "x if y else (z if x else y)"},
    {"x+1 if y or z else x*2", "(x+1) if (y or z) else (x*2)"},
    {"x if y else z", "y ? x : z"},
    {"x if y if z else x else z", "x if (y if z else x) else z"},
    {"if(x, y, z)", "x ? y : z"},
    // The body of let reaches as far as it can.
    {"let t = x*y in t+z", "(x*y)+z"},
    {"1 + let t = x*y in t+z", "1 + ((x*y)+z)"},
    {"(let t = x*y in t)+z", "(x*y)+z"},
    {"let t = x, u = t*y in u+t", "x*y+x"},
    {"x ? let t = y in t*t : z", "x ? y*y : z"},
    {"let t = let u = x+y in u*u in t*t", "((x+y)*(x+y))*((x+y)*(x+y))"},
    // Other spellings.
    {"x×y÷z−x", "(x*y)/z-x"},
    {"x≤y", "x<=y"},
    {"x≥y", "x>=y"},
    {"x≠y", "x!=y"},
    {"+x", "x"},
};

TEST(Precedence, GroupsAsDocumented) {
    const TextParam params[] = {{"x", Storage::F64}, {"y", Storage::F64}, {"z", Storage::F64}};
    TextOptions options;
    options.params = params;
    options.declared = true;
    for (const Same& s : kSame)
        EXPECT_EQ(ir_of(s.text, options), ir_of(s.bracketed, options)) << s.text << "   as   " << s.bracketed;
}

constexpr Same kSameIntegers[] = {
    {"i & j == k", "(i & j) == k"},  // as in Python, not as in C
    {"i | j & k", "i | (j & k)"},     {"i | j xor k", "i | (j xor k)"}, {"i xor j & k", "i xor (j & k)"},
    {"i & j << k", "i & (j << k)"},   {"i << j + k", "i << (j + k)"},   {"i << j >> k", "(i << j) >> k"},
    {"~i & j", "(~i) & j"},           {"~i ** 2", "~(i ** 2)"},         {"i + j & k", "(i + j) & k"},
    {"i & j and k", "(i & j) and k"},
};

TEST(Precedence, OfBitOperators) {
    const TextParam params[] = {{"i", Storage::I64}, {"j", Storage::I64}, {"k", Storage::I64}};
    TextOptions options;
    options.params = params;
    for (const Same& s : kSameIntegers)
        EXPECT_EQ(ir_of(s.text, options), ir_of(s.bracketed, options)) << s.text << "   as   " << s.bracketed;
}

TEST(Precedence, CaretTakesThePlaceOfWhatItMeans) {
    const TextParam params[] = {{"i", Storage::I64}, {"j", Storage::I64}, {"k", Storage::I64}};
    TextOptions options;
    options.params = params;
    EXPECT_EQ(ir_of("i + j ^ 2", options), ir_of("i + (j ** 2)", options));
    options.caret = Caret::Xor;
    EXPECT_EQ(ir_of("i + j ^ 2", options), ir_of("(i + j) xor 2", options));
    EXPECT_EQ(ir_of("i ^ j ^ k", options), ir_of("(i xor j) xor k", options));
    EXPECT_EQ(ir_of("i ^ j | k", options), ir_of("(i xor j) | k", options));
    EXPECT_EQ(ir_of("i ^ j == k", options), ir_of("(i xor j) == k", options));
    options.caret = Caret::Strict;
    EXPECT_EQ(ir_of("x ^ y * 2", options), ir_of("(x ** y) * 2", options));
    EXPECT_EQ(errors_of("i ^ j", options), "EJ1201 2:3");
    EXPECT_EQ(errors_of("2 ^ 3", options), "EJ1201 2:3");
    EXPECT_EQ(errors_of("true ^ i", options), "EJ1201 5:6");
}

TEST(Precedence, Values) {
    EXPECT_EQ(run("-2^2"), value(int64_t{-4}));
    EXPECT_EQ(run("2^3^2"), value(int64_t{512}));
    EXPECT_EQ(run("2^-1"), value(0.5));
    EXPECT_EQ(run("1 + 2 * 3 - 4 / 2"), value(5.0));
    EXPECT_EQ(run("7 // 2 * 2"), value(int64_t{6}));
    EXPECT_EQ(run("1 < 2 < 3"), value(true));
    EXPECT_EQ(run("3 > 2 > 2"), value(false));
    EXPECT_EQ(run("1 | 6 & 3 == 3"), value(true));
}

TEST(Precedence, ChainsCompareNeighbours) {
    for (int a = 0; a < 4; ++a)
        for (int b = 0; b < 4; ++b)
            for (int c = 0; c < 4; ++c)
                for (int d = 0; d < 4; ++d) {
                    const Inputs s{{{"a", value(a)}, {"b", value(b)}, {"c", value(c)}, {"d", value(d)}}};
                    EXPECT_EQ(run("a < b <= c != d", s), value(a < b && b <= c && c != d));
                    EXPECT_EQ(run("a < 2 >= c", s), value(a < 2 && 2 >= c));
                    EXPECT_EQ(run("not a < b < c", s), value(!(a < b && b < c)));
                    EXPECT_EQ(run("(a < b) < c", s), value((a < b ? 1 : 0) < c));
                }
}

}  // namespace
}  // namespace exprjit::testing
