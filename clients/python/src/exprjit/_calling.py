# SPDX-License-Identifier: MIT OR Apache-2.0
"""Calling a kernel with Python arguments: binding, scalar calls, results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _arrays, _dtypes, _ffi, _running, errors
from ._arrow import ArrowColumn, run_nullable
from ._operands import Operand, classify, scalar_value

_PYTHON_RESULT = {_dtypes.BOOL: bool, _dtypes.I32: int, _dtypes.I64: int, _dtypes.F32: float, _dtypes.F64: float}
NUMPY_RESULT = {code: _dtypes.NUMPY[code].type for code in _PYTHON_RESULT}


def bind(names: Sequence[str], args: tuple[Any, ...], kwargs: dict[str, Any], source: str) -> list[Any]:
    """The arguments in the order of `names`. ExprTypeError for a missing, unknown or doubled one."""
    if len(args) == len(names) and not kwargs:
        return list(args)
    wanted = f"the parameters are ({', '.join(names)})"
    if len(args) > len(names):
        raise _call_error(f"{len(args)} arguments given; {wanted}", source)
    values = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names:
            raise _call_error(f"there is no parameter '{name}'; {wanted}", source)
        if name in values:
            raise _call_error(f"two values given for the parameter '{name}'; {wanted}", source)
        values[name] = value
    missing = [name for name in names if name not in values]
    if missing:
        raise _call_error(f"no value given for {', '.join(map(repr, missing))}; {wanted}", source)
    return [values[name] for name in names]


def _call_error(message: str, source: str) -> errors.ExprJITError:
    return errors.make(errors.ExprTypeError, "EJ9001", message, source)


def classify_all(names: Sequence[str], values: Sequence[Any], source: str) -> list[Operand]:
    """The operands of a call."""
    return [classify(name, value, source) for name, value in zip(names, values, strict=True)]


def normalise_out(kernel: _ffi.Kernel, out: Any) -> Mapping[str, Any]:
    """`out=` as arrays by output name: an array (or 1-tuple) for a final expression, a dict for named outputs."""
    if out is None:
        return {}
    names = [output.name for output in kernel.outputs]
    if names == [""]:
        array = out[0] if isinstance(out, tuple) and len(out) == 1 else out
        found = {"": array}
    elif isinstance(out, Mapping):
        found = dict(out)
        unknown = [name for name in found if name not in names]
        if unknown:
            raise errors.make(
                errors.ExprNameError,
                "EJ9004",
                f"out names {unknown[0]!r}, the outputs are {', '.join(map(repr, names))}",
                kernel.source,
            )
    else:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9004",
            "this text has named outputs, so out must be a dict from name to "
            f"array; the outputs are {', '.join(map(repr, names))}",
            kernel.source,
        )
    for array in found.values():
        if not isinstance(array, np.ndarray):
            raise errors.make(
                errors.ExprTypeError, "EJ9004", f"out must be a NumPy array, not {type(array).__name__}", kernel.source
            )
    arrays = list(found.values())
    if any(np.may_share_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i]):
        raise errors.make(errors.ExprShapeError, "EJ9004", "the arrays in out overlap each other", kernel.source)
    return found


def invoke(
    kernel: _ffi.Kernel,
    operands: Sequence[Operand],
    out: Any = None,
    casting: str = "same_kind",
    *,
    numpy_scalars: bool | None = None,
    protect_inputs: bool = False,
    where: Any = True,
) -> Any:
    """Runs the kernel. Arrays (or `out`) give arrays; scalars alone give a scalar, of NumPy's type when `numpy_scalars`
    says so or, for None, when a NumPy scalar is among them. A text with named outputs gives a dict."""
    if any([operand.from_arrow for operand in operands]):
        results = _from_arrow(kernel, operands, out, casting, protect_inputs, where)
    elif out is not None or where is not True or kernel.reducing or any([operand.is_array for operand in operands]):
        results = _arrays.run(kernel, operands, normalise_out(kernel, out), casting, protect_inputs, where)
    else:
        values = [
            scalar_value(param.name, operand, code)
            for param, operand, code in zip(kernel.params, operands, kernel.codes, strict=True)
        ]
        if numpy_scalars is None:
            numpy_scalars = any(operand.weak is None for operand in operands)
        wrap = NUMPY_RESULT if numpy_scalars else _PYTHON_RESULT
        found = _running.call_once(kernel, values)
        results = [wrap[output.code](value) for output, value in zip(kernel.outputs, found, strict=True)]
    return pack_results(kernel, results)


def _from_arrow(
    kernel: _ffi.Kernel, operands: Sequence[Operand], out: Any, casting: str, protect_inputs: bool, where: Any
) -> list[Any]:
    """The results for operands of which some came through Arrow: those are columns then, with nulls where there are
    some."""
    if all(operand.nulls is None for operand in operands):
        outs = normalise_out(kernel, out)
        results = _arrays.run(kernel, operands, outs, casting, protect_inputs, where)
        return [
            ArrowColumn(result) if output.name not in outs and np.ndim(result) == 1 else result
            for output, result in zip(kernel.outputs, results, strict=True)
        ]
    if out is not None or where is not True:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9008",
            f"{'out' if out is not None else 'where'} does not go with Arrow columns that have nulls",
            kernel.source,
            None,
            "replace the nulls in the text, with coalesce(x, 0) or where(is_null(x), …), or leave the option out",
        )
    return run_nullable(kernel, operands)


def pack_results(kernel: _ffi.Kernel, results: list[Any]) -> Any:
    """The value of a final expression itself, or a dict of the named outputs."""
    if len(results) == 1 and not kernel.outputs[0].name:
        return results[0]
    return {output.name: result for output, result in zip(kernel.outputs, results, strict=True)}
