# SPDX-License-Identifier: MIT OR Apache-2.0
"""where=: elements where the mask is False keep what out has, are not evaluated where that could fail, and are not
reduced."""

from __future__ import annotations

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (5,), (0,), (3, 4), (2, 3, 4)], ids=str)
def test_as_numpy(shape: tuple[int, ...], order: str) -> None:
    a = np.asarray(RNG.normal(size=shape), order=order)  # type: ignore[call-overload]
    mask = np.asarray(RNG.integers(0, 2, shape).astype(bool))
    for f in (ej.jit("a * 2.0"), ej.compile("a * 2.0", a="f8")):
        for _ in range(3):
            out = np.full(shape, -1.0, order=order)  # type: ignore[call-overload]
            assert f(a, out=out, where=mask) is out
            assert_same(out, np.where(mask, a * 2, -1.0))
            result = f(a, where=mask)
            assert np.shape(result) == shape
            np.testing.assert_array_equal(np.asarray(result)[mask], (a * 2)[mask])
    out = np.full(shape, -1.0)
    ej.evaluate("a * 2", out=out, where=mask)
    assert_same(out, np.where(mask, a * 2, -1.0))


def test_the_mask_broadcasts() -> None:
    a, row, column = (
        np.arange(12.0).reshape(3, 4),
        np.array([True, False, True, True]),
        np.array([[True], [False], [True]]),
    )
    for mask in (row, column, row & column, True, False, np.True_, np.array(False), row.tolist()):
        out = np.full((3, 4), -1.0)
        ej.evaluate("a + 1", out=out, where=mask)
        assert_same(out, np.where(mask, a + 1, -1.0))
    assert ej.evaluate("k * 2", k=np.arange(4.0), where=column).shape == (3, 4)
    with pytest.raises(ej.ExprShapeError, match=r"where has shape \(2,\)"):
        ej.evaluate("a + 1", where=np.array([True, False]))
    with pytest.raises(ej.ExprTypeError, match="where must be a bool array"):
        ej.evaluate("a + 1", where=np.ones(4))


def test_casting_in_place_and_overlap() -> None:
    a = np.arange(6.0)
    mask = a % 2 == 0
    for dtype in ("f4", "f2", ">f8"):
        out = np.zeros(6, dtype)
        ej.evaluate("a * 3", out=out, where=mask)
        assert_same(out, np.where(mask, a * 3, 0).astype(dtype))
    inplace = a.copy()
    ej.evaluate("inplace * 3", out=inplace, where=mask)
    assert_same(inplace, np.where(mask, a * 3, a))
    shifted = a.copy()
    ej.evaluate("s * 3", s=shifted[:-1], out=shifted[1:], where=mask[1:])
    assert_same(shifted, np.concatenate([a[:1], np.where(mask[1:], a[:-1] * 3, a[1:])]))


def test_elements_that_would_fail_are_left_out() -> None:
    a, b = np.array([[7, 8], [9, -9]]), np.array([[2, 0], [0, 4]])
    with np.errstate(all="raise"):
        out = np.full((2, 2), -1)
        ej.evaluate("a // b", out=out, where=b != 0)
    assert_same(out, np.array([[3, -1], [-1, -3]]))
    assert_same(ej.jit("a // b")(a.T, b.T, where=b.T != 0), np.array([[3, 0], [0, -3]]))
    with pytest.raises(ZeroDivisionError) as caught:
        ej.jit("a // b")(a, b, where=np.array([[True, False], [True, True]]))
    assert caught.value.index == (1, 0)


def test_named_outputs() -> None:
    a, mask = np.arange(4.0), np.array([True, False, True, False])
    total = np.full(4, -1.0)
    results = ej.evaluate("s = a + 1; d = a - 1", out={"s": total}, where=mask)
    assert results["s"] is total
    assert_same(total, np.array([1.0, -1, 3, -1]))
    assert_same(results["d"][mask], (a - 1)[mask])


@pytest.mark.parametrize("shape", [(7,), (3, 5), (300_000,)], ids=str)
def test_reductions_are_over_the_elements_that_are_left(shape: tuple[int, ...]) -> None:
    a = RNG.integers(-50, 50, shape).astype("f8")
    mask = RNG.integers(0, 2, shape).astype(bool)
    assert_same(ej.evaluate("sum(a)", where=mask), np.sum(a, where=mask))
    assert_same(ej.evaluate("count(a > 0)", where=mask), np.int64(np.count_nonzero(a[mask] > 0)))
    out = np.full(shape, -1.0)
    ej.evaluate("a - min(a)", out=out, where=mask)
    assert_same(out, np.where(mask, a - a[mask].min(), -1.0))
