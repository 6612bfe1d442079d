// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codes.h"
#include "exprjit/exprjit.h"
#include "support/result.h"

namespace exprjit::capi {

// The text diagnostics point into, as a caller knows it. Without one there are no carets.
struct Source {
    std::string text;
    std::string name;
    bool known = false;
};

// A diagnostic as ej_error keeps it: with line and column, so that the text itself need not be kept.
struct Reported {
    Diagnostic diagnostic;
    int32_t line = 0;
    int32_t column = 0;
};

}  // namespace exprjit::capi

// Complete and immutable from the start, so that threads may read it together.
struct ej_error {
    ej_status status = EJ_ERR_INTERNAL;
    int64_t row = -1;
    std::vector<exprjit::capi::Reported> diagnostics;
    std::string rendered;
};

namespace exprjit::capi {

// A new error for the caller. Throws std::bad_alloc.
ej_error* make_error(const Error& error, const Source& source);

// The one error that needs no memory; ej_error_destroy leaves it alone. nullptr if even starting up failed.
ej_error* out_of_memory();

inline Failure invalid(CallCode code, std::string message, std::string hint = {}) {
    return fail(Status::InvalidArgument, static_cast<int32_t>(code), std::move(message), std::move(hint));
}

}  // namespace exprjit::capi
