// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The functions, point by point: one function, type and level, with every contestant in turns; first over columns, then
// called once per row.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "columns.h"
#include "kernel.h"
#include "loops_table.h"
#include "race.h"
#include "sections.h"
#include "vectors.h"

namespace exprjit::bench {

namespace {

// Calls a plain C function for every row.
template <class T>
[[gnu::noinline]] void call_unary(void* function, const void* a, const void*, void* out, int64_t rows) {
    T (*const f)(T) = reinterpret_cast<T (*)(T)>(function);
    for (int64_t i = 0; i < rows; ++i) static_cast<T*>(out)[i] = f(static_cast<const T*>(a)[i]);
}
template <class T>
[[gnu::noinline]] void call_binary(void* function, const void* a, const void* b, void* out, int64_t rows) {
    T (*const f)(T, T) = reinterpret_cast<T (*)(T, T)>(function);
    for (int64_t i = 0; i < rows; ++i)
        static_cast<T*>(out)[i] = f(static_cast<const T*>(a)[i], static_cast<const T*>(b)[i]);
}
VectorLoop scalar_loop(ej_dtype type, int arguments) {
    if (type == EJ_F32) return arguments == 1 ? call_unary<float> : call_binary<float>;
    return arguments == 1 ? call_unary<double> : call_binary<double>;
}

// The two kernels of a function.
struct Kernels {
    Kernels(const Function& f, ej_isa isa, ej_dtype type)
        : accurate(text(f).c_str(), f.arguments, {isa, type}),
          fast(text(f).c_str(), f.arguments, {isa, type, EJ_ACCURACY_FAST}) {}
    static std::string text(const Function& f) { return std::string(f.name) + (f.arguments == 2 ? "(a, b)" : "(a)"); }
    Kernel accurate, fast;
};

const maths_loop* find_loop(const maths_loop* table, const Function& f, ej_dtype type) {
    for (; table->name != nullptr; ++table)
        if (std::strcmp(table->name, f.name) == 0 && std::strcmp(table->type, ej_dtype_name(type)) == 0) return table;
    return nullptr;
}

bool enter_kernel(Race& race, const char* engine, Kernel& kernel, const Columns& columns) {
    if (kernel.refused().empty()) kernel.bind(columns, columns.output(), columns.rows());
    if (!kernel.refused().empty() || !kernel.evaluate()) return race.absent(engine, kernel.refused()), false;
    race.enter(engine, [&kernel] { kernel.evaluate(); });
    return true;
}

// 0 where the time is not known.
double ratio(const std::map<std::string, double>& times, const char* slow, const char* fast) {
    const auto p = times.find(slow), q = times.find(fast);
    return p == times.end() || q == times.end() ? 0 : p->second / q->second;
}

// Over columns. The result is exprjit's time at 1 ULP, 0 if there is none.
double measure_vectors(Report& report, const Function& f, ej_isa isa, const Columns& columns, Kernels& kernels,
                       double seconds) {
    Race race(report, f, isa, columns, "vector");
    enter_kernel(race, "exprjit, 1ulp", kernels.accurate, columns);
    enter_kernel(race, "exprjit, fast", kernels.fast, columns);
    const VectorLoop loop = vector_loop(isa, columns.type(), f.arguments);
    std::string why;
    if (f.is_libm) {
        const auto enter = [&](const char* engine, void* function) {
            function != nullptr ? race.enter(engine, function, loop) : race.absent(engine, why);
        };
        enter("libmvec", find_libmvec(f, isa, columns.type(), &why));
        enter("SLEEF u10", find_sleef(f, isa, columns.type(), f.exact, &why));
        enter("SLEEF u35", find_sleef(f, isa, columns.type(), "u35", &why));
    } else if (isa == ej_cpu_isa()) {
        const maths_loop* written = find_loop(vector_loops, f, columns.type());
        race.enter("gcc -ffast-math over libmvec",
                   [written, &columns] { written->run(columns.input(0), columns.output(), columns.rows()); });
    }
    const bool judged = isa == EJ_ISA_V4 && columns.type() == EJ_F64 && f.target > 0;
    const auto times = race.run(seconds, judged ? std::optional<double>(f.target) : std::nullopt);
    const char* rival = f.is_libm ? "libmvec" : "gcc -ffast-math over libmvec";
    const double accurate = ratio(times, rival, "exprjit, 1ulp"), fast = ratio(times, rival, "exprjit, fast");
    if (judged && f.libmvec > 0 && accurate > 0) {
        char note[96];
        std::snprintf(note, sizeof note, "the target is %g ns where libmvec takes %g; here it takes %.2f", f.target,
                      f.libmvec, times.at("libmvec"));
        race.figure("vector: exprjit, 1ulp, beside a scaled target", times.at("exprjit, 1ulp"), "ns",
                    std::round(f.target * times.at("libmvec") / f.libmvec * 1000) / 1000, false, note);
    }
    if (accurate > 0) race.figure(std::string("vector: 1ulp over ") + rival, accurate, "x", {}, true);
    if (fast > 0)
        race.figure(std::string("vector: fast over ") + rival, fast, "x",
                    isa == EJ_ISA_V4 && f.is_libm ? std::optional<double>(1.25) : std::nullopt, true);
    const auto ours = times.find("exprjit, 1ulp");
    return ours == times.end() ? 0 : ours->second;
}

// One call per row. The result is how many times faster exprjit is than glibc, 0 where there is no such thing.
double measure_scalars(Report& report, const Function& f, ej_isa isa, const Columns& columns, Kernels& kernels,
                       double seconds) {
    Race race(report, f, isa, columns, "scalar");
    const VectorLoop loop = scalar_loop(columns.type(), f.arguments);
    const auto enter = [&](const char* engine, void* function, const char* why) {
        function != nullptr ? race.enter(engine, function, loop) : race.absent(engine, why);
    };
    enter("exprjit, 1ulp", kernels.accurate.entry(), "the kernel has no plain C function");
    enter("exprjit, fast", kernels.fast.entry(), "the kernel has no plain C function");
    if (const maths_loop* written = f.is_libm ? nullptr : find_loop(scalar_loops, f, columns.type()))
        race.enter("glibc", [written, &columns] { written->run(columns.input(0), columns.output(), columns.rows()); });
    else
        enter("glibc", find_glibc(f, columns.type()), "this C library has no such function");
    const auto times = race.run(seconds, {});
    const double over_glibc = ratio(times, "glibc", "exprjit, 1ulp");
    if (over_glibc > 0)
        race.figure("scalar: 1ulp over glibc", over_glibc, "x",
                    isa >= EJ_ISA_V3 && f.is_libm ? std::optional<double>(0.7) : std::nullopt, true);
    return f.is_libm ? over_glibc : 0;
}

struct Mean {
    double logarithms = 0, lowest = 0;
    int count = 0;
    const char* slowest = "";
    void add(double ratio, const char* name) {
        if (ratio <= 0) return;
        logarithms += std::log(ratio);
        if (count++ == 0 || ratio < lowest) lowest = ratio, slowest = name;
    }
};

}  // namespace

bool Settings::wants(const std::string& name) const {
    for (const std::string& w : wanted)
        if (w == name) return true;
    return wanted.empty();
}

void measure_functions(Report& report, const Settings& settings) {
    std::map<std::pair<ej_isa, ej_dtype>, Mean> scalars;
    const bool watched = isatty(STDERR_FILENO) != 0;
    for (const ej_isa isa : settings.levels) {
        for (const Function& f : functions()) {
            if (!settings.wants(f.name)) continue;
            if (watched) std::fprintf(stderr, "\r%s %-12s", level_name(isa), f.name);
            double wide = 0;
            for (const ej_dtype type : settings.types) {
                const Columns columns(type, f.arguments, f.low, f.high);
                Kernels kernels(f, isa, type);
                const double time = measure_vectors(report, f, isa, columns, kernels, settings.seconds);
                if (type == EJ_F64) wide = time;
                if (type == EJ_F32 && wide > 0 && time > 0)
                    Race(report, f, isa, columns, "vector")
                        .figure("vector: f32 over f64, 1ulp", wide / time, "x",
                                isa == EJ_ISA_V4 ? std::optional<double>(2) : std::nullopt, true);
                scalars[{isa, type}].add(measure_scalars(report, f, isa, columns, kernels, settings.seconds), f.name);
            }
        }
    }
    if (watched) std::fprintf(stderr, "\r%40s\r", "");
    for (const auto& [key, mean] : scalars) {
        if (mean.count < 2) continue;
        const bool judged = key.first >= EJ_ISA_V3;
        Row row{"one call per row, beside glibc",
                std::string(ej_dtype_name(key.second)) + ", " + level_name(key.first) + ", geometric mean",
                "x",
                std::exp(mean.logarithms / mean.count),
                0,
                0,
                judged ? std::optional<double>(1.0) : std::nullopt,
                true,
                std::to_string(mean.count) + " functions"};
        report.add(row);
        row.name = std::string(ej_dtype_name(key.second)) + ", " + level_name(key.first) + ", lowest";
        row.value = mean.lowest;
        row.target = judged ? std::optional<double>(0.7) : std::nullopt;
        row.note = mean.slowest;
        report.add(row);
    }
}

}  // namespace exprjit::bench
