// SPDX-License-Identifier: MIT OR Apache-2.0
#include "race.h"

#include <cstdio>

namespace exprjit::bench {

namespace {

constexpr double kWrong = 64;  // ULP: more than rounding explains, in any contestant

}  // namespace

const char* level_name(ej_isa isa) { return isa == EJ_ISA_V4 ? "v4" : isa == EJ_ISA_V3 ? "v3" : "v2"; }

Race::Race(Report& report, const Function& f, ej_isa isa, const Columns& columns, const char* way)
    : report_(report), function_(f), isa_(isa), columns_(columns), way_(way),
      group_(std::string(f.name) + ", " + ej_dtype_name(columns.type()) + ", " + level_name(isa)) {}

void Race::enter(const std::string& engine, std::function<void()> run) {
    entrants_.push_back({engine, [run = std::move(run)] {
                             run();
                             leave_wide_vectors();
                         }});
}

void Race::enter(const std::string& engine, void* function, VectorLoop loop) {
    const Columns& c = columns_;
    const void* second = function_.arguments == 2 ? c.input(1) : nullptr;
    enter(engine, [=, &c] { loop(function, c.input(0), second, c.output(), c.rows()); });
}

void Race::absent(const std::string& engine, const std::string& why) {
    Row row = blank(engine);
    row.note = why;
    absent_.push_back(std::move(row));
}

std::map<std::string, double> Race::run(double seconds, std::optional<double> target) {
    std::vector<double> errors;
    std::vector<Entrant> right;
    for (Entrant& e : entrants_) {
        e.run();
        const double error = largest_error(function_, columns_, columns_.output());
        if (error <= kWrong) {
            errors.push_back(error);
            right.push_back(e);
            continue;
        }
        char text[64];
        std::snprintf(text, sizeof text, "WRONG RESULT: %.3g ULP in this sample", error);
        absent(e.name, text);
        std::fprintf(stderr, "\n%s, %s %s: %s\n", group_.c_str(), way_, e.name.c_str(), text);
    }
    const std::vector<Samples> samples = time_entrants(right, seconds);
    std::map<std::string, double> times;
    const double per_row = 1.0 / static_cast<double>(columns_.rows());
    for (size_t i = 0; i < right.size(); ++i) {
        Row row = blank(right[i].name);
        row.value = times[right[i].name] = samples[i].median() * per_row;
        row.low = samples[i].quantile(0.1) * per_row;
        row.high = samples[i].quantile(0.9) * per_row;
        if (right[i].name == "exprjit, 1ulp") row.target = target;
        char text[32];
        std::snprintf(text, sizeof text, "%.2f", errors[i]);
        row.tags.push_back({"sample_ulp", text});
        row.note = std::string(text) + " ULP in this sample";
        report_.add(std::move(row));
    }
    for (Row& row : absent_) report_.add(std::move(row));
    absent_.clear();
    return times;
}

void Race::figure(const std::string& name, double value, const char* unit, std::optional<double> target, bool at_least,
                  const std::string& note) {
    Row row;
    row.group = group_;
    row.name = name;
    row.unit = unit;
    row.value = value;
    row.target = target;
    row.at_least = at_least;
    row.note = note;
    report_.add(std::move(row));
}

Row Race::blank(const std::string& engine) const {
    Row row;
    row.group = group_;
    row.name = std::string(way_) + ": " + engine;
    row.unit = "ns";
    row.tags = {{"function", function_.name},
                {"type", ej_dtype_name(columns_.type())},
                {"level", level_name(isa_)},
                {"way", way_},
                {"engine", engine}};
    return row;
}

}  // namespace exprjit::bench
