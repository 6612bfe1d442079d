// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Structured logs on standard error: one JSON object, or one line of text, per event.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace exprjit::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
    std::string_view name;
    std::variant<int64_t, double, bool, std::string> value;
};

// `format`: "json" or "text"; `level`: "debug", "info", "warning" or "error".
void start_log(std::string_view format, std::string_view level);
bool log_wants(LogLevel level);
// `event` is one or two words that never change ("connection refused"); what differs goes into fields. Text of strangers may
// only stand in a field, where it is escaped.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
void flush_log();

// As it stands in JSON, without the quotes.
std::string json_escaped(std::string_view text);

}  // namespace exprjit::server
