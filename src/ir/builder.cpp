// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ir/builder.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "support/compile_watch.h"

namespace exprjit {

namespace {

// A node with inline operands as four words. Made in registers: a node written field by field and read back by the word
// would wait for the store buffer every time.
Words words_of(Op op, Type type, std::span<const ValueId> operands, uint64_t imm) {
    const uint64_t none = kNoValue;
    const uint64_t a = !operands.empty() ? operands[0] : none;
    const uint64_t b = operands.size() > 1 ? operands[1] : none;
    const uint64_t c = operands.size() > 2 ? operands[2] : none;
    return {
        {static_cast<uint64_t>(op) | operands.size() << 16 | static_cast<uint64_t>(std::bit_cast<uint32_t>(type)) << 32,
         a | b << 32, c | uint64_t{UINT32_MAX} << 32, imm}};
}
static_assert(sizeof(Words) == sizeof(Node) && offsetof(Node, operand_count16) == 2 && offsetof(Node, type) == 4 &&
              offsetof(Node, inline_operands) == 8 && offsetof(Node, link) == 20 && offsetof(Node, imm) == 24);

// Multiply-and-fold mixing over the node's bytes; the table is per compile, so it needs spread, not resistance to attack:
// find() gives up on what collides too often, and equal hashes compare in full.
inline uint32_t hash_words(const Words& a) {
    const uint64_t x = (a.w[0] ^ 0x9e3779b97f4a7c15u) * (a.w[1] ^ 0xff51afd7ed558ccdu);
    const uint64_t y = (a.w[2] ^ 0xc4ceb9fe1a85ec53u) + a.w[3] * 0x9e3779b97f4a7c15u;
    const uint64_t h = (x ^ (x >> 32) ^ y) * 0xd6e8feb86659fd93u;
    return static_cast<uint32_t>(h >> 32);
}

inline bool same_words(const Node& node, const Words& words) {
    uint64_t differs = 0;
    for (size_t k = 0; k < std::size(words.w); ++k) {
        uint64_t w;
        std::memcpy(&w, reinterpret_cast<const char*>(&node) + k * sizeof w, sizeof w);
        differs |= w ^ words.w[k];
    }
    return differs == 0;
}

// Nodes that may be shared: no effect, no structure, no dependence on memory, a single result. With at most three
// operands a node's bytes say all of it; calls of the host's functions that have more are not shared.
struct PureTable {
    bool of[kOpCount];
    PureTable() {
        for (int i = 0; i < kOpCount; ++i) of[i] = is_pure(static_cast<Op>(i));
    }
    static bool is_pure(Op op) {
        const OpInfo& i = info(op);
        if (i.has(kEffect) || i.has(kReads) || i.has(kMulti)) return false;
        if (i.is_value()) return true;
        switch (op) {
        case Op::Const:
        case Op::Len:
        case Op::Table:
        case Op::Any:
        case Op::Splat:
        case Op::Extract:
        case Op::Iota:
        case Op::Base:
        case Op::Stride:
        case Op::LaneMask:
        case Op::CountLanes:
        case Op::Reduce:
        case Op::NativePure: return true;
        default: return false;
        }
    }
};
const PureTable kPure;

// Slots of a new table, and of the largest one that is kept for the next function (16 KiB, half an L1 cache).
constexpr size_t kSmallTable = 64;
constexpr size_t kLargestKept = 2048;
constexpr size_t kSparseNodes = 32'768;

// A node that is not found in so many steps is not shared. Honest programs hardly ever get there in a table two thirds
// full; a text can be written so that all its nodes collide, and must not make the search quadratic.
constexpr int kMostSteps = 64;
constexpr uint32_t kNoSlot = UINT32_MAX;

}  // namespace

ValueId ConsTable::find(const Function& f, const Words& n, uint32_t hash, uint32_t& slot) {
    if (log_.size() * 3 >= slots_.size() * 2) grow_to(slots_.empty() ? kSmallTable : slots_.size() * 2);
    const Node* nodes = f.nodes.data();
    uint32_t s = hash & mask_;
    for (int steps = 0; steps < kMostSteps; ++steps, s = (s + 1) & mask_) {
        const Entry& e = slots_[s];
        if (e.value == kNoValue) {
            slot = s;
            return kNoValue;
        }
        if (e.hash == hash && same_words(nodes[e.value], n)) return e.value;
    }
    slot = kNoSlot;
    return kNoValue;
}

void ConsTable::insert(uint32_t slot, ValueId v, uint32_t hash) {
    if (slot == kNoSlot) return;
    log_.push_back(
        {slot, {v, hash}});  // first: if memory runs out here, the table must not keep what the log does not know
    slots_[slot] = {v, hash};
}

void ConsTable::release(size_t mark) {
    while (log_.size() > mark) {
        slots_[log_.back().slot] = Entry{};
        log_.pop_back();
    }
}

void ConsTable::clear() {
    if (slots_.size() <= kLargestKept) return release(0);
    slots_ = {};
    log_ = {};
}

void ConsTable::reserve(size_t nodes) {
    // Sparse while the table fits a second-level cache, denser beyond it: then misses cost more than steps.
    const size_t wanted = std::bit_ceil((nodes <= kSparseNodes ? nodes * 2 : nodes + nodes / 4) + 1);
    if (wanted > kLargestKept && wanted > slots_.size()) grow_to(wanted);
}

void ConsTable::grow_to(size_t size) {
    if (size > kPollStep) poll_compile();  // a large table takes milliseconds to make
    slots_.assign(size, Entry{});
    mask_ = static_cast<uint32_t>(size - 1);
    size_t steps = 0;
    for (Logged& l : log_) {  // in order of insertion, so that release() still undoes the newest first
        poll_compile_at(steps++);
        uint32_t s = l.entry.hash & mask_;
        while (slots_[s].value != kNoValue) s = (s + 1) & mask_;
        slots_[s] = l.entry;
        l.slot = s;
    }
}

void Builder::reset(Function& f) {
    f_ = &f;
    cons_.clear();
    regions_.clear();
    span_ = kNoSpan;
    has_spans_ = !f.spans.empty();
}

void Builder::reserve(size_t nodes) {
    f_->nodes.reserve(nodes);
    cons_.reserve(nodes);
}

void Builder::at(Span span) {
    span_ = span;
    if (span.valid() && !has_spans_) {
        has_spans_ = true;
        f_->spans.resize(f_->nodes.size());
    }
}

ValueId Builder::push(Op op, Type type, std::span<const ValueId> operands, uint64_t imm) {
    const ValueId v = f_->size();
    poll_compile_at(v);
    Node& n = f_->nodes.emplace_back();
    n.op = op;
    n.type = type;
    n.imm = imm;
    if (operands.size() <= 3) {
        n.operand_count16 = static_cast<uint16_t>(operands.size());
        for (size_t i = 0; i < operands.size(); ++i) n.inline_operands[i] = operands[i];
    } else {
        n.operand_count16 = kManyOperands;
        n.inline_operands[0] = static_cast<ValueId>(f_->lists.size());
        n.inline_operands[1] = static_cast<ValueId>(operands.size());
        // `operands` may point into `lists` itself (a pass copying a node in place); reserve first, then copy by value.
        const size_t at = f_->lists.size();
        const bool aliases = operands.data() >= f_->lists.data() && operands.data() < f_->lists.data() + at;
        const size_t offset = aliases ? static_cast<size_t>(operands.data() - f_->lists.data()) : 0;
        f_->lists.resize(at + operands.size());
        const ValueId* from = aliases ? f_->lists.data() + offset : operands.data();
        std::memcpy(f_->lists.data() + at, from, operands.size() * sizeof(ValueId));
    }
    if (has_spans_) f_->spans.push_back(span_);
    return v;
}

ValueId Builder::param(Type type, std::string_view name) {
    const uint64_t index = f_->params.size();
    assert(f_->nodes.size() == index && "params come first");
    f_->params.push_back({std::string(name), type});
    return push(Op::Param, type, {}, index);
}

// Everything inlined, so that the words stay in registers: read back as a whole from where they were stored one by one, they
// would wait for the store buffer.
[[gnu::flatten]] ValueId Builder::append(Op op, Type type, std::span<const ValueId> operands, uint64_t imm) {
    if (!kPure.of[static_cast<int>(op)] || operands.size() > 3) return push(op, type, operands, imm);
    const Words n = words_of(op, type, operands, imm);
    const uint32_t hash = hash_words(n);
    uint32_t slot = 0;
    const ValueId found = cons_.find(*f_, n, hash, slot);
    if (found != kNoValue) return found;
    const ValueId v = f_->size();
    poll_compile_at(v);
    char* const node = reinterpret_cast<char*>(&f_->nodes.emplace_back());
    for (size_t k = 0; k < std::size(n.w); ++k) std::memcpy(node + k * sizeof n.w[k], &n.w[k], sizeof n.w[k]);
    if (has_spans_) f_->spans.push_back(span_);
    cons_.insert(slot, v, hash);
    return v;
}

ValueId Builder::constant(Type type, uint64_t bits) { return append(Op::Const, type, {}, bits); }

ValueId Builder::splat(Type to, ValueId scalar) {
    return to.is_scalar() ? scalar : append(Op::Splat, to, {&scalar, 1});
}

ValueId Builder::number(Type like, double d) {
    ValueId c = kNoValue;
    switch (like.scalar()) {
    case Scalar::Bool: c = boolean(d != 0); break;
    case Scalar::I32: c = i32(static_cast<int32_t>(d)); break;
    case Scalar::I64: c = i64(static_cast<int64_t>(d)); break;
    case Scalar::F32: c = f32(static_cast<float>(d)); break;
    case Scalar::F64: c = f64(d); break;
    }
    return splat(like, c);
}

ValueId Builder::value(Op op, std::span<const ValueId> operands, Scalar u, uint64_t imm) {
    const OpInfo& i = info(op);
    assert(i.is_value() && operands.size() == static_cast<size_t>(i.arity));
    // T is the type of the first operand that the signature writes as T: the second of Select, else the first.
    const Type t = type_of(operands[i.signature[0] == 'B' ? 1 : 0]);
    const ValueId v = append(op, result_type(op, t, u), operands, imm);
    if (i.has(kMulti)) push(Op::Result, t.with(Scalar::Bool), {}, 1);
    return v;
}

void Builder::take_back(const Mark& mark) {
    cons_.release(mark.cons);
    f_->nodes.erase(f_->nodes.begin() + static_cast<ptrdiff_t>(mark.nodes), f_->nodes.end());
    f_->lists.resize(mark.lists);
    if (has_spans_) f_->spans.resize(mark.nodes);
}

void Builder::open(ValueId opener) { regions_.push_back({opener, cons_.mark()}); }

void Builder::close() {
    cons_.release(regions_.back().cons_mark);
    regions_.pop_back();
}

ValueId Builder::push_results(ValueId first, std::span<const Type> types) {
    if (!types.empty()) f_->nodes[first].type = types[0];
    for (size_t k = 1; k < types.size(); ++k) push(Op::Result, types[k], {}, k);
    return first;
}

ValueId Builder::begin_if(ValueId cond, uint64_t imm) {
    const ValueId v = push(Op::If, kVoid, {&cond, 1}, imm);
    open(v);
    return v;
}

void Builder::begin_else() {
    const ValueId opener = regions_.back().opener;
    close();
    const ValueId v = push(Op::Else, kVoid, {}, 0);
    f_->nodes[opener].link = v;
    open(opener);
}

ValueId Builder::end_if(std::span<const Type> results) {
    const ValueId opener = regions_.back().opener;
    close();
    const ValueId v = push(Op::EndIf, kVoid, {}, 0);
    f_->nodes[v].link = opener;
    f_->nodes[f_->nodes[opener].link].link = v;
    return push_results(v, results);
}

ValueId Builder::begin_for(ValueId lo, ValueId hi, ValueId step, std::span<const ValueId> inits, uint64_t imm) {
    std::vector<ValueId> operands{lo, hi, step};
    operands.insert(operands.end(), inits.begin(), inits.end());
    const ValueId v = push(Op::For, kVoid, operands, imm);
    open(v);
    push(Op::Index, kI64, {}, 0);
    for (size_t k = 0; k < inits.size(); ++k) push(Op::Carried, type_of(operands[3 + k]), {}, k);
    return v;
}

ValueId Builder::begin_loop(std::span<const ValueId> inits) {
    const std::vector<ValueId> operands(inits.begin(), inits.end());
    const ValueId v = push(Op::Loop, kVoid, operands, 0);
    open(v);
    for (size_t k = 0; k < operands.size(); ++k) push(Op::Carried, type_of(operands[k]), {}, k);
    return v;
}

ValueId Builder::end_loop() {
    const ValueId opener = regions_.back().opener;
    close();
    const bool is_for = f_->nodes[opener].op == Op::For;
    types_scratch_.clear();
    const auto inits = f_->operands(opener).subspan(is_for ? 3 : 0);
    for (const ValueId init : inits) types_scratch_.push_back(type_of(init));
    const ValueId v = push(is_for ? Op::EndFor : Op::EndLoop, kVoid, {}, 0);
    f_->nodes[v].link = opener;
    f_->nodes[opener].link = v;
    return push_results(v, types_scratch_);
}

void Builder::yield(std::span<const ValueId> values) {
    const ValueId v = push(Op::Yield, kVoid, values, 0);
    f_->nodes[v].link = regions_.back().opener;
}

void Builder::terminate_loop(Op op, uint32_t depth, std::span<const ValueId> values) {
    uint32_t seen = 0;
    for (size_t r = regions_.size(); r-- > 0;) {
        const ValueId opener = regions_[r].opener;
        if (f_->nodes[opener].op == Op::If || seen++ != depth) continue;
        const ValueId v = push(op, kVoid, values, depth);
        f_->nodes[v].link = opener;
        return;
    }
    assert(false && "no such loop");
}

void Builder::break_to(uint32_t depth, std::span<const ValueId> values) { terminate_loop(Op::Break, depth, values); }
void Builder::continue_to(uint32_t depth, std::span<const ValueId> values) {
    terminate_loop(Op::Continue, depth, values);
}

void Builder::ret(std::span<const ValueId> values) { push(Op::Return, kVoid, values, 0); }

ValueId Builder::check(ValueId cond, CheckCode code, uint32_t site, ValueId row) {
    const ValueId operands[2] = {cond, row};
    return push(Op::Check, kVoid, {operands, row == kNoValue ? 1u : 2u}, check_imm(code, site));
}

ValueId Builder::reduce(ReduceKind kind, ValueId value, ValueId predicate) {
    assert((reduced_types(kind) & set_of(type_of(value).scalar())) != 0 && type_of(predicate) == kBool);
    const ValueId operands[2] = {value, predicate};
    return append(Op::Reduce, reduced_result(kind, type_of(value).scalar()), operands, static_cast<uint64_t>(kind));
}

ValueId Builder::load(ValueId array, std::span<const ValueId> indices, bool known_inside) {
    ValueId operands[1 + kMaxRank] = {array};
    std::copy(indices.begin(), indices.end(), operands + 1);
    return push(Op::Load, widened(type_of(array).storage()), {operands, 1 + indices.size()}, known_inside);
}

void Builder::store(ValueId array, std::span<const ValueId> indices, ValueId value, bool known_inside) {
    ValueId operands[2 + kMaxRank] = {array};
    std::copy(indices.begin(), indices.end(), operands + 1);
    operands[1 + indices.size()] = value;
    push(Op::Store, kVoid, {operands, 2 + indices.size()}, known_inside);
}

}  // namespace exprjit
