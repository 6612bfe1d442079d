// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_accuracy: how many units in the last place the functions are off, and where. See --help.
#include <exprjit/exprjit.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "measure.h"

namespace {

using namespace exprjit::accuracy;

constexpr const char* kHelp =
    R"(exprjit_accuracy FUNCTION...: the largest and the mean error of the elementary functions, in units in the last place

  FUNCTION             exp, pow, ...: --list prints them; `all` is every one of them
  --type f64|f32|both  (f64)
  --accuracy 1ulp|fast|both   (1ulp)
  --isa v2|v3|v4       the instruction set (the best of this CPU)
  --scalar             the plain entry, one argument at a time, instead of columns
  --interpreter        no machine code
  --samples N          arguments, besides some hundred special and hard ones (1000000; 1e8 is accepted)
  --from A --to B      take x from A ... B only (decimal or hexadecimal)
  --all                f32 functions of one argument: all 2^32 arguments
  --every N            and then only one of N, by their bits
  --rivals             also glibc, libmvec and SLEEF, where they are installed, at the same arguments
  --at X[,Y]           only this argument: the result, the truth and the error
  --seed N             other arguments (1)
  --threads N          (2)
  --json               one JSON object per line

Ends with status 1 if a result is wrong in kind (a NaN, an infinity or the sign of a zero), else 0.
)";

struct Options {
    std::vector<const Function*> chosen;
    bool f64 = true, f32 = false, accurate = true, fast = false, rivals = false, json = false;
    std::string at;
    Way way;
    Plan plan;
};

[[noreturn]] void wrong_usage(const std::string& message) {
    std::fprintf(stderr, "exprjit_accuracy: %s\n(--help says what it knows)\n", message.c_str());
    std::exit(2);
}

double number(const std::string& option, const char* text) {
    char* end = nullptr;
    const double d = std::strtod(text, &end);
    if (end == text || *end != 0) wrong_usage(option + " is not a number: " + text);
    return d;
}

Options parse(int argc, char** argv) {
    Options o;
    Range only{-HUGE_VAL, HUGE_VAL};
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        const auto value = [&]() -> const char* {
            if (i + 1 >= argc) wrong_usage(word + " needs a value");
            return argv[++i];
        };
        const auto one_of = [&](const char* first, const char* second, bool& a, bool& b) {
            const std::string v = value();
            if (v != first && v != second && v != "both")
                wrong_usage(word + " is " + first + ", " + second + " or both");
            a = v != second, b = v != first;
        };
        if (word == "--help" || word == "-h") {
            std::fputs(kHelp, stdout);
            std::exit(0);
        } else if (word == "--list") {
            for (const Function& f : functions()) std::printf("%s\n", std::string(f.name).c_str());
            std::exit(0);
        } else if (word == "--type") {
            one_of("f64", "f32", o.f64, o.f32);
        } else if (word == "--accuracy") {
            one_of("1ulp", "fast", o.accurate, o.fast);
        } else if (word == "--isa") {
            const std::string v = value();
            if (v != "v2" && v != "v3" && v != "v4" && v != "auto") wrong_usage("--isa is v2, v3 or v4");
            o.way.isa = v == "auto" ? 0 : v[1] - '0';
        } else if (word == "--scalar") {
            o.way.scalar = true;
        } else if (word == "--interpreter") {
            o.way.interpreter = true;
        } else if (word == "--samples") {
            o.plan.samples = static_cast<uint64_t>(number(word, value()));
        } else if (word == "--seed") {
            o.plan.seed = static_cast<uint64_t>(number(word, value()));
        } else if (word == "--threads") {
            o.plan.threads = static_cast<unsigned>(number(word, value()));
        } else if (word == "--from") {
            only.from = number(word, value());
        } else if (word == "--to") {
            only.to = number(word, value());
        } else if (word == "--all") {
            o.plan.all = true;
        } else if (word == "--every") {
            o.plan.every = static_cast<uint64_t>(number(word, value()));
        } else if (word == "--rivals") {
            o.rivals = true;
        } else if (word == "--json") {
            o.json = true;
        } else if (word == "--at") {
            o.at = value();
        } else if (word == "all") {
            for (const Function& f : functions()) o.chosen.push_back(&f);
        } else if (word[0] == '-') {
            wrong_usage("unknown option " + word);
        } else {
            const std::string name = word.substr(0, word.find('('));
            const Function* f = find_function(name);
            if (f == nullptr) wrong_usage("no function is called " + name + "; --list prints those there are");
            o.chosen.push_back(f);
        }
    }
    if (o.chosen.empty()) wrong_usage("which function?");
    if (std::isfinite(only.from) != std::isfinite(only.to)) wrong_usage("--from and --to go together");
    if (std::isfinite(only.from)) o.plan.only = only;
    return o;
}

