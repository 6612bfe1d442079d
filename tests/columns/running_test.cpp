// SPDX-License-Identifier: MIT OR Apache-2.0
//
// How an evaluation runs: on any number of threads or the host's, until it is done or told to stop, and with the lowest
// failing row as its answer.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <numeric>
#include <thread>

#include "trial.h"

namespace {

using namespace exprjit;
using namespace exprjit::columns_test;

constexpr TypedName kParams[] = {{"a", Storage::F64}, {"b", Storage::F32}};

TEST(Threads, MapsGiveTheSameBits) {
    trial::Random random(41);
    constexpr size_t rows = 150001;
    const std::vector<uint64_t> a = random_elements(Storage::F64, rows, random);
    const std::vector<uint64_t> b = random_elements(Storage::F32, rows, random);
    std::vector<std::vector<uint64_t>> first;
    TestColumns columns;
    columns.inputs.resize(2);
    columns.outputs.resize(2);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel kernel = compile(engine, "x = a * b + fma(a, a, 1); y = a > b ? sqrt(abs(a)) : -b", kParams);
        ASSERT_NE(kernel, nullptr);
        for (int32_t threads = 1; threads <= 8; ++threads)
            for (const size_t p : {size_t{0}, size_t{2}, size_t{3}}) {
                columns.inputs[0].lay_out(Storage::F64, rows, kPatterns[p], trial::Guarded::Side::Back);
                columns.inputs[0].write(a);
                columns.inputs[1].lay_out(Storage::F32, rows, kPatterns[0], trial::Guarded::Side::Front);
                columns.inputs[1].write(b);
                for (TestColumn& out : columns.outputs)
                    out.lay_out(Storage::F64, rows, kPatterns[p], trial::Guarded::Side::Back);
                const ej_run_options run = with_threads(threads);
                const Outcome o = columns.evaluate(kernel, rows, &run);
                ASSERT_EQ(o.status, EJ_OK) << o.message;
                ASSERT_TRUE(columns.intact());
                std::vector<std::vector<uint64_t>> got(2);
                for (size_t k = 0; k < 2; ++k) columns.outputs[k].block().read(got[k]);
                if (first.empty()) first = got;
                for (size_t k = 0; k < 2; ++k)
                    for (size_t r = 0; r < rows; ++r)
                        ASSERT_TRUE(trial::same_element(Storage::F64, got[k][r], first[k][r]))
                            << engine.name << ", " << threads << " threads, " << kPatterns[p].name << ", output " << k
                            << ", row " << r;
            }
    }
}

TEST(Threads, TheLowestFailingRowIsReported) {
    constexpr TypedName params[] = {{"a", Storage::I64}, {"b", Storage::I64}};
    trial::Random random(42);
    for (const NamedEngine& engine : all_engines()) {
        const Kernel map = compile(engine, "a // b + 1", params);
        const Kernel sum = compile(engine, "sum(a // b)", params);
        const Kernel guarded = compile(engine, "a // b if a > 0 else 0", params);
        ASSERT_TRUE(map != nullptr && sum != nullptr && guarded != nullptr);
        for (const int64_t rows : {1, 9, 16, 17, 100, 4097, 120000})
            for (int turn = 0; turn < 6; ++turn) {
                const size_t n = static_cast<size_t>(rows);
                std::vector<int64_t> a(n), b(n), out(n);
                for (size_t r = 0; r < n; ++r) a[r] = random.between(-5, 5), b[r] = random.between(1, 9);
                for (int64_t failures = turn == 0 ? 0 : random.between(1, 4); failures-- > 0;) b[random.below(n)] = 0;
                int64_t lowest = -1, lowest_guarded = -1;
                for (size_t r = n; r-- > 0;) {
                    if (b[r] == 0) lowest = static_cast<int64_t>(r);
                    if (b[r] == 0 && a[r] > 0) lowest_guarded = static_cast<int64_t>(r);
                }
                ej_column in[] = {{a.data(), 8, EJ_I64, 0, nullptr, 0}, {b.data(), 8, EJ_I64, 0, nullptr, 0}};
                const ej_column result{out.data(), 8, EJ_I64, 0, nullptr, 0};
                for (const Kernel* kernel : {&map, &sum, &guarded}) {
                    const ej_run_options run = with_threads(static_cast<int32_t>(random.between(1, 8)));
                    ej_error* error = nullptr;
                    const ej_status status = ej_kernel_eval_with(kernel->get(), &run, in, 2, &result, 1, rows, &error);
                    const Outcome o = outcome_of(status, error);
                    const int64_t want = kernel == &guarded ? lowest_guarded : lowest;
                    const std::string what = std::string(engine.name) + ", " + std::to_string(rows) + " rows, " +
                                             std::to_string(run.threads) + " threads, text " +
                                             std::to_string(kernel == &map   ? 0
                                                            : kernel == &sum ? 1
                                                                             : 2);
                    ASSERT_EQ(o.status, want < 0 ? EJ_OK : EJ_ERR_DIVIDE_BY_ZERO) << what << ": " << o.message;
                    ASSERT_EQ(o.row, want) << what << ": " << o.message;
                }
            }
    }
}

