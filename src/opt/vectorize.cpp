// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The loops around a row function. What stands in them is written by vectorize_body.cpp, what is accumulated by
// vectorize_reduce.cpp.
#include "opt/vectorize.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <optional>
#include <string>
#include <utility>

#include "opt/codes.h"
#include "opt/passes.h"
#include "opt/vectorize_body.h"
#include "opt/vectorize_reduce.h"
#include "opt/vectorize_row.h"

namespace exprjit {

namespace {

using namespace vectorizing;

// A body of so many instructions is not worth a second copy for the rows that are left over: all groups are masked.
constexpr uint32_t kLargeBody = 80;
// Local arrays that reductions may take, of the 64 KiB that a function may have.
constexpr uint64_t kMostLocalBytes = 60 * 1024;

// A CPU's window of instructions that wait holds about so many: a body of this cost fills it alone.
constexpr uint32_t kWindow = 224;
// Beyond, making the loop costs more than two groups save.
constexpr uint32_t kMostPaired = 1024;

// How often the body of a map is repeated: enough to keep the machine busy.
uint32_t unroll_of(uint32_t cost) { return cost <= 8 ? 4 : cost <= 20 ? 2 : 1; }

// A predicate that is always true is never looked at.
void add_root(std::vector<Slice::Root>& roots, const Function& f, uint32_t result) {
    const Node& n = f[f.operands(f.size() - 1)[result]];
    if (n.op != Op::Const || n.type != kBool || n.imm != 1) roots.push_back({result, true});
}

std::vector<Slice::Root> roots_of(const Function& f, std::span<const RowSink> sinks) {
    std::vector<Slice::Root> roots;
    for (const RowSink& sink : sinks) {
        if (sink.is_reduction) {
            add_root(roots, f, sink.value);
            add_root(roots, f, sink.predicate);
        } else {
            roots.push_back({sink.value, true});
        }
    }
    return roots;
}

Accumulator::Kind accumulated(ReduceKind kind) {
    switch (kind) {
    case ReduceKind::Sum:
    case ReduceKind::Deviations: return Accumulator::Kind::Sum;
    case ReduceKind::Prod: return Accumulator::Kind::Prod;
    case ReduceKind::Min: return Accumulator::Kind::Min;
    case ReduceKind::Max: return Accumulator::Kind::Max;
    case ReduceKind::Count: return Accumulator::Kind::Count;
    case ReduceKind::ArgMin: return Accumulator::Kind::ArgMin;
    case ReduceKind::ArgMax: return Accumulator::Kind::ArgMax;
    }
    return Accumulator::Kind::Sum;
}

// Writes the loop function into scratch.spare and puts it in the row function's place.
class LoopWriter {
  public:
    LoopWriter(Program& program, std::span<const RowInput> inputs, std::span<const RowSink> sinks, int lane_log2,
               const RowTarget& target, const RowAnalysis& row, Slice slice, PassScratch& scratch)
        : program_(program), f_(program.entry()), sinks_(sinks), target_(target), spare_(scratch.spare),
          b_(scratch.builder), lanes_(int64_t{1} << lane_log2), row_(row), inputs_(inputs), slice_(std::move(slice)) {
        begin();
        body_.emplace(b_, f_, row, inputs, lane_log2, first_row_);
    }
    Result<void> run();

  private:
    void begin();
    void write_group(const Group& group, bool streams);
    void write_pair(Group first, bool streams);
    void store(BodyWriter& body, const Group& group, bool streams);
    Group masked(Group group);
    bool is_long_chain(uint32_t cost) const;
    void masked_group(ValueId index);
    void map();
    ValueId full_groups(uint32_t unroll);
    Result<void> reduce();
    size_t accumulator(Accumulator a);
    ValueId mean_of(ValueId sum, ValueId count);
    void reduce_deviations(ReductionWriter& writer);
    void give_results();

