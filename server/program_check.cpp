// SPDX-License-Identifier: MIT OR Apache-2.0
#include "program_check.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <climits>
#include <span>
#include <string>

#include "server_limits.h"

namespace exprjit::server {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// What a program has beside its text or IR: options, and for each parameter a dtype and a name.
constexpr int64_t kBesidesText = 64 << 10;
constexpr int64_t kEachParameter = 256;

Problem too_large(const char* name, const std::string& what, int64_t size, int64_t most) {
    return limit_problem(name, what + " has " + std::to_string(size) + " bytes; this server's limit " + name + " is " +
                                   std::to_string(most));
}

class Scan {
  public:
    Scan(CodedInputStream& in, const Limits& limits) : in_(in), limits_(limits) {}

    // Follows `path`, field numbers down to a Program. False: a problem, or no message.
    bool message(std::span<const int> path) {
        while (const uint32_t tag = in_.ReadTag()) {
            const bool good = path.empty() ? program_field(tag) : outer_field(tag, path);
            if (!good) {
                return false;
            }
        }
        return in_.ConsumedEntireMessage();
    }
    Outcome take_problem() { return std::move(problem_); }

  private:
    static bool is_bytes(uint32_t tag, int number) {
        return tag == (static_cast<uint32_t>(number) << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
    }
    bool length(uint32_t& size) {
        return in_.ReadVarint32(&size) && size <= INT_MAX && static_cast<int>(size) <= in_.BytesUntilLimit();
    }
    bool outer_field(uint32_t tag, std::span<const int> path) {
        if (!is_bytes(tag, path.front())) {
            return WireFormatLite::SkipField(&in_, tag);
        }
        uint32_t size;
        if (!length(size)) {
            return false;
        }
        const auto outer = in_.PushLimit(static_cast<int>(size));
        const bool good = message(path.subspan(1));
        in_.PopLimit(outer);
        return good;
    }
    bool program_field(uint32_t tag) {
        uint32_t size;
        if (is_bytes(tag, 1) || is_bytes(tag, 2)) {
            const bool is_text = is_bytes(tag, 1);
            if (!length(size)) {
                return false;
            }
            const int64_t most = is_text ? limits_.max_text_bytes : limits_.max_ir_bytes;
            if (static_cast<int64_t>(size) > most) {
                problem_ = is_text ? too_large("max-text-bytes", "the program's text", size, most)
                                   : too_large("max-ir-bytes", "the program's IR", size, most);
                return false;
            }
            return in_.Skip(static_cast<int>(size));
        }
        if (is_bytes(tag, 3) && ++parameters_ > limits_.max_columns) {
            problem_ = limit_problem("max-columns", "the program declares more parameters than this server's limit "
                                                    "max-columns (" +
                                                        std::to_string(limits_.max_columns) + ")");
            return false;
        }
        return WireFormatLite::SkipField(&in_, tag);
    }

    CodedInputStream& in_;
    const Limits& limits_;
    int64_t parameters_ = 0;
    Outcome problem_;
};

}  // namespace

Outcome check_message_size(size_t size, const Limits& limits) {
    const auto bytes = static_cast<int64_t>(std::min<size_t>(size, INT64_MAX));
    if (bytes <= limits.max_message_bytes + static_cast<int64_t>(kBesidesBatch)) {
        return {};
    }
    Problem problem = too_large("max-message-bytes", "the message", bytes, limits.max_message_bytes);
    problem.message += ": send smaller batches";
    return problem;
}

Outcome check_program_size(size_t size, const Limits& limits) {
    const int64_t larger = std::max(limits.max_text_bytes, limits.max_ir_bytes);
    const bool is_text = limits.max_text_bytes >= limits.max_ir_bytes;
    const int64_t most = larger + kBesidesText + kEachParameter * limits.max_columns;
    const auto bytes = static_cast<int64_t>(std::min<size_t>(size, INT64_MAX));
    if (bytes <= most) {
        return {};
    }
    return too_large(is_text ? "max-text-bytes" : "max-ir-bytes", "the program, with its parameters,", bytes, larger);
}

Outcome check_program(google::protobuf::io::ZeroCopyInputStream& source, size_t size, ProgramPlace place,
                      const Limits& limits) {
    static constexpr int kCompile[] = {1}, kReference[] = {2}, kExplain[] = {1, 2};
    const std::span<const int> path = place == ProgramPlace::kCompileRequest ? std::span<const int>(kCompile)
                                      : place == ProgramPlace::kProgramRef   ? std::span<const int>(kReference)
                                                                             : std::span<const int>(kExplain);
    CodedInputStream in(&source);
    in.PushLimit(static_cast<int>(std::min<size_t>(size, INT_MAX)));
    Scan scan(in, limits);
    scan.message(path);
    Outcome problem = scan.take_problem();
    // After the parts, which say more.
    return problem ? problem : check_program_size(size, limits);
}

Outcome check_program(std::string_view bytes, ProgramPlace place, const Limits& limits) {
    google::protobuf::io::ArrayInputStream source(bytes.data(), static_cast<int>(bytes.size()));
    return check_program(source, bytes.size(), place, limits);
}

}  // namespace exprjit::server
