# SPDX-License-Identifier: MIT OR Apache-2.0
"""The builder of exprjit.h as ctypes sees it, and the table of operations it builds from."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from functools import cache
from typing import Any, NamedTuple

from . import _ffi, errors
from ._abi import CompileOptions, Sized, library, library_held

#: What a call gives after a mistake.
NO_NODE = 0xFFFFFFFF


# fmt: off
class Type(ctypes.Structure):
    """ej_type."""

    _fields_ = [("element", c_int32), ("lanes", c_int32), ("rank", c_int32), ("is_mut", c_int32)]


class Number(ctypes.Union):
    """The value in an ej_value."""

    _fields_ = [("b", c_int32), ("i32", c_int32), ("i64", c_int64), ("f32", ctypes.c_float), ("f64", c_double)]


class Value(ctypes.Structure):
    """ej_value."""

    _fields_ = [("type", c_int32), ("reserved", c_int32), ("value", Number)]


class OpInfo(Sized):
    """ej_op_info."""

    _fields_ = [  # noqa: RUF012 - as ctypes wants it
        ("struct_size", c_size_t), ("code", c_int32), ("operand_count", c_int32), ("name", c_char_p),
        ("signature", c_char_p), ("types", c_char_p), ("lowering", c_char_p), ("ulp", c_double),
        ("ulp_f64", c_double), ("ulp_f32", c_double), ("fast_ulp_f64", c_double), ("fast_ulp_f32", c_double),
    ]
# fmt: on


_NODES = [c_void_p, c_void_p, c_size_t]
_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "ej_op_count": (c_size_t, []),
    "ej_op_get": (c_int32, [c_size_t, POINTER(OpInfo)]),
    "ej_builder_create": (c_int32, [POINTER(c_void_p)]),
    "ej_builder_destroy": (None, [c_void_p]),
    "ej_builder_reset": (None, [c_void_p]),
    "ej_builder_error": (c_void_p, [c_void_p]),
    "ej_builder_clear_error": (None, [c_void_p]),
    "ej_builder_node_count": (c_size_t, [c_void_p]),
    "ej_builder_type_of": (Type, [c_void_p, c_uint32]),
    "ej_builder_print": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "ej_builder_encode": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(c_void_p)]),
    "ej_engine_compile_builder": (c_int32, [c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "ej_builder_begin_function": (c_uint32, [c_void_p, c_char_p]),
    "ej_builder_param": (c_uint32, [c_void_p, c_char_p, Type]),
    "ej_builder_name_results": (None, [c_void_p, c_void_p, c_size_t]),
    "ej_builder_constant": (c_uint32, [c_void_p, Value]),
    "ej_builder_constant_lanes": (c_uint32, [c_void_p, Value, c_int32]),
    "ej_builder_unary": (c_uint32, [c_void_p, c_int32, c_uint32]),
    "ej_builder_binary": (c_uint32, [c_void_p, c_int32, c_uint32, c_uint32]),
    "ej_builder_ternary": (c_uint32, [c_void_p, c_int32, c_uint32, c_uint32, c_uint32]),
    "ej_builder_op": (c_uint32, [c_void_p, c_int32, c_void_p, c_size_t]),
    "ej_builder_convert": (c_uint32, [c_void_p, c_int32, c_uint32, c_int32]),
    "ej_builder_powi": (c_uint32, [c_void_p, c_uint32, c_int32]),
    "ej_builder_steps": (c_uint32, [c_void_p, c_void_p, c_size_t, c_void_p]),
    "ej_builder_any": (c_uint32, [c_void_p, c_uint32]),
    "ej_builder_count_lanes": (c_uint32, [c_void_p, c_uint32]),
    "ej_builder_splat": (c_uint32, [c_void_p, c_uint32, c_int32]),
    "ej_builder_extract": (c_uint32, [c_void_p, c_uint32, c_int32]),
    "ej_builder_iota": (c_uint32, [c_void_p, c_int32, c_int32]),
    "ej_builder_reduce": (c_uint32, [c_void_p, c_int32, c_uint32, c_uint32]),
    "ej_builder_table": (c_uint32, [c_void_p, c_int32, c_void_p, c_size_t]),
    "ej_builder_table_node": (c_uint32, [c_void_p, c_uint32]),
    "ej_builder_local": (c_uint32, [c_void_p, c_int32, c_size_t]),
    "ej_builder_load": (c_uint32, [c_void_p, c_uint32, c_void_p, c_size_t]),
    "ej_builder_store": (c_uint32, [c_void_p, c_uint32, c_void_p, c_size_t, c_uint32]),
    "ej_builder_len": (c_uint32, [c_void_p, c_uint32, c_int32]),
    "ej_builder_check": (c_uint32, [c_void_p, c_uint32, c_int32, c_uint32]),
    "ej_builder_call": (c_uint32, [c_void_p, c_uint32, c_void_p, c_size_t]),
    "ej_builder_begin_if": (c_uint32, [c_void_p, c_uint32]),
    "ej_builder_begin_else": (c_uint32, [c_void_p]),
    "ej_builder_end_if": (c_uint32, [c_void_p]),
    "ej_builder_begin_for": (c_uint32, [c_void_p, c_uint32, c_uint32, c_uint32, c_void_p, c_size_t]),
    "ej_builder_begin_loop": (c_uint32, _NODES),
    "ej_builder_end_loop": (c_uint32, [c_void_p]),
    "ej_builder_yield": (c_uint32, _NODES),
    "ej_builder_break": (c_uint32, [c_void_p, c_uint32, c_void_p, c_size_t]),
    "ej_builder_continue": (c_uint32, [c_void_p, c_uint32, c_void_p, c_size_t]),
    "ej_builder_return": (c_uint32, _NODES),
    "ej_builder_index": (c_uint32, [c_void_p, c_uint32]),
    "ej_builder_carried": (c_uint32, [c_void_p, c_uint32, c_size_t]),
    "ej_builder_result": (c_uint32, [c_void_p, c_uint32, c_size_t]),
}
for _name, (_result, _arguments) in _PROTOTYPES.items():
    # Threads that share a builder by mistake get nonsense, but each call has it to itself. Compiling does without the
    # GIL; the Builder has no handle meanwhile.
    _function = getattr(library if _name == "ej_engine_compile_builder" else library_held, _name)
    _function.restype, _function.argtypes = _result, _arguments


class Op(NamedTuple):
    """A value operation."""

    code: int
    operands: int
    result: str  #: "T": the type of its operands; "B": bool; "U": one that is chosen
    first_t: int  #: which operand has the type T


@cache
def operations() -> dict[str, Op]:
    """Every operation with operands and a value, by its name in IR text."""
    found, item = {}, OpInfo()
    for index in range(library_held.ej_op_count()):
        library_held.ej_op_get(index, byref(item))
        if item.lowering == b"structure":
            continue
        signature = item.signature.decode()
        result = signature[signature.index(">") + 1]
        found[item.name.decode()] = Op(item.code, item.operand_count, result, int(signature[0] == "B"))
    return found


def node_array(ids: list[int]) -> Any:
    """Nodes as the C functions take them; None for none."""
    return (c_uint32 * len(ids))(*ids) if ids else None


def node_room(count: int) -> Any:
    """Room for nodes that the library writes."""
    return (c_uint32 * count)()


def name_array(names: list[bytes]) -> Any:
    """Names as the C functions take them."""
    return (c_char_p * len(names))(*names)


def create_handle() -> c_void_p:
    """A new ej_builder."""
    handle = c_void_p()
    if library_held.ej_builder_create(byref(handle)):
        raise MemoryError("no memory for a builder")
    return handle


def newest_mistake(handle: c_void_p) -> errors.Diagnostic | None:
    """The mistake found last, which the builder then forgets if it can; None where memory ran out."""
    error = c_void_p(library_held.ej_builder_error(handle))
    if not error.value:
        return None
    found = _ffi._diagnostic(error, library.ej_error_count(error) - 1, b"")
    library_held.ej_builder_clear_error(handle)
    return found


def compile_handle(handle: c_void_p, options: _ffi.Options, trips: int) -> _ffi.Kernel:
    """Compiles what the builder holds, in which a node runs at most `trips` times. Raises the classes of
    exprjit.errors."""
    request = CompileOptions(tier=options.tier, isa=options.isa, flags=options.flags, accuracy=options.accuracy)
    pointer, error = c_void_p(), c_void_p()
    status = library.ej_engine_compile_builder(None, handle, byref(request), byref(pointer), byref(error))
    if status or pointer.value is None:
        raise _ffi.take_error(status, error, None)
    return _ffi.Kernel(pointer.value, "", trips)


def encode_handle(handle: c_void_p) -> bytes:
    """The program as IR bytes."""
    return _ffi.take_bytes(library_held.ej_builder_encode, handle, None)


def print_handle(handle: c_void_p) -> str:
    """The program so far as IR text."""
    out, error = c_void_p(), c_void_p()
    status = library_held.ej_builder_print(handle, byref(out), byref(error))
    if status:
        raise _ffi.take_error(status, error, None)
    try:
        return ctypes.string_at(out.value or 0).decode("utf-8", "replace")
    finally:
        library.ej_string_free(out)
