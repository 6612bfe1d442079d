# SPDX-License-Identifier: MIT OR Apache-2.0
"""Arrow columns and record batches with nulls, DLPack. Needs no Arrow library; what pyarrow makes of it is tested where
it is installed."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej
from exprjit import _arrow_abi

RNG = np.random.default_rng(5)
CODES = ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")


def column(code: str, size: int, nulls: bool = True) -> ej.ArrowColumn:
    values = RNG.integers(0, 2, size).astype(bool) if code == "?" else RNG.integers(0, 100, size).astype(code)
    return ej.ArrowColumn(values, RNG.integers(0, 3, size) > 0 if nulls else None)


class Slice:
    """Part of a column as other libraries export it: the same buffers with an offset."""

    def __init__(self, whole: ej.ArrowColumn, offset: int, length: int) -> None:
        self._whole, self._offset, self._length = whole, offset, length

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        schema = _arrow_abi.primitive_schema(self._whole.dtype)
        array = _arrow_abi.primitive_array(self._whole.values, self._whole.valid)
        array.offset, array.length, array.null_count = self._offset, self._length, -1
        return _arrow_abi.schema_capsule(schema), _arrow_abi.array_capsule(array)


def assert_column(found: Any, values: np.ndarray[Any, Any], valid: np.ndarray[Any, Any] | None) -> None:
    assert isinstance(found, ej.ArrowColumn)
    if valid is None or valid.all():
        assert found.valid is None
        assert_same(found.values, values)
        return
    assert found.valid is not None
    assert_same(found.valid, valid)
    assert_same(found.values[valid], values[valid])


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 64, 1000])
@pytest.mark.parametrize("code", CODES)
def test_nulls_propagate(code: str, size: int) -> None:
    a, b = column(code, size), column("f8", size)
    plain = np.arange(float(size))
    expected = ej.evaluate("x * 2 + y", {"x": a.values, "y": b.values})
    valid = (np.ones(size, bool) if a.valid is None else a.valid) & (
        np.ones(size, bool) if b.valid is None else b.valid
    )
    for _ in range(2):
        assert_column(ej.evaluate("a * 2 + b"), expected, valid)
        assert_column(ej.jit("a * 2 + b")(a, b), expected, valid)
    assert_column(ej.evaluate("b + plain * k", k=2), b.values + plain * 2, b.valid)


@pytest.mark.parametrize("offset", [0, 1, 3, 8, 13])
@pytest.mark.parametrize("code", ["?", "i2", "f8"])
def test_slices(code: str, offset: int) -> None:
    whole = column(code, 100)
    part = slice(offset, offset + 50)
    piece = Slice(whole, offset, 50)
    assert whole.valid is not None
    assert_column(ej.evaluate("piece * 3"), ej.evaluate("x * 3", x=whole.values[part]), whole.valid[part])


def test_without_nulls() -> None:
    a = column("f8", 10, nulls=False)
    result = ej.evaluate("a * 2")
    assert isinstance(result, ej.ArrowColumn) and result.null_count == 0
    assert_same(result.to_numpy(), a.values * 2)
    out = np.zeros(10)
    assert ej.evaluate("a * 2", out=out) is out
    assert_same(out, a.values * 2)
    m = np.ones((3, 10))
    assert_same(ej.evaluate("a * m"), a.values * m)


def test_functions_of_nulls() -> None:
    a = ej.ArrowColumn(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))
    assert_column(ej.evaluate("is_null(a)"), np.array([False, True, False]), None)
    assert_column(ej.evaluate("coalesce(a, 0.0) + 1"), np.array([2.0, 1.0, 4.0]), None)
    assert_same(ej.evaluate("sum(a)"), np.float64(4))
    results = ej.evaluate("total = sum(a); twice = a * 2")
    assert_same(results["total"], np.float64(4))
    assert_column(results["twice"], np.array([2.0, 4.0, 6.0]), a.valid)


def test_many_rows_and_threads() -> None:
    a, before = column("f8", 1_000_003), ej.get_num_threads()
    try:
        for threads in (1, 2, 5):
            ej.set_num_threads(threads)
            assert_column(ej.evaluate("a * 2"), a.values * 2, a.valid)
    finally:
        ej.set_num_threads(before)


def test_what_does_not_go_with_nulls() -> None:
    a = column("f8", 10)
    for options in ({"out": np.zeros(10)}, {"where": np.ones(10, bool)}):
        with pytest.raises(ej.ExprTypeError, match="do.* not go with Arrow columns that have nulls"):
            ej.evaluate("a + 1", **options)
    with pytest.raises(ej.ExprShapeError, match="length 10"):
        ej.evaluate("a + m", m=np.ones((2, 10)))
    with pytest.raises(ej.ExprShapeError):
        ej.evaluate("a + b", b=column("f8", 9))


def test_columns_as_numpy_arrays() -> None:
    a = ej.ArrowColumn(np.array([1.0, 2.0]), np.array([True, False]))
    assert len(a) == 2 and a.null_count == 1 and a.dtype == np.float64 and "1 null" in repr(a)
    assert_same(a.to_numpy(), np.array([1.0, np.nan]))
    assert_same(a.to_numpy(null=-1), np.array([1.0, -1.0]))
    assert_same(np.asarray(a, dtype="f4"), np.array([1.0, np.nan], "f4"))
    whole = ej.ArrowColumn(np.array([1, 2]), np.array([True, True]))
    assert whole.valid is None and whole.to_numpy() is whole.values
    holes = ej.ArrowColumn(np.array([1, 2]), np.array([True, False]))
    with pytest.raises(ej.ExprTypeError, match="1 of 2 values are null"):
        holes.to_numpy()
    assert_same(holes.to_numpy(null=0), np.array([1, 0]))


def test_record_batches() -> None:
    columns = {"x": column("f8", 50), "n": column("i4", 50), "unused": column("?", 50)}
    batch = ej.ArrowBatch(columns, 50)
    f = ej.compile("x * n", n="i4", x="f8")
    result = f.eval_arrow(batch)
    assert list(result) == ["result"] and result.num_rows == 50 and "50 rows" in repr(result)
    both = columns["x"].valid & columns["n"].valid  # type: ignore[operator]
    assert_column(result["result"], columns["x"].values * columns["n"].values, both)
    named = ej.compile("s = x + 1; flag = x > 50", x="f8").eval_arrow(batch)
    assert_column(named["s"], columns["x"].values + 1, columns["x"].valid)
    assert_column(named["flag"], columns["x"].values > 50, columns["x"].valid)
    one = ej.compile("y * 2", y="f8").eval_arrow(columns["x"])
    assert_column(one["result"], columns["x"].values * 2, columns["x"].valid)
    assert ej.compile("y = x * 2", x="f8").eval_arrow(batch).to_numpy()["y"].shape == (50,)
    total = ej.compile("sum(x)", x="f8").eval_arrow(batch)
    assert total.num_rows == 1 and total["result"].values[0] == columns["x"].values[columns["x"].valid].sum()
    again = ej.compile("result + 1", result="f8").eval_arrow(result)
    assert_column(again["result"], columns["x"].values * columns["n"].values + 1, both)


def test_wrong_batches() -> None:
    f = ej.compile("x * n", x="f8", n="f8")
    with pytest.raises(ej.ExprTypeError, match="eval_arrow takes an Arrow record batch or array, not a list"):
        f.eval_arrow([1.0])
    with pytest.raises(ej.ExprJITError, match="n"):
        f.eval_arrow(ej.ArrowBatch({"x": column("f8", 3)}, 3))


def test_nothing_leaks() -> None:
    gc.collect()
    before = len(_arrow_abi._alive), len(_arrow_abi._capsuled)
    a, batch = column("f8", 10), ej.ArrowBatch({"x": column("f8", 10)}, 10)
    f = ej.compile("x + 1", x="f8")
    for _ in range(20):
        ej.evaluate("a + 1")
        f.eval_arrow(batch)
        batch.__arrow_c_array__()
        batch.__arrow_c_schema__()
    gc.collect()
    assert (len(_arrow_abi._alive), len(_arrow_abi._capsuled)) == before


def test_results_outlive_what_made_them() -> None:
    result = ej.compile("x + 1", x="f8").eval_arrow(ej.ArrowBatch({"x": column("f8", 100_000, False)}, 100_000))
    values = result["result"].values
    before = values.copy()
    del result
    gc.collect()
    for _ in range(5):
        np.zeros(100_000)
    assert_same(values, before)


class Wrong:
    def __init__(self, given: Any) -> None:
        self._given = given

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self._given


@pytest.mark.parametrize("given", [None, (1, 2), (object(),)])
def test_exporters_that_do_not_keep_to_the_protocol(given: Any) -> None:
    with pytest.raises(ej.ExprTypeError, match="'a' is a Wrong that does not give its Arrow data"):
        ej.evaluate("a + 1", a=Wrong(given))


def test_capsules_are_for_one_use() -> None:
    used = column("f8", 3).__arrow_c_array__()
    found = _arrow_abi.borrow(Wrong(used))
    _arrow_abi._RELEASE(found.array.release)(_arrow_abi.ctypes.addressof(found.array))
    with pytest.raises(ej.ExprTypeError, match="released already"):
        ej.evaluate("a + 1", a=Wrong(used))


# ---- pyarrow ---------------------------------------------------------------------------------------------------------


def test_pyarrow() -> None:
    pa = pytest.importorskip("pyarrow")
    x = pa.array([1.0, None, 3.0, 4.0])
    result = pa.array(ej.evaluate("x * 2"))
    result.validate(full=True)
    assert result.to_pylist() == [2.0, None, 6.0, 8.0]
    assert pa.array(ej.evaluate("y * 2", y=x[1:3])).to_pylist() == [None, 6.0]
    flags = pa.array([True, None, False])
    assert pa.array(ej.evaluate("not flags")).to_pylist() == [False, None, True]
    batch = pa.record_batch(
        {"a": x, "b": pa.array([1, 2, None, 4], pa.uint8()), "name": pa.array(["p", "q", "r", "s"])}
    )
    made = pa.record_batch(ej.compile("total = a + b; big = a > 2", a="f8", b="u1").eval_arrow(batch))
    made.validate(full=True)
    assert made.to_pydict() == {"total": [2.0, None, None, 8.0], "big": [False, None, True, True]}
    with pytest.raises(ej.ExprTypeError, match="Arrow format 'u'"):
        ej.evaluate("s + 1", s=pa.array(["text"]))
    with pytest.raises(ej.ExprTypeError, match="dictionary-encoded"):
        ej.evaluate("s + 1", s=pa.array([1, 1]).dictionary_encode())
    with pytest.raises(ej.ExprTypeError, match="to_batches"):
        ej.compile("a + 1").eval_arrow(pa.table({"a": x}))


# ---- DLPack ----------------------------------------------------------------------------------------------------------


class Tensor:
    """An array of a library that speaks DLPack and nothing else."""

    def __init__(self, array: np.ndarray[Any, Any], device: int = 1) -> None:
        self._array, self._device = array, device

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._device, 0

    def __dlpack__(self, **options: Any) -> Any:
        if self._device != 1:
            raise BufferError("not on the CPU")
        return self._array.__dlpack__()


def test_dlpack() -> None:
    base = np.arange(12.0).reshape(3, 4)
    for array in (base, base[:, ::2], base[1], base.T, base.astype("f4"), base.astype("i2")):
        assert_same(ej.evaluate("t * 2 + 1", t=Tensor(array)), ej.evaluate("array * 2 + 1"))
    with pytest.raises(ej.ExprTypeError, match="'t' is on the device CUDA, not on the CPU"):
        ej.evaluate("t + 1", t=Tensor(base, 2))
    with pytest.raises(ej.ExprTypeError, match="DLPack type 99"):
        ej.evaluate("t + 1", t=Tensor(base, 99))


def test_the_array_interface() -> None:
    class Interface:
        __array_interface__ = np.arange(5.0)[::2].__array_interface__

    assert_same(ej.evaluate("v + 1", v=Interface()), np.array([1.0, 3.0, 5.0]))
