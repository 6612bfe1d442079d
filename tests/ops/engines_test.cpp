// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Generated from ops.def: every value operation, at every type, on every engine, to the bit. Each operation is tried in
// the shapes code generators treat differently: operands in registers, constants on either side, the same operand
// twice, everything constant (folded), operands in memory inside a loop.
#include <gtest/gtest.h>

#include <ostream>

#include "ir/text.h"
#include "ir/verify.h"
#include "op_program.h"
#include "support/agreement.h"
#include "support/column_program.h"

namespace exprjit {
// How GoogleTest shows the parameter of a test.
static void PrintTo(Op op, std::ostream* out) { *out << info(op).text; }
}  // namespace exprjit

namespace {

using namespace exprjit;
using namespace exprjit::ops_test;
using trial::AllEngines;
using trial::Arguments;

std::vector<Op> tested_ops() {
    std::vector<Op> ops;
    for (int i = 0; i < kOpCount; ++i)
        if (kOpInfos[i].is_value() && !kOpInfos[i].has(kInternal)) ops.push_back(static_cast<Op>(i));
    return ops;
}

std::string again() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return std::string("\n  again: exprjit_test_ops --gtest_filter=") + test->test_suite_name() + "." + test->name();
}

std::optional<AllEngines> engines_for(const Program& p, const std::string& what) {
    if (const Result<void> r = verify(p, Limits{}); !r.ok()) {
        ADD_FAILURE() << what << ": does not verify:\n" << trial::describe(r.error()) << "\n" << print(p) << again();
        return std::nullopt;
    }
    std::string why;
    auto engines = AllEngines::make(p, why);
    if (!engines) ADD_FAILURE() << what << ": " << why << "\n" << print(p) << again();
    return engines;
}

// Compares all rows (of `width` slots); stops at the first difference, which says it.
bool agree(const AllEngines& engines, const Program& p, std::span<const Slot> rows, size_t width,
           const std::string& what) {
    Arguments arguments;
    for (size_t r = 0; r + width <= rows.size() && (width != 0 || r == 0); r += width != 0 ? width : 1) {
        arguments.slots.assign(rows.begin() + static_cast<std::ptrdiff_t>(r),
                               rows.begin() + static_cast<std::ptrdiff_t>(r + width));
        const std::string d = engines.compare(arguments);
        if (d.empty()) continue;
        ADD_FAILURE() << what << ": " << d << "\n" << print(p) << again();
        return false;
    }
    return true;
}

class EveryOp : public ::testing::TestWithParam<Op> {};

TEST_P(EveryOp, InRegisters) {
    for (const Instance& i : instances(GetParam())) {
        const Program p = program_of(i);
        const auto engines = engines_for(p, i.name());
        const std::vector<Slot> rows = operand_rows(i);
        if (!engines || !agree(*engines, p, rows, static_cast<size_t>(i.arity()), i.name())) return;
    }
}

TEST_P(EveryOp, WithConstantOperand) {
    for (const Instance& i : instances(GetParam())) {
        if (i.arity() < 2) continue;
        for (int position = 0; position < i.arity(); ++position) {
            const Scalar s = i.operand(position);
            // Immediates of integers are where strength reduction lives; floats have fewer tricks.
            const auto values = is_int(s) && i.arity() == 2 ? trial::special_values(s) : trial::few_special_values(s);
            for (const Slot value : values) {
                const Fixed fixed{position, value};
                const Program p = program_of(i, {&fixed, 1});
                const std::string what =
                    i.name() + " with operand " + std::to_string(position) + " = " + trial::describe(s, value);
                const auto engines = engines_for(p, what);
                if (!engines) return;
                std::vector<Slot> rows;
                if (i.arity() == 2) {
                    for (const Slot v : trial::few_special_values(i.operand(1 - position))) rows.push_back(v);
                } else {
                    const int x = position == 0 ? 1 : 0, y = position == 2 ? 1 : 2;
                    trial::Random random(value);
                    for (int k = 0; k < 20; ++k) {
                        rows.push_back(random.pick(trial::few_special_values(i.operand(x))));
                        rows.push_back(random.pick(trial::few_special_values(i.operand(y))));
                    }
                }
                if (!agree(*engines, p, rows, static_cast<size_t>(i.arity()) - 1, what)) return;
            }
        }
    }
}

TEST_P(EveryOp, SameOperandTwice) {
    for (const Instance& i : instances(GetParam())) {
        if (i.arity() < 2) continue;
        const Program p = same_operand_program(i);
        const auto engines = engines_for(p, i.name() + " of one operand");
        if (!engines || !agree(*engines, p, trial::special_values(i.t), 1, i.name() + " of one operand")) return;
    }
}

TEST_P(EveryOp, Folded) {
    for (const Instance& i : instances(GetParam())) {
        const std::vector<Slot> rows = operand_rows(i);
        const size_t width = static_cast<size_t>(i.arity()), chunk = 60 * width;
        // A sample of the rows, spread over all of them; each chunk is one function with many results.
        const size_t chunks = rows.size() / chunk, step = std::max<size_t>(1, chunks / 6);
        for (size_t c = 0; c * chunk < rows.size(); c += step) {
            const size_t from = c * chunk, n = std::min(chunk, rows.size() - from);
            const Program p = folded_program(i, std::span(rows).subspan(from, n));
            const auto engines = engines_for(p, i.name() + " of constants");
            if (!engines || !agree(*engines, p, {}, 0, i.name() + " of constants")) return;
        }
    }
}

TEST_P(EveryOp, OverColumns) {
    for (const Instance& i : instances(GetParam())) {
        const Program scalar = program_of(i);
        std::vector<Storage> storages;
        for (int k = 0; k < i.arity(); ++k) storages.push_back(storage_of(i.operand(k)));
        const Program p = trial::over_columns(scalar, storages);
        const auto engines = engines_for(p, i.name() + " over columns");
        if (!engines) return;
        const std::vector<Slot> rows = operand_rows(i);
        Arguments arguments;
        const size_t count = rows.size() / static_cast<size_t>(i.arity());
        for (size_t k = 0; k < static_cast<size_t>(i.arity()) + i.results().size(); ++k) {
            trial::ArrayValue a;
            const bool input = k < static_cast<size_t>(i.arity());
            a.storage = input ? storages[k] : storage_of(i.results()[k - static_cast<size_t>(i.arity())].scalar());
            a.length[0] = static_cast<int64_t>(count);
            for (size_t r = 0; r < count; ++r)
                a.elements.push_back(input ? rows[r * static_cast<size_t>(i.arity()) + k] : 0);
            arguments.slots.push_back(arguments.arrays.size());
            arguments.arrays.push_back(std::move(a));
        }
        arguments.slots.push_back(count);
        const std::string d = engines->compare(arguments);
        if (!d.empty()) {
            ADD_FAILURE() << i.name() << " over columns: " << d << "\n" << print(p) << again();
            return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryOp, ::testing::ValuesIn(tested_ops()),
                         [](const ::testing::TestParamInfo<Op>& tested) {
                             return std::string(kOpInfos[static_cast<int>(tested.param)].name);
                         });

}  // namespace
