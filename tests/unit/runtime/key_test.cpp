// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/key.h"

#include <gtest/gtest.h>

#include <string>

#include "ir/builder.h"
#include "ir/text.h"
#include "ir/verify.h"

namespace exprjit {
namespace {

std::string bytes_of(const Bytes& b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

std::string front_key(const CompileRequest& r) {
    Bytes out;
    write_front_key(r, out);
    return bytes_of(out);
}

TEST(RuntimeKey, FrontKeyReadsBack) {
    const TextParam params[] = {{"wind speed", Storage::F32}, {"", Storage::U8}, {"b", Storage::I64}};
    CompileRequest r;
    r.text = std::string_view("a\0b", 3);
    r.source_name = "file.txt";
    r.params = params;
    r.declared = true;
    r.result_type = Scalar::F32;
    r.div_mode = DivMode::Zero;
    r.caret = Caret::Xor;
    r.tier = TierChoice::Baseline;
    r.isa = Isa::V2;
    r.flags = 3;
    const std::string key = front_key(r);
    std::vector<TextParam> read;
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(key.data()), key.size());
    const CompileRequest back = read_front_key(bytes, read);
    EXPECT_EQ(back.text, r.text);
    EXPECT_EQ(text_of_front_key(bytes), r.text);
    EXPECT_EQ(back.text.data()[back.text.size()], '\0');
    EXPECT_EQ(back.source_name, r.source_name);
    ASSERT_EQ(back.params.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(back.params[i].name, params[i].name);
        EXPECT_EQ(back.params[i].type, params[i].type);
    }
    EXPECT_EQ(back.declared, r.declared);
    EXPECT_EQ(back.result_type, r.result_type);
    EXPECT_EQ(back.div_mode, r.div_mode);
    EXPECT_EQ(back.caret, r.caret);
    EXPECT_EQ(back.tier, r.tier);
    EXPECT_EQ(back.isa, r.isa);
    EXPECT_EQ(back.flags, r.flags);
}

TEST(RuntimeKey, EveryPartOfARequestIsInTheFrontKey) {
    const TextParam x[] = {{"x", Storage::F64}}, y[] = {{"y", Storage::F64}}, narrow[] = {{"x", Storage::F32}};
    CompileRequest base;
    base.text = "x";
    base.params = x;
    const std::string key = front_key(base);
    const auto differs = [&](auto&& change) {
        CompileRequest r = base;
        change(r);
        return front_key(r) != key;
    };
    EXPECT_TRUE(differs([](auto& r) { r.text = "x "; }));
    EXPECT_TRUE(differs([&](auto& r) { r.params = y; }));
    EXPECT_TRUE(differs([&](auto& r) { r.params = narrow; }));
    EXPECT_TRUE(differs([](auto& r) { r.params = {}; }));
    EXPECT_TRUE(differs([](auto& r) { r.declared = true; }));
    EXPECT_TRUE(differs([](auto& r) { r.result_type = Scalar::Bool; }));
    EXPECT_TRUE(differs([](auto& r) { r.div_mode = DivMode::Zero; }));
    EXPECT_TRUE(differs([](auto& r) { r.caret = Caret::Xor; }));
    EXPECT_TRUE(differs([](auto& r) { r.tier = TierChoice::Interpreter; }));
    EXPECT_TRUE(differs([](auto& r) { r.isa = Isa::V2; }));
    EXPECT_TRUE(differs([](auto& r) { r.flags = 1; }));
    EXPECT_TRUE(differs([](auto& r) { r.kind = SourceKind::Ir; }));
    EXPECT_TRUE(differs([](auto& r) { r.source_name = "other"; }));
}

Program parse(const char* ir) {
    auto p = parse_ir(ir, Limits{});
    EXPECT_TRUE(p.ok()) << (p.ok() ? "" : p.error().diagnostics.front().message);
    if (!p) return {};
    EXPECT_TRUE(verify(*p, Limits{}).ok());
    return std::move(*p);
}

std::string canonical(const Program& p, CodeTraits traits = {}) {
    Bytes out;
    write_canonical_key(p, traits, out);
    return bytes_of(out);
}

constexpr const char* kBase = R"(func @f(%a: f64, %b: f64) -> (f64) {
  %2 = const f64 1.5
  %3 = mul f64 %a, %b
  %4 = sub f64 %3, %2
  return %4
})";

TEST(RuntimeKey, CanonicalKeyForgetsNamesAndNothingElse) {
    const std::string key = canonical(parse(kBase));
    const auto with = [&](std::string from, std::string to) {
        std::string text = kBase;
        for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
        EXPECT_NE(text, kBase);
        return canonical(parse(text.c_str()));
    };
    EXPECT_EQ(with("%a", "%speed"), key);
    EXPECT_EQ(with("@f", "@g"), key);
    EXPECT_NE(with("sub f64 %3, %2", "sub f64 %2, %3"), key);
    EXPECT_NE(with("mul f64 %a, %b", "mul f64 %b, %a"), key);
    EXPECT_NE(with("1.5", "1.25"), key);
    EXPECT_NE(with("f64", "f32"), key);
    EXPECT_NE(with("sub f64", "add f64"), key);
    EXPECT_NE(with("%b: f64", "%b: f64, %c: f64"), key);
}

TEST(RuntimeKey, CanonicalKeyTellsConstantsApartByBits) {
    EXPECT_NE(canonical(parse("func @f() -> (f64) {\n  %0 = const f64 0.0\n  return %0\n}")),
              canonical(parse("func @f() -> (f64) {\n  %0 = const f64 -0.0\n  return %0\n}")));
}

TEST(RuntimeKey, CanonicalKeyHoldsWhatTheCodeDependsOn) {
    const Program p = parse(kBase);
    const CodeTraits base{Tier::Optimised, Isa::V3, 0};
    const std::string key = canonical(p, base);
    EXPECT_NE(canonical(p, {Tier::Baseline, Isa::V3, 0}), key);
    EXPECT_NE(canonical(p, {Tier::Optimised, Isa::V2, 0}), key);
    EXPECT_NE(canonical(p, {Tier::Optimised, Isa::V3, 1}), key);
    EXPECT_EQ(canonical(p, base), key);
}

TEST(RuntimeKey, ChecksAreNumberedAndTheirPlacesKept) {
    Function f;
    Builder b(f);
    const ValueId a = b.param(kBool, "a");
    b.check(a, CheckCode::DivideByZero, 17);
    b.at({30, 32});
    b.check(a, CheckCode::Domain, 99);
    b.at(kNoSpan);
    f.results = {};
    b.ret(std::span<const ValueId>{});
    Program p;
    p.functions.push_back(f);
    std::vector<Span> places;
    number_checks(p, SourceKind::Text, places);
    ASSERT_EQ(places.size(), 2u);
    EXPECT_EQ(places[0], (Span{17, 17}));
    EXPECT_EQ(places[1], (Span{30, 32}));
    EXPECT_EQ(p.entry()[1].imm, check_imm(CheckCode::DivideByZero, 0));
    EXPECT_EQ(p.entry()[2].imm, check_imm(CheckCode::Domain, 1));
}

}  // namespace
}  // namespace exprjit
