// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a kernel is: its parameters, outputs, cost, and entry.
#include "abi.h"
#include "border.h"
#include "support/ticks.h"

using namespace exprjit;
using namespace exprjit::capi;

extern "C" {

ej_kernel* ej_kernel_retain(ej_kernel* kernel) {
    if (kernel != nullptr) kernel_of(kernel)->retain();
    return kernel;
}

void ej_kernel_release(ej_kernel* kernel) {
    if (kernel != nullptr) kernel_of(kernel)->release();
}

size_t ej_kernel_param_count(const ej_kernel* kernel) {
    return kernel != nullptr ? kernel_of(kernel).code().param_count() : 0;
}

size_t ej_kernel_output_count(const ej_kernel* kernel) {
    return kernel != nullptr ? kernel_of(kernel).code().result_count() : 0;
}

ej_status ej_kernel_get_param(const ej_kernel* kernel, size_t index, ej_param* out) {
    if (out == nullptr) return EJ_ERR_INVALID_ARGUMENT;
    *out = {};
    if (kernel == nullptr || index >= kernel_of(kernel).code().param_count()) return EJ_ERR_INVALID_ARGUMENT;
    out->name = kernel_of(kernel).text().param_name(index);
    out->type = dtype_of(kernel_of(kernel).code().param_type(index));
    return EJ_OK;
}

ej_status ej_kernel_get_output(const ej_kernel* kernel, size_t index, ej_param* out) {
    if (out == nullptr) return EJ_ERR_INVALID_ARGUMENT;
    *out = {};
    if (kernel == nullptr || index >= kernel_of(kernel).code().result_count()) return EJ_ERR_INVALID_ARGUMENT;
    out->name = kernel_of(kernel).text().result_name(index);
    out->type = dtype_of(kernel_of(kernel).code().result_type(index));
    return EJ_OK;
}

ej_status ej_kernel_get_output_info(const ej_kernel* kernel, size_t index, ej_output_info* out) {
    if (kernel == nullptr || !can_fill(out)) return EJ_ERR_INVALID_ARGUMENT;
    const Kernel& k = kernel_of(kernel);
    if (index >= k.code().result_count()) return EJ_ERR_INVALID_ARGUMENT;
    return at_border([&] {
        ej_output_info o{};
        o.name = k.text().result_name(index);
        o.type = dtype_of(k.code().result_type(index));
        o.is_reduced = k.output_is_reduced(index);
        o.is_nullable = k.output_is_nullable(index);
        return fill(out, o);
    });
}

int32_t ej_kernel_is_reducing(const ej_kernel* kernel) { return kernel != nullptr && kernel_of(kernel).is_reducing(); }

const char* ej_kernel_signature(const ej_kernel* kernel) {
    const char* signature = "";
    if (kernel != nullptr) {
        at_border([&] {
            signature = kernel_of(kernel).text().signature();
            return EJ_OK;
        });
    }
    return signature;
}

const char* ej_kernel_source(const ej_kernel* kernel) {
    const char* source = "";
    if (kernel != nullptr) {
        at_border([&] {
            source = kernel_of(kernel).text().source().data();
            return EJ_OK;
        });
    }
    return source;
}

ej_status ej_kernel_get_info(const ej_kernel* kernel, ej_kernel_info* out) {
    if (kernel == nullptr || !can_fill(out)) return EJ_ERR_INVALID_ARGUMENT;
    const Kernel& k = kernel_of(kernel);
    const CompiledCode& code = k.code();
    ej_kernel_info i{};
    // An interpreted kernel may stand under the key of a native one, if there was no code memory left.
    // One with reductions has no scalar code; its loops are made as the engine says.
    const bool native =
        code.made.executable.is_native() || (code.is_reducing() && code.engine().code_memory() != nullptr);
    i.tier = native ? static_cast<ej_tier>(code.traits.tier) : EJ_TIER_INTERPRETER;
    i.isa = native ? static_cast<ej_isa>(code.traits.isa) : EJ_ISA_AUTO;
    i.needs_context = code.made.needs_context;
    i.cache_hit = static_cast<int32_t>(k.hit());
    i.nodes = code.made.nodes;
    i.code_bytes = code.made.executable.code_bytes();
    i.memory_bytes = k.memory_bytes();
    i.spills = code.made.spills;
    return fill(out, i);
}

ej_status ej_kernel_get_timings(const ej_kernel* kernel, ej_timings* out) {
    if (kernel == nullptr || !can_fill(out)) return EJ_ERR_INVALID_ARGUMENT;
    const CompileTicks& t = kernel_of(kernel).code().times;
    ej_timings o{};
    o.total = ticks_to_nanoseconds(t.total);
    o.parse = ticks_to_nanoseconds(t.parse);
    o.verify = ticks_to_nanoseconds(t.verify);
    o.key = ticks_to_nanoseconds(t.key);
    o.optimise = ticks_to_nanoseconds(t.optimise);
    o.uses = ticks_to_nanoseconds(t.code.uses);
    o.allocate = ticks_to_nanoseconds(t.code.allocate);
    o.emit = ticks_to_nanoseconds(t.code.emit);
    o.install = ticks_to_nanoseconds(t.install);
    return fill(out, o);
}

ej_status ej_kernel_get_entry(const ej_kernel* kernel, void (**entry)(void)) {
    if (entry != nullptr) *entry = nullptr;
    if (kernel == nullptr || entry == nullptr) return EJ_ERR_INVALID_ARGUMENT;
    const Generated& made = kernel_of(kernel).code().made;
    if (made.needs_context) return EJ_ERR_NEEDS_CONTEXT;
    const void* const address = made.executable.plain_entry();
    if (address == nullptr) return EJ_ERR_UNSUPPORTED;
    *entry = reinterpret_cast<void (*)(void)>(reinterpret_cast<uintptr_t>(address));
    return EJ_OK;
}

}  // extern "C"
