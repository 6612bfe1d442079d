# SPDX-License-Identifier: MIT OR Apache-2.0
"""ej.jit: specialisation on the types of the call."""

from __future__ import annotations

import copy
import enum
import pickle

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej


def test_the_first_example() -> None:
    result = ej.jit("a * b + c")(3, 4, 5)
    assert type(result) is int and result == 17


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((3, 4, 5), 17),
        ((3.0, 4.0, 5.0), 17.0),
        ((3, 4.0, 5), 17.0),
        ((0.1, 3, 0.2), 0.1 * 3 + 0.2),
        ((True, True, True), 2),
        ((False, 7, True), 1),
        ((-(2**63), 1, 0), -(2**63)),
        ((2**31, 2**31, 1), 2**62 + 1),
    ],
)
def test_python_numbers_give_python_numbers(arguments: tuple[object, ...], expected: object) -> None:
    function = ej.jit("a * b + c")
    for _ in range(3):  # the second call takes the short way
        assert_same(function(*arguments), expected)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((np.float32(2), np.float32(0.1)), np.float32(2) * np.float32(0.1)),
        ((np.float32(2), 0.1), np.float32(2) * np.float32(0.1)),
        ((0.1, np.float32(2)), np.float32(2) * np.float32(0.1)),
        ((np.float64(2), np.float32(0.1)), np.float64(2) * np.float64(np.float32(0.1))),
        ((np.int32(6), np.int32(7)), np.int32(42)),
        ((np.int32(6), 7), np.int32(42)),
        ((np.int64(6), np.int32(7)), np.int64(42)),
        ((np.int64(6), 0.5), np.float64(3)),
        ((np.int16(300), np.int16(300)), np.int32(90000)),  # narrow types act as i32
        ((np.uint8(200), np.uint8(2)), np.int32(400)),
        ((np.uint32(2**31), 2), np.int64(2**32)),
        ((np.float16(1.5), np.float16(2)), np.float32(3)),
        ((np.bool_(True), np.bool_(True)), np.int32(1)),
        ((np.int32(3), np.float32(0.5)), np.float64(1.5)),
    ],
)
def test_numpy_scalars_keep_their_types(arguments: tuple[object, ...], expected: object) -> None:
    function = ej.jit("a * b")
    for _ in range(2):
        assert_same(function(*arguments), expected)


def test_comparisons_give_bool() -> None:
    assert_same(ej.jit("a < b")(1, 2), True)
    assert_same(ej.jit("a < b < c")(1.0, 2.0, 2.0), False)
    assert_same(ej.jit("a < b")(np.int64(1), 2), np.bool_(True))


def test_one_function_serves_many_types() -> None:
    function = ej.jit("a + b")
    assert_same(function(1, 2), 3)
    assert_same(function(1.5, 2), 3.5)
    assert_same(function(np.arange(3), 2), np.arange(3) + 2)
    assert_same(function(1, 2), 3)
    assert set(function.signatures) >= {"(a: i64, b: i64) -> i64", "(a: f64, b: i64) -> f64"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a * b + c", ("a", "b", "c")),
        ("c + b * a", ("c", "b", "a")),
        ("y + x + y", ("y", "x")),
        ("b & a", ("b", "a")),
        ("(z << y) | x", ("z", "y", "x")),
        ("`wind speed` * k", ("wind speed", "k")),
        ("`wind speed` & `odd``name`", ("wind speed", "odd`name")),
        ("let t = b*b in t + a", ("b", "a")),
        ("pi * r", ("r",)),
        ("2 + 3", ()),
    ],
)
def test_parameters_in_order_of_first_use(text: str, names: tuple[str, ...]) -> None:
    assert ej.jit(text).params == names


def test_integer_operators_work_although_inference_says_f64() -> None:
    assert_same(ej.jit("a & b")(6, 3), 2)
    assert_same(ej.jit("a << b")(1, 10), 1024)
    assert_same(ej.jit("~a | b")(0, 0), -1)
    assert_same(ej.jit("popcount(a xor b)")(5, 6), 2)


def test_keywords() -> None:
    function = ej.jit("a - b * c")
    assert function(c=5, a=3, b=4) == function(3, 4, 5) == function(3, c=5, b=4) == -17
    assert ej.jit("`wind speed` * 2")(**{"wind speed": 4}) == 8


@pytest.mark.parametrize(
    ("arguments", "keywords", "words"),
    [
        ((1,), {}, "'b'"),
        ((1, 2, 3), {}, "3 arguments"),
        ((1,), {"c": 2}, "no parameter 'c'"),
        ((1,), {"a": 2, "b": 3}, "two values"),
    ],
)
def test_wrong_arguments(arguments: tuple[int, ...], keywords: dict[str, int], words: str) -> None:
    with pytest.raises(ej.ExprTypeError, match=words) as caught:
        ej.jit("a + b")(*arguments, **keywords)
    assert "(a, b)" in str(caught.value)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400])
