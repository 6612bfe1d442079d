# SPDX-License-Identifier: MIT OR Apache-2.0
"""Programs made node by node: what they compute, and what is said about mistakes."""

from __future__ import annotations

import copy
import gc
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import run_python

import exprjit as ej
from exprjit._builder_abi import operations


def compiled(make: Any, *types: str) -> ej.Function:
    """The function of what `make(b, *params)` returns."""
    b = ej.Builder()
    params = [b.param(f"x{k}", type) for k, type in enumerate(types)]
    b.output(make(b, *params))
    return b.compile()


def test_the_first_example() -> None:
    b = ej.Builder()
    x = b.param("x", "f64")
    y = b.sin(x) * 2 + x
    b.output(y)
    f = b.compile()
    assert f(1.0) == 2 * ej.evaluate("sin(x)", x=1.0) + 1
    values = np.linspace(-3, 3, 1001)
    np.testing.assert_array_equal(f(values), ej.evaluate("sin(x) * 2 + x", x=values))
    assert f.signature == "(x: f64) -> f64"
    assert f.source.startswith("func @main(%x: f64)") and "sin f64" in f.ir


def test_several_named_outputs() -> None:
    b = ej.Builder("circle")
    r = b.param("r", float)
    b.output(r * r * np.pi, "area")
    b.output(2 * np.pi * r, "length")
    f = b.compile()
    assert f(2.0) == {"area": 2.0 * 2.0 * np.pi, "length": 2 * np.pi * 2.0}
    assert [p.name for p in f.outputs] == ["area", "length"]


def test_equal_programs_share_code() -> None:
    def make(name: str) -> ej.Function:
        b = ej.Builder(name)
        x = b.param(name, "f64")
        b.output((x + 123.0625) * x)
        return b.compile()

    assert make("a").cache_hit is None
    assert make("a").cache_hit == "text"
    assert make("b").cache_hit == "canonical"
    assert make("b").asm == make("a").asm


