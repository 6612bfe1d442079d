// SPDX-License-Identifier: MIT OR Apache-2.0
#include <charconv>
#include <random>

#include "run_text.h"

namespace exprjit::testing {
namespace {

TEST(Numbers, AreReadAsWritten) {
    EXPECT_EQ(run("0"), value(int64_t{0}));
    EXPECT_EQ(run("007"), value(int64_t{7}));
    EXPECT_EQ(run("1_000_000"), value(int64_t{1000000}));
    EXPECT_EQ(run("0xff"), value(int64_t{255}));
    EXPECT_EQ(run("0XFF_FF"), value(int64_t{65535}));
    EXPECT_EQ(run("0b1011"), value(int64_t{11}));
    EXPECT_EQ(run("0o17"), value(int64_t{15}));
    EXPECT_EQ(run("9223372036854775807"), value(INT64_MAX));
    EXPECT_EQ(run("-9223372036854775808"), value(INT64_MIN));
    EXPECT_EQ(run("-0x8000000000000000"), value(INT64_MIN));
    EXPECT_EQ(run("1.5"), value(1.5));
    EXPECT_EQ(run("1."), value(1.0));
    EXPECT_EQ(run(".5"), value(0.5));
    EXPECT_EQ(run("1e3"), value(1000.0));
    EXPECT_EQ(run("1E+3"), value(1000.0));
    EXPECT_EQ(run("1_0.2_5e1_0"), value(10.25e10));
    EXPECT_EQ(run("-0.0"), value(-0.0));
    EXPECT_EQ(run("0x1.8p3"), value(12.0));
    EXPECT_EQ(run("0x1p-1074"), value(0x1p-1074));
    EXPECT_EQ(run("0x.8p+1"), value(1.0));
    EXPECT_EQ(run("0x1.8"), value(1.5));
    EXPECT_EQ(run("1e-400"), value(0.0));
    EXPECT_EQ(run("5e-324"), value(5e-324));
    EXPECT_EQ(run("0.1"), value(0.1));
    EXPECT_EQ(run("1.7976931348623157e308"), value(1.7976931348623157e308));
    EXPECT_EQ(run("9007199254740993.0"), value(9007199254740992.0));  // half way, to even
    EXPECT_EQ(run("0." + std::string(400, '0') + "1e401"), value(1.0));
    EXPECT_EQ(run(std::string(300, '1') + ".0"), run("1.1111111111111111e299"));
    EXPECT_EQ(run("f32(0.1)"), value(0.1f));
}

// Shortest form and 17 digits of random doubles come back to the same bits.
TEST(Numbers, RoundTrip) {
    std::mt19937_64 random(20261120);
    for (int i = 0; i < 20000; ++i) {
        const double d = std::fabs(std::bit_cast<double>(random()));
        if (!std::isfinite(d)) continue;
        char text[64];
        auto end = std::to_chars(text, text + sizeof text, d, std::chars_format::scientific).ptr;
        EXPECT_EQ(run(std::string_view(text, static_cast<size_t>(end - text))), value(d)) << text;
        end = std::to_chars(text, text + sizeof text, d, std::chars_format::scientific, 16).ptr;
        EXPECT_EQ(run(std::string_view(text, static_cast<size_t>(end - text))), value(d)) << text;
    }
    for (int i = 0; i < 5000; ++i) {  // decimals as people write them
        const std::string text = std::to_string(random() % 100000) + "." + std::to_string(random() % 100000);
        EXPECT_EQ(run(text), value(std::strtod(text.c_str(), nullptr))) << text;
    }
}

TEST(Numbers, ArithmeticOfIntegerLiteralsIsExactOrAnError) {
    EXPECT_EQ(run("2**62 + (2**62 - 1)"), value(INT64_MAX));
    EXPECT_EQ(run("-2**63"), value(INT64_MIN));
    EXPECT_EQ(run("-8**21"), value(INT64_MIN));
    EXPECT_EQ(errors_of("2**63"), "EJ1300 0:5");
    EXPECT_EQ(errors_of("-4**32"), "EJ1300 1:6");
    EXPECT_EQ(errors_of("10**20"), "EJ1300 0:6");
    EXPECT_EQ(first_error("10**20").hint, "for a float write 1e20");
    EXPECT_EQ(errors_of("9223372036854775807 + 1"), "EJ1300 0:23");
    EXPECT_EQ(errors_of("9223372036854775808"), "EJ1300 0:19");
    EXPECT_EQ(errors_of("9223372036854775808 + x"), "EJ1300 0:19");
    EXPECT_EQ(errors_of("-9223372036854775808 - 1"), "EJ1300 0:24");
    EXPECT_EQ(errors_of("- -9223372036854775808"), "EJ1300 0:22");
    EXPECT_EQ(errors_of("99999999999999999999"), "EJ1300 0:20");
    EXPECT_EQ(errors_of("0xffffffffffffffff"), "EJ1300 0:18");
    EXPECT_EQ(errors_of("4611686018427387904 * 2"), "EJ1300 0:23");
    EXPECT_EQ(errors_of("1 << 63"), "EJ1300 0:7");
    EXPECT_EQ(errors_of("-9223372036854775808 // -1"), "EJ1300 0:26");
    EXPECT_EQ(errors_of("1 << -1"), "EJ1304 5:7");
    EXPECT_EQ(run("1 << 62"), value(int64_t{1} << 62));
    EXPECT_EQ(run("-1 << 63"), value(INT64_MIN));
    EXPECT_EQ(run("-7 >> 100"), value(int64_t{-1}));
    EXPECT_EQ(run("0 ** 0"), value(int64_t{1}));
    EXPECT_EQ(run("(-1) ** 1000000000001"), value(int64_t{-1}));
    EXPECT_EQ(run("(-2) ** 63"), value(INT64_MIN));
    EXPECT_EQ(run("~5 & 0xf | 3 xor 1"), value(int64_t{(~5 & 0xf) | (3 ^ 1)}));
    EXPECT_EQ(run("1/0"), value(std::numeric_limits<double>::infinity()));
}

TEST(Numbers, FloorDivisionOfLiteralsIsPythons) {
    for (int a = -7; a <= 7; ++a)
        for (int b = -3; b <= 3; ++b) {
            const std::string x = "(" + std::to_string(a) + ")", y = "(" + std::to_string(b) + ")";
            if (b == 0) {
                EXPECT_EQ(first_error(x + "//" + y).code, 1301);
                EXPECT_EQ(first_error(x + "%" + y).code, 1301);
                continue;
            }
            const auto q = static_cast<int64_t>(std::floor(static_cast<double>(a) / b));
            EXPECT_EQ(run(x + "//" + y), value(q)) << a << " " << b;
            EXPECT_EQ(run(x + "%" + y), value(a - q * b)) << a << " " << b;
        }
}

TEST(Numbers, ThatDoNotFitAnI32) {
    const TextParam params[] = {{"i", Storage::I32}, {"f", Storage::F32}};
    TextOptions options;
    options.params = params;
    EXPECT_EQ(errors_of("i + 3000000000", options), "EJ1303 4:14");
    EXPECT_EQ(errors_of("2147483648 - i", options), "EJ1303 0:10");
    EXPECT_EQ(errors_of("i32(3000000000)", options), "EJ1303 4:14");
    EXPECT_EQ(errors_of("i & 0xffffffff", options), "EJ1303 4:14");
    EXPECT_EQ(errors_of("i + -2147483648 + f * 3000000000", options), "it compiles");
    // Comparing is exact, so there is nothing to refuse.
    EXPECT_EQ(run("i < 3000000000", {{{"i", value(INT32_MAX)}}}), value(true));
    EXPECT_EQ(run("-3000000000 < i < 5", {{{"i", value(int32_t{4})}}}), value(true));
    EXPECT_EQ(run("i < (i > 0 ? 3000000000 : 1)", {{{"i", value(INT32_MAX)}}}), value(true));
    EXPECT_EQ(run("1 < (i > 0 ? 3000000000 : 1) > i", {{{"i", value(INT32_MAX)}}}), value(true));
    EXPECT_EQ(run("inrange(i, -3000000000, 3000000000)", {{{"i", value(INT32_MAX)}}}), value(true));
    EXPECT_EQ(run("i + (i > 0 ? 3000000000 : 1)", {{{"i", value(int32_t{4})}}}), value(int64_t{3000000004}));
    EXPECT_EQ(run("(i > 0) * (i > 1 ? 3000000000 : 1)", {{{"i", value(int32_t{4})}}}), value(int64_t{3000000000}));
    EXPECT_EQ(run("i + (i > 0 ? 3 : 1)", {{{"i", value(int32_t{4})}}}), value(int32_t{7}));
}

TEST(Numbers, Malformed) {
    EXPECT_EQ(errors_of("1__0"), "EJ1003 0:4");
    EXPECT_EQ(errors_of("1_"), "EJ1003 0:2");
    EXPECT_EQ(errors_of("1_.5"), "EJ1003 0:4");
    EXPECT_EQ(errors_of("x + 0x"), "EJ1003 4:6");
    EXPECT_EQ(errors_of("0b102"), "EJ1003 0:5");
    EXPECT_EQ(errors_of("0o8"), "EJ1003 0:3");
    EXPECT_EQ(errors_of("0xfg"), "EJ1003 0:4");
    EXPECT_EQ(errors_of("1e"), "EJ1003 0:2");
    EXPECT_EQ(errors_of("1e+"), "EJ1003 0:3");
    EXPECT_EQ(errors_of("1.2.3"), "EJ1003 0:5");
    EXPECT_EQ(errors_of("1e999"), "EJ1302 0:5");
    EXPECT_EQ(errors_of("0x1p99999"), "EJ1302 0:9");
    EXPECT_EQ(errors_of("2x"), "EJ1011 1:2");
}

TEST(Numbers, ConstantsAndTheirNames) {
    EXPECT_EQ(run("pi"), value(3.14159265358979323846));
    EXPECT_EQ(run("π"), run("pi"));
    EXPECT_EQ(run("tau"), value(6.28318530717958647692));
    EXPECT_EQ(run("e"), value(2.71828182845904523536));
    EXPECT_EQ(run("-inf"), value(-std::numeric_limits<double>::infinity()));
    EXPECT_EQ(run("∞"), run("inf"));
    EXPECT_EQ(run("nan"), value(std::nan("")));
    EXPECT_EQ(run("eps"), value(0x1p-52));
    EXPECT_EQ(run("true"), value(true));
    EXPECT_EQ(run("false or True"), value(true));
    // A declared variable hides a constant; so does a name of the text.
    EXPECT_EQ(run("e + 1", {{{"e", value(2.0)}}}), value(3.0));
    EXPECT_EQ(run("π + 1", {{{"π", value(2.0)}}}), value(3.0));
    EXPECT_EQ(run("e = 3; e + 1"), value(int64_t{4}));
}

}  // namespace
}  // namespace exprjit::testing
