# SPDX-License-Identifier: MIT OR Apache-2.0
"""Random shapes, layouts, types, masks and outputs against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej

Array = np.ndarray[Any, Any]
# Without bool, whose arithmetic is i32 among bools and yields to any number.
WIDE = {"i1": "i4", "u1": "i4", "i2": "i4", "i4": "i4", "u4": "i8", "i8": "i8", "u8": "i8", "f4": "f4", "f8": "f8"}
SIZES, ODDS = [0, 1, 2, 3, 5, 70, 130], [0.03, 0.2, 0.2, 0.2, 0.2, 0.1, 0.07]


def relaid(rng: np.random.Generator, values: Array) -> Array:
    """The same values in another memory layout."""
    values = np.asarray(values)
    for _ in range(int(rng.integers(0, 3))):
        kind = rng.integers(0, 6)
        if kind == 0 and values.ndim:  # every axis in another place in memory
            order = rng.permutation(values.ndim)
            values = values.transpose(order).copy().transpose(np.argsort(order))
        elif kind == 1 and values.ndim:  # backwards in memory
            axis = int(rng.integers(0, values.ndim))
            values = np.flip(np.flip(values, axis).copy(), axis)
        elif kind == 2 and values.ndim:  # part of something larger
            larger = np.zeros([n + int(rng.integers(0, 3)) for n in values.shape], values.dtype)
            larger = larger.repeat(2, axis=-1)
            view = larger[tuple(slice(0, n) for n in values.shape[:-1]) + (slice(0, 2 * values.shape[-1], 2),)]
            view[...] = values
            values = view
        elif kind == 3:  # at an odd address
            memory = np.zeros(values.nbytes + 1, np.uint8)
            view = np.ndarray(values.shape, values.dtype, memory, 1)
            view[...] = values
            values = view
        elif kind == 4:  # the other byte order
            values = values.astype(values.dtype.newbyteorder())
        else:
            values = values.view()
            values.flags.writeable = False
    return values


def operand(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """An array that broadcasts to `shape`."""
    shape = tuple(1 if rng.random() < 0.2 else n for n in shape)[int(rng.integers(0, 2)) * int(rng.integers(0, 4)) :]
    dtype = np.dtype(str(rng.choice(list(WIDE))))
    return relaid(rng, rng.integers(0 if dtype.kind == "u" else -9, 10, shape).astype(dtype))


def widened(array: Array) -> Array:
    return array.astype(WIDE[array.dtype.newbyteorder("=").str[1:]])


def apply(function: np.ufunc, a: Array, b: Array) -> Array:
    """NumPy's result by the types alone; NumPy 1 looks at the values of zero-dimensional arrays too."""
    return np.asarray(function(a, b, dtype=np.promote_types(a.dtype, b.dtype)))


@pytest.mark.parametrize("seed", range(12))
def test_maps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(60):
        shape = tuple(int(n) for n in rng.choice(SIZES, int(rng.integers(0, 4)), p=ODDS))
        a, b, c = (operand(rng, shape) for _ in range(3))
        expected = apply(np.subtract, apply(np.multiply, widened(a), widened(b)), widened(c))
        result = ej.evaluate("a * b - c")
        np.testing.assert_array_equal(result, expected)
        assert np.asarray(result).dtype == expected.dtype
        out = relaid(rng, np.zeros(expected.shape, rng.choice(["f8", "f4", "i8"])))
        if out.flags.writeable and np.can_cast(expected.dtype, out.dtype, "same_kind"):
            before = out.copy()
            mask = relaid(rng, rng.integers(0, 2, [int(n ** rng.integers(0, 2)) for n in expected.shape]) > 0)
            assert ej.evaluate("a * b - c", out=out, where=mask) is out
            np.testing.assert_array_equal(out, np.where(mask, expected, before).astype(out.dtype))
            ej.evaluate("a * b - c", out=out)
            np.testing.assert_array_equal(out, expected.astype(out.dtype))


@pytest.mark.parametrize("seed", range(6))
def test_in_place(seed: int) -> None:
    """The output overlaps an operand in some way; the result is as if it had been copied before."""
    rng = np.random.default_rng(100 + seed)
    for _ in range(60):
        base = rng.integers(-9, 9, 400).astype("f8")
        views = []
        for _ in range(2):
            start, step = int(rng.integers(0, 100)), int(rng.choice([-2, -1, 1, 1, 2]))
            view = base[start : start + 200][::step][:72]
            views.append(view.reshape(8, 9) if rng.random() < 0.5 else view.reshape(9, 8).T)
        source, target = views
        other = np.arange(9.0)
        expected = source * 3 - other + target
        ej.evaluate("source * 3 - other + target", out=target)
        assert_same(np.ascontiguousarray(target), np.ascontiguousarray(expected))


@pytest.mark.parametrize("seed", range(6))
def test_reductions(seed: int) -> None:
    rng = np.random.default_rng(200 + seed)
    for _ in range(60):
        shape = tuple(int(n) for n in rng.choice([1, 2, 3, 5, 70], int(rng.integers(0, 4))))
        a, b = operand(rng, shape), operand(rng, shape)
        product = apply(np.multiply, widened(a), widened(b))
        assert ej.evaluate("sum(a * b)") == product.sum(dtype="f8" if product.dtype.kind == "f" else "i8")
        assert ej.evaluate("argmax(a * b)") == product.argmax()
        result = ej.evaluate("a * b - min(a * b)")
        np.testing.assert_array_equal(result, product - product.min(keepdims=True))
