// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions that an engine's users add to the language.
#include "lang/definitions.h"

#include "border.h"

using namespace exprjit;
using namespace exprjit::capi;

namespace {

// Whether machine code, or a trampoline, can call C functions here.
#if defined(__x86_64__)
constexpr bool kCallsHost = true;
#else
constexpr bool kCallsHost = false;
#endif

Failure add(Engine& engine, const char* name, const char* signature, ej_native_fn fn, void* user_data, uint32_t flags) {
    if (name == nullptr) return null_argument("name");
    if (signature == nullptr) return null_argument("signature");
    if (fn == nullptr) return null_argument("fn");
    constexpr uint32_t kKnown = EJ_FUNCTION_PURE | EJ_FUNCTION_NO_USER_DATA;
    if ((flags & ~kKnown) != 0) {
        return invalid(CallCode::UnknownEnumerator,
                       "the flags of function '" + std::string(name) + "' are " + std::to_string(flags) +
                           ", which names flags that do not exist",
                       "use EJ_FUNCTION_PURE and EJ_FUNCTION_NO_USER_DATA, or 0");
    }
    const bool takes_user_data = (flags & EJ_FUNCTION_NO_USER_DATA) == 0;
    if (!takes_user_data && user_data != nullptr) {
        return invalid(CallCode::BadNumber,
                       "user_data is given for function '" + std::string(name) +
                           "', but EJ_FUNCTION_NO_USER_DATA says that it takes none",
                       "pass NULL, or leave the flag out");
    }
    if (!kCallsHost) {
        return fail(Status::Unsupported, static_cast<int32_t>(CallCode::BadNumber),
                    "functions of the host can only be called on x86-64", "define the function as an expression");
    }
    auto made = make_native(name, signature, reinterpret_cast<const void*>(fn), user_data, takes_user_data,
                            (flags & EJ_FUNCTION_PURE) != 0);
    if (!made) return made.take_failure();
    auto added = engine.add_function(std::move(*made));
    return added ? nullptr : added.take_failure();
}

}  // namespace

extern "C" {

ej_status ej_engine_define(ej_engine* engine, const char* text, ej_error** error) {
    return at_border(error, [&](Source& source) -> Failure {
        if (text == nullptr) return null_argument("text");
        auto defined = engine_of(engine).define(text);
        if (defined) return nullptr;
        source.text = text;
        source.name = "<definition>";
        source.known = true;
        return defined.take_failure();
    });
}

ej_status ej_engine_add_function(ej_engine* engine, const char* name, const char* signature, ej_native_fn fn,
                                 void* user_data, uint32_t flags, ej_error** error) {
    return at_border(error,
                     [&](Source&) -> Failure { return add(engine_of(engine), name, signature, fn, user_data, flags); });
}

ej_status ej_engine_remove_function(ej_engine* engine, const char* name, ej_error** error) {
    return at_border(error, [&](Source&) -> Failure {
        if (name == nullptr) return null_argument("name");
        auto removed = engine_of(engine).remove_function(name);
        return removed ? nullptr : removed.take_failure();
    });
}

}  // extern "C"
