// SPDX-License-Identifier: MIT OR Apache-2.0
#include "library.h"

namespace exprjit::cli {
namespace {

void on_log(ej_log_level level, const char* message, void* user_data) {
    const auto* messages = static_cast<const Messages*>(user_data);
    std::string line = level == EJ_LOG_ERROR ? "error: " : level == EJ_LOG_WARNING ? "warning: " : "exprjit: ";
    line += message;
    line += '\n';
    say(*messages, line);
}

// The C structs of one compilation; they point into the request and live as long as it.
struct PreparedOptions {
    std::vector<ej_param> params;
    ej_compile_options options{};

    PreparedOptions(const Options& common, const CompileRequest& request) {
        options.struct_size = sizeof options;
        if (request.variables != nullptr) {
            for (const Variable& variable : *request.variables) {
                params.push_back(ej_param{variable.name.c_str(), variable.type, 0});
            }
            options.params = params.data();
            options.param_count = params.size();
            options.params_declared = 1;
        }
        options.div_mode = common.div_mode;
        options.caret = common.caret;
        options.tier = common.tier != EJ_TIER_AUTO ? common.tier : request.tier;
        options.isa = common.isa;
        options.flags = common.flags;
        options.accuracy = common.accuracy;
        options.source_name = request.source_name;
    }
};

template <class Count, class Get>
std::vector<Variable> list_of(const ej_kernel* kernel, Count count, Get get) {
    std::vector<Variable> list;
    for (size_t i = 0; i < count(kernel); ++i) {
        ej_param param{};
        if (get(kernel, i, &param) == EJ_OK) {
            list.push_back(Variable{param.name != nullptr ? param.name : "", param.type});
        }
    }
    return list;
}

}  // namespace

Status create_engine(const Messages& messages, bool cached, Engine& engine) {
    const EngineLimits limits;
    ej_engine_options options{};
    options.struct_size = sizeof options;
    options.cache_bytes = cached ? limits.cache_bytes : 1;
    options.max_text_bytes = limits.max_text_bytes;
    options.max_nodes = limits.max_nodes;
    options.max_nesting = limits.max_nesting;
    options.max_code_bytes = limits.max_code_bytes;
    options.max_compile_ns = limits.max_compile_ns;
    if (!messages.quiet) {
        options.log = on_log;
        options.log_user_data = const_cast<Messages*>(&messages);
        options.log_level = messages.verbose ? EJ_LOG_INFO : EJ_LOG_WARNING;
    }
    ej_engine* created = nullptr;
    ej_error* error = nullptr;
    const ej_status status = ej_engine_create(&options, &created, &error);
    if (status != EJ_OK) {
        return library_failure(status, error, Phase::kRun);
    }
    engine.reset(created);
    return {};
}

Status define_functions(ej_engine* engine, const Options& options) {
    for (const std::string& function : options.functions) {
        ej_error* error = nullptr;
        const ej_status status = ej_engine_define(engine, function.c_str(), &error);
        if (status != EJ_OK) return library_failure(status, error, Phase::kCompile);
    }
    return {};
}

ej_status compile_raw(ej_engine* engine, const Options& options, const CompileRequest& request, ej_kernel** kernel,
                      ej_error** error) {
    const PreparedOptions prepared(options, request);
    const std::string_view text = request.text;
    switch (request.form) {
    case ProgramForm::kText: break;
    case ProgramForm::kIr:
        return ej_engine_compile_ir(engine, text.data(), text.size(), &prepared.options, kernel, error);
    case ProgramForm::kBytes:
        return ej_engine_compile_bytes(engine, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                       &prepared.options, kernel, error);
    }
    return ej_engine_compile_n(engine, text.data(), text.size(), &prepared.options, kernel, error);
}

Status compile(ej_engine* engine, const Options& options, const CompileRequest& request, Kernel& kernel) {
    ej_kernel* compiled = nullptr;
    ej_error* error = nullptr;
    const ej_status status = compile_raw(engine, options, request, &compiled, &error);
    if (status != EJ_OK) {
        return library_failure(status, error, Phase::kCompile);
    }
    kernel.reset(compiled);
    return {};
}

ej_status check_raw(ej_engine* engine, const Options& options, const CompileRequest& request, ej_error** error) {
    const PreparedOptions prepared(options, request);
    return ej_engine_check(engine, request.text.data(), request.text.size(), &prepared.options, error);
}

bool has_unknown_name(const ej_error* error) {
    constexpr int32_t kUnknownName = 1100;
    const size_t count = error != nullptr ? ej_error_count(error) : 0;
    for (size_t i = 0; i < count; ++i) {
        ej_diagnostic diagnostic{};
        diagnostic.struct_size = sizeof diagnostic;
        if (ej_error_get(error, i, &diagnostic) == EJ_OK && diagnostic.code == kUnknownName) {
            return true;
        }
    }
    return false;
}

std::vector<Variable> parameters_of(const ej_kernel* kernel) {
    return list_of(kernel, ej_kernel_param_count, ej_kernel_get_param);
}

std::vector<Variable> outputs_of(const ej_kernel* kernel) {
    return list_of(kernel, ej_kernel_output_count, ej_kernel_get_output);
}

const char* isa_name(ej_isa isa) {
    switch (isa) {
    case EJ_ISA_V2: return "v2";
    case EJ_ISA_V3: return "v3";
    case EJ_ISA_V4: return "v4";
    default: return "none";
    }
}

const char* tier_name(ej_tier tier) {
    switch (tier) {
    case EJ_TIER_INTERPRETER: return "interpreter";
    case EJ_TIER_BASELINE: return "baseline";
    case EJ_TIER_OPTIMISED: return "optimised";
    default: return "auto";
    }
}

}  // namespace exprjit::cli
