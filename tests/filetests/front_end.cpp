// SPDX-License-Identifier: MIT OR Apache-2.0
#include "lang/front_end.h"

#include "ir/text.h"
#include "ir/verify.h"
#include "runner.h"
#include "support/engines.h"

namespace exprjit::filetests {

Result<Program> front_end(const Case& c) {
    if (c.is_ir()) {
        Result<Program> parsed = parse_ir(c.source.value, c.options.limits);
        if (!parsed) return parsed;
        parsed->flags |= c.options.flags;
        if (Result<void> r = verify(*parsed, c.options.limits, c.options.trust); !r) return r.take_failure();
        return parsed;
    }
    std::vector<TextParam> params;
    if (c.params)
        for (const ParamDecl& d : *c.params) params.push_back({d.name, d.type});
    TextOptions options;
    options.params = params;
    options.declared = c.params.has_value();
    options.result_type = c.options.result;
    options.div_mode = c.options.div_mode;
    options.caret = c.options.caret;
    Program program;
    if (Result<void> r = compile_text(c.source.value, options, c.options.limits, program); !r) return r.take_failure();
    program.flags |= c.options.flags;
    // The front end is trusted to make valid programs; here is where that is tested.
    if (Result<void> r = verify(program, c.options.limits); !r)
        return fail(Status::Internal, 0,
                    "the front end made a program that does not verify:\n" + trial::describe(r.error()) + "\n" +
                        print(program));
    return program;
}

}  // namespace exprjit::filetests
