// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The loops as machine code, for each level of this CPU: the bits of the row function run row by row.
#include "jit/compile.h"
#include "random_row.h"
#include "runtime/code_memory.h"
#include "runtime/executable.h"

namespace exprjit::opt_test {
namespace {

struct Level {
    Isa isa;
    Shape shape;
};
constexpr Level kLevels[] = {
    {Isa::V2, {"v2", {0, false}}}, {Isa::V3, {"v3", {32, false}}}, {Isa::V4, {"v4", {64, true}}}};

CodeMemory& code_memory() {
    static const std::unique_ptr<CodeMemory> memory = make_dual_code_memory(nullptr);
    return *memory;
}

// A loop, compiled; `few_registers` makes everything spill.
class NativeLoop {
  public:
    NativeLoop(const RowCase& c, const Level& level, bool few_registers) : loop_(c, level.shape) {
        Program p = loop_.program();
        results_ = p.entry().results.size();
        PassScratch scratch;
        EXPECT_TRUE(lower_arrays(p, Limits{}, scratch).ok());
        CompileOptions options;
        options.isa = level.isa;
        options.form = EntryForm::Context;
        options.few_registers = few_registers;
        Code code;
        const Result<void> done = compile(p, options, code);
        EXPECT_TRUE(done.ok()) << level.shape.name << ": " << (done.ok() ? "" : done.error().diagnostics[0].message);
        CodeBlock block;
        if (!done.ok() || !code_memory().install(code.bytes, block)) return;
        executable_ = Executable::native(code_memory(), block, code.entry, EntryForm::Context, p.entry());
    }
    const RowLoop& loop() const { return loop_; }

    LoopOutcome run(const RowData& d, bool at_back) const {
        return loop_.run(d, at_back, [this](std::span<const Slot> args) {
            Outcome o;
            o.outs.assign(results_, 0);
            Context context;
            context.stop = &kNeverStop;
            o.exit = executable_.call(context, args.data(), o.outs.data());
            o.failed_imm = context.failed_imm;
            o.failed_index = context.failed_index;
            return o;
        });
    }

  private:
    RowLoop loop_;
    Executable executable_;
    size_t results_ = 0;
};

TEST(VectorizeNative, EveryLevelAgrees) {
    for (uint64_t seed = 0; seed < 400; ++seed) {
        RowCase c = RandomRow(seed).make_case();
        c.must_have_lanes = false;
        std::mt19937_64 random(seed);
        for (const Level& level : kLevels) {
            if (level.isa > host_isa()) continue;
            for (const bool few_registers : {false, true}) {
                SCOPED_TRACE("seed " + std::to_string(seed) + (few_registers ? ", few registers" : ""));
                const NativeLoop native(c, level, few_registers);
                if (HasFailure()) return;
                for (int round = 0; round < 7; ++round) {
                    int64_t n = static_cast<int64_t>(random() % (round < 5 ? 70 : 400));
                    if (seed % 16 == 0 && round == 6) n = kBlockRows;
                    const RowData d = random_data(c, n, random, round % 2 == 0);
                    expect_same(c, d, native.loop(), by_definition(c, d), native.run(d, round % 3 == 0));
                    if (HasFailure()) return;
                }
            }
        }
    }
}

}  // namespace
}  // namespace exprjit::opt_test
