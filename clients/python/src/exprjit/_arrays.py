# SPDX-License-Identifier: MIT OR Apache-2.0
"""Evaluation over arrays of any shape and layout: broadcasting, allocating outputs, out= and where=."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _dtypes, _ffi, errors
from ._columns import axis_order, evaluate, run_selected
from ._operands import Operand, find_name, scalar_value

Array = np.ndarray[Any, Any]


def run(
    kernel: _ffi.Kernel,
    operands: Sequence[Operand],
    outs: Mapping[str, Array],
    casting: Any = "same_kind",
    protect_inputs: bool = False,
    where: Any = True,
) -> list[Any]:
    """Evaluates the kernel and returns one array per output, and a scalar for an output that is reduced.

    `outs` has arrays to write into by output name. With `protect_inputs` no input is touched if the run fails, even
    when it is also an output. Of elements where the mask `where` is False the arrays in `outs` keep their values, and
    the values in new arrays mean nothing. A result of shape () that was not asked for through `outs` is returned as a
    NumPy scalar.
    """
    mask = None if where is True else _mask(where, kernel.source)
    arrays = [operand.value for operand in operands if operand.is_array]
    shape = _common_shape(kernel, operands, arrays, outs, mask)
    cells = _ffi.ScalarCells(len(operands))
    inputs: list[Any] = []  # an array, or the address of a scalar's cell
    for i, (operand, code) in enumerate(zip(operands, kernel.codes, strict=True)):
        if operand.is_array:
            inputs.append(operand.value)
        else:
            inputs.append(cells.put(i, code, scalar_value(kernel.params[i].name, operand, code)))
    codes = [operand.code if operand.is_array else code for operand, code in zip(operands, kernel.codes, strict=True)]
    if mask is not None and (kernel.reducing or kernel.needs_context):
        results = run_selected(kernel, inputs, codes, shape, np.broadcast_to(mask, shape), outs, casting)
        return _as_returned(kernel, results, outs)
    targets, results = [], []
    for output in kernel.outputs:
        wanted = outs.get(output.name)
        if output.reduced:
            target = np.empty((), _dtypes.NUMPY[output.code])
            if wanted is not None:
                _check_target(kernel, output, wanted, casting)
            results.append(target if wanted is None else wanted)
        elif wanted is None:
            target = _allocate(shape, _dtypes.NUMPY[output.code], arrays)
            results.append(target)
        else:
            target, inputs = _target_for(kernel, output, wanted, shape, inputs, casting, protect_inputs)
            if mask is not None and target is wanted:
                target = np.empty(shape, target.dtype)
            results.append(wanted)
        targets.append(target)
    evaluate(kernel, codes, inputs, targets, shape)
    for result, target in zip(results, targets, strict=True):
        if result is not target:
            np.copyto(result, target, casting=casting, where=True if mask is None else mask)
    return _as_returned(kernel, results, outs)


def _as_returned(kernel: _ffi.Kernel, results: list[Any], outs: Mapping[str, Array]) -> list[Any]:
    return [
        result[()] if result.shape == () and output.name not in outs else result
        for result, output in zip(results, kernel.outputs, strict=True)
    ]


def _mask(where: Any, source: str) -> Array:
    mask = np.asarray(where)
    if mask.dtype != np.bool_:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9004",
            f"where must be a bool array, not one of dtype {mask.dtype}",
            source,
            None,
            "compare, as in where=mask != 0",
        )
    return mask


def _common_shape(
    kernel: _ffi.Kernel,
    operands: Sequence[Operand],
    arrays: Sequence[Array],
    outs: Mapping[str, Array],
    mask: Array | None,
) -> tuple[int, ...]:
    shape = arrays[0].shape if arrays else ()
    if any(array.shape != shape for array in arrays):
        try:
            shape = np.broadcast_shapes(*(array.shape for array in arrays))
        except ValueError:
            raise _shape_error(kernel, operands) from None
    if mask is not None and mask.shape != shape:
        try:
            shape = np.broadcast_shapes(shape, mask.shape)
        except ValueError:
            raise errors.make(
                errors.ExprShapeError,
                "EJ9003",
                f"where has shape {mask.shape}, which does not broadcast with the operands' shape {shape}",
                kernel.source,
            ) from None
    # A reduced output is one value, which any array takes.
    reduced = {output.name for output in kernel.outputs if output.reduced}
    outs = {name: out for name, out in outs.items() if name not in reduced}
    for name, out in outs.items():
        if out.shape == shape:
            continue
        try:
            fits = np.broadcast_shapes(shape, out.shape) == out.shape
        except ValueError:
            fits = False
        if not fits:
            raise errors.make(
                errors.ExprShapeError,
                "EJ9003",
                f"out{f'[{name!r}]' if name else ''} has shape {out.shape}, the result has shape {shape}",
                kernel.source,
            )
        shape = out.shape
    for name, out in outs.items():
        if out.shape != shape:
            raise errors.make(
                errors.ExprShapeError,
                "EJ9003",
                f"the arrays in out have different shapes: {out.shape} and {shape}",
                kernel.source,
            )
    return shape


def _shape_error(kernel: _ffi.Kernel, operands: Sequence[Operand]) -> errors.ExprJITError:
    shapes = [
        (param.name, operand.value.shape)
        for param, operand in zip(kernel.params, operands, strict=True)
        if operand.is_array
    ]
    # The first operand that does not go with those before it is the place to show.
    seen: list[tuple[int, ...]] = []
    culprit = shapes[-1][0]
    for name, shape in shapes:
        seen.append(shape)
        try:
            np.broadcast_shapes(*seen)
        except ValueError:
            culprit = name
            break
    listing = ", ".join(f"'{name}' {shape}" for name, shape in shapes)
    return errors.make(
        errors.ExprShapeError,
        "EJ9003",
        f"the arrays do not broadcast together: {listing}",
        kernel.source,
        find_name(kernel.source, culprit),
        "shapes are aligned at the last axis; axes must be equal or 1 (see NumPy's broadcasting rules)",
    )


def _allocate(shape: tuple[int, ...], dtype: np.dtype[Any], arrays: Sequence[Array]) -> Array:
    """A new array in the memory order of the first operand of full shape, as NumPy's order='K'."""
    if len(shape) < 2:
        return np.empty(shape, dtype)
    model = next((array for array in arrays if array.shape == shape), None)
    if model is None or model.flags.c_contiguous:
        return np.empty(shape, dtype)
    order = axis_order(model)
    inverse = sorted(range(len(order)), key=order.__getitem__)
    return np.empty([shape[axis] for axis in order], dtype).transpose(inverse)


