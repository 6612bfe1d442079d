// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Which programs have a plain entry: those that surely end by themselves. An early return in a called function becomes a
// loop that is left by breaks and never runs again; it needs no stop word and so no context.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "runtime/engine.h"
#include "runtime/kernel.h"

namespace exprjit {
namespace {

struct KernelRelease {
    void operator()(Kernel* k) const { k->release(); }
};

class EntryForms : public ::testing::TestWithParam<TierChoice> {
  protected:
    ~EntryForms() override { engine_->close(); }

    std::unique_ptr<Kernel, KernelRelease> compile(std::string_view ir) {
        CompileRequest r;
        r.kind = SourceKind::Ir;
        r.text = ir;
        r.tier = GetParam();
        auto made = engine_->compile(r);
        EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().diagnostics.front().message);
        return std::unique_ptr<Kernel, KernelRelease>(made.ok() ? *made : nullptr);
    }

    static const void* plain_entry(const Kernel& k) {
        EXPECT_EQ(k.code().made.needs_context, k.code().made.executable.plain_entry() == nullptr);
        return k.code().made.executable.plain_entry();
    }

  private:
    Ref<Engine> engine_ = Engine::create({});
};

TEST_P(EntryForms, EarlyReturnsOfCalledFunctionsNeedNoContext) {
    if (host_isa() == Isa::None) GTEST_SKIP() << "no native code on this CPU";
    const auto k = compile(R"(
func @main(%x: f64, %y: f64) -> (f64) {
  %a = call f64 @pick, %x, %y
  %b = call f64 @pick, %y, %a
  %c = add f64 %a, %b
  return %c
}
func @pick(%x: f64, %y: f64) -> (f64) {
  %less = lt bool %x, %y
  if %less
    %d = sub f64 %y, %x
    return %d
  else
    yield
  end_if
  %two = const f64 2
  %big = gt bool %x, %two
  if %big
    return %two
  else
    yield
  end_if
  %p = mul f64 %x, %y
  return %p
}
)");
    ASSERT_NE(k, nullptr);
    const void* const entry = plain_entry(*k);
    ASSERT_NE(entry, nullptr);
    const auto f = reinterpret_cast<double (*)(double, double)>(reinterpret_cast<uintptr_t>(entry));
    const auto pick = [](double x, double y) { return x < y ? y - x : x > 2 ? 2 : x * y; };
    for (const double x : {-3.0, 0.5, 1.0, 2.0, 7.0})
        for (const double y : {-2.0, 0.25, 1.5, 2.0, 9.0}) EXPECT_EQ(f(x, y), pick(x, y) + pick(y, pick(x, y)));
}

// What a plain entry begins nobody can end, so that its loops must end soon by themselves.
TEST_P(EntryForms, LongForsNeedTheContext) {
    if (host_isa() == Isa::None) GTEST_SKIP() << "no native code on this CPU";
    const auto nest = [](const std::string& outer, const std::string& inner, const std::string& step) {
        std::string ir =
            "func @main(%n: i64, %x: f64) -> (f64) {\n  %zero = const i64 0\n  %step = const i64 " + step + "\n";
        if (outer != "n") ir += "  %o = const i64 " + outer + "\n";
        if (inner != "n") ir += "  %i = const i64 " + inner + "\n";
        ir += std::string("  for %zero, ") + (outer == "n" ? "%n" : "%o") +
              ", %step, %x\n    %j = index i64\n    %a = carried f64 #0\n";
        ir += std::string("    for %zero, ") + (inner == "n" ? "%n" : "%i") +
              ", %step, %a\n      %k = index i64\n      %b = carried f64 #0\n";
        ir += "      %c = add f64 %b, %x\n      %d = sqrt f64 %c\n      yield %d\n    %e = end_for f64\n    yield %e\n";
        return ir + "  %r = end_for f64\n  return %r\n}\n";
    };
    const struct {
        const char *outer, *inner, *step;
        bool is_plain;
    } cases[] = {
        {"10", "100", "1", true},
        {"-10", "-100", "-1", true},
        {"1000000000", "1000000000", "500000000", true},
        {"0", "4611686018427387904", "1", true},
        {"10000", "10000", "1", false},  // only together
        {"-10000", "-10000", "-1", false},
        {"1", "4611686018427387904", "1", false},
        {"4611686018427387904", "1", "1", false},
        {"n", "2", "1", false},
        {"2", "n", "1", false},
    };
    for (const auto& c : cases) {
        const auto k = compile(nest(c.outer, c.inner, c.step));
        ASSERT_NE(k, nullptr);
        EXPECT_EQ(plain_entry(*k) != nullptr, c.is_plain) << c.outer << ", " << c.inner << ", " << c.step;
    }
}

TEST_P(EntryForms, LoopsThatMayRunAgainNeedTheContext) {
    const auto yields = compile(R"(
func @main(%x: i64) -> (i64) {
  loop %x
    %c = carried i64 #0
    %one = const i64 1
    %d = shr i64 %c, %one
    %small = lt bool %d, %one
    if %small
      break %c, #0
    else
      yield
    end_if
    yield %d
  %r = end_loop i64
  return %r
}
)");
    ASSERT_NE(yields, nullptr);
    EXPECT_EQ(plain_entry(*yields), nullptr);
    const auto continues = compile(R"(
func @main(%x: i64) -> (i64) {
  loop %x
    %c = carried i64 #0
    %one = const i64 1
    %small = lt bool %c, %one
    if %small
      yield
    else
      %d = shr i64 %c, %one
      continue %d, #0
    end_if
    break %c, #0
  %r = end_loop i64
  return %r
}
)");
    ASSERT_NE(continues, nullptr);
    EXPECT_EQ(plain_entry(*continues), nullptr);
}

// The body leaves a counting loop in its first trip: there is no back edge, and what follows is still right.
TEST_P(EntryForms, LoopsThatAlwaysBreak) {
    if (host_isa() == Isa::None) GTEST_SKIP() << "no native code on this CPU";
    const auto k = compile(R"(
func @main(%x: i64, %n: i64) -> (i64) {
  %zero = const i64 0
  %one = const i64 1
  for %zero, %n, %one, %x
    %i = index i64
    %c = carried i64 #0
    %d = add i64 %c, %one
    break %d, #0
  %r = end_for i64
  loop %r
    %e = carried i64 #0
    %odd = and i64 %e, %one
    %is_odd = eq bool %odd, %one
    if %is_odd
      break %zero, #0
    else
      yield
    end_if
    break %e, #0
  %s = end_loop i64
  %t = add i64 %s, %r
  return %t
}
)");
    ASSERT_NE(k, nullptr);
    const void* const entry = plain_entry(*k);
    ASSERT_NE(entry, nullptr);
    const auto f = reinterpret_cast<int64_t (*)(int64_t, int64_t)>(reinterpret_cast<uintptr_t>(entry));
    for (const int64_t x : {-4, 0, 1, 6, 7})
        for (const int64_t n : {-1, 0, 1, 5}) {
            const int64_t r = n > 0 ? x + 1 : x;
            EXPECT_EQ(f(x, n), (r % 2 != 0 ? 0 : r) + r) << x << ' ' << n;
        }
}

INSTANTIATE_TEST_SUITE_P(Tiers, EntryForms, ::testing::Values(TierChoice::Baseline, TierChoice::Optimised));

}  // namespace
}  // namespace exprjit
