// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the tests of the column engine share: every engine this machine has, and an executor that mixes up the order.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "runtime/columns.h"
#include "runtime/engine.h"
#include "runtime/kernel.h"

namespace exprjit::columns {

struct EngineChoice {
    const char* name;
    TierChoice tier;
    Isa isa;
};

inline std::vector<EngineChoice> engine_choices() {
    std::vector<EngineChoice> all = {{"interpreter", TierChoice::Interpreter, Isa::V2},
                                     {"v2", TierChoice::Optimised, Isa::V2}};
    if (host_isa() >= Isa::V3) all.push_back({"v3", TierChoice::Optimised, Isa::V3});
    if (host_isa() >= Isa::V3) all.push_back({"v3baseline", TierChoice::Baseline, Isa::V3});
    if (host_isa() >= Isa::V4) all.push_back({"v4", TierChoice::Optimised, Isa::V4});
    return all;
}

// One text compiled for every engine.
class Kernels {
  public:
    Kernels(const std::string& text, std::vector<TextParam> params, DivMode div_mode = DivMode::Error) {
        for (const EngineChoice& e : engine_choices()) {
            CompileRequest r;
            r.text = text;
            r.params = params;
            r.declared = !params.empty();
            r.tier = e.tier;
            r.isa = e.isa;
            r.div_mode = div_mode;
            auto made = engine_->compile(r);
            if (!made) {
                ADD_FAILURE() << text << ": " << made.error().diagnostics.front().message;
                continue;
            }
            all_.push_back({e, *made});
        }
    }
    ~Kernels() {
        for (auto& k : all_) k.kernel->release();
        engine_->close();
    }
    Kernels(const Kernels&) = delete;
    Kernels& operator=(const Kernels&) = delete;

    struct Named {
        EngineChoice engine;
        Kernel* kernel;
    };
    const Named* begin() const { return all_.data(); }
    const Named* end() const { return all_.data() + all_.size(); }

  private:
    Ref<Engine> engine_ = Engine::create({});
    std::vector<Named> all_;
};

// Runs tasks on threads of its own, the last ones first.
class MixingExecutor final : public Executor {
  public:
    explicit MixingExecutor(int threads) : threads_(threads) {}
    void run(int64_t count, void (*task)(void*, int64_t), void* data) override {
        runs_ += count;
        std::atomic<int64_t> next{count};
        std::vector<std::thread> team;
        for (int t = 0; t < threads_; ++t) {
            team.emplace_back([&] {
                for (int64_t i; (i = --next) >= 0;) task(data, i);
            });
        }
        for (std::thread& t : team) t.join();
    }
    int threads() const override { return threads_; }
    int64_t tasks_run() const { return runs_; }

  private:
    int threads_;
    int64_t runs_ = 0;
};

template <class T>
constexpr Storage storage_for() {
    if constexpr (std::is_same_v<T, double>) return Storage::F64;
    if constexpr (std::is_same_v<T, float>) return Storage::F32;
    if constexpr (std::is_same_v<T, int64_t>) return Storage::I64;
    if constexpr (std::is_same_v<T, int32_t>) return Storage::I32;
    if constexpr (std::is_same_v<T, int16_t>) return Storage::I16;
    if constexpr (std::is_same_v<T, int8_t>) return Storage::I8;
    if constexpr (std::is_same_v<T, uint64_t>) return Storage::U64;
    if constexpr (std::is_same_v<T, uint32_t>) return Storage::U32;
    if constexpr (std::is_same_v<T, uint16_t>) return Storage::U16;
    if constexpr (std::is_same_v<T, uint8_t>) return Storage::U8;
    if constexpr (std::is_same_v<T, bool>) return Storage::Bool;
}

// A column with space around it, of any stride, whose space nobody may touch.
template <class T>
class Placed {
  public:
    Placed(size_t rows, int64_t stride, size_t misalign = 0) : rows_(rows), stride_(stride) {
        const size_t reach = static_cast<size_t>(stride < 0 ? -stride : stride) * (rows > 0 ? rows - 1 : 0) + sizeof(T);
        bytes_.assign(reach + 2 * kMargin, kCanary);
        first_ = kMargin + misalign + (stride < 0 ? reach - sizeof(T) : 0);
    }
    void set(size_t row, T v) { std::memcpy(at(row), &v, sizeof v); }
    T get(size_t row) {
        T v;
        std::memcpy(&v, at(row), sizeof v);
        return v;
    }
    Column column() { return {bytes_.data() + first_, stride_, storage_for<T>(), nullptr, 0}; }
    // Whether all bytes that belong to no row are as they were.
    bool intact() {
        std::vector<uint8_t> left = bytes_;
        for (size_t r = 0; r < rows_; ++r) std::memset(left.data() + (at(r) - bytes_.data()), kCanary, sizeof(T));
        for (const uint8_t b : left) {
            if (b != kCanary) return false;
        }
        return true;
    }

  private:
    static constexpr size_t kMargin = 128;
    static constexpr uint8_t kCanary = 0xa5;
    uint8_t* at(size_t row) {
        return bytes_.data() + static_cast<int64_t>(first_) + static_cast<int64_t>(row) * stride_;
    }

    size_t rows_, first_ = 0;
    int64_t stride_;
    std::vector<uint8_t> bytes_;
};

inline bool same_bits(double a, double b) {
    return (a != a && b != b) || std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

inline Result<void> eval(const Kernel& k, std::vector<Column> in, std::vector<Column> out, int64_t rows,
                         const ColumnRun& run = {}) {
    return eval_columns(k, run, in, out, rows);
}

inline std::string why(const Result<void>& r) { return r.ok() ? "" : r.error().diagnostics.front().message; }

}  // namespace exprjit::columns
