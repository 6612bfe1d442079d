// SPDX-License-Identifier: MIT OR Apache-2.0
//
// `run:` lines: every engine, with variables, with literals, and over columns.
#include "ir/text.h"
#include "literals.h"
#include "runner.h"
#include "runtime_columns.h"
#include "support/agreement.h"
#include "support/column_program.h"
#include "support/values.h"

namespace exprjit::filetests {

namespace {

using trial::AllEngines;
using trial::Arguments;
using trial::ArrayValue;
using trial::Observation;

// A run line with its values read.
struct Run {
    int line = 0;
    RunLine text;
    Arguments arguments;
    Observation expected;  // of a line that succeeds
    std::vector<bool> leaving_known;
    bool ok() const { return !text.fails; }
};

bool read_array(std::string_view text, Type type, ArrayValue& out, int depth = 0) {
    text = trim(text);
    if (!text.starts_with('[') || !text.ends_with(']')) return false;
    const auto parts = split_list(text.substr(1, text.size() - 2));
    out.storage = type.storage();
    out.rank = type.rank();
    if (out.length[depth] != 0 && out.length[depth] != static_cast<int64_t>(parts.size())) return false;  // ragged
    out.length[depth] = static_cast<int64_t>(parts.size());
    for (const std::string& p : parts) {
        if (depth + 1 < out.rank) {
            if (!read_array(p, type, out, depth + 1)) return false;
            continue;
        }
        uint64_t bits = 0;
        if (!trial::parse_element(p, out.storage, bits)) return false;
        out.elements.push_back(bits);
    }
    return true;
}

bool read_run(const Entry& e, const Function& f, Run& out, const Report& report) {
    std::string why;
    out.line = e.line;
    if (!parse_run_line(e.value, out.text, why)) return report(e.line, why), false;
    if (out.text.arguments.size() != f.params.size())
        return report(e.line, std::to_string(f.params.size()) + " arguments are needed"), false;
    for (size_t i = 0; i < f.params.size(); ++i) {
        const Type t = f.params[i].type;
        const std::string& token = out.text.arguments[i];
        Slot slot = 0;
        if (t.is_array()) {
            ArrayValue array;
            if (!read_array(token, t, array)) return report(e.line, "`" + token + "` is no " + to_string(t)), false;
            slot = out.arguments.arrays.size();
            out.arguments.arrays.push_back(std::move(array));
        } else if (!trial::parse_value(token, t.scalar(), slot)) {
            return report(e.line, "`" + token + "` is no " + to_string(t)), false;
        }
        out.arguments.slots.push_back(slot);
    }
    if (out.text.fails) return true;
    if (out.text.results.size() != f.results.size() &&
        !(f.results.empty() && out.text.results == std::vector<std::string>{"()"}))
        if (!(f.results.empty() && out.text.results.empty()))
            return report(e.line, std::to_string(f.results.size()) + " results are needed"), false;
    for (size_t i = 0; i < f.results.size(); ++i) {
        Slot slot = 0;
        if (!trial::parse_value(out.text.results[i], f.results[i].scalar(), slot))
            return report(e.line, "`" + out.text.results[i] + "` is no " + to_string(f.results[i])), false;
        out.expected.outcome.outs.push_back(slot);
    }
    // Arrays are expected to stay as they are unless the line says what they are left as.
    for (const ArrayValue& a : out.arguments.arrays) out.expected.arrays.push_back(a.elements);
    out.leaving_known.assign(out.arguments.arrays.size(), true);
    size_t a = 0;
    for (size_t i = 0; i < f.params.size() && !out.text.leaving.empty(); ++i) {
        if (!f.params[i].type.is_array()) continue;
        if (a >= out.text.leaving.size()) return report(e.line, "`leaving` needs one item per array"), false;
        const std::string& token = out.text.leaving[a];
        ArrayValue array;
        if (token == "_")
            out.leaving_known[a] = false;
        else if (!read_array(token, f.params[i].type, array) || array.elements.size() != out.expected.arrays[a].size())
            return report(e.line, "`" + token + "` does not fit the array"), false;
        else
            out.expected.arrays[a] = array.elements;
        ++a;
    }
    return true;
}

// Runs one line on all engines and compares with what it says.
std::string check_run(const AllEngines& engines, const Run& run, trial::Guarded::Side side) {
    const Observation oracle = engines.observe(run.arguments, side);
    if (run.ok()) {
        Observation want = run.expected;
        for (size_t a = 0; a < want.arrays.size(); ++a)
            if (!run.leaving_known[a]) want.arrays[a] = oracle.arrays[a];
        return engines.compare(run.arguments, &want, side);
    }
    const trial::Outcome& o = oracle.outcome;
    const bool as_said = o.exit == Exit::CheckFailed && run.text.code == trial::name_of(check_code(o.failed_imm)) &&
                         (!run.text.site || *run.text.site == check_site(o.failed_imm)) &&
                         (!run.text.index || *run.text.index == o.failed_index);
    if (!as_said) return "engine " + engines.entries().front().name + "\n  got " + trial::describe(o, {});
    return engines.compare(run.arguments, nullptr, side);
}

void check_literals(const Case& c, const Function& f, const Run& run, const Report& report) {
    std::vector<bool> kept;
    Case literal = c;
    literal.source.value = with_literals(c.source.value, f.params, run.arguments.slots, kept);
    literal.params.emplace();
    Run rest = run;
    rest.arguments.slots.clear();
    for (size_t i = 0; i < f.params.size(); ++i) {
        if (!kept[i]) continue;
        literal.params->push_back({f.params[i].name, storage_of(f.params[i].type.scalar())});
        rest.arguments.slots.push_back(run.arguments.slots[i]);
    }
    const std::string head = "with the values as literals, `" + literal.source.value + "`: ";
    const Result<Program> program = front_end(literal);
    if (!program.ok()) {
        // A check that certainly fails may be an error at compile time.
        if (run.ok() || program.error().status() == Status::Internal)
            report(run.line, head + "does not compile:\n" + trial::describe(program.error()));
        return;
    }
    if (program.value().entry().results != f.results)
        return report(run.line, head + "the type of the result is another one: " +
                                    to_string(program.value().entry().results.front()));
    // The text moved, so a site given for the original does not hold.
    rest.text.site.reset();
    std::string why;
    const auto engines = AllEngines::make(program.value(), why, c.options.limits);
    if (!engines) return report(run.line, head + why);
    if (const std::string d = check_run(*engines, rest, trial::Guarded::Side::Back); !d.empty())
        report(run.line, head + d + "\n" + print(program.value()));
}

// Columns of rows that repeat the succeeding lines in turn; `failing`, if any, stands in row `at`.
ColumnTrial columns_of(const Function& f, std::span<const Storage> storages, const std::vector<const Run*>& good,
                       int64_t rows, const Run* failing, int64_t at) {
    ColumnTrial trial;
    trial.rows = rows;
    trial.line = failing != nullptr ? failing->line : good.front()->line;
    if (failing != nullptr) trial.failing_row = at;
    const auto row = [&](int64_t r) -> const Run& {
        return failing != nullptr && r == at ? *failing : *good[static_cast<size_t>(r) % good.size()];
    };
    for (size_t p = 0; p < f.params.size() + f.results.size(); ++p) {
        const bool input = p < f.params.size();
        ArrayValue a;
        a.storage = input ? storages[p] : storage_of(f.results[p - f.params.size()].scalar());
        a.length[0] = rows;
        for (int64_t r = 0; r < rows; ++r) {
            uint64_t bits = 0x7777777777777777u;
            // The token is read again as an element, since a column may be stored narrower than the parameter.
            if (input)
                trial::parse_element(row(r).text.arguments[p], a.storage, bits);
            else
                bits &= UINT64_MAX >> (64 - 8 * byte_size(a.storage));
            a.elements.push_back(bits);
        }
        trial.columns.slots.push_back(trial.columns.arrays.size());
        trial.want.arrays.push_back(a.elements);
        if (!input && failing == nullptr)
            for (int64_t r = 0; r < rows; ++r)
                trial.want.arrays.back()[static_cast<size_t>(r)] = row(r).expected.outcome.outs[p - f.params.size()];
        trial.columns.arrays.push_back(std::move(a));
    }
    return trial;
}

// The program over_columns() made, on all engines.
std::string check_column_program(const AllEngines& engines, const ColumnTrial& trial, trial::Guarded::Side side) {
    Arguments arguments = trial.columns;
    arguments.slots.push_back(static_cast<Slot>(trial.rows));
    if (!trial.failing_row) return engines.compare(arguments, &trial.want, side);
    const trial::Outcome o = engines.observe(arguments, side).outcome;
    if (o.exit != Exit::CheckFailed || o.failed_index != *trial.failing_row)
        return "got " + trial::describe(o, {}) + ", want a failure in row " + std::to_string(*trial.failing_row);
    return engines.compare(arguments, nullptr, side);
}

void check_columns(const Case& c, const Program& program, const std::vector<Run>& runs, const Report& report) {
    const Function& f = program.entry();
    std::vector<Storage> storages;
    for (size_t i = 0; i < f.params.size(); ++i)
        storages.push_back(c.params && i < c.params->size() ? (*c.params)[i].type
                                                            : storage_of(f.params[i].type.scalar()));
    std::vector<const Run*> good;
    const Run* failing = nullptr;
    for (const Run& r : runs) {
        if (r.ok())
            good.push_back(&r);
        else if (failing == nullptr)
            failing = &r;
    }
    if (good.empty() || f.results.empty()) return;
    std::string why;
    const Program columns = trial::over_columns(program, storages);
    if (const Result<void> r = verify(columns, Limits{}); !r.ok())
        return report(c.source.line, "the column program does not verify:\n" + trial::describe(r.error()));
    const auto engines = AllEngines::make(columns, why);
    if (!engines) return report(c.source.line, "over columns: " + why);
    RuntimeColumns runtime(c);
    if (!runtime.why().empty()) return report(c.source.line, "the runtime does not compile it: " + runtime.why());
    for (const int64_t rows : {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 1000}) {
        const auto side = rows % 2 == 1 ? trial::Guarded::Side::Front : trial::Guarded::Side::Back;
        std::vector<ColumnTrial> trials{columns_of(f, storages, good, rows, nullptr, 0)};
        if (failing != nullptr) trials.push_back(columns_of(f, storages, good, rows, failing, rows * 2 / 3));
        for (const ColumnTrial& t : trials) {
            std::string d = check_column_program(*engines, t, side);
            if (d.empty()) d = runtime.check(t, side);
            if (!d.empty()) return report(t.line, "over a column of " + std::to_string(rows) + " rows: " + d);
        }
    }
}

}  // namespace

void check_runs(const Case& c, const Program& program, const Report& report) {
    const Function& f = program.entry();
    std::vector<Run> runs;
    for (const Entry& e : c.expectations) {
        if (e.key != "run") continue;
        Run run;
        if (!read_run(e, f, run, report)) return;
        runs.push_back(std::move(run));
    }
    if (runs.empty()) return;
    std::string why;
    const auto engines = AllEngines::make(program, why, c.options.limits);
    if (!engines) return report(c.source.line, why + "\n" + print(program));
    bool all_good = true;
    bool has_arrays = false;
    for (const Param& p : f.params) has_arrays |= p.type.is_array();
    for (const Run& run : runs) {
        for (const auto side : {trial::Guarded::Side::Back, trial::Guarded::Side::Front}) {
            const std::string d = check_run(*engines, run, side);
            if (!d.empty()) report(run.line, d + "\n" + print(program)), all_good = false;
            if (!d.empty() || !has_arrays) break;
        }
    }
    // What is wrong with single values would only be said again many times.
    if (!all_good) return;
    if (!c.is_ir() && c.options.literals && !f.params.empty())
        for (const Run& run : runs) check_literals(c, f, run, report);
    if (!has_arrays && c.options.columns) check_columns(c, program, runs, report);
}

}  // namespace exprjit::filetests
