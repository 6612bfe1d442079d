# SPDX-License-Identifier: MIT OR Apache-2.0
"""ej.evaluate: variables, scalars, weak promotion, integer division by zero, constants."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej

module_variable = np.arange(4.0)
shadowed = 1.0


def test_variables_of_the_caller() -> None:
    a, b = np.arange(5.0), 2.0
    assert_same(ej.evaluate("a * b"), a * b)
    assert_same(ej.evaluate("module_variable * b"), module_variable * b)
    shadowed = 5.0
    assert_same(ej.evaluate("shadowed + b"), np.float64(shadowed + b))


def test_variables_of_a_class_body_and_of_exec() -> None:
    class Body:
        x = 3.0
        result = ej.evaluate("x * 2")
        kept = x

    assert Body.result == 6 and Body.kept == 3.0
    scope = {"ej": ej}
    local = {"q": 4.0}
    exec("r = ej.evaluate('q + 1')", scope, local)
    assert local["r"] == 5 and local["q"] == 4.0


def test_dictionaries_and_keywords() -> None:
    a = 1.0
    assert ej.evaluate("a + b", b=2.0) == 3
    assert ej.evaluate("a + b", {"a": 10.0, "b": 5.0}) == 15
    assert ej.evaluate("a + b", local_dict={"a": 10.0}, global_dict={"b": 5.0, "a": 7.0}) == 15
    assert ej.evaluate("a + b", {"a": 10.0, "b": 5.0}, b=1.0) == 11
    assert ej.evaluate("`wind speed` / 2", {"wind speed": 3.0}) == 1.5
    assert a == 1.0


def test_the_callers_variables_survive() -> None:
    a, b = 1.0, 2.0
    before = locals()
    assert ej.evaluate("a + b") == 3
    assert before["a"] == 1.0 and (a, b) == (1.0, 2.0)


def test_nothing_keeps_an_array_alive() -> None:
    class Tracked(np.ndarray):
        pass

    def run() -> list[bool]:
        array = np.arange(1000.0).view(Tracked)
        plain = np.arange(1000.0)
        references = [weakref.ref(array), weakref.ref(plain)]
        for _ in range(3):
            ej.evaluate("array * plain")
        ej.jit("x * y")(array, plain)
        ej.compile("x * y")(array, plain)
        del array, plain
        gc.collect()
        return [reference() is None for reference in references]

    assert run() == [True, True]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, np.int64(7)),
        (3.0, np.float64(7)),
        (True, np.int32(3)),
        (np.float32(3), np.float32(7)),
        (np.int32(3), np.int32(7)),
        (np.array(3.0), np.float64(7)),
        (np.array(3, np.int32), np.int32(7)),
    ],
)
def test_scalars_give_numpy_scalars(value: object, expected: object) -> None:
    assert_same(ej.evaluate("v * 2 + 1", v=value), expected)


F32, F64, I32, I64 = (np.arange(1, 6, dtype=kind) for kind in ("f4", "f8", "i4", "i8"))
BOOLS = np.array([True, False, True, True, False])


@pytest.mark.parametrize("k", [2, 0.1, True, -3, 1e10])
@pytest.mark.parametrize("array", [F32, F64, I32, I64], ids=str)
@pytest.mark.parametrize("operator", ["+", "-", "*", "/"])
def test_python_numbers_are_weak(array: np.ndarray, k: object, operator: str) -> None:
    """NEP 50, written with NumPy's own explicit types so that it also holds under NumPy 1."""
    if isinstance(k, bool):
        partner = np.array(k, array.dtype) if operator != "/" else np.array(k, "f4" if array.dtype == "f4" else "f8")
    elif isinstance(k, float):
        partner = np.array(k, "f4" if array.dtype == np.dtype("f4") else "f8")
    else:
        partner = np.array(k, array.dtype)
    with np.errstate(all="ignore"):
        expected = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide}[operator](
            array, np.broadcast_to(partner, array.shape)
        )
    if operator == "/" and array.dtype.kind == "i":
        assert expected.dtype == np.float64
    assert_same(ej.evaluate(f"array {operator} k"), expected)


def test_a_python_number_acts_as_a_literal() -> None:
    for array in (F32, F64, I32, I64):
        for k, text in ((2, "2"), (2.5, "2.5"), (True, "1")):
            assert_same(ej.evaluate("array * k - 1"), ej.evaluate(f"array * {text} - 1"))


def test_weak_int_next_to_bools_is_i64() -> None:
    k = 3
    assert_same(ej.evaluate("BOOLS * k"), BOOLS * np.int64(3))


def test_weak_int_that_must_stay_an_integer() -> None:
    n = 3
    assert_same(ej.evaluate("F64 * (n << 1)"), F64 * 6)


def test_weak_int_out_of_range() -> None:
    k = 3_000_000_000
    with pytest.raises(OverflowError, match="'k'.*i32.*np.int64"):
        ej.evaluate("I32 + k")
    assert_same(ej.evaluate("I64 + k"), I64 + k)
    assert_same(ej.evaluate("F64 + k", k=10**20), F64 + 1e20)
    with pytest.raises(OverflowError, match="i64"):
        ej.evaluate("I64 + k", k=2**63)


