# SPDX-License-Identifier: MIT OR Apache-2.0
"""Element types: NumPy dtypes and Python scalars to the type codes of the C ABI, and the promotion rule for weak
scalars."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from typing import Any

import numpy as np

# The codes of `ej_dtype`.
BOOL, I32, I64, F32, F64, I8, I16, U8, U16, U32, F16, U64 = range(1, 13)

NAMES = {
    BOOL: "bool",
    I32: "i32",
    I64: "i64",
    F32: "f32",
    F64: "f64",
    I8: "i8",
    I16: "i16",
    U8: "u8",
    U16: "u16",
    U32: "u32",
    F16: "f16",
    U64: "u64",
}
NUMPY = {
    BOOL: np.dtype(np.bool_),
    I32: np.dtype(np.int32),
    I64: np.dtype(np.int64),
    F32: np.dtype(np.float32),
    F64: np.dtype(np.float64),
    I8: np.dtype(np.int8),
    I16: np.dtype(np.int16),
    U8: np.dtype(np.uint8),
    U16: np.dtype(np.uint16),
    U32: np.dtype(np.uint32),
    F16: np.dtype(np.float16),
    U64: np.dtype(np.uint64),
}
# Storage types act as these once loaded.
WIDE = {code: code for code in NAMES} | {I8: I32, I16: I32, U8: I32, U16: I32, U32: I64, F16: F32, U64: I64}

_CODES = {dtype: code for code, dtype in NUMPY.items()}
_BY_KIND = {(dtype.kind, dtype.itemsize): code for dtype, code in _CODES.items()}
# Spellings that NumPy does not know. "i8" and "u8" keep NumPy's meaning (8 bytes), so they are not here.
_SPELLINGS = {
    "i32": I32,
    "i64": I64,
    "f32": F32,
    "f64": F64,
    "i16": I16,
    "u16": U16,
    "u32": U32,
    "u64": U64,
    "f16": F16,
}
_PYTHON = {bool: BOOL, int: I64, float: F64}

# What converts without loss by NumPy's promotion rules.
_CONVERTS = {BOOL: {BOOL, I32, I64, F32, F64}, I32: {I32, I64, F64}, I64: {I64, F64}, F32: {F32, F64}, F64: {F64}}

I32_RANGE = (-(2**31), 2**31 - 1)
I64_RANGE = (-(2**63), 2**63 - 1)


def code_of(dtype: np.dtype[Any]) -> int | None:
    """The code for a dtype in native or swapped byte order; None if exprjit has no such type."""
    code = _CODES.get(dtype)
    return code if code is not None else _BY_KIND.get((dtype.kind, dtype.itemsize))


def why_unsupported(dtype: np.dtype[Any]) -> str:
    """The way out for a dtype without a code."""
    kind = dtype.kind
    if kind == "c":
        return "evaluate .real and .imag separately"
    if kind == "f":
        return "convert it with .astype(np.float64)"
    if kind in "mM":
        return "convert it with .astype(np.int64), or to a float number of seconds"
    if kind == "O":
        return "convert it with .astype(float); object arrays hold Python objects, not numbers"
    if kind == "V":
        return "pass one field of the structured array, such as a['x']"
    return "convert it to numbers first"


def parse(spec: Any) -> int | None:
    """The code for a type given by the user: dtype, scalar type, Python type, or a spelling. None if there is none."""
    if isinstance(spec, str) and spec in _SPELLINGS:
        return _SPELLINGS[spec]
    if isinstance(spec, type) and spec in _PYTHON:
        return _PYTHON[spec]
    if spec is None:  # np.dtype(None) is float64, which would hide a mistake
        return None
    try:
        return code_of(np.dtype(spec))
    except TypeError:
        return None


def converts(source: int, target: int) -> bool:
    """True when a value of type `source` becomes one of type `target` by promotion alone."""
    return WIDE[target] in _CONVERTS[WIDE[source]]


def weak_code(kind: type, strong: Iterable[int]) -> int:
    """The type of a Python bool, int or float among the array and NumPy-scalar operands `strong` (codes).

    NEP 50 decides operation by operation; a parameter has one type for the whole text. The rule that comes nearest:
    a float is f32 only if all numbers among the strong operands are f32; an int takes the widest float type among
    floats alone, i32 next to i32 without i64, and i64 otherwise.
    """
    if kind is bool:
        return BOOL
    numbers = {WIDE[code] for code in strong} - {BOOL}
    if kind is float:
        return F32 if numbers == {F32} else F64
    if numbers and numbers <= {F32, F64}:
        return F64 if F64 in numbers else F32
    return I32 if I32 in numbers and I64 not in numbers else I64


def round_f32(value: float) -> float:
    """The nearest f32, infinity beyond its range."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)
