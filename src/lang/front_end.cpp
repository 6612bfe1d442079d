// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/front_end.h"

#include "lang/emitter.h"
#include "lang/parser.h"

namespace exprjit {

namespace {

// Everything a compile needs, kept from one to the next so that a short text allocates nothing.
struct Scratch {
    lang::Parser parser;
    lang::Emitter emitter;
    lang::Diagnostics diagnostics;
};

Scratch& scratch() {
    thread_local Scratch s;
    return s;
}

}  // namespace

Result<void> compile_text(std::string_view text, const TextOptions& options, const Limits& limits, Program& out) {
    Scratch& s = scratch();
    s.diagnostics.clear();
    // Positions are 32 bits wide.
    if (text.size() > limits.max_text_bytes || text.size() >= UINT32_MAX)
        return fail(Status::Limit, static_cast<int32_t>(lang::Problem::TextTooLong),
                    "the text has " + std::to_string(text.size()) + " bytes; the limit max_text_bytes is " +
                        std::to_string(limits.max_text_bytes),
                    "split it, or raise the engine's max_text_bytes");
    const lang::Parsed& parsed = s.parser.parse(text, options, limits, s.diagnostics);
    if (s.diagnostics.empty()) s.emitter.emit(parsed, limits, out, s.diagnostics);
    constexpr size_t kLong = 16 * 1024;
    // Definitions make much of a short text.
    if (text.size() > kLong || s.emitter.node_count() > kLong) {
        s.parser.trim();
        s.emitter.trim();
    }
    if (!s.diagnostics.empty()) return s.diagnostics.take();
    return {};
}

}  // namespace exprjit
