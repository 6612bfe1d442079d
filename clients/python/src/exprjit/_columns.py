# SPDX-License-Identifier: MIT OR Apache-2.0
"""From arrays of one shape to columns: elements a fixed number of bytes apart, which is what the library evaluates.

Whatever is one such column in a common order of the axes is handed over in place; anything else goes row by row through
the kernel's ufunc or, where there is none or the rows are short, in blocks that fit the CPU's cache, copying only the
operands that need it. Reductions see their rows in C order, whatever the layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import _dtypes, _ffi, _ufunc, errors
from ._running import LONG_WORK, run_columns, run_guarded, run_pieces, threads_for, threads_for_pieces

Array = np.ndarray[Any, Any]

# Elements per block and thread when operands have to be copied: 64 Ki doubles are half a megabyte, which stays in the
# L2 cache.
_BLOCK = 65_536
# Elements of the innermost axis from which on a call of the inner loop per row costs less than copying.
_LONG_ROW = 64
# Elements per call of a ufunc, between which signal handlers run and pieces go to other threads; fewer where each is
# long.
_PIECE, _LEAST_PIECE = 262_144, 4096
_OUT_CODES = {_dtypes.NUMPY[code]: code for code in (_dtypes.BOOL, _dtypes.I32, _dtypes.I64, _dtypes.F32, _dtypes.F64)}


def evaluate(
    kernel: _ffi.Kernel, codes: Sequence[int], inputs: Sequence[Any], targets: Sequence[Array], shape: tuple[int, ...]
) -> None:
    """Runs the kernel. An input is an array that broadcasts to `shape`, or the address of a scalar; `codes` are their
    storage types. The targets have that shape and the outputs' types; those of reduced outputs have shape ()."""
    # The usual case, kept short: equal shapes, one dimension or C order.
    one_dimension = len(shape) == 1
    rows = shape[0] if one_dimension else _size(shape)
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
        for target in targets:
            if target.shape == shape and (one_dimension or target.flags.c_contiguous):
                stride = target.strides[0] if one_dimension else target.itemsize
            elif target.shape == ():
                stride = 0
            else:
                break
            results += (_ffi.data_address(target), stride, _OUT_CODES[target.dtype], 0, 0, 0)
        else:
            call(kernel, columns, results, rows, threads_for(rows), shape, None, 0)
            return
    if kernel.reducing:
        _evaluate_whole(kernel, codes, inputs, targets, shape)
    elif not _evaluate_by_rows(kernel, codes, inputs, targets, shape):
        _Strided(kernel, codes, targets, shape).run(inputs, targets)


def call(
    kernel: _ffi.Kernel,
    columns: Sequence[int],
    results: Sequence[int],
    rows: int,
    threads: int,
    shape: tuple[int, ...],
    order: Sequence[int] | None,
    base: int,
) -> None:
    """One run of the kernel; a failure learns the position of its row in the whole result."""
    try:
        run_columns(kernel, columns, results, rows, threads)
    except errors.ExprJITError as error:
        errors.locate(error, shape, order, base)
        raise


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _in_c_order(
    codes: Sequence[int], inputs: Sequence[Any], shape: tuple[int, ...]
) -> tuple[list[int], list[Array | int]]:
    """The inputs as columns over all elements in C order, and what keeps them alive; copies what has no single
    stride."""
    columns: list[int] = []
    kept: list[Array | int] = []
    for item, code in zip(inputs, codes, strict=True):
        if type(item) is int:
            columns += (item, 0, code, 0, 0, 0)
            kept.append(item)
            continue
        view = np.broadcast_to(item, shape)
        stride = single_stride(view)
        if stride is None:
            view = np.ascontiguousarray(view)
            stride = view.itemsize
        columns += (_ffi.data_address(view), stride, code, 0, 0, 0)
        kept.append(view)
    return columns, kept


def _evaluate_whole(
    kernel: _ffi.Kernel, codes: Sequence[int], inputs: Sequence[Any], targets: Sequence[Array], shape: tuple[int, ...]
) -> None:
    """Evaluation of a kernel with reductions, which are over all elements in C order: one run, never in blocks."""
    columns, kept = _in_c_order(codes, inputs, shape)
    made = []
    results: list[int] = []
    for target, output in zip(targets, kernel.outputs, strict=True):
        stride = 0 if output.reduced else single_stride(target)
        if stride is None:
            target, stride = np.empty(shape, target.dtype), target.itemsize
        made.append(target)
        results += (_ffi.data_address(target), stride, _OUT_CODES[target.dtype], 0, 0, 0)
    rows = _size(shape)
    call(kernel, columns, results, rows, threads_for(rows), shape, None, 0)
    for target, result in zip(targets, made, strict=True):
        if target is not result:
            target[...] = result
    del kept


def run_selected(
    kernel: _ffi.Kernel,
    inputs: Sequence[Any],
    codes: Sequence[int],
    shape: tuple[int, ...],
    mask: Array,
    outs: Mapping[str, Array],
    casting: Any,
) -> list[Any]:
    """Evaluates only where the mask is True: for kernels that may fail, and reductions, which are then over those
    elements. Returns the results; new arrays hold zeros elsewhere."""
    indices = np.flatnonzero(mask)
    columns, kept = _in_c_order(codes, inputs, shape)
    packed = [np.empty(() if output.reduced else len(indices), _dtypes.NUMPY[output.code]) for output in kernel.outputs]
    results: list[int] = []
    for target, output in zip(packed, kernel.outputs, strict=True):
        results += (_ffi.data_address(target), 0 if output.reduced else target.itemsize, output.code, 0, 0, 0)
    rows, threads = _size(shape), threads_for(len(indices))
    try:
        run_guarded(
            kernel, len(indices), lambda stop: kernel.eval_selected(columns, rows, indices, results, threads, stop)
        )
    except errors.ExprJITError as error:
        if error.row is not None:
            errors.move_row(error, int(indices[error.row]))
            errors.locate(error, shape)
        raise
    del kept
    returned: list[Any] = []
    for values, output in zip(packed, kernel.outputs, strict=True):
        wanted = outs.get(output.name)
        target = wanted if wanted is not None else values if output.reduced else np.zeros(shape, values.dtype)
        if output.reduced:
            if target is not values:
                np.copyto(target, values, casting=casting)
        else:
            target[mask] = values if values.dtype == target.dtype else values.astype(target.dtype, casting=casting)
        returned.append(target)
    return returned


