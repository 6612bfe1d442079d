// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Operations whose meaning is Python's, judged by what CPython computed (python_cases.inc). Engines that share an
// expansion agree even when it is wrong; CPython does not share it.
#include <gtest/gtest.h>

#include <map>

#include "op_program.h"
#include "support/agreement.h"

namespace {

using namespace exprjit;
using namespace exprjit::ops_test;

struct PythonCase {
    Op op;
    Scalar t, u;
    Slot a, b, result;
};

constexpr PythonCase kCases[] = {
#define P(op, t, u, a, b, result) {Op::op, Scalar::t, Scalar::u, a, b, result},
#include "python_cases.inc"
#undef P
};

TEST(Python, EveryEngineComputesWhatCPythonComputes) {
    std::map<std::tuple<Op, Scalar, Scalar>, std::vector<const PythonCase*>> groups;
    for (const PythonCase& c : kCases) groups[{c.op, c.t, c.u}].push_back(&c);
    for (const auto& [key, cases] : groups) {
        const Instance i{std::get<0>(key), std::get<1>(key), std::get<2>(key)};
        std::string why;
        const auto engines = trial::AllEngines::make(program_of(i), why);
        ASSERT_TRUE(engines) << i.name() << ": " << why;
        int wrong = 0;
        for (const PythonCase* c : cases) {
            trial::Arguments arguments;
            arguments.slots = {c->a, c->b};
            arguments.slots.resize(static_cast<size_t>(i.arity()));
            trial::Observation want;
            want.outcome.outs = {c->result};
            const std::string d = engines->compare(arguments, &want);
            if (d.empty() || ++wrong > 3) continue;
            ADD_FAILURE() << i.name() << " differs from CPython: " << d
                          << "\n  again: exprjit_test_ops --gtest_filter=Python.*";
        }
    }
}

}  // namespace
