# SPDX-License-Identifier: MIT OR Apache-2.0
"""Repeated calls take a short way that was planned in the first; it must give what the first gave, or step aside."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej

RAW: dict[str, Callable[..., Any]] = {
    "jit": ej.jit("a * 2 + b"),
    "compile": ej.compile("a * 2 + b", a="f8", b="f8"),
    "evaluate": lambda a, b, **options: ej.evaluate("a * 2 + b", {"a": a, "b": b}, **options),
}


@pytest.fixture(params=RAW)
def add(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """One face after the other, warmed up so that the short way is known."""
    function = RAW[request.param]
    for _ in range(2):
        function(np.arange(3.0), np.arange(3.0))
        function(np.arange(3.0), 1.5)
        function(1.5, 2.5)
    return function


def test_other_shapes_and_layouts(add: Callable[..., Any]) -> None:
    plain = np.arange(12.0).reshape(3, 4)
    for a, b in itertools.product(
        [plain, plain.T.copy().T, plain[:, ::-1], plain[:1], np.arange(4.0), np.arange(8.0)[::2], np.zeros((0, 4))],
        [plain, plain[:, :1], np.arange(4.0), 1.5],
    ):
        if np.size(a) == 0 and np.shape(b) not in ((), (4,)):
            continue
        assert_same(add(a, b), a * 2 + b)
    assert_same(add(np.array(2.0), np.arange(3.0)), 4.0 + np.arange(3.0))
    assert_same(add(np.arange(0.0), np.arange(0.0)), np.arange(0.0))
    assert add(np.array(2.0), np.array(3.0)) == 7
    with pytest.raises(ej.ExprShapeError):
        add(np.arange(3.0), np.arange(4.0))


def test_out_after_the_first_call(add: Callable[..., Any]) -> None:
    a, b = np.arange(5.0), np.arange(5.0) + 0.5
    for out in (np.zeros(5), np.zeros(10)[::2], np.zeros((2, 5)), np.zeros(5, "f4"), np.zeros(5, ">f8")):
        assert add(a, b, out=out) is out
        np.testing.assert_array_equal(out, np.broadcast_to(a * 2 + b, out.shape))
    for _ in range(2):
        expected = a * 2 + b
        assert add(a, b, out=a) is a
        assert_same(a, expected)
    base = np.arange(10.0)
    expected = base[:-1] * 2 + base[:-1]
    add(base[:-1], base[:-1], out=base[1:])
    assert_same(base[1:], expected)
    base = np.arange(10.0)
    expected = base[::-1] * 2 + base
    add(base[::-1], base, out=base)
    assert_same(base, expected)
    frozen = np.zeros(5)
    frozen.flags.writeable = False
    with pytest.raises(ej.ExprShapeError, match="read-only"):
        add(a, b, out=frozen)
    with pytest.raises(ej.ExprTypeError, match="same_kind"):
        add(a, b, out=np.zeros(5, "i8"))
    with pytest.raises(ej.ExprShapeError):
        add(a, b, out=np.zeros(4))


def test_scalars_into_out(add: Callable[..., Any]) -> None:
    out = np.zeros(3)
    assert add(1.5, 2.5, out=out) is out
    assert_same(out, np.full(3, 5.5))


def test_types_are_told_apart() -> None:
    function = ej.jit("a + b")
    values = [2, 2.0, True, np.float32(2), np.int32(2), np.float64(2), np.bool_(True), np.arange(3), np.arange(3.0),
              np.arange(3, dtype="f4"), np.arange(3, dtype="u1"), np.arange(3, dtype=">i4"), [1, 2, 3]]  # fmt: skip
    first = {}
    for turn in range(3):
        for (i, a), (j, b) in itertools.product(enumerate(values), repeat=2):
            result = function(a, b)
            if turn == 0:
                first[i, j] = result
            else:
                assert_same(result, first[i, j])


def test_wide_ints_after_the_first_call() -> None:
    x = np.arange(3)
    function = ej.jit("x + k")
    for _ in range(2):
        assert_same(function(x, 5), x + 5)
        assert_same(function(1, 5), 6)
    for arguments in ((x, 2**63), (1, 2**63), (-(2**63) - 1, 1)):
        with pytest.raises(OverflowError, match="does not fit"):
            function(*arguments)
    narrow = np.arange(3, dtype="i4")
    for k in (5, 2**31 - 1):
        assert_same(function(narrow, k), narrow + np.int32(k))
    with pytest.raises(OverflowError, match="i32"):
        function(narrow, 2**31)
    single = np.arange(3, dtype="f4")
    for k in (0.1, 1e300):
        with np.errstate(over="ignore"):
            assert_same(function(single, k), single + np.float64(k).astype("f4"))
    for _ in range(2):
        with pytest.raises(OverflowError):
            ej.compile("x + 1", x="f8")(10**400)


def test_failures_after_the_first_call() -> None:
    function = ej.jit("a // b")
    good, bad = np.ones((2, 3), np.int64), np.array([[1, 1, 1], [1, 0, 1]])
    function(good, good)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError) as caught:
            function(good, bad)
        assert caught.value.index == (1, 1)
    assert function(7, 2) == function(7, 2) == 3
    with pytest.raises(ZeroDivisionError):
        function(7, 0)


def test_division_by_zero_in_evaluate_after_the_first_call() -> None:
    good, bad = np.array([4, 6]), np.array([2, 0])
    for _ in range(2):
        assert_same(ej.evaluate("good // two + bad * 0", two=2), good // 2)
        assert_same(ej.evaluate("good // bad", bad=good), np.array([1, 1]))
        assert_same(ej.evaluate("a // b", a=7, b=2), np.int64(3))
    for _ in range(2):
        with pytest.warns(RuntimeWarning) as caught:
            assert_same(ej.evaluate("good // bad"), np.array([2, 0]))
        assert len(caught) == 1 and caught[0].filename == __file__
        with pytest.warns(RuntimeWarning):
            assert_same(ej.evaluate("a // b", a=7, b=0), np.int64(0))
        with np.errstate(divide="ignore"):
            assert_same(ej.evaluate("good // bad"), np.array([2, 0]))
    numerator = good.copy()
    with pytest.warns(RuntimeWarning):
        ej.evaluate("n // bad + n", n=numerator, out=numerator)
    assert_same(numerator, np.array([6, 6]))


def test_a_variable_may_come_and_go_as_a_constant() -> None:
    x = np.arange(3.0)
    for _ in range(2):
        assert_same(ej.evaluate("x * e", e=10.0), x * 10)
        assert_same(ej.evaluate("x * e"), x * np.e)
        assert_same(ej.evaluate("x * e", e=np.float32(2)), x * 2)


def test_more_types_than_plans() -> None:
    function = ej.jit("a + b + c + d + g + h + k")
    kinds = [1, 1.0, np.arange(2), np.arange(2.0)]
    for choice in itertools.islice(itertools.product(kinds, repeat=7), 0, None, 53):
        total = function(*choice)
        assert_same(total, function(*choice))