std::string hex(double d) {
    char text[64];
    std::snprintf(text, sizeof text, "%a", d);
    return text;
}
std::string arguments(const Function& f, const double at[2]) {
    return hex(at[0]) + (f.arity == 1 ? "" : "," + hex(at[1]));
}

void report(const Options& o, const Function& f, const char* type, const std::string& who, const Verdict& v) {
    const std::string name(f.name);
    if (o.json) {
        std::printf("{\"function\": \"%s\", \"type\": \"%s\", \"who\": \"%s\", \"max\": %.6g, \"mean\": %.6g, "
                    "\"worst\": \"%s\", "
                    "\"got\": \"%s\", \"judged\": %llu, \"special\": %llu, \"special_at\": \"%s\"}\n",
                    name.c_str(), type, who.c_str(), v.worst, v.mean(), arguments(f, v.at).c_str(), hex(v.got).c_str(),
                    static_cast<unsigned long long>(v.judged), static_cast<unsigned long long>(v.special),
                    v.special == 0 ? "" : arguments(f, v.special_at).c_str());
    } else {
        std::printf("%-8s %s %-12s max %.4f ULP  mean %.4f  worst at %s (got %a)", name.c_str(), type, who.c_str(),
                    v.worst, v.mean(), arguments(f, v.at).c_str(), v.got);
        if (v.special != 0)
            std::printf("  WRONG IN KIND: %llu, first at %s: got %a", static_cast<unsigned long long>(v.special),
                        arguments(f, v.special_at).c_str(), v.special_got);
        std::printf("\n");
    }
    std::fflush(stdout);
}

template <class T>
void at_one_argument(const Options& o, const Function& f, const std::string& who, const Subject<T>& subject) {
    const size_t comma = o.at.find(',');
    const T x = static_cast<T>(number("--at", o.at.substr(0, comma).c_str()));
    const T y = static_cast<T>(comma == std::string::npos ? 0 : number("--at", o.at.substr(comma + 1).c_str()));
    T got = 0;
    subject.run(&x, &y, &got, 1);
    double exact_value = 0;
    const double error = exact_error(f, x, y, got, exact_value);
    std::printf("%-8s %s %-12s at %s: got %a (%.17g), exact about %a, %g ULP off\n", std::string(f.name).c_str(),
                sizeof(T) == 4 ? "f32" : "f64", who.c_str(), o.at.c_str(), static_cast<double>(got),
                static_cast<double>(got), exact_value, error);
}

// Returns how many results of exprjit were wrong in kind.
template <class T>
uint64_t one_function(const Options& o, const Function& f) {
    std::vector<std::unique_ptr<Subject<T>>> owned;
    std::vector<std::string> names;
    for (const bool fast : {false, true}) {
        if (!(fast ? o.fast : o.accurate)) continue;
        Way way = o.way;
        way.fast = fast;
        std::string why;
        owned.push_back(exprjit_subject<T>(f, way, why));
        if (owned.back() == nullptr) wrong_usage(std::string(f.name) + " cannot be compiled: " + why);
        names.push_back(fast ? "fast" : "1ulp");
    }
    const size_t ours = owned.size();
    if (o.rivals)
        for (size_t r = 0; r < kRivals.size(); ++r) {
            auto rival = rival_subject<T>(r, f, o.way);
            if (rival == nullptr) continue;
            owned.push_back(std::move(rival)), names.push_back(kRivals[r].name);
        }
    if (!o.at.empty()) {
        for (size_t s = 0; s < owned.size(); ++s) at_one_argument<T>(o, f, names[s], *owned[s]);
        return 0;
    }
    std::vector<const Subject<T>*> subjects;
    for (const auto& s : owned) subjects.push_back(s.get());
    const std::vector<Verdict> verdicts = measure<T>(f, subjects, o.plan);
    uint64_t wrong = 0;
    for (size_t s = 0; s < subjects.size(); ++s) {
        report(o, f, sizeof(T) == 4 ? "f32" : "f64", names[s], verdicts[s]);
        if (s < ours) wrong += verdicts[s].special;
    }
    return wrong;
}

}  // namespace

int main(int argc, char** argv) {
    const Options o = parse(argc, argv);
    uint64_t wrong = 0;
    for (const Function* f : o.chosen) {
        if (o.f64) wrong += one_function<double>(o, *f);
        if (o.f32) wrong += one_function<float>(o, *f);
    }
    return wrong == 0 ? 0 : 1;
}
