// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Untyped kernels: types known at run time only, and looking inside.
#include "check.h"

namespace {

using exprjit::dtype;
using exprjit::status;

void test_calls_and_columns() {
    auto k = VALUE(engine.compile("a*b+c"));
    EXPECT(VALUE(VALUE(k.call({3, 4, 5})).as<double>()) == 17);
    EXPECT(FAILURE(k.call({3, 4})).status() == status::invalid_argument);
    const std::vector<double> a = {1, 2, 3};
    std::vector<float> b = {1, 1, 2};
    std::vector<double> out(3);
    VALUE(k.eval({a, b, 0.5}, {out}));
    EXPECT((out == std::vector<double>{1.5, 2.5, 6.5}));
    // As many columns as a program finds.
    std::vector<exprjit::input> inputs(3, exprjit::input(2));
    const std::vector<exprjit::output> outputs = {out};
    VALUE(k.eval(inputs, outputs));
    EXPECT(out[0] == 6);
    EXPECT(FAILURE(k.eval({a, b}, {out})).status() == status::invalid_argument);
    EXPECT(contains(FAILURE(k.eval({a, std::vector<int>{1}, 1}, {out})).message(), "input 1 ('b') has 1 rows"));
    EXPECT(FAILURE(k.eval({a, b, 1}, {b})).status() == status::type);  // f64 into f32

    auto typed = VALUE(engine.compile("n // 2 + `wind speed`", {{"n", dtype::i64}, "wind speed"}));
    EXPECT(typed.signature() == "(n: i64, `wind speed`: f64) -> f64");
    const auto parameters = typed.parameters();
    EXPECT(parameters.size() == 2 && parameters[1].name == "wind speed" && parameters[0].type == dtype::i64);
    exprjit::value results[1];
    const exprjit::value arguments[2] = {-7, 0.25};
    VALUE(typed.call(arguments, results));
    EXPECT(results[0].type() == dtype::f64 && results[0].to<double>() == -3.75);
    EXPECT(FAILURE(typed.call({1.5, 1})).status() == status::type);

    exprjit::compile_options o;
    o.result_type = dtype::f32;
    o.only_named_parameters = true;
    EXPECT(VALUE(VALUE(engine.compile("x", {"x"}, o)).call({1})).type() == dtype::f32);
    EXPECT(FAILURE(engine.compile("x + y", {"x"}, o)).status() == status::name);
}

void test_values() {
    EXPECT(exprjit::value(true).type() == dtype::boolean && exprjit::value(1).type() == dtype::i32);
    EXPECT(exprjit::value(1u).type() == dtype::i64 && exprjit::value(1L).type() == dtype::i64);
    EXPECT(exprjit::value(1.f).type() == dtype::f32 && exprjit::value(1.).type() == dtype::f64);
    EXPECT(exprjit::value(std::uint8_t{200}).to<int>() == 200);
    EXPECT(VALUE(exprjit::value(3).as<double>()) == 3 && VALUE(exprjit::value(true).as<float>()) == 1);
    const auto e = FAILURE(exprjit::value(1.5).as<int>());
    EXPECT(e.status() == status::type && contains(e.message(), "this value is f64"));
    EXPECT(name(dtype::u16) == "u16");
}

void test_looking_inside() {
    auto f = VALUE(engine.compile<double(double)>("sqrt(x)*sqrt(x)", {"x"}));
    EXPECT(contains(VALUE(f.dump(exprjit::listing::ir)), "sqrt"));
    EXPECT(contains(VALUE(f.dump(exprjit::listing::optimised_ir)), "sqrt"));
    EXPECT(!VALUE(f.dump(exprjit::listing::optimised_ir, "expand")).empty());
    EXPECT(FAILURE(f.dump(exprjit::listing::optimised_ir, "no such pass")).status() != status::ok);
    if (VALUE(engine.stats()).is_jit) EXPECT(contains(VALUE(f.dump(exprjit::listing::assembly)), "sqrtsd"));
    const auto info = VALUE(f.info());
    EXPECT(info.nodes >= 1 && info.memory_bytes > 0 && !info.needs_context);
    const auto times = VALUE(f.timings());
    EXPECT(times.total >= times.parse && times.total > 0);

    auto k = VALUE(engine.compile("s = sum(x); y = x + 1"));
    const auto outputs = VALUE(k.outputs());
    EXPECT(outputs.size() == 2 && outputs[0].name == "s" && outputs[0].is_reduced && !outputs[1].is_reduced);
    EXPECT(outputs[1].is_nullable && outputs[1].type == dtype::f64);

    auto ir = VALUE(engine.compile_ir(VALUE(f.dump(exprjit::listing::ir))));
    EXPECT(VALUE(VALUE(ir.call({9})).as<double>()) == 9);
    EXPECT(FAILURE(engine.compile_ir("nonsense")).status() == status::syntax);

    EXPECT(exprjit::version() == EJ_VERSION_STRING && !exprjit::cpu_name().empty());
    EXPECT(exprjit::passes().size() > 3);
    EXPECT(exprjit::cpu_isa() == exprjit::isa::automatic || exprjit::cpu_isa() >= exprjit::isa::v2);
}

// The C interface is always near: handles are borrowed from get(), and taken over by the constructor.
void test_beside_c() {
    ej_kernel* raw = nullptr;
    EXPECT(ej_engine_compile(nullptr, "x + 1", nullptr, &raw, nullptr) == EJ_OK);
    const exprjit::kernel k(raw);
    EXPECT(k.get() == raw && VALUE(k.call({1})).to<double>() == 2);
    double x[2] = {1, 2};
    ej_column c = {};
    c.data = x, c.stride = 8, c.dtype = EJ_F64;
    VALUE(k.eval({exprjit::input(c, 2)}, {exprjit::output(c, 2)}));
    EXPECT(x[0] == 2 && x[1] == 3);
}

// A record batch with one f64 field.
void test_arrow() {
    static double x[3] = {1, 2, 3};
    static const void *own_buffers[1] = {nullptr}, *buffers[2] = {nullptr, x};
    ArrowSchema field = {}, schema = {}, out_schema = {};
    ArrowArray column = {}, batch = {}, out = {};
    ArrowSchema* fields[1] = {&field};
    ArrowArray* columns[1] = {&column};
    field.format = "g", field.name = "x", field.release = [](ArrowSchema*) {};
    schema.format = "+s", schema.name = "", schema.n_children = 1, schema.children = fields;
    schema.release = [](ArrowSchema*) {};
    column.length = 3, column.n_buffers = 2, column.buffers = buffers, column.release = [](ArrowArray*) {};
    batch.length = 3, batch.n_buffers = 1, batch.buffers = own_buffers, batch.n_children = 1;
    batch.children = columns, batch.release = [](ArrowArray*) {};
    VALUE(VALUE(engine.compile("x * 2")).eval_arrow(schema, batch, out_schema, out));
    EXPECT(out.length == 3 && static_cast<const double*>(out.children[0]->buffers[1])[2] == 6);
    out.release(&out), out_schema.release(&out_schema);
    field.name = "y";
    EXPECT(FAILURE(VALUE(engine.compile("x * 2")).eval_arrow(schema, batch, out_schema, out)).status() != status::ok);
}

}  // namespace

void test_kernels() {
    test_calls_and_columns();
    test_values();
    test_looking_inside();
    test_beside_c();
    test_arrow();
}
