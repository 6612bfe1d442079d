// SPDX-License-Identifier: MIT OR Apache-2.0
#include "program.h"

#include <algorithm>
#include <chrono>

#include "core.h"
#include "exprjit.pb.h"
#include "program_check.h"

namespace exprjit::server {
namespace {

// Options and parameters of a request, as the C ABI takes them. Points into the message.
struct CompileChoice {
    std::vector<ej_param> params;
    ej_compile_options options{};
};

Outcome read_choice(const v1::Program& program, const Limits& limits, CompileChoice& choice) {
    if (program.parameters_size() > limits.max_columns) {
        return limit_problem("max-columns", "the program declares " + std::to_string(program.parameters_size()) +
                                                " parameters; this server's limit max-columns is " +
                                                std::to_string(limits.max_columns));
    }
    for (const v1::Parameter& parameter : program.parameters()) {
        const auto dtype = static_cast<ej_dtype>(parameter.dtype());
        if (dtype < EJ_BOOL || dtype > EJ_U64) {
            return wrong_request("parameter '" + parameter.name() + "' has no known dtype (" + std::to_string(dtype) +
                                 "): exprjit.proto lists them, 1 to 12");
        }
        if (parameter.name().find('\0') != std::string::npos) {
            return wrong_request("the name of a parameter holds a zero byte");
        }
        choice.params.push_back({parameter.name().c_str(), dtype, 0});
    }
    const v1::CompileOptions& asked = program.options();
    ej_compile_options& options = choice.options;
    options.struct_size = sizeof options;
    options.params = choice.params.empty() ? nullptr : choice.params.data();
    options.param_count = choice.params.size();
    options.params_declared = program.declared() ? 1 : 0;
    options.result_type = static_cast<ej_dtype>(asked.result_type());
    options.div_mode = static_cast<ej_div_mode>(asked.div_mode());
    options.caret = static_cast<ej_caret>(asked.caret());
    options.flags =
        (asked.contract() ? uint32_t{EJ_FLAG_CONTRACT} : 0u) | (asked.reassociate() ? uint32_t{EJ_FLAG_REASSOC} : 0u);
    options.accuracy = static_cast<ej_accuracy>(asked.accuracy());
    return {};
}

Outcome compile(Core& core, const v1::Program& program, const StopSign& stop, CompileChoice& choice,
                ej_kernel** kernel) {
    const Limits& limits = core.options.limits;
    ej_error* error = nullptr;
    ej_status status = EJ_OK;
    choice.options.cancel = stop.token();
    choice.options.untrusted = 1;
    if (program.form_case() == v1::Program::kText) {
        const std::string& text = program.text();
        if (static_cast<int64_t>(text.size()) > limits.max_text_bytes) {
            return limit_problem("max-text-bytes", "the program's text has " + std::to_string(text.size()) +
                                                       " bytes; this server's limit max-text-bytes is " +
                                                       std::to_string(limits.max_text_bytes));
        }
        status = ej_engine_compile_n(core.engine, text.data(), text.size(), &choice.options, kernel, &error);
    } else if (program.form_case() == v1::Program::kIr) {
        const std::string& ir = program.ir();
        if (static_cast<int64_t>(ir.size()) > limits.max_ir_bytes) {
            return limit_problem("max-ir-bytes", "the program's IR has " + std::to_string(ir.size()) +
                                                     " bytes; this server's limit max-ir-bytes is " +
                                                     std::to_string(limits.max_ir_bytes));
        }
        status = ej_engine_compile_bytes(core.engine, reinterpret_cast<const uint8_t*>(ir.data()), ir.size(),
                                         &choice.options, kernel, &error);
    } else {
        return wrong_request("the request holds no program: send a text or IR bytes");
    }
    if (status != EJ_OK) {
        return engine_problem(status, error, false);
    }
    return {};
}

// The handle: the same program with the same meaning has the same one on every server of this version.
Outcome digest_of(const ej_kernel* kernel, const ej_compile_options& options, std::string& handle) {
    uint8_t* bytes = nullptr;
    size_t size = 0;
    ej_error* error = nullptr;
    const ej_status status = ej_kernel_encode(kernel, &bytes, &size, &error);
    if (status != EJ_OK) {
        return engine_problem(status, error, false);
    }
    std::string canonical = std::string("exprjit handle ") + ej_version() + '\n' + ej_kernel_signature(kernel) + '\n';
    for (const int64_t part :
         {int64_t{options.div_mode}, int64_t{options.accuracy}, int64_t{options.flags}, int64_t{options.result_type}}) {
        canonical += std::to_string(part) + ' ';
    }
    canonical.append(reinterpret_cast<const char*>(bytes), size);
    ej_bytes_free(bytes);
    const Sha256 digest = sha256(canonical);
    handle.assign(digest.begin(), digest.end());
    return {};
}

Outcome look_at(Held& held, const Limits& limits) {
    const ej_kernel* kernel = held.kernel;
    const size_t inputs = ej_kernel_param_count(kernel);
    const size_t outputs = ej_kernel_output_count(kernel);
    if (std::max(inputs, outputs) > static_cast<uint64_t>(limits.max_columns)) {
        return limit_problem(
            "max-columns", "the program has " + std::to_string(inputs) + " parameters and " + std::to_string(outputs) +
                               " outputs; this server's limit max-columns is " + std::to_string(limits.max_columns));
    }
    for (size_t i = 0; i < inputs; ++i) {
        ej_param param{};
        ej_kernel_get_param(kernel, i, &param);
        held.parameters.push_back({param.name, param.type});
    }
    held.is_all_reduced = outputs > 0;
    for (size_t i = 0; i < outputs; ++i) {
        ej_output_info info{};
        info.struct_size = sizeof info;
        ej_kernel_get_output_info(kernel, i, &info);
        held.outputs.push_back({info.name, info.type, info.is_reduced != 0, info.is_nullable != 0});
        held.is_all_reduced = held.is_all_reduced && info.is_reduced != 0;
    }
    held.is_reducing = ej_kernel_is_reducing(kernel) != 0;
    ej_kernel_info info{};
    info.struct_size = sizeof info;
    ej_kernel_get_info(kernel, &info);
    held.memory_bytes = info.memory_bytes + sizeof(Held);
    return {};
}

// `kind` keeps a Program and a ProgramRef of the same bytes apart.
std::string request_key(char kind, std::string_view bytes) {
    const Sha256 digest = sha256(bytes);
    return kind + std::string(digest.begin(), digest.end());
}

Outcome resolve_new(Core& core, const v1::Program& program, const std::string& request, StopSign& stop, Resolved& out) {
    const auto start = std::chrono::steady_clock::now();
    CompileChoice choice;
    if (Outcome problem = read_choice(program, core.options.limits, choice)) {
        return problem;
    }
    auto held = std::make_shared<Held>();
    if (Outcome problem = compile(core, program, stop, choice, &held->kernel)) {
        return problem;
    }
    if (Outcome problem = look_at(*held, core.options.limits)) {
        return problem;
    }
    if (Outcome problem = digest_of(held->kernel, choice.options, held->handle)) {
        return problem;
    }
    held->compile_ns =
        static_cast<uint64_t>(std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
    const Held* made = held.get();
    out.held = core.kernels.keep(std::move(held), request);
    out.was_there = out.held.get() != made;
    out.compile_ns = out.was_there ? 0 : static_cast<int64_t>(out.held->compile_ns);
    if (!out.was_there) {
        core.metrics.observe_compile(out.compile_ns);
    }
    return {};
}

Outcome find_handle(Core& core, const std::string& handle, Resolved& out) {
    out.held = core.kernels.find(handle);
    out.was_there = true;
    if (out.held != nullptr) {
        return {};
    }
    if (handle.size() != sizeof(Sha256)) {
        return wrong_request("a handle has 32 bytes, this one " + std::to_string(handle.size()) +
                             ": use what Compile returned");
    }
    return Problem{.code = Code::kNotFound,
                   .message = "this server does not hold the handle (any more): send the program again"};
}

}  // namespace

Outcome resolve(Core& core, const v1::Program& program, StopSign& stop, Resolved& out) {
    const std::string request = request_key('p', program.SerializeAsString());
    if ((out.held = core.kernels.find_request(request)) != nullptr) {
        out.was_there = true;
        return {};
    }
    return resolve_new(core, program, request, stop, out);
}

Outcome resolve_reference(Core& core, std::string_view program_ref, StopSign& stop, Resolved& out) {
    // The two forms that every client sends: a handle of 32 bytes, and a program and nothing else.
    if (program_ref.size() == 34 && program_ref.starts_with("\x0a\x20")) {
        return find_handle(core, std::string(program_ref.substr(2)), out);
    }
    if (Outcome problem = check_program(program_ref, ProgramPlace::kProgramRef, core.options.limits)) {
        return problem;
    }
    const std::string request = request_key('r', program_ref);
    if ((out.held = core.kernels.find_request(request)) != nullptr) {
        out.was_there = true;
        return {};
    }
    v1::ProgramRef reference;
    if (!reference.ParseFromArray(program_ref.data(), static_cast<int>(program_ref.size()))) {
        return wrong_request("the request's program is not a ProgramRef of exprjit.proto (or its text is not UTF-8)");
    }
    if (reference.ref_case() == v1::ProgramRef::kHandle) {
        return find_handle(core, reference.handle(), out);
    }
    if (reference.ref_case() != v1::ProgramRef::kProgram) {
        return wrong_request("the request names no program: give a handle, a text or IR bytes");
    }
    return resolve_new(core, reference.program(), request, stop, out);
}

void describe(const Held& held, v1::Signature& out) {
    for (const Held::Parameter& parameter : held.parameters) {
        v1::Parameter& added = *out.add_parameters();
        added.set_name(parameter.name);
        added.set_dtype(static_cast<v1::Dtype>(parameter.dtype));
    }
    for (const Held::Output& output : held.outputs) {
        v1::Output& added = *out.add_outputs();
        added.set_name(output.name);
        added.set_dtype(static_cast<v1::Dtype>(output.dtype));
        added.set_reduced(output.is_reduced);
        added.set_nullable(output.is_nullable);
    }
    out.set_text(ej_kernel_signature(held.kernel));
}

}  // namespace exprjit::server
