# SPDX-License-Identifier: MIT OR Apache-2.0
"""The C ABI as ctypes sees it: the structures and functions of exprjit.h, and loading the library that has them."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any

from . import _locate

ABI_VERSION = 0

# fmt: off
# ---- Structures, as in exprjit.h -------------------------------------------------------------------------------------


class Sized(ctypes.Structure):
    """A struct that begins with its own size."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **fields)


def field_names(struct: type[ctypes.Structure]) -> list[str]:
    """The names of a sized struct's fields, without its size and padding."""
    return [field[0] for field in struct._fields_ if field[0] not in ("struct_size", "reserved")]


class Param(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("type", c_int32), ("reserved", c_int32)]


class CompileOptions(Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("params", POINTER(Param)), ("param_count", c_size_t),
        ("params_declared", c_int32), ("result_type", c_int32), ("div_mode", c_int32), ("caret", c_int32),
        ("tier", c_int32), ("isa", c_int32), ("flags", c_uint32), ("accuracy", c_int32), ("source_name", c_char_p),
    ]


class Diagnostic(Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("code", c_int32), ("status", c_int32), ("message", c_char_p), ("hint", c_char_p),
        ("begin", c_size_t), ("end", c_size_t), ("line", c_int32), ("column", c_int32),
    ]


class EngineStats(Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("compiles", c_uint64), ("text_hits", c_uint64), ("canonical_hits", c_uint64),
        ("misses", c_uint64), ("evictions", c_uint64), ("entries", c_uint64), ("cache_bytes", c_uint64),
        ("code_bytes", c_uint64), ("arena_bytes", c_uint64), ("isa", c_int32), ("jit", c_int32),
    ]


class OutputInfo(Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("name", c_char_p), ("type", c_int32), ("is_reduced", c_int32),
        ("is_nullable", c_int32), ("reserved", c_int32),
    ]


class KernelInfo(Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("tier", c_int32), ("isa", c_int32), ("needs_context", c_int32),
        ("cache_hit", c_int32), ("nodes", c_uint64), ("code_bytes", c_uint64), ("memory_bytes", c_uint64),
        ("spills", c_uint64),
    ]


class Timings(Sized):
    _fields_ = [("struct_size", c_size_t)] + [
        (name, c_uint64)
        for name in ("total", "parse", "verify", "key", "optimise", "uses", "allocate", "emit", "install")
    ]


class FunctionInfo(Sized):
    _fields_ = [
        ("struct_size", c_size_t), ("name", c_char_p), ("aliases", c_char_p), ("parameters", c_char_p),
        ("category", c_char_p), ("summary", c_char_p), ("min_args", c_int32), ("max_args", c_int32),
        ("is_constant", c_int32), ("reserved", c_int32),
    ]
# fmt: on


# ---- Loading ---------------------------------------------------------------------------------------------------------

