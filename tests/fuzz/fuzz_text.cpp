// SPDX-License-Identifier: MIT OR Apache-2.0
//
// An expression from a stranger, as ej_engine_compile takes it. The first byte chooses the options. Nothing may crash,
// hang or disagree; what the front end makes must pass the border that IR from outside has to pass.
#include "lang/front_end.h"
#include "program_checks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace exprjit;
    if (size == 0) return 0;
    const uint8_t choice = data[0];
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Limits limits = fuzz::small_limits();
    static const TextParam params[] = {
        {"a", Storage::F64}, {"b", Storage::I64}, {"c", Storage::U8}, {"d", Storage::F32}, {"x", Storage::Bool}};
    TextOptions options;
    if ((choice & 1) != 0) options.params = params;
    options.declared = (choice & 2) != 0;
    options.div_mode = (choice & 4) != 0 ? DivMode::Zero : DivMode::Error;
    options.caret = static_cast<Caret>((choice >> 3) % 3);
    if ((choice & 64) != 0) options.result_type = Scalar::F64;
    static thread_local Program program;
    if (auto compiled = compile_text(text, options, limits, program); !compiled.ok()) {
        fuzz::check_error(compiled.error(), text);
        return 0;
    }
    if (auto verified = verify(program, limits); !verified.ok())
        fuzz::broken("the front end makes valid programs", fuzz::explain(verified.error()) + "\n" + print(program));
    fuzz::check_round_trip(program, limits);
    fuzz::check_pipeline_and_run(program, limits, size);
    return 0;
}
