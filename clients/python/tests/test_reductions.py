# SPDX-License-Identifier: MIT OR Apache-2.0
"""sum(x) and its relatives from Python: scalars, any layout in C order, mixed with expressions that keep their
shape."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from checks import assert_same
from test_layouts import layouts

import exprjit as ej

RNG = np.random.default_rng(3)
# Integers, so that every order of summation gives the same.
X = RNG.integers(-1000, 1000, 10_007).astype("f8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(X)", np.sum(X)),
        ("min(X)", np.min(X)),
        ("max(X)", np.max(X)),
        ("mean(X)", np.sum(X) / len(X)),
        ("any(X > 990)", np.any(X > 990)),
        ("all(X > -2000)", np.all(X > -2000)),
        ("dot(X, X)", np.dot(X, X)),
        ("argmin(X)", np.argmin(X)),
        ("argmax(X)", np.argmax(X)),
        ("sum(X * 2 + 1) / 4", np.sum(X * 2 + 1) / 4),
    ],
)
def test_scalars(text: str, expected: np.generic) -> None:
    for _ in range(3):
        result = ej.evaluate(text)
        assert isinstance(result, np.generic) and result.shape == ()
        assert_same(result, expected)
        assert_same(ej.compile(text, X="f8")(X), expected)
        assert_same(ej.jit(text)(X), expected)


def test_types_of_results() -> None:
    for code in ("f4", "f8", "i4", "i8", "u1", "?"):
        x = np.array([1, 0, 1], code)
        assert ej.evaluate("sum(x)") == 2
        assert ej.evaluate("max(x)") == 1
    assert type(ej.evaluate("sum(x)", x=np.ones(3, "f4"))) is np.float32


def test_close_to_numpy() -> None:
    x = RNG.normal(size=100_003)
    np.testing.assert_allclose(ej.evaluate("sum(x)"), np.sum(x), rtol=1e-12)
    np.testing.assert_allclose(ej.evaluate("mean(x*x)"), np.mean(x * x), rtol=1e-12)
    np.testing.assert_allclose(ej.evaluate("std(x)"), np.std(x), rtol=1e-12)
    np.testing.assert_allclose(ej.evaluate("var(x)"), np.var(x), rtol=1e-12)


def test_shape_is_kept() -> None:
    for shape in ((10_007,), (1, 10_007), (10_007, 1)):
        x = X.reshape(shape)
        for _ in range(3):
            assert_same(ej.evaluate("x - max(x)"), x - np.max(x))
            assert_same(ej.evaluate("x * 2 - sum(x)"), x * 2 - np.sum(x))


@pytest.mark.parametrize("shape", [(1,), (7,), (3, 4), (2, 3, 4), (2, 1, 3, 2)], ids=str)
def test_every_layout_in_c_order(shape: tuple[int, ...]) -> None:
    arrays = layouts(shape)
    for (left, a), (right, b) in itertools.product(arrays.items(), repeat=2):
        flat_a, flat_b = np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(b).reshape(-1)
        assert_same(ej.evaluate("sum(a * b)"), ej.evaluate("sum(flat_a * flat_b)"))
        assert_same(ej.evaluate("argmin(a)"), ej.evaluate("argmin(flat_a)"))
        result = ej.evaluate("a - max(b)")
        np.testing.assert_array_equal(result, a - b.max(keepdims=True).reshape(1), err_msg=f"{left} with {right}")


def test_broadcasting() -> None:
    row, column = np.arange(4.0), np.arange(3.0).reshape(3, 1)
    assert_same(ej.evaluate("sum(row * column)"), np.sum(row * column))
    assert_same(ej.evaluate("row * column - max(row + column)"), row * column - 5)
    assert_same(ej.evaluate("sum(row * k)", k=2), np.float64(12))


def test_mixed_outputs() -> None:
    x = np.arange(12.0).reshape(3, 4)
    results = ej.evaluate("total = sum(x); centred = x - min(x)")
    assert list(results) == ["total", "centred"]
    assert_same(results["total"], np.float64(66))
    assert_same(results["centred"], x)


def test_out() -> None:
    x = np.arange(6.0)
    out = np.zeros(())
    assert ej.evaluate("sum(x)", out=out) is out and out == 15
    filled = np.zeros((2, 2), "f4")
    assert ej.evaluate("sum(x)", out=filled) is filled and (filled == 15).all()
    ej.evaluate("x - max(x)", out=x)
    assert_same(x, np.arange(6.0) - 5)
    t = np.zeros((3, 2)).T
    ej.evaluate("y - max(y)", y=np.arange(6.0).reshape(2, 3), out=t)
    assert_same(t, np.arange(6.0).reshape(2, 3) - 5)
    with pytest.raises(ej.ExprTypeError):
        ej.evaluate("sum(x)", out=np.zeros((), "i8"))


def test_scalars_are_one_row() -> None:
    for _ in range(3):
        assert ej.evaluate("sum(k) + 1", k=3.0) == 4
        assert ej.jit("max(k)")(5) == 5
        assert ej.compile("mean(k)", k="f8")(np.array(5.0)) == 5


def test_nothing_to_reduce() -> None:
    empty = np.zeros(0)
    assert ej.evaluate("sum(empty)") == 0
    assert ej.evaluate("count(empty > 0)") == 0
    assert ej.evaluate("empty - sum(empty)").shape == (0,)


def test_the_result_does_not_depend_on_threads() -> None:
    x = RNG.normal(size=700_001)
    before = ej.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 3, 8):
            ej.set_num_threads(threads)
            found.append((ej.evaluate("sum(x)"), ej.evaluate("x - mean(x)").tobytes()))
        assert found.count(found[0]) == 4
    finally:
        ej.set_num_threads(before)


def test_a_reduction_has_no_ufunc_but_a_signature() -> None:
    f = ej.compile("sum(x)", x="f8")
    assert "x: f64" in f.signature
    with pytest.raises(ej.UnsupportedError, match="reductions"):
        f.ufunc
