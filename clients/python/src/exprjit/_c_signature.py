# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whether a ctypes function is what a signature such as "(f64, i64) -> f64" says."""

from __future__ import annotations

import ctypes
import re
from typing import Any

from . import errors

# What the types of a signature are in C, as ctypes has them.
_C_TYPES: dict[str, Any] = {
    "f64": ctypes.c_double,
    "f32": ctypes.c_float,
    "i64": ctypes.c_int64,
    "i32": ctypes.c_int32,
    "bool": ctypes.c_int32,
}


def check_signature(signature: str, function: Any, has_user_data: bool) -> None:
    """ArgumentError where ctypes knows that the function's types are others than the signature says."""
    arguments, result = getattr(function, "argtypes", None), getattr(function, "restype", None)
    words = re.fullmatch(r"\s*\(([\w\s,]*)\)\s*->\s*(\w+)\s*", signature)
    if arguments is None or words is None:
        return
    wanted = [word.strip() for word in words[1].split(",")] if words[1].strip() else []
    if any(word not in _C_TYPES for word in [*wanted, words[2]]):
        return  # the library says what is wrong with it
    given = list(arguments)[1:] if has_user_data else list(arguments)
    problem = ""
    if has_user_data and not arguments:
        problem = "it takes no arguments, and user_data is the first one"
    elif len(given) != len(wanted):
        beyond = " beyond user_data" if has_user_data else ""
        problem = f"it takes {len(given)} arguments{beyond}, the signature has {len(wanted)}"
    for k, (have, want) in enumerate(zip(given, wanted, strict=False), 1):
        problem = problem or _difference(f"argument {k}", have, want)
    problem = problem or _difference("the result", result, words[2])
    if problem:
        raise errors.make(
            errors.ArgumentError,
            "EJ9033",
            f"the ctypes function does not go with the signature {signature!r}: {problem}",
            hint="f64 is c_double, f32 c_float, i64 c_int64, i32 and bool c_int32"
            + ("" if has_user_data else "; a first argument of your own needs user_data="),
        )


def _difference(what: str, have: Any, want: str) -> str:
    code = getattr(have, "_type_", None)
    expected = _C_TYPES[want]
    same_kind = isinstance(code, str) and (code in "fdg") == (expected._type_ in "fdg")
    if same_kind and ctypes.sizeof(have) == ctypes.sizeof(expected):
        return ""
    return f"{what} is {getattr(have, '__name__', have)}, {want} in the signature is {expected.__name__}"
