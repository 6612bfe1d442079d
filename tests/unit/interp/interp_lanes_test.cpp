// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What only passes write: masked memory, masks of a count, rows that checks name, loops that do not poll.
#include <algorithm>
#include <limits>

#include "run_ir.h"

namespace exprjit {
namespace {

using namespace testing;

// Where the mask is false memory is not touched: half of the lanes lie in no memory at all.
TEST(InterpLanes, MasksGuardMemory) {
    for (int64_t count = -1; count <= 5; ++count) {
        std::vector<double> data(static_cast<size_t>(std::clamp<int64_t>(count, 0, 4)), 1.5);
        data.shrink_to_fit();
        const Program p = checked("func @f(%a: i64, %n: i64) -> (f64, f64) {\n  %z = const i64 0\n"
                                  "  %m = lane_mask boolx4 %n\n  %v = load_raw f64x4 %a, %z, %m, f64\n"
                                  "  %d = add f64x4 %v, %v\n  store_raw %a, %z, %d, %m, f64\n"
                                  "  %x = extract f64 %v, #0\n  %y = extract f64 %v, #3\n  return %x, %y\n}\n",
                                  Trust::Internal);
        const Outcome o = run_program(p, {reinterpret_cast<Slot>(data.data()), slot(count)});
        EXPECT_EQ(o.get<double>(0), count > 0 ? 1.5 : 0.0);
        EXPECT_EQ(o.get<double>(1), count > 3 ? 1.5 : 0.0);
        for (const double d : data) EXPECT_EQ(d, 3.0);
    }
}

TEST(InterpLanes, MaskOfOneLane) {
    const Program p = checked("func @f(%a: i64, %m: bool) -> (i32) {\n  %z = const i64 0\n"
                              "  %v = load_raw i32 %a, %z, %m, i8\n  store_raw %a, %z, %v, %m, i8\n  return %v\n}\n",
                              Trust::Internal);
    int8_t byte = -7;
    EXPECT_EQ(run_program(p, {reinterpret_cast<Slot>(&byte), slot(true)}).get<int32_t>(), -7);
    EXPECT_EQ(run_program(p, {0, slot(false)}).get<int32_t>(), 0);
}

TEST(InterpLanes, CountsOfLanes) {
    const Program p = checked("func @f(%n: i64, %b: bool) -> (i64, i64, bool) {\n  %m = lane_mask boolx16 %n\n"
                              "  %c = count_lanes i64 %m\n  %one = count_lanes i64 %b\n  %any = any bool %m\n"
                              "  return %c, %one, %any\n}\n",
                              Trust::Internal);
    using Limits = std::numeric_limits<int64_t>;
    for (const int64_t n :
         {Limits::min(), int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{15}, int64_t{16}, int64_t{17}, Limits::max()}) {
        const Outcome o = run_program(p, {slot(n), slot(n > 0)});
        EXPECT_EQ(o.get<int64_t>(0), std::clamp<int64_t>(n, 0, 16));
        EXPECT_EQ(o.get<int64_t>(1), n > 0);
        EXPECT_EQ(o.get<bool>(2), n > 0);
    }
}

TEST(InterpLanes, ConstantsFillEveryLane) {
    const Program p = checked("func @f() -> (f32, i64) {\n  %c = const f32x8 2.5\n  %s = add f32x8 %c, %c\n"
                              "  %x = extract f32 %s, #7\n  %i = const i64x2 -3\n  %y = extract i64 %i, #1\n"
                              "  return %x, %y\n}\n");
    const Outcome o = run_program(p, {});
    EXPECT_EQ(o.get<float>(0), 5.0f);
    EXPECT_EQ(o.get<int64_t>(1), -3);
}

TEST(InterpLanes, LargeUnsignedElementsKeepTheirBits) {
    const Program p = checked("func @f(%a: i64) -> (i64) {\n  %z = const i64 0\n  %e = const i64 8\n"
                              "  %v = load_raw i64 %a, %z, u64\n  store_raw %a, %e, %v, u64\n  return %v\n}\n",
                              Trust::Internal);
    uint64_t data[2] = {0xfedcba9876543210u, 0};
    EXPECT_EQ(run_program(p, {reinterpret_cast<Slot>(data)}).get<uint64_t>(), data[0]);
    EXPECT_EQ(data[1], data[0]);
}

// The row a check names is reported, whatever loop is around it; every lane must hold.
TEST(InterpLanes, ChecksNameTheirRow) {
    const Program p = checked("func @f(%n: i64, %first: i64) -> () {\n  %z = const i64 0\n  %w = const i64 4\n"
                              "  for %z, %n, %w\n    %i = index i64\n    %r = add i64 %first, %i\n"
                              "    %s = splat i64x4 %i\n    %l = iota i64x4\n    %k = add i64x4 %s, %l\n"
                              "    %t = const i64x4 10\n    %ok = ne boolx4 %k, %t\n    check %ok, %r, user, #5\n"
                              "    yield\n  end_for\n  return\n}\n",
                              Trust::Internal);
    EXPECT_EQ(run_program(p, {slot(int64_t{8}), slot(int64_t{100})}).exit, Exit::Ok);
    const Outcome o = run_program(p, {slot(int64_t{16}), slot(int64_t{100})});
    EXPECT_EQ(o.exit, Exit::CheckFailed);
    EXPECT_EQ(o.context.failed_index, 108);
    EXPECT_EQ(o.context.failed_imm, check_imm(CheckCode::User, 5));
}

TEST(InterpLanes, UnpolledLoopsIgnoreTheStopWord) {
    const int32_t stop = 1;
    for (const bool unpolled : {false, true}) {
        const Program p = checked(std::string("func @f(%n: i64) -> (i64) {\n  %z = const i64 0\n  %o = const i64 1\n"
                                              "  for %z, %n, %o, %z") +
                                      (unpolled ? ", unpolled" : "") +
                                      "\n    %i = index i64\n    %c = carried i64 #0\n    %s = add i64 %c, %i\n"
                                      "    yield %s\n  %r = end_for i64\n  return %r\n}\n",
                                  Trust::Internal);
        const Outcome o = run_program(p, {slot(int64_t{5})}, &stop);
        EXPECT_EQ(o.exit, unpolled ? Exit::Ok : Exit::Cancelled);
        EXPECT_TRUE(!unpolled || o.get<int64_t>() == 10);
    }
}

}  // namespace
}  // namespace exprjit
