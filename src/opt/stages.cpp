// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A walk over the top level of the function finds, for every node and region, the stage in which it is first known. Each
// stage is then a slice: what its results and checks need, back to the parameters and to earlier reductions.
#include "opt/stages.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "opt/codes.h"
#include "opt/passes.h"
#include "opt/rebuild.h"

namespace exprjit {

namespace {

// Every stage passes over all rows once more and is compiled by itself, so a text must not ask for too many of them.
constexpr uint32_t kMostStages = 64;
constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

// A node of the top level with its Result nodes, or a whole region: what a stage has entirely or not at all.
struct Unit {
    ValueId begin;
    ValueId end;
    uint32_t level = 0;        // reducing stages that must have run before it is known
    bool uses_rows = false;    // depends on a parameter other than through a reduction
    bool is_reduced = false;   // depends on a reduction
    bool is_required = false;  // a check, or something else that must run whoever needs its value
};

class Splitter {
  public:
    Splitter(Program program, PassScratch& scratch) : program_(std::move(program)), scratch_(scratch) {}

    Result<Stages> run();

  private:
    Stages one_stage();
    void find_units();
    ValueId end_of_unit(ValueId begin) const;
    void read_unit(uint32_t u);
    void touch_memory(uint32_t u, ValueId array, bool writes);
    bool is_effect(ValueId v) const;
    void order_reductions();
    Result<void> check_depth() const;
    bool runs_once(uint32_t u) const { return units_[u].is_reduced && !units_[u].uses_rows; }
    void require(ValueId v) { needed_[unit_of_[v]] = 1; }
    bool require_checks(uint32_t from, uint32_t to, bool once);
    void close_slice();
    Program build(uint32_t param_count, std::span<const ValueId> results);
    void make_reducing(uint32_t level, size_t& next);
    void make_outputs(bool once, Program& made, std::vector<uint32_t>& outputs, bool& must_run);
    const Function& f() const { return program_.entry(); }

