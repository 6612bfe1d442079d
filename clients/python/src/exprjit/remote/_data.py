# SPDX-License-Identifier: MIT OR Apache-2.0
"""NumPy arrays to columns of bytes, piece by piece, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import _dtypes, errors
from .._operands import Operand, classify, find_name, scalar_value
from . import _messages
from ._failures import wrong_answer
from ._program import CODES, Output, Signature

Array = np.ndarray[Any, Any]


class Argument(NamedTuple):
    """One variable: what it is, and where it is masked."""

    name: str
    operand: Operand
    mask: Array | None  # True where the element is null

    @property
    def shape(self) -> tuple[int, ...]:
        """() for a number."""
        return self.operand.value.shape if self.operand.is_array else ()


def argument(name: str, value: Any, source: str) -> Argument:
    """A variable's value, classified. Masked elements become nulls. ExprTypeError for what cannot be sent."""
    mask: Array | None = None
    if isinstance(value, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(value)
        mask = mask if mask.any() else None
        value = np.ma.getdata(value)
    operand = classify(name, value, source)
    if operand.nulls is not None:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9008",
            f"the variable '{name}' is an Arrow column with nulls",
            source,
            find_name(source, name),
            "pass a masked array: np.ma.masked_array(values, mask=is_null)",
        )
    return Argument(name, operand, mask)


def common_shape(arguments: Sequence[Argument], source: str) -> tuple[int, ...]:
    """The shape to which all broadcast."""
    shapes: list[tuple[int, ...]] = []
    for item in arguments:
        shapes.append(item.shape)
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            listing = ", ".join(f"'{other.name}' {other.shape}" for other in arguments if other.operand.is_array)
            raise errors.make(
                errors.ExprShapeError,
                "EJ9003",
                f"the arrays do not broadcast together: {listing}",
                source,
                find_name(source, item.name),
                "shapes are aligned at the last axis; axes must be equal or 1 (see NumPy's broadcasting rules)",
            ) from None
    return np.broadcast_shapes(*shapes) if shapes else ()


class Columns:
    """The arguments of one call as columns over the rows of their common shape, in C order."""

    def __init__(self, arguments: Sequence[Argument], codes: Sequence[int], shape: tuple[int, ...]) -> None:
        """`codes` are the types of the parameters, to which everything is converted; but uint64 arrays stay what they
        are: whoever runs the program looks for elements that do not fit, and says in which row."""
        self.rows = int(np.prod(shape, dtype=np.int64))
        self._columns: list[
            tuple[str, int, Any, Any]
        ] = []  # name, code, values, mask; bytes for one value for all rows
        #: Bytes of a row.
        self.row_bytes = 0
        for item, code in zip(arguments, codes, strict=True):
            values: Any
            if item.operand.is_array and item.operand.code == _dtypes.U64:
                code = _dtypes.U64
            if item.operand.is_array and item.operand.value.size != 1:
                values = _flat(_of_type(item.operand, code), shape)
                mask = None if item.mask is None else _flat(item.mask, shape)
                self.row_bytes += _dtypes.NUMPY[code].itemsize
            else:
                values = _one_value(item, code)
                mask = None if item.mask is None or not bool(item.mask.reshape(-1)[0]) else b"\0"
            self._columns.append((item.name, code, values, mask))

    @property
    def total_bytes(self) -> int:
        """About what the whole takes on the wire."""
        return self.rows * self.row_bytes + sum(len(name) + 32 for name, _, _, _ in self._columns)

    def piece(self, begin: int, end: int) -> Any:
        """The Batch message of some rows."""
        batch = _messages.Batch(rows=end - begin)
        for name, code, values, mask in self._columns:
            column = batch.columns.add(name=name, dtype=code)
            if isinstance(values, bytes):
                column.data, column.length = values, 1
                if mask is not None:
                    column.validity = mask
            else:
                part = values[begin:end]
                column.data, column.length = _little_endian(part), end - begin
                if mask is not None:
                    column.validity = np.packbits(~mask[begin:end], bitorder="little").tobytes()
        return batch


