// SPDX-License-Identifier: MIT OR Apache-2.0
#include "messages.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace exprjit::cli {
namespace {

constexpr std::string_view kRed = "\x1b[1;31m";
constexpr std::string_view kYellow = "\x1b[1;33m";
constexpr std::string_view kCyan = "\x1b[36m";
constexpr std::string_view kReset = "\x1b[0m";

void write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return;
        }
        text.remove_prefix(static_cast<size_t>(written));
    }
}

// "   | ^^^~~" and the like: a line that only points.
bool is_caret_line(std::string_view line) {
    return line.find('^') != std::string_view::npos &&
           line.find_first_not_of(" |^~-0123456789") == std::string_view::npos;
}

void paint_line(std::string_view line, std::string& out) {
    struct Prefix {
        std::string_view word, colour;
    };
    static constexpr Prefix kPrefixes[] = {{"error", kRed}, {"warning", kYellow}, {"hint", kCyan}, {"note", kCyan}};
    const size_t start = line.find_first_not_of(" =|");
    if (start != std::string_view::npos) {
        const std::string_view rest = line.substr(start);
        for (const Prefix& prefix : kPrefixes) {
            const size_t colon = rest.find(':');
            const bool matches = rest.substr(0, prefix.word.size()) == prefix.word && colon != std::string_view::npos &&
                                 (colon == prefix.word.size() || rest[prefix.word.size()] == '[');
            if (matches) {
                out.append(line.substr(0, start)).append(prefix.colour).append(rest.substr(0, colon + 1));
                out.append(kReset).append(rest.substr(colon + 1));
                return;
            }
        }
    }
    if (is_caret_line(line)) {
        out.append(kRed).append(line).append(kReset);
        return;
    }
    out.append(line);
}

}  // namespace

Messages make_messages(ColourChoice choice, bool quiet, bool verbose) {
    const char* no_colour = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    const bool capable = isatty(STDERR_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
    Messages messages;
    messages.quiet = quiet;
    messages.verbose = verbose;
    messages.live = capable && !quiet;
    const bool refused = no_colour != nullptr && no_colour[0] != '\0';
    messages.colour = choice == ColourChoice::kAlways || (choice == ColourChoice::kAuto && capable && !refused);
    return messages;
}

void say(const Messages& messages, std::string_view text) {
    if (!messages.colour) {
        write_all(text);
        return;
    }
    std::string painted;
    while (!text.empty()) {
        const size_t newline = text.find('\n');
        paint_line(text.substr(0, newline), painted);
        if (newline == std::string_view::npos) {
            break;
        }
        painted += '\n';
        text.remove_prefix(newline + 1);
    }
    write_all(painted);
}

void say(const Messages& messages, const Status& status) {
    if (!status.ok()) {
        say(messages, std::string_view(status.text));
    }
}

void say_detail(const Messages& messages, std::string_view text) {
    if (messages.verbose && !messages.quiet) {
        say(messages, text);
    }
}

Status library_failure(ej_status status, ej_error* error, Phase phase) {
    Status result;
    result.exit_code = exit_code_of(status, phase);
    if (error != nullptr) {
        result.text = ej_error_render(error);
        if (!result.text.empty() && result.text.back() != '\n') {
            result.text += '\n';
        }
        ej_error_destroy(error);
    }
    if (result.text.empty()) {
        result.text = failure(result.exit_code, ej_status_name(status)).text;
    }
    return result;
}

}  // namespace exprjit::cli
