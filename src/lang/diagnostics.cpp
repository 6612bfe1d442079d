// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/diagnostics.h"

#include <algorithm>

namespace exprjit::lang {

namespace {

constexpr struct {
    Problem problem;
    Status status;
} kStatuses[] = {
#define LANG_ERROR(code, Name, status, meaning) {Problem::Name, Status::status},
#include "lang/errors.def"
};

Status status_of(Problem problem) {
    for (const auto& row : kStatuses)
        if (row.problem == problem) return row.status;
    return Status::Internal;
}

}  // namespace

void Diagnostics::report(Problem problem, Span span, std::string message, std::string hint) {
    if (full()) return;
    if (!error_) error_ = std::make_unique<Error>();
    error_->diagnostics.push_back(
        {status_of(problem), static_cast<int32_t>(problem), span, std::move(message), std::move(hint)});
}

Failure Diagnostics::take() {
    if (error_) {
        auto& list = error_->diagnostics;
        std::stable_sort(list.begin(), list.end(),
                         [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
    }
    return std::move(error_);
}

std::string quoted(std::string_view text) {
    constexpr size_t kLongest = 40;
    std::string out = "'";
    size_t shown = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80 && shown++ == kLongest) {  // a character begins here, and enough were shown
            out += "…";
            break;
        }
        out += byte < 0x20 ? ' ' : text[i];
    }
    return out + "'";
}

}  // namespace exprjit::lang
