# SPDX-License-Identifier: MIT OR Apache-2.0
"""Evaluation over arrays of any shape and layout: broadcasting, output allocation, and the way down to columns.

The library evaluates columns: elements a fixed number of bytes apart. Whatever is one such column in a common order of
the axes is handed over in place; anything else goes in blocks that fit the CPU's cache, copying only the operands that
need it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _dtypes, _ffi, errors
from ._operands import Operand, find_name, scalar_value

Array = np.ndarray[Any, Any]

# Elements per block when operands have to be copied: 64 Ki doubles are half a megabyte, which stays in the L2 cache.
_BLOCK = 65_536


def run(
    kernel: _ffi.Kernel,
    operands: Sequence[Operand],
    outs: Mapping[str, Array],
    casting: Any,
    protect_inputs: bool = False,
) -> list[Any]:
    """Evaluates the kernel and returns one array per output.

    `outs` has arrays to write into by output name. With `protect_inputs` no input is touched if the run fails, even
    when it is also an output. A result of shape () that was not asked for through `outs` is returned as a NumPy
    scalar.
    """
    arrays = [operand.value for operand in operands if operand.is_array]
    shape = _common_shape(kernel, operands, arrays, outs)
    cells = _ffi.ScalarCells(len(operands))
    inputs: list[Any] = []  # an array, or the address of a scalar's cell
    for i, (operand, code) in enumerate(zip(operands, kernel.codes, strict=True)):
        if operand.is_array:
            inputs.append(operand.value)
        else:
            inputs.append(cells.put(i, code, scalar_value(kernel.params[i].name, operand, code)))
    targets, results = [], []
    for output in kernel.outputs:
        wanted = outs.get(output.name)
        if wanted is None:
            target = _allocate(shape, _dtypes.NUMPY[output.code], arrays)
            results.append(target)
        else:
            target, inputs = _target_for(kernel, output, wanted, shape, inputs, casting, protect_inputs)
            results.append(wanted)
        targets.append(target)
    _evaluate(kernel, operands, inputs, targets, shape)
    for result, target, output in zip(results, targets, kernel.outputs, strict=True):
        if result is not target:
            np.copyto(result, target, casting=casting)
    if shape == ():
        return [
            result if output.name in outs else result[()]
            for result, output in zip(results, kernel.outputs, strict=True)
        ]
    return results


def _common_shape(
    kernel: _ffi.Kernel, operands: Sequence[Operand], arrays: Sequence[Array], outs: Mapping[str, Array]
) -> tuple[int, ...]:
    shape = arrays[0].shape if arrays else ()
    if any(array.shape != shape for array in arrays):
        try:
            shape = np.broadcast_shapes(*(array.shape for array in arrays))
        except ValueError:
            raise _shape_error(kernel, operands) from None
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
    order = _axis_order(model)
    inverse = sorted(range(len(order)), key=order.__getitem__)
    return np.empty([shape[axis] for axis in order], dtype).transpose(inverse)


def _axis_order(array: Array) -> list[int]:
    """The axes from the widest stride to the narrowest; axes of equal stride keep their order."""
    strides = array.strides
    return sorted(range(array.ndim), key=lambda axis: -abs(strides[axis]))


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


def _evaluate(
    kernel: _ffi.Kernel, operands: Sequence[Operand], inputs: list[Any], targets: list[Array], shape: tuple[int, ...]
) -> None:
    codes = [operand.code if operand.is_array else code for operand, code in zip(operands, kernel.codes, strict=True)]
    outer = [_OUT_CODES[target.dtype] for target in targets]
    # The usual case, kept short: equal shapes, one dimension or C order.
    one_dimension = len(shape) == 1
    rows = shape[0] if one_dimension else -1
    columns: list[int] = []
    for item, code in zip(inputs, codes, strict=True):
        if type(item) is int:
            columns += (item, 0, code, 0, 0, 0)
        elif item.shape == shape and (one_dimension or item.flags.c_contiguous):
            stride = item.strides[0] if one_dimension else item.itemsize
            columns += (_ffi.data_address(item), stride, code, 0, 0, 0)
        else:
            break
    else:
        results: list[int] = []
        for target, code in zip(targets, outer, strict=True):
            if not (one_dimension or target.flags.c_contiguous):
                break
            stride = target.strides[0] if one_dimension else target.itemsize
            results += (_ffi.data_address(target), stride, code, 0, 0, 0)
        else:
            _call(kernel, columns, results, rows if one_dimension else targets[0].size, shape, None, 0)
            return
    _Strided(kernel, codes, outer, targets[0], shape).run(inputs, targets)


_OUT_CODES = {_dtypes.NUMPY[code]: code for code in (_dtypes.BOOL, _dtypes.I32, _dtypes.I64, _dtypes.F32, _dtypes.F64)}


def _call(
    kernel: _ffi.Kernel,
    columns: list[int],
    results: list[int],
    rows: int,
    shape: tuple[int, ...],
    order: Sequence[int] | None,
    base: int,
) -> None:
    """One run of the kernel; a failure learns the position of its row in the whole result."""
    try:
        kernel.eval(columns, results, rows)
    except errors.ExprJITError as error:
        errors.locate(error, shape, order, base)
        raise


class _Strided:
    """Evaluation where some operand is broadcast, transposed or sliced in more than one dimension."""

    def __init__(
        self, kernel: _ffi.Kernel, codes: list[int], outer: list[int], model: Array, shape: tuple[int, ...]
    ) -> None:
        self._kernel, self._codes, self._outer, self._shape = kernel, codes, outer, shape
        self._order = _axis_order(model)

    def run(self, inputs: list[Any], targets: list[Array]) -> None:
        views = [
            item if type(item) is int else np.broadcast_to(item, self._shape).transpose(self._order) for item in inputs
        ]
        self._piece(views, [target.transpose(self._order) for target in targets], 0)

    def _piece(self, inputs: list[Any], targets: list[Array], base: int) -> None:
        """Evaluates one box of the result; `base` is the number of results before it in iteration order."""
        first = targets[0]
        strides = [0 if type(item) is int else _single_stride(item) for item in inputs]
        out_strides = [_single_stride(target) for target in targets]
        if None not in strides and None not in out_strides:
            self._columns(inputs, strides, targets, out_strides, first.size, base)
        elif first.size <= _BLOCK:
            inputs = [
                item if stride is not None else np.ascontiguousarray(item)
                for item, stride in zip(inputs, strides, strict=True)
            ]
            scratch = [
                target if stride is not None else np.empty(target.shape, target.dtype)
                for target, stride in zip(targets, out_strides, strict=True)
            ]
            strides = [0 if type(item) is int else _single_stride(item) for item in inputs]
            out_strides = [_single_stride(target) for target in scratch]
            self._columns(inputs, strides, scratch, out_strides, first.size, base)
            for target, made in zip(targets, scratch, strict=True):
                if made is not target:
                    target[...] = made
        else:
            per_row = first.size // first.shape[0]
            step = max(1, _BLOCK // per_row)
            for start in range(0, first.shape[0], step):
                part = slice(start, start + step) if step > 1 else start
                self._piece(
                    [item if type(item) is int else item[part] for item in inputs],
                    [target[part] for target in targets],
                    base + start * per_row,
                )

    def _columns(
        self,
        inputs: list[Any],
        strides: Sequence[Any],
        targets: list[Array],
        out_strides: Sequence[Any],
        rows: int,
        base: int,
    ) -> None:
        columns: list[int] = []
        for item, stride, code in zip(inputs, strides, self._codes, strict=True):
            columns += (item if type(item) is int else _ffi.data_address(item), stride, code, 0, 0, 0)
        results: list[int] = []
        for target, stride, code in zip(targets, out_strides, self._outer, strict=True):
            results += (_ffi.data_address(target), stride, code, 0, 0, 0)
        _call(self._kernel, columns, results, rows, self._shape, self._order, base)


def _single_stride(array: Array) -> int | None:
    """The byte distance between consecutive elements in C order, or None if there is no single one."""
    stride: int | None = None
    for length, step in zip(reversed(array.shape), reversed(array.strides), strict=True):
        if length == 0:
            return array.itemsize
        if length == 1:
            continue
        if stride is None:
            stride, reach = step, step * length
        elif step == reach:
            reach = step * length
        else:
            return None
    return array.itemsize if stride is None else stride
