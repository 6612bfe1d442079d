# SPDX-License-Identifier: MIT OR Apache-2.0
"""Kernels as real np.ufunc objects, made through NumPy's C API by ctypes.

The library has the inner loop (ej_kernel_numpy_loop); NumPy does the broadcasting, the output and `where=`. A call
costs a fifth of a microsecond, and everything that understands ufuncs (pandas, Dask, xarray) understands these.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_char_p, c_int, c_size_t, c_void_p
from importlib import import_module
from typing import Any

import numpy as np

from . import _dtypes, _ffi
from ._abi import library

# Inputs and outputs together: the smallest NPY_MAXARGS of the NumPy versions there are.
_MAX_ARGUMENTS = 32
# Slot of PyUFunc_FromFuncAndData in the table that NumPy exports to C extensions; part of its ABI since 1.0.
_FROM_FUNC_AND_DATA = 1
_NO_IDENTITY = -1
_LOOP = ctypes.cast(library.ej_kernel_numpy_loop, c_void_p).value
# What cannot be freed with its ufunc, where NumPy's structure is not the one that is known here.
_immortal: list[Any] = []


def why_not(kernel: _ffi.Kernel) -> str:
    """Why there is no ufunc of this kernel; "" if there is one."""
    if len(kernel.outputs) > 1:
        return "it has several outputs"
    if kernel.reducing:
        return "it has reductions over rows, and a ufunc sees one row at a time"
    if kernel.needs_context:
        return "it can fail (integer division, a check), and a ufunc has no way to tell the row"
    if not kernel.params:
        return "it has no parameters"
    if len(kernel.params) + len(kernel.outputs) > _MAX_ARGUMENTS:
        return f"it has more than {_MAX_ARGUMENTS} parameters and outputs"
    return "NumPy's table for C extensions was not found" if _make is None else ""


def ufunc_of(kernel: _ffi.Kernel) -> Any:
    """The kernel as an np.ufunc with one loop, of the kernel's types. `why_not` must have returned ""."""
    if kernel.ufunc is None:
        kernel.ufunc = _new_ufunc(kernel)
    return kernel.ufunc


def _new_ufunc(kernel: _ffi.Kernel) -> Any:
    assert _make is not None
    types = [_dtypes.NUMPY[code].num for code in kernel.codes] + [
        _dtypes.NUMPY[output.code].num for output in kernel.outputs
    ]
    # The ufunc keeps pointers to all of these. Not to the Kernel, which keeps the ufunc.
    kept = (
        kernel.reference,
        (c_void_p * 1)(_LOOP),
        (c_void_p * 1)(kernel.pointer),
        (ctypes.c_byte * len(types))(*types),
        ctypes.create_string_buffer(kernel.source[:60].encode("utf-8", "replace")),
        ctypes.create_string_buffer(
            f"{kernel.source[:1000]}\n\nexprjit: {kernel.signature()}".encode("utf-8", "replace")
        ),
    )
    ufunc = _make(
        ctypes.addressof(kept[1]),
        ctypes.addressof(kept[2]),
        ctypes.addressof(kept[3]),
        1,
        len(kernel.params),
        len(kernel.outputs),
        _NO_IDENTITY,
        ctypes.addressof(kept[4]),
        ctypes.addressof(kept[5]),
        0,
    )
    _attach(ufunc, kept)
    return ufunc


def _find_maker() -> Callable[..., Any] | None:
    """PyUFunc_FromFuncAndData of the NumPy that is loaded; None where it cannot be found (another Python than
    CPython)."""
    for module in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        try:
            capsule = import_module(module)._UFUNC_API
            break
        except (ImportError, AttributeError):
            continue
    else:
        return None
    try:
        pointer_of = ctypes.PYFUNCTYPE(c_void_p, ctypes.py_object, c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))
    except AttributeError:
        return None
    table = pointer_of(capsule, None)
    address = c_void_p.from_address(table + _FROM_FUNC_AND_DATA * ctypes.sizeof(c_void_p)).value
    kind = ctypes.PYFUNCTYPE(
        ctypes.py_object, c_void_p, c_void_p, c_void_p, c_int, c_int, c_int, c_int, c_void_p, c_void_p, c_int
    )
    return kind(address) if address else None


def _find_owner_field() -> int | None:
    """Offset of PyUFuncObject.obj, a reference that a ufunc gives back when it dies: np.frompyfunc keeps its function
    there, which shows where it is."""

    def probe(x: Any) -> Any:
        return x

    ufunc = np.frompyfunc(probe, 1, 1)
    places = range(object.__basicsize__, type(ufunc).__basicsize__, ctypes.sizeof(c_void_p))
    found = [place for place in places if c_size_t.from_address(id(ufunc) + place).value == id(probe)]
    return found[0] if len(found) == 1 else None


def _attach(ufunc: Any, kept: Any) -> None:
    """Makes `kept` live as long as the ufunc."""
    if _owner_field is None:
        _immortal.append(kept)
        return
    field = c_size_t.from_address(id(ufunc) + _owner_field)
    if field.value:
        _immortal.append(kept)
        return
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
    field.value = id(kept)


_make = _find_maker()
_owner_field = _find_owner_field() if _make is not None else None
