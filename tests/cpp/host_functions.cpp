// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Functions of one's own, and that what they refer to lives long enough.
#include <cmath>

#include "check.h"

namespace {

using exprjit::purity;
using exprjit::status;

double twice(double x) noexcept { return 2 * x; }

void test_definitions() {
    const exprjit::engine mine = VALUE(exprjit::engine::create());
    VALUE(mine.define("area(w, h) = w*h"));
    EXPECT(VALUE(VALUE(mine.compile<double(double, double)>("area(a, b) + 1", {"a", "b"}))(2, 3)) == 7);
    EXPECT(FAILURE(mine.define("area(w = w")).status() == status::syntax);
    VALUE(mine.remove_function("area"));
    EXPECT(FAILURE(mine.compile<double(double)>("area(a, a)", {"a"})).status() == status::name);
    EXPECT(FAILURE(mine.remove_function("area")).status() == status::name);
}

void test_callables() {
    const exprjit::engine mine = VALUE(exprjit::engine::create());
    VALUE(mine.add_function("twice", &twice, purity::pure));
    VALUE(mine.add_function("wurzel", static_cast<double (*)(double)>(&std::sqrt), purity::pure));
    VALUE(mine.add_function(
        "either", +[](bool a, bool b) { return a || b; }));
    VALUE(mine.add_function("mixed", [](float x, std::int64_t n, const std::int32_t& k) { return x + double(n) * k; }));
    auto f = VALUE(mine.compile<double(double)>("twice(x) + wurzel(x)", {"x"}));
    EXPECT(VALUE(f(9)) == 21);
    const std::vector<double> x = {1, 4, 9, 16, 25};
    EXPECT((VALUE(f.map(x)) == std::vector<double>{3, 10, 21, 36, 55}));
    auto g = VALUE(mine.compile<bool(bool, bool)>("either(a, b)", {"a", "b"}));
    EXPECT(VALUE(g(false, true)) && VALUE(g(true, true)) && !VALUE(g(false, false)));
    auto h = VALUE(mine.compile<double(float, std::int64_t)>("mixed(x, n, int32(3))", {"x", "n"}));
    EXPECT(VALUE(h(0.5f, 7)) == 21.5);
    EXPECT(FAILURE(mine.add_function("sin", &twice)).status() == status::name);

    exprjit::compile_options stranger;
    stranger.untrusted = true;
    EXPECT(FAILURE(mine.compile<double(double)>("twice(x)", {"x"}, stranger)).status() == status::name);
}

struct counted {
    explicit counted(int& alive) : alive_(&alive) { ++*alive_; }
    counted(const counted& other) : alive_(other.alive_), calls_(other.calls_) { ++*alive_; }
    counted& operator=(const counted&) = delete;
    ~counted() { --*alive_; }
    double operator()(double x) { return x + ++calls_; }

  private:
    int* alive_;
    int calls_ = 0;
};

// The callable lives as long as the engine, the kernels and the reducers that may call it.
void test_lifetimes() {
    int alive = 0;
    {
        exprjit::function<double(double)> f;
        exprjit::reducer r;
        {
            exprjit::engine mine = VALUE(exprjit::engine::create());
            VALUE(mine.add_function("next", counted(alive)));
            VALUE(mine.add_function(
                "same", [kept = counted(alive)](double x) { return x; }, purity::pure));
            EXPECT(alive == 2);
            auto made = VALUE(mine.compile<double(double)>("next(x)", {"x"}));
            f = made.share();
            EXPECT(VALUE(made(1)) == 2);
            r = VALUE(VALUE(mine.compile("sum(same(x))")).reducer());
        }
        EXPECT(alive == 2 && VALUE(f(1)) == 3);
        const std::vector<double> x = {10, 10, 10};
        EXPECT((VALUE(f.map(x)) == std::vector<double>{13, 14, 15}));
        f = {};
        EXPECT(alive == 2);
        VALUE(r.feed({x}));
        EXPECT(VALUE(VALUE(r.finish())[0].as<double>()) == 30);
    }
    EXPECT(alive == 0);
}

// A refused callable is gone at once; one that was replaced or removed goes on for the kernels that call it.
void test_refused_and_replaced() {
    int alive = 0;
    {
        const exprjit::engine mine = VALUE(exprjit::engine::create());
        EXPECT(FAILURE(mine.add_function("sin", counted(alive))).status() == status::name && alive == 0);
        EXPECT(FAILURE(mine.add_function("two words", counted(alive))).status() != status::ok && alive == 0);
        EXPECT(FAILURE(engine.add_function("sin", counted(alive))).status() == status::name && alive == 0);
        VALUE(mine.add_function("next", counted(alive)));
        VALUE(mine.define("after(x) = next(x)"));
        auto after = VALUE(mine.compile<double(double)>("after(x)", {"x"}));
        VALUE(mine.add_function("next", counted(alive)));
        VALUE(mine.remove_function("next"));
        EXPECT(alive == 2);
        EXPECT(VALUE(after(1)) == 2);
        EXPECT(FAILURE(mine.compile<double(double)>("after(x) + 0", {"x"})).status() == status::name);
    }
    EXPECT(alive == 0);
}

void test_names_with_nul() {
    using namespace std::string_view_literals;
    const exprjit::engine mine = VALUE(exprjit::engine::create());
    const auto refused = [](const exprjit::error& e, std::string_view said) {
        return e.status() == status::invalid_argument && contains(e.message(), said);
    };
    EXPECT(refused(FAILURE(mine.define("f(x) = x\0 + ("sv)), "the definition has a NUL character at byte 8"));
    EXPECT(refused(FAILURE(mine.add_function("g\0h"sv, &twice)),
                   "the name of the function has a NUL character at byte 1"));
    VALUE(mine.add_function("g", &twice));
    EXPECT(refused(FAILURE(mine.remove_function("g\0h"sv)), "byte 1"));
    EXPECT(VALUE(VALUE(mine.compile<double(double)>("g(x)", {"x"}))(4)) == 8);
}

void test_bytes() {
    auto f = VALUE(engine.compile<double(double, double)>("a*b + sqrt(a)", {"a", "b"}));
    const std::vector<std::uint8_t> bytes = VALUE(f.encode());
    const exprjit::engine other = VALUE(exprjit::engine::create());
    exprjit::kernel k = VALUE(other.compile_bytes(bytes));
    EXPECT(VALUE(VALUE(k.call({4, 5})).as<double>()) == 22);
    EXPECT(VALUE(k.encode()) == bytes);
    std::vector<std::uint8_t> damaged(bytes.begin(), bytes.begin() + 20);
    EXPECT(FAILURE(other.compile_bytes(damaged)).status() == status::syntax);
    EXPECT(FAILURE(exprjit::kernel().encode()).status() == status::invalid_argument);
}

}  // namespace

void test_host_functions() {
    test_definitions();
    test_callables();
    test_lifetimes();
    test_refused_and_replaced();
    test_names_with_nul();
    test_bytes();
}
