// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Generated from ops.def: every value operation at every type, evaluated over columns at every level, for every length
// up to four groups of 16 lanes and three rows, in every layout, against the interpreter's single values.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "ops/op_program.h"
#include "support/engines.h"
#include "trial.h"

namespace exprjit {
static void PrintTo(Op op, std::ostream* out) { *out << info(op).text; }
}  // namespace exprjit

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;
using ops_test::Instance;

constexpr int64_t kMostShortRows = 4 * 16 + 3;

std::vector<Op> tested_ops() {
    std::vector<Op> ops;
    for (int i = 0; i < kOpCount; ++i)
        if (kOpInfos[i].is_value() && !kOpInfos[i].has(kInternal)) ops.push_back(static_cast<Op>(i));
    return ops;
}

std::vector<Instance> tested_instances(Op op) {
    std::vector<Instance> list = ops_test::instances(op);
    // Exponents expand to chains of the same few operations.
    if (op == Op::Powi)
        std::erase_if(list, [](const Instance& i) {
            const int64_t n = static_cast<int64_t>(i.imm);
            return n != -16 && n != -3 && n != 2 && n != 5 && n != 15;
        });
    return list;
}

// An operation with operand rows and what they must give.
struct Expected {
    Instance instance;
    Program program;
    std::vector<std::vector<uint64_t>> operands;  // per operand, per row
    std::vector<std::vector<uint64_t>> results;   // per result, per row
    std::shared_ptr<trial::Prepared> oracle;
    size_t rows() const { return operands[0].size(); }
};

std::optional<Expected> expected(const Instance& i) {
    Expected out{i, ops_test::program_of(i), {}, {}, {}};
    Result<trial::Prepared> oracle = trial::Prepared::make(out.program, trial::oracle());
    if (!oracle) {
        ADD_FAILURE() << i.name() << ": the oracle cannot be prepared:\n" << trial::describe(oracle.error());
        return std::nullopt;
    }
    const std::vector<Slot> rows = ops_test::operand_rows(i);
    const size_t width = static_cast<size_t>(i.arity()), results = i.results().size();
    out.operands.resize(width);
    out.results.resize(results);
    for (size_t r = 0; r + width <= rows.size(); r += width) {
        const trial::Outcome o = oracle->run(std::span(rows).subspan(r, width));
        for (size_t k = 0; k < width; ++k) out.operands[k].push_back(rows[r + k]);
        for (size_t k = 0; k < results; ++k) out.results[k].push_back(o.outs[k]);
    }
    out.oracle = std::make_shared<trial::Prepared>(std::move(*oracle));
    return out;
}

// One evaluation: `rows` rows from `from` on, column c in layout `pattern` + c * `spread`.
struct Layout {
    int64_t rows;
    size_t from;
    size_t pattern, spread;
};

size_t pattern_of(const Layout& l, size_t column) { return (l.pattern + column * l.spread) % kPatternCount; }

// What the outputs must hold. Uniform operands have the value of row `from` throughout; where only some are, the oracle
// computes the rows anew.
std::vector<std::vector<uint64_t>> wanted_results(const Expected& e, const Layout& l) {
    std::vector<std::vector<uint64_t>> want(e.results.size());
    const size_t inputs = e.operands.size(), rows = static_cast<size_t>(l.rows);
    size_t uniform = 0;
    for (size_t k = 0; k < inputs; ++k) uniform += pattern_of(l, k) == kUniform;
    for (size_t r = 0; r < rows; ++r) {
        if (uniform == 0 || uniform == inputs) {
            for (size_t k = 0; k < want.size(); ++k) want[k].push_back(e.results[k][l.from + (uniform == 0 ? r : 0)]);
            continue;
        }
        Slot operands[3];
        for (size_t k = 0; k < inputs; ++k)
            operands[k] = e.operands[k][l.from + (pattern_of(l, k) == kUniform ? 0 : r)];
        const trial::Outcome o = e.oracle->run({operands, inputs});
        for (size_t k = 0; k < want.size(); ++k) want[k].push_back(o.outs[k]);
    }
    return want;
}

