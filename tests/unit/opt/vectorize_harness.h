// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Runs a row function over columns in every shape that vectorize() can give it, in the interpreter, and compares with
// the row function itself, run row by row, and reductions written down here from their definition. Columns lie
// between inaccessible pages.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include "interp/half.h"
#include "opt/vectorize.h"
#include "opt_test.h"

namespace exprjit::opt_test {

// `bytes` of memory that end at an inaccessible page, or begin behind one; the rest is a pattern.
class GuardedBytes {
  public:
    GuardedBytes(size_t bytes, bool at_back) : size_(bytes) {
        const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        const size_t inner = (bytes + page) / page * page;
        mapped_ = inner + 2 * page;
        void* p = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT_NE(p, MAP_FAILED);
        base_ = static_cast<uint8_t*>(p);
        std::memset(base_, kPattern, mapped_);
        mprotect(base_, page, PROT_NONE);
        mprotect(base_ + page + inner, page, PROT_NONE);
        begin_ = base_ + page;
        end_ = begin_ + inner;
        data_ = at_back ? end_ - bytes : begin_;
    }
    ~GuardedBytes() { munmap(base_, mapped_); }
    GuardedBytes(const GuardedBytes&) = delete;
    GuardedBytes& operator=(const GuardedBytes&) = delete;

    uint8_t* data() const { return data_; }
    bool intact() const {
        for (const uint8_t* p = begin_; p < end_; ++p) {
            if ((p < data_ || p >= data_ + size_) && *p != kPattern) return false;
        }
        return true;
    }
    static constexpr uint8_t kPattern = 0xa7;

