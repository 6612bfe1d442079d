// SPDX-License-Identifier: MIT OR Apache-2.0
//
// IR text from a stranger: parse, print, verify, optimise, interpret. Nothing may crash, hang, or disagree.
#include "program_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace exprjit;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Limits limits = fuzz::small_limits();
    auto parsed = parse_ir(text, limits);
    if (!parsed.ok()) {
        fuzz::check_error(parsed.error(), text);
        return 0;
    }
    fuzz::check_round_trip(*parsed, limits);
    if (auto verified = verify(*parsed, limits); !verified.ok()) {
        // Positions of nodes are those the text claims, so only the rest of the error is checked.
        for (const Diagnostic& d : verified.error().diagnostics) {
            if (d.code < 2100 || d.code > 2199 || d.message.empty())
                fuzz::broken("the verifier has its own codes", d.message);
        }
        return 0;
    }
    fuzz::check_pipeline_and_run(*parsed, limits, size);
    return 0;
}
