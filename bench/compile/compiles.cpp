// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cstdio>
#include <cstdlib>

#include "direct.h"
#include "exprjit/exprjit.h"
#include "rivals.h"
#include "sections.h"

namespace exprjit::bench {

namespace {

[[noreturn]] void give_up(const std::string& what) {
    std::fprintf(stderr, "the benchmark cannot go on: %s\n", what.c_str());
    std::exit(1);
}

std::vector<RivalSlot> rivals() {
    std::vector<RivalSlot> list;
    list.push_back({"asmjit Compiler", "the asmjit sources: cmake/fetch_asmjit.sh", make_asmjit_compiler()});
    list.push_back({"libtcc", "apt-get install libtcc-dev", make_libtcc()});
    list.push_back({"LLVM 14 ORC LLJIT", "apt-get install llvm-14-dev", make_llvm()});
    list.push_back({"muParser (byte code)", "apt-get install libmuparser-dev", make_muparser()});
    return list;
}

// Text to kernel with no cache in the way.
class TextCompile {
  public:
    TextCompile(std::string text, ej_tier tier) : text_(std::move(text)) {
        ej_engine_options options{};
        options.struct_size = sizeof options;
        options.cache_bytes = 1;  // no cache
        options.tier = tier;
        if (ej_engine_create(&options, &engine_, nullptr) != EJ_OK) give_up("no engine");
    }
    ~TextCompile() { ej_engine_destroy(engine_); }
    void run() {
        if (ej_engine_compile_n(engine_, text_.data(), text_.size(), nullptr, &kernel_, nullptr) != EJ_OK)
            give_up("does not compile: " + text_);
    }
    void finish() {
        ej_timings t{};
        t.struct_size = sizeof t;
        if (ej_kernel_get_timings(kernel_, &t) == EJ_OK) {
            const uint64_t phases[kPhases] = {t.parse, t.key, t.optimise, t.uses, t.allocate, t.emit, t.install};
            for (size_t p = 0; p < kPhases; ++p) phases_[p].values.push_back(static_cast<double>(phases[p]));
        }
        ej_kernel_release(kernel_);
    }
    // The engine's own account of where the time goes; every phase includes reading the clock once.
    static constexpr size_t kPhases = 7;
    static constexpr const char* kPhaseNames[kPhases] = {"parse",    "key",  "optimise", "uses",
                                                         "allocate", "emit", "install"};
    const Samples& phase(size_t p) const { return phases_[p]; }

