// SPDX-License-Identifier: MIT OR Apache-2.0
#include "interp/handlers.h"
#include "interp/native_call.h"

namespace exprjit::interp {

namespace {

const Instruction* finish(Machine& machine, Exit exit) {
    machine.exit = exit;
    return nullptr;
}

// The trip count, computed once and unsigned: from the smallest to the largest i64 there are 2^64 - 1 trips of step 1,
// and nothing here overflows on the way.
uint64_t trip_count(int64_t lo, int64_t hi, int64_t step) {
    const uint64_t distance = static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo);
    if (step > 0) return lo < hi ? (distance - 1) / static_cast<uint64_t>(step) + 1 : 0;
    if (step < 0) return lo > hi ? (0 - distance - 1) / (0 - static_cast<uint64_t>(step)) + 1 : 0;
    return 0;
}

const Instruction* leave(Slot* frame, Machine& machine) {
    machine.frame = to_address<Slot>(frame[kCallerFrame]);
    return to_address<const Instruction>(frame[kReturnTo]);
}

bool all_true(const Instruction* at, const Slot* frame) {
    bool all = true;
    for (size_t k = 0; k < at->b; ++k) all = all && frame[at->a + k] != 0;
    return all;
}

// The caller's other threads write the word while this one reads it.
bool stopped(const Machine& machine) { return __atomic_load_n(machine.stop, __ATOMIC_RELAXED) != 0; }

}  // namespace

const Instruction* run_any(const Instruction* at, Slot* frame, Machine&) {
    Slot any = 0;
    for (size_t k = 0; k < at->imm; ++k) any |= frame[at->a + k];
    frame[at->dst] = any;
    return at + 1;
}

const Instruction* run_splat(const Instruction* at, Slot* frame, Machine&) {
    for (size_t k = 0; k < at->imm; ++k) frame[at->dst + k] = frame[at->a];
    return at + 1;
}

const Instruction* run_iota(const Instruction* at, Slot* frame, Machine&) {
    for (size_t k = 0; k < at->imm; ++k) frame[at->dst + k] = k;
    return at + 1;
}

const Instruction* run_lane_mask(const Instruction* at, Slot* frame, Machine&) {
    const auto count = decode<int64_t>(frame[at->a]);
    for (size_t k = 0; k < at->imm; ++k) frame[at->dst + k] = static_cast<int64_t>(k) < count;
    return at + 1;
}

const Instruction* run_count_lanes(const Instruction* at, Slot* frame, Machine&) {
    Slot count = 0;
    for (size_t k = 0; k < at->imm; ++k) count += frame[at->a + k];
    frame[at->dst] = count;
    return at + 1;
}

const Instruction* run_move(const Instruction* at, Slot* frame, Machine&) {
    frame[at->dst] = frame[at->a];
    return at + 1;
}

const Instruction* run_move_lanes(const Instruction* at, Slot* frame, Machine&) {
    std::memmove(frame + at->dst, frame + at->a, at->imm * sizeof(Slot));
    return at + 1;
}

const Instruction* run_jump(const Instruction* at, Slot*, Machine&) { return jump(at); }

const Instruction* run_jump_unless(const Instruction* at, Slot* frame, Machine&) {
    return frame[at->a] != 0 ? at + 1 : jump(at);
}

const Instruction* run_for_enter(const Instruction* at, Slot* frame, Machine&) {
    const Slot lo = frame[at->a];
    const uint64_t trips =
        trip_count(decode<int64_t>(lo), decode<int64_t>(frame[at->b]), decode<int64_t>(frame[at->c]));
    frame[at->dst] = lo;
    frame[at->dst + 1] = trips;
    return trips != 0 ? at + 1 : jump(at);
}

const Instruction* run_for_next(const Instruction* at, Slot* frame, Machine& machine) {
    if (--frame[at->dst + 1] == 0) return at + 1;
    if (stopped(machine)) return finish(machine, Exit::Cancelled);
    frame[at->dst] += frame[at->a];
    return jump(at);
}

const Instruction* run_for_next_unpolled(const Instruction* at, Slot* frame, Machine&) {
    if (--frame[at->dst + 1] == 0) return at + 1;
    frame[at->dst] += frame[at->a];
    return jump(at);
}

const Instruction* run_loop_next(const Instruction* at, Slot*, Machine& machine) {
    if (stopped(machine)) return finish(machine, Exit::Cancelled);
    return jump(at);
}

const Instruction* run_check(const Instruction* at, Slot* frame, Machine& machine) {
    if (all_true(at, frame)) return at + 1;
    machine.context->failed_imm = at->imm;
    // A For around the call is further out than any in this function.
    if (frame[kHasOuterIndex] != 0)
        machine.context->failed_index = decode<int64_t>(frame[kOuterIndex]);
    else
        machine.context->failed_index = at->c != 0 ? decode<int64_t>(frame[at->c]) : -1;
    return finish(machine, Exit::CheckFailed);
}

const Instruction* run_check_row(const Instruction* at, Slot* frame, Machine& machine) {
    if (all_true(at, frame)) return at + 1;
    machine.context->failed_imm = at->imm;
    machine.context->failed_index = decode<int64_t>(frame[at->c]);
    return finish(machine, Exit::CheckFailed);
}

const Instruction* run_call(const Instruction* at, Slot* frame, Machine& machine) {
    // Calls poll too: functions that each call the next one twice run for ever without a back edge.
    if (stopped(machine)) return finish(machine, Exit::Cancelled);
    const FunctionCode& callee = machine.functions[static_cast<uint32_t>(at->imm)];
    // The stack was sized for the deepest chain of calls before the run began.
    Slot* next = frame + (at->imm >> 32);
    next[kReturnTo] = from_address(at + 1);
    next[kCallerFrame] = from_address(frame);
    next[kResults] = from_address(frame + at->dst);
    const bool inherited = frame[kHasOuterIndex] != 0;
    next[kHasOuterIndex] = inherited || at->c != 0;
    next[kOuterIndex] = inherited ? frame[kOuterIndex] : frame[at->c];
    const uint32_t* arguments = to_address<const uint32_t>(frame[kLists]) + at->a;
    for (uint32_t k = 0; k < at->b; ++k) next[kHeaderSlots + k] = frame[arguments[k]];
    begin_frame(callee, next);
    machine.frame = next;
    return callee.instructions.data();
}

const Instruction* run_native(const Instruction* at, Slot* frame, Machine&) {
    const auto& function = *to_address<const NativeFunction>(at->imm);
    const uint32_t* arguments = to_address<const uint32_t>(frame[kLists]) + at->a;
    Slot args[kMaxNativeParams];
    for (uint32_t lane = 0; lane < at->b; ++lane) {
        for (size_t k = 0; k < function.params.size(); ++k) args[k] = frame[arguments[k] + lane];
        call_native(function, args, frame + at->dst + lane);
    }
    return at + 1;
}

const Instruction* run_return_one(const Instruction* at, Slot* frame, Machine& machine) {
    *to_address<Slot>(frame[kResults]) = frame[at->a];
    return leave(frame, machine);
}

const Instruction* run_return(const Instruction* at, Slot* frame, Machine& machine) {
    Slot* results = to_address<Slot>(frame[kResults]);
    const uint32_t* values = to_address<const uint32_t>(frame[kLists]) + at->a;
    for (uint32_t k = 0; k < at->b; ++k) results[k] = frame[values[k]];
    return leave(frame, machine);
}

const Instruction* run_unexpanded(const Instruction*, Slot*, Machine& machine) {
    return finish(machine, Exit::Cancelled);
}

}  // namespace exprjit::interp