def _evaluate_by_rows(
    kernel: _ffi.Kernel, codes: Sequence[int], inputs: Sequence[Any], targets: Sequence[Array], shape: tuple[int, ...]
) -> bool:
    """Through the kernel's ufunc, which copies nothing: where there is one, and the innermost axis is long enough to be
    worth a call for each of its rows. False if it was not done."""
    order = axis_order(targets[0])
    if shape[order[-1]] < _LONG_ROW or kernel.trips > 1 or tuple(codes) != kernel.codes:
        return False
    if _ufunc.why_not(kernel):
        return False
    ufunc = _ufunc.ufunc_of(kernel)
    views = [
        _ffi.scalar_array(item, _dtypes.NUMPY[code])
        if type(item) is int
        else np.broadcast_to(item, shape).transpose(order)
        for item, code in zip(inputs, codes, strict=True)
    ]
    target = targets[0].transpose(order)
    length = target.shape[0]
    piece = max(_LEAST_PIECE, min(_PIECE, LONG_WORK // max(1, kernel.info.nodes)))
    step = max(1, piece * length // max(1, target.size))

    def run(start: int) -> None:
        part = slice(start, start + step)
        ufunc(*[view[part] if view.ndim else view for view in views], out=target[part])

    run_pieces(run, range(0, length, step), threads_for_pieces(kernel, target.size))
    return True


class _Strided:
    """Evaluation where some operand is broadcast, transposed or sliced in more than one dimension."""

    def __init__(
        self, kernel: _ffi.Kernel, codes: Sequence[int], targets: Sequence[Array], shape: tuple[int, ...]
    ) -> None:
        self._kernel, self._codes, self._shape = kernel, codes, shape
        self._outer = [_OUT_CODES[target.dtype] for target in targets]
        self._order = axis_order(targets[0])
        self._threads = threads_for(_size(shape))
        self._block = _BLOCK * self._threads
        # The last copy made of each operand: one that is broadcast over the outer axes looks the same in block after
        # block.
        self._copies: dict[int, tuple[tuple[Any, ...], Array]] = {}

    def run(self, inputs: Sequence[Any], targets: Sequence[Array]) -> None:
        views = [
            item if type(item) is int else np.broadcast_to(item, self._shape).transpose(self._order) for item in inputs
        ]
        self._piece(views, [target.transpose(self._order) for target in targets], 0)

    def _piece(self, inputs: list[Any], targets: list[Array], base: int) -> None:
        """Evaluates one box of the result; `base` is the number of results before it in iteration order."""
        first = targets[0]
        strides = [0 if type(item) is int else single_stride(item) for item in inputs]
        out_strides = [single_stride(target) for target in targets]
        if None not in strides and None not in out_strides:
            self._columns(inputs, strides, targets, out_strides, first.size, base)
        elif first.size <= self._block:
            inputs = [
                item if stride is not None else self._copy(i, item)
                for i, (item, stride) in enumerate(zip(inputs, strides, strict=True))
            ]
            scratch = [
                target if stride is not None else np.empty(target.shape, target.dtype)
                for target, stride in zip(targets, out_strides, strict=True)
            ]
            strides = [0 if type(item) is int else single_stride(item) for item in inputs]
            out_strides = [single_stride(target) for target in scratch]
            self._columns(inputs, strides, scratch, out_strides, first.size, base)
            for target, made in zip(targets, scratch, strict=True):
                if made is not target:
                    target[...] = made
        else:
            per_row = first.size // first.shape[0]
            step = max(1, self._block // per_row)
            for start in range(0, first.shape[0], step):
                part = slice(start, start + step) if step > 1 else start
                self._piece(
                    [item if type(item) is int else item[part] for item in inputs],
                    [target[part] for target in targets],
                    base + start * per_row,
                )

    def _copy(self, place: int, item: Array) -> Array:
        key = (_ffi.data_address(item), item.shape, item.strides)
        known = self._copies.get(place)
        if known is not None and known[0] == key:
            return known[1]
        made = np.ascontiguousarray(item)
        self._copies[place] = key, made
        return made

    def _columns(
        self,
        inputs: Sequence[Any],
        strides: Sequence[Any],
        targets: Sequence[Array],
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
        call(self._kernel, columns, results, rows, self._threads, self._shape, self._order, base)


def axis_order(array: Array) -> list[int]:
    """The axes from the widest stride to the narrowest; axes of equal stride keep their order."""
    strides = array.strides
    return sorted(range(array.ndim), key=lambda axis: -abs(strides[axis]))


def single_stride(array: Array) -> int | None:
    """The byte distance between consecutive elements in C order, or None if there is no single one."""
    stride: int | None = None
    if 0 in array.shape:
        return array.itemsize
    for length, step in zip(reversed(array.shape), reversed(array.strides), strict=True):
        if length == 1:
            continue
        if stride is None:
            stride, reach = step, step * length
        elif step == reach:
            reach = step * length
        else:
            return None
    return array.itemsize if stride is None else stride
