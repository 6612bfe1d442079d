// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Null bitmaps at any bit offset: what is null, what is written, what is left alone.
#include <random>

#include "columns_fixture.h"
#include "runtime/columns_bitmap.h"

namespace exprjit::columns {
namespace {

TEST(ColumnBitmaps, PiecesAtAnyOffset) {
    std::mt19937 random(7);
    for (int trial = 0; trial < 3000; ++trial) {
        const int64_t offset = random() % 90, count = random() % 300;
        std::vector<uint8_t> bitmap(static_cast<size_t>((offset + count + 7) / 8));  // not a byte too many
        for (uint8_t& b : bitmap) b = static_cast<uint8_t>(random());
        std::vector<uint8_t> bools(static_cast<size_t>(count)), again(bools.size());
        unpack_bits(bools.data(), bitmap.data(), offset, count);
        for (int64_t i = 0; i < count; ++i) ASSERT_EQ(bools[size_t(i)], read_bit(bitmap.data(), offset + i) ? 1 : 0);

        std::vector<uint64_t> words(static_cast<size_t>((count + 63) / 64), ~uint64_t{0}), packed(words.size());
        and_bits(words.data(), bitmap.data(), offset, count);
        pack_bools(packed.data(), bools.data(), count);
        for (int64_t i = 0; i < count; ++i) {
            ASSERT_EQ(words[size_t(i / 64)] >> (i % 64) & 1, bools[size_t(i)]);
            ASSERT_EQ(packed[size_t(i / 64)] >> (i % 64) & 1, bools[size_t(i)]);
        }
        const int64_t to = random() % 90;
        std::vector<uint8_t> target(static_cast<size_t>((to + count + 7) / 8));
        for (uint8_t& b : target) b = static_cast<uint8_t>(random());
        std::vector<uint8_t> before = target;
        write_bits(target.data(), to, packed.data(), count);
        for (int64_t i = 0; i < int64_t(target.size()) * 8; ++i) {
            const bool inside = i >= to && i < to + count;
            ASSERT_EQ(read_bit(target.data(), i), inside ? bools[size_t(i - to)] != 0 : read_bit(before.data(), i));
        }
        const bool value = trial % 2 == 0;
        fill_bits(target.data(), to, count, value);
        for (int64_t i = 0; i < int64_t(target.size()) * 8; ++i) {
            const bool inside = i >= to && i < to + count;
            ASSERT_EQ(read_bit(target.data(), i), inside ? value : read_bit(before.data(), i));
        }
    }
}

// A bitmap of its own with bits around the rows that nobody may change.
class Bits {
  public:
    Bits(int64_t rows, int64_t offset, uint32_t seed) : rows_(rows), offset_(offset) {
        std::mt19937 random(seed);
        bytes_.resize(static_cast<size_t>((offset + rows + 7) / 8));
        for (uint8_t& b : bytes_) b = static_cast<uint8_t>(random());
        before_ = bytes_;
    }
    bool operator[](int64_t row) const { return read_bit(bytes_.data(), offset_ + row); }
    void put_on(Column& c) {
        c.validity = bytes_.data();
        c.validity_offset = offset_;
    }
    bool others_kept() const {
        for (int64_t i = 0; i < int64_t(bytes_.size()) * 8; ++i) {
            if (i >= offset_ && i < offset_ + rows_) continue;
            if (read_bit(bytes_.data(), i) != read_bit(before_.data(), i)) return false;
        }
        return true;
    }
    void clear_rows() { fill_bits(bytes_.data(), offset_, rows_, false); }