OPERATORS = [
    ("f64 f64", lambda x, y: x + y, 7.5, 2.0),
    ("f64 f64", lambda x, y: x - y, 7.5, 2.0),
    ("f32 f32", lambda x, y: x * y, 7.5, 2.0),
    ("f64 f64", lambda x, y: x / y, 7.5, 2.0),
    ("i64 i64", lambda x, y: x / y, 7, 2),
    ("i64 i64", lambda x, y: x // y, -7, 2),
    ("f64 f64", lambda x, y: x // y, -7.5, 2.0),
    ("i64 i64", lambda x, y: x % y, -7, 3),
    ("f64 f64", lambda x, y: x**y, 7.5, 2.5),
    ("i64 i64", lambda x, y: x**y, 7, 3),
    ("f64 f64", lambda x, y: x**3 + y**-2, 7.5, 2.5),
    ("i64 i64", lambda x, y: x**2 - y**20, 7, 3),
    ("f64 f64", lambda x, y: 2**x - 3.0 / y, 7.5, 2.5),
    ("i64 i64", lambda x, y: 100 // x + 100 % y - (1 - x), 7, 3),
    ("i64 i64", lambda x, y: (x & y) | (x ^ 12) | (5 & y), 7, 3),
    ("i64 i64", lambda x, y: (x << y) + (1 << x) + (x >> 1) + (1024 >> y) + ~x, 7, 3),
    ("bool bool", lambda x, y: (x | y) & ~(x & y), True, False),
    ("f64 f64", lambda x, y: (x < y) | (x >= y) & (x != 0), 7.5, 2.5),
    ("i32 i32", lambda x, y: (x <= y) ^ (x > 1) ^ (x == 7), 7, 3),
    ("f64 f64", lambda x, y: abs(-x) + +y, 7.5, 2.5),
]


@pytest.mark.parametrize(("types", "make", "x", "y"), OPERATORS)
def test_operators_are_pythons(types: str, make: Any, x: Any, y: Any) -> None:
    f = compiled(lambda b, *p: make(*p), *types.split())
    assert f(x, y) == pytest.approx(make(x, y), rel=1e-7 if "f32" in types else 1e-15)


def test_every_operation_is_a_method() -> None:
    types = {1: "f64", 2: "i64", 3: "bool", 4: "f32", 5: "i32"}
    made = 0
    for name, op in operations().items():
        method = name + "_" if name in ("and", "or", "not") else name
        assert method in dir(ej.Builder())
        for type in types.values():
            b = ej.Builder()
            operand = b.param("x", type)
            condition = b.param("c", "bool")
            operands = [condition] * op.first_t + [operand] * (op.operands - op.first_t)
            extra: list[Any] = ["f64"] if op.result == "U" else [3] if name == "powi" else []
            try:
                node = getattr(b, method)(*operands, *extra)
            except ej.ExprTypeError:
                continue  # not for this type
            except ej.ArgumentError as error:
                assert "passes only" in str(error)
                continue
            b.output(node)
            b.compile()
            assert b.ir().count(f"= {name} ") == 1, name
            assert node.type == {"T": type, "B": "bool", "U": "f64"}[op.result], name
            made += 1
    assert made > 200


def test_numbers_take_the_nodes_type() -> None:
    b = ej.Builder()
    x, i, n = b.param("x", "f32"), b.param("i", "i32"), b.param("n", "i64")
    assert (x * 2).type == "f32" and (0.5 - x).type == "f32" and (i + 1).type == "i32" and (n < 5).type == "bool"
    assert b.select(x > 0, 1, x).type == "f32" and b.select(True, i, 7).type == "i32"
    assert b.clamp(x, 0, 1).type == "f32" and b.fma(2.0, x, 1).type == "f32"
    assert b.constant(np.float32(2)).type == "f32" and b.constant(2).type == "i64" and b.constant(True).type == "bool"
    assert b.constant(1, "f64").type == "f64" and b.constant(np.int16(3)).type == "i32"
    with pytest.raises(ej.ExprTypeError, match=r"0\.5 cannot be a constant of type i32: it is not an integer"):
        i + 0.5
    with pytest.raises(ej.ExprTypeError, match="outside its range"):
        i + 2**40
    with pytest.raises(ej.ExprTypeError, match="no constant"):
        b.constant("one")


def test_if() -> None:
    b = ej.Builder()
    x = b.param("x", "f64")
    with b.if_(x > 0) as arms:
        with arms.then():
            arms.yield_(b.sqrt(x), x)
        with arms.else_():
            arms.yield_(-x, 0.0)
    first, second = arms.results
    b.output(first + second)
    f = b.compile()
    assert f(9.0) == 12 and f(-2.0) == 2
    np.testing.assert_array_equal(f(np.array([9.0, -2.0, 0.0])), [12, 2, 0])
    with pytest.raises(ej.ArgumentError, match="2 values here, not one"):
        arms.result


def test_if_without_else_and_early_return() -> None:
    b = ej.Builder()
    x = b.param("x", "i64")
    with b.if_(x < 0) as arms, arms.then():
        b.return_(-1)
    b.return_(x * 2)
    f = b.compile()
    assert f(-5) == -1 and f(4) == 8


def test_for_table_and_local() -> None:
    b = ej.Builder()
    n = b.param("n", "i64")
    weights = b.table([2.0, 3.0, 5.0])
    seen = b.local("f64", 2)
    with b.for_(0, n, carry=[0.0]) as loop:
        w = weights[loop.index]
        seen[0] = w
        loop.next(loop.value + w * loop.index.to("f64"))
    assert weights.type == "array<f64,1>" and seen.type == "mut array<f64,1>"
    b.output(loop.result + seen[0] * 100 + b.length(weights).to("f64"))
    f = b.compile()
    assert f(3) == 0 * 2 + 1 * 3 + 2 * 5 + 500 + 3
    assert f(0) == 3
    assert f(5) == 13 + 0 + 3  # outside a table there is 0


def test_loop_break_and_continue_from_inside() -> None:
    b = ej.Builder()
    n = b.param("n", "i64")
    with b.loop(carry=[n, 0]) as outer:
        value, count = outer.carried
        with b.if_(value <= 1) as arms, arms.then():
            outer.break_(value, count)
        with b.for_(0, 10) as inner:
            with b.if_(inner.index == 3) as arms, arms.then():
                outer.continue_(b.select(value % 2 == 0, value // 2, value * 3 + 1), count + 1)
        outer.next(value, count)
    b.output(outer.results[1])
    f = b.compile()
    assert f(27) == 111 and f(1) == 0
    with pytest.raises(ej.ArgumentError, match="counts nothing"):
        outer.index


def test_functions_call_earlier_ones() -> None:
    b = ej.Builder()
    square = b.function("square")
    a = b.param("a", "f64")
    b.return_(a * a, a)
    b.function("main")
    x = b.param("x", "f64")
    called = b.call(square, x + 1)
    b.output(called + b.result(called, 1))
    assert b.compile()(2.0) == 12
    assert "@square" in b.ir()


def test_array_parameters_of_called_functions() -> None:
    b = ej.Builder()
    fill = b.function("fill")
    out = b.param("out", "f64", rank=1, mut=True)
    v = b.param("v", "f64")
    out[1] = v * 2
    b.return_()
    b.function("main")
    x = b.param("x", "f64")
    room = b.local("f64", 4)
    b.call(fill, room, x)
    b.output(room[1])
    assert b.compile()(21.0) == 42


def test_checks_and_reductions() -> None:
    b = ej.Builder()
    x = b.param("x", "f64")
    b.check(x >= 0, "domain", 7)
    b.output(b.sqrt(x))
    f = b.compile()
    assert f(4.0) == 2
    with pytest.raises(ej.ExprDomainError, match="check #7 failed in row 2"):
        f(np.array([1.0, 4.0, -1.0]))

    b.reset()
    x = b.param("x", "f64")
    b.output(b.reduce("sum", x, x > 1) / b.reduce("count", x > 1).to("f64"))
    assert b.compile()(np.array([1.0, 2.0, 4.0])) == 3
    b.reset()
    x = b.param("x", "f64")
    with pytest.raises(ValueError, match="'mean'"):
        b.reduce("mean", x)
    with pytest.raises(ValueError, match="'oops'"):
        b.check(x > 0, "oops")


def test_lanes() -> None:
    b = ej.Builder()
    x = b.param("x", "i64")
    v = b.splat(x, 4) + b.iota("i64", 4)
    mask = v > b.constant(5, lanes=4)
    assert v.type == "i64x4" and mask.type == "boolx4"
    b.output(b.count_lanes(mask) * 100 + b.extract(v, 3) + b.select(b.any(mask), 1, 0).to("i64"))
    assert b.compile(tier="interpreter")(4) == 208


def test_steps() -> None:
    b = ej.Builder()
    x = b.param("x", "f64")
    y = b.steps([("mul", x, x), ("sqrt", 0), ("add", 1, x), ("lt", 2, 0)])
    assert y.type == "bool"
    array = np.zeros(2, b.STEP)
    array["code"] = b.op_code("mul"), b.op_code("add")
    array["operands"][0, :2] = x.id
    array["operands"][1, :2] = 0x80000000, x.id
    z = b.steps(array)
    b.output(b.select(y, z, 0.0))
    f = b.compile()
    assert f(5.0) == 30 and f(1.0) == 0
    b.reset()
    x = b.param("x", "f64")
    for wrong, message in [
        ([("nope", x)], "there is no such operation"),
        ([("add", x)], "has 1 operands, add takes 2"),
        ([("convert", x)], "conversions are no steps"),
        ([("sqrt", 0)], "no step before it"),
        ([("sqrt", -1)], "steps are counted from 0"),
        ([], "no steps"),
        (np.zeros(2), "of Builder.STEP"),
    ]:
        with pytest.raises(ej.ArgumentError, match=message):
            b.steps(wrong)


def test_mistakes_say_function_node_and_operation_and_change_nothing() -> None:
    b = ej.Builder("model")
    x, i = b.param("x", "f64"), b.param("i", "i64")
    before = b.ir()
    with pytest.raises(
        ej.ExprTypeError, match=r"function 'model', node %2 \(add\): operand 1, %1, is i64, expected f64"
    ):
        x + i
    with pytest.raises(ej.ExprTypeError, match=r"\(and\): cannot work on f64"):
        x & x
    with pytest.raises(ej.ArgumentError, match="%0 has 1 results, there is no 1"):
        b.result(x, 1)
    with pytest.raises(ej.ArgumentError, match="stands outside any region"):
        ej.Builder.if_(b, x > 0).yield_()
    with pytest.raises(AttributeError, match="no operation 'sinn'"):
        b.sinn(x)
    with pytest.raises(ej.ArgumentError, match="there is a parameter 'x' already"):
        b.param("x")
    with pytest.raises(ej.ExprTypeError, match="is not one exprjit computes with"):
        b.param("z", "quaternion")
    with pytest.raises(ej.ExprTypeError, match="no truth value"):
        bool(x > 0)
    with pytest.raises(ej.ExprTypeError, match="one value"):
        list(x)
    assert b.ir().splitlines()[0] == before.splitlines()[0]
    b.output(x + i.to("f64"))
    assert b.compile()(1.5, 2) == 3.5


def test_nodes_of_another_builder() -> None:
    a, b = ej.Builder(), ej.Builder()
    x, y = a.param("x"), b.param("y")
    for make in (lambda: x + y, lambda: a.sin(y), lambda: a.select(x > 0, x, y), lambda: a.output(y)):
        with pytest.raises(ej.ArgumentError, match="belongs to another builder"):
            make()


def test_nodes_of_before_are_refused() -> None:
    b = ej.Builder()
    x = b.param("x")
    array = b.table([1.0, 2.0])
    b.output(x)
    condition, region, loop = x > 0, b.if_(x > 0), b.loop(carry=[x])
    b.compile()
    b.reset()
    y = b.param("y")
    uses: list[Any] = [
        lambda: x + y, lambda: y + x, lambda: 2 * x, lambda: x**2, lambda: x / 3, lambda: -x,
        lambda: b.select(condition, y, y),
        lambda: b.fma(y, y, x), lambda: b.steps([("mul", x, y)]), lambda: b.powi(x, 2), lambda: b.result(x, 0),
        lambda: b.load(array, 0), lambda: b.store(array, 0, value=y), lambda: b.store(b.local("f64", 3), x, value=y),
        lambda: b.length(array), lambda: b.splat(x, 4), lambda: b.extract(x, 0), lambda: b.any(condition),
        lambda: b.count_lanes(condition), lambda: b.reduce("sum", x), lambda: b.reduce("sum", y, condition),
        lambda: b.check(condition), lambda: b.call(0, x), lambda: b.if_(condition), lambda: b.for_(0, x),
        lambda: b.return_(x),
        lambda: b.loop(carry=[x]), lambda: b.output(x), lambda: x.to("f32"),
        lambda: region.__enter__(), lambda: loop.__enter__(),
        lambda: array.type, lambda: b.convert(x, "f32"), lambda: x < y,
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(ej.ArgumentError, match=r"%\d+ of before> belongs to an earlier program"):
            use()
    b.output(y * 2)
    assert b.compile()(4.0) == 8


def test_nodes_of_another_function_are_refused() -> None:
    b = ej.Builder()
    g = b.function("g")
    x = b.param("x")
    twice = x * 2
    b.return_(twice)
    b.function("main")
    y = b.param("y")
    with pytest.raises(ej.ArgumentError, match="earlier program or function of this builder.*\n.*build it here"):
        y + twice
    b.output(b.call(g, y))
    assert b.compile()(4.0) == 8


def test_outputs_can_be_told_apart() -> None:
    b = ej.Builder()
    x = b.param("x")
    b.output(x, "a")
    with pytest.raises(ej.ArgumentError, match="there is an output 'a' already"):
        b.output(x + 1, "a")
    with pytest.raises(ej.ArgumentError, match="no name.*\n.*name every one"):
        b.output(x + 1)
    with pytest.raises(ValueError, match="NUL"):
        b.output(x + 1, "b\0")
    b.output(x + 2, "b")
    assert b.compile()(1.0) == {"a": 1, "b": 3}
    b.reset()
    x = b.param("x")
    b.output(x)
    for name in ("", "a"):
        with pytest.raises(ej.ArgumentError, match="no name"):
            b.output(x + 1, name)
    assert b.compile()(1.0) == 1
    b.reset()
    x = b.param("x")
    b.return_(x, x + 1)
    with pytest.raises(ej.ArgumentError, match="2 results without a name of their own"):
        b.compile()


def test_a_function_that_cannot_begin_changes_nothing() -> None:
    b = ej.Builder()
    x = b.param("x")
    b.output(x * 2, "twice")
    with pytest.raises(ej.ArgumentError, match="function"):
        b.function("g")  # the one before has no return_
    with pytest.raises(ej.ArgumentError, match="there is a parameter 'x' already"):
        b.param("x")
    b.output(x * 3, "thrice")
    with b.for_(0, 3, carry=[x]) as loop:
        with pytest.raises(ej.ArgumentError, match="not complete"):
            b.function("g")
        with b.if_(loop.value > 10.0) as arms, arms.then():
            loop.break_(loop.value)
        loop.next(loop.value * 2)
    b.output(loop.result, "grown")
    with pytest.raises(ej.ArgumentError, match="function"):
        b.function("h")
    for wrong in (b.function, b.reset):
        with pytest.raises(ValueError, match="NUL"):
            wrong("g\0")
    assert b.compile()(3.0) == {"twice": 6, "thrice": 9, "grown": 12}
    b.reset()
    x = b.param("x")
    with b.if_(x > 0) as arms, arms.then():
        b.return_(x)
        with pytest.raises(ej.ArgumentError, match="not complete"):
            b.function("g")
    b.return_(-x)
    main = b.function("main")
    y = b.param("y")
    b.output(b.call(main - 1, y) + 1)
    assert b.compile()(-3.0) == 4


def test_messages_are_about_python() -> None:
    b = ej.Builder()
    x = b.param("x")
    array = np.arange(3.0)
    for use in (lambda: array + x, lambda: x + array, lambda: b.add(array, x), lambda: b.output(array)):
        with pytest.raises((ej.ExprTypeError, TypeError), match="NumPy|ndarray") as caught:
            use()
        assert "table(array)" in str(caught.value)
    for convert in (lambda: np.asarray(x), lambda: np.array([x, x]).astype(float)):
        with pytest.raises((ej.ExprTypeError, TypeError)):
            convert()
    with pytest.raises(TypeError):
        np.sin(x)
    assert (np.float64(2) * x).type == "f64" and (np.float64(2) < x).type == "bool" and (2 - x).type == "f64"
    for spec, name, wide in (("f16", "f16", "f32"), ("uint8", "u8", "i32"), (np.uint32, "u32", "i64")):
        uses: list[Any] = [lambda t: b.param("z", t), x.to, lambda t: b.constant(1, t), lambda t: b.iota(t, 4)]
        for use_type in uses:
            with pytest.raises(ej.ExprTypeError, match=f"no value has the type {name},.*\\n.*use {wide} "):
                use_type(spec)
    for options in ({"lanes": 3}, {"lanes": "4"}, {"rank": -1}, {"rank": 4}):
        with pytest.raises(ej.ArgumentError, match="'v' cannot have .* lanes and rank"):
            b.param("v", "f64", **options)
    assert ej.Builder().param("v", "f16", rank=1).type == "array<f16,1>"
    names: list[Any] = [lambda: b.param(5, "f64"), lambda: b.output(x, 3), lambda: b.function(3), lambda: ej.Builder(5)]
    for use in (*names, lambda: b.reset(7)):
        with pytest.raises(ej.ExprTypeError, match="a name is a str, not [357]"):
            use()
    b.output(x * 2)
    assert "@main" in b.ir()


def test_incomplete_programs() -> None:
    b = ej.Builder()
    b.param("x")
    with pytest.raises(ej.ArgumentError, match="does not end with return"):
        b.compile()
    b.reset()
    x = b.param("x", "f64", rank=1)
    b.output(x[0])
    with pytest.raises(ej.UnsupportedError, match="takes or returns arrays"):
        b.compile()
    b.reset()
    x = b.param("x")
    b.return_(x)
    with pytest.raises(ej.ArgumentError, match="follows the end of its region"):
        x + 1
    with pytest.raises(ej.ArgumentError, match="follows the end of its region"):
        b.compile()  # the order of nodes cannot be repaired
    b.reset()
    b.output(b.param("x") + 1)
    assert b.compile()(1.0) == 2


def test_an_exception_inside_a_region_passes() -> None:
    b = ej.Builder()
    x = b.param("x")
    with pytest.raises(ZeroDivisionError):
        with b.for_(0, 3, carry=[x]) as loop:
            loop.next(loop.value / (1 // 0))


def test_functions_pickle_and_copy() -> None:
    f = compiled(lambda b, x: b.exp(x) + 1, "f64")
    assert pickle.loads(pickle.dumps(f))(0.0) == 2
    assert copy.copy(f) is f and copy.deepcopy(f)(0.0) == 2
    assert pickle.loads(pickle.dumps(compiled(lambda b, x: x, "f64"))).tier == "optimised"


def test_functions_outlive_their_builder() -> None:
    f = compiled(lambda b, x: x * 3, "f64")
    gc.collect()
    assert f(2.0) == 6 and f.ufunc(np.array([1.0])) == 3


def test_ten_thousand_formulas_stay_within_the_cache() -> None:
    b = ej.Builder()
    column = np.arange(64.0)
    for k in range(10_000):
        b.reset()
        x = b.param("x")
        b.output((x + (k + 0.125)) * x)
        f = b.compile()
        if k % 1000 == 0:
            np.testing.assert_array_equal(f(column), (column + (k + 0.125)) * column)
    assert ej.stats()["cache_bytes"] <= 64 << 20


def test_the_documentation_as_written() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "python.md"
    if not page.is_file():
        pytest.skip("the documentation is not here")
    part = page.read_text().split("## Programs node by node")[1].split("\n## ")[0]
    names: dict[str, Any] = {"ej": ej}
    blocks = re.findall(r"```python\n(.*?)```", part, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, names)
    assert names["f"](0.0) == 0
    assert names["b"].compile()(3) == 80.0


def test_a_builder_shared_by_threads_does_not_crash() -> None:
    done = run_python(
        """
import random, sys, threading, exprjit as ej
sys.setswitchinterval(1e-5)
b = ej.Builder()
x = b.param("x")
kept = [x]

def work(seed):
    rng = random.Random(seed)
    for i in range(1500):
        try:
            y = rng.choice(kept)
            what = rng.random()
            if what < 0.02:
                b.reset()
                kept[:] = [b.param("x")]
            elif what < 0.05:
                b.output(y)
                b.compile()
            elif what < 0.15:
                y + b.constant(1)  # a mistake
            else:
                kept.append(b.sin(y * 2) + rng.random())
                b.ir()
        except (ej.ExprJITError, MemoryError):
            pass

threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for t in threads: t.start()
for t in threads: t.join()
b.reset()
x = b.param("x")
b.output(x + 1)
assert b.compile()(1.0) == 2
"""
    )
    assert done.returncode == 0, done.stderr


def test_a_builder_in_use_by_another_thread() -> None:
    b = ej.Builder()
    x = b.param("x")
    handle = b._take_handle()  # as compile() does
    for use in (lambda: x + x, lambda: b.param("y"), b.compile, b.reset):
        with pytest.raises(ej.ArgumentError, match="another thread is using this builder"):
            use()
    b._handle = handle
    b.reset()
