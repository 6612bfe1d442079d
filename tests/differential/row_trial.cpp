// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A row function on every engine, and what its rows must come to.
#include <algorithm>

#include "row_loops.h"
#include "support/agreement.h"
#include "support/column_program.h"
#include "support/reduction_reference.h"
#include "support/values.h"

namespace exprjit::differential {

namespace {

// Columns of the oracle: the results as they are stored, then all of them in their own types, for the reductions.
std::vector<trial::ColumnOutput> oracle_outputs(const Function& row, const RowLayout& layout) {
    std::vector<trial::ColumnOutput> out;
    for (const RowSink& s : layout.sinks)
        out.push_back({s.value, s.is_reduction ? storage_of(row.results[s.value].scalar()) : s.storage});
    for (uint32_t r = 0; r < row.results.size(); ++r) out.push_back({r, storage_of(row.results[r].scalar())});
    return out;
}

std::vector<Storage> oracle_inputs(const Function& row, const RowLayout& layout) {
    std::vector<Storage> out;
    for (size_t i = 0; i < layout.inputs.size(); ++i)
        out.push_back(layout.inputs[i].uniform ? storage_of(row.params[i].type.scalar()) : layout.inputs[i].storage);
    return out;
}

}  // namespace

std::optional<RowTrial> RowTrial::make(const Program& program, const RowLayout& layout, std::string& why,
                                       trial::Mutation mutation) {
    RowTrial out;
    out.layout_ = layout;
    out.results_ = program.entry().results;
    const Program columns =
        trial::over_columns(program, oracle_inputs(program.entry(), layout), oracle_outputs(program.entry(), layout));
    Result<trial::Prepared> oracle = trial::Prepared::make(columns, trial::oracle());
    if (!oracle) {
        why = "the oracle cannot be prepared:\n" + trial::describe(oracle.error());
        return std::nullopt;
    }
    out.oracle_ = std::make_shared<trial::Prepared>(std::move(*oracle));
    for (const Tier tier : {Tier::Optimised, Tier::Baseline}) {
        Program row = trial::behind_a_call(program);
        PassScratch scratch;
        PipelineOptions options;
        options.tier = tier;
        if (Result<void> r = run_pipeline(row, options, Limits{}, scratch); !r) {
            why = "the pipeline fails:\n" + trial::describe(r.error());
            return std::nullopt;
        }
        for (const LoopEngine& engine : loop_engines()) {
            // The baseline of the tier is for the interpreter of the real thing and for a look at the other shapes.
            if (tier == Tier::Baseline && engine.few_registers) continue;
            const std::string name = std::string(tier == Tier::Optimised ? "optimised." : "baseline.") + engine.name;
            Result<RowLoop> loop = RowLoop::make(row, layout, engine, mutation);
            if (!loop) {
                why = "engine " + name + " cannot be prepared:\n" + trial::describe(loop.error());
                return std::nullopt;
            }
            out.entries_.push_back({name, std::move(*loop)});
        }
        if (mutation != nullptr) break;
    }
    return out;
}

RowExpectation RowTrial::expect(const RowColumns& columns) const {
    trial::Arguments arguments;
    std::vector<Param> params;
    const auto add = [&](Storage s, std::vector<uint64_t> elements, int64_t spread) {
        trial::ArrayValue a;
        a.storage = s;
        a.length[0] = columns.rows;
        a.spread = spread;
        a.elements = std::move(elements);
        arguments.slots.push_back(arguments.arrays.size());
        arguments.arrays.push_back(std::move(a));
        params.push_back({"", Type::array(s, 1, true)});
    };
    const size_t rows = static_cast<size_t>(columns.rows);
    for (size_t i = 0; i < layout_.inputs.size(); ++i) {
        const Type t = oracle_->lowered().entry().params[i].type;
        std::vector<uint64_t> elements = columns.inputs[i];
        if (layout_.inputs[i].uniform) elements.assign(rows, columns.inputs[i][0]);
        add(t.storage(), std::move(elements), 1);
    }
    for (const RowSink& s : layout_.sinks)
        add(s.is_reduction ? storage_of(results_[s.value].scalar()) : s.storage, std::vector<uint64_t>(rows), 1);
    for (const Type t : results_) add(storage_of(t.scalar()), std::vector<uint64_t>(rows), 1);
    arguments.slots.push_back(rows);
    params.push_back({"", kI64});
    trial::LaidOut memory(arguments, params, trial::Guarded::Side::Front);
    const trial::Outcome o = oracle_->run(memory.slots());

    RowExpectation want;
    want.cancelled = o.exit != Exit::Ok && o.exit != Exit::CheckFailed;
    want.fails = o.exit == Exit::CheckFailed;
    want.failed_row = o.failed_index;
    const size_t sinks = layout_.inputs.size(), results = sinks + layout_.sinks.size();
    for (size_t k = 0; k < layout_.sinks.size(); ++k) want.outputs.push_back(memory.elements(sinks + k));
    if (o.exit != Exit::Ok) return want;
    for (const RowSink& s : layout_.sinks) {
        if (!s.is_reduction) continue;
        const std::vector<uint64_t> values = memory.elements(results + s.value);
        const std::vector<uint64_t> bits = memory.elements(results + s.predicate);
        const std::vector<uint8_t> counts(bits.begin(), bits.end());
        Slot slots[3];
        const int n = trial::reference_block(s.kind, results_[s.value].scalar(), values, counts, columns.first_row)
                          .slots(s.kind, slots);
        want.partials.emplace_back(slots, slots + n);
    }
    return want;
}

std::string RowTrial::compare(const RowColumns& columns) const {
    const RowExpectation want = expect(columns);
    if (want.cancelled) return std::string(trial::kDidNotEnd) + ": a row does not end";
    for (const Entry& e : entries_)
        if (std::string d = e.loop.check(layout_, columns, want); !d.empty()) return "engine " + e.name + "\n  " + d;
    return {};
}

void RowTrial::count(LaneCoverage& coverage) const {
    for (const Entry& e : entries_) coverage.count(e.loop.program());
}

bool RowTrial::uses_lanes() const {
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry& e) { return e.loop.lane_log2() != 0; });
}

uint32_t RowTrial::most_spills() const {
    uint32_t most = 0;
    for (const Entry& e : entries_) most = std::max(most, e.loop.spills());
    return most;
}

}  // namespace exprjit::differential
