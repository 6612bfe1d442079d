// SPDX-License-Identifier: MIT OR Apache-2.0
#include "check.h"

namespace {

using exprjit::dtype;
using exprjit::node;
using exprjit::node_type;
using exprjit::status;

// Horner's rule over a table, in a loop: 1 + 2x + 3x^2, and a condition.
void test_program() {
    exprjit::builder b;
    b.begin_function("main");
    const node x = b.param("x", dtype::f64);
    const node count = b.param("terms", dtype::i64);
    const node table = b.table(std::vector<double>{3, 2, 1});
    const node loop = b.begin_for(b.constant(std::int64_t{0}), count, b.constant(std::int64_t{1}), {b.constant(0.0)});
    b.yield({b.op("add", {b.op("mul", {b.carried(loop), x}), b.load(table, {b.index(loop)})})});
    const node sum = b.end_loop();
    b.begin_if(b.op("lt", {sum, b.constant(0.0)}));
    b.yield({b.op("neg", {sum})});
    b.begin_else();
    b.yield({sum});
    const node size = b.end_if();
    b.ret({sum, b.result(size, 0)});
    b.name_results({"y", "size"});
    EXPECT(!b.has_mistakes() && b.mistakes().empty());
    exprjit::kernel k = VALUE(engine.compile(b));
    EXPECT(k.signature() == "(x: f64, terms: i64) -> (y: f64, size: f64)");
    std::array<exprjit::value, 2> in = {2.0, std::int64_t{3}}, both;
    VALUE(k.call(in, both));
    EXPECT(both[0].to<double>() == 3 * 4 + 2 * 2 + 1);
    EXPECT(contains(VALUE(b.print()), "@main"));
    exprjit::kernel again = VALUE(engine.compile_bytes(VALUE(b.encode())));
    in = {-2.0, std::int64_t{2}};
    VALUE(again.call(in, both));
    EXPECT(both[0].to<double>() == -4 && both[1].to<double>() == 4);
}

void test_mistakes() {
    exprjit::builder b;
    b.begin_function();
    const node x = b.param("x", dtype::f64), n = b.param("n", dtype::i32);
    const node wrong = b.op("add", {x, n});
    EXPECT(wrong == EJ_NO_NODE && b.has_mistakes() && contains(b.mistakes(), "(add)"));
    b.ret({b.op("mul", {wrong, x})});
    EXPECT(FAILURE(engine.compile(b)).status() == status::type);
    b.reset();
    EXPECT(!b.has_mistakes());
    b.begin_function();
    const node v = b.param(nullptr, node_type(dtype::f32));
    b.ret({b.convert("float_to_float", b.powi(v, 3), dtype::f64)});
    EXPECT(VALUE(VALUE(engine.compile(b)).call({2.0f})).to<double>() == 8);
    exprjit::builder moved = std::move(b);
    EXPECT(b.get() == nullptr && b.begin_function() == EJ_NO_NODE && b.constant(1.0) == EJ_NO_NODE);
    EXPECT(FAILURE(engine.compile(b)).status() == status::invalid_argument && !moved.has_mistakes());
}

void test_unknown_operations() {
    exprjit::builder b;
    b.begin_function("main");
    const node x = b.param("x", dtype::f64);
    EXPECT(b.op("sine", {x}) == EJ_NO_NODE && contains(b.mistakes(), "there is no operation 'sine'"));
    b.clear_error();
    EXPECT(!b.has_mistakes() && b.convert("turn", x, dtype::f32) == EJ_NO_NODE);
    EXPECT(contains(b.mistakes(), "there is no operation 'turn'"));
}

// Operands whose number is known at run time only, and what looks at the program.
void test_operand_ranges() {
    exprjit::builder b;
    std::vector<node> params;
    const std::uint32_t callee = b.begin_function("least");
    for (int k = 0; k < 3; ++k) params.push_back(b.param(nullptr, dtype::f64));
    b.ret(std::vector<node>{b.op("min", std::array<node, 2>{params[0], b.op("min", {params[1], params[2]})})});
    b.begin_function("main");
    params.clear();
    for (int k = 0; k < 3; ++k) params.push_back(b.param(nullptr, dtype::f64));
    EXPECT(b.node_count() == 3 && b.type_of(params[0]) == node_type(dtype::f64));
    EXPECT(b.type_of(EJ_NO_NODE).element() == dtype::none && b.type_of(params[1]) != node_type(dtype::f32));
    b.set_flags(EJ_FLAG_CONTRACT);
    const node least = b.call(callee, params);
    const exprjit::builder_step squares[2] = {{ej_op_find("mul"), EJ_DTYPE_NONE, {least, least, 0}, 0},
                                              {ej_op_find("neg"), EJ_DTYPE_NONE, {EJ_STEP, 0, 0}, 0}};
    const std::vector<node> made = b.steps(squares);
    EXPECT(made.size() == 2 && made[0] != EJ_NO_NODE && made[1] != EJ_NO_NODE);
    b.begin_if(b.op("lt", {least, made[0]}));
    b.ret(made);
    b.begin_else();
    const std::vector<node> other = {made[1], made[0]};
    b.ret(exprjit::span<const node>(other));
    b.end_if_as({});
    const node unreached = b.constant(0.0);
    b.ret({unreached, unreached});
    const std::vector<const char*> names = {"p", "q"};
    b.name_results(names);
    EXPECT(b.mistakes().empty());
    const exprjit::kernel k = VALUE(engine.compile(b));
    EXPECT(contains(k.signature(), "(p: f64, q: f64)"));
    std::array<exprjit::value, 2> both;
    const std::array<exprjit::value, 3> in = {5.0, 3.0, 4.0};
    VALUE(k.call(in, both));
    EXPECT(both[0].to<double>() == 9 && both[1].to<double>() == -9);
}

}  // namespace

void test_builder() {
    test_unknown_operations();
    test_operand_ranges();
    test_program();
    test_mistakes();
}
