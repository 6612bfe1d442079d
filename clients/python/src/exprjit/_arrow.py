# SPDX-License-Identifier: MIT OR Apache-2.0
"""Arrow in and out: columns with nulls, and record batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from . import _arrow_abi, _dtypes, _ffi, errors
from ._operands import Operand, scalar_value
from ._running import run_guarded, threads_for

NdArray = np.ndarray[Any, Any]


class ArrowColumn:
    """A column of numbers or bools that may have nulls.

    Arrow libraries take it as it is, through `__arrow_c_array__` (`pyarrow.array(column)`), without a copy except for
    bools. `values` is the NumPy array, whose elements mean nothing where `valid` is False; `valid` is None if nothing
    is null. Immutable.
    """

    __slots__ = ("valid", "values")

    def __init__(self, values: NdArray, valid: NdArray | None = None) -> None:
        self.values = values
        self.valid = None if valid is None or bool(valid.all()) else valid

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the values."""
        found: np.dtype[Any] = self.values.dtype
        return found

    @property
    def null_count(self) -> int:
        """How many elements are null."""
        return 0 if self.valid is None else len(self) - int(np.count_nonzero(self.valid))

    def to_numpy(self, null: Any = None) -> NdArray:
        """The values as a NumPy array, with `null` in the place of nulls: by default NaN for floats, while integers and
        bools have no such value (ExprTypeError). Without nulls it is `values` itself."""
        if self.valid is None:
            return self.values
        if null is None:
            if self.dtype.kind != "f":
                raise errors.make(
                    errors.ExprTypeError,
                    "EJ9008",
                    f"{self.null_count} of {len(self)} values are null, and {self.dtype} has no value for that",
                    None,
                    None,
                    "pass to_numpy(null=…), or use .values and .valid",
                )
            null = np.nan
        filled = self.values.copy()
        filled[~self.valid] = null
        return filled

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NdArray:
        array = self.to_numpy() if dtype is None else self.to_numpy().astype(dtype, copy=False)
        return array.copy() if copy else array

    def __arrow_c_schema__(self) -> Any:
        return _arrow_abi.schema_capsule(_arrow_abi.primitive_schema(self.dtype))

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        return self.__arrow_c_schema__(), _arrow_abi.array_capsule(_arrow_abi.primitive_array(self.values, self.valid))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<exprjit.ArrowColumn of {len(self)} {self.dtype}, {self.null_count} null>"


class ArrowBatch(Mapping[str, ArrowColumn]):
    """A record batch: columns of one length by name. Arrow libraries take it as it is
    (`pyarrow.record_batch(batch)`)."""

    __slots__ = ("_columns", "_length")

    def __init__(self, columns: Mapping[str, ArrowColumn], length: int) -> None:
        self._columns, self._length = dict(columns), length

    @property
    def num_rows(self) -> int:
        """The length of every column."""
        return self._length

    def __getitem__(self, name: str) -> ArrowColumn:
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def to_numpy(self, null: Any = None) -> dict[str, NdArray]:
        """The columns as NumPy arrays, nulls as in ArrowColumn.to_numpy."""
        return {name: column.to_numpy(null) for name, column in self._columns.items()}

    def __arrow_c_schema__(self) -> Any:
        fields = [_arrow_abi.primitive_schema(column.dtype, name) for name, column in self._columns.items()]
        return _arrow_abi.schema_capsule(_arrow_abi.struct_schema(fields))

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        fields = [_arrow_abi.primitive_array(column.values, column.valid) for column in self._columns.values()]
        return self.__arrow_c_schema__(), _arrow_abi.array_capsule(_arrow_abi.struct_array(self._length, fields))

    def __repr__(self) -> str:
        return f"<exprjit.ArrowBatch of {self._length} rows: {', '.join(self._columns)}>"


def eval_batch(kernel: _ffi.Kernel, batch: Any) -> ArrowBatch:
    """The kernel over a record batch (or, with one parameter, an array) of any Arrow library."""
    if not hasattr(batch, "__arrow_c_array__"):
        stream = hasattr(batch, "__arrow_c_stream__")
        raise errors.make(
            errors.ExprTypeError,
            "EJ9002",
            f"eval_arrow takes an Arrow record batch or array, not a {type(batch).__name__}",
            kernel.source,
            None,
            "it has several batches: pass them one by one, such as for batch in table.to_batches()"
            if stream
            else "anything with __arrow_c_array__ will do",
        )
    found = _arrow_abi.borrow(batch)
    rows = found.array.length
    results: list[_arrow_abi.Borrowed] = []
    run_guarded(
        kernel, rows, lambda stop: results.append(_arrow_abi.eval_batch(kernel, found, threads_for(rows), stop))
    )
    columns = {
        _arrow_abi.text_of(field.schema.name): ArrowColumn(_arrow_abi.values_of(field), _arrow_abi.valid_of(field))
        for field in _arrow_abi.children(results[0])
    }
    return ArrowBatch(columns, results[0].array.length)


def run_nullable(kernel: _ffi.Kernel, operands: Sequence[Operand]) -> list[Any]:
    """Evaluates operands some of which have nulls: one ArrowColumn per output, a NumPy scalar for a reduced one."""
    rows = _rows(kernel, operands)
    cells = _ffi.ScalarCells(len(operands))
    inputs: list[int] = []
    for i, (operand, code) in enumerate(zip(operands, kernel.codes, strict=True)):
        if operand.is_array:
            array = np.broadcast_to(operand.value, (rows,))
            inputs += (_ffi.data_address(array), array.strides[0], operand.code, 0, *(operand.nulls or (0, 0)))
        else:
            address = cells.put(i, code, scalar_value(kernel.params[i].name, operand, code))
            inputs += (address, 0, code, 0, 0, 0)
    outputs: list[int] = []
    made: list[tuple[NdArray, NdArray | None]] = []
    for index, output in enumerate(kernel.outputs):
        dtype = _dtypes.NUMPY[output.code]
        values = np.empty(() if output.reduced else rows, dtype)
        bitmap = np.zeros((rows + 7) // 8, np.uint8) if not output.reduced and kernel.nullable(index) else None
        made.append((values, bitmap))
        place = 0 if bitmap is None else _ffi.data_address(bitmap)
        outputs += (_ffi.data_address(values), 0 if output.reduced else dtype.itemsize, output.code, 0, place, 0)
    threads = threads_for(rows)
    run_guarded(kernel, rows, lambda stop: kernel.eval_with(inputs, outputs, rows, threads, stop))
    return [
        values[()]
        if values.shape == ()
        else ArrowColumn(
            values, None if bitmap is None else np.unpackbits(bitmap, count=rows, bitorder="little").view(np.bool_)
        )
        for values, bitmap in made
    ]


def _rows(kernel: _ffi.Kernel, operands: Sequence[Operand]) -> int:
    """The common length. Columns with nulls are of that length themselves; other arrays broadcast."""
    with_nulls = [i for i, operand in enumerate(operands) if operand.nulls is not None]
    rows = len(operands[with_nulls[0]].value)
    for param, operand in zip(kernel.params, operands, strict=True):
        if not operand.is_array or operand.value.shape == (rows,):
            continue
        if operand.nulls is not None or operand.value.shape not in ((), (1,)):
            raise errors.make(
                errors.ExprShapeError,
                "EJ9003",
                f"'{param.name}' has shape {operand.value.shape}, next to an Arrow column with nulls of length {rows}",
                kernel.source,
                None,
                "an Arrow column with nulls goes with columns of its length and with scalars",
            )
    return rows
