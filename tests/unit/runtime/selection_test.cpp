// SPDX-License-Identifier: MIT OR Apache-2.0
#include "runtime/selection.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "runtime/columns_bitmap.h"
#include "runtime/compact.h"
#include "runtime/engine.h"
#include "runtime/executor.h"
#include "runtime/kernel.h"

namespace exprjit {
namespace {

std::vector<Isa> levels() {
    std::vector<Isa> all{Isa::V2};
    if (host_isa() >= Isa::V3) all.push_back(Isa::V3);
    if (host_isa() >= Isa::V4) all.push_back(Isa::V4);
    return all;
}

// ---- compact(): every element size, level, length and density, in guarded memory.

template <class T>
void expect_compacts(Isa isa, int64_t rows, unsigned one_in, std::mt19937& random, bool in_place) {
    const auto padded = static_cast<size_t>((rows + 63) / 64 * 64);
    std::vector<T> from(padded), wanted;
    std::vector<uint8_t> keep(static_cast<size_t>(rows));
    for (size_t i = 0; i < padded; ++i) from[i] = static_cast<T>(random());
    for (size_t i = 0; i < keep.size(); ++i) {
        keep[i] = one_in == 0 ? 0 : random() % one_in == 0;
        if (keep[i]) wanted.push_back(from[i]);
    }
    std::vector<uint64_t> words((static_cast<size_t>(rows) + 63) / 64);
    ASSERT_EQ(make_selection(keep.data(), nullptr, 0, rows, words.data()), static_cast<int64_t>(wanted.size()));
    // Unaligned, and with bytes around it that must stay.
    std::vector<unsigned char> memory(wanted.size() * sizeof(T) + 2 * 64, 0xee);
    unsigned char* const to = in_place ? reinterpret_cast<unsigned char*>(from.data()) : memory.data() + 63;
    compact(words.data(), rows, from.data(), sizeof(T), to, isa);
    EXPECT_TRUE(wanted.empty() || std::memcmp(to, wanted.data(), wanted.size() * sizeof(T)) == 0)
        << "size " << sizeof(T) << ", rows " << rows << ", one in " << one_in << ", isa " << static_cast<int>(isa);
    if (in_place) return;
    for (size_t i = 0; i < 63; ++i) ASSERT_EQ(memory[i], 0xee);
    for (size_t i = 63 + wanted.size() * sizeof(T); i < memory.size(); ++i) ASSERT_EQ(memory[i], 0xee) << i;
}

TEST(Compact, EverySizeLevelLengthAndDensity) {
    std::mt19937 random(1);
    for (const Isa isa : levels()) {
        for (const int64_t rows : {0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 200, 1000, 4096}) {
            for (const unsigned one_in : {0u, 1u, 2u, 3u, 10u, 100u}) {
                for (const bool in_place : {false, true}) {
                    expect_compacts<uint8_t>(isa, rows, one_in, random, in_place);
                    expect_compacts<uint16_t>(isa, rows, one_in, random, in_place);
                    expect_compacts<uint32_t>(isa, rows, one_in, random, in_place);
                    expect_compacts<uint64_t>(isa, rows, one_in, random, in_place);
                }
            }
        }
    }
}

TEST(Compact, NumbersOnEveryLevel) {
    std::mt19937 random(2);
    for (const Isa isa : levels()) {
        for (const int64_t rows : {0, 1, 8, 63, 64, 65, 130, 4096}) {
            for (const unsigned one_in : {1u, 2u, 20u}) {
                std::vector<uint8_t> keep(static_cast<size_t>(rows));
                std::vector<int64_t> wanted;
                for (size_t i = 0; i < keep.size(); ++i) {
                    keep[i] = random() % one_in == 0;
                    if (keep[i]) wanted.push_back(1000 + static_cast<int64_t>(i));
                }
                std::vector<uint64_t> words((static_cast<size_t>(rows) + 63) / 64);
                make_selection(keep.data(), nullptr, 0, rows, words.data());
                std::vector<int64_t> to(wanted.size() + 8, -7);
                compact_numbers(words.data(), rows, 1000, to.data(), isa);
                for (size_t i = 0; i < wanted.size(); ++i) ASSERT_EQ(to[i], wanted[i]);
                for (size_t i = wanted.size(); i < to.size(); ++i) ASSERT_EQ(to[i], -7);
            }
        }
    }
}

TEST(Compact, BitsKeepTheirNeighbours) {
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        const auto rows = static_cast<int64_t>(random() % 300);
        const auto from_at = static_cast<int64_t>(random() % 20), to_at = static_cast<int64_t>(random() % 20);
        std::vector<uint8_t> keep(static_cast<size_t>(rows)), from(64), to(64), before;
        for (uint8_t& b : from) b = static_cast<uint8_t>(random());
        for (uint8_t& b : to) b = static_cast<uint8_t>(random());
        before = to;
        for (uint8_t& k : keep) k = random() % 2 == 0;
        std::vector<uint64_t> words(8);
        const int64_t kept = make_selection(keep.data(), nullptr, 0, rows, words.data());
        ASSERT_EQ(compact_bits(words.data(), rows, from.data(), from_at, to.data(), to_at), kept);
        int64_t at = 0;
        for (int64_t i = 0; i < rows; ++i) {
            if (!keep[static_cast<size_t>(i)]) continue;
            ASSERT_EQ(read_bit(to.data(), to_at + at), read_bit(from.data(), from_at + i));
            ++at;
        }
        for (int64_t bit = 0; bit < 512; ++bit) {
            if (bit >= to_at && bit < to_at + kept) continue;
            ASSERT_EQ(read_bit(to.data(), bit), read_bit(before.data(), bit)) << bit;
        }
    }
}

TEST(Compact, NullConditionsKeepNothing) {
    const std::vector<uint8_t> keep{1, 1, 0, 1};
    const uint8_t validity = 0b10110 << 1;  // from bit 2 on: 1 1 0 1
    uint64_t word = 0;
    EXPECT_EQ(make_selection(keep.data(), &validity, 2, 4, &word), 3);
    EXPECT_EQ(word, 0b1011u);
}

// ---- Through the engine, at every level and in the interpreter.

struct Level {
    Isa isa;
    TierChoice tier;
};

class Selection : public testing::TestWithParam<Level> {
  protected:
    ~Selection() override {
        for (Kernel* k : kernels_) k->release();
        engine_->close();
    }
    const Kernel& compile(const char* text, std::vector<TextParam> params = {}) {
        CompileRequest r;
        r.text = text;
        r.params = params;
        r.isa = GetParam().isa;
        r.tier = GetParam().tier;
        auto made = engine_->compile(r);
        EXPECT_TRUE(made.ok()) << text << ": " << made.error().diagnostics.front().message;
        kernels_.push_back(*made);
        return **made;
    }
    Ref<Engine> engine_ = Engine::create({});
    std::vector<Kernel*> kernels_;
};

TEST_P(Selection, FiltersNarrowAndWideColumns) {
    const Kernel& k = compile("keep = n % 3 == 1\na = n\nb = x * 0.5\nc = n > 100\nd = f",
                              {{"n", Storage::I16}, {"x", Storage::F64}, {"f", Storage::F32}});
    const int64_t rows = 12345;
    std::vector<int16_t> n(rows);
    std::vector<double> x(rows), b(rows);
    std::vector<float> f(rows), d(rows);
    std::vector<int32_t> a(rows);
    std::vector<uint8_t> c(rows);
    for (size_t i = 0; i < n.size(); ++i) n[i] = int16_t(i % 999), x[i] = double(i), f[i] = float(i);
    const Column in[] = {{n.data(), 2, Storage::I16}, {x.data(), 8, Storage::F64}, {f.data(), 4, Storage::F32}};
    const Column out[] = {{a.data(), 4, Storage::I32},
                          {b.data(), 8, Storage::F64},
                          {c.data(), 1, Storage::Bool},
                          {d.data(), 4, Storage::F32}};
    for (const int threads : {1, 3}) {
        PoolExecutor pool(threads);
        ColumnRun run(nullptr, threads > 1 ? &pool : nullptr);
        auto kept = filter_rows(k, run, in, out, rows);
        ASSERT_TRUE(kept.ok()) << kept.error().diagnostics.front().message;
        size_t at = 0;
        for (size_t i = 0; i < n.size(); ++i) {
            if (n[i] % 3 != 1) continue;
            ASSERT_EQ(a[at], n[i]);
            ASSERT_EQ(b[at], x[i] * 0.5);
            ASSERT_EQ(c[at], n[i] > 100);
            ASSERT_EQ(d[at], f[i]);
            ++at;
        }
        EXPECT_EQ(*kept, static_cast<int64_t>(at));
    }
}

// The rows of failures are those of the whole column, the lowest one whoever finds it.
TEST_P(Selection, FailuresNameTheRow) {
    const Kernel& k = compile("a // b > 1", {{"a", Storage::I64}, {"b", Storage::I64}});
    const int64_t rows = 100000;
    std::vector<int64_t> a(rows, 7), b(rows, 2), indices(rows);
    b[9001] = b[9002] = b[70000] = 0;
    const Column in[] = {{a.data(), 8, Storage::I64}, {b.data(), 8, Storage::I64}};
    for (const int threads : {1, 4}) {
        PoolExecutor pool(threads);
        ColumnRun run(nullptr, threads > 1 ? &pool : nullptr);
        auto kept = select_rows(k, run, in, rows, indices.data());
        ASSERT_FALSE(kept.ok());
        EXPECT_EQ(kept.error().row, 9001);
        EXPECT_EQ(kept.error().status(), Status::DivideByZero);
    }
    // In places of the selection, when some are selected: the same row is met twice.
    for (size_t i = 0; i < indices.size(); ++i) indices[i] = 1;
    indices[50000] = indices[60000] = 70000;
    std::vector<uint8_t> out(rows);
    const Column result[] = {{out.data(), 1, Storage::Bool}};
    for (const int threads : {1, 4}) {
        PoolExecutor pool(threads);
        ColumnRun run(nullptr, threads > 1 ? &pool : nullptr);
        auto done = eval_selected(k, run, in, rows, indices.data(), rows, result);
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().row, 50000);
        // A bad index in the same chunk, before it and behind it.
        indices[49999] = rows;
        done = eval_selected(k, run, in, rows, indices.data(), rows, result);
        EXPECT_EQ(done.error().row, 49999);
        EXPECT_EQ(done.error().status(), Status::InvalidArgument);
        indices[49999] = 1;
        indices[50001] = -1;
        done = eval_selected(k, run, in, rows, indices.data(), rows, result);
        EXPECT_EQ(done.error().row, 50000);
        EXPECT_EQ(done.error().status(), Status::DivideByZero);
        indices[50001] = 1;
    }
}

