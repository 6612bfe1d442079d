// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_test_differential [--seed N] [--count N] [--statements N] [--seconds N] [--print] [--gtest_filter=Rows.*]
// Random programs through every engine, compared to the bit. EXPRJIT_PLANT=<name> plants a bug in one more engine, to
// watch the harness find it; the names are in plant.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "generator.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "minimise.h"
#include "options.h"
#include "plant.h"
#include "support/agreement.h"

namespace exprjit::differential {

Options& options() {
    static Options given;
    return given;
}

trial::Mutation planted_by_environment(std::span<const PlantedBug> bugs) {
    const char* name = std::getenv("EXPRJIT_PLANT");
    if (name == nullptr) return nullptr;
    for (const PlantedBug& b : bugs)
        if (std::strcmp(b.name, name) == 0) return b.mutation;
    for (const auto all : {planted_bugs(), planted_row_bugs()})
        for (const PlantedBug& b : all)
            if (std::strcmp(b.name, name) == 0) return nullptr;
    std::fprintf(stderr, "EXPRJIT_PLANT: no planted bug is called `%s`\n", name);
    std::exit(2);
}

bool more_programs(uint64_t done, int failures, std::chrono::steady_clock::time_point start, uint64_t usual) {
    const Options& o = options();
    if (failures >= 5) return false;
    if (o.seconds != 0) return std::chrono::steady_clock::now() - start < std::chrono::seconds(o.seconds);
    return done < (o.count != 0 ? o.count : usual);
}

}  // namespace exprjit::differential

namespace {

using namespace exprjit;
using differential::options;
using differential::Recipe;

constexpr int kArgumentSets = 3;

// How much work the register allocator had: programs in which an engine kept values in memory.
uint64_t programs_with_spills = 0;
uint64_t most_spills = 0;

// "" if all engines agree about the program.
std::string disagreement(const Program& program, uint64_t seed, trial::Mutation mutation) {
    std::string why;
    const auto engines = trial::AllEngines::make(program, why, {}, mutation);
    if (!engines) return why;
    uint64_t spills = 0;
    for (const auto& e : engines->entries()) spills = std::max<uint64_t>(spills, e.prepared.spills());
    programs_with_spills += spills != 0;
    most_spills = std::max(most_spills, spills);
    trial::Random random(seed ^ 0x5eed);
    for (int k = 0; k < kArgumentSets; ++k) {
        const trial::Arguments arguments = differential::random_arguments(program.entry(), random);
        const auto side = k % 2 == 0 ? trial::Guarded::Side::Back : trial::Guarded::Side::Front;
        if (std::string d = engines->compare(arguments, nullptr, side); !d.empty()) return d;
    }
    return {};
}

std::string failure_text(const Recipe& recipe, const Program& program, const std::string& what,
                         trial::Mutation mutation) {
    const Program small = differential::minimise(program, [&](const Program& p) {
        const std::string d = disagreement(p, recipe.seed, mutation);
        return !d.empty() && !d.starts_with(trial::kDidNotEnd);
    });
    return what + "\n  again: exprjit_test_differential --seed " + std::to_string(recipe.seed) + " --count 1" +
           (recipe.statements != 0 ? " --statements " + std::to_string(recipe.statements) : "") +
           "\nsmallest program found (" + disagreement(small, recipe.seed, mutation) + "):\n" + print(small);
}

TEST(Differential, AllEnginesAgree) {
    const trial::Mutation mutation = differential::planted_by_environment(differential::planted_bugs());
    differential::Coverage coverage;
    const auto start = std::chrono::steady_clock::now();
    uint64_t ran = 0;
    int failures = 0;
    for (uint64_t k = 0; differential::more_programs(k, failures, start, 3000); ++k) {
        const Recipe recipe{options().first_seed + k, options().statements};
        const Program program = differential::generate(recipe, &coverage);
        ++ran;
        if (options().print)
            std::printf("seed %llu\n%s\n", static_cast<unsigned long long>(recipe.seed), print(program).c_str());
        if (const Result<void> r = verify(program, Limits{}, Trust::Internal); !r.ok()) {
            ADD_FAILURE() << "seed " << recipe.seed << ": the generator made a program that does not verify:\n"
                          << trial::describe(r.error()) << "\n"
                          << print(program);
            ++failures;
            continue;
        }
        if (const std::string d = disagreement(program, recipe.seed, mutation); !d.empty()) {
            ADD_FAILURE() << failure_text(recipe, program, d, mutation);
            ++failures;
        }
    }
    std::printf("%llu programs x %d argument sets x %zu engines; %llu of them spill, up to %llu values\n%s",
                static_cast<unsigned long long>(ran), kArgumentSets, trial::all_engines().size(),
                static_cast<unsigned long long>(programs_with_spills), static_cast<unsigned long long>(most_spills),
                coverage.report().c_str());
    // A generator that silently stopped making something would leave it untested.
    if (ran >= 1000 && options().statements == 0) {
        EXPECT_EQ(coverage.missing(), "");
    }
}

// The harness must be able to fail: each planted bug makes it report a difference within a few hundred programs.
TEST(Differential, PlantedBugsAreFound) {
    for (const differential::PlantedBug& bug : differential::planted_bugs()) {
        bool found = false;
        for (uint64_t seed = 1; seed <= 600 && !found; ++seed) {
            const Program program = differential::generate({seed, 0}, nullptr);
            auto right = trial::Prepared::make(program, trial::oracle());
            auto wrong = trial::Prepared::make(program, trial::oracle(), {}, bug.mutation);
            if (!right || !wrong) continue;
            trial::Random random(seed ^ 0x5eed);
            for (int k = 0; k < kArgumentSets && !found; ++k) {
                const trial::Arguments arguments = differential::random_arguments(program.entry(), random);
                found = trial::differs(*right, *wrong, arguments, program.entry());
            }
        }
        EXPECT_TRUE(found) << "the planted bug `" << bug.name << "` was not found";
    }
}

}  // namespace

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    for (int i = 1; i < argc; ++i) {
        const std::string arg = argv[i];
        const bool has_value = i + 1 < argc;
        if (arg == "--print")
            options().print = true;
        else if (arg == "--seed" && has_value)
            options().first_seed = std::strtoull(argv[++i], nullptr, 0);
        else if (arg == "--count" && has_value)
            options().count = std::strtoull(argv[++i], nullptr, 0);
        else if (arg == "--statements" && has_value)
            options().statements = std::atoi(argv[++i]);
        else if (arg == "--seconds" && has_value)
            options().seconds = std::atoi(argv[++i]);
        else
            return std::fprintf(stderr, "usage: %s [--seed N] [--count N] [--statements N] [--seconds N] [--print]\n",
                                argv[0]),
                   2;
    }
    return RUN_ALL_TESTS();
}
