# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a caller passed, classified: arrays, NumPy scalars (strong types) and Python numbers (weak types)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _dtypes, errors

_PYTHON_CODES = {float: _dtypes.F64, int: _dtypes.I64, bool: _dtypes.BOOL}
# DLDeviceType: those whose memory the CPU reads, and names for the others.
_CPU_DEVICES = (1, 3, 11)
_DEVICES = {2: "CUDA", 4: "OpenCL", 7: "Vulkan", 8: "Metal", 10: "ROCm", 13: "CUDA managed", 14: "oneAPI"}
_NATIVE_CODES = {dtype: code for code, dtype in _dtypes.NUMPY.items()}


class Operand(NamedTuple):
    """One classified argument. `weak` is bool, int or float for a Python number, else None."""

    value: Any  # a native-order ndarray, or a Python number
    code: int
    weak: type | None
    is_array: bool
    from_arrow: bool = False
    nulls: tuple[int, int] | None = None  # address and first bit of the validity bitmap, which `owner` keeps alive
    owner: Any = None


def classify(name: str, value: Any, source: str) -> Operand:
    """The operand for a value. Raises ExprTypeError for what exprjit cannot compute with.

    Byte-swapped arrays are copied to native order; everything else is used in place.
    """
    kind = type(value)
    if kind is np.ndarray:
        code = _NATIVE_CODES.get(value.dtype)
        return Operand(value, code, None, True) if code is not None else _from_array(name, value, source)
    code = _PYTHON_CODES.get(kind)
    if code is not None:
        return Operand(value, code, kind, False)
    if isinstance(value, np.generic):
        code = _dtypes.code_of(value.dtype)
        if code is None:
            raise _unsupported(name, value.dtype, source)
        return Operand(value.item(), code, None, False)
    for base in (bool, int, float):  # IntEnum and other subclasses
        if isinstance(value, base):
            return Operand(base(value), _PYTHON_CODES[base], base, False)
    if hasattr(kind, "__arrow_c_array__"):
        return _from_arrow(name, value, source)
    return _from_array(name, _as_array(name, value, source), source)


def _from_array(name: str, array: np.ndarray[Any, Any], source: str) -> Operand:
    code = _dtypes.code_of(array.dtype)
    if code is None:
        raise _unsupported(name, array.dtype, source)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return Operand(array, code, None, True)


def _from_arrow(name: str, value: Any, source: str) -> Operand:
    # Needs the library, which exprjit.remote does without.
    from . import _arrow_abi

    try:
        found = _arrow_abi.borrow(value)
    except (TypeError, ValueError, NotImplementedError) as problem:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the variable '{name}' is a {_type_name(value)} that does not give its Arrow data: {problem}",
            source,
            find_name(source, name),
        ) from None
    format_ = _arrow_abi.text_of(found.schema.format)
    if format_ not in _arrow_abi.FORMATS or found.schema.dictionary:
        kind = "is dictionary-encoded" if found.schema.dictionary else f"has the Arrow format '{format_}'"
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the variable '{name}' {kind}, which exprjit does not compute with",
            source,
            find_name(source, name),
            "pass the fields of a record batch one by one, or the batch to Function.eval_arrow"
            if format_ == "+s"
            else "cast it to a number or bool type first",
        )
    values = _arrow_abi.values_of(found)
    return Operand(values, _arrow_abi.FORMATS[format_], None, True, True, _arrow_abi.validity_of(found), found.owner)


def _from_dlpack(name: str, value: Any, source: str) -> np.ndarray[Any, Any]:
    """An array of another library, without a copy."""
    try:
        device = int(value.__dlpack_device__()[0])
        if device in _CPU_DEVICES:
            return np.from_dlpack(value)
        problem = f"is on the device {_DEVICES.get(device, f'of DLPack type {device}')}, not on the CPU"
        hint = "copy it to the CPU first"
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        if hasattr(value, "__array_interface__") or hasattr(value, "__array__"):
            return _converted(name, value, source)
        problem, hint = f"is a {_type_name(value)} that NumPy cannot take through DLPack: {error}", ""
    raise errors.make(
        errors.ExprTypeError, "EJ9002", f"the variable '{name}' {problem}", source, find_name(source, name), hint
    )


