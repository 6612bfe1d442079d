// SPDX-License-Identifier: MIT OR Apache-2.0
#include "report.h"

#include <cstdio>

#include "exprjit/exprjit.h"

namespace exprjit::bench {

void Report::samples(const std::string& group, const std::string& name, const Samples& s, std::optional<double> target,
                     const std::string& note) {
    Row r;
    r.group = group;
    r.name = name;
    r.unit = "ns";
    r.value = s.median();
    r.low = s.quantile(0.1);
    r.high = s.quantile(0.9);
    r.target = target;
    r.note = note;
    add(std::move(r));
}

void Report::missing(const std::string& group, const std::string& name, const std::string& how) {
    Row r;
    r.group = group;
    r.name = name;
    r.unit = "ns";
    r.note = how;
    add(std::move(r));
}

int Report::failed() const {
    int n = 0;
    for (const Row& r : rows_) n += r.passed() ? 0 : 1;
    return n;
}

void Report::print() const {
    std::string group;
    for (const Row& r : rows_) {
        if (r.group != group) std::printf("\n%s\n", (group = r.group).c_str());
        if (!r.value) {
            std::printf("  %-44s     missing   (%s)\n", r.name.c_str(), r.note.c_str());
            continue;
        }
        std::printf("  %-44s %11.*f %-5s", r.name.c_str(),
                    *r.value < 1     ? 3
                    : *r.value < 100 ? 2
                                     : 0,
                    *r.value, r.unit.c_str());
        if (r.high != 0) {
            const int digits = *r.value < 1 ? 3 : *r.value < 10 ? 2 : 0;
            std::printf("  [%.*f … %.*f]", digits, r.low, digits, r.high);
        }
        if (r.target) {
            std::printf("  %s  %s %g, ratio %.2f", r.passed() ? "pass" : "FAIL", r.at_least ? "at least" : "at most",
                        *r.target, r.ratio());
        }
        if (!r.note.empty()) std::printf("  (%s)", r.note.c_str());
        std::printf("\n");
    }
    int targets = 0;
    for (const Row& r : rows_) targets += r.target ? 1 : 0;
    std::printf("\n%d of %d targets reached\n", targets - failed(), targets);
}

namespace {

std::string quoted(const std::string& s) {
    std::string out = "\"";
    for (const char c : s) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

}  // namespace

bool Report::write_json(const std::string& path) const {
    std::FILE* f = path == "-" ? stdout : std::fopen(path.c_str(), "w");
    if (f == nullptr) return false;
    std::fprintf(f, "{\n  \"version\": %s,\n  \"cpu\": %s,\n  \"isa\": %d,\n  \"rows\": [",
                 quoted(ej_version()).c_str(), quoted(ej_cpu_name()).c_str(), static_cast<int>(ej_cpu_isa()));
    for (size_t i = 0; i < rows_.size(); ++i) {
        const Row& r = rows_[i];
        std::fprintf(f, "%s\n    {\"group\": %s, \"name\": %s, \"unit\": %s", i != 0 ? "," : "",
                     quoted(r.group).c_str(), quoted(r.name).c_str(), quoted(r.unit).c_str());
        if (r.value)
            std::fprintf(f, ", \"value\": %.4f", *r.value);
        else
            std::fprintf(f, ", \"value\": null, \"missing\": true");
        if (r.high != 0) std::fprintf(f, ", \"p10\": %.4f, \"p90\": %.4f", r.low, r.high);
        if (r.target)
            std::fprintf(f, ", \"target\": %g, \"at_least\": %s, \"passed\": %s, \"ratio\": %.4f", *r.target,
                         r.at_least ? "true" : "false", r.passed() ? "true" : "false", r.ratio());
        for (const auto& [key, text] : r.tags) std::fprintf(f, ", %s: %s", quoted(key).c_str(), quoted(text).c_str());
        if (!r.note.empty()) std::fprintf(f, ", \"note\": %s", quoted(r.note).c_str());
        std::fprintf(f, "}");
    }
    std::fprintf(f, "\n  ]\n}\n");
    const bool good = std::ferror(f) == 0;
    return (f == stdout || std::fclose(f) == 0) && good;
}

}  // namespace exprjit::bench