  private:
    int64_t rows_, offset_;
    std::vector<uint8_t> bytes_, before_;
};

const int64_t kLengths[] = {0, 1, 3, 7, 8, 9, 63, 64, 65, 1000, 2048, 2051, 40'003};

TEST(ColumnNulls, PropagateThroughExpressions) {
    const Kernels kernels("s = x + y; o = where(is_null(x), 0.0, 1.0); c = coalesce(x, y); k = 2 * y; one = 1.5",
                          {{"x", Storage::F64}, {"y", Storage::F64}});
    for (const auto& k : kernels) {
        EXPECT_TRUE(k.kernel->output_is_nullable(0));
        EXPECT_FALSE(k.kernel->output_is_nullable(1)) << "is_null decides, and is never null itself";
        EXPECT_TRUE(k.kernel->output_is_nullable(2) && k.kernel->output_is_nullable(3));
        EXPECT_FALSE(k.kernel->output_is_nullable(4));
        for (const int64_t n : kLengths) {
            for (const int threads : {1, 3}) {
                const auto rows = static_cast<size_t>(n);
                Placed<double> x(rows, 8), y(rows, n % 2 == 0 ? 8 : -16);
                for (size_t r = 0; r < rows; ++r) x.set(r, double(r)), y.set(r, 0.5 * double(r));
                const Bits vx(n, 3, 1), vy(n, 13, 2);
                Bits in_x = vx, in_y = vy;
                std::vector<Column> in = {x.column(), y.column()};
                in_x.put_on(in[0]);
                in_y.put_on(in[1]);
                std::vector<Placed<double>> data;
                std::vector<Bits> bits;
                for (uint32_t o = 0; o < 5; ++o)
                    data.emplace_back(rows, o == 3 ? 24 : 8), bits.emplace_back(n, o * 5, o);
                std::vector<Column> out;
                for (size_t o = 0; o < 5; ++o) {
                    out.push_back(data[o].column());
                    bits[o].put_on(out.back());
                }
                MixingExecutor executor(threads);
                const auto done = eval(*k.kernel, in, out, n, {nullptr, &executor});
                ASSERT_TRUE(done.ok()) << k.engine.name << ": " << why(done);
                for (int64_t r = 0; r < n; ++r) {
                    const auto i = static_cast<size_t>(r);
                    ASSERT_EQ(bits[0][r], vx[r] && vy[r]) << k.engine.name << " rows " << n << " row " << r;
                    ASSERT_TRUE(bits[1][r] && bits[4][r]);
                    ASSERT_EQ(bits[2][r], vx[r] || vy[r]) << k.engine.name << " rows " << n << " row " << r;
                    ASSERT_EQ(bits[3][r], vy[r]);
                    if (vx[r] && vy[r]) {
                        ASSERT_EQ(data[0].get(i), 1.5 * double(r));
                    }
                    ASSERT_EQ(data[1].get(i), vx[r] ? 1 : 0);
                    if (vx[r] || vy[r]) {
                        ASSERT_EQ(data[2].get(i), vx[r] ? double(r) : 0.5 * double(r));
                    }
                    ASSERT_EQ(data[4].get(i), 1.5);
                }
                for (size_t o = 0; o < 5; ++o) ASSERT_TRUE(bits[o].others_kept() && data[o].intact());
                ASSERT_TRUE(in_x.others_kept() && in_y.others_kept());
            }
        }
    }
}

TEST(ColumnNulls, OutputsInPlaceOfBitmaps) {
    // p is written over x and its bitmap while q still needs x's bitmap, and the coalesced z makes x's neighbour valid.
    const Kernels kernels("p = x + y; q = x * 2; z = coalesce(y, 0.0)", {{"x", Storage::F64}, {"y", Storage::F64}});
    for (const auto& k : kernels) {
        for (const int64_t n : kLengths) {
            const auto rows = static_cast<size_t>(n);
            std::vector<double> x(rows, 1), y(rows, 2), q(rows);
            const Bits vx(n, 5, 11), vy(n, 5, 12);
            Bits bx = vx, by = vy, bq(n, 1, 13);
            Column cx{x.data(), 8, Storage::F64, nullptr, 0}, cy{y.data(), 8, Storage::F64, nullptr, 0},
                cq{q.data(), 8, Storage::F64, nullptr, 0};
            bx.put_on(cx);
            by.put_on(cy);
            bq.put_on(cq);
            const auto done = eval(*k.kernel, {cx, cy}, {cx, cq, cy}, n);
            ASSERT_TRUE(done.ok()) << why(done);
            for (int64_t r = 0; r < n; ++r) {
                const auto i = static_cast<size_t>(r);
                ASSERT_EQ(bx[r], vx[r] && vy[r]) << k.engine.name << " rows " << n << " row " << r;
                ASSERT_EQ(bq[r], vx[r]);
                ASSERT_TRUE(by[r]);
                ASSERT_EQ(y[i], vy[r] ? 2 : 0);
            }
            ASSERT_TRUE(bx.others_kept() && by.others_kept() && bq.others_kept());
        }
    }
}

TEST(ColumnNulls, ReductionsLeaveNullsOut) {
    const Kernels kernels("s = sum(x); n = count(x > -1) ; m = max(x); a = argmax(x); d = x - mean(x)",
                          {{"x", Storage::F64}});
    for (const auto& k : kernels) {
        EXPECT_FALSE(k.kernel->output_is_nullable(0));
        EXPECT_TRUE(k.kernel->output_is_nullable(4));
        for (const int64_t n : kLengths) {
            const auto rows = static_cast<size_t>(n);
            std::vector<double> x(rows), d(rows);
            for (size_t r = 0; r < rows; ++r) x[r] = double(r);
            Bits valid(n, 9, 77), bd(n, 0, 5);
            double s = -1, m = -1, expected = 0;
            int64_t count = -1, a = -1, valid_rows = 0, last = -1;
            for (int64_t r = 0; r < n; ++r) {
                if (valid[r]) expected += double(r), ++valid_rows, last = r;
            }
            Column in{x.data(), 8, Storage::F64, nullptr, 0}, out{d.data(), 8, Storage::F64, nullptr, 0};
            valid.put_on(in);
            bd.put_on(out);
            const auto done = eval(*k.kernel, {in},
                                   {{&s, 8, Storage::F64, nullptr, 0},
                                    {&count, 8, Storage::I64, nullptr, 0},
                                    {&m, 8, Storage::F64, nullptr, 0},
                                    {&a, 8, Storage::I64, nullptr, 0},
                                    out},
                                   n);
            if (valid_rows == 0) {
                ASSERT_FALSE(done.ok()) << "no row has a maximum";
                continue;
            }
            ASSERT_TRUE(done.ok()) << why(done);
            EXPECT_EQ(s, expected) << k.engine.name << " rows " << n;
            EXPECT_EQ(count, valid_rows);
            EXPECT_EQ(m, double(last));
            EXPECT_EQ(a, last);
            for (int64_t r = 0; r < n; ++r) {
                ASSERT_EQ(bd[r], valid[r]);
                if (valid[r]) {
                    ASSERT_EQ(d[size_t(r)], double(r) - expected / double(valid_rows));
                }
            }
        }
    }
}

TEST(ColumnNulls, ANullRowDoesNotFail) {
    const Kernels kernels("a // b", {{"a", Storage::I64}, {"b", Storage::I64}});
    for (const auto& k : kernels) {
        std::vector<int64_t> a(100, 9), b(100, 2), out(100);
        Bits valid(100, 4, 3), result(100, 0, 4);
        int64_t null_row = 0, valid_row = 50;
        while (valid[null_row]) ++null_row;
        while (!valid[valid_row]) ++valid_row;
        b[size_t(null_row)] = 0;
        Column ca{a.data(), 8, Storage::I64, nullptr, 0}, cb{b.data(), 8, Storage::I64, nullptr, 0},
            co{out.data(), 8, Storage::I64, nullptr, 0};
        valid.put_on(cb);
        result.put_on(co);
        const auto good = eval(*k.kernel, {ca, cb}, {co}, 100);
        ASSERT_TRUE(good.ok()) << k.engine.name << ": " << why(good);
        b[size_t(valid_row)] = 0;
        const auto bad = eval(*k.kernel, {ca, cb}, {co}, 100);
        ASSERT_FALSE(bad.ok());
        EXPECT_EQ(bad.error().row, valid_row) << k.engine.name;
    }
}

TEST(ColumnNulls, OneValueForAllRowsWithABitmap) {
    const Kernels kernels("x + coalesce(y, 10.0)", {{"x", Storage::F64}, {"y", Storage::F64}});
    for (const auto& k : kernels) {
        double x = 1, y = 2;
        std::vector<double> out(70);
        Bits vx(70, 2, 21), vy(70, 7, 22), vo(70, 3, 23);
        Column cx{&x, 0, Storage::F64, nullptr, 0}, cy{&y, 0, Storage::F64, nullptr, 0},
            co{out.data(), 8, Storage::F64, nullptr, 0};
        vx.put_on(cx);
        vy.put_on(cy);
        vo.put_on(co);
        const auto done = eval(*k.kernel, {cx, cy}, {co}, 70);
        ASSERT_TRUE(done.ok()) << why(done);
        for (int64_t r = 0; r < 70; ++r) {
            ASSERT_EQ(vo[r], vx[r]);
            if (vx[r]) {
                ASSERT_EQ(out[size_t(r)], vy[r] ? 3 : 11) << k.engine.name;
            }
        }
    }
}

TEST(ColumnNulls, WrongBitmapsAreExplained) {
    const Kernels kernels("x + y", {{"x", Storage::F64}, {"y", Storage::F64}});
    const Kernel& k = *kernels.begin()->kernel;
    std::vector<double> x(100), y(100), out(100);
    std::vector<uint8_t> bits(40, 0xff);
    const auto column = [&](std::vector<double>& v, uint8_t* validity = nullptr, int64_t offset = 0) {
        return Column{v.data(), 8, Storage::F64, validity, offset};
    };
    const auto missing = eval(k, {column(x, bits.data()), column(y)}, {column(out)}, 100);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().status(), Status::InvalidArgument);
    EXPECT_NE(why(missing).find("output column 0"), std::string::npos);
    EXPECT_NE(missing.error().diagnostics.front().hint.find("coalesce"), std::string::npos);
    const auto refused = [&](const Column& in, const Column& to) {
        const auto done = eval(k, {in, column(y)}, {to}, 100);
        return !done.ok() && done.error().status() == Status::InvalidArgument;
    };
    EXPECT_TRUE(refused(column(x, bits.data()), column(out, bits.data(), 1))) << "partly the same bits";
    EXPECT_TRUE(refused(column(x, bits.data()), column(out, bits.data(), -1)));
    EXPECT_TRUE(refused(column(x, bits.data(), -8), column(out, bits.data() + 20)));
    EXPECT_TRUE(refused(column(x, bits.data()), column(out, reinterpret_cast<uint8_t*>(x.data()))));
    EXPECT_TRUE(refused(column(x, reinterpret_cast<uint8_t*>(out.data())), column(out, bits.data())));
    EXPECT_FALSE(refused(column(x, bits.data(), 0), column(out, bits.data(), 104))) << "neighbours";
    EXPECT_FALSE(refused(column(x, bits.data(), 8), column(out, bits.data() + 1, 0)))
        << "the same bits, said otherwise";
}

}  // namespace
}  // namespace exprjit::columns