def test_wide_ints_are_refused(value: int) -> None:
    function = ej.jit("a + 1")
    function(1)
    for _ in range(2):
        with pytest.raises(OverflowError, match="'a'.*does not fit in i64"):
            function(value)


def test_arrays() -> None:
    a, b = np.arange(10.0), np.arange(10)
    assert_same(ej.jit("a * b + 1")(a, b), a * b + 1)
    out = np.empty(10)
    assert ej.jit("a * b")(a, b, out=out) is out
    assert_same(out, a * b)


@pytest.mark.parametrize("operator", ["//", "%"])
def test_integer_division_by_zero(operator: str) -> None:
    function = ej.jit(f"a {operator} b")
    assert function(-7, 2) == eval(f"-7 {operator} 2")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            function(1, 0)
    assert isinstance(caught.value, ej.ExprZeroDivisionError)
    assert ej.jit(f"a {operator} b", div="zero")(1, 0) == 0


def test_integer_division_by_zero_over_arrays_tells_the_place() -> None:
    function = ej.jit("a // b")
    divisor = np.ones((3, 4), np.int64)
    divisor[1, 2] = divisor[2, 0] = 0
    with pytest.raises(ZeroDivisionError) as caught:
        function(np.ones((3, 4), np.int64), divisor)
    assert caught.value.index == (1, 2)
    with pytest.raises(ZeroDivisionError) as caught:  # the same through the blocked way
        function(np.ones((3, 1), np.int64), divisor)
    assert caught.value.index == (1, 2)


def test_division_is_true_division() -> None:
    assert_same(ej.jit("a / b")(7, 2), 3.5)
    assert_same(ej.jit("a / b")(1, 0), float("inf"))
    assert_same(ej.jit("a // b")(7.0, -2.0), -4.0)


def test_int_to_negative_power() -> None:
    assert_same(ej.jit("a ** b")(2, 10), 1024)
    with pytest.raises(ej.ExprDomainError):
        ej.jit("a ** b")(2, -1)


def test_caret_is_power_in_a_text_unless_told() -> None:
    assert ej.jit("a ^ b")(2, 3) == 8
    assert ej.jit("a ^ b", caret="xor")(2, 3) == 1


def test_functions_are_a_later_matter() -> None:
    with pytest.raises(ej.UnsupportedError, match="text") as caught:

        @ej.jit
        def function(a: int) -> int:
            return a

    assert isinstance(caught.value, NotImplementedError) and caught.value.hint


def test_text_is_checked_at_once() -> None:
    with pytest.raises(ej.ExprSyntaxError):
        ej.jit("a +")
    with pytest.raises(ej.ExprNameError):
        ej.jit("sine(a)")
    with pytest.raises(ej.ExprTypeError):
        ej.jit(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    [{"tier": "fast"}, {"isa": "v9"}, {"div": "nan"}, {"caret": "hat"}, {"fast": ["math"]}, {"accuracy": "0ulp"}],
)
def test_unknown_options(words: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        ej.jit("a", **words)  # type: ignore[arg-type]


@pytest.mark.parametrize("tier", ["interpreter", "baseline", "optimised"])
def test_every_tier_gives_the_same(tier: str) -> None:
    assert_same(ej.jit("a * b + sqrt(c)", tier=tier)(0.1, 0.2, 0.3), ej.jit("a * b + sqrt(c)")(0.1, 0.2, 0.3))


def test_subclasses_of_numbers() -> None:
    class Level(enum.IntEnum):
        HIGH = 3

    class Metres(float):
        pass

    assert_same(ej.jit("a * 2")(Level.HIGH), 6)
    assert_same(ej.jit("a * 2")(Metres(1.5)), 3.0)


def test_named_outputs() -> None:
    assert ej.jit("s = a + b; d = a - b")(5, 3) == {"s": 8, "d": 2}


def test_pickle_and_copy() -> None:
    function = ej.jit("a // b", div="zero", caret="xor")
    again = pickle.loads(pickle.dumps(function))
    assert again.source == "a // b" and again(1, 0) == 0
    assert copy.copy(function) is function and copy.deepcopy(function) is function
    assert "a // b" in repr(function)


def test_more_types_than_are_kept() -> None:
    function = ej.jit("a + b + c + d + e1 + f + g")
    values = [(1, 1.0)[i] for i in (0, 1)]
    for pattern in range(128):
        arguments = [values[pattern >> bit & 1] for bit in range(7)]
        assert_same(function(*arguments), 7 if pattern == 0 else 7.0)
