// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_bench_maths [--json FILE] [--quick] [--only NAME,...] [--isa v4,v3,v2] [--type f64,f32]
//                     [--section functions,expressions,compile]
// Elementary functions through the C ABI, beside glibc, libmvec and SLEEF, in one run. Targets are printed as pass or fail
// with the ratio; the exit status is 0 either way: timings are figures, not tests.
#include <cstdio>
#include <cstring>
#include <sstream>

#include "sections.h"

namespace {

std::vector<std::string> split(const char* list) {
    std::vector<std::string> words;
    std::istringstream in(list);
    for (std::string word; std::getline(in, word, ',');) words.push_back(word);
    return words;
}

bool has(const std::vector<std::string>& words, const char* word) {
    for (const std::string& w : words)
        if (w == word) return true;
    return words.empty();
}

}  // namespace

int main(int argc, char** argv) {
    using namespace exprjit::bench;
    const char* json = nullptr;
    Settings settings;
    std::vector<std::string> levels, types, sections;
    for (int i = 1; i < argc; ++i) {
        const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
        if (std::strcmp(argv[i], "--quick") == 0) {
            settings.seconds = 0.004;
            continue;
        }
        ++i;
        if (value != nullptr && std::strcmp(argv[i - 1], "--json") == 0) {
            json = value;
        } else if (value != nullptr && std::strcmp(argv[i - 1], "--only") == 0) {
            settings.wanted = split(value);
        } else if (value != nullptr && std::strcmp(argv[i - 1], "--isa") == 0) {
            levels = split(value);
        } else if (value != nullptr && std::strcmp(argv[i - 1], "--type") == 0) {
            types = split(value);
        } else if (value != nullptr && std::strcmp(argv[i - 1], "--section") == 0) {
            sections = split(value);
        } else {
            std::fprintf(stderr,
                         "usage: %s [--json FILE] [--quick] [--only NAME,...] [--isa v4,v3,v2] [--type f64,f32]\n"
                         "       [--section functions,expressions,compile]\n",
                         argv[0]);
            return 2;
        }
    }
    if (ej_cpu_isa() < EJ_ISA_V2) return std::fprintf(stderr, "this CPU is below x86-64-v2\n"), 1;
    const char* const names[] = {"v2", "v3", "v4"};
    for (ej_isa isa = ej_cpu_isa(); isa >= EJ_ISA_V2; --isa)
        if (has(levels, names[isa - EJ_ISA_V2])) settings.levels.push_back(isa);
    for (const ej_dtype type : {EJ_F64, EJ_F32})
        if (has(types, ej_dtype_name(type))) settings.types.push_back(type);
    Report report;
    if (has(sections, "functions")) measure_functions(report, settings);
    if (has(sections, "expressions")) measure_expressions(report, settings);
    if (has(sections, "compile") && settings.wanted.empty()) measure_compile_times(report);
    report.print();
    if (json != nullptr && !report.write_json(json)) return std::fprintf(stderr, "cannot write %s\n", json), 1;
    return 0;
}