def _target_for(
    kernel: _ffi.Kernel,
    output: _ffi.Value,
    wanted: Array,
    shape: tuple[int, ...],
    inputs: list[Any],
    casting: Any,
    protect_inputs: bool,
) -> tuple[Array, list[Any]]:
    """The array the kernel writes for an output the caller supplied: that array itself where possible."""
    natural = _dtypes.NUMPY[output.code]
    _check_target(kernel, output, wanted, casting)
    code = _dtypes.code_of(wanted.dtype)
    direct = (
        code is not None
        and wanted.dtype.isnative
        and code == _dtypes.WIDE[code]
        and _dtypes.converts(output.code, code)
    )
    overlaps = [isinstance(array, np.ndarray) and np.may_share_memory(array, wanted) for array in inputs]
    if not direct or _self_overlapping(wanted) or (protect_inputs and any(overlaps)):
        return np.empty(shape, natural), inputs
    # Exactly the same elements may be read and written in one pass; any other overlap is read from a copy.
    copied = [
        array.copy() if overlap and not _same_elements(array, wanted) else array
        for array, overlap in zip(inputs, overlaps, strict=True)
    ]
    return wanted, copied


def _check_target(kernel: _ffi.Kernel, output: _ffi.Value, wanted: Array, casting: Any) -> None:
    natural = _dtypes.NUMPY[output.code]
    label = f"out[{output.name!r}]" if output.name else "out"
    if not wanted.flags.writeable:
        raise errors.make(errors.ExprShapeError, "EJ9004", f"{label} is read-only", kernel.source)
    if not np.can_cast(natural, wanted.dtype, casting):
        raise errors.make(
            errors.ExprTypeError,
            "EJ9004",
            f"the result is {natural}, which casting={casting!r} does not let into {label} of dtype {wanted.dtype}",
            kernel.source,
            None,
            "pass casting='unsafe' to allow it, or an array of another dtype",
        )


def _same_elements(array: Array, out: Array) -> bool:
    return (
        array.shape == out.shape
        and array.strides == out.strides
        and array.dtype == out.dtype
        and _ffi.data_address(array) == _ffi.data_address(out)
    )


def _self_overlapping(out: Array) -> bool:
    """True for arrays made by as_strided whose elements lie on each other, which have no defined in-place result."""
    return 0 in out.strides and out.size > 1
