// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/dump.h"

#include <cstring>

#include "ir/text.h"
#include "runtime/codes.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "runtime/row_loop.h"
#include "runtime/watched.h"

namespace exprjit {

namespace {

bool pass_exists(const char* name, std::string& all) {
    bool found = false;
    for (size_t i = 0; const char* const p = pass_name(i); ++i) {
        found = found || std::strcmp(p, name) == 0;
        all += (i == 0 ? "" : ", ") + std::string(p);
    }
    return found;
}

Result<std::string> dump_after(Program& program, const PipelineOptions& given, const Limits& limits,
                               PassScratch& scratch, const char* pass) {
    PipelineOptions options = given;
    std::string text;
    bool seen = pass == nullptr;
    if (pass != nullptr) {
        std::string all;
        if (!pass_exists(pass, all)) {
            return fail(Status::InvalidArgument, code_of(RuntimeCode::UnknownPass),
                        "there is no pass '" + std::string(pass) + "'", "the passes are " + all);
        }
        options.after_pass = [&](const char* name, const Program& now) {
            if (std::strcmp(name, pass) != 0) return;
            text = print(now);  // of a pass that runs twice, the last time
            seen = true;
        };
    }
    if (auto done = run_pipeline(program, options, limits, scratch); !done) return done.take_failure();
    if (pass == nullptr) return print(program);
    if (seen) return text;
    return fail(Status::InvalidArgument, code_of(RuntimeCode::PassNotRun),
                "pass '" + std::string(pass) + "' does not run on this kernel in its tier",
                "compile with the optimised tier to run every pass");
}

// The loops over contiguous columns of the parameters' types.
Result<std::string> dump_loops(const Kernel& kernel, bool machine_code) {
    const CompiledCode& code = kernel.code();
    std::vector<uint8_t> layout;
    for (size_t i = 0; i < code.param_count(); ++i)
        layout.push_back(static_cast<uint8_t>(storage_of(code.param_type(i))));
    for (size_t i = 0; i < code.result_count(); ++i)
        layout.push_back(static_cast<uint8_t>(storage_of(code.result_type(i))));
    LoopListing listing;
    listing.machine_code = machine_code;
    if (auto made = compile_columns(kernel, layout, &listing); !made) return made.take_failure();
    return std::move(listing.text);
}

}  // namespace

namespace {

Result<std::string> dump_watched(const Kernel& kernel, DumpKind kind, const char* pass) {
    const CompiledCode& code = kernel.code();
    const Limits& limits = code.engine().limits();
    const bool is_native =
        code.is_reducing() ? code.traits.tier != Tier::Interpreter : code.made.executable.is_native();
    if (kind == DumpKind::Asm && !is_native) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NoListing),
                    "this kernel is interpreted: it has no machine code",
                    "compile it with a native tier, on an engine with code memory");
    }
    if (kind != DumpKind::Ir && pass != nullptr && std::strcmp(pass, kVectorizePass) == 0)
        return dump_loops(kernel, kind == DumpKind::Asm);
    if (kind == DumpKind::Asm && code.is_reducing()) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NoListing),
                    "this kernel reduces over rows: it has loops over columns, but no code for a single call",
                    std::string("name the pass '") + kVectorizePass + "' to list the loops");
    }
    const DefaultFloatEnvironment environment;
    CompileScratch scratch;  // its own: nothing here is in a hurry
    const CompileRequest request = kernel.text().request(scratch.params);
    CompileTicks times;
    if (auto read = read_program(request, limits, scratch.program, times); !read) return read.take_failure();
    if (kind == DumpKind::Ir) return print(scratch.program);

    PipelineOptions options;
    options.tier = code.traits.tier;
    options.flags = code.traits.flags;
    if (kind == DumpKind::Opt) return dump_after(scratch.program, options, limits, scratch.passes, pass);
    if (auto done = run_pipeline(scratch.program, options, limits, scratch.passes); !done) return done.take_failure();
    if (auto done = lower_arrays(scratch.program, limits, scratch.passes); !done) return done.take_failure();
    CompileOptions code_options;
    code_options.isa = code.traits.isa;
    code_options.form = code.made.executable.plain_entry() != nullptr ? EntryForm::Plain : EntryForm::Context;
    code_options.listing = true;
    if (request.kind == SourceKind::Text) code_options.source = request.text;
    code_options.max_code_bytes = limits.max_code_bytes;
    if (auto done = compile(scratch.program, code_options, scratch.code); !done) return done.take_failure();
    return std::move(scratch.code.listing);
}

}  // namespace

Result<std::string> dump(const Kernel& kernel, DumpKind kind, const char* pass) {
    return watched(nullptr, kernel.code().engine().max_compile_ns(), [&] { return dump_watched(kernel, kind, pass); });
}

}  // namespace exprjit