  private:
    uint8_t* base_ = nullptr;
    uint8_t *begin_ = nullptr, *end_ = nullptr, *data_ = nullptr;
    size_t mapped_ = 0, size_;
};

// An element's bytes as the slot of the widened value, and back.
inline Slot widen(Storage s, const uint8_t* from) {
    uint64_t raw = 0;
    std::memcpy(&raw, from, byte_size(s));
    switch (s) {
    case Storage::Bool: return raw != 0;
    case Storage::I8: return static_cast<uint32_t>(static_cast<int8_t>(raw));
    case Storage::I16: return static_cast<uint32_t>(static_cast<int16_t>(raw));
    case Storage::F16: return std::bit_cast<uint32_t>(float_from_half(static_cast<uint16_t>(raw)));
    default: return raw;
    }
}
inline void narrow(Storage s, Slot slot, uint8_t* to) {
    uint64_t raw = slot;
    if (s == Storage::F16) raw = half_from_float(std::bit_cast<float>(static_cast<uint32_t>(slot)));
    std::memcpy(to, &raw, byte_size(s));
}
inline bool same_element(Storage s, const uint8_t* a, const uint8_t* b) {
    return same_value(widened(s), widen(s, a), widen(s, b));
}

struct Shape {
    const char* name;
    RowTarget target;
};
inline constexpr Shape kShapes[] = {{"scalar", {0, false}},
                                    {"64 bytes, masked", {64, true}},
                                    {"32 bytes, padded", {32, false}},
                                    {"32 bytes, masked", {32, true}},
                                    {"64 bytes, padded", {64, false}}};

// A row function, legal, with what flows in and out.
struct RowCase {
    Program row;
    std::vector<RowInput> inputs;
    std::vector<RowSink> sinks;
    bool must_have_lanes = true;
};

inline RowSink store_of(uint32_t value, Storage storage) {
    RowSink s;
    s.value = value;
    s.storage = storage;
    return s;
}
inline RowSink reduction_of(ReduceKind kind, uint32_t value, uint32_t predicate) {
    RowSink s;
    s.is_reduction = true;
    s.kind = kind;
    s.value = value;
    s.predicate = predicate;
    return s;
}

struct RowData {
    int64_t rows = 0;
    int64_t first_row = 0;
    std::vector<std::vector<uint8_t>> columns;  // per input that is not uniform
    std::vector<Slot> uniforms;                 // per input that is
};

inline RowData random_data(const RowCase& c, int64_t rows, std::mt19937_64& random, bool tame) {
    RowData d;
    d.rows = rows;
    d.first_row = static_cast<int64_t>(random() % 1000) * kBlockRows;
    d.columns.resize(c.inputs.size());
    d.uniforms.resize(c.inputs.size());
    for (size_t k = 0; k < c.inputs.size(); ++k) {
        const Scalar type = c.row.entry().params[k].type.scalar();
        const auto specials = special_values(type);
        const auto any = [&]() -> Slot {
            if (type == Scalar::Bool) return random() & 1;
            if (!tame && random() % 4 == 0) return specials[random() % specials.size()];
            const int64_t small = static_cast<int64_t>(random() % 2001) - 1000;
            // Not a fraction of a power of two: sums round, so their order shows.
            return is_float(type) ? float_bits(type, static_cast<double>(small) * 0.0173) : int_bits(type, small);
        };
        d.uniforms[k] = any();
        if (c.inputs[k].uniform) continue;
        const Storage s = c.inputs[k].storage;
        d.columns[k].resize(static_cast<size_t>(rows) * byte_size(s));
        for (int64_t r = 0; r < rows; ++r)
            narrow(s, any(), d.columns[k].data() + static_cast<size_t>(r) * byte_size(s));
    }
    return d;
}

struct LoopOutcome {
    Exit exit = Exit::Ok;
    int64_t failed_row = -1;
    std::vector<std::vector<uint8_t>> stored;  // per sink that is a store
    std::vector<Slot> results;
    bool intact = true;
};

inline size_t result_count(ReduceKind kind) {
    if (kind == ReduceKind::Deviations) return 3;
    return kind == ReduceKind::ArgMin || kind == ReduceKind::ArgMax ? 2 : 1;
}

// ---- The definition

// Combines virtual lanes by halves.
template <class T, class F>
T by_halves(std::vector<T> lanes, F join) {
    for (size_t half = lanes.size() / 2; half > 0; half /= 2) {
        for (size_t j = 0; j < half; ++j) lanes[j] = join(lanes[j], lanes[j + half]);
    }
    return lanes[0];
}

template <class T>
T from_bits(Slot s) {
    T v;
    std::memcpy(&v, &s, sizeof v);
    return v;
}
template <class T>
Slot to_bits(T v) {
    Slot s = 0;
    std::memcpy(&s, &v, sizeof v);
    return s;
}

struct Counted {
    int64_t row;
    Slot value;
};

template <class T>
T nan_min(T a, T b, bool is_max) {
    if constexpr (std::is_floating_point_v<T>) {
        if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<T>::quiet_NaN();
        if (a == b) return std::signbit(a) == is_max ? b : a;
    }
    return (a < b) != is_max ? a : b;
}

template <class T>
void reduce_by_definition(ReduceKind kind, const std::vector<Counted>& rows, int64_t first_row,
                          std::vector<Slot>& out) {
    using Limits = std::numeric_limits<T>;
    const auto sum_of = [](std::vector<T> lanes, const std::vector<Counted>& values, auto join) {
        for (const Counted& c : values) {
            T& lane = lanes[static_cast<size_t>(c.row) % lanes.size()];
            lane = join(lane, from_bits<T>(c.value));
        }
        return by_halves(lanes, join);
    };
    const auto add = [](T a, T b) -> T {
        if constexpr (std::is_floating_point_v<T>)
            return a + b;
        else
            return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    };
    const auto multiply = [](T a, T b) -> T {
        if constexpr (std::is_floating_point_v<T>)
            return a * b;
        else
            return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    };
    const size_t lanes = 512 / sizeof(T);
    const bool is_max = kind == ReduceKind::Max || kind == ReduceKind::ArgMax;
    switch (kind) {
    case ReduceKind::Sum: out.push_back(to_bits(sum_of(std::vector<T>(lanes, T(0)), rows, add))); break;
    case ReduceKind::Prod: out.push_back(to_bits(sum_of(std::vector<T>(lanes, T(1)), rows, multiply))); break;
    case ReduceKind::Min:
    case ReduceKind::Max: {
        T best = is_max ? Limits::lowest() : Limits::max();
        if constexpr (std::is_floating_point_v<T>) best = is_max ? -Limits::infinity() : Limits::infinity();
        for (const Counted& c : rows) best = nan_min(best, from_bits<T>(c.value), is_max);
        out.push_back(to_bits(best));
        break;
    }
    case ReduceKind::ArgMin:
    case ReduceKind::ArgMax: {
        const Counted* best = nullptr;
        for (const Counted& c : rows) {
            const T x = from_bits<T>(c.value), y = best ? from_bits<T>(best->value) : T(0);
            if (best && y != y) break;  // the first NaN
            if (!best || x != x || (is_max ? x > y : x < y)) best = &c;
        }
        if (best) {
            out.push_back(best->value);
            out.push_back(to_bits(first_row + best->row));
        } else {
            out.push_back(0);  // unspecified: not compared
            out.push_back(to_bits(int64_t{-1}));
        }
        break;
    }
    case ReduceKind::Deviations: {
        const auto count = static_cast<int64_t>(rows.size());
        const T sum = sum_of(std::vector<T>(lanes, T(0)), rows, add);
        const T mean = count == 0 ? T(0) : sum / static_cast<T>(count);
        std::vector<Counted> squares;
        for (const Counted& c : rows) {
            const T d = from_bits<T>(c.value) - mean;
            squares.push_back({c.row, to_bits<T>(d * d)});
        }
        out.push_back(to_bits(count));
        out.push_back(to_bits(mean));
        out.push_back(to_bits(sum_of(std::vector<T>(lanes, T(0)), squares, add)));
        break;
    }
    case ReduceKind::Count: break;
    }
}

// The row function run for each row in turn.
inline LoopOutcome by_definition(const RowCase& c, const RowData& d) {
    LoopOutcome o;
    const Function& f = c.row.entry();
    const Interpreter interpreter(c.row);
    std::vector<std::vector<Slot>> values(f.results.size());
    for (int64_t r = 0; r < d.rows; ++r) {
        std::vector<Slot> args;
        for (size_t k = 0; k < c.inputs.size(); ++k) {
            const Storage s = c.inputs[k].storage;
            args.push_back(c.inputs[k].uniform ? d.uniforms[k]
                                               : widen(s, d.columns[k].data() + static_cast<size_t>(r) * byte_size(s)));
        }
        const Outcome row = run(interpreter, args, f.results.size());
        if (row.exit != Exit::Ok) {
            o.exit = row.exit;
            o.failed_row = d.first_row + r;
            break;
        }
        for (size_t k = 0; k < f.results.size(); ++k) values[k].push_back(row.outs[k]);
    }
    for (const RowSink& sink : c.sinks) {
        const std::vector<Slot>& of = values[sink.value];
        o.stored.emplace_back();
        if (!sink.is_reduction) {
            const size_t size = byte_size(sink.storage);
            o.stored.back().resize(of.size() * size);
            for (size_t r = 0; r < of.size(); ++r) narrow(sink.storage, of[r], o.stored.back().data() + r * size);
            continue;
        }
        std::vector<Counted> rows;
        for (size_t r = 0; r < of.size(); ++r) {
            if (values[sink.predicate][r] != 0) rows.push_back({static_cast<int64_t>(r), of[r]});
        }
        if (sink.kind == ReduceKind::Count) {
            int64_t count = 0;
            for (const Counted& row : rows) count += row.value != 0;
            o.results.push_back(to_bits(count));
            continue;
        }
        switch (f.results[sink.value].scalar()) {
        case Scalar::I32: reduce_by_definition<int32_t>(sink.kind, rows, d.first_row, o.results); break;
        case Scalar::I64: reduce_by_definition<int64_t>(sink.kind, rows, d.first_row, o.results); break;
        case Scalar::F32: reduce_by_definition<float>(sink.kind, rows, d.first_row, o.results); break;
        case Scalar::F64: reduce_by_definition<double>(sink.kind, rows, d.first_row, o.results); break;
        case Scalar::Bool: ADD_FAILURE(); break;
        }
    }
    return o;
}

// ---- The loops

// The loop of a shape, verified.
class RowLoop {
  public:
    RowLoop(const RowCase& c, const Shape& shape) : case_(c), shape_(shape), program_(c.row) {
        log2_ = choose_lane_log2(program_, c.inputs, c.sinks, shape.target);
        EXPECT_TRUE(shape.target.vector_bytes != 0 || log2_ == 0);
        EXPECT_TRUE(shape.target.vector_bytes == 0 || !c.must_have_lanes || log2_ > 0) << shape.name;
        PassScratch scratch;
        const Result<void> done = vectorize(program_, c.inputs, c.sinks, log2_, shape.target, scratch);
        EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().diagnostics[0].message);
        expect_valid(program_, Trust::Internal);
        interpreter_ = std::make_unique<Interpreter>(program_);
    }
    int64_t lanes() const { return int64_t{1} << log2_; }
    const Program& program() const { return program_; }
    const Shape& shape() const { return shape_; }