std::string wrong(const Expected& e, const Kernel& kernel, const Layout& l, TestColumns& columns) {
    const auto side = l.rows % 2 == 0 ? trial::Guarded::Side::Back : trial::Guarded::Side::Front;
    const size_t inputs = e.operands.size(), outputs = e.results.size();
    bool all_uniform = true;
    columns.inputs.resize(inputs);
    columns.outputs.resize(outputs);
    for (size_t k = 0; k < inputs; ++k) {
        const size_t p = pattern_of(l, k);
        all_uniform &= p == kUniform;
        columns.inputs[k].lay_out(storage_of(e.instance.operand(static_cast<int>(k))), l.rows, kPatterns[p], side);
        columns.inputs[k].write(std::span(e.operands[k]).subspan(l.from));
    }
    for (size_t k = 0; k < outputs; ++k) {
        const size_t p = pattern_of(l, inputs + k);
        // One element where all rows have one value, at times; else contiguous.
        const bool one = all_uniform && l.rows % 2 == 0;
        columns.outputs[k].lay_out(storage_of(e.instance.results()[k].scalar()), l.rows,
                                   kPatterns[p == kUniform && !one ? 0 : p], side);
    }
    const std::vector<std::vector<uint64_t>> want = wanted_results(e, l);
    const Outcome o = columns.evaluate(kernel, l.rows);
    if (o.status != EJ_OK) return "fails: " + o.message;
    if (!columns.intact()) return "bytes outside a column were written";
    for (size_t k = 0; k < outputs; ++k) {
        const trial::ColumnBlock& got = columns.outputs[k].block();
        const Storage s = got.shape().storage;
        for (int64_t r = 0; r < l.rows; ++r) {
            const uint64_t w = want[k][static_cast<size_t>(r)];
            if (trial::same_element(s, got.element(r), w)) continue;
            std::string text = "result " + std::to_string(k) + ", row " + std::to_string(r) + ": got " +
                               trial::describe_element(s, got.element(r)) + ", want " + trial::describe_element(s, w) +
                               "; operands";
            for (const TestColumn& c : columns.inputs)
                text += " " + trial::describe_element(c.block().shape().storage, c.block().element(r));
            return text;
        }
    }
    return {};
}

// All lengths and layouts on one engine; "" or what is wrong.
std::string wrong_anywhere(const Expected& e, const Kernel& kernel, TestColumns& columns,
                           std::span<const int64_t> lengths) {
    size_t from = 0;
    for (const int64_t rows : lengths)
        for (size_t p = 0; p < 2 * kPatternCount; ++p) {
            // First all columns in one layout, then each in another.
            Layout l{rows, 0, p % kPatternCount, p < kPatternCount ? 0u : 1u};
            const size_t room = e.rows() - std::min(e.rows(), static_cast<size_t>(rows));
            l.rows = std::min<int64_t>(rows, static_cast<int64_t>(e.rows()));
            l.from = room == 0 ? 0 : from % (room + 1);
            if (l.spread != 0 && rows > 1000) continue;  // what is left of it is the loop, which the others cover
            from += static_cast<size_t>(rows) + 1;
            const std::string d = wrong(e, kernel, l, columns);
            if (d.empty()) continue;
            return std::to_string(l.rows) + " rows from " + std::to_string(l.from) + ", layout " +
                   kPatterns[l.pattern].name + (l.spread != 0 ? " and others" : "") + ": " + d;
        }
    return {};
}

class EveryOp : public ::testing::TestWithParam<Op> {};

TEST_P(EveryOp, OverColumns) {
    std::vector<int64_t> lengths;
    for (int64_t n = 0; n <= kMostShortRows; ++n) lengths.push_back(n);
    lengths.push_back(1000);
    lengths.push_back(INT64_MAX);
    TestColumns columns;
    for (const Instance& i : tested_instances(GetParam())) {
        const auto e = expected(i);
        if (!e) return;
        for (const NamedEngine& engine : all_engines()) {
            const Kernel kernel = compile_ir(engine, e->program);
            if (kernel == nullptr) return;
            const std::string d = wrong_anywhere(*e, kernel, columns, lengths);
            if (d.empty()) continue;
            const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
            ADD_FAILURE() << i.name() << " at " << engine.name << ", " << d
                          << "\n  again: exprjit_test_columns --gtest_filter=" << test->test_suite_name() << "."
                          << test->name();
            break;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryOp, ::testing::ValuesIn(tested_ops()),
                         [](const ::testing::TestParamInfo<Op>& tested) {
                             return std::string(kOpInfos[static_cast<int>(tested.param)].name);
                         });

// What compares must be able to differ: one operation's kernel against another's results.
TEST(EveryOpHarness, FindsAnotherOperation) {
    TestColumns columns;
    const int64_t lengths[] = {67};
    const Instance add{Op::Add, Scalar::F32, Scalar::F32}, sub{Op::Sub, Scalar::F32, Scalar::F32};
    const auto e = expected(add);
    ASSERT_TRUE(e.has_value());
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile_ir(engine, ops_test::program_of(sub));
        ASSERT_NE(kernel, nullptr);
        EXPECT_NE(wrong_anywhere(*e, kernel, columns, lengths), "") << engine.name;
    }
}

// A short way through the same, for runs in which every instruction takes fifty times as long.
TEST(Memcheck, EveryOpOverColumns) {
    const int64_t lengths[] = {1, 4, 7, 8, 13, 35};
    TestColumns columns;
    for (const Op op : tested_ops()) {
        const std::vector<Instance> list = tested_instances(op);
        for (const Instance& i : {list.front(), list.back()}) {
            const auto e = expected(i);
            if (!e) return;
            for (const NamedEngine& engine : all_engines()) {
                const Kernel kernel = compile_ir(engine, e->program);
                if (kernel == nullptr) return;
                EXPECT_EQ(wrong_anywhere(*e, kernel, columns, lengths), "") << i.name() << " at " << engine.name;
            }
        }
    }
}

}  // namespace
