// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Evaluates a text over columns in the plainest way: its stages row by row in the interpreter, reductions by a loop. What
// the engine does in blocks and lanes can be compared with it.
#pragma once

#include <algorithm>
#include <limits>

#include "opt/nulls.h"
#include "opt/stages.h"
#include "run_text.h"

namespace exprjit::testing {

struct Column {
    const char* name;
    std::vector<Value> values;
    std::vector<uint8_t> valid = {};  // empty: no nulls
};

struct RowsResult {
    std::string error;  // of compiling, or "check <imm> at <row>"
    // Per output: its values, one if it is reduced; nulls are left out and appear as "null" in to_text().
    std::vector<std::vector<Value>> outputs;
    std::vector<std::vector<uint8_t>> valid;
};

// The reduction of values of one type, all with predicate true.
inline Slot fold(const Reduction& r, const std::vector<Slot>& values, const std::vector<int64_t>& rows) {
    const auto as_f64 = [&](Slot s) {
        return r.type == Scalar::F64   ? std::bit_cast<double>(s)
               : r.type == Scalar::F32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(s)))
                                       : 0.0;
    };
    const auto as_i64 = [&](Slot s) {
        return r.type == Scalar::I32 ? static_cast<int64_t>(static_cast<int32_t>(s)) : static_cast<int64_t>(s);
    };
    const auto from_f64 = [&](double d) {
        return r.type == Scalar::F32 ? Slot{std::bit_cast<uint32_t>(static_cast<float>(d))} : std::bit_cast<Slot>(d);
    };
    const bool floats = is_float(r.type);
    switch (r.kind) {
    case ReduceKind::Sum:
    case ReduceKind::Prod: {
        const bool sums = r.kind == ReduceKind::Sum;
        if (floats) {
            double all = sums ? 0 : 1;
            for (const Slot s : values) all = sums ? all + as_f64(s) : all * as_f64(s);
            return from_f64(all);
        }
        uint64_t all = sums ? 0 : 1;
        for (const Slot s : values) all = sums ? all + s : all * s;
        return all;
    }
    case ReduceKind::Count:
        return static_cast<Slot>(std::count_if(values.begin(), values.end(), [](Slot s) { return s; }));
    case ReduceKind::Deviations: {
        double mean = 0, all = 0;
        for (const Slot s : values) mean += as_f64(s) / static_cast<double>(values.size());
        for (const Slot s : values) all += (as_f64(s) - mean) * (as_f64(s) - mean);
        return std::bit_cast<Slot>(all);
    }
    default: break;
    }
    // Min, Max and their rows: the first NaN, or else the first best.
    const bool least = r.kind == ReduceKind::Min || r.kind == ReduceKind::ArgMin;
    const bool wants_row = r.kind == ReduceKind::ArgMin || r.kind == ReduceKind::ArgMax;
    size_t best = SIZE_MAX;
    for (size_t k = 0; k < values.size(); ++k) {
        if (floats && std::isnan(as_f64(values[k]))) {
            best = k;
            break;
        }
        const auto before = [&](Slot a, Slot b) { return floats ? as_f64(a) < as_f64(b) : as_i64(a) < as_i64(b); };
        if (best == SIZE_MAX || (least ? before(values[k], values[best]) : before(values[best], values[k]))) best = k;
    }
    if (best == SIZE_MAX) return wants_row ? ~Slot{0} : 0;
    return wants_row ? static_cast<Slot>(rows[best]) : values[best];
}

class RowRunner {
  public:
    RowRunner(std::string_view text, std::vector<Column> columns, size_t rows, Tier tier = Tier::Optimised)
        : columns_(std::move(columns)), rows_(rows) {
        compile(text, tier);
    }

