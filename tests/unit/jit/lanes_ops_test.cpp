// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Integer, bool and conversion operations on lanes through the whole code generator: lanes are loaded, worked on and
// stored; every lane against the meaning of the operation. With all registers and with few, with the operands loaded,
// constant, equal, and alive after the operation.
#include <gtest/gtest.h>

#include <cstring>

#include "ir/builder.h"
#include "jit/compile.h"
#include "support/native_call.h"
#include "support/random.h"
#include "unit/jit/lanes_cases.h"

namespace exprjit::jit {
namespace {

using namespace trial;

constexpr int kAreaBytes = 64 * 8;  // of an operand or result, in memory

enum class Shape {
    Loaded,
    ConstantSecond,  // constant lanes
    SplatSecond,     // a constant, splat
    EqualOperands,
    Crowded,  // many other values alive across the operation
};

constexpr const char* kShapeNames[] = {"loaded", "constant second", "splat second", "equal operands", "crowded"};

int log2_of(int lanes) { return lanes == 4 ? 2 : lanes == 8 ? 3 : 4; }

struct Kernel {
    LanesCase what;
    Shape shape = Shape::Loaded;
    bool few_registers = false;
    Slot constant = 0;

    bool constant_second() const { return shape == Shape::ConstantSecond || shape == Shape::SplatSecond; }
    std::string describe() const {
        std::string s = what.describe() + ", " + kShapeNames[static_cast<int>(shape)];
        if (constant_second()) s += " " + trial::describe(what.operand_type(1), constant);
        return s + (few_registers ? ", few registers" : "");
    }
};

constexpr int kCrowd = 20;  // more than either level has left with few registers

// Of the addresses of three operands and three results, the last of which nobody looks at.
Program program_of(const Kernel& k) {
    const LanesCase& c = k.what;
    const int log2 = log2_of(c.lanes);
    Program program;
    program.functions.emplace_back();
    Function& f = program.functions[0];
    Builder b(f);
    ValueId address[6];
    for (ValueId& a : address) a = b.param(kI64, "");
    const ValueId zero = b.i64(0);
    const auto load = [&](ValueId base, Scalar t, int64_t offset) {
        const ValueId operands[] = {base, offset == 0 ? zero : b.i64(offset)};
        return b.append(Op::LoadRaw, Type::lanes(t, log2), operands, raw_imm(storage_of(t)));
    };
    const auto store = [&](ValueId base, ValueId v, int64_t offset = 0) {
        const ValueId operands[] = {base, offset == 0 ? zero : b.i64(offset), v};
        b.append(Op::StoreRaw, kVoid, operands, raw_imm(storage_of(b.type_of(v).scalar())));
    };
    ValueId crowd[kCrowd];
    const int64_t stride = c.lanes * static_cast<int64_t>(byte_size(c.from));
    if (k.shape == Shape::Crowded)
        for (int i = 0; i < kCrowd; ++i) crowd[i] = load(address[c.arity() - 1], c.from, stride * (i % 4));
    ValueId operands[3];
    for (int i = 0; i < c.arity(); ++i) {
        const Scalar t = c.operand_type(i);
        if (k.shape == Shape::ConstantSecond && i == 1)
            operands[i] = b.constant(Type::lanes(t, log2), k.constant);
        else if (k.shape == Shape::SplatSecond && i == 1)
            operands[i] = b.splat(Type::lanes(t, log2), b.constant(t, k.constant));
        else if (k.shape == Shape::EqualOperands && i > 0 && t == c.operand_type(i - 1))
            operands[i] = operands[i - 1];
        else
            operands[i] = load(address[i], t, 0);
    }
    const ValueId result = b.value(c.op, {operands, static_cast<size_t>(c.arity())}, c.to);
    store(address[3], result);
    if (c.has_flag()) store(address[4], result + 1);
    if (k.shape == Shape::Crowded) {
        for (int i = 0; i < c.arity(); ++i) store(address[5], operands[i]);
        for (int i = 0; i < kCrowd; ++i) store(address[5], crowd[i], stride * (i % 4));
    }
    b.ret(zero);
    return program;
}

void expect_right(const Kernel& k, const std::vector<LanesTuple>& tuples) {
    const LanesCase& c = k.what;
    const Program program = program_of(k);
    CompileOptions options;
    options.isa = c.isa;
    options.form = EntryForm::Context;
    options.few_registers = k.few_registers;
    Code code;
    const Result<void> compiled = compile(program, options, code);
    ASSERT_TRUE(compiled.ok()) << k.describe() << ": " << compiled.error().diagnostics.front().message;
    const NativeCode native(code.bytes, code.entry);
    alignas(64) uint8_t in[3][kAreaBytes], out[3][kAreaBytes];
    for (size_t first = 0; first < tuples.size(); first += static_cast<size_t>(c.lanes)) {
        std::memset(in, 1, sizeof in);
        std::memset(out, 0xa5, sizeof out);
        LanesTuple lanes[16];
        for (int lane = 0; lane < c.lanes; ++lane) {
            LanesTuple& t = lanes[lane] = tuples[(first + static_cast<size_t>(lane)) % tuples.size()];
            for (int i = 0; i < c.arity(); ++i) {
                if (k.constant_second() && i == 1) t.v[i] = k.constant;
                if (k.shape == Shape::EqualOperands && i > 0 && c.operand_type(i) == c.operand_type(i - 1))
                    t.v[i] = t.v[i - 1];
                const size_t size = byte_size(c.operand_type(i));
                std::memcpy(in[i] + static_cast<size_t>(lane) * size, &t.v[i], size);
            }
        }
        NativeArguments arguments;
        Context context;
        context.stop = stop_word();
        Slot returned = 1;
        arguments.pointer(&context);
        for (auto& area : in) arguments.pointer(area);
        for (auto& area : out) arguments.pointer(area);
        arguments.pointer(&returned);
        const char* fault = nullptr;
        begin_run();
        const NativeReturn r = call_native(native.entry(), arguments, &fault);
        ASSERT_EQ(fault, nullptr) << k.describe() << ": " << fault;
        ASSERT_STREQ(describe_violations(r), "") << k.describe();
        ASSERT_EQ(static_cast<int32_t>(r.rax), static_cast<int32_t>(Exit::Ok)) << k.describe();
        ASSERT_EQ(returned, 0u) << k.describe();
        for (int lane = 0; lane < c.lanes; ++lane) {
            Slot expected = 0, got = 0;
            bool flag = false;
            ASSERT_TRUE(c.evaluate(lanes[lane], expected, flag));
            const size_t size = byte_size(c.to);
            std::memcpy(&got, out[0] + static_cast<size_t>(lane) * size, size);
            ASSERT_TRUE(same_value(c.to, expected, got))
                << k.describe() << ": lane " << lane << " of " << c.describe(lanes[lane]) << " is "
                << trial::describe(c.to, got) << ", expected " << trial::describe(c.to, expected);
            if (c.has_flag()) {
                ASSERT_EQ(out[1][lane], flag ? 1 : 0)
                    << k.describe() << ": flag of lane " << lane << " of " << c.describe(lanes[lane]);
            }
        }
        // Not a byte behind the lanes.
        ASSERT_EQ(out[0][static_cast<size_t>(c.lanes) * byte_size(c.to)], 0xa5) << k.describe();
    }
}

void all_kernels(const LanesCase& c) {
    const std::vector<LanesTuple> tuples = tuples_of(c);
    for (const bool few : {false, true}) {
        ASSERT_NO_FATAL_FAILURE(expect_right({c, Shape::Loaded, few}, tuples));
        ASSERT_NO_FATAL_FAILURE(expect_right({c, Shape::Crowded, few}, tuples));
        if (c.arity() == 1) continue;
        ASSERT_NO_FATAL_FAILURE(expect_right({c, Shape::EqualOperands, few}, tuples));
    }
    if (c.arity() == 1) return;
    Random random(static_cast<uint64_t>(c.op) * 977);
    for (const Slot value : few_special_values(c.operand_type(1))) {
        std::vector<LanesTuple> some;
        some.reserve(256);
        for (int k = 0; k < 64; ++k) some.push_back(tuples[random.below(tuples.size())]);
        for (const Shape shape : {Shape::ConstantSecond, Shape::SplatSecond})
            ASSERT_NO_FATAL_FAILURE(expect_right({c, shape, random.one_in(2), value}, some));
    }
}

class LaneOperations : public testing::TestWithParam<LanesCase> {};

TEST_P(LaneOperations, ThroughTheCodeGenerator) {
    if (GetParam().isa > host_isa()) GTEST_SKIP() << "this machine lacks the level";
    all_kernels(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Lanes, LaneOperations, testing::ValuesIn(all_lanes_cases()),
                         [](const auto& i) { return i.param.test_name(); });

}  // namespace
}  // namespace exprjit::jit
