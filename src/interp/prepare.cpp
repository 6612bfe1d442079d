// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From IR to instructions in two walks: give every value its slots, then emit, with jumps in place of regions. The
// results of a loop share the slots of its carried values, so leaving a loop moves nothing that is already there.
#include "interp/prepare.h"
#include "support/compile_watch.h"

#include <cassert>

namespace exprjit::interp {

namespace {

constexpr uint32_t kNone = UINT32_MAX;

uint32_t slots_of(Type type) {
    if (type.is_void()) return 0;
    return type.is_array() ? 1 : static_cast<uint32_t>(type.lane_count());
}

class Preparation {
  public:
    Preparation(const Program& program, uint32_t index, std::span<const ArrayDescriptor> tables)
        : f_(program.functions[index]), natives_(program.natives), tables_(tables) {}

    FunctionCode run() {
        assign_slots();
        // A frame beyond the bound is never entered (see Interpreter::run), so it needs no code, only its size.
        if (next_slot_ <= kMaxStackSlots) {
            out_.instructions.reserve(f_.size() + 8);
            for (ValueId v = static_cast<ValueId>(f_.params.size()); v < f_.size(); ++v) {
                poll_compile_at(v);
                emit(v);
            }
        }
        out_.frame_slots = static_cast<uint32_t>(next_slot_ <= kMaxStackSlots ? next_slot_ : kMaxStackSlots + 1);
        // Only now is the frame's size known: parallel moves and local arrays were still adding to it.
        for (const uint32_t at : calls_) out_.instructions[at].imm |= static_cast<uint64_t>(out_.frame_slots) << 32;
        return std::move(out_);
    }

  private:
    // An open region. Jumps to its end form a chain through their imm until the end is known.
    struct Open {
        ValueId opener;
        uint32_t branch = kNone;   // of an If: the jump to its else arm
        uint32_t exits = kNone;    // chain of jumps to the end
        uint32_t body = 0;         // of a loop: its first instruction
        uint32_t temporaries = 0;  // of a loop: slots for parallel moves, 0 until one needs them
    };

    // ---- Slots

    uint64_t take(uint64_t count) {
        const uint64_t first = next_slot_;
        next_slot_ += count;
        return first;
    }

    void give(ValueId v) { slot_[v] = static_cast<uint32_t>(take(slots_of(f_[v].type))); }

    void assign_slots() {
        slot_.assign(f_.size(), 0);
        const ValueId params = static_cast<ValueId>(f_.params.size());
        for (ValueId v = 0; v < params; ++v) give(v);
        out_.param_slots = static_cast<uint32_t>(next_slot_ - kHeaderSlots);
        out_.constants_at = static_cast<uint32_t>(next_slot_);
        for (ValueId v = params; v < f_.size(); ++v) {
            const Node& n = f_[v];
            if (n.op == Op::Const)
                add_constant(v, n.imm, slots_of(n.type));
            else if (n.op == Op::Table)
                add_constant(v, from_address(&tables_[n.imm]), 1);
        }
        for (ValueId v = params; v < f_.size(); ++v) {
            const Node& n = f_[v];
            if (n.op == Op::Const || n.op == Op::Table) continue;
            if (n.op == Op::EndFor || n.op == Op::EndLoop) {
                const ValueId carried = first_carried(n.link);
                const uint32_t count = carried_count(n.link);
                for (uint32_t k = 0; k < count; ++k) slot_[v + k] = slot_[carried + k];
                if (count > 1) v += count - 1;
                continue;
            }
            give(v);
            if (n.op == Op::Index) take(1);  // trips left
        }
    }

    // The same bits in every lane.
    void add_constant(ValueId v, Slot bits, uint32_t lanes) {
        slot_[v] = static_cast<uint32_t>(take(lanes));
        out_.constants.insert(out_.constants.end(), lanes, bits);
    }

    ValueId first_carried(ValueId opener) const { return opener + (f_[opener].op == Op::For ? 2 : 1); }
    uint32_t carried_count(ValueId opener) const {
        return static_cast<uint32_t>(f_.operands(opener).size()) - (f_[opener].op == Op::For ? 3 : 0);
    }

