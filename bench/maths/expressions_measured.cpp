// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Expressions of several functions over columns, beside gcc's loops. gcc may do everything -ffast-math allows, so exprjit is
// judged with the permission to contract; without it, it promises every rounding.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

#include "columns.h"
#include "formulas.h"
#include "kernel.h"
#include "loops.h"
#include "sections.h"
#include "stopwatch.h"
#include "vectors.h"

namespace exprjit::bench {

namespace {

constexpr const char* kNames[] = {"waves", "black_scholes", "gelu", "haversine"};
constexpr const char* kGcc = "gcc -O3 -march=native -ffast-math";

c_loop find_loop(const char* name, ej_dtype type) {
    for (const c_loop_entry* e = c_loops_fast; e->name != nullptr; ++e)
        if (std::strcmp(e->name, name) == 0 && std::strcmp(e->type, ej_dtype_name(type)) == 0) return e->loop;
    return nullptr;
}

void measure_expression(Report& report, const Formula& f, ej_dtype type, double seconds) {
    const Columns columns(type, f.columns, f.low, f.high);
    const int64_t rows = columns.rows();
    const ej_isa isa = ej_cpu_isa();
    Kernel plain(f.text, f.columns, {isa, type}),
        contracted(f.text, f.columns, {isa, type, EJ_ACCURACY_1ULP, EJ_FLAG_CONTRACT}),
        fast(f.text, f.columns, {isa, type, EJ_ACCURACY_FAST, EJ_FLAG_CONTRACT});
    const std::string group = std::string(f.title) + ", " + ej_dtype_name(type);
    const c_loop loop = find_loop(f.name, type);
    std::vector<double> expected(static_cast<size_t>(rows));
    loop(columns.inputs(), 0, expected.data(), 0, rows);
    leave_wide_vectors();

    std::vector<Entrant> entrants;
    entrants.push_back({kGcc, [&] {
                            loop(columns.inputs(), 0, columns.output(), 0, rows);
                            leave_wide_vectors();
                        }});
    const std::pair<const char*, Kernel*> ours[] = {
        {"exprjit, 1ulp", &plain}, {"exprjit, 1ulp, contract", &contracted}, {"exprjit, fast, contract", &fast}};
    const auto blank = [&](const std::string& engine) {
        Row row;
        row.group = group;
        row.name = engine;
        row.unit = "ns";
        row.tags = {{"formula", f.name}, {"type", ej_dtype_name(type)}, {"engine", engine}};
        return row;
    };
    for (const auto& [name, kernel] : ours) {
        Row row = blank(name);
        if (kernel->refused().empty()) kernel->bind(columns, columns.output(), rows);
        if (!kernel->refused().empty() || !kernel->evaluate()) {
            row.note = kernel->refused();
        } else if (const int64_t bad = first_difference(type, columns.output(), expected.data(), rows); bad >= 0) {
            row.note = "WRONG RESULT in row " + std::to_string(bad);
        } else {
            entrants.push_back({name, [kernel = kernel] {
                                    kernel->evaluate();
                                    leave_wide_vectors();
                                }});
            continue;
        }
        std::fprintf(stderr, "%s, %s: %s\n", group.c_str(), name, row.note.c_str());
        report.add(std::move(row));
    }
    const std::vector<Samples> samples = time_entrants(entrants, seconds);
    std::map<std::string, double> times;
    const double per_row = 1.0 / static_cast<double>(rows);
    for (size_t i = 0; i < entrants.size(); ++i) {
        Row row = blank(entrants[i].name);
        row.value = times[entrants[i].name] = samples[i].median() * per_row;
        row.low = samples[i].quantile(0.1) * per_row;
        row.high = samples[i].quantile(0.9) * per_row;
        report.add(std::move(row));
    }
    const std::pair<const char*, double> judged[] = {
        {"exprjit, 1ulp", 0}, {"exprjit, 1ulp, contract", 0.9}, {"exprjit, fast, contract", 1.25}};
    for (const auto& [name, target] : judged) {
        if (times.find(name) == times.end()) continue;
        Row row;
        row.group = group;
        row.name = std::string(name) + " over gcc";
        row.unit = "x";
        row.value = times[kGcc] / times[name];
        if (target > 0 && std::strcmp(f.name, "haversine") != 0) row.target = target;
        row.at_least = true;
        report.add(std::move(row));
    }
}

}  // namespace

void measure_expressions(Report& report, const Settings& settings) {
    const std::string calls = libmvec_calls_of_this_program();
    for (const char* name : kNames)
        for (const ej_dtype type : settings.types)
            if (settings.wants(name)) measure_expression(report, formula(name), type, settings.seconds * 2);
    Row row;
    row.group = "what gcc made of the C loops";
    row.name = "libmvec's functions they call";
    row.unit = "names";
    row.value = calls.empty() ? 0 : 1 + static_cast<double>(std::count(calls.begin(), calls.end(), ' '));
    row.note = calls;
    report.add(std::move(row));
}

}  // namespace exprjit::bench
