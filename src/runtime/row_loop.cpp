// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/row_loop.h"

#include <string>
#include <utility>
#include <vector>

#include "ir/builder.h"
#include "ir/text.h"
#include "opt/passes.h"
#include "opt/vectorize.h"
#include "runtime/codes.h"
#include "runtime/generate.h"
#include "runtime/kernel.h"
#include "runtime/mxcsr.h"
#include "runtime/reductions.h"

namespace exprjit {

namespace {

// Puts the row function in front as function 0: what columns of this layout hold, converted to what the expression
// takes and back. The expression becomes function 1, which is inlined.
void wrap_row_function(Program& program, std::span<const uint8_t> layout) {
    program.functions.emplace(program.functions.begin());
    for (size_t k = 1; k < program.functions.size(); ++k) {
        for (Node& n : program.functions[k].nodes) {
            if (n.op == Op::Call) ++n.imm;  // every function moved up by one
        }
    }
    const Function& body = program.functions[1];
    Function& row = program.functions[0];
    row.name = "row";
    const size_t inputs = body.params.size(), outputs = body.results.size();
    for (size_t k = 0; k < outputs; ++k) row.results.push_back(widened(layout_storage(layout[inputs + k])));
    Builder b(row);
    std::vector<ValueId> args(inputs), results(outputs);
    for (size_t i = 0; i < inputs; ++i) {
        const bool uniform = (layout[i] & kUniformColumn) != 0;
        args[i] =
            b.param(uniform ? body.params[i].type : Type(widened(layout_storage(layout[i]))), "c" + std::to_string(i));
    }
    const auto convert = [&b](ValueId v, Scalar to) { return b.type_of(v) == Type(to) ? v : b.to(Op::Convert, to, v); };
    for (size_t i = 0; i < inputs; ++i) {
        if ((layout[i] & kUniformColumn) == 0 && layout_storage(layout[i]) == Storage::U64) {
            b.check(b.binary(Op::Ge, args[i], b.i64(0)), CheckCode::Unsigned, kColumnSite | static_cast<uint32_t>(i));
        }
    }
    for (size_t i = 0; i < inputs; ++i) args[i] = convert(args[i], body.params[i].type.scalar());
    const ValueId call = b.append(Op::Call, outputs == 0 ? kVoid : body.results[0], args, 1);
    for (size_t k = 1; k < outputs; ++k) b.append(Op::Result, body.results[k], {}, k);
    for (size_t k = 0; k < outputs; ++k) results[k] = convert(call + static_cast<ValueId>(k), row.results[k].scalar());
    b.ret(results);
}

// Whether columns of this layout hold just what the expression takes and gives, without nulls: then the expression is the
// row function.
bool is_natural(const CompiledCode& code, std::span<const uint8_t> layout) {
    for (size_t i = 0; i < layout.size(); ++i) {
        const bool is_input = i < code.param_count();
        if (is_input && (layout[i] & kUniformColumn) != 0 && (layout[i] & kNullableColumn) == 0) continue;
        if (is_input && (layout[i] & kNullableColumn) != 0) return false;
        const Scalar type = is_input ? code.param_type(i) : code.result_type(i - code.param_count());
        if (layout_storage(layout[i]) != storage_of(type)) return false;
    }
    return true;
}

bool any_nullable(std::span<const uint8_t> input_layout) {
    for (const uint8_t b : input_layout) {
        if ((b & kNullableColumn) != 0) return true;
    }
    return false;
}

// Which parameters of a function some node uses.
std::vector<uint8_t> used_params(const Function& f) {
    std::vector<uint8_t> used(f.params.size(), 0);
    for (const Node& n : f.nodes) {
        for (const ValueId v : f.operands(n)) {
            if (v < used.size()) used[v] = 1;
        }
    }
    return used;
}

bool needs_lowering(const Program& program) {
    for (const Node& n : program.entry().nodes) {
        if (n.op == Op::Load || n.op == Op::Store || n.op == Op::Len || n.op == Op::Local || n.op == Op::Table ||
            n.op == Op::Base || n.op == Op::Stride)
            return true;
    }
    return false;
}

// Which results of a row function differ from row to row, given which parameters do. A region counts as a whole:
// everything in it varies if anything varying is used in it.
std::vector<uint8_t> varying_results(const Function& f, const std::vector<uint8_t>& varying_params) {
    std::vector<uint8_t> varies(f.size(), 0);
    for (size_t i = 0; i < varying_params.size(); ++i) varies[i] = varying_params[i];
    const auto uses_varying = [&](const Node& n) {
        if (n.op == Op::Native) return true;  // it may answer differently in every row
        for (const ValueId v : f.operands(n)) {
            if (varies[v] != 0) return true;
        }
        return false;
    };
    for (ValueId v = static_cast<ValueId>(f.params.size()); v < f.size();) {
        ValueId end = v + 1;
        if (info(f[v].op).has(kOpens)) {
            int depth = 0;
            for (end = v; end < f.size(); ++end) {
                if (info(f[end].op).has(kOpens)) ++depth;
                if (info(f[end].op).has(kEnds) && --depth == 0) break;
            }
            ++end;
        }
        while (end < f.size() && f[end].op == Op::Result) ++end;
        bool any = false;
        for (ValueId n = v; n < end && !any; ++n) any = uses_varying(f[n]);
        for (ValueId n = v; n < end && any; ++n) varies[n] = 1;
        v = end;
    }
    const auto results = f.operands(f.size() - 1);  // the only Return
    std::vector<uint8_t> out;
    for (const ValueId v : results) out.push_back(varies[v]);
    return out;
}

class ColumnCompiler {
  public:
    ColumnCompiler(const Kernel& kernel, std::span<const uint8_t> layout, LoopListing* listing)
        : engine_(kernel.code().engine()), traits_(kernel.code().traits), kernel_(kernel), layout_(layout),
          inputs_(kernel.code().param_count()), outputs_(kernel.code().result_count()),
          scratch_(CompileScratch::of_this_thread()), listing_(listing) {}