def test_weak_float_beyond_f32_is_infinite() -> None:
    assert_same(ej.evaluate("F32 * k", k=1e300), np.full(5, np.inf, "f4"))


def test_strong_scalars() -> None:
    assert ej.evaluate("F32 * k", k=np.float64(2)).dtype == np.float64
    assert ej.evaluate("I32 * k", k=np.int64(2)).dtype == np.int64
    assert ej.evaluate("F32 * k", k=np.array(2.0)).dtype == np.float64


@pytest.mark.parametrize("operator", ["//", "%"])
def test_integer_division_by_zero_warns_and_gives_zero(operator: str) -> None:
    a, b = np.array([7, -7, 5, -(2**63)]), np.array([2, 2, 0, -1])
    with np.errstate(all="ignore"):
        expected = {"//": np.floor_divide, "%": np.remainder}[operator](a, b)
    with pytest.warns(RuntimeWarning, match="divide by zero") as caught:
        assert_same(ej.evaluate(f"a {operator} b"), expected)
    assert caught[0].filename == __file__
    with np.errstate(divide="ignore"):
        assert_same(ej.evaluate(f"a {operator} b"), expected)  # warnings are errors in these tests
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        ej.evaluate(f"a {operator} b")
    with pytest.warns(RuntimeWarning):
        assert_same(ej.evaluate(f"a {operator} b", a=5, b=0), np.int64(0))


def test_integer_division_by_zero_in_place_sees_the_old_input() -> None:
    a, b = np.array([7, 8, 9]), np.array([2, 0, 4])
    with pytest.warns(RuntimeWarning):
        ej.evaluate("a // b + a", out=a)
    assert_same(a, np.array([10, 8, 11]))


def test_float_division_by_zero_is_ieee() -> None:
    a = np.array([1.0, -1.0, 0.0])
    assert_same(ej.evaluate("a / 0.0"), np.array([np.inf, -np.inf, np.nan]))


def test_int_to_a_negative_power_is_a_value_error() -> None:
    with pytest.raises(ValueError):
        ej.evaluate("I64 ** k", k=-1)
    with pytest.raises(ej.ExprDomainError):
        ej.evaluate("I64 ** J", J=np.array([1, 2, -1, 3, 4]))


def test_caret() -> None:
    assert_same(ej.evaluate("F64 ^ 2"), F64 * F64)
    with pytest.raises(ej.ExprTypeError) as caught:
        ej.evaluate("I64 ^ J", J=I64)
    assert "**" in str(caught.value) and "xor" in str(caught.value)
    with pytest.raises(ej.ExprTypeError):
        ej.evaluate("BOOLS ^ B", B=BOOLS)
    assert_same(ej.evaluate("I64 ^ 3", caret="xor"), I64 ^ 3)
    assert_same(ej.evaluate("I64 ^ 3", caret="power"), I64**3)
    with pytest.raises(ValueError, match="caret"):
        ej.evaluate("I64 ^ 3", caret="hat")


def test_constants_and_variables_of_their_names() -> None:
    assert ej.evaluate("2 * pi") == 2 * math.pi
    e = 10.0
    assert ej.evaluate("e * 2") == 20
    assert ej.evaluate("pi + e", pi=1.0, e=2.0) == 3
    assert ej.evaluate("1e3 + e") == 1010


def test_functions_of_the_callers_module_do_not_shadow_constants() -> None:
    pi = math.sin  # not a number
    assert ej.evaluate("pi * 2") == 2 * math.pi
    assert pi(0) == 0


def test_a_variable_named_like_a_function() -> None:
    gamma = 2.0
    assert ej.evaluate("gamma * 3") == 6


def test_named_outputs() -> None:
    a = np.arange(4.0)
    result = ej.evaluate("s = a + 1; d = s * 2")
    assert list(result) == ["s", "d"]
    assert_same(result["s"], a + 1)
    assert_same(result["d"], (a + 1) * 2)


def test_unicode_names_and_operators() -> None:
    λ, größe = 2.0, np.arange(3.0)
    assert_same(ej.evaluate("λ × größe − 1"), λ * größe - 1)


def test_no_variables() -> None:
    assert ej.evaluate("2 + 3 * 4") == 14


def test_ternary_and_chains() -> None:
    x = np.linspace(-2, 2, 9)
    assert_same(ej.evaluate("x if x > 0 else -x"), np.where(x > 0, x, -x))
    assert_same(ej.evaluate("-1 < x <= 1"), (x > -1) & (x <= 1))
    assert_same(ej.evaluate("x > 0 and x < 1"), (x > 0) & (x < 1))


def test_many_different_texts() -> None:
    x = np.arange(3.0)
    for i in range(600):
        assert_same(ej.evaluate(f"x + {i}"), x + i)