    Program program_;
    PassScratch& scratch_;
    Stages stages_;
    std::vector<Unit> units_;
    std::vector<uint32_t> unit_of_;  // per node
    std::vector<std::pair<uint32_t, uint32_t>>
        after_write_;               // a unit that uses an array, and the last one that wrote it
    std::vector<uint32_t> writer_;  // per array, the last unit that wrote it
    std::vector<ValueId> reduces_;  // the Reduce nodes in the order of Stages::reductions
    std::vector<uint8_t> needed_;   // per unit: whether the stage being made has it
    std::vector<uint8_t> called_;   // per Native node: whether a stage has it already
    ValueId repeated_ = kNoValue;   // one that two stages have, or a stage that passes over its rows twice
    std::vector<ValueId> results_;
};

// Where the node or region that begins here ends, its Result nodes included.
ValueId Splitter::end_of_unit(ValueId begin) const {
    const Node& n = f()[begin];
    ValueId last = begin;
    if (n.op == Op::If)
        last = f()[n.link].link;
    else if (info(n.op).has(kOpens))
        last = n.link;
    return last + f().result_slots(last);
}

// What must run although nothing may use it. A loop might never end.
bool Splitter::is_effect(ValueId v) const {
    const Node& n = f()[v];
    if (n.op == Op::Store) return f()[f().operands(n)[0]].op == Op::Param;
    return n.op == Op::Check || n.op == Op::Loop || n.op == Op::Native;
}

// Uses of an array come after the last unit that wrote it. Array parameters may overlap: they count as one.
void Splitter::touch_memory(uint32_t u, ValueId array, bool writes) {
    if (f()[array].op == Op::Table) return;
    const ValueId key = f()[array].op == Op::Param ? 0 : array;
    if (writer_.empty()) writer_.assign(f().size(), kNone);
    if (const uint32_t last = writer_[key]; last != kNone && last != u) {
        const Unit& before = units_[last];
        Unit& unit = units_[u];
        unit.level = std::max(unit.level, before.level);
        unit.uses_rows |= before.uses_rows;
        unit.is_reduced |= before.is_reduced;
        if (after_write_.empty() || after_write_.back() != std::pair(u, last)) after_write_.emplace_back(u, last);
    }
    if (writes) writer_[key] = u;
}

void Splitter::read_unit(uint32_t u) {
    for (ValueId v = units_[u].begin; v < units_[u].end; ++v) {
        const Node& n = f()[v];
        units_[u].is_required |= is_effect(v);
        for (const ValueId o : f().operands(n)) {
            if (unit_of_[o] == u) continue;
            const Unit& from = units_[unit_of_[o]];
            const bool reduction = f()[o].op == Op::Reduce;
            units_[u].level = std::max(units_[u].level, from.level + (reduction ? 1 : 0));
            units_[u].is_reduced |= reduction || from.is_reduced;
            units_[u].uses_rows |= f()[o].op == Op::Param || (!reduction && from.uses_rows);
        }
        units_[u].uses_rows |= n.op == Op::Native;  // it may answer differently in every row
        if (n.op == Op::Load || n.op == Op::Store) touch_memory(u, f().operands(n)[0], n.op == Op::Store);
    }
}

void Splitter::find_units() {
    unit_of_.resize(f().size());
    called_.assign(f().size(), 0);
    for (ValueId v = 0; v < f().size();) {
        const ValueId end = end_of_unit(v);
        const auto u = static_cast<uint32_t>(units_.size());
        units_.push_back({v, end});
        std::fill(unit_of_.begin() + v, unit_of_.begin() + end, u);
        read_unit(u);
        if (f()[v].op == Op::Reduce) reduces_.push_back(v);
        v = end;
    }
}

void Splitter::order_reductions() {
    std::stable_sort(reduces_.begin(), reduces_.end(),
                     [&](ValueId a, ValueId b) { return units_[unit_of_[a]].level < units_[unit_of_[b]].level; });
    for (const ValueId v : reduces_) {
        const Node& n = f()[v];
        stages_.reductions.push_back(
            {static_cast<ReduceKind>(n.imm), f()[n.inline_operands[0]].type.scalar(), n.type.scalar()});
    }
}

Result<void> Splitter::check_depth() const {
    const ValueId deepest = reduces_.back();
    if (units_[unit_of_[deepest]].level < kMostStages) return {};
    return fail(Status::Limit, opt_codes::kTooManyStages,
                "reductions depend on each other more than " + std::to_string(kMostStages) + " deep",
                "compute the inner ones first and pass their values as inputs", f().span_of(deepest));
}

// Starts a slice with the checks that are first known at one of these levels: those that are the same for all rows, or the
// others. Whether there are any.
bool Splitter::require_checks(uint32_t from, uint32_t to, bool once) {
    needed_.assign(units_.size(), 0);
    bool any = false;
    for (uint32_t u = 0; u < units_.size(); ++u) {
        const Unit& unit = units_[u];
        if (!unit.is_required || runs_once(u) != once || unit.level < from || unit.level > to) continue;
        needed_[u] = 1;
        any = true;
    }
    return any;
}

// Adds what the needed units need. A reduction is a parameter here, so its operands are not asked for.
void Splitter::close_slice() {
    size_t edge = after_write_.size();
    for (auto u = static_cast<uint32_t>(units_.size()); u-- > 0;) {
        while (edge > 0 && after_write_[edge - 1].first > u) --edge;
        if (needed_[u] == 0 || f()[units_[u].begin].op == Op::Reduce) continue;
        for (size_t e = edge; e > 0 && after_write_[e - 1].first == u; --e) needed_[after_write_[e - 1].second] = 1;
        for (ValueId v = units_[u].begin; v < units_[u].end; ++v) {
            for (const ValueId o : f().operands(v)) require(o);
        }
    }
}

// The function that gives `results` from the parameters and the first `param_count` reductions, with the checks that are
// required already.
Program Splitter::build(uint32_t param_count, std::span<const ValueId> results) {
    for (const ValueId v : results) require(v);
    close_slice();
    Program made;
    made.flags = program_.flags;
    made.functions.resize(1);
    Function& to = made.entry();
    to.name = f().name;
    to.params = f().params;
    Rebuild r(to, scratch_);
    r.enter(f(), 0);
    if (scratch_.map.size() < f().size()) scratch_.map.resize(f().size());
    Builder& b = r.builder();
    const auto row_params = static_cast<uint32_t>(f().params.size());
    for (ValueId v = 0; v < row_params; ++v) r.copy(v);
    for (uint32_t k = 0; k < param_count; ++k) {
        const Type type = stages_.reductions[k].result;
        to.params.push_back({{}, type});
        r.at(reduces_[k]);
        r.set(reduces_[k], b.append(Op::Param, type, {}, row_params + k));
    }
    OpSet present;
    for (uint32_t u = 0; u < units_.size(); ++u) {
        if (needed_[u] == 0) continue;
        for (ValueId v = units_[u].begin; v < units_[u].end; ++v) {
            const Op op = f()[v].op;
            present.add(op);
            if (op == Op::Native && std::exchange(called_[v], 1) != 0) repeated_ = v;
            if (op != Op::Param && op != Op::Reduce && !is_owned(op)) r.copy(v);
        }
    }
    r.at(f().size() - 1);
    std::vector<ValueId> returned;
    for (const ValueId v : results) {
        to.results.push_back(f()[v].type);
        returned.push_back(r[v]);
    }
    b.ret(returned);
    r.finish();
    if (present.has(Op::Table)) made.tables = program_.tables;
    if (present.has(Op::Native) || present.has(Op::NativePure)) made.natives = program_.natives;
    // A region may have results, and what they are made of, that only other stages use.
    if (present.has(Op::If) || present.has(Op::For) || present.has(Op::Loop))
        eliminate_dead_code(made, scratch_, present);
    return made;
}

void Splitter::make_reducing(uint32_t level, size_t& next) {
    Stage stage;
    const auto earlier = static_cast<uint32_t>(next);
    results_.clear();
    for (; next < reduces_.size() && units_[unit_of_[reduces_[next]]].level == level; ++next) {
        stage.reductions.push_back(static_cast<uint32_t>(next));
        for (const ValueId o : f().operands(reduces_[next])) results_.push_back(o);
    }
    require_checks(level, level, false);
    stage.program = build(earlier, results_);
    for (const uint32_t k : stage.reductions) {  // the second pass of deviations would call it again
        if (stages_.reductions[k].kind != ReduceKind::Deviations) continue;
        for (ValueId v = 0; v < f().size(); ++v) {
            if (f()[v].op == Op::Native && called_[v] != 0 && units_[unit_of_[v]].level <= level) repeated_ = v;
        }
        break;
    }
    stages_.reducing.push_back(std::move(stage));
}

// The program of the outputs that are the same for all rows, or of the others.
void Splitter::make_outputs(bool once, Program& made, std::vector<uint32_t>& outputs, bool& must_run) {
    const auto returned = f().operands(f().size() - 1);
    results_.clear();
    for (uint32_t k = 0; k < returned.size(); ++k) {
        const ValueId v = returned[k];
        const bool is_once = f()[v].op == Op::Reduce || runs_once(unit_of_[v]);
        if (is_once != once) continue;
        outputs.push_back(k);
        results_.push_back(v);
    }
    // Checks that vary by row have run in a reducing stage if one was early enough for them.
    const uint32_t from = once ? 0 : static_cast<uint32_t>(stages_.reducing.size());
    must_run = require_checks(from, kNone, once) || !outputs.empty();
    made = build(static_cast<uint32_t>(reduces_.size()), results_);
    if (f().result_names.empty()) return;
    for (const uint32_t k : outputs) made.entry().result_names.push_back(f().result_names[k]);
}

// Without a reduction there is nothing to split.
Stages Splitter::one_stage() {
    stages_.has_rows = !f().results.empty();
    for (ValueId v = 0; v < f().size() && !stages_.has_rows; ++v) stages_.has_rows = is_effect(v);
    stages_.rows_outputs.resize(f().results.size());
    std::iota(stages_.rows_outputs.begin(), stages_.rows_outputs.end(), 0u);
    stages_.rows = std::move(program_);
    return std::move(stages_);
}

Result<Stages> Splitter::run() {
    const auto is_reduction = [](const Node& n) { return n.op == Op::Reduce; };
    if (std::none_of(f().nodes.begin(), f().nodes.end(), is_reduction)) return one_stage();
    find_units();
    order_reductions();
    if (Result<void> fits = check_depth(); !fits) return fits.take_failure();
    // Levels have no gaps: what a reduction of one level waits for is a reduction of the level before.
    for (size_t next = 0; next < reduces_.size();) make_reducing(static_cast<uint32_t>(stages_.reducing.size()), next);
    make_outputs(false, stages_.rows, stages_.rows_outputs, stages_.has_rows);
    make_outputs(true, stages_.once, stages_.once_outputs, stages_.has_once);
    if (repeated_ != kNoValue)
        return fail(
            Status::Unsupported, opt_codes::kCalledTwice,
            "'" + program_.natives[f()[repeated_].imm]->name +
                "' must be called once for each row, but the reductions of this text pass over the rows "
                "several times",
            "evaluate the call by itself first and pass its column as an input; or say that the function is pure",
            f().span_of(repeated_));
    return std::move(stages_);
}

}  // namespace

Result<Stages> split_stages(Program program, PassScratch& scratch) {
    return Splitter(std::move(program), scratch).run();
}

}  // namespace exprjit
