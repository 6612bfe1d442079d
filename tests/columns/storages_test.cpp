// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What lies in memory is not always what a parameter or an output is: every dtype that converts, in every layout.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

constexpr Storage kValueTypes[] = {Storage::Bool, Storage::I32, Storage::I64, Storage::F32, Storage::F64};
constexpr int64_t kLengths[] = {0, 1, 2, 7, 8, 15, 16, 17, 31, 63, 67, 300, 5000};

// NumPy's promotion without loss, as the header has it.
bool converts(Scalar from, Scalar to) {
    if (from == to || from == Scalar::Bool) return true;
    if (from == Scalar::I32) return to == Scalar::I64 || to == Scalar::F64;
    return to == Scalar::F64;
}

// An element as the number it is, exact for every storage.
long double number(Storage s, uint64_t bits) {
    switch (s) {
    case Storage::Bool: return bits != 0;
    case Storage::I8: return static_cast<int8_t>(bits);
    case Storage::I16: return static_cast<int16_t>(bits);
    case Storage::U8:
    case Storage::U16:
    case Storage::U32:
    case Storage::U64: return static_cast<long double>(bits);
    case Storage::I32: return static_cast<int32_t>(bits);
    case Storage::I64: return static_cast<long double>(static_cast<int64_t>(bits));
    case Storage::F16: return trial::f16_to_f32(static_cast<uint16_t>(bits));
    case Storage::F32: return std::bit_cast<float>(static_cast<uint32_t>(bits));
    case Storage::F64: return std::bit_cast<double>(bits);
    }
    return 0;
}

uint64_t element(Scalar s, long double v) {
    switch (s) {
    case Scalar::Bool: return v != 0;
    case Scalar::I32: return static_cast<uint32_t>(static_cast<int32_t>(v));
    case Scalar::I64: return static_cast<uint64_t>(static_cast<int64_t>(v));
    case Scalar::F32: return std::bit_cast<uint32_t>(static_cast<float>(v));
    case Scalar::F64: break;
    }
    return std::bit_cast<uint64_t>(static_cast<double>(v));
}

// The path of a value: storage, parameter, output column; every conversion rounds once.
uint64_t converted(Storage from, Scalar through, Scalar to, uint64_t bits) {
    const uint64_t value = element(through, number(from, bits));
    return element(to, number(storage_of(through), value));
}

void check_path(const NamedEngine& engine, const Kernel& kernel, Storage from, Scalar through, Scalar to) {
    trial::Random random(static_cast<uint64_t>(from) * 100 + static_cast<uint64_t>(through) * 10 +
                         static_cast<uint64_t>(to));
    TestColumns columns;
    columns.inputs.resize(1);
    columns.outputs.resize(1);
    size_t turn = 0;
    for (const int64_t rows : kLengths)
        for (size_t p = 0; p < kPatternCount; ++p) {
            std::vector<uint64_t> elements = random_elements(from, static_cast<size_t>(rows) + 1, random);
            // Any byte but 0 is true.
            if (from == Storage::Bool)
                for (uint64_t& e : elements)
                    if (e != 0) e = 1 + random.below(255);
            const auto side = ++turn % 2 == 0 ? trial::Guarded::Side::Back : trial::Guarded::Side::Front;
            const size_t out = (p + turn) % kPatternCount;
            columns.inputs[0].lay_out(from, rows, kPatterns[p], side);
            columns.inputs[0].write(elements);
            columns.outputs[0].lay_out(storage_of(to), rows, kPatterns[out == kUniform ? 0 : out], side);
            const Outcome o = columns.evaluate(kernel, rows);
            const std::string what = std::string(engine.name) + ": " + std::string(name_of(from)) + " to " +
                                     std::string(name_of(through)) + " to " + std::string(name_of(to)) + ", " +
                                     std::to_string(rows) + " rows, input " + kPatterns[p].name + ", output " +
                                     kPatterns[out].name;
            ASSERT_EQ(o.status, EJ_OK) << what << ": " << o.message;
            ASSERT_TRUE(columns.intact()) << what;
            for (int64_t r = 0; r < rows; ++r) {
                const uint64_t e = elements[p == kUniform ? 0 : static_cast<size_t>(r)];
                const uint64_t want = converted(from, through, to, e), got = columns.outputs[0].block().element(r);
                ASSERT_TRUE(trial::same_element(storage_of(to), got, want))
                    << what << ", row " << r << ": " << trial::describe_element(from, e) << " gave "
                    << trial::describe_element(storage_of(to), got) << ", want "
                    << trial::describe_element(storage_of(to), want);
            }
        }
}