    Program& program_;
    const Function& f_;
    std::span<const RowSink> sinks_;
    const RowTarget& target_;
    Function& spare_;
    Builder& b_;
    int64_t lanes_;
    const RowAnalysis& row_;
    std::span<const RowInput> inputs_;
    Slice slice_;
    std::optional<BodyWriter> body_;
    std::vector<ValueId> addresses_;  // per sink: of a store, where its first element goes
    ValueId first_row_ = kNoValue, row_count_ = kNoValue;

    // What reductions need of each sink: indices of accumulators.
    struct Parts {
        size_t main = 0;
        size_t count = 0;    // of deviations
        size_t squares = 0;  // of deviations, in squares_
    };
    std::vector<Parts> parts_;
    std::vector<Accumulator> accumulators_, squares_;
};

void LoopWriter::begin() {
    spare_.clear();
    spare_.name = f_.name;
    b_.reset(spare_);
    for (size_t k = 0; k < inputs_.size(); ++k)
        b_.param(inputs_[k].uniform ? f_.params[k].type : kI64, f_.params[k].name);
    for (const RowSink& sink : sinks_) {
        const bool stores = !sink.is_reduction;
        addresses_.push_back(stores ? b_.param(kI64, "to" + std::to_string(addresses_.size())) : kNoValue);
    }
    first_row_ = b_.param(kI64, "first_row");
    row_count_ = b_.param(kI64, "rows");
}

Result<void> LoopWriter::run() {
    body_->hoist(slice_);
    const bool reduces = std::any_of(sinks_.begin(), sinks_.end(), [](const RowSink& s) { return s.is_reduction; });
    if (reduces) {
        if (Result<void> done = reduce(); !done) return done;
        give_results();
    } else {
        map();
        b_.ret(std::span<const ValueId>());
    }
    std::swap(program_.entry(), spare_);
    return {};
}

// ---- Groups

// All checks of a group come before its stores, so that the rows of a failing group are not stored.
void LoopWriter::write_group(const Group& group, bool streams) {
    body_->write(slice_, group);
    store(*body_, group, streams);
}

// The group and the next one, whose nodes alternate. If they are masked, the second one may be empty.
void LoopWriter::write_pair(Group first, bool streams) {
    BodyWriter twin = *body_;
    Group second = first;
    second.shift += lanes_;
    if (first.mask != kNoValue) second = masked(second);
    BodyWriter::write(slice_, *body_, first, twin, second);
    store(*body_, first, streams);
    store(twin, second, streams);
}

void LoopWriter::store(BodyWriter& body, const Group& group, bool streams) {
    // A result may be a column as it is, which is loaded here; a store before it could overwrite it, in place.
    for (const RowSink& sink : sinks_) {
        body.result(sink.value);
        if (sink.is_reduction) body.result(sink.predicate);
    }
    for (size_t k = 0; k < sinks_.size(); ++k) {
        const RowSink& sink = sinks_[k];
        if (sink.is_reduction) continue;
        const bool masks = group.masks_access && group.mask != kNoValue;
        const ValueId operands[4] = {addresses_[k], body.offset(group, byte_size(sink.storage)),
                                     body.result(sink.value), group.mask};
        b_.append(Op::StoreRaw, kVoid, {operands, masks ? 4u : 3u}, raw_imm(sink.storage, streams && sink.streaming));
    }
}

// The group at `index`, which may be partial. Where nothing needs to know that, its loads and stores reach into
// padding.
void LoopWriter::masked_group(ValueId index) {
    Group group{index};
    write_group(target_.masked || slice_.has_checks() ? masked(group) : group, false);
}

Group LoopWriter::masked(Group group) {
    const ValueId left = b_.binary(Op::Sub, row_count_, body_->offset(group, 1));
    group.mask = b_.append(Op::LaneMask, body_->in_lanes(Scalar::Bool), {&left, 1});
    group.masks_access = target_.masked;
    return group;
}

// The number of rows in whole trips of `unroll` groups.
ValueId LoopWriter::full_groups(uint32_t unroll) { return b_.binary(Op::And, row_count_, b_.i64(-(lanes_ * unroll))); }

// ---- Maps

// Whether instructions mostly wait for each other, so that two groups side by side are up to a third faster: the window holds
// too few groups to hide a long chain of operations. Where several chains stand side by side, as in a sum of functions,
// they hide each other. Two groups want the registers that only AVX-512 has.
bool LoopWriter::is_long_chain(uint32_t cost) const {
    if (!target_.masked || cost > kMostPaired || slice_.has_loops() || slice_.has_checks()) return false;
    return cost >= kWindow || slice_.longest_chain() * 6 > cost * 5;
}

void LoopWriter::map() {
    const ValueId zero = b_.i64(0), group_step = b_.i64(lanes_);
    const uint32_t cost = slice_.cost() + static_cast<uint32_t>(sinks_.size());
    const uint64_t polls = row_loop_imm(slice_, lanes_);
    if (lanes_ == 1) {
        const ValueId loop = b_.begin_for(zero, row_count_, group_step, {}, polls);
        write_group({loop + 1}, true);
        b_.yield({});
        b_.end_loop();
        return;
    }
    uint32_t unroll = unroll_of(cost);
    const bool in_pairs = unroll == 1 && is_long_chain(cost);
    const bool pads = !target_.masked && !slice_.has_checks();  // then a partial group is like any other
    const bool streams = std::any_of(sinks_.begin(), sinks_.end(), [](const RowSink& s) { return s.streaming; });
    if (unroll == 1 && (pads || (cost > kLargeBody && !streams))) {
        const ValueId loop = b_.begin_for(zero, row_count_, in_pairs ? b_.i64(2 * lanes_) : group_step, {}, polls);
        if (in_pairs)
            write_pair(masked({loop + 1}), false);
        else if (pads)
            write_group({loop + 1}, true);
        else
            masked_group(loop + 1);
        b_.yield({});
        b_.end_loop();
        return;
    }
    if (in_pairs) unroll = 2;
    const ValueId full = full_groups(unroll);
    const ValueId loop = b_.begin_for(zero, full, b_.i64(lanes_ * unroll), {}, polls);
    if (in_pairs) {
        write_pair({loop + 1}, true);
    } else {
        for (uint32_t k = 0; k < unroll; ++k) write_group({loop + 1, lanes_ * k}, true);
    }
    b_.yield({});
    b_.end_loop();
    if (unroll == 1) {
        b_.begin_if(b_.binary(Op::Lt, full, row_count_));
        masked_group(full);
        b_.yield({});
        b_.begin_else();
        b_.yield({});
        b_.end_if({});
        return;
    }
    const ValueId rest = b_.begin_for(full, row_count_, group_step, {}, polls);
    masked_group(rest + 1);
    b_.yield({});
    b_.end_loop();
}

// ---- Reductions

// Its index; equal ones are shared, as the sum and the count of a mean and a variance.
size_t LoopWriter::accumulator(Accumulator a) {
    const auto at = std::find(accumulators_.begin(), accumulators_.end(), a);
    if (at == accumulators_.end()) {
        accumulators_.push_back(a);
        return accumulators_.size() - 1;
    }
    return static_cast<size_t>(at - accumulators_.begin());
}

Result<void> LoopWriter::reduce() {
    parts_.resize(sinks_.size());
    uint64_t local_bytes = 0;
    for (size_t k = 0; k < sinks_.size(); ++k) {
        const RowSink& sink = sinks_[k];
        if (!sink.is_reduction) continue;
        Accumulator main{accumulated(sink.kind), f_.results[sink.value].scalar(), sink.value, sink.predicate};
        // Counting needs one condition where the other is always true.
        if (main.kind == Accumulator::Kind::Count && body_->result_is(main.value, 1)) main.value = main.predicate;
        if (main.kind == Accumulator::Kind::Count && body_->result_is(main.predicate, 1)) main.predicate = main.value;
        parts_[k].main = accumulator(main);
        if (sink.kind != ReduceKind::Deviations) continue;
        parts_[k].count = accumulator({Accumulator::Kind::Count, Scalar::Bool, sink.predicate, sink.predicate});
        local_bytes += kVirtualLaneBytes;  // of the second pass
    }
    for (const Accumulator& a : accumulators_) local_bytes += a.is_ordered() ? kVirtualLaneBytes : 0;
    if (local_bytes > kMostLocalBytes)
        return fail(Status::Limit, opt_codes::kLocalsGrow,
                    "the reductions of one pass need more than " + std::to_string(kMostLocalBytes) + " bytes",
                    "compute fewer sums and products in one expression");
    ReductionWriter writer(b_, *body_, target_, row_count_);
    ReductionWriter::GroupWork stores;
    if (std::any_of(sinks_.begin(), sinks_.end(), [](const RowSink& s) { return !s.is_reduction; }))
        stores = [this](const Group& group) { store(*body_, group, true); };
    writer.run(accumulators_, slice_, stores);
    reduce_deviations(writer);
    return {};
}

// The second pass over the block, for the squares: of the row function it needs those values only, and no check again.
void LoopWriter::reduce_deviations(ReductionWriter& writer) {
    std::vector<Slice::Root> roots;
    for (size_t k = 0; k < sinks_.size(); ++k) {
        const RowSink& sink = sinks_[k];
        if (!sink.is_reduction || sink.kind != ReduceKind::Deviations) continue;
        const ValueId count = accumulators_[parts_[k].count].results[0];
        Accumulator squares{Accumulator::Kind::Squares, Scalar::F64, sink.value, sink.predicate};
        squares.mean = mean_of(accumulators_[parts_[k].main].results[0], count);
        parts_[k].squares = squares_.size();
        squares_.push_back(squares);
        add_root(roots, f_, sink.value);
        add_root(roots, f_, sink.predicate);
    }
    if (squares_.empty()) return;
    const Slice slice(f_, row_, roots, false);
    writer.run(squares_, slice, {});
}

ValueId LoopWriter::mean_of(ValueId sum, ValueId count) {
    const ValueId none = b_.binary(Op::Eq, count, b_.i64(0));
    const ValueId mean = b_.binary(Op::Div, sum, b_.to(Op::IntToFloat, Scalar::F64, count));
    return b_.select(none, b_.f64(0), mean);
}

void LoopWriter::give_results() {
    std::vector<ValueId> results;
    for (size_t k = 0; k < sinks_.size(); ++k) {
        if (!sinks_[k].is_reduction) continue;
        const Accumulator& main = accumulators_[parts_[k].main];
        if (sinks_[k].kind == ReduceKind::Deviations) {
            const Accumulator& squares = squares_[parts_[k].squares];
            results.push_back(accumulators_[parts_[k].count].results[0]);
            results.push_back(squares.mean);
            results.push_back(squares.results[0]);
            continue;
        }
        results.push_back(main.results[0]);
        if (main.is_arg()) results.push_back(main.results[1]);
    }
    for (const ValueId v : results) spare_.results.push_back(b_.type_of(v));
    b_.ret(results);
}

bool returns_early(const Function& f) {
    for (ValueId v = 0; v + 1 < f.size(); ++v) {
        if (f[v].op == Op::Return) return true;
    }
    return false;
}

// Makes the row function the callee of one that returns its results, and inlines it: its returns become breaks.
Result<void> return_at_the_end(Program& program, PassScratch& scratch) {
    Function outer;
    outer.name = program.entry().name;
    outer.results = program.entry().results;
    scratch.builder.reset(outer);
    std::vector<ValueId> values;
    for (const Param& p : program.entry().params) values.push_back(scratch.builder.param(p.type, p.name));
    const ValueId call = scratch.builder.append(Op::Call, outer.results.empty() ? kVoid : outer.results[0], values, 1);
    values.clear();
    for (uint32_t k = 0; k < outer.results.size(); ++k) {
        if (k > 0) scratch.builder.append(Op::Result, outer.results[k], {}, k);
        values.push_back(call + k);
    }
    scratch.builder.ret(values);
    program.functions.insert(program.functions.begin(), std::move(outer));
    const Limits limits;
    PassContext context{program, limits, scratch, 0, OpSet::of(program)};
    return inline_calls(context);
}

// Of a function that can use lanes.
int most_lanes_log2(const Function& f, std::span<const RowSink> sinks, const RowTarget& target, const Slice& slice) {
    // Masks of more lanes than 32-bit values have are of no use.
    size_t widest = std::max(size_t{4}, slice.widest_bytes());
    for (const RowSink& sink : sinks) {
        widest = std::max(widest, byte_size(f.results[sink.value].scalar()));
        const bool has_rows = sink.kind == ReduceKind::ArgMin || sink.kind == ReduceKind::ArgMax;
        if (sink.is_reduction && has_rows) widest = std::max(widest, byte_size(Scalar::I64));
    }
    return std::countr_zero(static_cast<size_t>(target.vector_bytes) / widest);
}

Slice slice_of(const Function& f, const RowAnalysis& row, std::span<const RowSink> sinks) {
    return Slice(f, row, roots_of(f, sinks), true);
}

}  // namespace

int choose_lane_log2(const Program& row_function, std::span<const RowInput> inputs, std::span<const RowSink> sinks,
                     const RowTarget& target) {
    if (target.vector_bytes == 0) return 0;
    const Function& f = row_function.entry();
    const RowAnalysis row(f, inputs, true);
    return row.can_use_lanes() ? most_lanes_log2(f, sinks, target, slice_of(f, row, sinks)) : 0;
}

Result<void> vectorize(Program& program, std::span<const RowInput> inputs, std::span<const RowSink> sinks,
                       int lane_log2, const RowTarget& target, PassScratch& scratch) {
    if (returns_early(program.entry())) {
        if (Result<void> done = return_at_the_end(program, scratch); !done) return done;
    }
    const Function& f = program.entry();
    std::optional<RowAnalysis> row(std::in_place, f, inputs, lane_log2 != 0);
    // Scalar code is right for every target, should a caller ask for lanes that choose_lane_log2() did not offer.
    assert(lane_log2 == 0 || row->can_use_lanes());
    if (!row->can_use_lanes()) lane_log2 = 0;
    if (lane_log2 == 0) row.emplace(f, inputs, false);
    return LoopWriter(program, inputs, sinks, lane_log2, target, *row, slice_of(f, *row, sinks), scratch).run();
}

Result<int> vectorize_widest(Program& program, std::span<const RowInput> inputs, std::span<const RowSink> sinks,
                             const RowTarget& target, PassScratch& scratch) {
    const Function& f = program.entry();
    if (target.vector_bytes != 0 && !returns_early(f)) {
        const RowAnalysis row(f, inputs, true);
        if (row.can_use_lanes()) {
            Slice slice = slice_of(f, row, sinks);
            if (const int lane_log2 = most_lanes_log2(f, sinks, target, slice); lane_log2 != 0) {
                LoopWriter writer(program, inputs, sinks, lane_log2, target, row, std::move(slice), scratch);
                if (Result<void> done = writer.run(); !done) return done.take_failure();
                return lane_log2;
            }
        }
    }
    const int lane_log2 = choose_lane_log2(program, inputs, sinks, target);
    if (Result<void> done = vectorize(program, inputs, sinks, lane_log2, target, scratch); !done)
        return done.take_failure();
    return lane_log2;
}

}  // namespace exprjit
