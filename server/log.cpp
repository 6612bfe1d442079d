// SPDX-License-Identifier: MIT OR Apache-2.0
#include "log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace exprjit::server {
namespace {

bool g_json = false;  // written once, before the second thread starts

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    default: return spdlog::level::err;
    }
}

std::string value_text(const LogField& field) {
    if (const auto* number = std::get_if<int64_t>(&field.value)) {
        return std::to_string(*number);
    }
    if (const auto* real = std::get_if<double>(&field.value)) {
        return fmt::format("{:.6g}", *real);
    }
    if (const auto* flag = std::get_if<bool>(&field.value)) {
        return *flag ? "true" : "false";
    }
    return '"' + json_escaped(std::get<std::string>(field.value)) + '"';
}

// What gRPC has to say, about a failed handshake for example, is an event like any other. Strangers can cause its errors, so
// they are warnings here.
void log_of_grpc(gpr_log_func_args* said) {
    const LogLevel level = said->severity == GPR_LOG_SEVERITY_ERROR  ? LogLevel::kWarning
                           : said->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo
                                                                     : LogLevel::kDebug;
    log_event(level, "grpc", {{"message", std::string(said->message)}});
}

}  // namespace

std::string json_escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            // Latin-1 for bytes above ASCII: a log line must stay one line of valid JSON whatever a stranger sends.
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
        } else {
            out += c;
        }
    }
    return out;
}

void start_log(std::string_view format, std::string_view level) {
    g_json = format == "json";
    auto logger = std::make_shared<spdlog::logger>("exprjit-server", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(level == "debug"     ? spdlog::level::debug
                      : level == "info"    ? spdlog::level::info
                      : level == "warning" ? spdlog::level::warn
                                           : spdlog::level::err);
    logger->set_pattern(g_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                        spdlog::pattern_time_type::utc);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    gpr_set_log_function(log_of_grpc);
}

bool log_wants(LogLevel level) { return spdlog::default_logger_raw()->should_log(level_of(level)); }

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (!log_wants(level)) {
        return;
    }
    std::string line = g_json ? fmt::format(R"("event":"{}")", event) : std::string(event);
    for (const LogField& field : fields) {
        line += g_json ? fmt::format(R"(,"{}":{})", field.name, value_text(field))
                       : fmt::format(" {}={}", field.name, value_text(field));
    }
    spdlog::default_logger_raw()->log(level_of(level), "{}", line);
}

void flush_log() { spdlog::default_logger_raw()->flush(); }

}  // namespace exprjit::server