    // Runs `program()` with these arguments.
    using Runner = std::function<Outcome(std::span<const Slot> args)>;

    LoopOutcome run(const RowData& d, bool at_back) const {
        return run(d, at_back, [this](std::span<const Slot> args) {
            return opt_test::run(*interpreter_, args, program_.entry().results.size());
        });
    }

    LoopOutcome run(const RowData& d, bool at_back, const Runner& runner) const {
        LoopOutcome o;
        // Without masks the caller makes every column reach to the next multiple of the lane count.
        const int64_t padded = shape_.target.masked ? d.rows : (d.rows + lanes() - 1) / lanes() * lanes();
        std::vector<std::unique_ptr<GuardedBytes>> memory;
        std::vector<Slot> args;
        for (size_t k = 0; k < case_.inputs.size(); ++k) {
            if (case_.inputs[k].uniform) {
                args.push_back(d.uniforms[k]);
                continue;
            }
            const size_t bytes = static_cast<size_t>(padded) * byte_size(case_.inputs[k].storage);
            memory.push_back(std::make_unique<GuardedBytes>(bytes, at_back));
            if (!d.columns[k].empty()) std::memcpy(memory.back()->data(), d.columns[k].data(), d.columns[k].size());
            args.push_back(reinterpret_cast<Slot>(memory.back()->data()));
        }
        const size_t outputs = memory.size();
        for (const RowSink& sink : case_.sinks) {
            if (sink.is_reduction) continue;
            memory.push_back(
                std::make_unique<GuardedBytes>(static_cast<size_t>(padded) * byte_size(sink.storage), at_back));
            args.push_back(reinterpret_cast<Slot>(memory.back()->data()));
        }
        args.push_back(static_cast<Slot>(d.first_row));
        args.push_back(static_cast<Slot>(d.rows));
        const Outcome ran = runner(args);
        o.exit = ran.exit;
        o.failed_row = ran.failed_index;
        o.results = ran.outs;
        size_t at = outputs;
        for (const RowSink& sink : case_.sinks) {
            o.stored.emplace_back();
            if (sink.is_reduction) continue;
            const uint8_t* p = memory[at++]->data();
            o.stored.back().assign(p, p + static_cast<size_t>(d.rows) * byte_size(sink.storage));
        }
        for (const auto& m : memory) o.intact = o.intact && m->intact();
        return o;
    }

