# SPDX-License-Identifier: MIT OR Apache-2.0
"""What the library says of itself, and what a program changes in its default engine: definitions, functions, the
cache."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref, c_void_p
from typing import Any

from . import _codes
from ._abi import EngineStats, FunctionInfo, field_names, library
from ._ffi import decoded, take_error


def functions() -> list[dict[str, Any]]:
    """Every function and constant of the language."""
    found, item = [], FunctionInfo()
    for index in range(library.ej_function_count()):
        item.struct_size = ctypes.sizeof(item)
        library.ej_function_get(index, byref(item))
        found.append(
            {
                name: decoded(value) if isinstance(value := getattr(item, name), bytes) else value
                for name in field_names(FunctionInfo)
            }
        )
    return found


def pass_names() -> list[str]:
    """The optimiser's passes in order."""
    names: list[str] = []
    while (name := library.ej_pass_name(len(names))) is not None:
        names.append(decoded(name))
    return names


def stats() -> dict[str, int]:
    """Counters of the default engine."""
    found = EngineStats()
    library.ej_engine_get_stats(None, byref(found))
    return {name: getattr(found, name) for name in field_names(EngineStats)}


def cpu() -> tuple[str, str]:
    """The CPU's name and its best level ("v3"; "none" below v2)."""
    level = library.ej_cpu_isa()
    return decoded(library.ej_cpu_name()), _codes.ISA_NAMES[level] if level else "none"


def clear_cache() -> None:
    """Drops the default engine's cached kernels."""
    library.ej_engine_clear_cache(None)


# ---- Functions of one's own ------------------------------------------------------------------------------------------


def _c_text(what: str, text: str) -> bytes:
    if "\0" in text:
        raise ValueError(f"{what} contains a NUL character")
    return text.encode("utf-8", "surrogatepass")


def _change(call: Callable[..., int], source: str | None, *arguments: Any) -> None:
    error = c_void_p()
    if status := call(None, *arguments, byref(error)):
        raise take_error(status, error, source)


def define(text: str) -> None:
    """ej_engine_define on the default engine; this and the next two change what its texts mean."""
    _change(library.ej_engine_define, text, _c_text("the definition", text))


def add_function(name: str, signature: str, address: int, user_data: int | None, flags: int) -> None:
    texts = _c_text("the name", name), _c_text("the signature", signature)
    _change(library.ej_engine_add_function, None, *texts, address, user_data, flags)


def remove_function(name: str) -> None:
    _change(library.ej_engine_remove_function, None, _c_text("the name", name))
