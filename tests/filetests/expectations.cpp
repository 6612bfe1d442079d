// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/text.h"
#include "runner.h"
#include "support/engines.h"

namespace exprjit::filetests {

namespace {

void check_errors(const Case& c, const Error& error, const Report& report) {
    std::vector<const Entry*> wanted;
    for (const Entry& e : c.expectations)
        if (e.key == "error") wanted.push_back(&e);
    const std::string all = "the diagnostics are:\n" + trial::describe(error);
    for (size_t i = 0; i < wanted.size() || i < error.diagnostics.size(); ++i) {
        if (i >= wanted.size()) return report(wanted.back()->line, "more diagnostics than expected; " + all);
        const Entry& e = *wanted[i];
        if (i >= error.diagnostics.size()) return report(e.line, "fewer diagnostics than expected; " + all);
        ErrorLine want;
        if (!parse_error_line(e.value, want))
            return report(e.line, "write `error: EJ1203 5:8 \"part of the message\" hint \"part of the hint\"`");
        const Diagnostic& got = error.diagnostics[i];
        if (want.code != got.code || (want.span && *want.span != got.span) ||
            got.message.find(want.message) == std::string::npos || got.hint.find(want.hint) == std::string::npos)
            report(e.line, "another diagnostic came; " + all);
        else if (got.message.empty())
            report(e.line, "the diagnostic has no message");
    }
}

std::string join_types(std::span<const Type> types) {
    std::string s;
    for (const Type t : types) s += (s.empty() ? "" : ", ") + to_string(t);
    return s;
}

std::string normalised(std::string_view list) {
    std::string s;
    for (const std::string& part : split_list(list)) s += (s.empty() ? "" : ", ") + part;
    return s;
}

}  // namespace

bool check_front_end(const Case& c, const Result<Program>& compiled, const Report& report) {
    const bool wants_errors = c.expects("error");
    if (!compiled.ok()) {
        if (wants_errors)
            check_errors(c, compiled.error(), report);
        else
            report(c.source.line, "does not compile:\n" + trial::describe(compiled.error()));
        return false;
    }
    if (wants_errors) {
        report(c.source.line, "compiles, but an error is expected; the program is:\n" + print(compiled.value()));
        return false;
    }
    const Function& f = compiled.value().entry();
    for (const Entry& e : c.expectations) {
        std::string got;
        if (e.key == "type") {
            got = join_types(f.results);
        } else if (e.key == "inputs") {
            for (const Param& p : f.params) got += (got.empty() ? "" : ", ") + p.name + ": " + to_string(p.type);
        } else if (e.key == "outputs") {
            for (const std::string& n : f.result_names) got += (got.empty() ? "" : ", ") + (n.empty() ? "\"\"" : n);
        } else {
            continue;
        }
        if (got != normalised(e.value)) report(e.line, e.key + ": got " + got + ", want " + normalised(e.value));
    }
    return true;
}

namespace {

// What the listing of this kind of file shows. Nothing (and a report) if it cannot be made.
std::optional<std::string> make_listing(const CaseFile& file, const Case& c, const Program& program,
                                        const Report& report) {
    if (file.kind == "opt") {
        static thread_local PassScratch scratch;
        Program copy = program;
        PipelineOptions options;
        options.tier = c.options.tier;
        options.flags = program.flags;
        std::optional<std::string> shown;
        options.after_pass = [&](const char* pass, const Program& p) {
            if (file.pass == pass) shown = print(p);
        };
        if (Result<void> r = run_pipeline(copy, options, c.options.limits, scratch); !r) {
            report(c.source.line, "the passes fail:\n" + trial::describe(r.error()));
            return std::nullopt;
        }
        // A pass that had nothing to do is skipped and not announced; then the end of the pipeline is shown.
        return shown ? shown : print(copy);
    }
    if (file.kind == "asm") {
        if (host_isa() < c.options.isa) return std::nullopt;  // this host cannot; another one will
        trial::Prepared::want_listing = true;
        // The plain entry where there is one: it shows the computation and little else.
        trial::Engine engine{trial::Engine::Kind::Native, c.options.tier, c.options.isa, c.options.entry};
        Result<trial::Prepared> p = trial::Prepared::make(program, engine, c.options.limits);
        engine.form = EntryForm::Context;
        if (p && !p->exists()) p = trial::Prepared::make(program, engine, c.options.limits);
        trial::Prepared::want_listing = false;
        if (p) return p->listing();
        report(c.source.line, "no machine code:\n" + trial::describe(p.error()));
        return std::nullopt;
    }
    return print(program);
}

std::string without_trailing_newlines(std::string s) {
    while (!s.empty() && (s.back() == '\n' || s.back() == ' ')) s.pop_back();
    return s;
}

}  // namespace

void check_listing(const CaseFile& file, const Case& c, const Program& program, bool bless, std::string* blessed,
                   const Report& report) {
    if (!c.expects("listing") && !c.expects("has") && !c.expects("lacks")) return;
    const std::optional<std::string> listing = make_listing(file, c, program, report);
    if (!listing) return;
    const std::string got = without_trailing_newlines(*listing);
    for (const Entry& e : c.expectations) {
        if (e.key == "listing" && got != without_trailing_newlines(e.value)) {
            if (bless)
                *blessed = got;
            else
                report(e.line, "another listing came (--bless accepts it):\n" + got);
        }
        const bool holds = got.find(e.value) != std::string::npos;
        if (e.key == "has" && !holds) report(e.line, "`" + e.value + "` is not in:\n" + got);
        if (e.key == "lacks" && holds) report(e.line, "`" + e.value + "` is in:\n" + got);
    }
}

}  // namespace exprjit::filetests