    // ---- Instructions

    uint32_t here() const { return static_cast<uint32_t>(out_.instructions.size()); }

    Instruction& add(Handler run, uint32_t dst = 0, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0, uint64_t imm = 0) {
        return out_.instructions.emplace_back(Instruction{run, dst, a, b, c, imm});
    }

    void aim(uint32_t at, uint32_t target) {
        out_.instructions[at].imm = static_cast<uint64_t>(static_cast<int64_t>(target) - static_cast<int64_t>(at));
    }

    void link_exit(Open& region, uint32_t at) {
        out_.instructions[at].imm = region.exits;
        region.exits = at;
    }

    void aim_exits(const Open& region) {
        for (uint32_t at = region.exits; at != kNone;) {
            const auto next = static_cast<uint32_t>(out_.instructions[at].imm);
            aim(at, here());
            at = next;
        }
    }

    void jump_to_end(Open& region) {
        add(&run_jump);
        link_exit(region, here() - 1);
    }

    void move(uint32_t to, uint32_t from, Type type) {
        const uint32_t count = slots_of(type);
        if (count == 1)
            add(&run_move, to, from);
        else
            add(&run_move_lanes, to, from, 0, 0, count);
    }

    uint32_t begin_list() const { return static_cast<uint32_t>(out_.lists.size()); }
    void list(ValueId v) {
        for (uint32_t k = 0; k < slots_of(f_[v].type); ++k) out_.lists.push_back(slot_[v] + k);
    }

    // Gives the carried values of a loop (or its results, which share their slots) new values, all at once: a value
    // that is itself carried may be overwritten by an earlier move, and then everything goes through temporaries.
    void move_to_carried(Open& region, std::span<const ValueId> values) {
        const ValueId first = first_carried(region.opener);
        const auto count = static_cast<uint32_t>(values.size());
        bool overwritten = false;
        for (uint32_t k = 0; k < count; ++k) {
            const ValueId from = values[k];
            overwritten = overwritten || (from >= first && from < first + k);
        }
        if (overwritten && region.temporaries == 0) {
            uint64_t slots = 0;
            for (uint32_t k = 0; k < count; ++k) slots += slots_of(f_[first + k].type);
            region.temporaries = static_cast<uint32_t>(take(slots));
        }
        uint32_t temporary = region.temporaries;
        for (uint32_t k = 0; k < count; ++k) {
            if (values[k] == first + k) continue;
            const Type type = f_[first + k].type;
            move(overwritten ? temporary : slot_[first + k], slot_[values[k]], type);
            temporary += slots_of(type);
        }
        if (!overwritten) return;
        temporary = region.temporaries;
        for (uint32_t k = 0; k < count; ++k) {
            if (values[k] == first + k) continue;
            const Type type = f_[first + k].type;
            move(slot_[first + k], temporary, type);
            temporary += slots_of(type);
        }
    }

    // The back edge. Falls through when a For is done.
    void next_trip(Open& region) {
        const Node& n = f_[region.opener];
        if (n.op == Op::For)
            add(n.imm == kForUnpolled ? &run_for_next_unpolled : &run_for_next, slot_[region.opener + 1],
                slot_[f_.operands(n)[2]]);
        else
            add(&run_loop_next);
        aim(here() - 1, region.body);
    }

    Open& loop_at_depth(uint64_t depth) { return open_[loops_[loops_.size() - 1 - depth]]; }

    uint32_t outer_index() const { return outer_for_ == kNoValue ? 0 : slot_[outer_for_ + 1]; }

    // ---- Nodes

    void open_loop(ValueId v, std::span<const ValueId> inits) {
        const ValueId carried = first_carried(v);
        for (uint32_t k = 0; k < inits.size(); ++k) move(slot_[carried + k], slot_[inits[k]], f_[carried + k].type);
        loops_.push_back(static_cast<uint32_t>(open_.size()));
        open_.push_back({v});
        Open& region = open_.back();
        if (f_[v].op == Op::For) {
            const auto operands = f_.operands(v);
            add(&run_for_enter, slot_[v + 1], slot_[operands[0]], slot_[operands[1]], slot_[operands[2]]);
            link_exit(region, here() - 1);
            if (outer_for_ == kNoValue) outer_for_ = v;
        }
        region.body = here();
    }

