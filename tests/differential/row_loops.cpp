// SPDX-License-Identifier: MIT OR Apache-2.0
#include "row_loops.h"

#include <cstdlib>
#include <cstring>

#include "ir/text.h"
#include "support/values.h"

namespace exprjit::differential {

using trial::ColumnBlock;
using trial::ColumnShape;
using trial::Outcome;

std::span<const LoopEngine> loop_engines() {
    static const std::vector<LoopEngine> engines = [] {
        constexpr RowTarget scalar, padded{32, false}, masked{64, true};
        std::vector<LoopEngine> list{
            {"interpreter.scalar", scalar},        {"interpreter.padded", padded},
            {"interpreter.masked", masked},        {"native.v2.scalar", scalar, Isa::V2},
            {"native.v3.padded", padded, Isa::V3}, {"native.v3.padded.few", padded, Isa::V3, true},
            {"native.v4.masked", masked, Isa::V4}, {"native.v4.masked.few", masked, Isa::V4, true}};
        const char* part = std::getenv("EXPRJIT_TEST_ENGINES");
        std::erase_if(list, [&](const LoopEngine& e) {
            return e.isa > host_isa() || (part != nullptr && std::strstr(e.name, part) == nullptr);
        });
        return list;
    }();
    return engines;
}

Result<RowLoop> RowLoop::make(const Program& row, const RowLayout& layout, const LoopEngine& engine,
                              trial::Mutation mutation) {
    static thread_local PassScratch scratch;
    RowLoop out;
    out.program_ = row;
    out.lane_log2_ = choose_lane_log2(row, layout.inputs, layout.sinks, engine.target);
    const RowTarget target = out.lane_log2_ == 0 ? RowTarget{} : engine.target;
    out.is_padded_ = out.lane_log2_ != 0 && !target.masked;
    Result<void> r = vectorize(out.program_, layout.inputs, layout.sinks, out.lane_log2_, target, scratch);
    if (!r) return r.take_failure();
    Limits roomy;
    roomy.max_nodes = SIZE_MAX;
    const auto expect_valid = [&](const char* pass) -> Result<void> {
        Result<void> v = verify(out.program_, roomy, Trust::Internal);
        if (v) return v;
        return fail(Status::Internal, 0,
                    std::string(pass) + " left a program that does not verify:\n" + trial::describe(v.error()) + "\n" +
                        print(out.program_));
    };
    if (r = expect_valid("vectorize"); !r) return r.take_failure();
    if (mutation != nullptr) mutation(out.program_);
    if (r = lower_arrays(out.program_, roomy, scratch); !r) return r.take_failure();
    if (r = expect_valid("lower_arrays after vectorize"); !r) return r.take_failure();
    if (engine.isa == Isa::None) {
        out.interpreter_.emplace(out.program_);
        return out;
    }
    CompileOptions options;
    options.isa = engine.isa;
    options.form = EntryForm::Context;
    options.few_registers = engine.few_registers;
    static thread_local Code code;
    if (r = compile(out.program_, options, code); !r) return r.take_failure();
    out.code_ = trial::NativeCode(code.bytes, code.entry);
    out.spills_ = code.spills;
    return out;
}

Outcome RowLoop::run(std::span<const Slot> args) const {
    const Function& f = program_.entry();
    Outcome o;
    o.outs.assign(f.results.size(), 0x7171717171717171u);
    Context context;
    context.stop = trial::stop_word();
    trial::begin_run();
    const char* fault = nullptr;
    if (interpreter_) {
        struct Run {
            const Interpreter* interpreter;
            Context* context;
            const Slot* args;
            Outcome* outcome;
        } run{&*interpreter_, &context, args.data(), &o};
        fault = trial::run_protected(
            [](void* data) {
                Run& r = *static_cast<Run*>(data);
                r.outcome->exit = r.interpreter->run(*r.context, r.args, r.outcome->outs.data());
            },
            &run);
    } else {
        trial::NativeArguments a;
        a.pointer(&context);
        for (size_t i = 0; i < f.params.size(); ++i) a.scalar(f.params[i].type.scalar(), args[i]);
        a.pointer(o.outs.data());
        const trial::NativeReturn r = call_native(code_.entry(), a, &fault);
        if (fault == nullptr) {
            if (const char* broken = describe_violations(r); *broken != 0)
                o.misbehaviour = std::string("the code changed ") + broken;
            o.exit = static_cast<Exit>(static_cast<int32_t>(r.rax));
        }
    }
    if (fault != nullptr) o.misbehaviour = std::string("the loop crashed: ") + fault;
    if (o.exit == Exit::CheckFailed) {
        o.failed_imm = context.failed_imm;
        o.failed_index = context.failed_index;
    }
    return o;
}

// The columns of one run in guarded memory, and the arguments that go with them.
class RowLoop::Columns {
  public:
    Columns(const RowLayout& layout, const RowColumns& columns, int64_t padded_rows) : layout_(layout) {
        ColumnShape shape;
        shape.rows = columns.rows;
        shape.padded_rows = padded_rows;
        shape.side = columns.side;
        const size_t inputs = layout.inputs.size();
        pool_.resize(std::max(pool_.size(), inputs + layout.sinks.size()));
        for (size_t i = 0; i < inputs; ++i) {
            if (layout.inputs[i].uniform) {
                args.push_back(columns.inputs[i][0]);
                continue;
            }
            shape.storage = layout.inputs[i].storage;
            add(i, shape);
            pool_[i].write(columns.inputs[i]);
        }
        for (size_t k = 0; k < layout.sinks.size(); ++k) {
            if (layout.sinks[k].is_reduction) continue;
            shape.storage = layout.sinks[k].storage;
            if (layout.in_place[k] < 0)
                add(inputs + k, shape);
            else
                args.push_back(reinterpret_cast<Slot>(pool_[static_cast<size_t>(layout.in_place[k])].data()));
        }
        args.push_back(static_cast<Slot>(columns.first_row));
        args.push_back(static_cast<Slot>(columns.rows));
    }