// A host that runs the pieces in its own order, and can do something in front of each.
struct Host {
    std::vector<int64_t> order;
    int64_t pieces = 0;
    int32_t* stop_before_second = nullptr;

    static void run(void* user_data, int64_t count, ej_task_fn task, void* task_data) {
        Host& host = *static_cast<Host*>(user_data);
        std::vector<int64_t> order(static_cast<size_t>(count));
        std::iota(order.begin(), order.end(), 0);
        std::reverse(order.begin(), order.end());
        for (size_t k = 0; k < order.size(); ++k) {
            if (host.stop_before_second != nullptr && host.pieces == 1)
                reinterpret_cast<std::atomic<int32_t>*>(host.stop_before_second)->store(1);
            ++host.pieces;
            task(task_data, order[k]);
        }
    }
};

TEST(HostExecutor, PiecesInAnyOrder) {
    trial::Random random(43);
    constexpr size_t rows = 200000;
    std::vector<double> a(rows), out(rows), want(rows);
    for (size_t r = 0; r < rows; ++r) {
        a[r] = static_cast<double>(random.between(-1000, 1000)) / 7.0;
        want[r] = a[r] * 3 + 1;
    }
    for (const NamedEngine& engine : all_engines()) {
        const TypedName param{"a", Storage::F64};
        const Kernel kernel = compile(engine, "a * 3 + 1", {&param, 1});
        const Kernel sum = compile(engine, "sum(a)", {&param, 1});
        ASSERT_TRUE(kernel != nullptr && sum != nullptr);
        const ej_column in{a.data(), 8, EJ_F64, 0, nullptr, 0}, result{out.data(), 8, EJ_F64, 0, nullptr, 0};
        Host host;
        ej_run_options run = with_threads(4);
        run.parallel = Host::run;
        run.parallel_user_data = &host;
        std::fill(out.begin(), out.end(), 0.0);
        ASSERT_EQ(ej_kernel_eval_with(kernel.get(), &run, &in, 1, &result, 1, rows, nullptr), EJ_OK);
        EXPECT_EQ(out, want) << engine.name;
        EXPECT_GT(host.pieces, 1) << engine.name << ": the rows were not split";
        double serial = 0, parallel = 0;
        const ej_column one{&serial, 8, EJ_F64, 0, nullptr, 0}, other{&parallel, 8, EJ_F64, 0, nullptr, 0};
        ASSERT_EQ(ej_kernel_eval(sum.get(), &in, 1, &one, 1, rows, nullptr), EJ_OK);
        ASSERT_EQ(ej_kernel_eval_with(sum.get(), &run, &in, 1, &other, 1, rows, nullptr), EJ_OK);
        EXPECT_EQ(std::bit_cast<uint64_t>(serial), std::bit_cast<uint64_t>(parallel)) << engine.name;
    }
}