    void close_loop() {
        aim_exits(open_.back());
        if (outer_for_ == open_.back().opener) outer_for_ = kNoValue;
        open_.pop_back();
        loops_.pop_back();
    }

    void emit_yield(ValueId v) {
        Open& region = open_.back();
        const auto values = f_.operands(v);
        if (f_[region.opener].op != Op::If) {
            move_to_carried(region, values);
            next_trip(region);
            return;
        }
        const ValueId end = f_[f_[region.opener].link].link;
        for (uint32_t k = 0; k < values.size(); ++k) move(slot_[end + k], slot_[values[k]], f_[end + k].type);
        if (f_[v + 1].op == Op::Else) jump_to_end(region);
    }

    void emit_return(ValueId v) {
        const auto values = f_.operands(v);
        if (values.size() == 1 && slots_of(f_[values[0]].type) == 1) {
            add(&run_return_one, 0, slot_[values[0]]);
            return;
        }
        const uint32_t begin = begin_list();
        for (const ValueId value : values) list(value);
        add(&run_return, 0, begin, begin_list() - begin);
    }

    void emit_call(ValueId v) {
        const uint32_t begin = begin_list();
        for (const ValueId value : f_.operands(v)) list(value);
        add(&run_call, slot_[v], begin, begin_list() - begin, outer_index(), f_[v].imm);
        calls_.push_back(here() - 1);
    }

    void emit_native(ValueId v) {
        const uint32_t begin = begin_list();
        for (const ValueId value : f_.operands(v)) out_.lists.push_back(slot_[value]);
        add(&run_native, slot_[v], begin, slots_of(f_[v].type), 0, from_address(natives_[f_[v].imm].get()));
    }

    void emit_access(ValueId v) {
        const Node& n = f_[v];
        const auto operands = f_.operands(n);
        const Type array = f_[operands[0]].type;
        const bool stores = n.op == Op::Store;
        const ValueId value = stores ? operands.back() : v;
        const int rank = array.rank();
        const int lanes = f_[value].type.lane_count();
        const uint32_t second = rank > 1 ? slot_[operands[2]] : 0, third = rank > 2 ? slot_[operands[3]] : 0;
        const Handler run =
            stores ? store_handler(array.storage(), rank, lanes > 1) : load_handler(array.storage(), rank, lanes > 1);
        add(run, slot_[value], slot_[operands[0]], slot_[operands[1]], second, pack_access(third, lanes, rank));
    }

    void emit_raw(ValueId v) {
        const Node& n = f_[v];
        const auto operands = f_.operands(n);
        const bool stores = n.op == Op::StoreRaw;
        const ValueId value = stores ? operands[2] : v;
        const Storage storage = raw_storage(n.imm);
        const uint32_t own_offsets = f_[operands[1]].type.lane_count() > 1;
        const size_t unmasked = stores ? 3 : 2;
        const uint64_t mask = operands.size() > unmasked ? slot_[operands[unmasked]] : 0;
        add(stores ? store_raw_handler(storage) : load_raw_handler(storage), slot_[value], slot_[operands[0]],
            slot_[operands[1]], own_offsets, slots_of(f_[value].type) | mask << 32);
    }

    void emit_local(ValueId v) {
        const Node& n = f_[v];
        const uint64_t bytes = n.imm * byte_size(n.type.storage());
        const auto descriptor = static_cast<uint32_t>(take(kDescriptorSlots));
        const auto elements = static_cast<uint32_t>(take((bytes + sizeof(Slot) - 1) / sizeof(Slot)));
        add(&run_local, slot_[v], descriptor, elements, static_cast<uint32_t>(n.type.storage()), n.imm);
    }

