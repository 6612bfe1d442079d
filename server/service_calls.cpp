// SPDX-License-Identifier: MIT OR Apache-2.0
#include "service_calls.h"

#include <sstream>

#include "core.h"
#include "program.h"

namespace exprjit::server {
namespace {

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

void fill_info(const Resolved& resolved, v1::CompileInfo& out) {
    ej_kernel_info info{};
    info.struct_size = sizeof info;
    ej_kernel_get_info(resolved.held->kernel, &info);
    out.set_cached(resolved.was_there);
    out.set_compile_ns(resolved.compile_ns);
    out.set_code_bytes(static_cast<int64_t>(info.code_bytes));
    out.set_tier(tier_name(info.tier));
    out.set_isa(isa_name(info.isa));
}

// "" if there is such a pass, else all there are.
std::string passes_unless_one_is(const std::string& name) {
    std::string names;
    for (size_t i = 0; const char* pass = ej_pass_name(i); ++i) {
        if (name == pass) {
            return "";
        }
        names += (names.empty() ? "" : ", ") + std::string(pass);
    }
    return names;
}

}  // namespace

Outcome answer_compile(Core& core, const v1::CompileRequest& request, StopSign& stop, v1::CompileReply& reply) {
    Resolved resolved;
    if (Outcome problem = resolve(core, request.program(), stop, resolved)) {
        return problem;
    }
    reply.set_handle(resolved.held->handle);
    describe(*resolved.held, *reply.mutable_signature());
    fill_info(resolved, *reply.mutable_info());
    return {};
}

Outcome answer_explain(Core& core, const v1::ExplainRequest& request, StopSign& stop, v1::ExplainReply& reply) {
    ej_dump what = EJ_DUMP_IR;
    switch (request.what()) {
    case v1::ExplainRequest::IR: what = EJ_DUMP_IR; break;
    case v1::ExplainRequest::OPTIMISED_IR: what = EJ_DUMP_OPT; break;
    case v1::ExplainRequest::ASSEMBLY: what = EJ_DUMP_ASM; break;
    default: return wrong_request("Explain knows IR, OPTIMISED_IR and ASSEMBLY, not " + std::to_string(request.what()));
    }
    if (what == EJ_DUMP_ASM && !core.options.shows_assembly()) {
        return Problem{.code = Code::kPermissionDenied,
                       .message = "this server does not show machine code (its option --explain-assembly)"};
    }
    const std::string passes = request.pass().empty() ? "" : passes_unless_one_is(request.pass());
    if (!passes.empty()) {
        return wrong_request("there is no pass '" + std::string(utf8_prefix(request.pass(), 60)) + "', but " + passes);
    }
    if (what == EJ_DUMP_IR && !request.pass().empty()) {
        return wrong_request("IR is the program before all passes, and '" + request.pass() +
                             "' is a pass: ask for OPTIMISED_IR, or leave the pass out");
    }
    Resolved resolved;
    if (Outcome problem = resolve_reference(core, request.program().SerializeAsString(), stop, resolved)) {
        return problem;
    }
    char* text = nullptr;
    ej_error* error = nullptr;
    const char* pass = request.pass().empty() ? nullptr : request.pass().c_str();
    if (what == EJ_DUMP_ASM && pass == nullptr && resolved.held->is_reducing) {
        pass = "vectorize";  // a program with reductions has no code for single rows, but loops over columns
    }
    const ej_status status = ej_kernel_dump(resolved.held->kernel, what, pass, &text, &error);
    if (status != EJ_OK) {
        return engine_problem(status, error, false);
    }
    const std::string_view listing = text;
    const bool fits = static_cast<int64_t>(listing.size()) <= core.options.limits.max_message_bytes;
    // Names come from the program and are UTF-8; a listing that is not would be refused by the client's protobuf.
    reply.set_text(std::string(utf8_prefix(listing, listing.size())));
    ej_string_free(text);
    if (!fits) {
        return limit_problem("max-message-bytes",
                             "the listing has more bytes than this server's limit max-message-bytes allows");
    }
    describe(*resolved.held, *reply.mutable_signature());
    fill_info(resolved, *reply.mutable_info());
    return {};
}

Outcome answer_functions(v1::ListFunctionsReply& reply) {
    for (size_t i = 0; i < ej_function_count(); ++i) {
        ej_function_info info{};
        info.struct_size = sizeof info;
        if (ej_function_get(i, &info) != EJ_OK) {
            continue;
        }
        v1::FunctionInfo& out = *reply.add_functions();
        out.set_name(info.name);
        std::istringstream aliases(info.aliases);
        for (std::string alias; aliases >> alias;) {
            out.add_aliases(alias);
        }
        out.set_parameters(info.parameters);
        out.set_category(info.category);
        out.set_summary(info.summary);
        out.set_constant(info.is_constant != 0);
    }
    for (size_t i = 0; i < ej_op_count(); ++i) {
        ej_op_info info{};
        info.struct_size = sizeof info;
        if (ej_op_get(i, &info) != EJ_OK) {
            continue;
        }
        v1::OperationInfo& out = *reply.add_operations();
        out.set_name(info.name);
        out.set_code(info.code);
        out.set_signature(info.signature);
        out.set_types(info.types);
    }
    return {};
}

Outcome answer_info(Core& core, v1::GetServerInfoReply& reply) {
    ej_engine_stats stats{};
    stats.struct_size = sizeof stats;
    ej_engine_get_stats(core.engine, &stats);
    reply.set_version(ej_version());
    reply.set_cpu(ej_cpu_name());
    reply.set_isa(stats.jit != 0 ? isa_name(stats.isa) : "interpreter");
    reply.set_workers(core.options.threads);
    for (const LimitRow& row : limit_rows()) {
        v1::Limit& limit = *reply.add_limits();
        limit.set_name(row.name);
        limit.set_value(core.options.limits.*row.value);
        limit.set_unit(row.unit);
    }
    const auto uptime = std::chrono::steady_clock::now() - core.started;
    reply.set_uptime_ms(std::chrono::duration_cast<std::chrono::milliseconds>(uptime).count());
    reply.set_kernels(static_cast<int64_t>(core.kernels.size()));
    reply.set_draining(core.is_draining.load());
    return {};
}

}  // namespace exprjit::server
