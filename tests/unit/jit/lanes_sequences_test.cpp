// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The instruction sequences of integer, bool and conversion operations on lanes, each on its own: with the destination
// apart from the operands and on top of each of them, in low and high registers, with the second operand in a register,
// in memory and known to be constant; every lane against the meaning of the operation.
#include <asmjit/core.h>
#include <asmjit/x86.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "interp/interpreter.h"
#include "jit/compile.h"
#include "jit/emit_lanes_ops.h"
#include "jit/target.h"
#include "support/native_call.h"
#include "support/random.h"
#include "support/values.h"
#include "unit/jit/lanes_cases.h"

namespace exprjit::jit {
namespace {

using namespace trial;

constexpr int kAreaBytes = 64;  // of an operand in memory

// Constants behind the code, as they come.
struct Constants {
    asmjit::Label label;
    std::vector<uint8_t> bytes;
    bool v4;

    x86::Mem place(const void* data, size_t size, int operand_bytes) {
        const auto at = static_cast<int32_t>(bytes.size());
        const auto* begin = static_cast<const uint8_t*>(data);
        bytes.insert(bytes.end(), begin, begin + size);
        return x86::ptr(label, at, static_cast<uint32_t>(operand_bytes));
    }
    static x86::Mem whole(void* self, uint64_t bits, int element, int vector) {
        std::vector<uint8_t> data;
        for (int at = 0; at < vector; at += element)
            data.insert(data.end(), reinterpret_cast<uint8_t*>(&bits), reinterpret_cast<uint8_t*>(&bits) + element);
        return static_cast<Constants*>(self)->place(data.data(), data.size(), vector);
    }
    static x86::Mem repeated(void* self, uint64_t bits, int element, int vector) {
        auto* const me = static_cast<Constants*>(self);
        if (!me->v4) return whole(self, bits, element, vector);
        x86::Mem m = me->place(&bits, static_cast<size_t>(element), vector);
        const int count = vector / element;
        m.setBroadcast(count == 16  ? x86::Mem::Broadcast::k1To16
                       : count == 8 ? x86::Mem::Broadcast::k1To8
                                    : x86::Mem::Broadcast::k1To4);
        return m;
    }
    static x86::Mem pattern(void* self, const uint8_t (&data)[16], int vector) {
        std::vector<uint8_t> all;
        for (int at = 0; at < vector; at += 16) all.insert(all.end(), data, data + 16);
        return static_cast<Constants*>(self)->place(all.data(), all.size(), vector);
    }
};

enum class Second { Register, Memory, Constant, ConstantInMemory };

struct Variant {
    LanesCase what;
    int alias = -1;  // the operand whose register the destination shares
    bool high = false;
    Second second = Second::Register;
    Slot constant = 0;

