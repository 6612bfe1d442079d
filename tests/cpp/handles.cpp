// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Ownership: moves, empty handles, engines that go first.
#include <thread>

#include "check.h"

namespace {

using exprjit::status;

static_assert(!std::is_copy_constructible_v<exprjit::engine> && std::is_nothrow_move_constructible_v<exprjit::engine>);
static_assert(!std::is_copy_constructible_v<exprjit::kernel> && std::is_nothrow_move_assignable_v<exprjit::kernel>);
static_assert(!std::is_copy_assignable_v<exprjit::function<double(double)>> &&
              std::is_nothrow_move_constructible_v<exprjit::function<double(double)>> &&
              std::is_nothrow_move_assignable_v<exprjit::function<double(double)>>);
static_assert(!std::is_copy_constructible_v<exprjit::reducer> && std::is_move_assignable_v<exprjit::reducer>);
static_assert(std::is_nothrow_copy_constructible_v<exprjit::error>);
static_assert(std::is_invocable_r_v<exprjit::outcome<double>, const exprjit::function<double(int)>&, int>);

void test_moves() {
    auto f = VALUE(engine.compile<double(double)>("x + 1", {"x"}));
    auto g = std::move(f);
    EXPECT(g && VALUE(g(1)) == 2);
    EXPECT(!f && f.entry() == nullptr && FAILURE(f(1)).status() == status::invalid_argument);
    std::vector<double> one(1);
    EXPECT(FAILURE(f.eval(one, one)).status() == status::invalid_argument);
    f = std::move(g);
    EXPECT(VALUE(f(2)) == 3);
    f = VALUE(engine.compile<double(double)>("x - 1", {"x"}));  // the old kernel goes
    EXPECT(VALUE(f(2)) == 1);
    auto second = f.share();
    f = {};
    EXPECT(VALUE(second(5)) == 4 && second.source() == "x - 1");
    exprjit::reducer empty;
    EXPECT(!empty && FAILURE(empty.feed({one})).status() == status::invalid_argument);
    EXPECT(FAILURE(empty.finish()).status() == status::invalid_argument);
    const exprjit::kernel no_kernel;
    EXPECT(!no_kernel && no_kernel.signature().empty() && no_kernel.parameters().empty());
    EXPECT(FAILURE(no_kernel.info()).status() == status::invalid_argument);
    EXPECT(FAILURE(no_kernel.dump(exprjit::listing::ir)).status() == status::invalid_argument);
    EXPECT(FAILURE(no_kernel.call({1})).status() == status::invalid_argument);
}

void test_kernels_outlive_engines() {
    exprjit::engine_options options;
    options.interpret = true;
    options.cache_bytes = 1;
    exprjit::engine mine = VALUE(exprjit::engine::create(options));
    EXPECT(!VALUE(mine.stats()).is_jit);
    auto f = VALUE(mine.compile<double(double)>("x * 2", {"x"}));
    auto r = VALUE(VALUE(mine.compile<double(double)>("sum(x)", {"x"})).reducer());  // outlives its function
    mine = {};
    EXPECT(mine.get() == nullptr && f.entry() == nullptr && VALUE(f(4)) == 8);
    VALUE(r.feed(std::vector<double>{1, 2}));
    EXPECT(VALUE(r.finish()) == 3);
    options = {};
    options.max_nodes = 10;
    const exprjit::engine small = VALUE(exprjit::engine::create(options));
    EXPECT(FAILURE(small.compile("a+b+c+d+e1+f+g+h+i+j+k+l+m")).status() == status::limit);
}

void test_cache() {
    const exprjit::engine mine = VALUE(exprjit::engine::create());
    auto f = VALUE(mine.compile<double(double)>("x * 41", {"x"}));
    auto again = VALUE(mine.compile<double(double)>("x * 41", {"x"}));
    EXPECT(VALUE(f.info()).cache_hit == 0 && VALUE(again.info()).cache_hit == 1);
    EXPECT(VALUE(mine.stats()).compiles == 1 && VALUE(mine.stats()).text_hits == 1);
    mine.clear_cache();
    EXPECT(VALUE(mine.stats()).entries == 0 && VALUE(f(1)) == 41);
}

void test_threads() {
    auto f = VALUE(exprjit::engine().compile<double(double)>("x * 3", {"x"}));
    std::vector<std::thread> threads;
    std::array<double, 4> sums = {};
    for (std::size_t t = 0; t < sums.size(); ++t) {
        threads.emplace_back([&f, &sums, t] {
            const auto own = f.share();
            for (int i = 0; i < 1000; ++i) sums[t] += VALUE(own(i)) - VALUE(f(i)) + 1;
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT((sums == std::array<double, 4>{1000, 1000, 1000, 1000}));
}

}  // namespace

void test_handles() {
    test_moves();
    test_kernels_outlive_engines();
    test_cache();
    test_threads();
}