  private:
    Samples phases_[kPhases];
    std::string text_;
    ej_engine* engine_ = nullptr;
    ej_kernel* kernel_ = nullptr;
};

void one_size(Report& report, uint32_t steps, double target, int rounds) {
    const Formula f = tree(steps);
    const Program program = f.program();
    DirectCompile optimised(program, Tier::Optimised), baseline(program, Tier::Baseline);
    TextCompile text(f.text(), EJ_TIER_OPTIMISED), text_baseline(f.text(), EJ_TIER_BASELINE);
    std::vector<RivalSlot> others = rivals();
    const auto direct = [&](DirectCompile& d) {
        return Contestant{"", [&d] { d.prepare(); },
                          [&d] {
                              if (!d.run()) give_up("no plain entry");
                          },
                          [&d] { d.finish(); }};
    };
    std::vector<Contestant> field{direct(optimised),
                                  direct(baseline),
                                  {"", nullptr, [&] { text.run(); }, [&] { text.finish(); }},
                                  {"", nullptr, [&] { text_baseline.run(); }, [&] { text_baseline.finish(); }}};
    // Everybody must compute the same before anybody is timed.
    optimised.prepare();
    if (!optimised.run()) give_up("no plain entry");
    const double want = optimised.call(1.25, 2.5, 0.75, 3.0);
    optimised.finish();
    for (RivalSlot& r : others) {
        if (!r.rival) continue;
        if (!r.rival->compile(f) || r.rival->call(1.25, 2.5, 0.75, 3.0) != want)
            give_up(std::string(r.name) + " computes something else");
        r.rival->release();
        field.push_back(
            {r.name, nullptr, [&] { r.rival->compile(f); }, [&] { r.rival->release(); },
             r.rival->most_steps() > 100 && !r.rival->from_text() && std::string(r.name)[0] == 'L' ? 1 : 5});
    }
    const std::vector<Samples> s = race(field, rounds);
    const std::string group = "compile " + std::to_string(steps) + " instructions";
    report.samples(group, "exprjit, IR to callable, optimised", s[0], target);
    report.samples(group, "exprjit, IR to callable, baseline", s[1]);
    report.add({group, "optimised over baseline", "x", s[0].median() / s[1].median(), 0, 0, 1.3, true,
                "how much faster the baseline compiles"});
    report.samples(group, "exprjit, text to callable, optimised", s[2], target + 1000, "the IR target plus 1 us");
    report.samples(group, "exprjit, text to callable, baseline", s[3]);
    report.add({group, "text on top of IR", "ns", s[2].median() - s[0].median(), 0, 0, 1000.0, false, ""});
    for (size_t p = 0; p < TextCompile::kPhases; ++p)
        report.samples(group, std::string("  of which ") + TextCompile::kPhaseNames[p], text.phase(p));
    size_t k = 4;
    for (const RivalSlot& r : others) {
        if (!r.rival) {
            report.missing(group, r.name, r.package);
            continue;
        }
        char note[64];
        std::snprintf(note, sizeof note, "%.1f times exprjit's %s",
                      s[k].median() / s[r.rival->from_text() ? 2 : 0].median(), r.rival->from_text() ? "text" : "IR");
        report.samples(group, r.name, s[k++], {}, note);
    }
}

}  // namespace

void measure_compiles(Report& report, int rounds) {
    one_size(report, 12, 1500, rounds);
    one_size(report, 30, 3000, rounds);
}

void measure_cache(Report& report, int rounds) {
    const std::string text = tree(12).text();
    ej_engine* engine = nullptr;
    if (ej_engine_create(nullptr, &engine, nullptr) != EJ_OK) give_up("no engine");
    ej_kernel* keep = nullptr;
    if (ej_engine_compile(engine, text.c_str(), nullptr, &keep, nullptr) != EJ_OK) give_up("does not compile");
    ej_kernel* kernel = nullptr;
    std::string renamed;
    int number = 0;
    ej_engine_stats before{};
    before.struct_size = sizeof before;
    ej_engine_get_stats(engine, &before);
    const std::vector<Samples> s =
        race({{"", nullptr, [&] { ej_engine_compile_n(engine, text.data(), text.size(), nullptr, &kernel, nullptr); },
               [&] { ej_kernel_release(kernel); }, 50},
              {"",
               [&] {  // other names, the same meaning: known only after parsing
                   renamed.clear();
                   const std::string suffix = "_" + std::to_string(number++);
                   for (size_t i = 0; i < text.size(); ++i) {
                       renamed += text[i];
                       if (text[i] == 'p') renamed += text[++i], renamed += suffix;
                   }
               },
               [&] { ej_engine_compile_n(engine, renamed.data(), renamed.size(), nullptr, &kernel, nullptr); },
               [&] { ej_kernel_release(kernel); }, 50}},
             rounds);
    ej_engine_stats after{};
    after.struct_size = sizeof after;
    ej_engine_get_stats(engine, &after);
    if (after.compiles != before.compiles ||
        after.canonical_hits - before.canonical_hits != static_cast<uint64_t>(number))
        give_up("the cache did not hit");
    report.samples("cache, 12 instructions", "hit by text", s[0], 300);
    report.samples("cache, 12 instructions", "hit by canonical IR", s[1], 1500);
    ej_kernel_release(keep);
    ej_engine_destroy(engine);
}

void measure_scaling(Report& report, int rounds) {
    const std::string group = "compile time per instruction (processor time)";
    std::vector<RivalSlot> others = rivals();
    double lowest = 0, highest = 0;
    for (const uint32_t steps : {1'000u, 10'000u, 100'000u}) {
        const Formula f = mesh(steps);
        const Program program = f.program();
        DirectCompile optimised(program, Tier::Optimised), baseline(program, Tier::Baseline);
        const auto direct = [&](DirectCompile& d) {
            return Contestant{"",
                              [&d] { d.prepare(); },
                              [&d] {
                                  if (!d.run()) give_up("no plain entry");
                              },
                              [&d] { d.finish(); },
                              steps > 50'000 ? 1 : 5,
                              true};
        };
        std::vector<Contestant> field{direct(optimised), direct(baseline)};
        for (RivalSlot& r : others)
            if (r.rival && steps <= r.rival->most_steps())
                field.push_back({r.name, nullptr, [&] { r.rival->compile(f); }, [&] { r.rival->release(); }, 1, true});
        std::vector<Samples> s = race(field, steps > 50'000 ? std::max(5, rounds / 6) : std::max(5, rounds / 3));
        for (Samples& x : s)
            for (double& v : x.values) v /= steps;
        const std::string size = std::to_string(steps);
        report.samples(group, size + ", optimised", s[0], 80);
        report.samples(group, size + ", baseline", s[1], 80);
        size_t k = 2;
        for (const RivalSlot& r : others) {
            if (!r.rival)
                report.missing(group, size + ", " + r.name, r.package);
            else if (steps <= r.rival->most_steps())
                report.samples(group, size + ", " + r.name, s[k++]);
        }
        const double m = s[0].median();
        lowest = lowest == 0 ? m : std::min(lowest, m);
        highest = std::max(highest, m);
    }
    report.add(
        {group, "slowest over fastest size, optimised", "x", highest / lowest, 0, 0, 2.5, false, "flat means linear"});
}

}  // namespace exprjit::bench
