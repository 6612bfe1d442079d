// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The formulas, point by point: one formula, type and size, with every contestant in turns.
#include <cstdio>
#include <cstring>
#include <memory>

#include "contestants.h"
#include "sections.h"
#include "stopwatch.h"

namespace exprjit::bench {

namespace {

using Work = Formula::Work;

constexpr int64_t kSmall = 1000;     // in the first-level cache
constexpr int64_t kSmallLess = 200;  // what a call costs is taken out by the difference of the two
constexpr int64_t kThreadsFrom = 100'000;
constexpr int64_t kMemory = 10'000'000;

const char* size_name(int64_t rows) {
    static char text[32];
    if (rows >= 1'000'000)
        std::snprintf(text, sizeof text, "%lld million", static_cast<long long>(rows / 1'000'000));
    else if (rows >= 1000)
        std::snprintf(text, sizeof text, "%lld,%03lld", static_cast<long long>(rows / 1000),
                      static_cast<long long>(rows % 1000));
    else
        std::snprintf(text, sizeof text, "%lld", static_cast<long long>(rows));
    return text;
}

// What is measured at one point: the contestants and what they gave.
class Point {
  public:
    Point(Report& report, const Formula& f, ej_dtype type, int64_t rows)
        : report_(report), formula_(f), type_(type), rows_(rows),
          group_(std::string(f.title) + ", " + ej_dtype_name(type) + ", " + size_name(rows) + " rows") {}

    void add_time(const std::string& engine, int threads, const Samples& s) {
        Row row = blank(engine, threads);
        const double per_row = 1.0 / static_cast<double>(rows_);
        row.value = s.median() * per_row;
        row.low = s.quantile(0.1) * per_row;
        row.high = s.quantile(0.9) * per_row;
        report_.add(std::move(row));
    }
    void add_missing(const std::string& engine, int threads, const std::string& why) {
        Row row = blank(engine, threads);
        row.note = why;
        report_.add(std::move(row));
    }
    // A ratio or rate, with what it was to reach.
    void add_figure(const std::string& name, double value, const char* unit, std::optional<double> at_least) {
        Row row;
        row.group = group_;
        row.name = name;
        row.unit = unit;
        row.value = value;
        row.target = at_least;
        row.at_least = true;
        report_.add(std::move(row));
    }

