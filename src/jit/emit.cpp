// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/emit.h"

#include <bit>

#include "ir/context.h"
#include "support/compile_watch.h"

namespace exprjit::jit {

using asmjit::Operand;

namespace {

constexpr RegMask kSavedOrder[] = {kRbx, kRbp, kR12, kR13, kR14, kR15};

}  // namespace

Emitter::Emitter(const Program& program, const CompileOptions& options, const Uses& uses, const Plan& plan,
                 x86::Assembler& assembler, EmitterScratch& scratch)
    : program_(program), f_(program.entry()), options_(options), u_(uses), plan_(plan), a_(assembler),
      avx_(options.isa >= Isa::V3), context_(plan.context_form), lanes_(uses.has_lanes), heads_(scratch.heads),
      latches_(scratch.latches), ends_(scratch.ends) {
    if (u_.has_regions) {
        heads_.assign(f_.size(), asmjit::Label());
        latches_.assign(f_.size(), asmjit::Label());
        ends_.assign(f_.size(), asmjit::Label());
    }
}

asmjit::Label Emitter::label_at(std::vector<asmjit::Label>& labels, ValueId v) {
    if (!labels[v].isValid()) labels[v] = a_.newLabel();
    return labels[v];
}

// ---- Constants stand in front of the code, so that every reference to them is to a bound label.

void Emitter::constants() {
    static constexpr uint64_t kMaskBits[] = {0x8000000000000000u, 0x7fffffffffffffffu, 0x8000000080000000u,
                                             0x7fffffff7fffffffu};
    pool_ = a_.newLabel();
    a_.bind(pool_);
    for (int m = 0; m < static_cast<int>(MaskConstant::Count); ++m) {
        if ((plan_.masks >> m & 1) == 0) continue;
        const uint64_t pair[2] = {kMaskBits[m], kMaskBits[m]};
        a_.embed(pair, sizeof pair);
        masks_end_ += 16;
    }
    const auto& bytes = plan_.pool.bytes();
    if (!bytes.empty()) a_.embed(bytes.data(), bytes.size());
    if (masks_end_ != 0 || !bytes.empty()) a_.align(asmjit::AlignMode::kZero, 16);
    entry_ = static_cast<uint32_t>(a_.offset());
}

x86::Mem Emitter::pool(ValueId v, uint32_t size) const {
    return x86::ptr(pool_, static_cast<int32_t>(masks_end_ + plan_.pool_offset[v]), size);
}

x86::Mem Emitter::mask(MaskConstant m) const {
    const int before = std::popcount(plan_.masks & ((1u << static_cast<int>(m)) - 1u));
    return x86::ptr(pool_, before * 16, 16);
}

x86::Mem Emitter::slot(ValueId v, uint32_t size) const {
    const uint32_t at = plan_.slot[plan_.slot_alias.empty() ? v : plan_.slot_alias[v]];
    if ((at & kIncoming) != 0) return incoming(at & ~kIncoming, size);
    const uint32_t offset = slot_base_ + at;
    return x86::ptr(x86::rsp, static_cast<int32_t>(offset), size);
}

// The caller's stack argument.
x86::Mem Emitter::incoming(uint32_t index, uint32_t size) const {
    const auto above = static_cast<int32_t>(pushed_ + 8 + index * 8);
    if (lanes_) return x86::ptr(x86::rbp, above, size);
    return x86::ptr(x86::rsp, static_cast<int32_t>(frame_) + above, size);
}

// ---- Frame, from its lower end: arguments of calls, [context, outs], the buffer of lane calls, slots and local arrays; then
// saved registers. With lanes it is aligned to 64 bytes, and rbp points to the saved registers.

void Emitter::prologue() {
    saved_ = plan_.used_callee_saved | (lanes_ ? bit(kRbp) : 0);
    pushed_ = static_cast<uint32_t>(std::popcount(saved_)) * 8;
    context_slot_ = static_cast<int32_t>((plan_.argument_words * 8 + 15) & ~15u);
    slot_base_ = static_cast<uint32_t>(context_slot_) + (context_ ? 16 : 0);
    if (lanes_) {
        call_buffer_ = (slot_base_ + 63) & ~63u;
        slot_base_ = call_buffer_ + plan_.lane_call_values * 64;
    }
    frame_ = slot_base_ + plan_.slot_bytes;
    frame_ = (frame_ + 7) & ~7u;
    if (lanes_) frame_ = (frame_ + 63) & ~63u;
    if (!lanes_ && plan_.has_calls && (frame_ + pushed_ + 8) % 16 != 0) frame_ += 8;
    if (context_) {
        overflowed_ = a_.newLabel();
        a_.lea(x86::r11, x86::ptr(x86::rsp, -static_cast<int32_t>(frame_ + pushed_ + (lanes_ ? 64 : 0))));
        a_.cmp(x86::r11, x86::ptr(x86::rdi, offsetof(Context, stack_limit)));
        a_.jb(overflowed_);
    }
    for (const Reg r : kSavedOrder)
        if ((saved_ & bit(r)) != 0) a_.push(gp64(r));
    if (lanes_) a_.mov(x86::rbp, x86::rsp);
    if (frame_ != 0) a_.sub(x86::rsp, frame_);
    if (lanes_) a_.and_(x86::rsp, -64);
    if (!context_) return;
    a_.mov(x86::ptr(x86::rsp, context_slot_), x86::rdi);
    ArgAssigner args;
    args.next(RegClass::Gp);
    for (const Param& p : f_.params) args.next(cls(p.type));
    const ArgLocation outs = args.next(RegClass::Gp);
    if (is_reg(outs.reg)) {
        a_.mov(x86::ptr(x86::rsp, context_slot_ + 8), gp64(outs.reg));
    } else {
        a_.mov(x86::r11, incoming(outs.stack_index, 8));
        a_.mov(x86::ptr(x86::rsp, context_slot_ + 8), x86::r11);
    }
}

void Emitter::epilogue() {
    if (lanes_) {
        a_.vzeroupper();
        a_.mov(x86::rsp, x86::rbp);
    } else if (frame_ != 0) {
        a_.add(x86::rsp, frame_);
    }
    for (size_t k = std::size(kSavedOrder); k-- > 0;)
        if ((saved_ & bit(static_cast<Reg>(kSavedOrder[k]))) != 0) a_.pop(gp64(static_cast<Reg>(kSavedOrder[k])));
    a_.ret();
}

// ---- Operands

ValueId Emitter::value_of(const PlanItem& p, int role) const {
    const auto operands = f_.operands(p.node);
    if (u_.has(p.node, kNegates)) return negated(f_, operands[static_cast<size_t>(role)]);
    if (u_.has(p.node, kFuseCompare)) {
        if (role == kOperand0) return f_.operands(operands[0])[0];
        if (role == kCompareRight) return f_.operands(operands[0])[1];
    }
    return operands[static_cast<size_t>(p.swapped != 0 && role < 2 ? role ^ 1 : role)];
}

x86::Mem Emitter::address(const PlanItem& p, ValueId load, uint32_t size) const {
    const ScaledIndex scaled = scaled_index(f_, f_.operands(load)[1]);
    x86::Mem m = scaled.value == kNoValue
                     ? x86::ptr(gp64(p.r[kAddressBase]), scaled.displacement)
                     : x86::ptr(gp64(p.r[kAddressBase]), gp64(p.r[kAddressIndex]), scaled.shift, scaled.displacement);
    m.setSize(size);
    return m;
}

Operand Emitter::operand_at(const PlanItem& p, int role, ValueId v) const {
    const Reg r = p.r[static_cast<size_t>(role)];
    const Type t = type_of(v);
    if (is_reg(r)) return cls(t) == RegClass::Vec ? Operand(xmm(r)) : Operand(gp(r, t));
    const uint32_t size = t.is_value() && t.scalar() != Scalar::Bool ? static_cast<uint32_t>(byte_size(t.scalar())) : 4;
    if (r == kImm) {
        const int64_t i = wide(t) ? static_cast<int64_t>(f_[v].imm) : static_cast<int32_t>(f_[v].imm);
        return asmjit::Imm(i);
    }
    if (is_const(f_[v])) return pool(v, size);
    if (u_.has(v, kFolded)) return address(p, v, size);
    return slot(v, size);
}

Operand Emitter::operand(const PlanItem& p, int role) const { return operand_at(p, role, value_of(p, role)); }

// ---- Moves

void Emitter::move_fp(Reg dst, Reg src) {
    if (dst == src) return;
    if (avx_)
        a_.vmovaps(xmm(dst), xmm(src));
    else
        a_.movaps(xmm(dst), xmm(src));
}

void Emitter::zero_fp(Reg dst) {
    if (avx_)
        a_.vxorps(xmm(dst), xmm(dst), xmm(dst));
    else
        a_.xorps(xmm(dst), xmm(dst));
}

void Emitter::move(const PlanItem& p) {
    if (p.dst == p.r[0]) return;
    if (p.cls == RegClass::Mask)
        a_.kmovw(kreg(p.dst), kreg(p.r[0]));
    else if (p.cls == RegClass::Vec && lanes_)
        a_.vmovaps(vec_bytes(p.dst, v4() ? 64 : 32), vec_bytes(p.r[0], v4() ? 64 : 32));
    else if (p.cls == RegClass::Vec)
        move_fp(p.dst, p.r[0]);
    else
        a_.mov(gp64(p.dst), gp64(p.r[0]));
}

void Emitter::reload(const PlanItem& p) {
    const Node& n = f_[p.node];
    if (is_lanes(n.type)) return lanes_reload(p);
    const RegClass own = cls(n.type);
    const bool is_gp = p.cls == RegClass::Gp;
    if (is_const(n)) {
        if (is_gp ||
            own == RegClass::Gp) {  // an integer's way to a slot leads through the other class, see ParallelMove
            const Reg r = is_gp ? p.dst : kScratchGp;
            if (n.imm == 0)
                a_.xor_(gp32(r), gp32(r));
            else if (n.imm <= UINT32_MAX)
                a_.mov(gp32(r), n.imm);
            else
                a_.mov(gp64(r), static_cast<int64_t>(n.imm));
            if (!is_gp && avx_)
                a_.vmovq(xmm(p.dst), gp64(r));
            else if (!is_gp)
                a_.movq(xmm(p.dst), gp64(r));
        } else if (n.imm == 0) {
            zero_fp(p.dst);
        } else {
            const bool f64 = n.type.scalar() == Scalar::F64;
            const InstId id = avx_ ? (f64 ? x86::Inst::kIdVmovsd : x86::Inst::kIdVmovss)
                                   : (f64 ? x86::Inst::kIdMovsd : x86::Inst::kIdMovss);
            a_.emit(id, xmm(p.dst), pool(p.node, f64 ? 8 : 4));
        }
        return;
    }
    if (own != p.cls) {  // a copy of the whole slot
        if (is_gp)
            a_.mov(gp64(p.dst), slot(p.node, 8));
        else if (avx_)
            a_.vmovq(xmm(p.dst), slot(p.node, 8));
        else
            a_.movq(xmm(p.dst), slot(p.node, 8));
    } else if (is_gp) {
        a_.mov(gp(p.dst, n.type), slot(p.node, wide(n.type) ? 8 : 4));
    } else if (n.type.scalar() == Scalar::F64) {
        a_.emit(avx_ ? x86::Inst::kIdVmovsd : x86::Inst::kIdMovsd, xmm(p.dst), slot(p.node, 8));
    } else {
        a_.emit(avx_ ? x86::Inst::kIdVmovss : x86::Inst::kIdMovss, xmm(p.dst), slot(p.node, 4));
    }
}

void Emitter::store(ValueId v, RegClass cls, Reg from) {
    const Type t = type_of(v);
    if (is_lanes(t)) return lanes_store_slot(v, cls, from);
    if (this->cls(t) != cls) {
        if (cls == RegClass::Gp)
            a_.mov(slot(v, 8), gp64(from));
        else if (avx_)
            a_.vmovq(slot(v, 8), xmm(from));
        else
            a_.movq(slot(v, 8), xmm(from));
    } else if (cls == RegClass::Gp) {
        a_.mov(slot(v, wide(t) ? 8 : 4), gp(from, t));
    } else if (t.scalar() == Scalar::F64) {
        a_.emit(avx_ ? x86::Inst::kIdVmovsd : x86::Inst::kIdMovsd, slot(v, 8), xmm(from));
    } else {
        a_.emit(avx_ ? x86::Inst::kIdVmovss : x86::Inst::kIdMovss, slot(v, 4), xmm(from));
    }
}

void Emitter::store_if_spilled(ValueId v, Reg from) {
    if (is_reg(from) && u_.has(v, kSpilled)) store(v, cls(type_of(v)), from);
}

// ---- Items

void Emitter::annotate(ValueId v) {
    comment_ = info(f_[v].op).text;
    const Span span = f_.span_of(v);
    if (span.valid() && span.end <= options_.source.size()) {
        comment_ += "  @" + std::to_string(span.begin) + ' ';
        for (const char c : options_.source.substr(span.begin, std::min<size_t>(span.end - span.begin, 40)))
            comment_ += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    a_.setInlineComment(comment_.c_str());
}

void Emitter::op(const PlanItem& p) {
    if (lanes_ && on_lanes(f_, node(p))) return lanes(p);
    switch (node(p).op) {
// clang-format off
#define DISPATCH_Inst(Name) case Op::Name: return emit_##Name(p);
#define DISPATCH_Call(Name) case Op::Name: return call(p);
#define DISPATCH_Expand(Name)
#define DISPATCH_Shape(Name)
#define OP(code, Name, text, signature, types, traits, ulp, lowering, meaning) DISPATCH_##lowering(Name)
#include "ir/ops.def"
// clang-format on
#undef DISPATCH_Inst
#undef DISPATCH_Call
#undef DISPATCH_Expand
#undef DISPATCH_Shape
    case Op::LoadRaw: return load_raw(p);
    case Op::StoreRaw: return store_raw(p);
    case Op::Base:
    case Op::Stride:
    case Op::Len: return array_part(p);
    case Op::Local: return local(p);
    case Op::Check: return check(p);
    case Op::Native:
    case Op::NativePure: return native_call(p);
    case Op::Any:
    case Op::CountLanes: a_.mov(gp32(p.dst), gp32(p.r[0])); return;  // of one bool: 0 or 1, as it lies in its register
    default: return no_code(p);
    }
}

// Passes and limits see to it that nothing else comes here. Code that lacks an operation must never run all the same.
void Emitter::no_code(const PlanItem& p) {
    const std::string what = "none for `" + std::string(info(node(p).op).text) + '`';
    a_.reportError(asmjit::kErrorInvalidInstruction, what.c_str());
}

void Emitter::item(const PlanItem& p) {
    if (mask_in_scratch_ != kNoValue && !keeps_vector_scratch(p)) mask_in_scratch_ = kNoValue;
    switch (p.kind) {
    case ItemKind::Op:
        op(p);
        store_if_spilled(p.node, p.dst);
        store_if_spilled(p.node + 1, p.dst2);
        break;
    case ItemKind::Define: store_if_spilled(p.node, p.dst); break;
    case ItemKind::Move: move(p); break;
    case ItemKind::Reload: reload(p); break;
    case ItemKind::Store: store(p.node, p.cls, p.r[0]); break;
    case ItemKind::Trip:
        trip(p);
        if (u_.has(p.node, kSpilled)) a_.mov(slot(p.node, 8), gp64(p.dst));
        break;
    case ItemKind::If: {
        const asmjit::Label otherwise = label_at(ends_, f_[p.node].link);
        if (u_.has(p.node, kFuseCompare) && f_[f_.operands(p.node)[0]].op == Op::Not)
            lanes_branch(p, otherwise);
        else
            jump_unless(condition(p), otherwise);
        break;
    }
    case ItemKind::Else: {
        if (f_[f_[f_[p.node].link].link].imm == kIfUsual && put_off(p)) break;
        const bool empty = plan_.items[next_item_].kind == ItemKind::EndIf;
        if (p.dst == 1 && !empty) a_.jmp(label_at(ends_, f_[p.node].link));
        a_.bind(label_at(ends_, p.node));
        break;
    }
    case ItemKind::EndIf: a_.bind(label_at(ends_, p.node)); break;
    case ItemKind::Head:
        if (f_[p.node].op == Op::For) {
            if (outer_for_ == kNoValue) outer_for_ = p.node;
            const auto* count = &plan_.items[next_item_];  // its Define follows if it is in a register
            const bool in_reg = count->kind == ItemKind::Define && count->node == p.node;
            if (in_reg)
                a_.test(gp64(count->dst), gp64(count->dst));
            else
                a_.cmp(slot(p.node, 8), 0);
            a_.jz(label_at(ends_, f_[p.node].link));
        }
        a_.align(asmjit::AlignMode::kCode, lanes_ ? 32 : 16);
        a_.bind(label_at(heads_, p.node));
        break;
    case ItemKind::EndLoop: end_loop(p); break;
    case ItemKind::Jump: {
        const ValueId loop = f_[p.node].link;
        const PlanItem& next = plan_.items[next_item_];
        if (f_[p.node].op != Op::Break)
            a_.jmp(label_at(latches_, loop));
        else if (next.kind != ItemKind::EndLoop || next.node != f_[loop].link || latches_[loop].isValid())
            a_.jmp(label_at(ends_, f_[loop].link));
        break;
    }
    case ItemKind::LaneArgument: lanes_argument(p); break;
    case ItemKind::Argument: argument(p); break;
    case ItemKind::Out: out(p); break;
    case ItemKind::Return: ret(p); break;
    }
}

// The else arm that begins here almost never runs: it is written behind everything else. Not if it goes on with a loop
// around it, whose back edge is made before.
bool Emitter::put_off(const PlanItem& p) {
    const ValueId join = f_[p.node].link;
    size_t end = next_item_;
    for (; plan_.items[end].kind != ItemKind::EndIf || plan_.items[end].node != join; ++end) {
        if (plan_.items[end].kind == ItemKind::Jump) return false;
    }
    rare_arms_.push_back({p.node, next_item_, end, outer_for_});
    next_item_ = end;
    return true;
}

void Emitter::items(size_t begin, size_t end) {
    size_t steps = 0;             // arms that are put off are leapt over
    mask_in_scratch_ = kNoValue;  // nobody comes here from what was written before
    for (next_item_ = begin; next_item_ < end;) {
        const PlanItem& p = plan_.items[next_item_++];
        poll_compile_at(steps++);
        if (options_.listing && p.node != kNoValue && p.kind != ItemKind::Define) annotate(p.node);
        item(p);
    }
}

void Emitter::run() {
    constants();
    prologue();
    items(0, plan_.items.size());
    for (size_t k = 0; k < rare_arms_.size(); ++k) {  // it may put off others
        const RareArm arm = rare_arms_[k];
        a_.bind(label_at(ends_, arm.node));
        outer_for_ = arm.outer_for;
        items(arm.begin, arm.end);
        a_.jmp(label_at(ends_, f_[arm.node].link));
    }
    cold_blocks();
}

// What is almost never run stands behind everything else.
void Emitter::cold_blocks() {
    for (const OddDivisor& d : odd_divisors_) {  // 0 gives 0; -1 negates without the overflow trap
        const PlanItem& p = d.item;
        const Type t = node(p).type;
        a_.bind(d.label);
        if (node(p).op == Op::Quot) {
            // rax is a; a * -1 wraps as asked, a * 0 is 0: the product with the divisor is the quotient in both cases.
            a_.imul(gp(kRax, t), gp(p.r[1], t));
        } else {
            a_.xor_(gp32(kRdx), gp32(kRdx));
        }
        a_.jmp(d.back);
    }
    size_t steps = 0;
    for (const FailedCheck& c : failed_checks_) {
        poll_compile_at(steps++);
        a_.bind(c.label);
        a_.mov(x86::r11, x86::ptr(x86::rsp, context_slot_));
        const x86::Mem index = x86::qword_ptr(x86::r11, offsetof(Context, failed_index));
        if (is_reg(c.index)) {
            a_.mov(index, gp64(c.index));
        } else if (c.index == kMem) {
            a_.mov(x86::rax, slot(c.index_value, 8));
            a_.mov(index, x86::rax);
        } else {
            a_.mov(index, -1);
        }
        a_.mov(x86::rax, static_cast<int64_t>(f_[c.node].imm));
        a_.mov(x86::qword_ptr(x86::r11, offsetof(Context, failed_imm)), x86::rax);
        a_.mov(x86::eax, static_cast<int32_t>(Exit::CheckFailed));
        epilogue();
    }
    if (cancelled_.isValid()) {
        a_.bind(cancelled_);
        a_.mov(x86::eax, static_cast<int32_t>(Exit::Cancelled));
        epilogue();
    }
    if (overflowed_.isValid()) {
        a_.bind(overflowed_);
        a_.mov(x86::eax, static_cast<int32_t>(Exit::StackOverflow));
        a_.ret();
    }
    half_routines();
    if (late_label_.isValid()) {
        a_.align(asmjit::AlignMode::kZero, 64);
        a_.bind(late_label_);
        a_.embed(late_.bytes().data(), late_.bytes().size());
    }
}

}  // namespace exprjit::jit