    // With `lanes` false every loop is scalar. Unsupported: the same without lanes may work.
    Result<std::unique_ptr<ColumnCode>> run(bool lanes);
    bool code_memory_full() const { return code_memory_full_; }
    void interpret() {
        traits_.tier = Tier::Interpreter;
        traits_.isa = Isa::None;
        code_memory_full_ = false;
    }

  private:
    RowTarget target(bool lanes) const;
    std::vector<RowInput> row_inputs(const Program& program) const;
    LoopParam loop_param(size_t index, bool used) const;
    Result<void> compile_loop(Program& program, std::span<const RowSink> sinks, const RowTarget& target,
                              StageCode& out);
    Result<void> compile_reducing(Stage& stage, const RowTarget& target, StageCode& out);
    Result<void> compile_rows(const RowTarget& target);
    Result<Executable> make_executable(Program& program);
    void plan_outputs();

    Engine& engine_;
    CodeTraits traits_;
    const Kernel& kernel_;
    std::span<const uint8_t> layout_;
    const size_t inputs_, outputs_;
    CompileScratch& scratch_;
    LoopListing* const listing_;
    RowProgram row_;
    std::unique_ptr<ColumnCode> code_;
    bool code_memory_full_ = false;
};

RowTarget ColumnCompiler::target(bool lanes) const {
    if (!lanes || traits_.tier == Tier::Interpreter) return {};
    if (traits_.isa == Isa::V4) return {64, true};
    if (traits_.isa == Isa::V3) return {32, false};
    return {};
}

std::vector<RowInput> ColumnCompiler::row_inputs(const Program& program) const {
    std::vector<RowInput> inputs(program.entry().params.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (i >= inputs_ + row_.nulls.needed.size())
            inputs[i].uniform = true;  // a reduction
        else if (i >= inputs_)
            inputs[i].storage = Storage::Bool;
        else if ((layout_[i] & kUniformColumn) != 0)
            inputs[i].uniform = true;
        else
            inputs[i].storage = layout_storage(layout_[i]);
    }
    return inputs;
}

LoopParam ColumnCompiler::loop_param(size_t i, bool used) const {
    using From = LoopParam::From;
    if (!used) return {};
    const size_t validities = row_.nulls.needed.size();
    if (i >= inputs_ + validities) return {From::Reduction, 0, static_cast<uint32_t>(i - inputs_ - validities)};
    if (i >= inputs_) return {From::Validity, 1, row_.nulls.needed[i - inputs_]};
    if ((layout_[i] & kUniformColumn) != 0) return {From::Uniform, 0, static_cast<uint32_t>(i)};
    return {From::Column, static_cast<uint8_t>(byte_size(layout_storage(layout_[i]))), static_cast<uint32_t>(i)};
}

Result<Executable> ColumnCompiler::make_executable(Program& program) {
    if (traits_.tier == Tier::Interpreter) return Executable::interpreted(program);
    if (needs_lowering(program)) {
        if (auto done = lower_arrays(program, engine_.limits(), scratch_.passes); !done) return done.take_failure();
    }
    CompileOptions options;
    options.isa = traits_.isa;
    options.form = EntryForm::Context;
    options.max_code_bytes = engine_.limits().max_code_bytes;
    options.listing = listing_ != nullptr && listing_->machine_code;
    if (auto done = compile(program, options, scratch_.code); !done) return done.take_failure();
    if (options.listing) listing_->text += scratch_.code.listing;
    CodeBlock block;
    if (engine_.code_memory() == nullptr || !engine_.code_memory()->install(scratch_.code.bytes, block)) {
        code_memory_full_ = true;
        return fail(Status::Unsupported, code_of(RuntimeCode::NoCodeMemory), "there is no executable memory left");
    }
    return Executable::native(*engine_.code_memory(), block, scratch_.code.entry, EntryForm::Context, program.entry(),
                              scratch_.code.frame_bytes);
}

Result<void> ColumnCompiler::compile_loop(Program& program, std::span<const RowSink> sinks, const RowTarget& target,
                                          StageCode& out) {
    const std::vector<RowInput> inputs = row_inputs(program);
    const std::vector<uint8_t> used = used_params(program.entry());
    for (size_t i = 0; i < inputs.size(); ++i) out.params.push_back(loop_param(i, used[i] != 0));
    Result<int> lane_log2 = vectorize_widest(program, inputs, sinks, target, scratch_.passes);
    if (!lane_log2) return lane_log2.take_failure();
    out.lane_log2 = *lane_log2;
    if (listing_ != nullptr && !listing_->machine_code) listing_->text += print(program);
    auto made = make_executable(program);
    if (!made) return made.take_failure();
    out.executable = std::move(*made);
    return {};
}

Result<void> ColumnCompiler::compile_reducing(Stage& stage, const RowTarget& target, StageCode& out) {
    std::vector<RowSink> sinks;
    for (uint32_t k = 0; k < stage.reductions.size(); ++k) {
        RowSink s;
        s.is_reduction = true;
        s.kind = row_.stages.reductions[stage.reductions[k]].kind;
        s.value = 2 * k;
        s.predicate = 2 * k + 1;
        sinks.push_back(s);
        out.partial_slots += static_cast<uint32_t>(partial_slots(s.kind));
    }
    out.first_reduction = stage.reductions.empty() ? 0 : stage.reductions.front();
    out.reduction_count = static_cast<uint32_t>(stage.reductions.size());
    return compile_loop(stage.program, sinks, target, out);
}

Result<void> ColumnCompiler::compile_rows(const RowTarget& target) {
    using From = LoopParam::From;
    const std::vector<uint32_t>& results = row_.stages.rows_outputs;
    std::vector<RowSink> sinks(results.size());
    for (uint32_t k = 0; k < results.size(); ++k) {
        sinks[k].value = k;
        if (results[k] >= outputs_) {
            sinks[k].storage = Storage::Bool;
            continue;
        }
        const uint8_t b = layout_[inputs_ + results[k]];
        sinks[k].storage = layout_storage(b);
        sinks[k].streaming = (b & kStreamedColumn) != 0;
    }
    if (auto done = compile_loop(row_.stages.rows, sinks, target, code_->rows); !done) return done;
    for (uint32_t k = 0; k < results.size(); ++k) {
        code_->rows.params.push_back({results[k] >= outputs_ ? From::ValidityOf : From::Output,
                                      static_cast<uint8_t>(byte_size(sinks[k].storage)), results[k]});
    }
    return {};
}

// Before the stages are compiled, which uses them up.
void ColumnCompiler::plan_outputs() {
    const Stages& stages = row_.stages;
    code_->outputs.resize(outputs_);
    std::vector<uint8_t> varying(stages.rows.functions.empty() ? 0 : stages.rows.entry().params.size(), 0);
    for (size_t i = 0; i < varying.size() && i < inputs_ + row_.nulls.needed.size(); ++i)
        varying[i] = i >= inputs_ || (layout_[i] & kUniformColumn) == 0;
    const std::vector<uint8_t> varies =
        stages.has_rows ? varying_results(stages.rows.entry(), varying) : std::vector<uint8_t>();
    for (size_t k = 0; k < stages.rows_outputs.size(); ++k) {
        if (stages.rows_outputs[k] < outputs_) code_->outputs[stages.rows_outputs[k]].is_uniform = varies[k] == 0;
    }
    for (const uint32_t o : stages.once_outputs) {
        if (o < outputs_) code_->outputs[o].is_reduced = true;
    }
    const size_t first_store = inputs_ + row_.nulls.needed.size() + stages.reductions.size();
    for (size_t o = 0; o < row_.nulls.outputs.size(); ++o) {
        OutputPlan& plan = code_->outputs[o];
        const OutputValidity& validity = row_.nulls.outputs[o];
        plan.all_of = validity.all_of;
        for (size_t k = 0; k < stages.rows_outputs.size(); ++k) {
            if (validity.result >= 0 && stages.rows_outputs[k] == static_cast<uint32_t>(validity.result))
                plan.validity_param = static_cast<int32_t>(first_store + k);
        }
        for (size_t k = 0; k < stages.once_outputs.size(); ++k) {
            if (validity.result >= 0 && stages.once_outputs[k] == static_cast<uint32_t>(validity.result))
                plan.validity_in_once = static_cast<int32_t>(k);
        }
        plan.is_nullable = !plan.all_of.empty() || validity.result >= 0;
        plan.is_uniform = plan.is_uniform && !plan.is_nullable;
        code_->has_bitmaps = code_->has_bitmaps || plan.is_nullable;
    }
}

Result<std::unique_ptr<ColumnCode>> ColumnCompiler::run(bool lanes) {
    if (listing_ != nullptr) listing_->text.clear();
    auto built = build_row_program(kernel_, layout_, scratch_);
    if (!built) return built.take_failure();
    row_ = std::move(*built);
    code_ = std::make_unique<ColumnCode>();
    code_->layout.reset(new uint8_t[layout_.size()]);
    for (size_t i = 0; i < layout_.size(); ++i) code_->layout[i] = layout_[i];
    code_->layout_bytes = layout_.size();
    const RowTarget where = target(lanes);
    code_->vector_bytes = static_cast<uint8_t>(where.vector_bytes);
    code_->masked = where.masked;
    plan_outputs();

    Stages& stages = row_.stages;
    const auto keep = [this](const Program& p) {
        code_->natives.insert(code_->natives.end(), p.natives.begin(), p.natives.end());
    };
    for (const Stage& stage : stages.reducing) keep(stage.program);
    keep(stages.rows);
    keep(stages.once);
    code_->reductions = stages.reductions;
    code_->reducing.resize(stages.reducing.size());
    for (size_t k = 0; k < stages.reducing.size(); ++k) {
        if (auto done = compile_reducing(stages.reducing[k], where, code_->reducing[k]); !done)
            return done.take_failure();
    }
    code_->has_rows = stages.has_rows;
    if (stages.has_rows) {
        if (auto done = compile_rows(where); !done) return done.take_failure();
    }
    code_->has_once = stages.has_once;
    code_->once_outputs = stages.once_outputs;
    if (stages.has_once) {
        code_->once_params = static_cast<uint32_t>(stages.once.entry().params.size());
        auto made = make_executable(stages.once);
        if (!made) return made.take_failure();
        code_->once = std::move(*made);
    }
    return std::move(code_);
}

}  // namespace

Result<RowProgram> build_row_program(const Kernel& kernel, std::span<const uint8_t> layout, CompileScratch& scratch) {
    const CompiledCode& code = kernel.code();
    const Limits& limits = code.engine().limits();
    const DefaultFloatEnvironment environment;
    CompileTicks times;
    Program& program = scratch.program;
    if (scratch.optimised_of == code.id() && is_natural(code, layout) && !needs_lowering(program)) {
        RowProgram out;
        auto stages = split_stages(program, scratch.passes);
        if (!stages) return stages.take_failure();
        out.stages = std::move(*stages);
        return out;
    }
    scratch.optimised_of = 0;
    const CompileRequest request = kernel.text().request(scratch.params);
    if (auto read = read_program(request, limits, program, times); !read) return read.take_failure();
    number_checks(program, request.kind, scratch.places);
    wrap_row_function(program, layout);

    RowProgram out;
    const size_t inputs = code.param_count();
    if (any_nullable(layout.first(inputs))) {
        PassContext context{program, limits, scratch.passes, code.traits.flags | program.flags, OpSet::of(program)};
        if (auto done = inline_calls(context); !done) return done.take_failure();
        std::vector<uint8_t> nullable(inputs);
        for (size_t i = 0; i < inputs; ++i) nullable[i] = (layout[i] & kNullableColumn) != 0;
        if (auto done = propagate_nulls(program, nullable, out.nulls, scratch.passes); !done)
            return done.take_failure();
    }
    PipelineOptions options;
    options.tier = code.traits.tier;
    options.flags = code.traits.flags;
    if (auto done = run_pipeline(program, options, limits, scratch.passes); !done) return done.take_failure();
    auto stages = split_stages(std::move(program), scratch.passes);
    program = Program{};
    if (!stages) return stages.take_failure();
    out.stages = std::move(*stages);
    return out;
}

Result<std::unique_ptr<ColumnCode>> compile_columns(const Kernel& kernel, std::span<const uint8_t> layout,
                                                    LoopListing* listing) {
    Engine& engine = kernel.code().engine();
    const DefaultFloatEnvironment environment;
    ColumnCompiler compiler(kernel, layout, listing);
    auto made = compiler.run(true);
    if (!made && compiler.code_memory_full()) {
        engine.log(LogLevel::Warning, "there is no executable memory left: a column kernel is interpreted");
        compiler.interpret();
        made = compiler.run(false);
    } else if (!made && made.error().status() == Status::Unsupported) {
        made = compiler.run(false);
        if (!made && compiler.code_memory_full()) {
            compiler.interpret();
            made = compiler.run(false);
        }
    }
    CompileScratch::of_this_thread().trim();
    if (made) engine.count_compile();
    return made;
}

}  // namespace exprjit