# name: (result, arguments). void* is used wherever bytes or addresses are passed, because ctypes takes both for it.
_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "ej_version": (c_char_p, []),
    "ej_abi_version": (c_int32, []),
    "ej_status_name": (c_char_p, [c_int32]),
    "ej_engine_compile_n": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, POINTER(CompileOptions), POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "ej_engine_compile_ir": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, POINTER(CompileOptions), POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "ej_engine_compile_bytes": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, POINTER(CompileOptions), POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "ej_kernel_call": (c_int32, [c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p]),
    "ej_kernel_eval": (c_int32, [c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_int64, c_void_p]),
    "ej_kernel_eval_with": (c_int32, [c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_int64, c_void_p]),
    "ej_kernel_eval_selected": (
        c_int32,
        [c_void_p, c_void_p, c_void_p, c_size_t, c_int64, c_void_p, c_int64, c_void_p, c_size_t, c_void_p],
    ),
    "ej_kernel_eval_arrow": (c_int32, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, POINTER(c_void_p)]),
    "ej_kernel_encode": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_size_t), POINTER(c_void_p)]),
    "ej_bytes_free": (None, [c_void_p]),
    "ej_kernel_numpy_loop": (None, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "ej_kernel_is_reducing": (c_int32, [c_void_p]),
    "ej_kernel_get_output_info": (c_int32, [c_void_p, c_size_t, POINTER(OutputInfo)]),
    "ej_kernel_release": (None, [c_void_p]),
    "ej_kernel_param_count": (c_size_t, [c_void_p]),
    "ej_kernel_output_count": (c_size_t, [c_void_p]),
    "ej_kernel_get_param": (c_int32, [c_void_p, c_size_t, POINTER(Param)]),
    "ej_kernel_get_output": (c_int32, [c_void_p, c_size_t, POINTER(Param)]),
    "ej_kernel_signature": (c_char_p, [c_void_p]),
    "ej_kernel_get_info": (c_int32, [c_void_p, POINTER(KernelInfo)]),
    "ej_kernel_get_timings": (c_int32, [c_void_p, POINTER(Timings)]),
    "ej_kernel_get_entry": (c_int32, [c_void_p, POINTER(c_void_p)]),
    "ej_kernel_dump": (c_int32, [c_void_p, c_int32, c_char_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "ej_string_free": (None, [c_void_p]),
    "ej_error_message": (c_char_p, [c_void_p]),
    "ej_error_render": (c_char_p, [c_void_p]),
    "ej_error_destroy": (None, [c_void_p]),
    "ej_error_count": (c_size_t, [c_void_p]),
    "ej_error_get": (c_int32, [c_void_p, c_size_t, POINTER(Diagnostic)]),
    "ej_error_row": (c_int64, [c_void_p]),
    "ej_engine_clear_cache": (None, [c_void_p]),
    "ej_engine_define": (c_int32, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "ej_engine_add_function": (
        c_int32,
        [c_void_p, c_char_p, c_char_p, c_void_p, c_void_p, c_uint32, POINTER(c_void_p)],
    ),
    "ej_engine_remove_function": (c_int32, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "ej_engine_get_stats": (c_int32, [c_void_p, POINTER(EngineStats)]),
    "ej_pass_name": (c_char_p, [c_size_t]),
    "ej_cpu_isa": (c_int32, []),
    "ej_cpu_name": (c_char_p, []),
    "ej_function_count": (c_size_t, []),
    "ej_function_get": (c_int32, [c_size_t, POINTER(FunctionInfo)]),
}


def address_of(value: Any) -> int:
    """An address as it stands, or that of a ctypes function or pointer."""
    if isinstance(value, int):
        return value
    try:
        return ctypes.cast(value, c_void_p).value or 0
    except (ctypes.ArgumentError, TypeError):
        raise TypeError(
            f"expected a ctypes function, a ctypes pointer or an address, not {type(value).__name__}; a Python "
            "function is wrapped as in ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(f)"
        ) from None


def _load() -> tuple[ctypes.CDLL, str]:
    """The first candidate that loads, with its ABI checked. ImportError lists everything that was tried."""
    tried = []
    for candidate in _locate.candidates():
        try:
            library = ctypes.CDLL(candidate.target)
        except OSError as problem:
            # dlopen begins its message with the path that is printed anyway.
            tried.append((candidate, str(problem).removeprefix(f"{candidate.target}: ")))
            continue
        try:
            for name, (result, arguments) in _PROTOTYPES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except AttributeError as problem:
            raise ImportError(
                f"{candidate.target} ({candidate.reason}) is not a libexprjit this package can use: {problem}. "
                "Install the library and the Python package from the same version."
            ) from None
        found = library.ej_abi_version()
        if found != ABI_VERSION:
            raise ImportError(
                f"this exprjit package needs libexprjit ABI {ABI_VERSION}, found ABI {found} "
                f"(version {library.ej_version().decode()}) at {candidate.target} ({candidate.reason}). "
                "Install the library and the Python package from the same version."
            )
        return library, candidate.target
    raise ImportError(_locate.not_found_message(tried))


library, library_path = _load()
#: The same library for calls that keep the GIL: short ones, on objects that two threads must not change at once.
library_held = ctypes.PyDLL(library_path)
library_version: str = library.ej_version().decode()
