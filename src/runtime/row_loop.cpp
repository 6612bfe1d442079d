// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/row_loop.h"

#include <string>
#include <vector>

#include "ir/builder.h"
#include "runtime/codes.h"
#include "runtime/columns.h"
#include "runtime/generate.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"

namespace exprjit {

namespace {

// Puts the loop in front as function 0; the expression becomes function 1, which the pipeline inlines.
void wrap_in_loop(Program& program, std::span<const uint8_t> layout) {
    program.functions.emplace(program.functions.begin());
    for (size_t k = 1; k < program.functions.size(); ++k) {
        for (Node& n : program.functions[k].nodes) {
            if (n.op == Op::Call) ++n.imm;  // every function moved up by one
        }
    }
    const Function& body = program.functions[1];
    Function& rows = program.functions[0];
    rows.name = "rows";
    Builder b(rows);
    const size_t inputs = body.params.size(), outputs = body.results.size();
    std::vector<ValueId> columns(inputs + outputs);
    for (size_t i = 0; i < columns.size(); ++i) {
        const bool is_input = i < inputs;
        const Type type = layout[i] == kUniformColumn ? body.params[i].type
                                                      : Type::array(static_cast<Storage>(layout[i]), 1, !is_input);
        columns[i] = b.param(type, "c" + std::to_string(i));
    }
    const ValueId count = b.param(kI64, "n");
    const ValueId zero = b.i64(0), one = b.i64(1);
    const ValueId row = b.begin_for(zero, count, one, {}) + 1;  // the index is the node after the For
    const auto convert = [&b](ValueId v, Scalar to) { return b.type_of(v) == Type(to) ? v : b.to(Op::Convert, to, v); };
    std::vector<ValueId> args(inputs);
    for (size_t i = 0; i < inputs; ++i) {
        if (layout[i] == kUniformColumn)
            args[i] = columns[i];
        else
            args[i] = convert(b.load(columns[i], {&row, 1}, true), body.params[i].type.scalar());
    }
    const ValueId call = b.append(Op::Call, outputs == 0 ? kVoid : body.results[0], args, 1);
    for (size_t k = 1; k < outputs; ++k) b.append(Op::Result, body.results[k], {}, k);
    for (size_t k = 0; k < outputs; ++k) {
        const ValueId value =
            convert(call + static_cast<ValueId>(k), widened(static_cast<Storage>(layout[inputs + k])));
        b.store(columns[inputs + k], {&row, 1}, value, true);
    }
    b.yield({});
    b.end_loop();
    b.ret(std::span<const ValueId>{});
}

}  // namespace

Result<Executable> compile_row_loop(const Kernel& kernel, std::span<const uint8_t> layout) {
    CompiledCode& code = kernel.code();
    Engine& engine = code.engine();
    CompileScratch& scratch = CompileScratch::of_this_thread();
    const DefaultFloatEnvironment environment;
    CodeTraits traits = code.traits;
    for (;;) {
        // The kernel keeps no IR; its text is read again.
        const CompileRequest request = kernel.text().request(scratch.params);
        CompileTicks times;
        if (auto read = read_program(request, engine.limits(), scratch.program, times); !read)
            return read.take_failure();
        number_checks(scratch.program, request.kind, scratch.places);
        wrap_in_loop(scratch.program, layout);
        auto made = generate(engine, scratch.program, traits, FormChoice::Context, scratch, times);
        scratch.trim();
        if (!made) return made.take_failure();
        if (!made->code_memory_full) {
            engine.count_compile();
            return std::move(made->executable);
        }
        engine.log(LogLevel::Warning, "there is no executable memory left: a column kernel is interpreted");
        traits.tier = Tier::Interpreter;
        traits.isa = Isa::None;
    }
}

}  // namespace exprjit