    std::string describe() const {
        return what.describe() + (alias >= 0 ? ", result on operand " + std::to_string(alias) : "") +
               (high ? ", high registers" : "") +
               (second == Second::Memory ? ", second in memory"
                : second == Second::Register
                    ? ""
                    : ", second is constant " + trial::describe(what.operand_type(1), constant)) +
               (second == Second::ConstantInMemory ? " in memory" : "");
    }
};

// void f(operands, results): 64 bytes each.
struct Built {
    NativeCode code;
    std::string error;  // of the assembler
};

int bytes_of(const LanesCase& c, Scalar t) { return t == Scalar::Bool ? 32 : c.lanes * static_cast<int>(byte_size(t)); }

x86::Vec vector(Reg r, int bytes) {
    if (bytes == 64) return x86::zmm(r);
    if (bytes == 32) return x86::ymm(r);
    return x86::xmm(r);
}

struct FirstError : asmjit::ErrorHandler {
    std::string text;
    void handleError(asmjit::Error, const char* message, asmjit::BaseEmitter*) override {
        if (text.empty()) text = message;
    }
};

// Remembers the first instruction with an EVEX prefix: 0x62, as its first byte. The machine under test may have AVX-512,
// so running the code does not show that it does without.
class EvexWatch : public asmjit::StringLogger {
  public:
    EvexWatch() { addFlags(asmjit::FormatFlags::kMachineCode); }
    std::string first() const {
        const std::string text(data(), dataSize());
        size_t line = 0;
        while (line < text.size()) {
            const size_t end = std::min(text.find('\n', line), text.size());
            const std::string instruction = text.substr(line, end - line);
            const size_t code = instruction.find("; ");
            if (code != std::string::npos && instruction.compare(code + 2, 2, "62") == 0) return instruction;
            line = end + 1;
        }
        return "";
    }
};

Built build(const Variant& v) {
    const LanesCase& c = v.what;
    const bool v4 = c.isa == Isa::V4;
    asmjit::CodeHolder holder;
    FirstError error;
    holder.init(asmjit::Environment(asmjit::Arch::kX64));
    holder.setErrorHandler(&error);
    EvexWatch watch;
    if (!v4) holder.setLogger(&watch);
    x86::Assembler a(&holder);
    Constants constants{a.newLabel(), {}, v4};
    const LaneConstants source{&constants, Constants::repeated, Constants::whole, Constants::pattern};

    const auto load = [&](Reg r, Scalar t, const x86::Mem& from) {
        if (t == Scalar::Bool && v4)
            a.kmovw(x86::k(r), from);
        else
            a.emit(v4 ? x86::Inst::kIdVmovdqu64 : x86::Inst::kIdVmovdqu, vector(r, bytes_of(c, t)), from);
    };
    const auto is_mask = [&](Scalar t) { return v4 && t == Scalar::Bool; };
    const Reg base = v.high ? 18 : 2;
    Reg places[3] = {kNone, kNone, kNone};
    for (int k = 0; k < c.arity(); ++k) {
        const Scalar t = c.operand_type(k);
        places[k] = static_cast<Reg>(is_mask(t) ? k + 1 : base + k);
        load(places[k], t, x86::ptr(x86::rdi, k * kAreaBytes));
    }
    LaneOperation o{c.op, c.from, c.to, c.lanes};
    const bool selects = info(c.op).signature[0] == 'B';
    o.a = places[0];
    o.c = places[2];
    if (c.arity() > 1) {
        const Scalar t = c.operand_type(1);
        if (is_mask(t))
            o.b = x86::k(places[1]);
        else if (v.second == Second::Memory)
            o.b = x86::ptr(x86::rdi, kAreaBytes, static_cast<uint32_t>(bytes_of(c, t)));
        else if (v.second == Second::ConstantInMemory)
            o.b = Constants::repeated(&constants, v.constant, static_cast<int>(byte_size(t)), bytes_of(c, t));
        else
            o.b = vector(places[1], bytes_of(c, t));
        if (v.second == Second::Constant || v.second == Second::ConstantInMemory) {
            o.is_constant_b = !selects;
            o.constant_b = t == Scalar::I32 ? static_cast<int32_t>(v.constant) : static_cast<int64_t>(v.constant);
        }
    }
    o.dst = v.alias >= 0 ? places[v.alias] : static_cast<Reg>(is_mask(c.to) ? 4 : base + 5);
    if (c.has_flag()) o.dst2 = static_cast<Reg>(v4 ? 5 : base + 6);
    o.temp[0] = static_cast<Reg>(base + 7), o.temp[1] = static_cast<Reg>(base + 8);
    LaneOps(a, v4, source, o).emit();
    const auto store = [&](Reg r, Scalar t, int at) {
        if (t == Scalar::Bool && v4)
            a.kmovw(x86::ptr(x86::rsi, at), x86::k(r));
        else
            a.emit(v4 ? x86::Inst::kIdVmovdqu64 : x86::Inst::kIdVmovdqu, x86::ptr(x86::rsi, at),
                   vector(r, bytes_of(c, t)));
    };
    store(o.dst, c.to, 0);
    if (c.has_flag()) store(o.dst2, Scalar::Bool, kAreaBytes);
    // The operands must come out as they went in, but for the one below the result.
    for (int k = 0; k < c.arity(); ++k)
        if (k != v.alias) store(places[k], c.operand_type(k), (k + 2) * kAreaBytes);
    a.vzeroupper();
    a.ret();
    a.align(asmjit::AlignMode::kZero, 64);
    a.bind(constants.label);
    a.embed(constants.bytes.data(), constants.bytes.size());
    Built built;
    built.error = error.text;
    if (!v4 && built.error.empty() && !watch.first().empty()) built.error = "needs AVX-512: " + watch.first();
    if (!error.text.empty()) return built;
    const auto& text = holder.textSection()->buffer();
    built.code = NativeCode({text.data(), text.size()}, 0);
    return built;
}

// A lane of an operand or result in memory.
void put(const LanesCase& c, Scalar t, uint8_t* area, int lane, Slot bits) {
    if (t != Scalar::Bool) {
        const size_t size = byte_size(t);
        std::memcpy(area + static_cast<size_t>(lane) * size, &bits, size);
    } else if (c.isa == Isa::V4) {
        if (bits != 0)
            area[lane / 8] = static_cast<uint8_t>(area[lane / 8] | 1u << lane % 8);
        else
            area[lane / 8] = static_cast<uint8_t>(area[lane / 8] & ~(1u << lane % 8));
    } else {
        const size_t size = static_cast<size_t>(32 / c.lanes);
        std::memset(area + static_cast<size_t>(lane) * size, bits != 0 ? 0xff : 0, size);
    }
}

// false if a bool lane of v3 is neither all ones nor all zeros.
bool get(const LanesCase& c, Scalar t, const uint8_t* area, int lane, Slot& bits) {
    bits = 0;
    if (t != Scalar::Bool) {
        const size_t size = byte_size(t);
        std::memcpy(&bits, area + static_cast<size_t>(lane) * size, size);
        return true;
    }
    if (c.isa == Isa::V4) {
        bits = area[lane / 8] >> lane % 8 & 1;
        return true;
    }
    const int size = 32 / c.lanes;
    for (int k = 0; k < size; ++k)
        if (area[lane * size + k] != area[lane * size]) return false;
    bits = area[lane * size] & 1;
    return area[lane * size] == 0xff || area[lane * size] == 0;
}

// Runs all operand tuples; reports the first lane that is wrong.
void expect_right(const Variant& v, const std::vector<LanesTuple>& tuples) {
    const LanesCase& c = v.what;
    const Built built = build(v);
    ASSERT_EQ(built.error, "") << v.describe();
    alignas(64) uint8_t in[3 * kAreaBytes], out[5 * kAreaBytes];
    for (size_t first = 0; first < tuples.size(); first += static_cast<size_t>(c.lanes)) {
        std::memset(in, 0xa5, sizeof in);  // garbage above the lanes of a k register, too
        std::memset(out, 0, sizeof out);
        LanesTuple lanes[16];
        for (int lane = 0; lane < c.lanes; ++lane) {
            lanes[lane] = tuples[(first + static_cast<size_t>(lane)) % tuples.size()];
            if (v.second == Second::Constant || v.second == Second::ConstantInMemory) lanes[lane].v[1] = v.constant;
            for (int k = 0; k < c.arity(); ++k) put(c, c.operand_type(k), in + k * kAreaBytes, lane, lanes[lane].v[k]);
        }
        NativeArguments arguments;
        arguments.pointer(in);
        arguments.pointer(out);
        const char* fault = nullptr;
        begin_run();
        call_native(built.code.entry(), arguments, &fault);
        ASSERT_EQ(fault, nullptr) << v.describe() << ": " << fault;
        for (int lane = 0; lane < c.lanes; ++lane) {
            Slot expected = 0, got = 0, got_flag = 0;
            bool flag = false;
            ASSERT_TRUE(c.evaluate(lanes[lane], expected, flag));
            ASSERT_TRUE(get(c, c.to, out, lane, got)) << v.describe() << ": lane " << lane << " is a broken mask";
            ASSERT_TRUE(same_value(c.to, expected, got))
                << v.describe() << ": lane " << lane << " of " << c.describe(lanes[lane]) << " is "
                << describe(c.to, got) << ", expected " << describe(c.to, expected);
            if (c.has_flag()) {
                ASSERT_TRUE(get(c, Scalar::Bool, out + kAreaBytes, lane, got_flag))
                    << v.describe() << ": the flag of lane " << lane << " is a broken mask";
                ASSERT_EQ(got_flag != 0, flag)
                    << v.describe() << ": flag of lane " << lane << " of " << c.describe(lanes[lane]);
            }
            for (int k = 0; k < c.arity(); ++k) {
                if (k == v.alias) continue;
                Slot kept = 0;
                ASSERT_TRUE(get(c, c.operand_type(k), out + (k + 2) * kAreaBytes, lane, kept));
                ASSERT_EQ(canonical(c.operand_type(k), kept), canonical(c.operand_type(k), lanes[lane].v[k]))
                    << v.describe() << ": operand " << k << " was overwritten";
            }
        }
    }
}

void all_variants(const LanesCase& c) {
    const Constraints rule = lanes_int_rule(c.op, c.from, c.isa);
    if (rule.shape == Shape::LaneCall) return;  // no sequence; lanes_ops_test.cpp has it
    const std::vector<LanesTuple> tuples = tuples_of(c);
    const bool second_in_memory = (rule.mem_ok & 2) != 0;
    const auto is_mask = [&](Scalar t) { return c.isa == Isa::V4 && t == Scalar::Bool; };
    for (const bool high : {false, true}) {
        if (high && c.isa != Isa::V4) continue;
        for (int alias = -1; alias < (rule.early_clobber ? 0 : c.arity()); ++alias) {
            if (alias >= 0 && is_mask(c.operand_type(alias)) != is_mask(c.to)) continue;
            ASSERT_NO_FATAL_FAILURE(expect_right({c, alias, high}, tuples));
            if (!second_in_memory || alias == 1) continue;
            ASSERT_NO_FATAL_FAILURE(expect_right({c, alias, high, Second::Memory}, tuples));
        }
    }
    if (c.arity() < 2 || c.operand_type(1) == Scalar::Bool) return;
    Random random(static_cast<uint64_t>(c.op) * 977);
    std::vector<Slot> values(few_special_values(c.operand_type(1)).begin(),
                             few_special_values(c.operand_type(1)).end());
    const bool divides = c.op == Op::Quot || c.op == Op::Rem;
    if (c.is_shift())
        for (uint64_t count = 0; count <= 65; ++count) values.push_back(count);
    if (divides)
        for (int k = 0; k < 200; ++k)
            values.push_back(canonical(c.from, k < 100 ? Slot(k) : random.next() >> random.below(64)));
    for (const Slot value : values) {
        std::vector<LanesTuple> some;
        some.reserve(256);
        for (int k = 0; k < 48; ++k) some.push_back(tuples[random.below(tuples.size())]);
        for (int k = 0; divides && k < 200; ++k)  // about the multiples of the divisor
            some.push_back(
                {{canonical(c.from, value * (random.next() >> random.below(64)) + random.below(3) - 1), value}});
        for (const Second second : {Second::Constant, Second::ConstantInMemory}) {
            if (second == Second::ConstantInMemory && !second_in_memory) continue;
            ASSERT_NO_FATAL_FAILURE(expect_right({c, rule.early_clobber ? -1 : 0, false, second, value}, some));
            ASSERT_NO_FATAL_FAILURE(expect_right({c, -1, false, second, value}, some));
        }
    }
}

class LaneSequences : public testing::TestWithParam<LanesCase> {};

TEST_P(LaneSequences, EveryPlaceOfOperandsAndResult) {
    if (GetParam().isa > host_isa()) GTEST_SKIP() << "this machine lacks the level";
    all_variants(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Lanes, LaneSequences, testing::ValuesIn(all_lanes_cases()),
                         [](const auto& i) { return i.param.test_name(); });

}  // namespace
}  // namespace exprjit::jit