  private:
    Row blank(const std::string& engine, int threads) const {
        Row row;
        row.group = group_;
        row.name = threads > 1 ? engine + ", 2 threads" : engine;
        row.unit = "ns/row";
        row.tags = {{"formula", formula_.name},
                    {"type", ej_dtype_name(type_)},
                    {"rows", std::to_string(rows_)},
                    {"engine", engine},
                    {"threads", std::to_string(threads)}};
        return row;
    }
    Report& report_;
    const Formula& formula_;
    ej_dtype type_;
    int64_t rows_;
    std::string group_;
};

// The contestants of one formula and type.
struct Field {
    Field(const Formula& f, ej_dtype type)
        : plain(f, type, 0), contracted(f, type, EJ_FLAG_CONTRACT), fast(f, type, c_loops_fast),
          strict(f, type, c_loops_strict) {}
    EngineFormula plain, contracted;
    CFormula fast, strict;
};

constexpr const char* kPlain = "exprjit";
constexpr const char* kContracted = "exprjit, contract";
constexpr const char* kFast = "C, -O3 -march=native -ffast-math";
constexpr const char* kStrict = "C, -O3 -march=native";

// False, with the reason, if the engine's result is not C's.
bool right(Field& field, const Formula& f, const Buffers& b, int64_t rows, std::string* why) {
    const int64_t results = f.work == Work::Reduction ? 1 : rows;
    Buffer ours(static_cast<size_t>(results) * 8);
    field.plain.bind(b, ours.data(), rows);
    if (!field.plain.refused().empty() || !field.plain.evaluate(1)) {
        *why = field.plain.refused();
        return false;
    }
    field.strict.evaluate(b, b.output(), rows, 1);
    int64_t row = 0;
    if (agree(b.type(), ours.data(), b.output(), results, &row)) return true;
    *why = "WRONG RESULT in row " + std::to_string(row);
    std::fprintf(stderr, "%s, %s: %s\n", f.title, ej_dtype_name(b.type()), why->c_str());
    return false;
}

// Median times of one call, in nanoseconds; 0 where there is none.
struct Times {
    double plain = 0, contracted = 0, fast = 0, strict = 0;
    double best_engine() const { return contracted > 0 && contracted < plain ? contracted : plain; }
};

Times run_point(Field& field, Point* point, const Buffers& b, int64_t rows, int threads, bool floats, bool engine,
                double seconds) {
    std::vector<Entrant> entrants;
    if (engine) {
        field.plain.bind(b, b.output(), rows);
        entrants.push_back({kPlain, [&field, threads] { field.plain.evaluate(threads); }});
        if (floats) {
            field.contracted.bind(b, b.output(), rows);
            entrants.push_back({kContracted, [&field, threads] { field.contracted.evaluate(threads); }});
        }
    }
    entrants.push_back({kFast, [&] { field.fast.evaluate(b, b.output(), rows, threads); }});
    if (floats && threads == 1) entrants.push_back({kStrict, [&] { field.strict.evaluate(b, b.output(), rows, 1); }});
    const std::vector<Samples> samples = time_entrants(entrants, seconds);
    Times t;
    for (size_t i = 0; i < entrants.size(); ++i) {
        const std::string& name = entrants[i].name;
        (name == kPlain        ? t.plain
         : name == kContracted ? t.contracted
         : name == kFast       ? t.fast
                               : t.strict) = samples[i].median();
        if (point != nullptr) point->add_time(name, threads, samples[i]);
    }
    return t;
}

// Bytes that must cross the memory bus for one row.
double bytes_per_row(const Formula& f, ej_dtype type) {
    const bool center = std::strcmp(f.name, "center") == 0;
    const int streams = f.columns + (f.work == Work::Reduction ? 0 : 1) + (center ? 1 : 0);
    return static_cast<double>(streams) * static_cast<double>(ej_dtype_size(type));
}

// The targets of the first-level cache: against the C loop, and for reductions against the load bandwidth.
void judge_small(Point& point, const Formula& f, ej_dtype type, const Times& whole, const Times& less,
                 const Limits& limits) {
    const double rows = kSmall - kSmallLess;
    // Where both times are as good as equal, the difference says nothing.
    const double marginal = std::max(whole.best_engine() - less.best_engine(), 0.1);
    const double marginal_c = std::max(whole.fast - less.fast, 0.1);
    if (f.work != Work::Transcendental)
        point.add_figure("a call's fixed cost, about", whole.best_engine() - marginal / rows * kSmall, "ns", {});
    if (f.work == Work::Reduction) {
        const double bytes = bytes_per_row(f, type);
        const bool judged = std::strcmp(f.name, "sum") == 0 || std::strcmp(f.name, "dot") == 0;
        const std::optional<double> target = judged ? std::optional<double>(0.85) : std::nullopt;
        point.add_figure("of the load bandwidth, whole call", bytes * kSmall / whole.best_engine() / limits.read_l1,
                         "x", target);
        point.add_figure("of the load bandwidth, without the call's fixed cost",
                         bytes * rows / marginal / limits.read_l1, "x", target);
    }
    const std::optional<double> target = f.work == Work::Arithmetic ? std::optional<double>(0.9) : std::nullopt;
    point.add_figure("speed over the C loop with -ffast-math, whole call", whole.fast / whole.best_engine(), "x",
                     target);
    point.add_figure("speed over the C loop with -ffast-math, without the call's fixed cost", marginal_c / marginal,
                     "x", target);
    if (whole.strict > 0)
        point.add_figure("exprjit over the C loop without -ffast-math, whole call", whole.strict / whole.plain, "x",
                         {});
}

void judge_memory(Point& point, const Formula& f, ej_dtype type, const Times& one, const Limits& limits) {
    point.add_figure("speed over the C loop with -ffast-math", one.fast / one.best_engine(), "x", {});
    if (f.work == Work::Transcendental) return;
    const double rate = bytes_per_row(f, type) * kMemory / one.best_engine();
    if (f.work == Work::Reduction)
        point.add_figure("of the memory's read bandwidth", rate / limits.read_dram, "x", {});
    else
        point.add_figure("of the streaming triad's bandwidth", rate / limits.triad_streaming, "x", 0.9);
}

void measure_formula(Report& report, const Formula& f, ej_dtype type, Buffers& b, const Settings& settings,
                     const Limits& limits) {
    b.fill(f);
    Field field(f, type);
    std::string why;
    const bool floats = !f.integers;
    const bool engine = right(field, f, b, std::min<int64_t>(b.rows(), 10'007), &why);
    for (const int64_t rows : settings.sizes) {
        Point point(report, f, type, rows);
        const double seconds = rows >= kMemory ? settings.seconds * 3 : settings.seconds;
        if (!engine) point.add_missing(kPlain, 1, why);
        const Times one = run_point(field, &point, b, rows, 1, floats, engine, seconds);
        Times two;
        if (rows >= kThreadsFrom) two = run_point(field, &point, b, rows, 2, floats, engine, seconds);
        if (!engine) continue;
        if (rows == kSmall) {
            const Times less = run_point(field, nullptr, b, kSmallLess, 1, floats, true, seconds);
            judge_small(point, f, type, one, less, limits);
        }
        if (rows == kMemory) judge_memory(point, f, type, one, limits);
        if (rows >= kThreadsFrom) {
            // Where the memory is the limit, a second core cannot do much for it.
            const bool judged = f.work == Work::Transcendental && rows == kMemory;
            point.add_figure("2 threads over one", one.best_engine() / two.best_engine(), "x",
                             judged ? std::optional<double>(1.7) : std::nullopt);
        }
    }
}

}  // namespace

void measure_formulas(Report& report, const Settings& settings, const Limits& limits) {
    for (const ej_dtype type : {EJ_F64, EJ_F32, EJ_I64, EJ_I32}) {
        const bool integers = type == EJ_I64 || type == EJ_I32;
        Buffers b(type, settings.sizes.back());
        for (const Formula& f : formulas()) {
            if (f.integers != integers || (settings.only != nullptr && std::strcmp(settings.only, f.name) != 0))
                continue;
            std::fprintf(stderr, "%s, %s\n", f.title, ej_dtype_name(type));
            measure_formula(report, f, type, b, settings, limits);
        }
    }
}

void measure_large_sum(Report& report, const Settings& settings, const Limits& limits) {
    const Formula& f = formula("sum");
    if (settings.large_sum == 0 || (settings.only != nullptr && std::strcmp(settings.only, f.name) != 0)) return;
    std::fprintf(stderr, "large sum\n");
    Buffers b(EJ_F64, settings.large_sum);
    b.fill(f);
    Field field(f, EJ_F64);
    std::string why;
    Point point(report, f, EJ_F64, settings.large_sum);
    const bool engine = right(field, f, b, 10'007, &why);
    if (!engine) point.add_missing(kPlain, 1, why);
    const Times one = run_point(field, &point, b, settings.large_sum, 1, false, engine, settings.seconds * 8);
    const Times two = run_point(field, &point, b, settings.large_sum, 2, false, engine, settings.seconds * 8);
    if (!engine) return;
    const double bytes = 8 * static_cast<double>(settings.large_sum);
    point.add_figure("of the memory's read bandwidth", bytes / one.plain / limits.read_dram, "x", {});
    point.add_figure("2 threads over one", one.plain / two.plain, "x", {});
}

}  // namespace exprjit::bench
