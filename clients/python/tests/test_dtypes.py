# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every dtype with every dtype against NumPy, through the documented widening of narrow types."""

from __future__ import annotations

import array
import ctypes
from typing import Any

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej

#: What each supported dtype acts as.
WIDE = {
    "?": "?",
    "i1": "i4",
    "i2": "i4",
    "i4": "i4",
    "i8": "i8",
    "u1": "i4",
    "u2": "i4",
    "u4": "i8",
    "u8": "i8",
    "f2": "f4",
    "f4": "f4",
    "f8": "f8",
}
RNG = np.random.default_rng(7)


def sample(code: str, size: int = 33) -> np.ndarray[Any, Any]:
    """Values of a dtype, its extremes among them."""
    dtype = np.dtype(code)
    if dtype.kind == "b":
        return RNG.integers(0, 2, size).astype(dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        largest = min(info.max, 2**63 - 1)  # beyond it a uint64 is an error
        values = RNG.integers(info.min, largest, size, dtype=dtype, endpoint=True)
        values[:3] = info.min, largest, 1
        return values
    values = RNG.normal(0, 100, size).astype(dtype)
    values[:5] = 0.0, -0.0, np.inf, -np.inf, np.nan
    return values


def arithmetic(operator: str, a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """NumPy's answer on the widened operands; bool arithmetic is i32."""
    a, b = a.astype(WIDE[a.dtype.str[1:].replace("b1", "?")]), b.astype(WIDE[b.dtype.str[1:].replace("b1", "?")])
    if a.dtype == b.dtype == bool and operator in ("+", "-", "*", "//", "%"):
        a, b = a.astype("i4"), b.astype("i4")
    functions = {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.true_divide,
        "<": np.less,
        "==": np.equal,
        "!=": np.not_equal,
        "//": np.floor_divide,
        "%": np.remainder,
        "&": np.bitwise_and,
        "|": np.bitwise_or,
    }
    if operator == "/" and a.dtype.kind in "bi" and b.dtype.kind in "bi":
        a, b = a.astype("f8"), b.astype("f8")
    return functions[operator](a, b)


@pytest.mark.parametrize("right", WIDE)
@pytest.mark.parametrize("left", WIDE)
def test_arithmetic_and_comparisons(left: str, right: str) -> None:
    a, b = sample(left), sample(right)
    with np.errstate(all="ignore"):
        for operator in ("+", "-", "*", "/", "<", "==", "!="):
            assert_same(ej.evaluate(f"a {operator} b"), arithmetic(operator, a, b))


@pytest.mark.parametrize("right", WIDE)
@pytest.mark.parametrize("left", WIDE)
def test_floor_division_and_modulo(left: str, right: str) -> None:
    a, b = sample(left), sample(right)
    with np.errstate(all="ignore"):
        for operator in ("//", "%"):
            assert_same(ej.evaluate(f"a {operator} b"), arithmetic(operator, a, b))


@pytest.mark.parametrize("right", [code for code in WIDE if code[0] not in "f"])
@pytest.mark.parametrize("left", [code for code in WIDE if code[0] not in "f"])
def test_bit_operators(left: str, right: str) -> None:
    a, b = sample(left), sample(right)
    for operator in ("&", "|"):
        assert_same(ej.evaluate(f"a {operator} b"), arithmetic(operator, a, b))


@pytest.mark.parametrize("code", [code for code in WIDE if code != "?" and code[1] != "1"])
def test_byte_swapped_arrays(code: str) -> None:
    a = sample(code)
    swapped = a.astype(np.dtype(code).newbyteorder())
    assert not swapped.dtype.isnative
    assert_same(ej.evaluate("swapped + 1"), ej.evaluate("a + 1"))


def test_bool_arrays_with_other_nonzero_bytes() -> None:
    a = np.array([0, 1, 2, 255], np.uint8).view(np.bool_)
    assert_same(ej.evaluate("a + 0"), np.array([0, 1, 1, 1], "i4"))


@pytest.mark.parametrize(
    ("value", "way_out"),
    [
        (np.zeros(3, np.complex128), "real"),
        (np.zeros(3, object), "float"),
        (np.array(["a", "b"]), "numbers"),
        (np.zeros(3, "M8[s]"), "int64"),
        (np.zeros(3, "m8[s]"), "int64"),
        (np.zeros(3, [("x", "f8")]), "field"),
        (np.zeros(3, np.longdouble), "float64"),
        (np.complex64(1), "real"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "filled"),
        (["a", "b"], "numbers"),
    ],
)
def test_unsupported_dtypes(value: object, way_out: str) -> None:
    with pytest.raises(ej.ExprTypeError) as caught:
        ej.evaluate("1 + value")
    assert isinstance(caught.value, TypeError)
    assert "'value'" in str(caught.value) and way_out in caught.value.hint
    assert caught.value.span == (4, 9) and "    ^^^^^" in str(caught.value)


@pytest.mark.parametrize("value", [1j, "text", b"bytes", None, object(), len, {"a": 1}, {1, 2}])
def test_things_that_are_no_numbers(value: object) -> None:
    with pytest.raises(ej.ExprTypeError, match="'value'"):
        ej.evaluate("1 + value")


def test_what_numpy_makes_arrays_of() -> None:
    expected = np.array([2.0, 4.0, 6.0])
    for value in (
        [1.0, 2.0, 3.0],
        (1.0, 2.0, 3.0),
        array.array("d", [1, 2, 3]),
        memoryview(np.array([1.0, 2.0, 3.0])),
        (ctypes.c_double * 3)(1, 2, 3),
    ):
        assert_same(ej.evaluate("value * 2"), expected)


def test_uint64_beyond_int64_is_an_error_with_its_row() -> None:
    good = np.array([[0, 1], [2**63 - 1, 5]], np.uint64)
    assert_same(ej.evaluate("good // 2"), good.astype("i8") // 2)
    assert_same(ej.evaluate("good * 1.0"), good.astype("i8") * 1.0)
    bad = np.array([[0, 1], [2**63, 5]], np.uint64)
    for values in (bad, bad.T.copy().T):
        with pytest.raises(ej.ExprDomainError) as caught:
            ej.evaluate("values + 1")
        assert caught.value.index == (1, 0)
    many = np.zeros((300, 2000), np.uint64)  # in pieces, because the other operand is repeated in each row
    many[150, 3] = 2**63
    for column in (np.zeros((300, 1)), np.asfortranarray(np.zeros((300, 2000)))):
        with pytest.raises(ej.ExprDomainError, match=r"in row 300003\b") as caught:
            ej.evaluate("many + column")
        assert (caught.value.row, caught.value.index) == (300003, (150, 3))
        assert "in row 300003" in caught.value.diagnostics[0].message
    assert_same(ej.evaluate("k + 1", k=np.uint64(2**62)), np.int64(2**62 + 1))
    with pytest.raises(OverflowError):
        ej.evaluate("k + 1", k=np.uint64(2**63))
    assert_same(ej.compile("x * 2", x=np.uint64)(good[0]), good[0].astype("i8") * 2)


class HasArray:
    """An object of another library that offers the array interface."""

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray[Any, Any]:
        return np.arange(3.0)


def test_the_array_protocol() -> None:
    assert_same(ej.evaluate("value * 2", value=HasArray()), np.arange(3.0) * 2)
