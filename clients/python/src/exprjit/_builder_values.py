# SPDX-License-Identifier: MIT OR Apache-2.0
"""What `ej.Builder` takes from its caller, as the library wants it: names, types, numbers."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from . import _dtypes, errors
from ._builder_abi import Value
from ._builder_nodes import no_arrays

FIELDS = {_dtypes.BOOL: "b", _dtypes.I32: "i32", _dtypes.I64: "i64", _dtypes.F32: "f32", _dtypes.F64: "f64"}
_RANGES = {_dtypes.I32: _dtypes.I32_RANGE, _dtypes.I64: _dtypes.I64_RANGE}


def name_bytes(name: str) -> bytes:
    """A name for the library; ExprTypeError for what is no str, ValueError for one with a NUL."""
    if not isinstance(name, str):
        raise errors.make(
            errors.ExprTypeError,
            "EJ9036",
            f"a name is a str, not {name!r}",
            hint='names come first, as in b.param("x", "f64") and b.function("g"), but last in b.output(y, "y")',
        )
    if "\0" in name:
        raise ValueError(f"the name {name!r} contains a NUL character")
    return name.encode("utf-8", "surrogatepass")


def type_code(spec: Any) -> int:
    """The code of a type as a user writes it; ExprTypeError if there is none."""
    code = _dtypes.parse(spec)
    if code is None:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the type {spec!r} is not one exprjit computes with",
            hint="the types are bool, i32, i64, f32, f64, and in arrays also "
            "int8, int16, uint8, uint16, uint32, uint64, float16",
        )
    return code


def value_code(spec: Any) -> int:
    """The same for values, which storage types are not."""
    code = type_code(spec)
    if _dtypes.WIDE[code] != code:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"no value has the type {_dtypes.NAMES[code]}, which is for elements of arrays",
            hint=f"use {_dtypes.NAMES[_dtypes.WIDE[code]]} (the types of values are bool, i32, i64, f32 and f64); the "
            "compiled function takes arrays of other types where nothing is lost",
        )
    return code


def pack(value: Any, code: int) -> Value:
    """A Python or NumPy number as a constant of type `code`. ExprTypeError if it would lose something."""
    packed = Value(code)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        raise no_arrays()
    if not isinstance(value, numbers.Real):
        raise errors.make(errors.ExprTypeError, "EJ9026", f"{value!r} is no constant exprjit computes with")
    number: Any = value  # numbers.Real has no comparisons for type checkers
    problem = ""
    if code == _dtypes.BOOL:
        problem = "" if value in (0, 1) else "is neither true nor false"
    elif code in _RANGES:
        if isinstance(value, float) and not value.is_integer():
            problem = "is not an integer"
        elif not _RANGES[code][0] <= number <= _RANGES[code][1]:
            problem = "is outside its range"
        value = int(number) if not problem else value
    if problem:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9029",
            f"the number {value!r} cannot be a constant of type {_dtypes.NAMES[code]}: it {problem}",
            hint='convert the node next to it, as in x.to("f64")',
        )
    setattr(packed.value, FIELDS[code], value)
    return packed
