// SPDX-License-Identifier: MIT OR Apache-2.0
#include <cmath>
#include <limits>

#include "interp/half.h"
#include "run_ir.h"

namespace exprjit {
namespace {

using testing::array_over;
using testing::checked;
using testing::Outcome;
using testing::run_ir;
using testing::run_program;
using testing::slot;

// Loads element %i of an array of this storage, and stores it to the other array at %j.
Program copy_program(Storage s) {
    const std::string storage(name_of(s)), wide(name_of(widened(s)));
    return checked("func @f(%x: array<" + storage + ",1>, %y: mut array<" + storage + ",1>, %i: i64, %j: i64) -> (" +
                   wide + ") {\n  %v = load " + wide + " %x, %i\n  store %y, %j, %v\n  return %v\n}\n");
}

template <class T, class W>
void expect_copies(Storage s, std::vector<T> values, std::vector<W> widened_values) {
    const Program p = copy_program(s);
    std::vector<T> target(values.size() + 1, T{});
    const ArrayDescriptor x = array_over(values);
    ArrayDescriptor y = array_over(target);
    for (size_t k = 0; k < values.size(); ++k) {
        const auto i = static_cast<int64_t>(k);
        const Outcome o = run_program(p, {slot(x), slot(y), slot(i), slot(i + 1)});
        ASSERT_EQ(o.exit, Exit::Ok);
        EXPECT_EQ(o.outs[0], slot(widened_values[k])) << name_of(s) << " " << k;
        EXPECT_EQ(std::memcmp(&target[k + 1], &values[k], sizeof(T)), 0) << name_of(s) << " " << k;
    }
    EXPECT_EQ(std::memcmp(&target[0], std::vector<T>(1).data(), sizeof(T)), 0);
    const auto end = static_cast<int64_t>(values.size());
    for (const int64_t outside : {int64_t{-1}, end, INT64_MIN, INT64_MAX}) {
        const Outcome o = run_program(p, {slot(x), slot(y), slot(outside), slot(outside == end ? end + 1 : outside)});
        EXPECT_EQ(o.exit, Exit::Ok);
        EXPECT_EQ(o.outs[0], 0u) << name_of(s) << " outside";
    }
    EXPECT_EQ(std::memcmp(&target[1], values.data(), values.size() * sizeof(T)), 0)
        << "a store outside wrote something";
}

TEST(InterpArrays, EveryStorageWidensAndNarrows) {
    expect_copies<int8_t, int32_t>(Storage::I8, {-128, 127, -1}, {-128, 127, -1});
    expect_copies<uint8_t, int32_t>(Storage::U8, {0, 255, 128}, {0, 255, 128});
    expect_copies<int16_t, int32_t>(Storage::I16, {-32768, 32767}, {-32768, 32767});
    expect_copies<uint16_t, int32_t>(Storage::U16, {65535, 1}, {65535, 1});
    expect_copies<int32_t, int32_t>(Storage::I32, {INT32_MIN, -1}, {INT32_MIN, -1});
    expect_copies<uint32_t, int64_t>(Storage::U32, {UINT32_MAX, 1}, {UINT32_MAX, 1});
    expect_copies<int64_t, int64_t>(Storage::I64, {INT64_MIN, -1}, {INT64_MIN, -1});
    expect_copies<float, float>(Storage::F32, {-0.0f, 1.5f}, {-0.0f, 1.5f});
    expect_copies<double, double>(Storage::F64, {-0.0, 0.1}, {-0.0, 0.1});
    expect_copies<uint16_t, float>(Storage::F16, {0x3c00, 0xfc00, 0x8000, 0x0001}, {1.0f, -INFINITY, -0.0f, 0x1p-24f});
    expect_copies<uint8_t, bool>(Storage::Bool, {0, 1}, {false, true});
    // A bool in memory that is neither 0 nor 1 is true.
    std::vector<uint8_t> odd{7}, target{0};
    const ArrayDescriptor x = array_over(odd), y = array_over(target);
    EXPECT_EQ(run_program(copy_program(Storage::Bool), {slot(x), slot(y), 0, 0}).outs[0], 1u);
    EXPECT_EQ(target[0], 1);
}

TEST(InterpArrays, StoresWrap) {
    const Program p =
        checked("func @f(%y: mut array<i8,1>, %z: mut array<u32,1>, %a: i32, %b: i64) -> () {\n  %i = const i64 0\n"
                "  store %y, %i, %a\n  store %z, %i, %b\n  return\n}\n");
    std::vector<int8_t> small(1);
    std::vector<uint32_t> words(1);
    const ArrayDescriptor y = array_over(small), z = array_over(words);
    run_program(p, {slot(y), slot(z), slot(300), slot(int64_t{-2})});
    EXPECT_EQ(small[0], 44);
    EXPECT_EQ(words[0], 0xfffffffeu);
}

TEST(InterpArrays, RanksAndStrides) {
    const Program p =
        checked("func @f(%x: array<i16,3>, %i: i64, %j: i64, %k: i64) -> (i32, i64, i64, i64) {\n  %v = load i32 %x, "
                "%i, %j, %k\n"
                "  %a = len i64 %x, #0\n  %b = len i64 %x, #1\n  %c = len i64 %x, #2\n  return %v, %a, %b, %c\n}\n");
    std::vector<int16_t> data(2 * 3 * 4);
    for (size_t n = 0; n < data.size(); ++n) data[n] = static_cast<int16_t>(n + 1);
    // The second dimension runs backwards, the third repeats one element, and elements lie at odd addresses.
    std::vector<unsigned char> bytes(data.size() * 2 + 1);
    std::memcpy(bytes.data() + 1, data.data(), data.size() * 2);
    ArrayDescriptor x;
    x.data = bytes.data() + 1 + 2 * 4 * 2;
    x.length[0] = 2, x.length[1] = 3, x.length[2] = 5;
    x.stride[0] = 3 * 4 * 2, x.stride[1] = -4 * 2, x.stride[2] = 0;
    for (int64_t i = -1; i <= 2; ++i) {
        for (int64_t j = -1; j <= 3; ++j) {
            for (int64_t k = -1; k <= 5; ++k) {
                const Outcome o = run_program(p, {slot(x), slot(i), slot(j), slot(k)});
                const bool inside = i >= 0 && i < 2 && j >= 0 && j < 3 && k >= 0 && k < 5;
                EXPECT_EQ(o.get<int32_t>(), inside ? data[static_cast<size_t>(i * 12 + (2 - j) * 4)] : 0)
                    << i << j << k;
                EXPECT_EQ(o.get<int64_t>(2), 3);
                EXPECT_EQ(o.get<int64_t>(3), 5);
            }
        }
    }
    // Lengths that no array has are empty, not enormous.
    x.length[1] = -1;
    EXPECT_EQ(run_program(p, {slot(x), 0, 0, 0}).get<int32_t>(), 0);
}

TEST(InterpArrays, LanesGatherAndScatter) {
    const Program p =
        checked("func @f(%x: array<f64,1>, %y: mut array<f64,2>, %n: i64) -> (f64) {\n  %i = iota i64x4\n  %n4 = splat "
                "i64x4 %n\n"
                "  %j = mul i64x4 %i, %n4\n  %v = load f64x4 %x, %j\n  %z = sub i64x4 %i, %i\n  store %y, %z, %i, %v\n"
                "  %r = extract f64 %v, #3\n  return %r\n}\n");
    std::vector<double> from{1, 2, 3, 4, 5, 6, 7}, to(8, -1.0);
    const ArrayDescriptor x = array_over(from);
    ArrayDescriptor y;
    y.data = to.data();
    y.length[0] = 1, y.length[1] = 3;  // the last lane is outside
    y.stride[1] = 16;
    EXPECT_EQ(run_program(p, {slot(x), slot(y), slot(int64_t{2})}).get<double>(), 7);
    EXPECT_EQ(to, (std::vector<double>{1, -1, 3, -1, 5, -1, -1, -1}));
    EXPECT_EQ(run_program(p, {slot(x), slot(y), slot(int64_t{3})}).get<double>(), 0);
}

TEST(InterpArrays, LocalsAreZeroEachTime) {
    const char* text =
        "func @f(%n: i64) -> (f64) {\n  %z = const i64 0\n  %one = const i64 1\n  %f = const f64 0\n  %five = const "
        "f64 5\n"
        "  for %z, %n, %one, %f\n    %i = index i64\n    %s = carried f64 #0\n    %l = local mut array<f32,1> #3\n"
        "    %k = local mut array<i8,1> #5\n    %old = load f32 %l, %one\n    %five32 = float_to_float f32 %five\n"
        "    store %l, %one, %five32\n    %seven = const i32 7\n    store %k, %z, %seven\n    %new = load f32 %l, "
        "%one\n"
        "    %a = float_to_float f64 %old\n    %b = float_to_float f64 %new\n    %c = add f64 %s, %a\n    %d = add f64 "
        "%c, %b\n"
        "    yield %d\n  %r = end_for f64\n  return %r\n}\n";
    EXPECT_EQ(run_ir(text, {slot(int64_t{4})}).get<double>(), 20.0);
    EXPECT_EQ(run_ir("func @f() -> (f64, i64) {\n  %l = local mut array<f64,1> #0\n  %z = const i64 0\n  %v = load f64 "
                     "%l, %z\n  store %l, %z, %v\n"
                     "  %n = len i64 %l, #0\n  return %v, %n\n}\n")
                  .get<double>(),
              0.0);
}

TEST(InterpArrays, LocalsReachCallees) {
    EXPECT_EQ(run_ir("func @f() -> (f64) {\n  %l = local mut array<f64,1> #4\n  call @g, %l\n  %two = const i64 2\n  "
                     "%v = load f64 %l, %two\n  return %v\n}\n"
                     "func @g(%x: mut array<f64,1>) -> () {\n  %two = const i64 2\n  %v = const f64 2.5\n  store %x, "
                     "%two, %v\n  return\n}\n")
                  .get<double>(),
              2.5);
}

TEST(InterpArrays, TablesOutliveTheProgram) {
    auto program = std::make_unique<Program>(checked(
        "table 0: u8 [10, 20, 30]\ntable 1: f16 [#0x3c00]\nfunc @f(%i: i64) -> (i32, f32, i64) {\n"
        "  %t = table array<u8,1> #0\n  %h = table array<f16,1> #1\n  %v = load i32 %t, %i\n  %w = load f32 %h, %i\n"
        "  %n = len i64 %t, #0\n  return %v, %w, %n\n}\n"));
    Interpreter made(*program);
    program.reset();
    const Interpreter interpreter = std::move(made);
    Context context;
    Slot outs[3];
    for (int64_t i = -1; i < 4; ++i) {
        const Slot args[] = {slot(i)};
        ASSERT_EQ(interpreter.run(context, args, outs), Exit::Ok);
        EXPECT_EQ(outs[0], i >= 0 && i < 3 ? static_cast<Slot>(10 * (i + 1)) : 0);
        EXPECT_EQ(outs[1], i == 0 ? slot(1.0f) : 0);
        EXPECT_EQ(outs[2], 3u);
    }
}

TEST(InterpArrays, RawMemory) {
    const Program p = checked("func @f(%x: mut array<f32,2>, %i: i64) -> (f32, f32) {\n  %b = base i64 %x\n  %s = "
                              "stride i64 %x, #1\n  %o = mul i64 %i, %s\n"
                              "  %v = load_raw f32 %b, %o, f32\n  %w = load_raw f32x2 %b, %o, f32\n  %t = add f32x2 "
                              "%w, %w\n  store_raw %b, %o, %t, f32\n"
                              "  %l = iota i64x2\n  %s2 = splat i64x2 %s\n  %m = mul i64x2 %l, %s2\n  %g = load_raw "
                              "f32x2 %b, %m, f32\n  %e = extract f32 %g, #1\n"
                              "  return %v, %e\n}\n",
                              Trust::Internal);
    std::vector<float> data{1, 2, 3, 4, 5};
    ArrayDescriptor x = array_over(data);
    x.length[1] = 2;
    x.stride[1] = 8;
    const Outcome o = run_program(p, {slot(x), slot(int64_t{1})});
    EXPECT_EQ(o.get<float>(0), 3);
    EXPECT_EQ(o.get<float>(1), 6);  // behind the store
    EXPECT_EQ(data, (std::vector<float>{1, 2, 6, 8, 5}));
}

TEST(InterpHalf, EveryHalfRoundTrips) {
    for (uint32_t bits = 0; bits < 65536; ++bits) {
        const auto half = static_cast<uint16_t>(bits);
        const float value = float_from_half(half);
        if ((bits & 0x7fff) > 0x7c00)
            EXPECT_TRUE(std::isnan(value) && std::isnan(float_from_half(half_from_float(value))));
        else
            EXPECT_EQ(half_from_float(value), half) << bits;
    }
    // Against the definition: sign, exponent and fraction by ldexp.
    for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
        const int exponent = static_cast<int>(bits >> 10);
        const double fraction = bits & 1023;
        const double want = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
        ASSERT_EQ(static_cast<double>(float_from_half(static_cast<uint16_t>(bits))), want);
    }
}

// Between every two neighbours: the middle goes to the even one, a hair beside it to the nearer one.
TEST(InterpHalf, RoundsToNearestEven) {
    for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
        const auto low = static_cast<uint16_t>(bits), high = static_cast<uint16_t>(bits + 1);
        const double a = float_from_half(low),
                     b = bits == 0x7bff ? 65536.0 : static_cast<double>(float_from_half(high));
        const auto middle = static_cast<float>((a + b) / 2);
        const uint16_t even = (low & 1) == 0 ? low : high;
        ASSERT_EQ(half_from_float(middle), even) << bits;
        ASSERT_EQ(half_from_float(std::nextafter(middle, 0.0f)), low) << bits;
        ASSERT_EQ(half_from_float(std::nextafter(middle, INFINITY)), high) << bits;
        ASSERT_EQ(half_from_float(-middle), even | 0x8000) << bits;
    }
    EXPECT_EQ(half_from_float(std::numeric_limits<float>::max()), 0x7c00);
    EXPECT_EQ(half_from_float(-INFINITY), 0xfc00);
    EXPECT_EQ(half_from_float(1e-40f), 0);
}

}  // namespace
}  // namespace exprjit
