# SPDX-License-Identifier: MIT OR Apache-2.0
"""The short way: calls whose argument types were seen before skip everything that types decide.

A table of plans maps the argument types to a plain function (scalars alone) or, where arrays are among them, to a
dict from their dtypes to an ArrayPlan. Whatever a plan does not cover takes the general way of _calling.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _dtypes, _ffi, _quick, errors
from ._operands import classify, overflow, scalar_value
from ._running import LONG_WORK, call_once, run_columns, threads_for

_ndarray = np.ndarray
_I64_LOW, _I64_HIGH = _dtypes.I64_RANGE
_PYTHON_RESULT = {_dtypes.BOOL: bool, _dtypes.I32: int, _dtypes.I64: int, _dtypes.F32: float, _dtypes.F64: float}
_STORAGE = {dtype: code for code, dtype in _dtypes.NUMPY.items()}
_MAX_PLANS = 64

ScalarPlan = Callable[..., Any]
Table = dict[tuple[type, ...], "ScalarPlan | dict[tuple[np.dtype[Any], ...], ArrayPlan]"]


def learn(table: Table, kernel: _ffi.Kernel, values: Sequence[Any], numpy_scalars: bool | None = None) -> None:
    """Adds the plan for further calls with values of these types, if there is a short way for them.

    Scalar calls give NumPy scalars if `numpy_scalars` says so or, for None, if a NumPy scalar is among the values.
    """
    kinds = tuple(map(type, values))
    arrays = [value for value in values if type(value) is _ndarray]
    known = all(kind is _ndarray or kind in (int, float, bool) or issubclass(kind, np.generic) for kind in kinds)
    if not known or (not arrays and (len(kernel.outputs) != 1 or kernel.outputs[0].name or kernel.reducing)):
        return
    if any(array.dtype not in _STORAGE for array in arrays):
        return
    if len(table) >= _MAX_PLANS:
        table.clear()
    if not arrays:
        if numpy_scalars is None:
            numpy_scalars = any(issubclass(kind, np.generic) for kind in kinds)
        table[kinds] = scalar_plan(kernel, kinds, numpy_scalars)
        return
    plans = table.setdefault(kinds, {})
    if isinstance(plans, dict):
        if len(plans) >= _MAX_PLANS:
            plans.clear()
        plans[dtypes_of(values)] = ArrayPlan(kernel, values)


def dtypes_of(values: Sequence[Any]) -> tuple[np.dtype[Any], ...]:
    """The dtypes of the arrays among the values."""
    return tuple([value.dtype for value in values if type(value) is _ndarray])


def scalar_plan(kernel: _ffi.Kernel, kinds: Sequence[type], numpy_scalars: bool) -> ScalarPlan:
    """A function for calls with scalars of exactly these types."""
    converters = [
        _converter(kernel, param.name, code, kind)
        for param, code, kind in zip(kernel.params, kernel.codes, kinds, strict=True)
    ]
    code = kernel.outputs[0].code
    wrap = _dtypes.NUMPY[code].type if numpy_scalars else _PYTHON_RESULT[code]
    if kernel.work(1) >= LONG_WORK:
        return lambda *args: wrap(
            call_once(kernel, [convert(arg) for convert, arg in zip(converters, args, strict=True)])[0]
        )
    entry = kernel.entry()
    if entry is None:
        return lambda *args: wrap(kernel.call([convert(arg) for convert, arg in zip(converters, args, strict=True)])[0])
    if any(convert is not _same for convert in converters):
        return lambda *args: wrap(entry(*[convert(arg) for convert, arg in zip(converters, args, strict=True)]))
    # ctypes makes Python numbers of the C results, so that only a bool needs wrapping.
    return entry if wrap in (float, int) else lambda *args: wrap(entry(*args))


class ArrayPlan:
    """How to run a kernel on scalars and arrays of known dtypes, where the arrays have one shape and are contiguous or
    one-dimensional. With several outputs only its quick way is of use."""

    __slots__ = ("_dtype", "_out_code", "_reduced", "_scalars", "_single", "_slots", "kernel")

    def __init__(self, kernel: _ffi.Kernel, values: Sequence[Any]) -> None:
        self.kernel = kernel
        self._single = len(kernel.outputs) == 1 and not kernel.outputs[0].name
        self._out_code = kernel.outputs[0].code
        self._dtype = _dtypes.NUMPY[self._out_code]
        self._reduced = kernel.outputs[0].reduced
        self._scalars = 0
        # Per argument: the storage code of an array, or the conversion of a scalar and its type.
        self._slots: list[tuple[Callable[[Any], Any] | None, int]] = []
        for param, code, value in zip(kernel.params, kernel.codes, values, strict=True):
            if type(value) is _ndarray:
                self._slots.append((None, _STORAGE[value.dtype]))
            else:
                self._slots.append((_converter(kernel, param.name, code, type(value)), code))
                self._scalars += 1

    def way(self, values: Sequence[Any]) -> _quick.Way | None:
        """The quick way for such values; None if there is none."""
        return _quick.way_for(self.kernel, values)

    def run(self, values: Sequence[Any], out: Any = None) -> Any:
        """The result, or NotImplemented for shapes and layouts of the general way."""
        if not self._single:
            return NotImplemented
        shape: tuple[int, ...] | None = None
        columns: list[int] = []
        cells = _ffi.ScalarCells(self._scalars) if self._scalars else None
        used = 0
        one = False
        for value, (convert, code) in zip(values, self._slots, strict=True):
            if convert is None:
                if shape is None:
                    shape = value.shape
                    one = len(shape) == 1
                    if not shape:
                        return NotImplemented  # gives a NumPy scalar
                elif value.shape != shape:
                    return NotImplemented
                if one:
                    stride = value.strides[0]
                elif value.flags.c_contiguous:
                    stride = value.itemsize
                else:
                    return NotImplemented
                columns += (_address(value), stride, code, 0, 0, 0)
            else:
                assert cells is not None
                columns += (cells.put(used, code, convert(value)), 0, code, 0, 0, 0)
                used += 1
        assert shape is not None
        if out is None:
            out = np.empty(() if self._reduced else shape, self._dtype)
            rows = shape[0] if one else math.prod(shape)
            target = (_address(out), 0 if self._reduced else self._dtype.itemsize, self._out_code, 0, 0, 0)
        else:
            if type(out) is not _ndarray or out.dtype != self._dtype or out.shape != shape or self._reduced:
                return NotImplemented
            flags = out.flags
            if not (flags.writeable and flags.c_contiguous):
                return NotImplemented
            rows = out.size
            begin = _address(out)
            end = begin + out.nbytes
            for i in range(0, len(columns), 6):
                # An input that touches the output's memory, however little, is the general way's business.
                low = columns[i]
                high = low + columns[i + 1] * (rows - 1)
                if low < end + 8 and high + 8 > begin or high < end + 8 and low + 8 > begin:
                    return NotImplemented
            target = (begin, self._dtype.itemsize, self._out_code, 0, 0, 0)
        try:
            run_columns(self.kernel, columns, target, rows, threads_for(rows))
        except errors.ExprJITError as error:
            errors.locate(error, shape)
            raise
        return out[()] if self._reduced else out


_address = _ffi.data_address


def _converter(kernel: _ffi.Kernel, name: str, code: int, kind: type) -> Callable[[Any], Any]:
    """The conversion of a scalar of this Python or NumPy type to a number of type `code`."""
    if code == _dtypes.F64:
        if kind is float or kind is np.float64:
            return _same
        if kind is int:
            return float
    if kind is bool and code == _dtypes.BOOL:
        return _same
    if kind is int and code == _dtypes.I64:
        return _Int64(name).check
    return lambda value: scalar_value(name, classify(name, value, kernel.source), code)


def _same(value: Any) -> Any:
    return value


class _Int64:
    """Refuses ints that ctypes would cut off without a word."""

    def __init__(self, name: str) -> None:
        self._name = name

    def check(self, value: int) -> int:
        """The value, if it fits."""
        if _I64_LOW <= value <= _I64_HIGH:
            return value
        raise overflow(self._name, value, _dtypes.I64)