  private:
    const RowCase& case_;
    const Shape& shape_;
    Program program_;
    int log2_ = 0;
    std::unique_ptr<Interpreter> interpreter_;
};

// Compares a run with the definition. Of a failing run: the rows of the groups before the failing one are stored, no
// other.
inline void expect_same(const RowCase& c, const RowData& d, const RowLoop& loop, const LoopOutcome& wanted,
                        const LoopOutcome& got) {
    const std::string where = std::string(loop.shape().name) + ", " + std::to_string(loop.lanes()) + " lanes, " +
                              std::to_string(d.rows) + " rows";
    ASSERT_EQ(got.exit, wanted.exit) << where;
    EXPECT_TRUE(got.intact) << where << ": wrote outside a column";
    int64_t done = d.rows;
    if (wanted.exit != Exit::Ok) {
        done = (wanted.failed_row - d.first_row) / loop.lanes() * loop.lanes();
        EXPECT_EQ(got.failed_row, d.first_row + done) << where;
    }
    size_t result = 0;
    for (size_t k = 0; k < c.sinks.size(); ++k) {
        const RowSink& sink = c.sinks[k];
        if (!sink.is_reduction) {
            const size_t size = byte_size(sink.storage);
            for (int64_t r = 0; r < d.rows; ++r) {
                const uint8_t* p = got.stored[k].data() + static_cast<size_t>(r) * size;
                if (r < done) {
                    ASSERT_TRUE(same_element(sink.storage, p, wanted.stored[k].data() + static_cast<size_t>(r) * size))
                        << where << ", output " << k << ", row " << r << ": "
                        << show(widened(sink.storage), widen(sink.storage, p)) << ", expected "
                        << show(widened(sink.storage),
                                widen(sink.storage, wanted.stored[k].data() + static_cast<size_t>(r) * size));
                } else {
                    for (size_t b = 0; b < size; ++b)
                        ASSERT_EQ(p[b], GuardedBytes::kPattern) << where << ": row " << r << " was stored";
                }
            }
            continue;
        }
        if (wanted.exit != Exit::Ok) continue;
        const bool is_arg = sink.kind == ReduceKind::ArgMin || sink.kind == ReduceKind::ArgMax;
        for (size_t part = 0; part < result_count(sink.kind); ++part, ++result) {
            const Scalar type = loop.program().entry().results[result].scalar();
            if (is_arg && part == 0 && wanted.results[result + 1] == static_cast<Slot>(-1)) continue;
            ASSERT_TRUE(same_value(type, got.results[result], wanted.results[result]))
                << where << ", reduction " << k << ", part " << part << ": " << show(type, got.results[result])
                << ", expected " << show(type, wanted.results[result]);
        }
    }
}