def _flat(array: Array, shape: tuple[int, ...]) -> Any:
    """Something whose slices are the elements in C order: a view where that can be, else NumPy's iterator, which copies
    just the slice."""
    if array.shape == shape and array.ndim == 1:
        return array
    if array.shape == shape and array.flags.c_contiguous:
        return array.reshape(-1)
    return np.broadcast_to(array, shape).flat


def _of_type(operand: Operand, code: int) -> Array:
    array: Array = operand.value
    if operand.code == code:
        return array
    return array.astype(_dtypes.NUMPY[code])


def _one_value(item: Argument, code: int) -> bytes:
    if item.operand.is_array:
        array = _of_type(item.operand, code)
        return _little_endian(array.reshape(1))
    value = scalar_value(item.name, item.operand, _dtypes.WIDE[code])
    return _little_endian(np.asarray([value], _dtypes.NUMPY[code]))


def _little_endian(array: Array) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


# ---- Answers ---------------------------------------------------------------------------------------------------------


def read_batch(batch: Any, signature: Signature, rows: int, address: str) -> list[tuple[Array, Array | None]]:
    """Values and mask (None: nothing is null) of every output. The arrays are views of the message."""
    if len(batch.columns) != len(signature.outputs):
        raise wrong_answer(address, f"{len(batch.columns)} columns for {len(signature.outputs)} outputs")
    found = []
    for column, output in zip(batch.columns, signature.outputs, strict=True):
        length = 1 if output.reduced else rows
        dtype = output.dtype.newbyteorder("<")
        if column.dtype != CODES[output.type] or column.length != length:
            raise wrong_answer(
                address,
                f"the output '{output.name}' came as {column.length} values of dtype {column.dtype}, not as "
                f"{length} of {output.type}",
            )
        if len(column.data) != length * dtype.itemsize:
            raise wrong_answer(
                address, f"{len(column.data)} bytes for {length} values of {output.type} in the output '{output.name}'"
            )
        values = np.frombuffer(column.data, dtype)
        mask: Array | None = None
        if column.validity:
            if len(column.validity) != (length + 7) // 8:
                raise wrong_answer(
                    address,
                    f"{len(column.validity)} bytes of validity for {length} values in the output '{output.name}'",
                )
            bits = np.unpackbits(np.frombuffer(column.validity, np.uint8), count=length, bitorder="little")
            mask = bits == 0
        found.append((values, mask))
    return found


class Results:
    """Room for the outputs of a call, filled piece by piece."""

    def __init__(
        self,
        signature: Signature,
        shape: tuple[int, ...],
        masked: bool,
        outs: Mapping[str, Array],
        inputs: Sequence[Array],
    ) -> None:
        """`masked`: some input has nulls, so nullable outputs become masked arrays. `outs` were checked by
        check_outs."""
        self._signature, self._outs = signature, outs
        self._values: list[Array] = []
        self._masks: list[Array | None] = []
        for output in signature.outputs:
            own = () if output.reduced else shape
            wanted = outs.get(output.name)
            direct = (
                wanted is not None
                and wanted.shape == own
                and wanted.dtype == output.dtype
                and wanted.flags.c_contiguous
                and not any(np.may_share_memory(wanted, array) for array in inputs)
            )
            self._values.append(wanted if direct and wanted is not None else np.empty(own, output.dtype))
            self._masks.append(np.zeros(own, np.bool_) if masked and output.nullable else None)

    def put(self, begin: int, end: int, found: Sequence[tuple[Array, Array | None]]) -> None:
        """Takes the answer for some rows."""
        for i, (output, (values, mask)) in enumerate(zip(self._signature.outputs, found, strict=True)):
            place = slice(0, 1) if output.reduced else slice(begin, end)
            self._values[i].reshape(-1)[place] = values
            if mask is not None and mask.any():
                if self._masks[i] is None:
                    self._masks[i] = np.zeros(self._values[i].shape, np.bool_)
                known: Any = self._masks[i]
                known.reshape(-1)[place] = mask

    def finish(self, casting: Any) -> Any:
        """The value of a final expression, or a dict of the named outputs; what was asked for through `out` is
        there."""
        results: dict[str, Any] = {}
        for output, values, mask in zip(self._signature.outputs, self._values, self._masks, strict=True):
            wanted = self._outs.get(output.name)
            if wanted is not None:
                if wanted is not values:
                    np.copyto(wanted, values, casting=casting)
                if mask is not None and isinstance(wanted, np.ma.MaskedArray):
                    wanted[...] = np.ma.masked_array(wanted.data, np.broadcast_to(mask, wanted.shape))
                results[output.name] = wanted
            elif mask is not None:
                results[output.name] = np.ma.masked_array(values, mask)[()]
            else:
                results[output.name] = values[()] if values.shape == () else values
        names = list(results)
        return results[""] if names == [""] else results