    // The column that sink `k` stores to.
    const ColumnBlock& output(size_t k) const {
        return pool_[layout_.in_place[k] >= 0 ? static_cast<size_t>(layout_.in_place[k]) : layout_.inputs.size() + k];
    }
    // Of what was laid out, whether the bytes around it are as they were.
    bool intact() const {
        for (const size_t i : used_)
            if (!pool_[i].intact()) return false;
        return true;
    }

    std::vector<Slot> args;

  private:
    void add(size_t i, ColumnShape shape) {
        shape.stride = static_cast<int64_t>(byte_size(shape.storage));
        pool_[i].lay_out(shape);
        used_.push_back(i);
        args.push_back(reinterpret_cast<Slot>(pool_[i].data()));
    }

    // Mappings are slow to make, so they are kept from run to run.
    static inline std::vector<ColumnBlock> pool_;
    const RowLayout& layout_;
    std::vector<size_t> used_;
};

namespace {

std::string row_text(const RowColumns& columns, const RowLayout& layout, const Function& row_loop, int64_t row) {
    std::string s = "inputs of row " + std::to_string(row) + ":";
    for (size_t i = 0; i < layout.inputs.size(); ++i) {
        const bool uniform = layout.inputs[i].uniform;
        const Storage storage = uniform ? storage_of(row_loop.params[i].type.scalar()) : layout.inputs[i].storage;
        s += " " + std::string(uniform ? "uniform " : "") + std::string(name_of(storage)) + " " +
             trial::describe_element(storage, columns.inputs[i][uniform ? 0 : static_cast<size_t>(row)]);
    }
    return s;
}

}  // namespace

std::string RowLoop::check_outputs(const RowLayout& layout, const RowColumns& columns, const RowExpectation& want,
                                   const Columns& memory, int64_t done) const {
    for (size_t k = 0; k < layout.sinks.size(); ++k) {
        const RowSink& sink = layout.sinks[k];
        if (sink.is_reduction) continue;
        const ColumnBlock& got = memory.output(k);
        for (int64_t r = 0; r < columns.rows; ++r) {
            const uint64_t e = got.element(r);
            const int from = layout.in_place[k];
            const uint64_t before = from >= 0 ? columns.inputs[static_cast<size_t>(from)][static_cast<size_t>(r)]
                                              : ColumnBlock::untouched(sink.storage);
            const uint64_t wanted = r < done ? want.outputs[k][static_cast<size_t>(r)] : before;
            if (r < done ? trial::same_element(sink.storage, e, wanted) : e == wanted) continue;
            return "output " + std::to_string(k) + ", row " + std::to_string(r) + " of " +
                   std::to_string(columns.rows) + ": got " + trial::describe_element(sink.storage, e) +
                   (r < done ? ", want " : ", but nothing was to be written; before: ") +
                   trial::describe_element(sink.storage, wanted) + "\n  " +
                   row_text(columns, layout, program_.entry(), r);
        }
    }
    return {};
}

std::string RowLoop::check(const RowLayout& layout, const RowColumns& columns, const RowExpectation& want) const {
    const int64_t w = int64_t{1} << lane_log2_;
    const Columns memory(layout, columns, is_padded_ ? (columns.rows + w - 1) / w * w : columns.rows);
    const Outcome o = run(memory.args);
    if (!o.misbehaviour.empty()) return o.misbehaviour;
    if (!memory.intact()) return "bytes outside a column were written";
    const std::vector<Type>& results = program_.entry().results;
    if (want.fails) {
        // The group that holds the failing row, and nothing stored from it on.
        const int64_t group = o.failed_index - columns.first_row;
        if (o.exit != Exit::CheckFailed || group > want.failed_row || group + w <= want.failed_row)
            return "got " + trial::describe(o, results) + ", want a failure of the group with row " +
                   std::to_string(want.failed_row) + " (first row " + std::to_string(columns.first_row) + ")\n  " +
                   row_text(columns, layout, program_.entry(), want.failed_row);
        return check_outputs(layout, columns, want, memory, group);
    }
    if (o.exit != Exit::Ok) return "got " + trial::describe(o, results) + ", want success";
    if (std::string d = check_outputs(layout, columns, want, memory, columns.rows); !d.empty()) return d;
    size_t at = 0;
    for (const std::vector<Slot>& partial : want.partials)
        for (size_t k = 0; k < partial.size(); ++k, ++at) {
            // The best value of no row says nothing.
            const bool no_row = partial.size() == 2 && k == 0 && static_cast<int64_t>(partial[1]) == -1;
            if (at >= results.size()) return "the loop gives too few partial values";
            if (no_row || trial::same_value(results[at].scalar(), o.outs[at], partial[k])) continue;
            return "partial value " + std::to_string(at) + " of " + std::to_string(columns.rows) + " rows: got " +
                   trial::describe(results[at].scalar(), o.outs[at]) + ", want " +
                   trial::describe(results[at].scalar(), partial[k]);
        }
    return {};
}

}  // namespace exprjit::differential
