# SPDX-License-Identifier: MIT OR Apache-2.0
"""ej.compile and what a Function tells about itself."""

from __future__ import annotations

import copy
import ctypes
import math
import pickle

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej


def test_the_example() -> None:
    function = ej.compile("a*b + c", a="f8", b="f8", c="f8")
    assert_same(function(3.0, 4.0, 5.0), 17.0)
    assert_same(function(3, 4, c=5), 17.0)
    assert function.signature == "(a: f64, b: f64, c: f64) -> f64"
    assert function.source == "a*b + c"
    assert function.params == (("a", "f64"), ("b", "f64"), ("c", "f64"))
    assert function.outputs == (("", "f64"),) and function.outputs[0].dtype == np.float64
    assert "mul" in function.ir and "add" in function.ir
    assert "a*b + c" in repr(function) and function.signature in repr(function)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("f8", "f64"),
        ("f4", "f32"),
        ("i8", "i64"),
        ("i4", "i32"),
        ("?", "bool"),
        ("float64", "f64"),
        ("int32", "i32"),
        ("f64", "f64"),
        ("f32", "f32"),
        ("i64", "i64"),
        ("i32", "i32"),
        ("bool", "bool"),
        (float, "f64"),
        (int, "i64"),
        (bool, "bool"),
        (np.float32, "f32"),
        (np.dtype("i4"), "i32"),
        (np.dtype(">f8"), "f64"),
    ],
)
def test_type_spellings(spec: object, name: str) -> None:
    assert ej.compile("a", a=spec).params == (("a", name),)


@pytest.mark.parametrize("spec", ["c16", "U3", "nonsense", None, object(), np.longdouble, "M8[s]"])
def test_types_exprjit_does_not_have(spec: object) -> None:
    with pytest.raises(ej.ExprTypeError, match="'a'"):
        ej.compile("a + 1", a=spec)


def test_types_from_a_dict_give_the_order() -> None:
    function = ej.compile("tier - `wind speed`", {"wind speed": "f8", "tier": "i4"})
    assert function.params == (("wind speed", "f64"), ("tier", "i32"))
    assert function(1.0, 5) == 4.0


def test_without_types_everything_is_f64() -> None:
    assert ej.compile("b * a").signature == "(b: f64, a: f64) -> f64"
    assert ej.compile("1 + 2", {})() == 3


def test_undeclared_names_are_errors_once_types_are_given() -> None:
    with pytest.raises(ej.ExprNameError):
        ej.compile("a + b", a="f8")


def test_scalars_are_fitted_to_the_declared_types() -> None:
    as_i64, as_f32 = ej.compile("a + 1", a="i8"), ej.compile("a * 2", a="f4")
    assert_same(as_i64(True), 2)
    assert_same(as_i64(np.int8(4)), np.int64(5))
    assert_same(as_f32(0.1), float(np.float32(0.1) * np.float32(2)))
    assert_same(as_f32(np.float32(0.1)), np.float32(0.1) * np.float32(2))
    assert_same(ej.compile("a + 1", a="f8")(np.int64(2)), np.float64(3))
    with pytest.raises(OverflowError):
        as_i64(2**63)
    with pytest.raises(OverflowError):
        ej.compile("a", a="i4")(2**31)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ("i8", 1.5),
        ("i4", np.int64(1)),
        ("f4", np.float64(1)),
        ("f4", np.int64(1)),
        ("?", 1),
        ("i8", np.ones(3)),
        ("f4", np.ones(3)),
        ("?", 1.0),
    ],
)
def test_values_that_would_lose_something(spec: str, value: object) -> None:
    function = ej.compile("a", a=spec)
    with pytest.raises(ej.ExprTypeError, match="'a'") as caught:
        function(value)
    assert caught.value.hint


def test_arrays() -> None:
    function = ej.compile("a*b + c", a="f8", b="f8", c="f8")
    a, b = np.arange(5.0), np.arange(5)
    assert_same(function(a, b, 1.0), a * b + 1)
    assert_same(function(a[:, None], b, 1), a[:, None] * b + 1)
    out = np.zeros(5)
    assert function(a, b, c=2, out=out) is out
    assert_same(ej.compile("a*2", a="i1")(np.array([100, -128], "i1")), np.array([200, -256], "i4"))


@pytest.mark.parametrize("tier", ["interpreter", "baseline", "optimised"])
def test_what_a_function_tells(tier: str) -> None:
    function = ej.compile(f"sqrt(x*x + {tier.count('e')}.25)", x="f8", tier=tier)
    assert function(2.0) == (4 + tier.count("e") + 0.25) ** 0.5
    native = ej.show_config("dicts")["engine"]["native code"] == "yes"
    assert function.tier == (tier if native else "interpreter")
    assert function.compile_time > 0 and function.timings["total"] == function.compile_time
    assert function.cache_hit in (None, "text", "canonical")
    assert isinstance(function.inspect_ir(), str) and ej.pass_names()
    assert function.inspect_ir(ej.pass_names()[0])
    if function.tier != "interpreter":
        assert function.isa in ("v2", "v3", "v4")
        assert function.nbytes > 0
        assert "sqrtsd" in function.asm


