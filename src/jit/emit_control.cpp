// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Calls, checks, loop counts and back edges, returns.
#include <bit>

#include "ir/context.h"
#include "jit/emit.h"

namespace exprjit::jit {

void Emitter::call(const PlanItem& p) { a_.call(pool(p.node, 8)); }

// The arguments are in place. What it does to the lower halves of vectors is the allocator's business.
void Emitter::native_call(const PlanItem& p) {
    const NativeFunction& callee = *program_.natives[node(p).imm];
    if (lanes_) a_.vzeroupper();
    if (callee.takes_user_data) a_.mov(x86::rdi, static_cast<int64_t>(reinterpret_cast<uintptr_t>(callee.user_data)));
    a_.call(pool(p.node, 8));
    if (callee.result != Scalar::Bool) return;
    a_.test(x86::eax, x86::eax);
    a_.setnz(x86::al);
    a_.movzx(x86::eax, x86::al);
}

void Emitter::argument(const PlanItem& p) {
    const Type t = type_of(p.node);
    const x86::Mem to = x86::qword_ptr(x86::rsp, 8 * p.r[1]);
    const Reg from = p.r[0];
    if (is_reg(from)) {
        if (p.cls == RegClass::Gp)
            a_.mov(to, gp64(from));
        else
            a_.emit(avx_ ? x86::Inst::kIdVmovq : x86::Inst::kIdMovq, to, xmm(from));
        return;
    }
    const bool eight = t.scalar() == Scalar::I64 || t.scalar() == Scalar::F64;
    const x86::Mem m = from == kImm ? pool(p.node, eight ? 8 : 4) : slot(p.node, eight ? 8 : 4);
    if (eight)
        a_.mov(x86::r11, m);
    else
        a_.mov(x86::r11d, m);
    a_.mov(to, x86::r11);
}

void Emitter::check(const PlanItem& p) {
    const asmjit::Label failed = a_.newLabel();
    const auto operands = f_.operands(p.node);
    if (is_lanes(type_of(operands[0])))
        lanes_check(p, failed);
    else
        jump_unless(condition(p), failed);
    const ValueId row = operands.size() == 2 ? operands[1] : outer_for_ == kNoValue ? kNoValue : outer_for_ + 1;
    failed_checks_.push_back({failed, p.node, row == kNoValue ? kNone : p.r[kOperand1], row});
}

// How often a For runs, as an unsigned 64-bit number: computed without overflow for every lo, hi and step.
void Emitter::trip(const PlanItem& p) {
    const x86::Gp lo = gp64(p.r[0]), hi = gp64(p.r[1]);
    const asmjit::Label done = a_.newLabel();
    const uint64_t imm = f_[f_.operands(p.node)[2]].imm;
    if (p.r[2] == kImm) {
        const bool up = imm != ~uint64_t{0};
        const x86::Gp count = gp64(p.dst);
        a_.xor_(x86::r11d, x86::r11d);
        a_.mov(count, up ? hi : lo);
        a_.sub(count, up ? lo : hi);
        if (const int shift = std::countr_zero(imm); up && shift != 0) {  // (distance - 1) / step + 1
            a_.dec(count);
            a_.shr(count, shift);
            a_.inc(count);
        }
        a_.cmp(lo, hi);
        if (up)
            a_.cmovge(count, x86::r11);
        else
            a_.cmovle(count, x86::r11);
        return;
    }
    const x86::Gp step = gp64(p.r[2]);
    const asmjit::Label down = a_.newLabel(), none = a_.newLabel();
    a_.mov(x86::r11, step);
    a_.test(step, step);
    a_.jz(none);
    a_.js(down);
    a_.cmp(lo, hi);
    a_.jge(none);
    a_.mov(x86::rax, hi);
    a_.sub(x86::rax, lo);
    const asmjit::Label divide = a_.newLabel();
    a_.jmp(divide);
    a_.bind(down);
    a_.cmp(lo, hi);
    a_.jle(none);
    a_.mov(x86::rax, lo);
    a_.sub(x86::rax, hi);
    a_.neg(x86::r11);
    a_.bind(divide);  // (distance - 1) / |step| + 1
    a_.dec(x86::rax);
    a_.xor_(x86::edx, x86::edx);
    a_.div(x86::r11);
    a_.inc(x86::rax);
    a_.jmp(done);
    a_.bind(none);
    a_.xor_(x86::eax, x86::eax);
    a_.bind(done);
}

// Leaves with Exit::Cancelled once the caller's stop word is set. Costs nothing measurable: the loads never miss.
void Emitter::poll() {
    if (!context_) return;
    if (!cancelled_.isValid()) cancelled_ = a_.newLabel();
    a_.mov(x86::r11, x86::ptr(x86::rsp, context_slot_));
    a_.mov(x86::r11, x86::ptr(x86::r11, offsetof(Context, stop)));
    a_.cmp(x86::dword_ptr(x86::r11), 0);
    a_.jne(cancelled_);
}

void Emitter::end_loop(const PlanItem& p) {
    const ValueId head = f_[p.node].link;
    // A body that ends by leaving the loop, and nowhere goes on with the next trip, has no back edge.
    const ItemKind before = plan_.items[next_item_ - 2].kind;
    if ((before == ItemKind::Jump || before == ItemKind::Return) && !latches_[head].isValid()) {
        if (outer_for_ == head) outer_for_ = kNoValue;
        a_.bind(label_at(ends_, p.node));
        return;
    }
    if (latches_[head].isValid()) a_.bind(latches_[head]);
    if (f_[head].op != Op::For || f_[head].imm != kForUnpolled) poll();
    if (f_[head].op == Op::For) {
        const ValueId step = f_.operands(head)[2];
        asmjit::Operand by;
        if (p.r[2] == kImm) {
            by = asmjit::Imm(static_cast<int64_t>(f_[step].imm));
            if (!fits_imm32(f_[step])) {
                a_.mov(x86::r11, static_cast<int64_t>(f_[step].imm));
                by = x86::r11;
            }
        } else if (p.r[2] == kMem) {
            a_.mov(x86::r11, slot(step, 8));
            by = x86::r11;
        } else {
            by = gp64(p.r[2]);
        }
        if (is_reg(p.r[0]))
            a_.emit(x86::Inst::kIdAdd, gp64(p.r[0]), by);
        else
            a_.emit(x86::Inst::kIdAdd, slot(head + 1, 8), by);
        if (is_reg(p.r[1]))
            a_.dec(gp64(p.r[1]));
        else
            a_.dec(slot(head, 8));
        a_.jnz(heads_[head]);
        if (outer_for_ == head) outer_for_ = kNoValue;
    } else {
        a_.jmp(heads_[head]);
    }
    a_.bind(label_at(ends_, p.node));
}

void Emitter::out(const PlanItem& p) {
    const Type t = type_of(p.node);
    const auto k = static_cast<int32_t>(p.r[1] | p.r[2] << 8);
    a_.mov(x86::r11, x86::ptr(x86::rsp, context_slot_ + 8));
    const x86::Mem to = x86::qword_ptr(x86::r11, k * 8);
    const bool eight = t.scalar() == Scalar::I64 || t.scalar() == Scalar::F64;
    Reg from = p.r[0];
    if (!is_reg(from)) {  // through the vector scratch, which clears the rest of the slot
        const bool constant = from == kImm;
        const x86::Mem m = constant ? pool(p.node, eight ? 8 : 4) : slot(p.node, eight ? 8 : 4);
        if (eight)
            a_.emit(avx_ ? x86::Inst::kIdVmovq : x86::Inst::kIdMovq, scratch_xmm(), m);
        else
            a_.emit(avx_ ? x86::Inst::kIdVmovd : x86::Inst::kIdMovd, scratch_xmm(), m);
        a_.emit(avx_ ? x86::Inst::kIdVmovq : x86::Inst::kIdMovq, to, scratch_xmm());
        return;
    }
    if (cls(t) == RegClass::Gp) {
        if (eight) {
            a_.mov(to, gp64(from));
        } else {
            a_.mov(x86::dword_ptr(x86::r11, k * 8), gp32(from));
            a_.mov(x86::dword_ptr(x86::r11, k * 8 + 4), 0);
        }
    } else if (eight) {
        a_.emit(avx_ ? x86::Inst::kIdVmovq : x86::Inst::kIdMovq, to, xmm(from));
    } else {
        a_.emit(avx_ ? x86::Inst::kIdVmovd : x86::Inst::kIdMovd, x86::dword_ptr(x86::r11, k * 8), xmm(from));
        a_.mov(x86::dword_ptr(x86::r11, k * 8 + 4), 0);
    }
}

void Emitter::ret(const PlanItem& p) {
    if (context_) {
        a_.xor_(x86::eax, x86::eax);
    } else {
        const ValueId v = f_.operands(p.node)[0];
        PlanItem load;
        load.node = v;
        load.cls = cls(type_of(v));
        load.dst = load.cls == RegClass::Vec ? Reg{0} : Reg{kRax};
        load.r[0] = p.r[0];
        if (is_reg(p.r[0]))
            move(load);
        else
            reload(load);
    }
    epilogue();
}

}  // namespace exprjit::jit
