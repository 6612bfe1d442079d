// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/encode.h"

#include "runtime/codes.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "wire/bytes.h"

namespace exprjit {

Result<std::vector<uint8_t>> encode_kernel(const Kernel& kernel) {
    const DefaultFloatEnvironment environment;  // constants are read
    CompileScratch scratch;                     // its own: nothing here is in a hurry
    const CompiledCode& code = kernel.code();
    const CompileRequest request = kernel.text().request(scratch.params);
    CompileTicks times;
    if (auto read = read_program(request, code.engine().limits(), scratch.program, times); !read)
        return read.take_failure();
    if (!scratch.program.natives.empty()) {
        return fail(Status::Unsupported, code_of(RuntimeCode::NotAvailable),
                    "the kernel calls '" + scratch.program.natives.front()->name +
                        "', a function of the host, which bytes cannot name",
                    "define what it computes as an expression, with ej_engine_define");
    }
    // In a program from text the checks carry their places there. Texts that differ in blanks are to give the same bytes.
    if (request.kind == SourceKind::Text) number_checks(scratch.program, request.kind, scratch.places);
    scratch.program.flags = code.traits.flags;
    return wire::encode(scratch.program);
}

}  // namespace exprjit