def test_cache_hits() -> None:
    ej.clear_cache()
    first = ej.compile("x * 123.25 + 1", x="f8")
    second = ej.compile("x * 123.25 + 1", x="f8")
    assert first.cache_hit is None and second.cache_hit == "text"
    before = ej.stats()["compiles"]
    ej.compile("x * 123.25 + 1", x="f8")
    assert ej.stats()["compiles"] == before


def test_isa_cap() -> None:
    function = ej.compile("x * 1.5 + 2", x="f8", isa="v2", tier="optimised")
    assert function(2.0) == 5.0
    if function.tier != "interpreter":
        assert function.isa == "v2"


def test_address_is_a_plain_c_function() -> None:
    function = ej.compile("x*y + n", x="f8", y="f4", n="i4", tier="optimised")
    if function.tier == "interpreter":
        assert function.address is None
        return
    assert function.address is not None
    entry = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_float, ctypes.c_int32)(function.address)
    assert entry(1.5, 2.5, 3) == function(1.5, 2.5, 3) == 6.75
    assert ej.compile("a // b", a="i8", b="i8").address is None


def test_options() -> None:
    assert ej.compile("a // b", a="i8", b="i8", div="zero")(1, 0) == 0
    with pytest.raises(ZeroDivisionError):
        ej.compile("a // b", a="i8", b="i8")(1, 0)
    assert ej.compile("a ^ b", a="i8", b="i8", caret="xor")(6, 3) == 5
    assert ej.compile("a ^ b", a="i8", b="i8")(2, 3) == 8
    with pytest.raises(ej.ExprTypeError):
        ej.compile("a ^ b", a="i8", b="i8", caret="strict")


def test_contract_is_a_permission_for_fma() -> None:
    x, y, z = 1 + 2**-30, 1 - 2**-30, -1.0
    assert ej.compile("a*b + c")(x, y, z) == x * y + z == 0.0
    assert ej.compile("a*b + c", fast={"contract"})(x, y, z) in (0.0, -(2.0**-60))


def test_accuracy() -> None:
    x = 1.234
    exact, quick = ej.compile("exp(x)"), ej.compile("exp(x)", accuracy="fast")
    assert abs(exact(x) - math.exp(x)) <= math.ulp(math.exp(x))
    assert abs(quick(x) - math.exp(x)) <= 4 * math.ulp(math.exp(x))
    assert exact.inspect_ir("expand") != quick.inspect_ir("expand")  # another program, though the text is the same
    assert ej.jit("exp(x)", accuracy="fast")(x) == quick(x)


def test_ir_names_what_is_wrong_with_a_pass() -> None:
    with pytest.raises(ej.ExprJITError):
        ej.compile("a + 1").inspect_ir("no such pass")
    with pytest.raises(ValueError):
        ej.compile("a + 1").inspect_ir("no such pass")


@pytest.mark.parametrize(
    "words", [{}, {"div": "zero"}, {"caret": "xor", "tier": "baseline", "fast": ("contract",), "accuracy": "fast"}]
)
def test_pickle_and_copy(words: dict[str, object]) -> None:
    function = ej.compile("a // 2 ^ b", {"a": "i8", "b": "i2"}, **words)  # type: ignore[arg-type]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        raw = pickle.dumps(function, protocol)
        again = pickle.loads(raw)
        assert again.signature == function.signature and again.source == function.source and again.tier == function.tier
        assert again(9, 1) == function(9, 1)
        assert len(raw) < 400  # the text and the options, never machine code
    assert copy.copy(function) is function and copy.deepcopy([function])[0] is function
    inferred = pickle.loads(pickle.dumps(ej.compile("b*a")))
    assert inferred.signature == "(b: f64, a: f64) -> f64"


def test_cloudpickle() -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    assert pickle.loads(cloudpickle.dumps(ej.compile("a + 1")))(2.0) == 3.0


def test_a_function_outlives_the_cache() -> None:
    function = ej.compile("a * 7.5 - 3", a="f8")
    ej.clear_cache()
    assert function(2.0) == 12.0 and function(np.array([2.0]))[0] == 12.0


def test_a_large_function() -> None:
    text = "+".join(f"x*{i}.5" for i in range(5000))
    assert ej.compile(text, x="f8")(1.0) == sum(i + 0.5 for i in range(5000))
