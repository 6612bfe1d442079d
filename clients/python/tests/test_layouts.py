# SPDX-License-Identifier: MIT OR Apache-2.0
"""Shapes and memory layouts: broadcasting, strides, order, empty and zero-dimensional arrays, out=."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from checks import assert_same
from numpy.lib.stride_tricks import as_strided

import exprjit as ej

Array = np.ndarray[Any, Any]


def layouts(shape: tuple[int, ...]) -> dict[str, Array]:
    """Arrays of one shape in different layouts."""
    count = int(np.prod(shape))
    plain = (np.arange(count, dtype=float) - count / 3).reshape(shape)
    padded = np.zeros([n * 2 + 1 for n in shape])
    sliced = padded[tuple(slice(1, 1 + 2 * n, 2) for n in shape) + (Ellipsis,)]
    sliced[...] = plain
    inner = np.zeros((*shape[:-1], shape[-1] + 3))[..., : shape[-1]] if shape else np.zeros(())
    inner[...] = plain
    frozen = plain.copy()
    frozen.flags.writeable = False
    found = {
        "C": plain,
        "F": np.asfortranarray(plain),
        "sliced": sliced,
        "padded rows": inner,
        "read-only": frozen,
        "f4 slices": plain.astype("f4").repeat(2, axis=-1)[..., ::2] if shape else plain.astype("f4"),
    }
    for axis in range(len(shape)):
        found[f"reversed axis {axis}"] = np.flip(np.flip(plain, axis).copy(), axis)
    if len(shape) > 1:
        found["transposed"] = plain.transpose().copy().transpose()
        found["axes rolled"] = np.moveaxis(np.moveaxis(plain, 0, -1).copy(), -1, 0)
    unaligned = np.zeros(plain.nbytes + 1, np.uint8)[1:].view(np.uint8)
    unaligned[:] = plain.reshape(-1).view(np.uint8) if shape else plain.reshape(1).view(np.uint8)
    found["unaligned"] = np.ndarray(shape, np.float64, unaligned)
    return found


@pytest.mark.parametrize("shape", [(), (1,), (7,), (0,), (3, 4), (3, 0), (1, 5), (2, 3, 4), (2, 1, 3, 2)], ids=str)
def test_every_pair_of_layouts(shape: tuple[int, ...]) -> None:
    arrays = layouts(shape)
    for (left, a), (right, b) in itertools.product(arrays.items(), repeat=2):
        expected = np.asarray(a + b * np.asarray(2, b.dtype))
        actual = ej.evaluate("a + b * two", two=2)
        assert np.asarray(actual).dtype == expected.dtype and np.shape(actual) == expected.shape, (left, right)
        np.testing.assert_array_equal(actual, expected, err_msg=f"{left} with {right}")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 4), (4,)),
        ((3, 4), (3, 1)),
        ((3, 1), (1, 4)),
        ((5, 1, 4), (3, 1)),
        ((1,), (6,)),
        ((), (3, 4)),
        ((2, 3), ()),
        ((0, 3), (3,)),
        ((0,), (1,)),
        ((4, 1), (1, 0)),
        ((2, 1, 3, 1), (5, 1, 4)),
    ],
    ids=str,
)
def test_broadcasting(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = layouts(left)["C"], layouts(right)["C"]
    assert_same(ej.evaluate("a * 2 + b"), np.multiply(a, 2.0) + b)
    assert_same(ej.evaluate("b - a"), b - a)


@pytest.mark.parametrize("shape", [(300, 700), (3, 100_000), (100_000, 3), (70, 40, 60)], ids=str)
def test_large_broadcasts_go_in_blocks(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    a = rng.normal(size=shape)
    row, column = rng.normal(size=shape[-1]), rng.normal(size=(shape[0],) + (1,) * (len(shape) - 1))
    assert_same(ej.evaluate("a * row + column"), a * row + column)
    part = rng.normal(size=[n + 2 for n in shape])[tuple(slice(1, -1) for _ in shape)]
    assert_same(ej.evaluate("part * row - a"), part * row - a)
    assert_same(ej.evaluate("row + column"), row + column)
    out = np.zeros([n + 2 for n in shape])
    view = out[tuple(slice(1, -1) for _ in shape)]
    ej.evaluate("a * row", out=view)
    assert_same(view, a * row)
    assert out.sum() == pytest.approx((a * row).sum()) and not out[0].any()


def test_memory_order_of_the_result_follows_the_operands() -> None:
    a = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    assert ej.evaluate("a + 1").flags.f_contiguous
    b = np.ascontiguousarray(a)
    assert ej.evaluate("b + 1").flags.c_contiguous
    rolled = np.moveaxis(np.arange(24.0).reshape(2, 3, 4), 0, 2)
    assert ej.evaluate("rolled + 1").strides == (rolled + 1).strides


def test_operands_with_stride_zero() -> None:
    a = as_strided(np.array([3.0]), (1000,), (0,))
    b = np.arange(1000.0)
    assert_same(ej.evaluate("a + b"), a + b)


def test_results_are_new_arrays() -> None:
    a = np.arange(4.0)
    result = ej.evaluate("a")
    assert_same(result, a)
    assert not np.shares_memory(result, a) and result.flags.writeable


def test_shapes_that_do_not_go_together() -> None:
    with pytest.raises(ej.ExprShapeError) as caught:
        ej.evaluate("a + b * c", a=np.zeros((2, 3)), b=np.zeros(3), c=np.zeros(4))
    assert isinstance(caught.value, ValueError)
    message = str(caught.value)
    assert "'a' (2, 3)" in message and "'c' (4,)" in message and "broadcast" in message
    assert caught.value.span == (8, 9) and message.splitlines()[2] == "            ^"


# ---- out= ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("out_layout", list(layouts((3, 4))))
@pytest.mark.parametrize("in_layout", ["C", "F", "sliced"])
def test_out_of_any_layout(in_layout: str, out_layout: str) -> None:
    a, out = layouts((3, 4))[in_layout], layouts((3, 4))[out_layout]
    if not out.flags.writeable:
        with pytest.raises(ej.ExprShapeError, match="read-only"):
            ej.evaluate("a * 3", out=out)
        return
    assert ej.evaluate("a * 3", out=out) is out
    np.testing.assert_array_equal(out, (a * 3).astype(out.dtype))


def test_in_place() -> None:
    a = np.arange(10.0)
    ej.evaluate("a * 2 + 1", out=a)
    assert_same(a, np.arange(10.0) * 2 + 1)
    m = np.arange(12.0).reshape(3, 4)
    row = np.arange(4.0)
    ej.evaluate("m * row", out=m)
    assert_same(m, np.arange(12.0).reshape(3, 4) * row)


@pytest.mark.parametrize("shift", [-3, -1, 1, 3])
def test_overlap(shift: int) -> None:
    base = np.arange(20.0)
    source, target = base[5:15], base[5 + shift : 15 + shift]
    expected = source * 2
    ej.evaluate("source * 2", out=target)
    assert_same(target, expected)


def test_overlap_of_other_kinds() -> None:
    base = np.arange(10.0)
    flipped = base[::-1]
    expected = flipped + base
    ej.evaluate("flipped + base", out=base)
    assert_same(base, expected)
    m = np.arange(9.0).reshape(3, 3)
    expected = m.T + m
    ej.evaluate("t + m", t=m.T, m=m, out=m)
    assert_same(m, expected)
    pairs = np.arange(10.0)
    even, odd = pairs[::2], pairs[1::2]
    expected = even * 3
    ej.evaluate("even * 3", out=odd)
    assert_same(odd, expected)
    halves = np.arange(8, dtype="f4")
    wide = halves.view("f8")
    expected = halves[:4].astype("f8") + 1
    ej.evaluate("h + 1.0", h=halves[:4].copy(), out=wide)
    assert_same(wide, (np.arange(4, dtype="f4") + np.float32(1)).astype("f8"))
    assert expected.shape == wide.shape


def test_out_is_broadcast_to_but_not_from() -> None:
    a, out = np.arange(3.0), np.zeros((2, 3))
    ej.evaluate("a + 1", out=out)
    assert_same(out, np.array([a + 1, a + 1]))
    out = np.zeros(4)
    ej.evaluate("2.5 * k", k=2, out=out)
    assert_same(out, np.full(4, 5.0))
    with pytest.raises(ej.ExprShapeError, match=r"out has shape \(1,\).*\(3,\)"):
        ej.evaluate("a + 1", out=np.zeros(1))
    with pytest.raises(ej.ExprShapeError):
        ej.evaluate("a + 1", out=np.zeros((3, 2)))
    zero_dimensional = np.zeros(())
    assert ej.evaluate("k * 2", k=4.0, out=zero_dimensional) is zero_dimensional and zero_dimensional[()] == 8


def test_casting() -> None:
    a = np.array([1.25, 2.5])
    for dtype in ("f4", "f2", ">f8", "c16"):
        out = np.zeros(2, dtype)
        ej.evaluate("a * 2", out=out)
        assert_same(out, (a * 2).astype(dtype))
    with pytest.raises(ej.ExprTypeError, match="same_kind") as caught:
        ej.evaluate("a * 2", out=np.zeros(2, "i8"))
    assert "unsafe" in caught.value.hint
    out = np.zeros(2, "i8")
    ej.evaluate("a * 2", out=out, casting="unsafe")
    assert_same(out, np.array([2, 5]))
    with pytest.raises(ej.ExprTypeError):
        ej.evaluate("a * 2", out=np.zeros(2, "f4"), casting="safe")
    wider = np.zeros(2)
    ej.evaluate("b + 1", b=np.array([1, 2], "i4"), out=wider, casting="safe")
    assert_same(wider, np.array([2.0, 3.0]))


def test_out_that_is_no_array() -> None:
    with pytest.raises(ej.ExprTypeError, match="out must be a NumPy array"):
        ej.evaluate("1 + 2", out=[0.0])
    a = np.arange(3.0)
    result = np.zeros(3)
    assert ej.evaluate("a + 1", out=(result,)) is result


def test_out_for_named_outputs() -> None:
    a = np.arange(3.0)
    total = np.zeros(3)
    results = ej.evaluate("s = a + 1; d = a - 1", out={"s": total})
    assert results["s"] is total
    assert_same(total, a + 1)
    assert_same(results["d"], a - 1)
    with pytest.raises(ej.ExprNameError, match="'q'"):
        ej.evaluate("s = a + 1; d = a - 1", out={"q": total})
    with pytest.raises(ej.ExprTypeError, match="dict"):
        ej.evaluate("s = a + 1; d = a - 1", out=total)
    with pytest.raises(ej.ExprShapeError, match="overlap"):
        ej.evaluate("s = a + 1; d = a - 1", out={"s": total, "d": total})


def test_a_failure_leaves_inputs_alone() -> None:
    a, b = np.arange(5), np.array([1, 1, 0, 1, 1])
    before = a.copy(), b.copy()
    with pytest.raises(ZeroDivisionError):
        ej.jit("a // b")(a, b)
    assert_same(a, before[0])
    assert_same(b, before[1])
