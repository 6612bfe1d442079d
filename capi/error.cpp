// SPDX-License-Identifier: MIT OR Apache-2.0
#include "error.h"

#include "border.h"
#include "render.h"

namespace exprjit::capi {

namespace {

// Line and column are those of render.h's place_of.
ej_error* build(const Error& error, const Source& source) {
    auto made = std::make_unique<ej_error>();
    made->status = static_cast<ej_status>(error.status());
    made->row = error.row;
    LineFinder lines(source.text);
    for (const Diagnostic& d : error.diagnostics) {
        Reported r{d, 0, 0};
        if (source.known && d.span.valid()) {
            const Place place = lines.find(d.span.begin);
            r.line = place.line;
            r.column = place.column;
        }
        made->diagnostics.push_back(std::move(r));
    }
    if (made->diagnostics.empty()) {
        made->diagnostics.push_back({{Status::Internal, static_cast<int32_t>(CallCode::Internal), kNoSpan,
                                      "a failure without a diagnostic", "please report this with the text"},
                                     0,
                                     0});
    }
    render(*made, source, made->rendered);
    return made.release();
}

}  // namespace

ej_error* make_error(const Error& error, const Source& source) { return build(error, source); }

ej_error* out_of_memory() {
    static ej_error* const error = []() -> ej_error* {
        try {
            Error e;
            e.diagnostics.push_back(
                {Status::NoMemory, static_cast<int32_t>(CallCode::NoMemory), kNoSpan, "memory ran out", {}});
            return build(e, {});
        } catch (...) {
            return nullptr;
        }
    }();
    return error;
}

namespace {

// Made while the library is loaded: later there may be no memory to make it from.
[[maybe_unused]] const ej_error* const made_early = out_of_memory();

}  // namespace

}  // namespace exprjit::capi

using namespace exprjit;
using namespace exprjit::capi;

extern "C" {

ej_status ej_error_status(const ej_error* error) { return error != nullptr ? error->status : EJ_OK; }

const char* ej_error_message(const ej_error* error) {
    return error != nullptr ? error->diagnostics.front().diagnostic.message.c_str() : "";
}

const char* ej_error_render(const ej_error* error) { return error != nullptr ? error->rendered.c_str() : ""; }

void ej_error_destroy(ej_error* error) {
    if (error != nullptr && error != out_of_memory()) delete error;
}

size_t ej_error_count(const ej_error* error) { return error != nullptr ? error->diagnostics.size() : 0; }

ej_status ej_error_get(const ej_error* error, size_t index, ej_diagnostic* out) {
    if (error == nullptr || !can_fill(out) || index >= error->diagnostics.size()) return EJ_ERR_INVALID_ARGUMENT;
    const Reported& r = error->diagnostics[index];
    ej_diagnostic d{};
    d.code = r.diagnostic.code;
    d.status = static_cast<ej_status>(r.diagnostic.status);
    d.message = r.diagnostic.message.c_str();
    d.hint = r.diagnostic.hint.c_str();
    if (r.line != 0) {
        d.begin = r.diagnostic.span.begin;
        d.end = r.diagnostic.span.end;
        d.line = r.line;
        d.column = r.column;
    }
    return fill(out, d);
}

int64_t ej_error_row(const ej_error* error) { return error != nullptr ? error->row : -1; }

const char* ej_status_name(ej_status status) {
    switch (status) {
    case EJ_OK: return "ok";
    case EJ_ERR_INVALID_ARGUMENT: return "invalid argument";
    case EJ_ERR_SYNTAX: return "syntax error";
    case EJ_ERR_NAME: return "unknown name";
    case EJ_ERR_TYPE: return "type error";
    case EJ_ERR_LIMIT: return "limit reached";
    case EJ_ERR_DIVIDE_BY_ZERO: return "division by zero";
    case EJ_ERR_DOMAIN: return "domain error";
    case EJ_ERR_CANCELLED: return "cancelled";
    case EJ_ERR_STACK: return "stack nearly used up";
    case EJ_ERR_NEEDS_CONTEXT: return "needs a context";
    case EJ_ERR_UNSUPPORTED: return "unsupported";
    case EJ_ERR_NO_MEMORY: return "out of memory";
    case EJ_ERR_INTERNAL: return "internal error";
    default: return "unknown status";
    }
}

}  // extern "C"
