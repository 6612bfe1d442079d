// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What must hold of every program and every error, however it came about: among it that the interpreter and the generated
// code of both tiers do the same. A broken promise aborts, which is what a fuzzer looks for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "interp/interpreter.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "jit/compile.h"
#include "opt/op_set.h"
#include "opt/pipeline.h"
#include "opt/stages.h"
#include "opt/vectorize.h"
#include "runtime/code_memory.h"
#include "runtime/executable.h"

namespace exprjit::fuzz {

[[noreturn]] inline void broken(const char* promise, const std::string& detail = {}) {
    std::fprintf(stderr, "broken promise: %s\n%s\n", promise, detail.c_str());
    std::abort();
}

// Small enough that no input takes long, large enough that every limit can also be passed.
inline Limits small_limits() {
    Limits limits;
    limits.max_nodes = 20'000;
    limits.max_nesting = 100;
    limits.max_operands = 1'000;
    limits.max_functions = 50;
    limits.max_params = 100;
    limits.max_local_bytes = 4'096;
    limits.max_table_bytes = 4'096;
    return limits;
}

inline std::string explain(const Error& error) {
    return error.diagnostics.empty() ? "(no diagnostic)" : error.diagnostics[0].message;
}

// An error names a code, says something, and points into the text.
inline void check_error(const Error& error, std::string_view text) {
    if (error.diagnostics.empty()) broken("an error has a diagnostic");
    for (const Diagnostic& d : error.diagnostics) {
        if (d.code < 1000 || d.code > 5999 || d.status == Status::Ok || d.status == Status::Internal)
            broken("a diagnostic has a code and a kind", d.message);
        if (d.message.empty() || d.message.find('\n') != std::string::npos) broken("a message is one line", d.message);
        if (d.message.size() + d.hint.size() > 2'000) broken("a message stays short", d.message);
        if (d.span.valid() && (d.span.begin > d.span.end || d.span.end > text.size()))
            broken("a position lies in the text",
                   d.message + " at " + std::to_string(d.span.begin) + ":" + std::to_string(d.span.end));
    }
}

// The text of a program reads back to the same text.
inline void check_round_trip(const Program& program, const Limits& limits) {
    const std::string text = print(program);
    Limits wide = limits;
    wide.max_text_bytes = Limits().max_text_bytes;
    auto again = parse_ir(text, wide);
    if (!again.ok()) broken("what print() writes can be read", explain(again.error()) + "\n" + text);
    if (const std::string second = print(*again); second != text)
        broken("print and parse_ir are inverse", text + "----\n" + second);
}

// A stop word that is set every few milliseconds: programs may loop for ever, the fuzzer may not.
class Ticker {
  public:
    const volatile int32_t* fresh() {
        stop_ = 0;
        return &stop_;
    }
    static Ticker& instance() {
        static Ticker* ticker = new Ticker;  // lives as long as the process: its thread does
        return *ticker;
    }

  private:
    Ticker() {
        std::thread([this] {
            for (;;) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                __atomic_store_n(const_cast<int32_t*>(&stop_), 1, __ATOMIC_RELAXED);
            }
        }).detach();
    }
    volatile int32_t stop_ = 0;
};

struct Observed {
    Exit exit = Exit::Ok;
    uint64_t failed_imm = 0;
    std::vector<Slot> outs;
    std::vector<std::vector<unsigned char>> arrays;
};

// Runs the entry function `f` on arguments made from `seed`: arrays of two elements in every dimension, in memory of
// exactly their size. `run`: Exit(Context&, const Slot* args, Slot* outs).
template <typename Run>
Observed observe(const Function& f, uint64_t seed, const Run& run) {
    const auto random = [&seed] {
        return seed = seed * 6364136223846793005u + 1442695040888963407u, seed >> 33 | seed << 31;
    };
    Observed o;
    std::vector<ArrayDescriptor> descriptors(f.params.size());
    std::vector<Slot> args;
    for (size_t k = 0; k < f.params.size(); ++k) {
        const Type t = f.params[k].type;
        if (t.is_array()) {
            const auto size = static_cast<int64_t>(byte_size(t.storage()));
            o.arrays.emplace_back(static_cast<size_t>(size << t.rank()));
            for (auto& byte : o.arrays.back())
                byte = static_cast<unsigned char>(random() & (t.storage() == Storage::Bool ? 1 : 63));
            descriptors[k].data = o.arrays.back().data();
            for (int n = 0; n < t.rank(); ++n) descriptors[k].length[n] = 2, descriptors[k].stride[n] = size << n;
            args.push_back(reinterpret_cast<Slot>(&descriptors[k]));
        } else {
            const Slot bits = random() % 2 != 0 ? random() : random() % 5;
            args.push_back(t.scalar() == Scalar::Bool   ? bits & 1
                           : byte_size(t.scalar()) == 4 ? bits & UINT32_MAX
                                                        : bits);
        }
    }
    o.outs.resize(f.results.size());
    Context context;
    context.stop = Ticker::instance().fresh();
    o.exit = run(context, args.data(), o.outs.data());
    o.failed_imm = context.failed_imm;
    return o;
}

inline Observed observe_interpreter(const Program& program, uint64_t seed) {
    return observe(program.entry(), seed, [&](Context& context, const Slot* args, Slot* outs) {
        return Interpreter(program).run(context, args, outs);
    });
}

// The same in generated code of `program`, which went through the passes. False where there is none: lanes that the
// level lacks, a limit, a host without executable memory.
inline bool observe_native(Program program, const Limits& limits, uint64_t seed, const CompileOptions& options,
                           PassScratch& scratch, Observed& out) {
    static CodeMemory* const memory = [] {
        std::string why;
        return make_dual_code_memory(&why).release();
    }();
    if (memory == nullptr || options.isa > host_isa()) return false;
    if (auto r = lower_arrays(program, limits, scratch); !r.ok()) {
        if (r.error().status() != Status::Limit) broken("arrays are lowered", explain(r.error()));
        return false;
    }
    static thread_local Code code;
    if (auto r = compile(program, options, code); !r.ok()) {
        if (r.error().status() != Status::Limit && r.error().status() != Status::Unsupported)
            broken("valid programs become code", explain(r.error()) + "\n" + print(program));
        return false;
    }
    CodeBlock block;
    if (!memory->install(code.bytes, block)) return false;
    const Executable executable = Executable::native(*memory, block, code.entry, options.form, program.entry());
    out = observe(program.entry(), seed,
                  [&](Context& context, const Slot* args, Slot* outs) { return executable.call(context, args, outs); });
    return true;
}

inline bool is_nan(Scalar s, Slot bits) {
    if (s == Scalar::F32) return (bits & 0x7fffffff) > 0x7f800000;
    return s == Scalar::F64 && (bits & 0x7fffffffffffffff) > 0x7ff0000000000000;
}

// What the column engine makes of one row function: a valid loop for every kind of vector. `seed` chooses which inputs
// are uniform: none, all, every other or every third.
inline void check_loops(const Program& row, std::span<const RowSink> sinks, const Limits& limits, uint64_t seed,
                        PassScratch& scratch) {
    static constexpr size_t kUniform[][2] = {{1, 1}, {1, 0}, {2, 1}, {3, 2}};
    const auto [of, at] = kUniform[seed % 4];
    std::vector<RowInput> inputs;
    for (const Param& p : row.entry().params) inputs.push_back({inputs.size() % of == at, storage_of(p.type.scalar())});
    for (const RowTarget target : {RowTarget{0, false}, RowTarget{32, false}, RowTarget{64, true}}) {
        Program loop = row;
        const int lanes = choose_lane_log2(loop, inputs, sinks, target);
        if (auto r = vectorize(loop, inputs, sinks, lanes, target, scratch); !r.ok()) {
            if (r.error().status() != Status::Limit) broken("vectorize fails on limits only", explain(r.error()));
            continue;
        }
        if (auto r = verify(loop, limits, Trust::Internal); !r.ok())
            broken("vectorize makes valid loops", explain(r.error()) + "\n" + print(row) + "----\n" + print(loop));
    }
}

// An optimised program of scalars goes through the stages and the loops of the column engine.
inline void check_columns(const Program& program, const Limits& limits, uint64_t seed, PassScratch& scratch) {
    for (const Param& p : program.entry().params) {
        if (!p.type.is_scalar()) return;
    }
    auto stages = split_stages(program, scratch);
    if (!stages) {
        if (stages.error().status() != Status::Limit) broken("stages fail on limits only", explain(stages.error()));
        return;
    }
    const auto check_stage = [&](const Program& stage) {
        if (auto r = verify(stage, limits, Trust::Internal); !r.ok())
            broken("stages are valid programs", explain(r.error()) + "\n" + print(program) + "----\n" + print(stage));
    };
    for (const Stage& stage : stages->reducing) {
        check_stage(stage.program);
        std::vector<RowSink> sinks;
        for (uint32_t k = 0; k < stage.reductions.size(); ++k) {
            RowSink sink;
            sink.is_reduction = true;
            sink.kind = stages->reductions[stage.reductions[k]].kind;
            sink.value = 2 * k, sink.predicate = 2 * k + 1;
            sinks.push_back(sink);
        }
        check_loops(stage.program, sinks, limits, seed, scratch);
    }
    if (stages->has_once) check_stage(stages->once);
    if (!stages->has_rows) return;
    check_stage(stages->rows);
    std::vector<RowSink> sinks;
    for (const Type t : stages->rows.entry().results) {
        RowSink sink;
        sink.value = static_cast<uint32_t>(sinks.size());
        sink.storage = storage_of(t.scalar());
        sinks.push_back(sink);
    }
    check_loops(stages->rows, sinks, limits, seed, scratch);
}

// `want` and `got` are two runs of a program on the same arguments. Arrays are compared only where no NaN can lie in them
// (its bits are nobody's promise).
inline void check_same(const Observed& want, const Observed& got, const Program& program, const std::string& who) {
    for (const Observed* o : {&want, &got}) {
        if (o->exit == Exit::Cancelled || o->exit == Exit::StackOverflow) return;
    }
    if (want.exit != got.exit) broken("all end alike", who + "\n" + print(program));
    if (want.exit == Exit::CheckFailed) {
        if (want.failed_imm != got.failed_imm) broken("all fail in the same check", who + "\n" + print(program));
        return;
    }
    for (size_t k = 0; k < want.outs.size(); ++k) {
        const Scalar s = program.entry().results[k].scalar();
        const Slot a = want.outs[k], b = got.outs[k];
        if (a != b && !(is_nan(s, a) && is_nan(s, b))) broken("all give the same", who + "\n" + print(program));
    }
    size_t array = 0;
    for (const Param& p : program.entry().params) {
        if (!p.type.is_array()) continue;
        if (!is_float(widened(p.type.storage())) && want.arrays[array] != got.arrays[array])
            broken("all store the same", who + "\n" + print(program));
        ++array;
    }
}

// A verified program goes through both tiers, stays a valid program, and does the same in both, interpreted and as
// generated code; `seed` also chooses the level of that and how many registers it may use.
inline void check_pipeline_and_run(const Program& program, const Limits& limits, uint64_t seed) {
    static thread_local PassScratch scratch;
    const bool reduces = OpSet::of(program).has(Op::Reduce);  // even if a tier finds that nobody needs it
    bool only_values = true;                                  // lanes go in and out of functions, not of kernels
    for (const Type t : program.entry().results) only_values &= t.is_scalar();
    for (const Param& p : program.entry().params) only_values &= p.type.is_scalar() || p.type.is_array();
    Observed want;
    for (const Tier tier : {Tier::Baseline, Tier::Optimised}) {
        Program p = program;
        PipelineOptions options;
        options.tier = tier;
        if (auto r = run_pipeline(p, options, limits, scratch); !r.ok()) {
            if (r.error().status() != Status::Limit) broken("passes fail on limits only", explain(r.error()));
            return;
        }
        Limits grown = limits;  // passes may add nodes; how many is their own check
        grown.max_nodes = Limits().max_nodes;
        grown.max_nesting = Limits().max_nesting;
        grown.max_local_bytes = SIZE_MAX / 2;
        if (auto r = verify(p, grown, Trust::Internal); !r.ok())
            broken("passes keep programs valid", explain(r.error()) + "\n" + print(program) + "----\n" + print(p));
        check_columns(p, grown, seed, scratch);
        if (reduces) continue;
        const Observed seen = observe_interpreter(p, seed);
        if (tier == Tier::Baseline) want = seen;
        check_same(want, seen, program, "the interpreter, optimised");
        CompileOptions code;
        code.form = EntryForm::Context;
        code.isa = static_cast<Isa>(2 + (seed + (tier == Tier::Optimised)) % 3);
        code.few_registers = seed / 3 % 2 != 0;
        if (Observed native; only_values && observe_native(p, grown, seed, code, scratch, native))
            check_same(want, native, program,
                       std::string("generated code, ") + (tier == Tier::Baseline ? "baseline" : "optimised") + " v" +
                           std::to_string(static_cast<int>(code.isa)) + (code.few_registers ? " few registers" : ""));
    }
}

}  // namespace exprjit::fuzz
