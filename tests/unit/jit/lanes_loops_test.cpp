// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Lanes in loops and in long programs through the whole code generator: where the registers of both halves of the file run
// out, where the code of a short program is long, and where the upper bits of a mask mean nothing.
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <vector>

#include "ir/builder.h"
#include "jit/compile.h"
#include "support/guarded.h"
#include "support/native_call.h"
#include "unit/jit/lanes_cases.h"

namespace exprjit::jit {
namespace {

using namespace trial;

constexpr Type kF64x8 = Type::lanes(Scalar::F64, 3);

// Compiles and runs `program`, whose parameters are addresses.
void run(const Program& program, Isa isa, std::vector<void*> addresses, Slot& returned) {
    CompileOptions options;
    options.isa = isa;
    options.form = EntryForm::Context;
    Code code;
    const Result<void> compiled = compile(program, options, code);
    ASSERT_TRUE(compiled.ok()) << compiled.error().diagnostics.front().message;
    if (isa > host_isa()) GTEST_SKIP() << "this machine cannot run the code";
    const NativeCode native(code.bytes, code.entry);
    NativeArguments arguments;
    Context context;
    context.stop = stop_word();
    arguments.pointer(&context);
    for (void* a : addresses) arguments.pointer(a);
    arguments.pointer(&returned);
    const char* fault = nullptr;
    begin_run();
    const NativeReturn r = call_native(native.entry(), arguments, &fault);
    ASSERT_EQ(fault, nullptr) << fault;
    ASSERT_STREQ(describe_violations(r), "");
    ASSERT_EQ(static_cast<int32_t>(r.rax), static_cast<int32_t>(Exit::Ok));
}

Program empty_program() {
    Program program;
    program.functions.emplace_back();
    return program;
}

// `alive` lanes are stored in a loop that carries `carried` others and `scalars` scalars, which the first 16 registers
// alone can hold, all beginning as zeros if `zeros`; each carried value becomes itself plus 1 in each of three trips.
Program carrying(int alive, int carried, int scalars, Type lanes, bool zeros) {
    Program program = empty_program();
    Builder b(program.functions[0]);
    const ValueId from = b.param(kI64, "from"), to = b.param(kI64, "to");
    const int64_t step = lanes.lane_count() * 8;
    const auto load = [&](Type t, int64_t at) {
        const ValueId operands[] = {from, b.i64(at)};
        return b.append(Op::LoadRaw, t, operands, raw_imm(Storage::F64));
    };
    const auto store = [&](ValueId v, int64_t at) {
        const ValueId operands[] = {to, b.i64(at), v};
        b.append(Op::StoreRaw, kVoid, operands, raw_imm(Storage::F64));
    };
    std::vector<ValueId> outside, inits;
    for (int k = 0; k < alive; ++k) outside.push_back(load(lanes, step * k));
    for (int k = 0; k < carried; ++k) inits.push_back(zeros ? b.constant(lanes, 0) : load(lanes, step * (alive + k)));
    for (int k = 0; k < scalars; ++k)
        inits.push_back(zeros ? b.constant(kF64, 0) : load(kF64, step * (alive + carried + k)));
    const ValueId one = b.f64(1), ones = b.splat(lanes, one);
    const ValueId loop = b.begin_for(b.i64(0), b.i64(3), b.i64(1), inits);
    std::vector<ValueId> next;
    for (size_t k = 0; k < inits.size(); ++k) {
        const ValueId before = loop + 2 + static_cast<ValueId>(k);
        next.push_back(b.binary(Op::Add, before, k < static_cast<size_t>(carried) ? ones : one));
    }
    for (int k = 0; k < alive; ++k) store(outside[static_cast<size_t>(k)], step * k);
    b.yield(next);
    const ValueId end = b.end_loop();
    for (size_t k = 0; k < inits.size(); ++k)
        store(end + static_cast<ValueId>(k), step * (alive + static_cast<int>(k)));
    b.ret(b.i64(0));
    return program;
}

TEST(LanesLoops, CarriedInBothHalvesOfTheRegisterFile) {
    for (const Isa isa : {Isa::V3, Isa::V4})
        for (const int alive : {0, 1, 15, 16, 17, 20})
            for (const int carried : {1, 8, 13, 14, 16, 17, 24, 40})
                for (const int scalars : {0, 1, 5, -1, -5}) {
                    const bool zeros = scalars < 0;
                    SCOPED_TRACE(std::to_string(alive) + " alive, " + std::to_string(carried) + " carried, " +
                                 std::to_string(scalars) + " scalars, v" + std::to_string(static_cast<int>(isa)));
                    const Type lanes = isa == Isa::V4 ? kF64x8 : Type::lanes(Scalar::F64, 2);
                    const int width = lanes.lane_count(), all = alive + carried + std::abs(scalars);
                    std::vector<double> in(static_cast<size_t>(width * all)), out(in.size(), -1);
                    for (size_t k = 0; k < in.size(); ++k) in[k] = static_cast<double>(k);
                    Slot returned = 1;
                    run(carrying(alive, carried, std::abs(scalars), lanes, zeros), isa, {in.data(), out.data()},
                        returned);
                    if (testing::Test::HasFatalFailure() || testing::Test::IsSkipped()) return;
                    for (int k = 0; k < all; ++k)
                        for (int lane = 0; lane < (k < alive + carried ? width : 1); ++lane) {
                            const auto at = static_cast<size_t>(width * k + lane);
                            const bool zero = zeros && k >= alive;
                            ASSERT_EQ(out[at], (zero ? 0 : in[at]) + (k < alive ? 0 : 3))
                                << "value " << k << ", lane " << lane;
                        }
                }
}

// A program of few nodes is assembled in a buffer of fixed size, which the longest sequences must not overrun.
TEST(LanesLoops, ShortProgramsOfLongSequences) {
    for (const LanesCase& c : all_lanes_cases()) {
        if (c.is_conversion() || c.to == Scalar::Bool || c.from != c.to || c.is_shift()) continue;
        const Type lanes = Type::lanes(c.from, std::countr_zero(static_cast<unsigned>(c.lanes)));
        const bool chooses = info(c.op).signature[0] == 'B';
        Program program = empty_program();
        Function& f = program.functions[0];
        Builder b(f);
        const ValueId from = b.param(kI64, "from"), to = b.param(kI64, "to"), zero = b.i64(0);
        const ValueId address[] = {from, zero};
        const uint64_t storage = raw_imm(storage_of(c.from));
        const ValueId first = b.append(Op::LoadRaw, lanes, address, storage);
        const ValueId mask = chooses ? b.value(Op::Eq, std::vector<ValueId>{first, first}) : kNoValue;
        ValueId v = first;
        while (f.size() < 61) {
            const ValueId operands[] = {chooses ? mask : first, v, first};
            v = b.value(c.op, {chooses || c.arity() > 1 ? operands : &v, static_cast<size_t>(c.arity())}, c.to);
        }
        const ValueId operands[] = {to, zero, v};
        b.append(Op::StoreRaw, kVoid, operands, storage);
        b.ret(zero);
        ASSERT_LE(f.size(), 64u);  // what counts as small; see jit/compile.cpp
        CompileOptions options;
        options.isa = c.isa;
        options.form = EntryForm::Context;
        for (const bool few : {false, true}) {
            options.few_registers = few;
            Code code;
            const Result<void> compiled = compile(program, options, code);
            EXPECT_TRUE(compiled.ok()) << c.describe() << ": " << compiled.error().diagnostics.front().message;
        }
    }
}

// The mask's register has ones above its 8 lanes; nothing lies behind the eight bytes.
TEST(LanesLoops, MaskedBoolsBelowSixteenLanes) {
    Program program = empty_program();
    Builder b(program.functions[0]);
    const Type bools = Type::lanes(Scalar::Bool, 3);
    const ValueId from = b.param(kI64, "from"), to = b.param(kI64, "to"), zero = b.i64(0), none = b.i64(0);
    const ValueId nothing = b.append(Op::LaneMask, bools, {&none, 1});
    const ValueId mask = b.value(Op::Not, {&nothing, 1}, Scalar::Bool);
    const ValueId load[] = {from, zero, mask};
    const ValueId loaded = b.append(Op::LoadRaw, bools, load, raw_imm(Storage::Bool));
    const ValueId store[] = {to, zero, loaded, mask};
    b.append(Op::StoreRaw, kVoid, store, raw_imm(Storage::Bool));
    b.ret(zero);
    Guarded in(8, Guarded::Side::Back), out(8, Guarded::Side::Back);
    for (int k = 0; k < 8; ++k) in.data()[k] = static_cast<uint8_t>(k % 3), out.data()[k] = 7;
    Slot returned = 1;
    run(program, Isa::V4, {in.data(), out.data()}, returned);
    if (testing::Test::HasFatalFailure() || testing::Test::IsSkipped()) return;
    for (int k = 0; k < 8; ++k) EXPECT_EQ(out.data()[k], k % 3 != 0) << k;
}

}  // namespace
}  // namespace exprjit::jit