TEST(Storages, EveryConversionOnTheWay) {
    for (const NamedEngine& engine : all_engines())
        for (const Storage through : kValueTypes) {
            const TypedName x{"x", through};
            const Kernel kernel = compile(engine, "x", {&x, 1});
            ASSERT_NE(kernel, nullptr);
            for (int s = 0; s < kStorageCount; ++s)
                for (const Storage to : kValueTypes) {
                    const Storage from = static_cast<Storage>(s);
                    const Scalar in = widened(through), out = widened(to);
                    if (!converts(widened(from), in) || !converts(in, out)) continue;
                    check_path(engine, kernel, from, in, out);
                    if (HasFatalFailure()) return;
                }
        }
}

TEST(Storages, WhatLosesIsRefused) {
    const NamedEngine& engine = all_engines().front();
    TestColumns columns;
    columns.inputs.resize(1);
    columns.outputs.resize(1);
    for (const Storage through : kValueTypes) {
        const TypedName x{"x", through};
        const Kernel kernel = compile(engine, "x", {&x, 1});
        ASSERT_NE(kernel, nullptr);
        for (int s = 0; s < kStorageCount; ++s)
            for (const Storage to : kValueTypes) {
                const Storage from = static_cast<Storage>(s);
                const bool fits = converts(widened(from), widened(through)) && converts(widened(through), widened(to));
                columns.inputs[0].lay_out(from, 3, kPatterns[0], trial::Guarded::Side::Back);
                columns.inputs[0].write(std::vector<uint64_t>(3));
                columns.outputs[0].lay_out(to, 3, kPatterns[0], trial::Guarded::Side::Back);
                const Outcome o = columns.evaluate(kernel, 3);
                EXPECT_EQ(o.status == EJ_OK, fits) << name_of(from) << " " << name_of(through) << " " << name_of(to);
                if (fits) continue;
                EXPECT_EQ(columns.outputs[0].block().element(0), trial::ColumnBlock::untouched(to));
            }
    }
}

// A u64 of 2^63 or more is no i64: the lowest such row is reported, in every layout, through any number of threads.
TEST(Storages, LargeUnsignedFailsInItsRow) {
    const TypedName x{"x", Storage::U64};
    trial::Random random(7);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "x * 2", {&x, 1});
        ASSERT_NE(kernel, nullptr);
        TestColumns columns;
        columns.inputs.resize(1);
        columns.outputs.resize(1);
        for (const int64_t rows : {1, 5, 16, 67, 3000, 40000})
            for (size_t p = 0; p < kPatternCount; ++p) {
                std::vector<uint64_t> elements = random_elements(Storage::U64, static_cast<size_t>(rows), random);
                const int64_t bad = static_cast<int64_t>(random.below(static_cast<uint64_t>(rows)));
                elements[static_cast<size_t>(bad)] |= uint64_t{1} << 63;
                elements.back() |= uint64_t{1} << 63;
                columns.inputs[0].lay_out(Storage::U64, rows, kPatterns[p], trial::Guarded::Side::Back);
                columns.inputs[0].write(elements);
                columns.outputs[0].lay_out(Storage::I64, rows, kPatterns[0], trial::Guarded::Side::Back);
                const ej_run_options run = with_threads(static_cast<int32_t>(random.between(1, 4)));
                const Outcome o = columns.evaluate(kernel, rows, &run);
                ASSERT_TRUE(columns.intact());
                if (p == kUniform && elements[0] >> 63 == 0) {
                    ASSERT_EQ(o.status, EJ_OK) << o.message;
                    continue;
                }
                ASSERT_EQ(o.status, EJ_ERR_DOMAIN) << engine.name << " " << rows << " rows, " << kPatterns[p].name;
                ASSERT_EQ(o.row, p == kUniform ? 0 : bad)
                    << engine.name << " " << kPatterns[p].name << " " << o.message;
            }
    }
}

}  // namespace
