// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Owners for the library's objects, and the options every command passes to them.
#pragma once

#include <exprjit/exprjit.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages.h"
#include "options.h"
#include "status.h"

namespace exprjit::cli {

struct EngineDeleter {
    void operator()(ej_engine* engine) const { ej_engine_destroy(engine); }
};
struct KernelDeleter {
    void operator()(ej_kernel* kernel) const { ej_kernel_release(kernel); }
};
using Engine = std::unique_ptr<ej_engine, EngineDeleter>;
using Kernel = std::unique_ptr<ej_kernel, KernelDeleter>;

// A name with a type, and with a value where the command line gave one.
struct Variable {
    std::string name;
    ej_dtype type = EJ_F64;
};

// The bounds the tool gives its engines, so that `exprjit info` can name them.
struct EngineLimits {
    size_t cache_bytes = size_t(64) << 20;
    size_t max_text_bytes = size_t(16) << 20;
    size_t max_nodes = 4'000'000;
    size_t max_nesting = 1'000;
    size_t max_code_bytes = size_t(64) << 20;
    uint64_t max_compile_ns = 10'000'000'000;
};

// A new engine with the tool's limits, or with no cache at all. With -v its messages go to standard error.
Status create_engine(const Messages& messages, bool cached, Engine& engine);

// Adds what --function says, in order.
Status define_functions(ej_engine* engine, const Options& options);

enum class ProgramForm { kText, kIr, kBytes };

// What to compile. The strings and variables are borrowed for the duration of the call.
struct CompileRequest {
    std::string_view text;
    ProgramForm form = ProgramForm::kText;
    const std::vector<Variable>* variables = nullptr;  // nullptr: inferred as f64 in order of first use
    const char* source_name = nullptr;
    ej_tier tier = EJ_TIER_AUTO;
};

// Compiles with the common options of the command line. On failure the status holds the rendered diagnostics.
Status compile(ej_engine* engine, const Options& options, const CompileRequest& request, Kernel& kernel);

// The same without rendering: the caller owns *error.
ej_status compile_raw(ej_engine* engine, const Options& options, const CompileRequest& request, ej_kernel** kernel,
                      ej_error** error);

// Parses and checks only; the caller owns *error.
ej_status check_raw(ej_engine* engine, const Options& options, const CompileRequest& request, ej_error** error);

// Whether the text names a variable that does not exist, so that a list of those that do is an answer.
bool has_unknown_name(const ej_error* error);

// Parameters and outputs of a kernel, in order.
std::vector<Variable> parameters_of(const ej_kernel* kernel);
std::vector<Variable> outputs_of(const ej_kernel* kernel);

const char* isa_name(ej_isa isa);     // "v3"; "none" below v2
const char* tier_name(ej_tier tier);  // "baseline"

}  // namespace exprjit::cli