TEST_P(Selection, SelectedRowsOfRecordsInto) {
    const Kernel& k = compile("p * 2 + q");
    struct Record {
        double p, q, r;
    };
    std::vector<Record> records(1000);
    for (size_t i = 0; i < records.size(); ++i) records[i] = {double(i), 0.25, 0};
    const std::vector<int64_t> indices{999, 0, 500, 0};
    const Column in[] = {{&records[0].p, sizeof(Record), Storage::F64}, {&records[0].q, sizeof(Record), Storage::F64}};
    // A further field of the same records takes the result: nothing overlaps.
    const Column out[] = {{&records[0].r, sizeof(Record), Storage::F64}};
    auto done = eval_selected(k, {}, in, 1000, indices.data(), 4, out);
    ASSERT_TRUE(done.ok()) << done.error().diagnostics.front().message;
    EXPECT_EQ(records[0].r, 1998.25);
    EXPECT_EQ(records[1].r, 0.25);
    EXPECT_EQ(records[2].r, 1000.25);
    EXPECT_EQ(records[3].r, 0.25);
    // Neighbouring parts of one array do not overlap either.
    std::vector<double> one(1010);
    const Column behind[] = {{one.data() + 10, 8, Storage::F64}, {one.data() + 10, 8, Storage::F64}};
    const Column front[] = {{one.data(), 8, Storage::F64}};
    EXPECT_TRUE(eval_selected(k, {}, behind, 1000, indices.data(), 4, front).ok());
    const Column inside[] = {{one.data() + 9, 8, Storage::F64}};
    EXPECT_FALSE(eval_selected(k, {}, behind, 1000, indices.data(), 4, inside).ok());
}