    RowsResult run() {
        if (!result_.error.empty()) return result_;
        for (const Stage& stage : stages_.reducing) {
            std::vector<std::vector<Slot>> values(stage.reductions.size());
            std::vector<std::vector<int64_t>> rows(stage.reductions.size());
            for (size_t row = 0; row < rows_; ++row) {
                if (!call(stage.program, row)) return result_;
                for (size_t k = 0; k < stage.reductions.size(); ++k) {
                    if (outs_[2 * k + 1] == 0) continue;
                    values[k].push_back(outs_[2 * k]);
                    rows[k].push_back(static_cast<int64_t>(row));
                }
            }
            for (size_t k = 0; k < stage.reductions.size(); ++k)
                reduced_.push_back(fold(stages_.reductions[stage.reductions[k]], values[k], rows[k]));
        }
        std::vector<std::vector<Slot>> all(types_.size());
        if (stages_.has_once) {
            if (!call(stages_.once, SIZE_MAX)) return result_;
            for (size_t k = 0; k < stages_.once_outputs.size(); ++k) all[stages_.once_outputs[k]].push_back(outs_[k]);
        }
        for (size_t row = 0; row < rows_ && stages_.has_rows; ++row) {
            if (!call(stages_.rows, row)) return result_;
            for (size_t k = 0; k < stages_.rows_outputs.size(); ++k) all[stages_.rows_outputs[k]].push_back(outs_[k]);
        }
        for (size_t k = 0; k < plan_.outputs.size(); ++k) {
            result_.outputs.emplace_back();
            result_.valid.emplace_back();
            for (size_t i = 0; i < all[k].size(); ++i) {
                result_.outputs[k].push_back({types_[k], all[k][i], Exit::Ok, {}});
                bool valid = true;
                if (const int32_t bit = plan_.outputs[k].result; bit >= 0)
                    valid = all[static_cast<size_t>(bit)][i] != 0;
                for (const uint32_t p : plan_.outputs[k].all_of) valid = valid && columns_[p].valid[i] != 0;
                result_.valid[k].push_back(valid);
            }
        }
        return result_;
    }

    const Stages& stages() const { return stages_; }

  private:
    void compile(std::string_view text, Tier tier) {
        std::vector<TextParam> params;
        std::vector<uint8_t> nullable;
        for (const Column& c : columns_) {
            params.push_back({c.name, storage_of(c.values.empty() ? Scalar::F64 : c.values[0].type)});
            nullable.push_back(!c.valid.empty());
        }
        TextOptions options;
        options.params = params;
        options.declared = true;
        Program program;
        const auto compiled = compile_text(text, options, Limits(), program);
        if (!compiled.ok()) return fail(compiled.error());
        const auto verified = verify(program, Limits());
        if (!verified.ok()) return fail(verified.error());
        PassScratch scratch;
        if (const auto done = propagate_nulls(program, nullable, plan_, scratch); !done.ok()) return fail(done.error());
        for (const Type t : program.entry().results) types_.push_back(t.scalar());
        PipelineOptions pipeline;
        pipeline.tier = tier;
        if (const auto done = run_pipeline(program, pipeline, Limits(), scratch); !done.ok()) return fail(done.error());
        auto stages = split_stages(std::move(program), scratch);
        if (!stages.ok()) return fail(stages.error());
        stages_ = std::move(*stages);
    }

    void fail(const Error& error) { result_.error = explain(error); }

    // Runs one stage for a row, or for none if it is SIZE_MAX.
    bool call(const Program& program, size_t row) {
        std::vector<Slot> args;
        for (const Column& c : columns_) args.push_back(row == SIZE_MAX ? 0 : c.values[row].bits);
        for (const uint32_t p : plan_.needed) args.push_back(row == SIZE_MAX ? 1 : columns_[p].valid[row]);
        args.insert(args.end(), reduced_.begin(), reduced_.end());
        args.resize(program.entry().params.size() + 1);  // earlier stages know fewer reductions
        outs_.assign(program.entry().results.size() + 1, 0);
        Context context;
        context.stop = &kNeverStop;
        if (Interpreter(program).run(context, args.data(), outs_.data()) == Exit::Ok) return true;
        result_.error = "check " + std::to_string(static_cast<int>(check_code(context.failed_imm))) + " of " +
                        std::to_string(check_site(context.failed_imm));
        if (row != SIZE_MAX) result_.error += " at " + std::to_string(row);
        return false;
    }

    std::vector<Column> columns_;
    size_t rows_;
    NullPlan plan_;
    Stages stages_;
    std::vector<Scalar> types_;
    std::vector<Slot> reduced_, outs_;
    RowsResult result_;
};

// "f64 1.5, f64 null; i64 3", or the error.
inline std::string rows_of(std::string_view text, std::vector<Column> columns, Tier tier = Tier::Optimised) {
    const size_t rows = columns.empty() ? 0 : columns[0].values.size();
    const RowsResult r = RowRunner(text, std::move(columns), rows, tier).run();
    if (!r.error.empty()) return r.error;
    std::string all;
    for (size_t k = 0; k < r.outputs.size(); ++k) {
        if (k > 0) all += "; ";
        for (size_t i = 0; i < r.outputs[k].size(); ++i) {
            if (i > 0) all += ", ";
            std::ostringstream one;
            PrintTo(r.outputs[k][i], &one);
            all += r.valid[k][i] != 0 ? one.str() : "null";
        }
    }
    return all;
}

}  // namespace exprjit::testing