def _as_array(name: str, value: Any, source: str) -> np.ndarray[Any, Any]:
    """Lists, buffers, pandas columns, other array libraries: whatever NumPy takes, except where that loses
    something."""
    if isinstance(value, np.ma.MaskedArray):
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the variable '{name}' is a masked array",
            source,
            find_name(source, name),
            "pass .filled(value), or .data to ignore the mask",
        )
    if isinstance(value, (complex, str, bytes)) or value is None or callable(value):
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the variable '{name}' is a {_type_name(value)}, not a number or an array of numbers",
            source,
            find_name(source, name),
        )
    if hasattr(value, "__dlpack_device__") and hasattr(value, "__dlpack__") and not isinstance(value, np.ndarray):
        return _from_dlpack(name, value, source)
    return _converted(name, value, source)


def _converted(name: str, value: Any, source: str) -> np.ndarray[Any, Any]:
    """What np.asarray makes of a value."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as problem:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the variable '{name}' is a {_type_name(value)} that NumPy cannot make an array of: {problem}",
            source,
            find_name(source, name),
        ) from None
    if array.dtype == object and array.ndim == 0:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"the variable '{name}' is a {_type_name(value)}, not a number or an array of numbers",
            source,
            find_name(source, name),
        )
    return array


def _type_name(value: Any) -> str:
    return "None" if value is None else type(value).__name__


def _unsupported(name: str, dtype: np.dtype[Any], source: str) -> errors.ExprJITError:
    return errors.make(
        errors.ExprTypeError,
        "EJ9002",
        f"the variable '{name}' has dtype {dtype}, which exprjit does not compute with",
        source,
        find_name(source, name),
        _dtypes.why_unsupported(dtype),
    )


def find_name(source: str, name: str) -> tuple[int, int] | None:
    """The characters of the first use of a variable in the text; None if it is not written there."""
    quoted = re.escape("`" + name.replace("`", "``") + "`")
    found = re.search(rf"{quoted}|(?<![\w`]){re.escape(name)}(?!\w)", source)
    return found.span() if found else None


def unquote(written: str) -> str:
    """The name that is written so in a text: plainly, or between backquotes with its own backquotes doubled."""
    return written[1:-1].replace("``", "`") if written.startswith("`") else written


def specialised_codes(operands: Sequence[Operand]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The parameter types for a call with these operands: with the weak rule, and with every Python number strong."""
    plain = tuple([operand.code for operand in operands])
    strong = [operand.code for operand in operands if operand.weak is None]
    if not strong or len(strong) == len(plain):
        return plain, plain
    weak = tuple(
        [operand.code if operand.weak is None else _dtypes.weak_code(operand.weak, strong) for operand in operands]
    )
    return weak, plain


def check_accepts(name: str, declared: int, operand: Operand, source: str) -> None:
    """ExprTypeError unless the operand converts to a parameter declared as `declared` without loss (weak: without
    surprise)."""
    wide = _dtypes.WIDE[declared]
    if operand.weak is None:
        if _dtypes.converts(operand.code, declared):
            return
        actual = _dtypes.NUMPY[operand.code].name
        hint = f"convert it with .astype({_dtypes.NUMPY[wide].name!r})"
    else:
        if operand.weak is bool or (operand.weak is int and wide != _dtypes.BOOL) or wide in (_dtypes.F32, _dtypes.F64):
            return
        actual = f"Python {operand.weak.__name__}"
        hint = f"convert it with {'bool' if wide == _dtypes.BOOL else 'int'}(…)"
    raise errors.make(
        errors.ExprTypeError,
        "EJ9001",
        f"the parameter '{name}' is {_dtypes.NAMES[declared]} and cannot take a value of type {actual}",
        source,
        find_name(source, name),
        f"{hint}, or compile with another type for '{name}'",
    )


def scalar_value(name: str, operand: Operand, code: int) -> Any:
    """The Python number to store for a parameter of (wide) type `code`. OverflowError if an int does not fit."""
    value = operand.value
    if code == _dtypes.F64:
        return float(value)
    if code == _dtypes.F32:
        return _dtypes.round_f32(float(value))
    if code == _dtypes.BOOL:
        return bool(value)
    low, high = _dtypes.I64_RANGE if code == _dtypes.I64 else _dtypes.I32_RANGE
    if not low <= value <= high:
        raise overflow(name, value, code)
    return int(value)


def overflow(name: str, value: int, code: int) -> OverflowError:
    """The error for a Python int outside the integer type."""
    digits = str(value) if abs(value) < 10**40 else f"about 2**{abs(value).bit_length() - 1}"
    wider = "np.int64(…) or " if code == _dtypes.I32 and _dtypes.I64_RANGE[0] <= value <= _dtypes.I64_RANGE[1] else ""
    return OverflowError(
        f"the value of '{name}' is {digits}, which does not fit in {_dtypes.NAMES[code]}; pass "
        f"{wider}float(…) to compute with an approximation"
    )