// Reductions of selected rows have the bits of the same rows in a column; so have those that take two passes.
TEST_P(Selection, ReducesSelectedRows) {
    std::mt19937 random(4);
    const int64_t rows = 100000, count = 70001;
    std::vector<float> x(rows), gathered(count);
    std::vector<uint8_t> bits(rows / 8 + 1), gathered_bits(count / 8 + 2);
    std::vector<int64_t> indices(count);
    for (float& v : x) v = float(random() % 1000) / 7;
    for (uint8_t& b : bits) b = static_cast<uint8_t>(random() | random());
    for (int64_t i = 0; i < count; ++i) {
        const auto at = static_cast<size_t>(i);
        indices[at] = static_cast<int64_t>(random() % rows);
        gathered[at] = x[static_cast<size_t>(indices[at])];
        fill_bits(gathered_bits.data(), i, 1, read_bit(bits.data(), indices[at]));
    }
    for (const char* text :
         {"a = sum(x)\nb = mean(x)\nc = f64(argmax(x))", "a = sum((x - mean(x))**2)\nb = max(x)\nc = 2.0"}) {
        const Kernel& k = compile(text, {{"x", Storage::F32}});
        double wanted[3] = {0, 0, 0}, got[3] = {1, 1, 1};
        const auto outputs = [](double* to) {
            return std::vector<Column>{{to, 8, Storage::F64}, {to + 1, 8, Storage::F64}, {to + 2, 0, Storage::F64}};
        };
        const Column same[] = {{gathered.data(), 4, Storage::F32, gathered_bits.data(), 0}};
        auto done = eval_columns(k, {}, same, outputs(wanted), count);
        ASSERT_TRUE(done.ok()) << done.error().diagnostics.front().message;
        const Column in[] = {{x.data(), 4, Storage::F32, bits.data(), 0}};
        done = eval_selected(k, {}, in, rows, indices.data(), count, outputs(got));
        ASSERT_TRUE(done.ok()) << done.error().diagnostics.front().message;
        for (int i = 0; i < 3; ++i) EXPECT_EQ(got[i], wanted[i]) << text << i;
        EXPECT_NE(got[0], 0);
        indices[66000] = rows;
        done = eval_selected(k, {}, in, rows, indices.data(), count, outputs(got));
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().row, 66000);
        indices[66000] = 0;
        // No row is the largest one.
        done = eval_selected(k, {}, in, rows, indices.data(), 0, outputs(got));
        ASSERT_FALSE(done.ok());
        EXPECT_EQ(done.error().status(), Status::Domain);
        indices[66000] = static_cast<int64_t>(random() % rows);
        gathered[66000] = x[static_cast<size_t>(indices[66000])];
        fill_bits(gathered_bits.data(), 66000, 1, read_bit(bits.data(), indices[66000]));
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, Selection,
                         testing::Values(Level{Isa::None, TierChoice::Interpreter},
                                         Level{Isa::V2, TierChoice::Optimised}, Level{Isa::V3, TierChoice::Optimised},
                                         Level{Isa::None, TierChoice::Optimised},
                                         Level{Isa::None, TierChoice::Baseline}));

}  // namespace
}  // namespace exprjit
