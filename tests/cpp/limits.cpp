// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Cancelling, limits and sealed code memory.
#include <thread>

#include "check.h"

namespace {

using exprjit::status;

static_assert(!std::is_copy_constructible_v<exprjit::cancel_token> &&
              std::is_nothrow_move_constructible_v<exprjit::cancel_token>);

void test_token() {
    exprjit::cancel_token token;
    EXPECT(!token.is_cancelled());
    exprjit::cancel_token second = token.share();
    second.cancel();
    EXPECT(token.is_cancelled());
    token.reset();
    EXPECT(!second.is_cancelled());
    const exprjit::cancel_token moved = std::move(second);
    second.cancel();  // empty: nothing happens
    EXPECT(!second.is_cancelled() && !moved.is_cancelled() && second.get() == nullptr);
}

void test_cancelling() {
    exprjit::cancel_token token;
    exprjit::compile_options options;
    options.cancel = &token;
    exprjit::run_options run;
    run.cancel = &token;
    auto f = VALUE(engine.compile<double(double)>("sum(x*x - 0.125)", {"x"}, options));
    const std::vector<double> x(100'000, 1.0);
    double sum = 0;
    VALUE(f.eval(run, sum, x));
    EXPECT(sum == 87'500);
    token.cancel();
    EXPECT(FAILURE(f.eval(run, sum, x)).status() == status::cancelled);
    EXPECT(FAILURE(engine.compile<double(double)>("x - 0.0625", {"x"}, options)).status() == status::cancelled);
    exprjit::stop_flag stop;
    run.stop = &stop;
    EXPECT(FAILURE(f.eval(run, sum, x)).status() == status::invalid_argument);

    // From another thread, in the middle.
    token.reset();
    std::string text = "a=x\n";
    for (int i = 0; i < 600'000; ++i) text += "a=(a+x)*y\n";
    std::thread other([own = token.share()] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        own.cancel();
    });
    EXPECT(FAILURE(engine.compile(text + "a", options)).status() == status::cancelled);
    other.join();
}

void test_limits_and_memory() {
    exprjit::engine_options options;
    options.max_compile_ns = 1;
    options.code_memory = exprjit::code_memory::sealed;
    const exprjit::engine hurried = VALUE(exprjit::engine::create(options));
    const exprjit::error late = FAILURE(hurried.compile<double(double)>("x + 1", {"x"}));
    EXPECT(late.status() == status::limit && contains(late.message(), "the limit max_compile_ns is 1"));
    options.max_compile_ns = 0;
    const exprjit::engine sealed = VALUE(exprjit::engine::create(options));
    auto f = VALUE(sealed.compile<double(double)>("x + 1", {"x"}));
    EXPECT(VALUE(f(2)) == 3);
    const auto stats = VALUE(sealed.stats());
    EXPECT(!stats.is_jit || stats.code_bytes == 4096);
}

}  // namespace

void test_limits() {
    test_token();
    test_cancelling();
    test_limits_and_memory();
}
