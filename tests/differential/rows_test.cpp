// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Random programs as row functions over columns: every shape of the loop against the program itself, row by row.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "generator.h"
#include "ir/text.h"
#include "minimise.h"
#include "options.h"
#include "row_loops.h"
#include "support/agreement.h"

namespace {

using namespace exprjit;
using differential::LaneCoverage;
using differential::options;
using differential::RowColumns;
using differential::RowLayout;
using differential::RowTrial;

constexpr int kColumnSets = 4;

struct Figures {
    LaneCoverage coverage;
    uint64_t programs = 0, in_lanes = 0, spilling = 0, rows = 0;
    uint32_t most_spills = 0;
};

Program row_function(uint64_t seed) { return differential::generate({seed, options().statements, true}, nullptr); }

RowLayout layout_of(const Program& program, uint64_t seed) {
    trial::Random random(seed ^ 0x1a7007);
    return differential::random_layout(program.entry(), random);
}

// Short columns mostly; in one of four as many rows as all accumulators of a reduction take, and some more.
int64_t random_rows(trial::Random& random) {
    return random.one_in(4) ? random.between(71, 400) : random.between(0, 70);
}

// "" if all engines agree.
std::string disagreement(const Program& program, uint64_t seed, trial::Mutation mutation, Figures* figures) {
    const RowLayout layout = layout_of(program, seed);
    std::string why;
    const auto loops = RowTrial::make(program, layout, why, mutation);
    if (!loops) return why;
    if (figures != nullptr) {
        ++figures->programs;
        loops->count(figures->coverage);
        figures->in_lanes += loops->uses_lanes();
        figures->spilling += loops->most_spills() != 0;
        figures->most_spills = std::max(figures->most_spills, loops->most_spills());
    }
    trial::Random random(seed ^ 0xc01);
    for (int k = 0; k < kColumnSets; ++k) {
        const RowColumns columns = differential::random_columns(layout, program.entry(), random_rows(random), random);
        if (figures != nullptr) figures->rows += static_cast<uint64_t>(columns.rows);
        if (std::string d = loops->compare(columns); !d.empty()) return d;
    }
    return {};
}

std::string describe(const RowLayout& layout) {
    std::string s = "inputs:";
    for (const RowInput& i : layout.inputs) s += i.uniform ? " uniform" : " " + std::string(name_of(i.storage));
    s += "; results:";
    for (size_t k = 0; k < layout.sinks.size(); ++k) {
        const RowSink& sink = layout.sinks[k];
        s += " ";
        if (sink.is_reduction)
            s += std::string(name_of(sink.kind)) + " where " + std::to_string(sink.predicate);
        else
            s += std::string(name_of(sink.storage)) + (sink.streaming ? " streaming" : "");
        if (layout.in_place[k] >= 0) s += " over input " + std::to_string(layout.in_place[k]);
    }
    return s;
}

std::string failure_text(const Program& program, uint64_t seed, const std::string& what, trial::Mutation mutation) {
    const Program small = differential::minimise(program, [&](const Program& p) {
        const std::string d = disagreement(p, seed, mutation, nullptr);
        return !d.empty() && !d.starts_with(trial::kDidNotEnd);
    });
    const std::string rest = disagreement(small, seed, mutation, nullptr);
    return what + "\n  again: exprjit_test_differential --gtest_filter='Rows.*Agree' --seed " + std::to_string(seed) +
           " --count 1" + (options().statements != 0 ? " --statements " + std::to_string(options().statements) : "") +
           "\n  " + describe(layout_of(program, seed)) + "\nsmallest program found (" + rest + "):\n" + print(small);
}

TEST(Rows, AllLoopsAgree) {
    const trial::Mutation mutation = differential::planted_by_environment(differential::planted_row_bugs());
    Figures figures;
    const auto start = std::chrono::steady_clock::now();
    int failures = 0;
    for (uint64_t k = 0; differential::more_programs(k, failures, start, 1500); ++k) {
        const uint64_t seed = options().first_seed + k;
        const Program program = row_function(seed);
        if (options().print)
            std::printf("seed %llu, %s\n%s\n", static_cast<unsigned long long>(seed),
                        describe(layout_of(program, seed)).c_str(), print(program).c_str());
        if (const Result<void> r = verify(program, Limits{}, Trust::Internal); !r.ok()) {
            ADD_FAILURE() << "seed " << seed << ": the generator made a program that does not verify:\n"
                          << trial::describe(r.error()) << "\n"
                          << print(program);
            ++failures;
            continue;
        }
        if (const std::string d = disagreement(program, seed, mutation, &figures); !d.empty()) {
            ADD_FAILURE() << failure_text(program, seed, d, mutation);
            ++failures;
        }
    }
    std::printf(
        "%llu row functions, %llu of them in lanes, x %d sets of columns (%llu rows) x %zu engines x 2 tiers; %llu "
        "spill, up to %u values\n%s",
        static_cast<unsigned long long>(figures.programs), static_cast<unsigned long long>(figures.in_lanes),
        kColumnSets, static_cast<unsigned long long>(figures.rows), differential::loop_engines().size(),
        static_cast<unsigned long long>(figures.spilling), figures.most_spills, figures.coverage.report().c_str());
    if (figures.programs >= 1000 && options().statements == 0) {
        EXPECT_EQ(figures.coverage.missing(), "");
        // Programs that fall back to one row at a time test nothing of this.
        EXPECT_GT(figures.in_lanes, figures.programs / 2);
    }
}

// The harness must be able to fail, over columns too.
TEST(Rows, PlantedBugsAreFound) {
    for (const differential::PlantedBug& bug : differential::planted_row_bugs()) {
        bool found = false;
        for (uint64_t seed = 1; seed <= 400 && !found; ++seed) {
            const Program program = row_function(seed);
            if (!disagreement(program, seed, nullptr, nullptr).empty()) continue;  // found already, by the test above
            const std::string d = disagreement(program, seed, bug.mutation, nullptr);
            // A mutation may leave what no engine takes; that finds nothing.
            found = d.find("engine") != std::string::npos && d.find("cannot be prepared") == std::string::npos;
        }
        EXPECT_TRUE(found) << "the planted bug `" << bug.name << "` was not found";
    }
}

}  // namespace
