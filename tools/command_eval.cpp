// SPDX-License-Identifier: MIT OR Apache-2.0
//
// eval EXPR and eval -f FILE: expressions over single values.
#include <algorithm>

#include "commands.h"
#include "definitions.h"
#include "interrupt.h"
#include "line_reader.h"
#include "number_text.h"
#include "output.h"

namespace exprjit::cli {
namespace {

struct Result {
    std::vector<Variable> outputs;
    std::vector<ej_value> values;
};

// Compiles and calls. On failure *error holds the diagnostics and `phase` says whose they are.
ej_status evaluate(ej_engine* engine, const Options& options, const CompileRequest& request,
                   const Definitions& definitions, Result& result, Phase& phase, ej_error** error) {
    phase = Phase::kCompile;
    ej_kernel* compiled = nullptr;
    ej_status status = compile_raw(engine, options, request, &compiled, error);
    const Kernel kernel(compiled);
    if (status != EJ_OK) {
        return status;
    }
    phase = Phase::kRun;
    std::vector<ej_value> arguments;
    for (const Definition& definition : definitions.values) {
        arguments.push_back(definition.value);
    }
    result.outputs = outputs_of(kernel.get());
    result.values.assign(result.outputs.size(), ej_i64(0));
    ej_run_options run{};
    run.struct_size = sizeof run;
    run.stop = stop_word();
    return ej_kernel_call_with(kernel.get(), &run, arguments.data(), arguments.size(), result.values.data(),
                               result.values.size(), error);
}

std::string defined_hint(const Definitions& definitions) {
    const std::string listing = definitions.listing();
    return listing.empty() ? "hint: no variable is defined; give each a value with -D name=value\n"
                           : "hint: defined are " + listing + "; add others with -D name=value\n";
}

Status explain(ej_status status, ej_error* error, Phase phase, const Definitions& definitions) {
    const bool names_are_unknown = phase == Phase::kCompile && has_unknown_name(error);
    Status failed = library_failure(status, error, phase);
    if (names_are_unknown) {
        failed.text += defined_hint(definitions);
    }
    if (phase == Phase::kRun && status == EJ_ERR_DIVIDE_BY_ZERO) {
        failed.text += "hint: --div zero makes the result 0 there\n";
    }
    return failed;
}

Status eval_one(ej_engine* engine, const Options& options, const Definitions& definitions) {
    const std::vector<Variable> variables = definitions.variables();
    CompileRequest request;
    request.text = options.expression;
    request.variables = &variables;
    Result result;
    Phase phase = Phase::kCompile;
    ej_error* error = nullptr;
    const ej_status status = evaluate(engine, options, request, definitions, result, phase, &error);
    if (status != EJ_OK) {
        return explain(status, error, phase, definitions);
    }
    Output output = standard_output();
    for (size_t i = 0; i < result.values.size(); ++i) {
        if (!result.outputs[i].name.empty()) {
            output.append(result.outputs[i].name + " = ");
        }
        append_value(output.buffer(), result.values[i]);
        output.append("\n");
    }
    return output.finish();
}

// One line for standard output: "17", or "x = 1, y = 2".
void append_result(std::string& out, const Result& result) {
    for (size_t i = 0; i < result.values.size(); ++i) {
        out += i == 0 ? "" : ", ";
        if (!result.outputs[i].name.empty()) {
            out += result.outputs[i].name + " = ";
        }
        append_value(out, result.values[i]);
    }
}

bool is_passed_over(const std::string& line) {
    return line.empty() || line[0] == '#' || line.find_first_not_of(" \t") == std::string::npos;
}

Status eval_lines(ej_engine* engine, const Options& options, const Messages& messages, const Definitions& definitions) {
    CsvSource source;
    if (Status status = source.open(options.file); !status.ok()) {
        return status;
    }
    const std::vector<Variable> variables = definitions.variables();
    Output output = standard_output();
    LineReader lines(source, [&] { output.flush(); });
    std::string line;
    bool any_failed = false;
    while (output.ok() && interrupted() == 0 && lines.next(line)) {
        if (is_passed_over(line)) {
            continue;
        }
        const std::string place = source.name() + ":" + std::to_string(lines.line_number());
        CompileRequest request;
        request.text = line;
        request.variables = &variables;
        request.source_name = place.c_str();
        Result result;
        Phase phase = Phase::kCompile;
        ej_error* error = nullptr;
        const ej_status status = evaluate(engine, options, request, definitions, result, phase, &error);
        if (status == EJ_ERR_CANCELLED) {
            ej_error_destroy(error);
            break;
        }
        if (status == EJ_OK) {
            append_result(output.buffer(), result);
        } else {
            any_failed = true;
            std::string message = ej_error_message(error);
            message = message.empty() ? ej_status_name(status) : message;
            std::replace(message.begin(), message.end(), '\n', ' ');  // one result per line, whatever happens
            output.append("error: " + message);
            if (!messages.quiet) {
                output.append("\n");
                output.flush();  // so that a terminal shows both in order
                std::string text = library_failure(status, error, phase).text;
                if (text.find(place) == std::string::npos) {
                    text.insert(0, place + ": ");
                }
                say(messages, text);
                continue;
            }
            ej_error_destroy(error);
        }
        output.append("\n");
        output.end_record();
    }
    Status status = output.finish();
    status = status.ok() ? lines.status() : status;
    return status.ok() && any_failed ? Status{kExitFailed, {}} : status;
}

}  // namespace

Status run_eval(const Options& options, const Messages& messages) {
    if (!options.csv.empty()) {
        return run_eval_csv(options, messages);
    }
    Engine engine;
    Definitions definitions;
    Status status = create_engine(messages, true, engine);
    status = status.ok() ? read_definitions(engine.get(), options, definitions) : status;
    if (!status.ok()) {
        return status;
    }
    if (!definitions.parameters.empty()) {
        return failure(kExitUsage, "--param " + definitions.parameters[0].name + " has no value",
                       "give it one with -D " + definitions.parameters[0].name + "=VALUE");
    }
    return options.file.empty() ? eval_one(engine.get(), options, definitions)
                                : eval_lines(engine.get(), options, messages, definitions);
}

}  // namespace exprjit::cli