TEST(Cancellation, BetweenThePiecesOfOneRun) {
    constexpr size_t rows = 400000;
    std::vector<double> a(rows, 1.5), out(rows);
    for (const NamedEngine& engine : all_engines()) {
        const TypedName param{"a", Storage::F64};
        for (const char* text : {"a * 3 + 1", "sum(a * 2)"}) {
            const Kernel kernel = compile(engine, text, {&param, 1});
            ASSERT_NE(kernel, nullptr);
            const ej_column in{a.data(), 8, EJ_F64, 0, nullptr, 0}, result{out.data(), 8, EJ_F64, 0, nullptr, 0};
            int32_t stop = 0;
            Host host;
            host.stop_before_second = &stop;
            ej_run_options run = with_threads(4);
            run.stop = &stop;
            run.parallel = Host::run;
            run.parallel_user_data = &host;
            EXPECT_EQ(ej_kernel_eval_with(kernel.get(), &run, &in, 1, &result, 1, rows, nullptr), EJ_ERR_CANCELLED)
                << engine.name << ", " << text << ", " << host.pieces << " pieces";
            // Set before the run begins, on the calling thread alone.
            ej_run_options serial = with_threads(0);
            serial.stop = &stop;
            EXPECT_EQ(ej_kernel_eval_with(kernel.get(), &serial, &in, 1, &result, 1, rows, nullptr), EJ_ERR_CANCELLED)
                << engine.name << ", " << text;
            stop = 0;
            EXPECT_EQ(ej_kernel_eval_with(kernel.get(), &serial, &in, 1, &result, 1, rows, nullptr), EJ_OK);
        }
    }
}

// Evaluations go on until another thread stops one; the stop word is seen inside it, not only in front of the next.
TEST(Cancellation, FromAnotherThread) {
    constexpr size_t rows = 1000000;
    std::vector<double> a(rows, 0.75), out(rows);
    for (const NamedEngine& engine : all_engines())
        for (const int32_t threads : {1, 3}) {
            const TypedName param{"a", Storage::F64};
            const Kernel kernel = compile(engine, "erf(sin(exp(cos(a))))", {&param, 1});
            ASSERT_NE(kernel, nullptr);
            const ej_column in{a.data(), 8, EJ_F64, 0, nullptr, 0}, result{out.data(), 8, EJ_F64, 0, nullptr, 0};
            int32_t stop = 0;
            ej_run_options run = with_threads(threads);
            run.stop = &stop;
            std::thread other([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                reinterpret_cast<std::atomic<int32_t>*>(&stop)->store(1);
            });
            ej_status status = EJ_OK;
            while (status == EJ_OK) status = ej_kernel_eval_with(kernel.get(), &run, &in, 1, &result, 1, rows, nullptr);
            other.join();
            EXPECT_EQ(status, EJ_ERR_CANCELLED) << engine.name << ", " << threads << " threads";
        }
}

// Kernels of one engine on many threads at once, each run on threads of its own.
TEST(Threads, SeveralEvaluationsAtOnce) {
    for (const NamedEngine& engine : all_engines()) {
        const TypedName param{"a", Storage::F64};
        const Kernel kernel = compile(engine, "sum(a * a)", {&param, 1});
        ASSERT_NE(kernel, nullptr);
        std::vector<double> a(50000);
        for (size_t r = 0; r < a.size(); ++r) a[r] = 1.0 / static_cast<double>(r + 1);
        const ej_column in{a.data(), 8, EJ_F64, 0, nullptr, 0};
        std::atomic<int> wrong{0};
        double first = 0;
        const ej_column first_column{&first, 8, EJ_F64, 0, nullptr, 0};
        ASSERT_EQ(ej_kernel_eval(kernel.get(), &in, 1, &first_column, 1, static_cast<int64_t>(a.size()), nullptr),
                  EJ_OK);
        std::vector<std::thread> callers;
        for (int t = 0; t < 4; ++t)
            callers.emplace_back([&, t] {
                for (int k = 0; k < 20; ++k) {
                    double sum = 0;
                    const ej_column out{&sum, 8, EJ_F64, 0, nullptr, 0};
                    const ej_run_options run = with_threads(t + 1);
                    const ej_status status = ej_kernel_eval_with(kernel.get(), &run, &in, 1, &out, 1,
                                                                 static_cast<int64_t>(a.size()), nullptr);
                    wrong += status != EJ_OK || std::bit_cast<uint64_t>(sum) != std::bit_cast<uint64_t>(first);
                }
            });
        for (std::thread& c : callers) c.join();
        EXPECT_EQ(wrong.load(), 0) << engine.name;
    }
}

}  // namespace
