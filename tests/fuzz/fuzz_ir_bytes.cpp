// SPDX-License-Identifier: MIT OR Apache-2.0
//
// IR bytes from a stranger: read, verify, write again, optimise, interpret. Nothing may crash, hang, or disagree.
#include "program_checks.h"
#include "wire/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace exprjit;
    const Limits limits = fuzz::small_limits();
    auto read = wire::decode({data, size}, limits);
    if (!read.ok()) {
        fuzz::check_error(read.error(), "");
        return 0;
    }
    if (auto verified = verify(*read, limits); !verified.ok()) {
        for (const Diagnostic& d : verified.error().diagnostics) {
            if (d.code < 2100 || d.code > 2199 || d.message.empty())
                fuzz::broken("the verifier has its own codes", d.message);
        }
        return 0;
    }
    auto bytes = wire::encode(*read);
    if (!bytes.ok()) fuzz::broken("what was read can be written", fuzz::explain(bytes.error()));
    auto again = wire::decode(*bytes, limits);
    if (!again.ok()) fuzz::broken("what was written can be read", fuzz::explain(again.error()));
    if (print(*again) != print(*read)) fuzz::broken("bytes and programs are inverse", print(*read));
    if (auto same = wire::encode(*again); !same.ok() || *same != *bytes)
        fuzz::broken("equal programs give equal bytes", print(*read));
    fuzz::check_pipeline_and_run(*read, limits, size);
    return 0;
}
