// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/engine.h"
#include "abi.h"
#include "border.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

Failure unknown(const char* field, int64_t value) {
    return invalid(CallCode::UnknownEnumerator,
                   std::string("ej_engine_options.") + field + " has no value " + std::to_string(value),
                   "see the enumerations in exprjit.h; 0 is the default");
}

Failure convert(const ej_engine_options& o, EngineOptions& out) {
    if (!is_isa(o.isa)) return unknown("isa", o.isa);
    if (!is_tier(o.tier)) return unknown("tier", o.tier);
    if (o.code_memory < EJ_CODE_MEMORY_AUTO || o.code_memory > EJ_CODE_MEMORY_SEALED) {
        return unknown("code_memory", o.code_memory);
    }
    if (o.log_level < 0 || o.log_level > EJ_LOG_DEBUG) return unknown("log_level", o.log_level);
    if (o.reserved != 0 || o.reserved2 != 0) {
        return invalid(CallCode::BadNumber, "a reserved field of ej_engine_options is not 0",
                       "clear the struct before filling it in");
    }
    out.isa = static_cast<Isa>(o.isa);
    out.tier = static_cast<TierChoice>(o.tier);
    out.code_memory = static_cast<CodeMemoryPolicy>(o.code_memory);
    if (o.cache_bytes != 0) out.cache_bytes = o.cache_bytes;
    out.log = o.log;
    out.log_user_data = o.log_user_data;
    if (o.log_level != 0) out.log_level = static_cast<LogLevel>(o.log_level);
    if (o.max_text_bytes != 0) out.limits.max_text_bytes = o.max_text_bytes;
    if (o.max_nodes != 0) out.limits.max_nodes = o.max_nodes;
    if (o.max_nesting != 0) out.limits.max_nesting = o.max_nesting;
    if (o.max_code_bytes != 0) out.limits.max_code_bytes = o.max_code_bytes;
    if (o.max_compile_ns != 0) out.max_compile_ns = o.max_compile_ns;
    return nullptr;
}

}  // namespace

extern "C" {

ej_status ej_engine_create(const ej_engine_options* options, ej_engine** engine, ej_error** error) {
    if (engine != nullptr) *engine = nullptr;
    return at_border(error, [&](Source&) -> Failure {
        if (engine == nullptr) return null_argument("engine");
        ej_engine_options given;
        // The first version ended before `max_compile_ns`.
        if (Failure f = read_options(options, "ej_engine_options", given, offsetof(ej_engine_options, max_compile_ns)))
            return f;
        EngineOptions converted;
        if (Failure f = convert(given, converted)) return f;
        Ref<Engine> made = Engine::create(converted);
        made->retain();  // the caller's
        *engine = reinterpret_cast<ej_engine*>(made.get());
        return nullptr;
    });
}

void ej_engine_destroy(ej_engine* engine) {
    if (engine == nullptr) return;
    Engine& e = *reinterpret_cast<Engine*>(engine);
    e.close();
    e.release();
}

void ej_engine_clear_cache(ej_engine* engine) {
    at_border([&] {
        engine_of(engine).clear_cache();
        return EJ_OK;
    });
}

ej_status ej_engine_get_stats(ej_engine* engine, ej_engine_stats* stats) {
    if (!can_fill(stats)) return EJ_ERR_INVALID_ARGUMENT;
    return at_border([&] {
        const EngineStats s = engine_of(engine).stats();
        ej_engine_stats out{};
        out.compiles = s.compiles;
        out.text_hits = s.text_hits;
        out.canonical_hits = s.canonical_hits;
        out.misses = s.misses;
        out.evictions = s.cache.evictions;
        out.entries = s.cache.entries;
        out.cache_bytes = s.cache.bytes;
        out.code_bytes = s.code_bytes;
        out.arena_bytes = s.arena_bytes;
        out.isa = static_cast<ej_isa>(s.isa);
        out.jit = s.jit;
        return fill(stats, out);
    });
}

}  // extern "C"