// Every shape, lengths around the lane count and a block.
inline void expect_all_shapes_agree(const RowCase& c, uint64_t seed, bool tame = false, bool whole_block = true) {
    std::mt19937_64 random(seed);
    std::vector<std::unique_ptr<RowLoop>> loops;
    int64_t most = 1;
    for (const Shape& shape : kShapes) {
        loops.push_back(std::make_unique<RowLoop>(c, shape));
        if (::testing::Test::HasFailure()) return;
        most = std::max(most, loops.back()->lanes());
    }
    std::vector<int64_t> lengths;
    for (int64_t n = 0; n <= 4 * most + 3; ++n) lengths.push_back(n);
    for (const int64_t n : {127, 128, 129, 200, 777}) lengths.push_back(n);
    if (whole_block) lengths.push_back(kBlockRows);
    for (const int64_t n : lengths) {
        const RowData d = random_data(c, n, random, tame);
        const LoopOutcome wanted = by_definition(c, d);
        for (const auto& loop : loops) {
            expect_same(c, d, *loop, wanted, loop->run(d, n % 2 == 0));
            if (::testing::Test::HasFatalFailure()) return;
        }
    }
}

// A row function through the pipeline of the optimised tier.
inline RowCase row_case(Program p, std::vector<RowInput> inputs, std::vector<RowSink> sinks) {
    RowCase c;
    c.row = optimised(std::move(p), Tier::Optimised);
    c.inputs = std::move(inputs);
    c.sinks = std::move(sinks);
    return c;
}
inline RowInput column(Storage s) { return {false, s}; }
inline RowInput uniform() { return {true, Storage::F64}; }

}  // namespace exprjit::opt_test
