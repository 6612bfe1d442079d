# SPDX-License-Identifier: MIT OR Apache-2.0
"""The Arrow C Data Interface and its PyCapsules through ctypes: reading what others export, exporting our own.

Needs no Arrow library. Everything exported is owned by `_alive` until the consumer calls its release function.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Sequence
from ctypes import POINTER, byref, c_char_p, c_int64, c_void_p, pythonapi
from typing import Any, NamedTuple

import numpy as np

from . import _dtypes, _ffi
from ._abi import library

_SCHEMA_NAME, _ARRAY_NAME = b"arrow_schema", b"arrow_array"
_NULLABLE = 2


class Schema(ctypes.Structure):
    """struct ArrowSchema"""

    _fields_ = [
        ("format", c_char_p), ("name", c_char_p), ("metadata", c_char_p), ("flags", c_int64), ("n_children", c_int64),
        ("children", POINTER(c_void_p)), ("dictionary", c_void_p), ("release", c_void_p), ("private_data", c_void_p),
    ]  # fmt: skip


class Array(ctypes.Structure):
    """struct ArrowArray"""

    _fields_ = [
        ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64),
        ("n_children", c_int64), ("buffers", POINTER(c_void_p)), ("children", POINTER(c_void_p)),
        ("dictionary", c_void_p), ("release", c_void_p), ("private_data", c_void_p),
    ]  # fmt: skip


FORMATS = {
    "b": _dtypes.BOOL, "c": _dtypes.I8, "C": _dtypes.U8, "s": _dtypes.I16, "S": _dtypes.U16, "i": _dtypes.I32,
    "I": _dtypes.U32, "l": _dtypes.I64, "L": _dtypes.U64, "e": _dtypes.F16, "f": _dtypes.F32, "g": _dtypes.F64,
}  # fmt: skip
_FORMAT_OF = {_dtypes.NUMPY[code]: letter.encode() for letter, code in FORMATS.items()}

_RELEASE = ctypes.CFUNCTYPE(None, c_void_p)
_DESTRUCTOR = ctypes.PYFUNCTYPE(None, c_void_p)
_new_capsule = ctypes.PYFUNCTYPE(ctypes.py_object, c_void_p, c_char_p, c_void_p)(("PyCapsule_New", pythonapi))
_capsule_pointer = ctypes.PYFUNCTYPE(c_void_p, ctypes.py_object, c_char_p)(("PyCapsule_GetPointer", pythonapi))
# For a capsule that is being destroyed, which nobody may take a reference to any more.
_dying_pointer = ctypes.PYFUNCTYPE(c_void_p, c_void_p, c_char_p)(("PyCapsule_GetPointer", pythonapi))

# What exported structures point to, by private_data; and the structures inside capsules, by address.
_alive: dict[int, Any] = {}
_capsuled: dict[int, Schema | Array] = {}
_keys = itertools.count(1)


# ---- Reading ---------------------------------------------------------------------------------------------------------


class Borrowed(NamedTuple):
    """A structure of somebody else, alive as long as `owner` is."""

    schema: Schema
    array: Array
    owner: Any


def borrow(exporter: Any) -> Borrowed:
    """What `exporter.__arrow_c_array__()` gives. Its errors pass through; TypeError for what are no such capsules."""
    capsules = exporter.__arrow_c_array__()
    try:
        schema_capsule, array_capsule = capsules
        schema = _capsule_pointer(schema_capsule, _SCHEMA_NAME)
        array = _capsule_pointer(array_capsule, _ARRAY_NAME)
    except (TypeError, ValueError) as problem:
        raise TypeError(f"__arrow_c_array__ gave no arrow_schema and arrow_array capsules: {problem}") from None
    found = Borrowed(Schema.from_address(schema), Array.from_address(array), capsules)
    if not found.schema.release or not found.array.release:
        raise TypeError("__arrow_c_array__ gave a structure that was released already")
    return found


def children(parent: Borrowed) -> list[Borrowed]:
    """The fields of a struct array, sharing its owner."""
    return [
        Borrowed(
            Schema.from_address(parent.schema.children[i]), Array.from_address(parent.array.children[i]), parent.owner
        )
        for i in range(parent.schema.n_children)
    ]


def text_of(raw: bytes | None) -> str:
    """A format or a name."""
    return raw.decode("utf-8", "replace") if raw else ""


def values_of(found: Borrowed) -> np.ndarray[Any, Any]:
    """The elements of a primitive array whose format is in FORMATS: a view, except for bools, which Arrow packs in
    bits."""
    dtype = _dtypes.NUMPY[FORMATS[text_of(found.schema.format)]]
    length, offset = found.array.length, found.array.offset
    address = found.array.buffers[1] if found.array.n_buffers > 1 else None
    if not length or not address:
        return np.zeros(length, dtype)
    if dtype == np.bool_:
        return _bits(address, offset, length, found.owner)
    view: np.ndarray[Any, Any] = np.frombuffer(_memory(address, (offset + length) * dtype.itemsize, found.owner), dtype)
    view.flags.writeable = False
    return view[offset:]


def validity_of(found: Borrowed) -> tuple[int, int] | None:
    """Address of the bitmap and the bit of the first element; None if there are no nulls."""
    address = found.array.buffers[0] if found.array.n_buffers else None
    return (address, found.array.offset) if address and found.array.null_count != 0 and found.array.length else None


def valid_of(found: Borrowed) -> np.ndarray[Any, Any] | None:
    """The same as bools."""
    bitmap = validity_of(found)
    return None if bitmap is None else _bits(*bitmap, found.array.length, found.owner)


def _bits(address: int, offset: int, length: int, owner: Any) -> np.ndarray[Any, Any]:
    packed: np.ndarray[Any, Any] = np.frombuffer(_memory(address, (offset + length + 7) // 8, owner), np.uint8)
    bits: np.ndarray[Any, Any] = np.unpackbits(packed, count=offset + length, bitorder="little")
    return bits[offset:].view(np.bool_)


def _memory(address: int, size: int, owner: Any) -> Any:
    """A buffer that keeps `owner` alive."""
    memory: Any = (ctypes.c_char * size).from_address(address)
    memory.owner = owner
    return memory


# ---- Exporting -------------------------------------------------------------------------------------------------------


def _release(structure: Schema | Array) -> None:
    for i in range(structure.n_children):
        child = type(structure).from_address(structure.children[i])
        if child.release:
            _RELEASE(child.release)(structure.children[i])
    _alive.pop(structure.private_data, None)
    structure.release = None


def _destroy(address: int) -> None:
    structure = _capsuled.pop(address, None)
    # A consumer that has moved the structure out has set its release to NULL.
    if structure is not None and structure.release:
        _RELEASE(structure.release)(address)


_release_schema = _RELEASE(lambda address: _release(Schema.from_address(address)))
_release_array = _RELEASE(lambda address: _release(Array.from_address(address)))
_destroy_schema = _DESTRUCTOR(lambda capsule: _destroy(_dying_pointer(capsule, _SCHEMA_NAME)))
_destroy_array = _DESTRUCTOR(lambda capsule: _destroy(_dying_pointer(capsule, _ARRAY_NAME)))


def _keep(structure: Schema | Array, release: Any, kept: Any) -> None:
    key = next(_keys)
    structure.private_data, structure.release = key, ctypes.cast(release, c_void_p).value
    _alive[key] = kept


def _pointers(structures: Sequence[ctypes.Structure]) -> Any:
    return (c_void_p * len(structures))(*map(ctypes.addressof, structures))


def primitive_schema(dtype: np.dtype[Any], name: str = "", nullable: bool = True) -> Schema:
    """The schema of a column."""
    made = Schema(format=_FORMAT_OF[dtype], name=name.encode(), flags=_NULLABLE if nullable else 0)
    _keep(made, _release_schema, None)
    return made


def primitive_array(values: np.ndarray[Any, Any], valid: np.ndarray[Any, Any] | None) -> Array:
    """An array of contiguous values; shares their memory, except for bools."""
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else np.ascontiguousarray(values)
    bitmap = None if valid is None else np.packbits(valid, bitorder="little")
    buffers = (c_void_p * 2)(None if bitmap is None else _ffi.data_address(bitmap), _ffi.data_address(data))
    made = Array(
        length=len(values),
        null_count=0 if valid is None else len(values) - int(np.count_nonzero(valid)),
        n_buffers=2,
        buffers=buffers,
    )
    _keep(made, _release_array, (data, bitmap, buffers))
    return made


def struct_schema(fields: Sequence[Schema]) -> Schema:
    """The schema of a record batch."""
    pointers = _pointers(fields)
    made = Schema(format=b"+s", name=b"", n_children=len(fields), children=pointers)
    _keep(made, _release_schema, (list(fields), pointers))
    return made


def struct_array(length: int, fields: Sequence[Array]) -> Array:
    """A record batch."""
    pointers, buffers = _pointers(fields), (c_void_p * 1)()
    made = Array(length=length, n_buffers=1, n_children=len(fields), buffers=buffers, children=pointers)
    _keep(made, _release_array, (list(fields), pointers, buffers))
    return made


def schema_capsule(schema: Schema) -> Any:
    """A capsule that owns the schema."""
    address = ctypes.addressof(schema)
    _capsuled[address] = schema
    return _new_capsule(address, _SCHEMA_NAME, ctypes.cast(_destroy_schema, c_void_p))


def array_capsule(array: Array) -> Any:
    """A capsule that owns the array."""
    address = ctypes.addressof(array)
    _capsuled[address] = array
    return _new_capsule(address, _ARRAY_NAME, ctypes.cast(_destroy_array, c_void_p))


# ---- Evaluating ------------------------------------------------------------------------------------------------------


class _Owned:
    """A structure that came from the library, released when the last view of it goes."""

    def __init__(self) -> None:
        self.schema, self.array = Schema(), Array()

    def __del__(self, _release: Any = _RELEASE, _address: Any = ctypes.addressof) -> None:
        for structure in (self.schema, self.array):
            if structure.release:
                _release(structure.release)(_address(structure))


def eval_batch(kernel: _ffi.Kernel, batch: Borrowed, threads: int, stop: _ffi.StopWord | None) -> Borrowed:
    """ej_kernel_eval_arrow: a record batch (or, for a kernel with one parameter, an array) to a record batch."""
    result, error = _Owned(), c_void_p()
    status = library.ej_kernel_eval_arrow(
        kernel.pointer,
        _ffi.run_options(threads, stop),
        ctypes.addressof(batch.schema),
        ctypes.addressof(batch.array),
        ctypes.addressof(result.schema),
        ctypes.addressof(result.array),
        byref(error),
    )
    if status:
        raise _ffi.take_error(status, error, kernel.source)
    return Borrowed(result.schema, result.array, result)
