// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Every two elementary functions in one text, called one value at a time: their rare arms stand one behind the other, and
// what one of them leaves in a register must not be what the other one takes for its own.
#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

#include "ir/op.h"
#include "jit/compile.h"
#include "runtime/engine.h"
#include "runtime/kernel.h"

namespace exprjit {
namespace {

// With x as first or only argument; a second one is 0.5.
std::vector<std::string> terms() {
    std::vector<std::string> made;
    for (const OpInfo& op : kOpInfos) {
        if (op.lowering != Lowering::Expand || op.ulp.largest() <= 0 || op.has(kHasImm)) continue;
        made.push_back(std::string(op.text) + (op.arity == 1 ? "(x)" : "(x, 0.5)"));
    }
    return made;
}

class Kernels {
  public:
    ~Kernels() { engine_->close(); }
    // The results at these arguments; NaN as one value.
    std::vector<uint64_t> run(const std::string& text, TierChoice tier, Isa isa, const std::vector<double>& arguments) {
        CompileRequest request;
        request.text = text;
        request.tier = tier;
        request.isa = isa;
        auto made = engine_->compile(request);
        EXPECT_TRUE(made.ok()) << text;
        if (!made.ok()) return {};
        std::vector<uint64_t> results;
        for (const double x : arguments) {
            const Slot slot = std::bit_cast<uint64_t>(x);
            Slot out = 0;
            EXPECT_TRUE(call_kernel(**made, nullptr, &slot, &out).ok()) << text;
            results.push_back(std::bit_cast<double>(out) == std::bit_cast<double>(out) ? out : ~uint64_t{0});
        }
        (*made)->release();
        return results;
    }

  private:
    Ref<Engine> engine_ = Engine::create({});
};

TEST(RuntimePairs, OfFunctionsAreWhatTheInterpreterSays) {
    const std::vector<double> arguments = {-1e300, -800, -37.6, -1,  -0.25, -1e-310, -0.0, 0.0,
                                           1e-310, 0.25, 1,     2.5, 37.6,  800,     1e300};
    const std::vector<std::string> all = terms();
    EXPECT_GT(all.size(), 35u);
    Kernels kernels;
    for (const std::string& a : all) {
        for (const std::string& b : all) {
            const std::string text =
                "where(" + a + " != 3.25, " + b + ", " + a + ")";  // NaN of one does not hide the other
            const auto wanted = kernels.run(text, TierChoice::Interpreter, Isa::None, arguments);
            for (int level = 2; level <= static_cast<int>(host_isa()); ++level) {
                const auto got = kernels.run(text, TierChoice::Optimised, static_cast<Isa>(level), arguments);
                ASSERT_EQ(got, wanted) << text << ", v" << level;
            }
        }
    }
}

}  // namespace
}  // namespace exprjit
