// SPDX-License-Identifier: MIT OR Apache-2.0
//
// ir, asm and check: what exprjit makes of an expression, without running it.
#include "commands.h"
#include "definitions.h"
#include "line_reader.h"
#include "output.h"
#include "program_file.h"
#include "suggest.h"

namespace exprjit::cli {
namespace {

// Compiles the expression for looking at: with the variables the command line names, or with whatever it mentions as
// f64.
Status compile_to_look(const Options& options, const Messages& messages, Engine& engine, Kernel& kernel) {
    Definitions definitions;
    Status status = create_engine(messages, true, engine);
    status = status.ok() ? read_definitions(engine.get(), options, definitions) : status;
    if (!status.ok()) {
        return status;
    }
    const std::vector<Variable> variables = definitions.variables();
    CompileRequest request;
    request.text = options.expression;
    request.variables = definitions.empty() ? nullptr : &variables;
    request.tier = EJ_TIER_OPTIMISED;
    if (!options.from.empty()) {
        return compile_file(engine.get(), options, request, kernel);
    }
    return compile(engine.get(), options, request, kernel);
}

Status print_dump(const ej_kernel* kernel, ej_dump what, const char* pass) {
    char* text = nullptr;
    ej_error* error = nullptr;
    const ej_status status = ej_kernel_dump(kernel, what, pass, &text, &error);
    if (status != EJ_OK) {
        return library_failure(status, error, Phase::kRun);
    }
    Output output = standard_output();
    output.append(text);
    if (!output.buffer().empty() && output.buffer().back() != '\n') {
        output.append("\n");
    }
    ej_string_free(text);
    return output.finish();
}

void say_kernel(const Messages& messages, const ej_kernel* kernel) {
    ej_kernel_info info{};
    info.struct_size = sizeof info;
    if (ej_kernel_get_info(kernel, &info) == EJ_OK) {
        say_detail(messages, std::string(ej_kernel_signature(kernel)) + ": " + tier_name(info.tier) + " tier, " +
                                 isa_name(info.isa) + ", " + std::to_string(info.nodes) + " nodes, " +
                                 std::to_string(info.code_bytes) + " bytes of code, " + std::to_string(info.spills) +
                                 " spills\n");
    }
}

// A failure if `name` is given and no pass has it.
Status unknown_pass(const std::string& name) {
    if (name.empty()) {
        return {};
    }
    std::vector<std::string> passes;
    std::string listing;
    for (size_t i = 0; ej_pass_name(i) != nullptr; ++i) {
        passes.emplace_back(ej_pass_name(i));
        listing += (i == 0 ? "" : ", ") + passes.back();
    }
    for (const std::string& pass : passes) {
        if (pass == name) {
            return {};
        }
    }
    const std::string near = nearest(name, passes);
    return failure(kExitUsage, "--dump-after " + name + ": there is no such pass",
                   (near.empty() ? std::string() : "did you mean '" + near + "'? ") + "the passes are " + listing);
}

// Checks one text; true if it is good. Its diagnostics go to standard error.
bool check_text(ej_engine* engine, const Options& options, const Messages& messages, const CompileRequest& request,
                int& exit_code) {
    ej_error* error = nullptr;
    const ej_status status = check_raw(engine, options, request, &error);
    if (status == EJ_OK) {
        return true;
    }
    const Status failed = library_failure(status, error, Phase::kCompile);
    say(messages, failed);
    exit_code = exit_code == kExitOk || failed.exit_code > exit_code ? failed.exit_code : exit_code;
    return false;
}

}  // namespace

Status run_ir(const Options& options, const Messages& messages) {
    if (Status status = unknown_pass(options.dump_after); !status.ok()) {
        return status;
    }
    Engine engine;
    Kernel kernel;
    if (Status status = compile_to_look(options, messages, engine, kernel); !status.ok()) {
        return status;
    }
    say_kernel(messages, kernel.get());
    if (!options.bytes.empty()) {
        return write_bytes(kernel.get(), options.bytes);
    }
    if (!options.dump_after.empty()) {
        return print_dump(kernel.get(), EJ_DUMP_OPT, options.dump_after.c_str());
    }
    return print_dump(kernel.get(), options.optimised_ir ? EJ_DUMP_OPT : EJ_DUMP_IR, nullptr);
}

Status run_asm(const Options& options, const Messages& messages) {
    if (Status status = unknown_pass(options.dump_after); !status.ok()) {
        return status;
    }
    Engine engine;
    Kernel kernel;
    if (Status status = compile_to_look(options, messages, engine, kernel); !status.ok()) {
        return status;
    }
    ej_kernel_info info{};
    info.struct_size = sizeof info;
    if (ej_kernel_get_info(kernel.get(), &info) == EJ_OK && info.tier == EJ_TIER_INTERPRETER &&
        ej_kernel_is_reducing(kernel.get()) == 0) {
        return failure(kExitFailed, "there is no machine code: the expression is interpreted",
                       options.tier == EJ_TIER_INTERPRETER
                           ? "choose another --tier"
                           : "exprjit info tells whether this CPU and EXPRJIT_JIT allow machine code");
    }
    if (options.isa != EJ_ISA_AUTO && info.isa != options.isa && !messages.quiet) {
        say(messages, std::string("note: this CPU goes up to ") + isa_name(ej_cpu_isa()) + "; the code is for " +
                          isa_name(info.isa) + "\n");
    }
    say_kernel(messages, kernel.get());
    if (!options.dump_after.empty()) {
        if (Status status = print_dump(kernel.get(), EJ_DUMP_OPT, options.dump_after.c_str()); !status.ok()) {
            return status;
        }
    }
    const bool loops = options.columns || ej_kernel_is_reducing(kernel.get()) != 0;
    return print_dump(kernel.get(), EJ_DUMP_ASM, loops ? "vectorize" : nullptr);
}

Status run_check(const Options& options, const Messages& messages) {
    Engine engine;
    Definitions definitions;
    Status status = create_engine(messages, true, engine);
    status = status.ok() ? read_definitions(engine.get(), options, definitions) : status;
    if (!status.ok()) {
        return status;
    }
    const std::vector<Variable> variables = definitions.variables();
    CompileRequest request;
    request.variables = definitions.empty() ? nullptr : &variables;
    int exit_code = kExitOk;
    if (options.file.empty()) {
        request.text = options.expression;
        if (check_text(engine.get(), options, messages, request, exit_code)) {
            say_detail(messages, "no errors\n");
        }
        return Status{exit_code, {}};
    }
    CsvSource source;
    status = source.open(options.file);
    if (!status.ok()) {
        return status;
    }
    LineReader lines(source, [] {});
    std::string line;
    while (lines.next(line)) {
        if (line.empty() || line[0] == '#' || line.find_first_not_of(" \t") == std::string::npos) {
            continue;
        }
        const std::string place = source.name() + ":" + std::to_string(lines.line_number());
        request.text = line;
        request.source_name = place.c_str();
        check_text(engine.get(), options, messages, request, exit_code);
    }
    return lines.status().ok() ? Status{exit_code, {}} : lines.status();
}

}  // namespace exprjit::cli
