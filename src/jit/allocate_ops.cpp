// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Registers for value operations, memory accesses, calls and the function's own border.
#include <algorithm>

#include "jit/allocate.h"

namespace exprjit::jit {

namespace {

// How far away the next use must be for a spilled operand to be read from its slot instead of being brought back.
constexpr uint32_t kFar = 12;

// Whether a vector constant stands in memory: the others are made from nothing.
bool in_pool(const Node& n) { return is_lanes(n.type) ? n.type.scalar() != Scalar::Bool : n.imm != 0; }

}  // namespace

void Allocator::visit(ValueId v) {
    const Node& n = f_[v];
    switch (n.op) {
    case Op::Const:
    case Op::Result:
    case Op::Index:
    case Op::Carried:
    case Op::Table: return;
    case Op::If: return open_if(v);
    case Op::Else: return middle(v);
    case Op::EndIf: return close_if(v);
    case Op::For:
    case Op::Loop: return open_loop(v);
    case Op::EndFor:
    case Op::EndLoop: return close_loop(v);
    case Op::Yield:
    case Op::Break:
    case Op::Continue: return terminator(v);
    case Op::Return: return ret(v);
    case Op::Local: push(ItemKind::Op, v); return;
    case Op::Native: return native_call(v);
    case Op::Check:
    case Op::StoreRaw: return normal(v, structure_constraints(n.op));
    default: break;
    }
    if (u_.has(v, kFolded)) return;
    if (u_.dead(v) && !(info(n.op).has(kMulti) && !u_.dead(v + 1))) return;
    if (n.op == Op::NativePure) return native_call(v);
    if (n.op == Op::Base && f_[f_.operands(n)[0]].op == Op::Table) {
        const ValueId table = f_.operands(n)[0];
        plan_.pool_offset[table] = plan_.pool.add_block(program_.tables[f_[table].imm].bytes);
    }
    if (!info(n.op).is_value()) return normal(v, structure_constraints(n.op));
    const Constraints& c = node_constraints(f_, n, isa_);
    switch (c.shape) {
    case Shape::Call: return call(v);
    case Shape::LaneCall: return lane_call(v);
    case Shape::Division: return division(v);
    case Shape::CountRcx:
        if (!is_const(f_[f_.operands(n)[1]])) return count_in_rcx(v);
        return normal(v, c);
    case Shape::Normal:
        if (!common(v, c)) normal(v, c);
        return;
    }
}

// The short way for what most nodes are: operands that are in registers (or a last one that is a floating constant),
// nothing fused or folded, a free register for the result. Decides exactly as normal() would; false, with nothing
// changed, if the node is anything else.
bool Allocator::common(ValueId v, const Constraints& c) {
    const Node& n = f_[v];
    const uint32_t count = n.operand_count16;
    if ((count > 2 && n.op != Op::Fma) || c.early_clobber || c.temps != 0 || u_.flags[v] != 0 || n.op == Op::Abs ||
        n.op == Op::Neg || info(n.op).has(kMulti))
        return false;
    const RegClass cl = cls(v);
    RegMask free = free_[index(cl)], usable = registers_.usable[index(cl)];
    if (cl == RegClass::Vec && u_.has_lanes && !is_lanes(n.type)) usable &= kScalarVec;  // as take() sees it
    Reg regs[3], hint = kNone;
    bool in_memory = false;
    for (uint32_t k = count; k-- > 0;) {
        const ValueId o = n.inline_operands[k];
        regs[k] = reg_[o];
        if (is_reg(regs[k])) {
            if (u_.last[o] <= v && cls(o) == cl) free |= bit(hint = regs[k]);
            continue;
        }
        if (k == 0 || k + 1 != count || !is_const(f_[o]) || cls(o) != RegClass::Vec || (c.mem_ok & 1u << k) == 0 ||
            !in_pool(f_[o]))
            return false;
        regs[k] = kMem;
        in_memory = true;
    }
    free &= usable;
    if (free == 0) return false;

    const auto& next = u_.next_after[v];
    for (uint32_t k = 0; k < count; ++k) u_.first[n.inline_operands[k]] = 0;
    for (uint32_t k = 0; k < count; ++k) {
        uint32_t& first = u_.first[n.inline_operands[k]];
        first = std::max(first, next[k]);
    }
    if (in_memory) pool_constant(n.inline_operands[count - 1]);
    for (uint32_t k = 0; k < count; ++k) release_if_dead(n.inline_operands[k], v);
    const Reg home = cl == RegClass::Vec ? Reg{0} : Reg{kRax};
    if (!plan_.context_form && (free & bit(home)) != 0 && u_.first[v] < f_.size() && f_[u_.first[v]].op == Op::Return)
        hint = home;
    PlanItem& item = push(ItemKind::Op, v);
    for (uint32_t k = 0; k < count; ++k) item.r[k] = regs[k];
    item.dst = take(cl, v, v, hint);
    assign(v, item.dst);
    return true;
}

void Allocator::pool_constant(ValueId v) {
    const Node& n = f_[v];
    if (cls(v) == RegClass::Vec && in_pool(n))
        plan_.pool_offset[v] = plan_.pool.add(n.imm, static_cast<uint32_t>(byte_size(n.type.scalar())));
}

// Whether the next use of an operand is so far away that it is not worth a register now.
bool Allocator::is_far(const PlanItem& item, const Need& need) const {
    if (need.role >= 4) return false;
    const uint32_t next = u_.next_after[item.node][need.role];
    return next == kNever || next > item.node + kFar;
}

void Allocator::operand(PlanItem& item, const Need& need, const Constraints& own, bool& memory_used) {
    const Node& value = f_[need.value];
    // A shift's constant count is always an immediate, whatever its size: the emitter brings it into range.
    const Op op = f_[item.node].op;
    if (need.role == kOperand1 && op >= Op::Shl && op <= Op::Rotr && is_const(value)) {
        item.r[kOperand1] = kImm;
        return;
    }
    if (is_reg(reg_[need.value])) {
        item.r[need.role] = ensure(need.value, item.node);
        return;
    }
    const bool fused = u_.has(item.node, kFuseCompare);
    // The sides of a fused compare obey the compare's constraints: the left one in a register, the right one anywhere.
    const bool right = need.role == kCompareRight;
    const Constraints& c = right ? constraints(f_[f_.operands(item.node)[0]].op, value.type.scalar(), isa_) : own;
    const uint32_t position = right ? 2u : need.role >= 4 || (fused && need.role == kOperand0) ? 0u : 1u << need.role;
    const RegClass cl = cls(need.value);
    if (is_const(value) && cl == RegClass::Gp) {
        if ((c.imm_ok & position) != 0 && fits_imm32(value)) {
            item.r[need.role] = kImm;
            return;
        }
    } else if ((c.mem_ok & position) != 0 && !memory_used) {
        if (is_const(value) ? in_pool(value) : is_far(item, need) || (c.cold_mem & position) != 0) {
            if (is_const(value)) pool_constant(need.value);
            item.r[need.role] = kMem;
            memory_used = (c.cold_mem & position) == 0;
            return;
        }
    }
    item.r[need.role] = ensure(need.value, item.node);
}

// Next uses move on to what follows this node.
void Allocator::advance(const Needs& needs, ValueId at) {
    for (const Need& need : needs) {
        const bool implied = f_[at].op == Op::Check && need.role == kOperand1 && f_[at].operand_count16 == 1;
        const uint32_t next = need.role < 4 && !implied ? u_.next_after[at][need.role] : u_.last[need.value];
        uint32_t& current = u_.first[need.value];
        if (current <= at || next > current) current = next;
    }
}

void Allocator::results(PlanItem& item, const Needs& needs, bool early) {
    const ValueId v = item.node;
    const Node& n = f_[v];
    if (n.type.is_void()) {
        for (const Need& need : needs) release_if_dead(need.value, v);
        return;
    }
    const RegClass c = cls(v);
    Reg hint = kNone;
    if (!early) {
        // The destination takes over a dying operand's register: the first one's by preference, for two-address forms.
        for (int k = needs.count; k-- > 0;) {
            const Need& need = needs.list[static_cast<size_t>(k)];
            if (u_.last[need.value] > v || !is_reg(reg_[need.value])) continue;
            if (cls(need.value) == c && need.role <= kOperand2) hint = reg_[need.value];
        }
        for (const Need& need : needs) release_if_dead(need.value, v);
        // What is returned next goes where it is returned.
        const Reg home = c == RegClass::Vec ? Reg{0} : Reg{kRax};
        if (!plan_.context_form && u_.first[v] < f_.size() && f_[u_.first[v]].op == Op::Return &&
            (free_[index(c)] & bit(home)) != 0)
            hint = home;
        // Even an operand that lives on may lose its register to the result: it is read before the result is written.
        unpin_all();
    }
    const Reg dst = take(c, v, v, hint);
    item.dst = dst;
    assign(v, dst);
    if (info(n.op).has(kMulti)) {
        pin(c, dst);
        item.dst2 = take(cls(v + 1), v + 1, v, kNone);
        assign(v + 1, item.dst2);
        if (u_.last[v] <= v) release(v);
        if (u_.last[v + 1] <= v) release(v + 1);
    }
    if (early)
        for (const Need& need : needs) release_if_dead(need.value, v);
}

void Allocator::normal(ValueId v, const Constraints& c) {
    Needs needs = needs_of(f_, u_, v);
    const Node& n = f_[v];
    if (n.op == Op::Check && n.operand_count16 == 1 && outer_for_ != kNoValue) needs.add(outer_for_ + 1, kOperand1);
    if ((n.op == Op::Abs || n.op == Op::Neg) && is_float(n.type.scalar()) && n.type.is_scalar()) {
        const bool wide = n.type.scalar() == Scalar::F64;
        const MaskConstant m = n.op == Op::Abs ? (wide ? MaskConstant::Abs64 : MaskConstant::Abs32)
                                               : (wide ? MaskConstant::Sign64 : MaskConstant::Sign32);
        plan_.masks |= static_cast<uint8_t>(1u << static_cast<int>(m));
    }
    PlanItem item;
    item.node = v;
    item.kind = ItemKind::Op;
    for (const Need& need : needs) {
        const Reg r = reg_[need.value];
        if (is_reg(r)) pin(cls(need.value), r);
    }
    const uint8_t flags = u_.flags[v];
    bool memory_used = (flags & (kFoldOperand0 | kFoldOperand1 | kFoldOperand2)) != 0;
    if ((flags & kFoldOperand0) != 0) item.swapped = 1, item.r[kOperand0] = kMem;
    if ((flags & kFoldOperand1) != 0) item.r[kOperand1] = kMem;
    if ((flags & kFoldOperand2) != 0) item.r[kOperand2] = kMem;
    // A commutative operation wants its constant or spilled operand second.
    if (needs.count == 2 && !memory_used && !is_reg(reg_[needs.list[0].value]) && is_reg(reg_[needs.list[1].value]) &&
        info(n.op).has(kCommutative)) {
        item.swapped = 1;
        std::swap(needs.list[0].value, needs.list[1].value);
    }
    for (const Need& need : needs) operand(item, need, c, memory_used);
    if ((flags & kFoldOperand0) != 0) std::swap(item.r[kOperand0], item.r[kOperand1]);
    advance(needs, v);
    if (c.temps != 0) temps(item, c.temps);
    results(item, needs, c.early_clobber || c.temps != 0);
    unpin_all();
    plan_.items.push_back(item);
}

// Vector registers that the operation may write besides its result; nothing is in them before or after.
void Allocator::temps(PlanItem& item, uint8_t count) {
    for (int k = 0; k < count; ++k) {
        const Reg r = take(RegClass::Vec, item.node, item.node, kNone);
        item.r[size_t{kAddressBase} + static_cast<size_t>(k)] = r;
        pin(RegClass::Vec, r);
    }
}

// Whatever lives on in a register that a callee may overwrite goes to memory, where its definition has put it.
void Allocator::spill_around_call(ValueId v) {
    for (int c = 0; c < kClassCount; ++c)
        for (RegMask m = kClobberedByCall[c] & used(c); m != 0; m &= m - 1) {
            const ValueId w = owner_[c][std::countr_zero(m)];
            if (u_.last[w] > v && !is_const(f_[w])) spill(w);
        }
}

void Allocator::forget_around_call() {
    for (int c = 0; c < kClassCount; ++c)
        for (RegMask m = kClobberedByCall[c] & used(c); m != 0; m &= m - 1) release(owner_[c][std::countr_zero(m)]);
}

// Operands go to a buffer in the frame, a C function is called for each lane, the result comes from the buffer.
void Allocator::lane_call(ValueId v) {
    const Needs needs = needs_of(f_, u_, v);
    PlanItem item;
    item.node = v;
    item.kind = ItemKind::Op;
    plan_.lane_call_values = std::max(plan_.lane_call_values, 4u);
    for (const Need& need : needs) {
        const Reg r = reg_[need.value];
        if (is_reg(r)) pin(cls(need.value), r);
    }
    for (const Need& need : needs) item.r[need.role] = ensure(need.value, v);
    spill_around_call(v);
    forget_around_call();
    advance(needs, v);
    unpin_all();
    item.dst = take(cls(v), v, v, kNone);
    assign(v, item.dst);
    plan_.items.push_back(item);
}

void Allocator::call(ValueId v) {
    const Node& n = f_[v];
    const auto operands = f_.operands(n);
    const Needs needs = needs_of(f_, u_, v);
    plan_.pool_offset[v] = plan_.pool.add(reinterpret_cast<uintptr_t>(callee(f_, n, isa_)), 8);
    ArgAssigner args;
    moves_.prepare(f_.size());
    for (const ValueId a : operands) {
        const RegClass c = cls(a);
        if (is_const(f_[a])) pool_constant(a);
        moves_.to_register(c, args.next(c).reg, a, location(a), home(a));
    }
    spill_around_call(v);
    moves_.flush(plan_.items);
    forget_around_call();
    advance(needs, v);
    for (const Need& need : needs) release_if_dead(need.value, v);
    PlanItem& item = push(ItemKind::Op, v);
    item.dst = cls(v) == RegClass::Vec ? Reg{0} : Reg{kRax};
    assign(v, item.dst);
}

// A function of the host: its arguments are of both classes and as many as it likes, so some may travel on the stack.
void Allocator::native_call(ValueId v) {
    const Node& n = f_[v];
    if (is_lanes(n.type)) return native_lane_call(v);
    const NativeFunction& callee = *program_.natives[n.imm];
    const auto operands = f_.operands(n);
    plan_.pool_offset[v] = plan_.pool.add(reinterpret_cast<uintptr_t>(callee.address), 8);
    ArgAssigner args;
    if (callee.takes_user_data) args.next(RegClass::Gp);
    moves_.prepare(f_.size());
    for (const ValueId a : operands) {
        const RegClass c = cls(a);
        const ArgLocation where = args.next(c);
        if (where.reg != kMem) {
            if (is_const(f_[a])) pool_constant(a);
            moves_.to_register(c, where.reg, a, location(a), home(a));
            continue;
        }
        if (is_const(f_[a])) plan_.pool_offset[a] = plan_.pool.add(f_[a].imm, 8);
        PlanItem& item = push(ItemKind::Argument, a);
        item.cls = c;
        item.r[0] = location(a);
        item.r[1] = static_cast<Reg>(where.stack_index);
        plan_.argument_words = std::max(plan_.argument_words, where.stack_index + 1);
    }
    spill_around_call(v);
    moves_.flush(plan_.items);
    forget_around_call();
    advance_list(v);
    PlanItem& item = push(ItemKind::Op, v);
    item.dst = cls(v) == RegClass::Vec ? Reg{0} : Reg{kRax};
    assign(v, item.dst);
    if (u_.dead(v)) release(v);
}

// Its operands go to the buffer one after the other, since there may be more of them than registers.
void Allocator::native_lane_call(ValueId v) {
    const auto operands = f_.operands(v);
    plan_.lane_call_values = std::max(plan_.lane_call_values, static_cast<uint32_t>(operands.size()) + 1);
    for (size_t k = 0; k < operands.size(); ++k) {
        const Reg from = ensure(operands[k], v);
        PlanItem& item = push(ItemKind::LaneArgument, operands[k]);
        item.r[0] = from;
        item.r[1] = static_cast<Reg>(k);
        unpin_all();
    }
    spill_around_call(v);
    forget_around_call();
    advance_list(v);
    PlanItem item;
    item.node = v;
    item.kind = ItemKind::Op;
    item.dst = take(cls(v), v, v, kNone);
    assign(v, item.dst);
    plan_.items.push_back(item);
}

// As advance(), for a node whose operands have no roles.
void Allocator::advance_list(ValueId v) {
    const Node& n = f_[v];
    const auto operands = f_.operands(n);
    for (size_t k = 0; k < operands.size(); ++k) {
        const bool listed = n.operand_count16 == kManyOperands;
        const uint32_t next =
            listed ? u_.list_next_after[n.inline_operands[0] + k] : u_.next_after[v][static_cast<uint32_t>(k)];
        uint32_t& current = u_.first[operands[k]];
        if (current <= v || next > current) current = next;
        release_if_dead(operands[k], v);
    }
}

void Allocator::division(ValueId v) {
    const auto operands = f_.operands(v);
    const ValueId a = operands[0], b = operands[1];
    const Needs needs = needs_of(f_, u_, v);
    if (is_reg(reg_[b])) pin(RegClass::Gp, reg_[b]);
    // A dividend that is in rax already may stay if it dies here; if it is copied away, rax still holds it.
    const bool in_rax = reg_[a] == kRax;
    vacate(RegClass::Gp, kRdx, v, kDivisionRegs);
    if (!in_rax || a == b || u_.last[a] > v) vacate(RegClass::Gp, kRax, v, kDivisionRegs);
    const Reg divisor = ensure(b, v, kDivisionRegs);
    if (in_rax) {
    } else if (is_reg(reg_[a])) {
        PlanItem& move = push(ItemKind::Move, a);
        move.dst = kRax;
        move.r[0] = reg_[a];
    } else {
        load(a, kRax);
    }
    advance(needs, v);
    for (const Need& need : needs) release_if_dead(need.value, v);
    PlanItem& item = push(ItemKind::Op, v);
    item.r[0] = kRax;
    item.r[1] = divisor;
    item.dst = f_[v].op == Op::Quot ? kRax : kRdx;
    unpin_all();
    assign(v, item.dst);
}

void Allocator::count_in_rcx(ValueId v) {
    const auto operands = f_.operands(v);
    const ValueId x = operands[0], count = operands[1];
    const Needs needs = needs_of(f_, u_, v);
    if (is_reg(reg_[x])) pin(RegClass::Gp, reg_[x]);
    vacate(RegClass::Gp, kRcx, v, bit(kRcx));
    const Reg value = ensure(x, v, bit(kRcx));
    if (is_reg(reg_[count])) {
        PlanItem& move = push(ItemKind::Move, count);
        move.dst = kRcx;
        move.r[0] = reg_[count];
    } else {
        load(count, kRcx);
    }
    advance(needs, v);
    PlanItem item;
    item.node = v;
    item.kind = ItemKind::Op;
    item.r[0] = value;
    item.r[1] = kRcx;
    item.dst = take(RegClass::Gp, v, v, kNone, bit(kRcx));
    for (const Need& need : needs) release_if_dead(need.value, v);
    unpin_all();
    assign(v, item.dst);
    plan_.items.push_back(item);
}

void Allocator::parameters() {
    ArgAssigner args;
    if (plan_.context_form) args.next(RegClass::Gp);
    for (ValueId v = 0; v < f_.params.size(); ++v) {
        const ArgLocation where = args.next(cls(v));
        if (u_.last[v] == 0) continue;
        // Stack arguments already have their slot; see assign_slots.
        if (where.reg == kMem)
            u_.flags[v] |= kSpilled;
        else
            assign(v, where.reg);
    }
    for (ValueId v = 0; v < f_.params.size(); ++v) define(v);
}

void Allocator::ret(ValueId v) {
    const auto operands = f_.operands(v);
    for (size_t k = 0; k < operands.size(); ++k) {
        const ValueId value = operands[k];
        if (!plan_.context_form) {
            if (is_const(f_[value])) pool_constant(value);
            break;
        }
        if (is_const(f_[value])) plan_.pool_offset[value] = plan_.pool.add(f_[value].imm, 8);
        PlanItem& item = push(ItemKind::Out, value);
        item.cls = cls(value);
        item.r[0] = location(value);
        item.r[1] = static_cast<Reg>(k & 0xff);
        item.r[2] = static_cast<Reg>(k >> 8);
    }
    PlanItem& item = push(ItemKind::Return, v);
    if (!plan_.context_form) item.r[0] = location(operands[0]);
}

}  // namespace exprjit::jit