    void emit_value(ValueId v) {
        const Node& n = f_[v];
        const auto operands = f_.operands(n);
        const Type t = f_[operands[info(n.op).signature[0] == 'B' ? 1 : 0]].type;
        const bool lanes = t.lane_count() > 1;
        const Handler run = value_handler(n.op, t.scalar(), n.type.scalar(), lanes);
        const size_t count = operands.size();
        assert(run && "run the legalising pipeline before the interpreter");
        add(run ? run : &run_unexpanded, slot_[v], slot_[operands[0]], count > 1 ? slot_[operands[1]] : 0,
            count > 2 ? slot_[operands[2]] : 0, static_cast<uint64_t>(t.lane_count()));
    }

    void emit(ValueId v) {
        const Node& n = f_[v];
        if (info(n.op).is_value()) return emit_value(v);
        const auto operands = f_.operands(n);
        const auto first = [&] { return slot_[operands[0]]; };
        const auto imm32 = static_cast<uint32_t>(n.imm);
        switch (n.op) {
        case Op::If:
            add(&run_jump_unless, 0, first());
            open_.push_back({v, here() - 1});
            break;
        case Op::Else: aim(open_.back().branch, here()); break;
        case Op::EndIf:
            aim_exits(open_.back());
            open_.pop_back();
            break;
        case Op::For: open_loop(v, operands.subspan(3)); break;
        case Op::Loop: open_loop(v, operands); break;
        case Op::EndFor:
        case Op::EndLoop: close_loop(); break;
        case Op::Yield: emit_yield(v); break;
        case Op::Break: {
            Open& loop = loop_at_depth(n.imm);
            move_to_carried(loop, operands);
            jump_to_end(loop);
            break;
        }
        case Op::Continue: {
            Open& loop = loop_at_depth(n.imm);
            move_to_carried(loop, operands);
            next_trip(loop);
            if (f_[loop.opener].op == Op::For) jump_to_end(loop);
            break;
        }
        case Op::Return: emit_return(v); break;
        case Op::Check:
            if (operands.size() > 1)
                add(&run_check_row, 0, first(), slots_of(f_[operands[0]].type), slot_[operands[1]], n.imm);
            else
                add(&run_check, 0, first(), slots_of(f_[operands[0]].type), outer_index(), n.imm);
            break;
        case Op::Call: emit_call(v); break;
        case Op::Native:
        case Op::NativePure: emit_native(v); break;
        case Op::Load:
        case Op::Store: emit_access(v); break;
        case Op::LoadRaw:
        case Op::StoreRaw: emit_raw(v); break;
        case Op::Len: add(&run_len, slot_[v], first(), imm32); break;
        case Op::Base: add(&run_base, slot_[v], first()); break;
        case Op::Stride: add(&run_stride, slot_[v], first(), imm32); break;
        case Op::Local: emit_local(v); break;
        case Op::Any: add(&run_any, slot_[v], first(), 0, 0, slots_of(f_[operands[0]].type)); break;
        case Op::Splat: add(&run_splat, slot_[v], first(), 0, 0, slots_of(n.type)); break;
        case Op::Extract: add(&run_move, slot_[v], first() + imm32); break;
        case Op::Iota: add(&run_iota, slot_[v], 0, 0, 0, slots_of(n.type)); break;
        case Op::LaneMask: add(&run_lane_mask, slot_[v], first(), 0, 0, slots_of(n.type)); break;
        case Op::CountLanes: add(&run_count_lanes, slot_[v], first(), 0, 0, slots_of(f_[operands[0]].type)); break;
        case Op::Reduce:  // split_stages() leaves none
            assert(!"a reduction is never interpreted");
            add(&run_unexpanded);
            break;
        default: break;  // Param, Const, Table, Index, Carried, Result: slots only
        }
    }

    const Function& f_;
    std::span<const NativeRef> natives_;
    std::span<const ArrayDescriptor> tables_;
    FunctionCode out_;
    std::vector<uint32_t> slot_;
    std::vector<Open> open_;
    std::vector<uint32_t> loops_;  // the open regions that are loops, as indices of open_
    std::vector<uint32_t> calls_;
    ValueId outer_for_ = kNoValue;
    uint64_t next_slot_ = kHeaderSlots;
};

}  // namespace

FunctionCode prepare(const Program& program, uint32_t function, std::span<const ArrayDescriptor> tables) {
    return Preparation(program, function, tables).run();
}

}  // namespace exprjit::interp
