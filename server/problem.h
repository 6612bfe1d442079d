// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Why a call failed, in every detail that goes back to the client.
#pragma once

#include <exprjit/exprjit.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace exprjit::server {

// The status codes of gRPC that the server uses, with gRPC's numbers.
enum class Code : int {
    kOk = 0,
    kCancelled = 1,
    kInvalidArgument = 3,
    kDeadlineExceeded = 4,
    kNotFound = 5,
    kPermissionDenied = 7,
    kResourceExhausted = 8,
    kFailedPrecondition = 9,
    kUnimplemented = 12,
    kInternal = 13,
    kUnavailable = 14,
    kUnauthenticated = 16,
};
const char* code_name(Code code);

struct Finding {  // one ej_diagnostic
    int32_t code = 0;
    std::string message, hint;
    uint64_t begin = 0, end = 0;
    int32_t line = 0, column = 0;
};

struct Problem {
    Code code = Code::kInternal;
    std::string message;
    std::string status = {};  // name of the ej_status; "" if the engine was not asked
    std::vector<Finding> findings = {};
    std::string rendered = {};
    int64_t row = -1;
    std::string limit = {};  // name of the flag
    int64_t retry_after_ms = 0;
};
using Outcome = std::optional<Problem>;  // nothing: it went well

// What the engine said, with the status a client should see; the error is destroyed. `running`: the failure is of a kernel and
// its data, not of a program.
Problem engine_problem(ej_status status, ej_error* error, bool running);

inline Problem wrong_request(std::string message) {
    return {.code = Code::kInvalidArgument, .message = std::move(message)};
}
// "…; the limit max-rows is 5 rows" is for the caller to write; `name` goes into the detail.
Problem limit_problem(const char* name, std::string message, int64_t retry_after_ms = 0);

// There was no room under max-memory-bytes for a call that needs `alone` bytes or more by itself: it may come again later, unless
// there would be no room if it were the only one.
Problem out_of_memory(size_t alone, int64_t limit);

// The ErrorDetail inside a google.rpc.Status, as bytes for `grpc-status-details-bin`. Clients take 8 KiB of trailers, so what is
// long is left out in favour of what is short: never more than kMostDetailBytes.
inline constexpr size_t kMostDetailBytes = 4096;
std::string encode_detail(const Problem& problem);

// The longest prefix of at most `size` bytes that is valid UTF-8.
std::string_view utf8_prefix(std::string_view text, size_t size);

}  // namespace exprjit::server
