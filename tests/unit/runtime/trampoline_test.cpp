// SPDX-License-Identifier: MIT OR Apache-2.0
#include "support/trampoline.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <utility>
#include <vector>

#include "runtime/executable.h"

namespace exprjit {
namespace {

// What the callee got, in order of its parameters.
std::vector<uint64_t> received;
bool aligned = false;

uint64_t bits_of(int32_t i) { return static_cast<uint32_t>(i); }
uint64_t bits_of(int64_t i) { return static_cast<uint64_t>(i); }
uint64_t bits_of(float f) { return std::bit_cast<uint32_t>(f); }
uint64_t bits_of(double d) { return std::bit_cast<uint64_t>(d); }
uint64_t bits_of(void* p) { return reinterpret_cast<uintptr_t>(p); }

// An aligned local: the compiler uses aligned stores for it, which trap if the caller broke the stack's alignment.
template <class... Args>
double takes(Args... args) {
    alignas(16) volatile char probe[16] = {};
    aligned = reinterpret_cast<uintptr_t>(&probe) % 16 == 0;
    received = {bits_of(args)...};
    return 12.5;
}

template <class... Args>
int32_t takes_context(Args... args) {
    received = {bits_of(args)...};
    return static_cast<int32_t>(Exit::Ok);
}

template <class T>
constexpr Scalar scalar_of = std::is_same_v<T, double>    ? Scalar::F64
                             : std::is_same_v<T, float>   ? Scalar::F32
                             : std::is_same_v<T, int64_t> ? Scalar::I64
                                                          : Scalar::I32;

class NoMemory final : public CodeMemory {
  public:
    bool install(std::span<const uint8_t>, CodeBlock&) override { return false; }
    void release(const CodeBlock&) override {}
    size_t code_bytes() const override { return 0; }
    size_t arena_bytes() const override { return 0; }
};

template <class... Args>
void check() {
    NoMemory memory;
    std::mt19937_64 random(sizeof...(Args));
    Function f;
    (f.params.push_back({"", Type(scalar_of<Args>)}), ...);
    std::vector<Slot> args;
    for (const Param& p : f.params) {
        const uint64_t word = random();
        args.push_back(byte_size(p.type.scalar()) == 4 ? word & 0x3fffffff : word & 0x3fffffffffffffff);
    }
    const auto call = [&](const void* function, EntryForm form, Context& context, Slot* outs) {
        const CodeBlock block{static_cast<const uint8_t*>(function), 64, nullptr};
        const Executable e = Executable::native(memory, block, 0, form, f);
        return e.call(context, args.data(), outs);
    };
    f.results = {kF64};
    Context context;
    Slot out = 0;
    received.clear();
    EXPECT_EQ(call(reinterpret_cast<const void*>(&takes<Args...>), EntryForm::Plain, context, &out), Exit::Ok);
    EXPECT_EQ(received, args);
    EXPECT_EQ(out, bits_of(12.5));
    EXPECT_TRUE(aligned);

    received.clear();
    EXPECT_EQ(
        call(reinterpret_cast<const void*>(&takes_context<void*, Args..., void*>), EntryForm::Context, context, &out),
        Exit::Ok);
    std::vector<Slot> expected = args;
    expected.insert(expected.begin(), bits_of(static_cast<void*>(&context)));
    expected.push_back(bits_of(static_cast<void*>(&out)));
    EXPECT_EQ(received, expected);
}

// The first n of a repeating pattern of types.
template <size_t i>
using Pattern = std::tuple_element_t<i % 5, std::tuple<double, int64_t, float, int32_t, double>>;

template <size_t... i>
void check_mixed(std::index_sequence<i...>) {
    check<Pattern<i>...>();
}

template <size_t... n>
void check_all_counts(std::index_sequence<n...>) {
    (check_mixed(std::make_index_sequence<n>()), ...);
}

TEST(RuntimeTrampoline, PassesZeroToTwentyMixedArguments) { check_all_counts(std::make_index_sequence<21>()); }

TEST(RuntimeTrampoline, PassesOnlyIntegersOrOnlyFloats) {
    check<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t>();
    check<int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t>();
    check<int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t>();
    check<double, double, double, double, double, double, double, double, double, double, double>();
    check<float, float, float, float, float, float, float, float, float>();
}

template <class T>
T gives();
template <>
int32_t gives<int32_t>() {
    return -5;
}
template <>
int64_t gives<int64_t>() {
    return -5'000'000'000;
}
template <>
float gives<float>() {
    return -0.5f;
}

template <class T>
Slot result_of(Scalar type) {
    NoMemory memory;
    Function f;
    f.results = {Type(type)};
    const CodeBlock block{reinterpret_cast<const uint8_t*>(&gives<T>), 64, nullptr};
    const Executable e = Executable::native(memory, block, 0, EntryForm::Plain, f);
    Context context;
    Slot out = ~Slot{0};
    EXPECT_EQ(e.call(context, nullptr, &out), Exit::Ok);
    return out;
}

TEST(RuntimeTrampoline, ResultsFillTheirSlotWithZerosAbove) {
    EXPECT_EQ(result_of<int32_t>(Scalar::I32), uint64_t{0xfffffffb});
    EXPECT_EQ(result_of<int64_t>(Scalar::I64), static_cast<uint64_t>(-5'000'000'000));
    EXPECT_EQ(result_of<float>(Scalar::F32), bits_of(-0.5f));
    EXPECT_EQ(result_of<int32_t>(Scalar::Bool), 1u);
}

uint32_t seen_mxcsr = 0;
double looks_at_mxcsr() {
    seen_mxcsr = __builtin_ia32_stmxcsr();
    return 0;
}

TEST(RuntimeTrampoline, RunsInTheDefaultFloatEnvironmentAndRestoresTheCallers) {
    NoMemory memory;
    Function f;
    f.results = {kF64};
    const CodeBlock block{reinterpret_cast<const uint8_t*>(&looks_at_mxcsr), 64, nullptr};
    const Executable e = Executable::native(memory, block, 0, EntryForm::Plain, f);
    const uint32_t before = __builtin_ia32_stmxcsr();
    // Flush to zero, denormals are zero, each rounding mode, sticky flags set.
    for (const uint32_t hostile : {0x9fc0u, 0x3f80u, 0x5f80u, 0x7f80u, 0x1fbfu, 0xffffu}) {
        __builtin_ia32_ldmxcsr(hostile);
        Context context;
        Slot out = 0;
        EXPECT_EQ(e.call(context, nullptr, &out), Exit::Ok);
        const uint32_t after = __builtin_ia32_stmxcsr();
        __builtin_ia32_ldmxcsr(before);
        EXPECT_EQ(seen_mxcsr, 0x1f80u);
        EXPECT_EQ(after, hostile);
    }
}

// A plain entry does not compare its frame with the stack's limit, so the call does it beforehand.
TEST(RuntimeTrampoline, LeavesRoomForTheFrameOfAPlainEntry) {
    NoMemory memory;
    Function f;
    f.results = {kF64};
    const CodeBlock block{reinterpret_cast<const uint8_t*>(&looks_at_mxcsr), 64, nullptr};
    const Executable small = Executable::native(memory, block, 0, EntryForm::Plain, f);
    const Executable large = Executable::native(memory, block, 0, EntryForm::Plain, f, 16 * 1024);
    Slot out = 0;
    Context context;
    context.stack_limit = reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) - 12 * 1024;
    EXPECT_EQ(small.call(context, nullptr, &out), Exit::Ok);
    EXPECT_EQ(large.call(context, nullptr, &out), Exit::StackOverflow);
    context.stack_limit -= 12 * 1024;
    EXPECT_EQ(large.call(context, nullptr, &out), Exit::Ok);
}

}  // namespace
}  // namespace exprjit
