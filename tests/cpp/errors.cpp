// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Failures: what an error tells, and what is one.
#include "check.h"

namespace {

using exprjit::status;
using std::int32_t;
using std::int64_t;

void test_what_an_error_tells() {
    const auto e = FAILURE(engine.compile<double(double)>("sqroot(x) + prize", {"x"}));
    EXPECT(e.status() == status::name && e.row() == -1);
    EXPECT(e.message() == "there is no function 'sqroot'");
    EXPECT(contains(e.render(), " 1 | sqroot(x) + prize\n   | ^^^^^^\n"));
    EXPECT(e.render() == e.what());
    const auto all = e.diagnostics();
    EXPECT(all.size() == 2);
    EXPECT(all[0].code >= 1000 && all[0].status == status::name && all[0].begin == 0 && all[0].end == 6);
    EXPECT(all[0].line == 1 && all[0].column == 1 && contains(all[0].hint, "sqrt"));
    EXPECT(all[1].begin == 12 && all[1].end == 17 && contains(all[1].message, "prize"));
    const exprjit::error copy = e;  // shares what it describes
    EXPECT(copy.message() == e.message() && copy.diagnostics().size() == 2);

    auto f = VALUE(engine.compile<int64_t(int64_t, int64_t)>("a // b", {"a", "b"}));
    std::vector<int64_t> a = {1, 2, 3}, b = {1, 1, 0};
    const auto late = FAILURE(f.eval(a, a, b));
    EXPECT(late.status() == status::divide_by_zero && late.row() == 2 && contains(late.render(), "a // b"));
}

void test_own_errors() {
    // Found by the header: one diagnostic without a place.
    auto f = VALUE(engine.compile<double(double, double)>("a + b", {"a", "b"}));
    std::vector<double> three(3), four(4);
    const auto e = FAILURE(f.eval(three, three, four));
    EXPECT(e.status() == status::invalid_argument && e.row() == -1);
    EXPECT(e.message() == "input 1 ('b') has 4 rows where the others have 3");
    EXPECT(e.render() == "error: input 1 ('b') has 4 rows where the others have 3\n");
    EXPECT(e.diagnostics().size() == 1 && e.diagnostics()[0].message == e.message() && e.diagnostics()[0].line == 0);
    EXPECT(FAILURE(f.eval(four, three, three)).message() == "the output has 4 rows where the others have 3");
    EXPECT(FAILURE(f.map(three, four)).status() == status::invalid_argument);
}

void test_signatures() {
    EXPECT(FAILURE(engine.compile<double(double)>("x + y", {"x"})).status() == status::name);
    const auto narrow = FAILURE(engine.compile<int32_t(double)>("x * x", {"x"}));
    EXPECT(narrow.status() == status::type && contains(narrow.message(), "write i32(...) in the text"));
    EXPECT(FAILURE(engine.compile<float(double)>("x * x", {"x"})).status() == status::type);
    EXPECT(FAILURE(engine.compile<bool(double)>("x * x", {"x"})).status() == status::type);
    EXPECT(VALUE(VALUE(engine.compile<int32_t(double)>("i32(x * x)", {"x"}))(3)) == 9);
    const auto two = FAILURE(engine.compile<double(double)>("a = x; b = x*x", {"x"}));
    EXPECT(two.status() == status::type && contains(two.message(), "the text gives 2 outputs"));
    EXPECT(contains(FAILURE(engine.compile<std::pair<double, double>(double)>("x", {"x"})).message(), "1 output,"));
    const auto second = FAILURE(engine.compile<std::pair<double, bool>(double)>("a = x; b = x", {"x"}));
    EXPECT(contains(second.message(), "output 1 ('b') is f64"));
    EXPECT(FAILURE(engine.compile<double(double, double)>("x", {"x", "x"})).status() != status::ok);
    const std::string_view with_nul("x\0+1", 4);
    EXPECT(FAILURE(engine.compile<double(double)>(with_nul, {"x"})).status() == status::syntax);
    EXPECT(FAILURE(engine.compile<double()>("")).status() == status::syntax);
}

#ifdef EXPRJIT_NO_EXCEPTIONS
void test_result() {
    auto good = engine.compile<double(double)>("x + 1", {"x"});
    EXPECT(good && good.has_value() && (*good)(1).value() == 2 && good->arity == 1);
    auto bad = engine.compile<double(double)>("x +", {"x"});
    EXPECT(!bad && !bad.has_value() && bad.error().status() == status::syntax);
    EXPECT((*good)(1).value_or(7) == 2);
    auto divide = engine.compile<int64_t(int64_t)>("1 // n", {"n"});
    EXPECT((*divide)(0).value_or(7) == 7 && (*divide)(0).error().status() == status::divide_by_zero);
    const exprjit::result<void> nothing;
    EXPECT(nothing);
    exprjit::result<std::string> text("words");
    EXPECT(text->size() == 5 && std::move(text).value() == "words");
}
#else
void test_result() {
    // An error is a std::exception that can be kept and thrown again.
    std::exception_ptr kept;
    try {
        engine.compile("x +");
    } catch (const std::exception& e) {
        EXPECT(contains(e.what(), "^"));
        kept = std::current_exception();
    }
    bool was_caught = false;
    try {
        std::rethrow_exception(kept);
    } catch (const exprjit::error& e) {
        was_caught = e.status() == status::syntax;
    }
    EXPECT(was_caught);
}
#endif

void test_check() {
    EXPECT(!engine.check("x + 1", {"x"}));
    const auto wrong = engine.check("x + ", {"x"});
    EXPECT(wrong && wrong->status() == status::syntax);
    exprjit::compile_options o;
    o.only_named_parameters = true;
    EXPECT(engine.check("x + y", {"x"}, o)->status() == status::name);
}

}  // namespace

void test_errors() {
    test_what_an_error_tells();
    test_own_errors();
    test_signatures();
    test_result();
    test_check();
}
