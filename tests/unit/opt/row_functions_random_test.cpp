// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random row functions: cut into stages they say what they say as a whole, and what stands in null rows is never seen.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "opt/op_set.h"
#include "opt/rebuild.h"
#include "unit/ir/random_program.h"
#include "unit/lang/run_rows.h"

namespace exprjit {
namespace {

using testing::fold;
using Rows = std::vector<std::vector<Slot>>;  // per row, the values of the parameters

testing::RandomOptions row_options() {
    testing::RandomOptions options;
    options.lanes = false;
    options.arrays = false;
    options.calls = false;
    options.checks = false;
    return options;
}

Slot random_slot(std::mt19937_64& random, Scalar s) {
    const Slot bits = random() % 3 == 0 ? random() : random() % 5;
    switch (s) {
    case Scalar::Bool: return bits & 1;
    case Scalar::I32: return bits & UINT32_MAX;
    case Scalar::I64: return bits;
    case Scalar::F32: return std::bit_cast<uint32_t>(static_cast<float>(static_cast<int64_t>(bits % 2000) - 3) / 4);
    case Scalar::F64: return std::bit_cast<Slot>(static_cast<double>(static_cast<int64_t>(bits % 2000) - 3) / 4);
    }
    return bits;
}

Rows random_rows(std::mt19937_64& random, const Function& f, int count) {
    Rows rows(static_cast<size_t>(count));
    for (auto& row : rows)
        for (const Param& p : f.params) row.push_back(random_slot(random, p.type.scalar()));
    return rows;
}

struct Ran {
    Exit exit = Exit::Ok;
    std::vector<Slot> outs;
};

Ran run(const Program& p, std::vector<Slot> args) {
    Ran r;
    args.resize(p.entry().params.size() + 1);
    r.outs.assign(p.entry().results.size() + 1, 0);
    Context context;
    context.stop = &kNeverStop;
    r.exit = Interpreter(p).run(context, args.data(), r.outs.data());
    return r;
}

void expect_valid(const Program& p, uint64_t seed) {
    const auto verified = verify(p, Limits(), Trust::Internal);
    ASSERT_TRUE(verified.ok()) << "seed " << seed << " " << testing::explain(verified.error()) << print(p);
}

// The program up to `end`, with the reductions before it as further parameters: what a reduction's operands are, or, at the
// end, the results. Nothing is sliced, so nothing can be forgotten.
Program up_to(const Program& whole, ValueId end, PassScratch& scratch) {
    const Function& f = whole.entry();
    Program made;
    made.functions.resize(1);
    Function& to = made.entry();
    to.params = f.params;
    Rebuild r(to, scratch);
    r.enter(f, 0);
    if (scratch.map.size() < f.size()) scratch.map.resize(f.size());
    const auto params = static_cast<ValueId>(f.params.size());
    for (ValueId v = 0; v < params; ++v) r.copy(v);
    for (ValueId v = params; v < end; ++v) {
        if (f[v].op != Op::Reduce) continue;
        r.set(v, r.builder().append(Op::Param, f[v].type, {}, to.params.size()));
        to.params.push_back({{}, f[v].type});
    }
    for (ValueId v = params; v < end; ++v)
        if (f[v].op != Op::Reduce && !is_owned(f[v].op)) r.copy(v);
    std::vector<ValueId> returned;
    for (const ValueId o : f.operands(end)) {
        to.results.push_back(f[o].type);
        returned.push_back(r[o]);
    }
    r.builder().ret(returned);
    r.finish();
    return made;
}

// Outputs row by row, as if every reduction were a program of its own.
std::vector<std::vector<Slot>> reference(const Program& whole, const Rows& rows, PassScratch& scratch) {
    const Function& f = whole.entry();
    std::vector<Slot> reduced;
    const auto run_all = [&](ValueId end) {
        const Program p = up_to(whole, end, scratch);
        std::vector<std::vector<Slot>> all;
        for (std::vector<Slot> args : rows) {
            args.insert(args.end(), reduced.begin(), reduced.end());
            all.push_back(run(p, args).outs);
        }
        return all;
    };
    for (ValueId v = 0; v < f.size(); ++v) {
        if (f[v].op != Op::Reduce) continue;
        std::vector<Slot> values;
        std::vector<int64_t> kept;
        const auto all = run_all(v);
        for (size_t row = 0; row < all.size(); ++row) {
            if (all[row][1] == 0) continue;
            values.push_back(all[row][0]);
            kept.push_back(static_cast<int64_t>(row));
        }
        const Scalar type = f[f[v].inline_operands[0]].type.scalar();
        reduced.push_back(fold({static_cast<ReduceKind>(f[v].imm), type, f[v].type.scalar()}, values, kept));
    }
    return run_all(f.size() - 1);
}

std::vector<std::vector<Slot>> staged(const Stages& s, const Rows& rows, size_t outputs) {
    std::vector<Slot> reduced;
    const auto run_row = [&](const Program& p, std::vector<Slot> args) {
        args.insert(args.end(), reduced.begin(), reduced.end());
        return run(p, args).outs;
    };
    for (const Stage& stage : s.reducing) {
        std::vector<std::vector<Slot>> all;
        for (const auto& row : rows) all.push_back(run_row(stage.program, row));
        for (size_t k = 0; k < stage.reductions.size(); ++k) {
            std::vector<Slot> values;
            std::vector<int64_t> kept;
            for (size_t row = 0; row < all.size(); ++row) {
                if (all[row][2 * k + 1] == 0) continue;
                values.push_back(all[row][2 * k]);
                kept.push_back(static_cast<int64_t>(row));
            }
            reduced.push_back(fold(s.reductions[stage.reductions[k]], values, kept));
        }
    }
    std::vector<std::vector<Slot>> result(rows.size(), std::vector<Slot>(outputs + 1, 0));
    for (size_t row = 0; row < rows.size(); ++row) {
        const auto by_row = s.has_rows ? run_row(s.rows, rows[row]) : std::vector<Slot>();
        const auto once = s.has_once ? run_row(s.once, std::vector<Slot>(rows[row].size(), 1)) : std::vector<Slot>();
        for (size_t k = 0; k < s.rows_outputs.size(); ++k) result[row][s.rows_outputs[k]] = by_row[k];
        for (size_t k = 0; k < s.once_outputs.size(); ++k) result[row][s.once_outputs[k]] = once[k];
    }
    return result;
}

bool is_nan_slot(Scalar s, Slot bits) {
    if (s == Scalar::F64) return std::isnan(std::bit_cast<double>(bits));
    return s == Scalar::F32 && std::isnan(std::bit_cast<float>(static_cast<uint32_t>(bits)));
}

bool equal(Type t, Slot a, Slot b) { return a == b || (is_nan_slot(t.scalar(), a) && is_nan_slot(t.scalar(), b)); }

TEST(RandomRowFunctions, StagesSayWhatTheWholeSays) {
    int reducing = 0, with_once = 0;
    PassScratch scratch;
    for (uint64_t seed = 0; seed < 500; ++seed) {
        testing::RandomOptions options = row_options();
        options.columns = true;
        Program whole = testing::random_program(seed, options);
        PipelineOptions tier;
        tier.tier = seed % 2 == 0 ? Tier::Optimised : Tier::Baseline;
        ASSERT_TRUE(run_pipeline(whole, tier, Limits(), scratch).ok());
        auto stages = split_stages(whole, scratch);
        ASSERT_TRUE(stages.ok());
        for (const Stage& s : stages->reducing) expect_valid(s.program, seed);
        expect_valid(stages->rows, seed);
        if (!stages->once.functions.empty()) expect_valid(stages->once, seed);
        reducing += !stages->reducing.empty();
        with_once += stages->has_once;
        std::mt19937_64 random(seed);
        const Rows rows = random_rows(random, whole.entry(), 5);
        const size_t outputs = whole.entry().results.size();
        const auto wanted = reference(whole, rows, scratch), got = staged(*stages, rows, outputs);
        for (size_t row = 0; row < rows.size(); ++row)
            for (size_t k = 0; k < outputs; ++k)
                ASSERT_TRUE(equal(whole.entry().results[k], wanted[row][k], got[row][k]))
                    << "seed " << seed << " row " << row << " output " << k << "\n"
                    << print(whole);
    }
    EXPECT_GT(reducing, 100);
    EXPECT_GT(with_once, 30);
}

// Runs of one row with different garbage where it is null: exit, validity and what is valid are the same.
TEST(RandomRowFunctions, GarbageInNullRowsIsNeverSeen) {
    int by_row = 0, by_bitmap = 0, null_rows = 0;
    PassScratch scratch;
    for (uint64_t seed = 0; seed < 4000; ++seed) {
        testing::RandomOptions options = row_options();
        options.checks = true;
        options.columns = seed % 2 == 0;  // then without early returns
        Program plain = testing::random_program(seed, options);
        if (OpSet::of(plain).has(Op::Reduce)) continue;
        std::mt19937_64 random(seed);
        const size_t params = plain.entry().params.size(), outputs = plain.entry().results.size();
        std::vector<uint8_t> nullable;
        for (size_t p = 0; p < params; ++p) nullable.push_back(random() % 3 != 0);
        Program made = plain;
        NullPlan plan;
        ASSERT_TRUE(propagate_nulls(made, nullable, plan, scratch).ok());
        expect_valid(made, seed);
        if (HasFatalFailure()) return;
        ASSERT_TRUE(run_pipeline(made, {}, Limits(), scratch).ok());
        ASSERT_TRUE(run_pipeline(plain, {}, Limits(), scratch).ok());
        for (int trial = 0; trial < 6; ++trial) {
            std::vector<Slot> args = random_rows(random, plain.entry(), 1)[0];
            std::vector<uint8_t> valid;
            for (size_t p = 0; p < params; ++p) valid.push_back(nullable[p] == 0 || trial == 0 || random() % 2 == 0);
            Ran first;
            for (int round = 0; round < 3; ++round) {
                std::vector<Slot> now = args;
                for (size_t p = 0; p < params; ++p) {
                    if (valid[p] != 0) continue;
                    const Type t = plain.entry().params[p].type;
                    now[p] = round == 0 ? 0 : round == 1 ? random_slot(random, t.scalar()) : args[p];
                }
                std::vector<Slot> with_bits = now;
                for (const uint32_t p : plan.needed) with_bits.push_back(valid[p]);
                const Ran ran = run(made, with_bits);
                if (trial == 0) {  // nothing is null: as if nothing could be
                    const Ran unchanged = run(plain, now);
                    ASSERT_EQ(ran.exit, unchanged.exit) << "seed " << seed;
                    for (size_t k = 0; k < outputs && ran.exit == Exit::Ok; ++k)
                        ASSERT_TRUE(equal(plain.entry().results[k], ran.outs[k], unchanged.outs[k])) << "seed " << seed;
                }
                if (round == 0) first = ran;
                ASSERT_EQ(ran.exit, first.exit) << "seed " << seed << "\n" << print(made);
                for (size_t k = 0; k < outputs && ran.exit == Exit::Ok; ++k) {
                    const OutputValidity& o = plan.outputs[k];
                    bool is_there = true, was_there = true;
                    if (o.result >= 0) {
                        is_there = ran.outs[static_cast<size_t>(o.result)] != 0;
                        was_there = first.outs[static_cast<size_t>(o.result)] != 0;
                    }
                    for (const uint32_t p : o.all_of) is_there = was_there = is_there && valid[p] != 0;
                    ASSERT_EQ(is_there, was_there) << "seed " << seed << " output " << k << "\n" << print(made);
                    by_row += o.result >= 0;
                    by_bitmap += !o.all_of.empty();
                    null_rows += !is_there;
                    ASSERT_TRUE(is_there || trial != 0) << "seed " << seed;
                    ASSERT_TRUE(!is_there || equal(plain.entry().results[k], ran.outs[k], first.outs[k]))
                        << "seed " << seed << " output " << k << "\n"
                        << print(made);
                }
            }
        }
    }
    EXPECT_GT(by_row, 200);
    EXPECT_GT(by_bitmap, 200);
    EXPECT_GT(null_rows, 200);
}

}  // namespace
}  // namespace exprjit
