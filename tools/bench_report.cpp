// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench_report.h"

#include "json_text.h"
#include "library.h"
#include "number_text.h"

namespace exprjit::cli {
namespace {

struct CompilePhase {
    const char* name;
    uint64_t ej_timings::*field;
};
constexpr CompilePhase kPhases[] = {{"parse", &ej_timings::parse}, {"verify", &ej_timings::verify},
                                    {"key", &ej_timings::key},     {"optimise", &ej_timings::optimise},
                                    {"uses", &ej_timings::uses},   {"allocate", &ej_timings::allocate},
                                    {"emit", &ej_timings::emit},   {"install", &ej_timings::install}};

std::string time_text(double ns) {
    if (ns < 0) {
        return "-";
    }
    return ns >= 1e6   ? three_digits(ns / 1e6) + " ms"
           : ns >= 1e3 ? three_digits(ns / 1e3) + " us"
                       : three_digits(ns) + " ns";
}

}  // namespace

std::string bench_text(const BenchFigures& figures) {
    std::string text;
    const auto row = [&](const std::string& label, const std::string& value) {
        text += label;
        text.append(label.size() < 26 ? 26 - label.size() : 1, ' ');
        text += value + "\n";
    };
    row("kernel", figures.signature);
    row("", std::string(tier_name(figures.info.tier)) + " tier, " + isa_name(figures.info.isa) + ", " +
                std::to_string(figures.info.nodes) + " nodes, " + std::to_string(figures.info.code_bytes) +
                " bytes of code");
    row("compile, nothing cached", time_text(figures.cold_ns));
    std::string phases;
    for (const CompilePhase& phase : kPhases) {
        if (figures.phases.*phase.field > 0) {
            phases += (phases.empty() ? "" : ", ") + std::string(phase.name) + " " +
                      time_text(static_cast<double>(figures.phases.*phase.field));
        }
    }
    row("  of which", phases.empty() ? "-" : phases);
    row("compile, same text", time_text(figures.text_hit_ns));
    row("compile, same program", time_text(figures.canonical_hit_ns));
    row("call, plain entry", figures.plain_ns < 0 ? "- (this kernel has none)" : time_text(figures.plain_ns));
    row("call, ej_kernel_call", time_text(figures.call_ns));
    for (size_t i = 0; i < std::size(kBenchRows); ++i) {
        row("columns, " + grouped(kBenchRows[i]) + " rows", time_text(figures.row_ns[i]) + " per row");
    }
    return text;
}

std::string bench_json(const std::string& expression, const BenchFigures& figures) {
    JsonText json;
    const auto figure = [&](const char* key, double ns) { ns < 0 ? json.null(key) : json.number(key, ns); };
    json.open_object();
    json.text("expression", expression);
    json.text("signature", figures.signature);
    json.text("tier", tier_name(figures.info.tier));
    json.text("isa", isa_name(figures.info.isa));
    json.text("cpu", ej_cpu_name());
    json.integer("nodes", static_cast<int64_t>(figures.info.nodes));
    json.integer("code_bytes", static_cast<int64_t>(figures.info.code_bytes));
    json.open_object("compile");
    figure("cold_ns", figures.cold_ns);
    figure("text_hit_ns", figures.text_hit_ns);
    figure("canonical_hit_ns", figures.canonical_hit_ns);
    json.open_object("phases_ns");
    for (const CompilePhase& phase : kPhases) {
        json.integer(phase.name, static_cast<int64_t>(figures.phases.*phase.field));
    }
    json.close_object();
    json.close_object();
    json.open_object("call");
    figure("plain_entry_ns", figures.plain_ns);
    figure("kernel_call_ns", figures.call_ns);
    json.close_object();
    json.open_array("columns");
    for (size_t i = 0; i < std::size(kBenchRows); ++i) {
        json.open_object();
        json.integer("rows", kBenchRows[i]);
        json.number("ns_per_row", figures.row_ns[i]);
        json.close_object();
    }
    json.close_array();
    json.close_object();
    return json.finish();
}

}  // namespace exprjit::cli