def check_outs(
    signature: Signature, out: Any, shape: tuple[int, ...], masked: bool, casting: Any, source: str | None
) -> dict[str, Array]:
    """`out=` as arrays by output name, which the results fit. `masked`: some input has nulls."""
    if out is None:
        return {}
    names = [output.name for output in signature.outputs]
    if names == [""]:
        given = {"": out[0] if isinstance(out, tuple) and len(out) == 1 else out}
    elif isinstance(out, Mapping):
        given = dict(out)
    else:
        raise _out_error(
            errors.ExprTypeError, "this text has named outputs, so out must be a dict from name to array", source
        )
    outputs = {output.name: output for output in signature.outputs}
    for name, array in given.items():
        if name not in outputs:
            raise _out_error(
                errors.ExprNameError, f"out names {name!r}, the outputs are {', '.join(map(repr, names))}", source
            )
        if not isinstance(array, np.ndarray):
            raise _out_error(
                errors.ExprTypeError, f"{_label(name)} must be a NumPy array, not {type(array).__name__}", source
            )
    arrays = list(given.values())
    if any(np.may_share_memory(one, other) for i, one in enumerate(arrays) for other in arrays[:i]):
        raise _out_error(errors.ExprShapeError, "the arrays in out overlap each other", source)
    for name, array in given.items():
        _check_out(_label(name), array, outputs[name], shape, casting, source)
        if masked and outputs[name].nullable and not isinstance(array, np.ma.MaskedArray):
            raise errors.make(
                errors.ExprTypeError,
                "EJ9008",
                f"the result has nulls, for which {_label(name)} has no room",
                source,
                None,
                "pass a masked array as out (np.ma.empty(shape, dtype)), or replace the nulls in the text, with "
                "coalesce(x, 0) or where(is_null(x), …)",
            )
    return given


def _label(name: str) -> str:
    return f"out[{name!r}]" if name else "out"


def _check_out(
    label: str, array: Array, output: Output, shape: tuple[int, ...], casting: Any, source: str | None
) -> None:
    if not array.flags.writeable:
        raise _out_error(errors.ExprShapeError, f"{label} is read-only", source)
    own = () if output.reduced else shape
    try:
        fits = np.broadcast_shapes(own, array.shape) == array.shape
    except ValueError:
        fits = False
    if not fits:
        raise _out_error(errors.ExprShapeError, f"{label} has shape {array.shape}, the result has shape {own}", source)
    if not np.can_cast(output.dtype, array.dtype, casting):
        raise _out_error(
            errors.ExprTypeError,
            f"the result is {output.dtype}, which casting={casting!r} does not let into {label} of dtype {array.dtype}",
            source,
        )


def _out_error(cls: type[errors.ExprJITError], message: str, source: str | None) -> errors.ExprJITError:
    return errors.make(cls, "EJ9004", message, source)
