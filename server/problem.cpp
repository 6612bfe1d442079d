// SPDX-License-Identifier: MIT OR Apache-2.0
#include "problem.h"

#include <algorithm>
#include <cstdio>

#include "exprjit.pb.h"
#include "server_limits.h"

namespace exprjit::server {
namespace {

constexpr size_t kMostMessageBytes = 1024;
constexpr size_t kMostFindings = 8;

Code code_of(ej_status status, bool running) {
    switch (status) {
    case EJ_OK: return Code::kOk;
    case EJ_ERR_LIMIT:
    case EJ_ERR_STACK:
    case EJ_ERR_NO_MEMORY: return Code::kResourceExhausted;
    case EJ_ERR_DIVIDE_BY_ZERO:
    case EJ_ERR_DOMAIN: return running ? Code::kFailedPrecondition : Code::kInvalidArgument;
    case EJ_ERR_CANCELLED: return Code::kCancelled;
    case EJ_ERR_INTERNAL: return Code::kInternal;
    default: return Code::kInvalidArgument;
    }
}

// The engine names its limits as in ej_engine_options; the server's flags are the same words with dashes.
std::string limit_named_in(std::string_view message) {
    for (const LimitRow& row : limit_rows()) {
        std::string name = row.name;
        std::replace(name.begin(), name.end(), '-', '_');
        if (message.find(name) != std::string_view::npos) {
            return row.name;
        }
    }
    return message.find("max_compile_ns") != std::string_view::npos ? "max-compile-ms" : "";
}

}  // namespace

const char* code_name(Code code) {
    switch (code) {
    case Code::kOk: return "OK";
    case Code::kCancelled: return "CANCELLED";
    case Code::kInvalidArgument: return "INVALID_ARGUMENT";
    case Code::kDeadlineExceeded: return "DEADLINE_EXCEEDED";
    case Code::kNotFound: return "NOT_FOUND";
    case Code::kPermissionDenied: return "PERMISSION_DENIED";
    case Code::kResourceExhausted: return "RESOURCE_EXHAUSTED";
    case Code::kFailedPrecondition: return "FAILED_PRECONDITION";
    case Code::kUnimplemented: return "UNIMPLEMENTED";
    case Code::kInternal: return "INTERNAL";
    case Code::kUnavailable: return "UNAVAILABLE";
    case Code::kUnauthenticated: return "UNAUTHENTICATED";
    }
    return "UNKNOWN";
}

Problem engine_problem(ej_status status, ej_error* error, bool running) {
    Problem problem;
    problem.code = code_of(status, running);
    problem.status = ej_status_name(status);
    problem.message = error != nullptr ? ej_error_message(error) : problem.status;
    problem.rendered = ej_error_render(error);
    problem.row = error != nullptr ? ej_error_row(error) : -1;
    for (size_t i = 0; error != nullptr && i < std::min(ej_error_count(error), kMostFindings); ++i) {
        ej_diagnostic diagnostic{};
        diagnostic.struct_size = sizeof diagnostic;
        if (ej_error_get(error, i, &diagnostic) == EJ_OK) {
            problem.findings.push_back({diagnostic.code, diagnostic.message, diagnostic.hint, diagnostic.begin,
                                        diagnostic.end, diagnostic.line, diagnostic.column});
        }
    }
    if (status == EJ_ERR_LIMIT) {
        // In what the engine says, not in `rendered`: the user's text is in that.
        problem.limit = limit_named_in(problem.message);
        for (size_t i = 0; i < problem.findings.size() && problem.limit.empty(); ++i) {
            problem.limit = limit_named_in(problem.findings[i].hint);
        }
        if (!problem.limit.empty()) {
            problem.message += " (this server's limit --" + problem.limit + ")";
        }
    }
    ej_error_destroy(error);
    return problem;
}

Problem limit_problem(const char* name, std::string message, int64_t retry_after_ms) {
    return {.code = Code::kResourceExhausted,
            .message = std::move(message),
            .limit = name,
            .retry_after_ms = retry_after_ms};
}

Problem out_of_memory(size_t alone, int64_t limit) {
    if (alone > static_cast<uint64_t>(limit)) {
        return limit_problem("max-memory-bytes", "this call alone needs " + std::to_string(alone) +
                                                     " bytes or more; this server's limit max-memory-bytes is " +
                                                     std::to_string(limit) + ": send fewer rows");
    }
    return limit_problem(
        "max-memory-bytes",
        "the columns of all calls together have reached this server's limit max-memory-bytes: try again later", 100);
}

std::string_view utf8_prefix(std::string_view text, size_t size) {
    const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    size_t i = 0;
    while (i < text.size()) {
        const unsigned first = byte(i);
        const size_t length = first < 0x80   ? 1
                              : first < 0xc2 ? 0
                              : first < 0xe0 ? 2
                              : first < 0xf0 ? 3
                              : first < 0xf5 ? 4
                                             : 0;
        bool good = length != 0 && i + length <= std::min(size, text.size());
        for (size_t k = 1; good && k < length; ++k) {
            good = (byte(i + k) & 0xc0) == 0x80;
        }
        // Overlong forms, surrogates, and what lies beyond the last code point.
        good = good && !(first == 0xe0 && byte(i + 1) < 0xa0) && !(first == 0xed && byte(i + 1) > 0x9f) &&
               !(first == 0xf0 && byte(i + 1) < 0x90) && !(first == 0xf4 && byte(i + 1) > 0x8f);
        if (!good) {
            break;
        }
        i += length;
    }
    return text.substr(0, i);
}

std::string encode_detail(const Problem& problem) {
    v1::ErrorDetail detail;
    detail.set_status(problem.status);
    detail.set_row(problem.row);
    detail.set_limit(problem.limit);
    detail.set_retry_after_ms(problem.retry_after_ms);
    for (const Finding& finding : problem.findings) {
        v1::Diagnostic& out = *detail.add_diagnostics();
        char code[16];
        std::snprintf(code, sizeof code, "EJ%04d", finding.code);
        out.set_code(code);
        out.set_message(std::string(utf8_prefix(finding.message, 512)));
        out.set_hint(std::string(utf8_prefix(finding.hint, 256)));
        out.set_begin(static_cast<int64_t>(finding.begin));
        out.set_end(static_cast<int64_t>(finding.end));
        out.set_line(finding.line);
        out.set_column(finding.column);
    }
    detail.set_rendered(std::string(utf8_prefix(problem.rendered, kMostDetailBytes / 2)));
    for (;;) {
        v1::RichStatus status;
        status.set_code(static_cast<int>(problem.code));
        status.set_message(std::string(utf8_prefix(problem.message, kMostMessageBytes)));
        google::protobuf::Any& any = *status.add_details();
        any.set_type_url("type.googleapis.com/exprjit.v1.ErrorDetail");
        any.set_value(detail.SerializeAsString());
        std::string bytes = status.SerializeAsString();
        if (bytes.size() <= kMostDetailBytes) {
            return bytes;
        }
        if (detail.diagnostics_size() > 1) {
            detail.mutable_diagnostics()->RemoveLast();
        } else {
            detail.clear_rendered();
        }
    }
}

}  // namespace exprjit::server
