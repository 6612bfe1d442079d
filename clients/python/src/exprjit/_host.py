# SPDX-License-Identifier: MIT OR Apache-2.0
"""What keeps functions of one's own alive: kernels may call them for as long as they exist.

Every kernel made of a text holds the table of the functions that were in the language then. A function that was replaced or
removed goes with the last kernel that could call it. (Definitions call whatever has the name when they are compiled.)
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from . import errors

# What the types of a signature are in C, as ctypes has them.
_C_TYPES = {
    "f64": ctypes.c_double,
    "f32": ctypes.c_float,
    "i64": ctypes.c_int64,
    "i32": ctypes.c_int32,
    "bool": ctypes.c_int32,
}


#: What the C functions in the language need, by their names; never changed, only replaced.
table: Mapping[str, Any] = {}
_lock = Lock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def change(name: str, kept: Any, call: Callable[[], None]) -> None:
    """Makes `call` change the meaning of a name in the library, to a C function that needs `kept`, or none for None."""
    global table
    with _lock:
        before = table
        after = {key: value for key, value in before.items() if key != name}
        if kept is not None:
            after[name] = kept
        # A text compiled right now may get the old or the new one.
        table = {**before, name: (before.get(name), kept)}
        try:
            call()
        except BaseException:
            table = before
            raise
        table = after


def define(text: str, call: Callable[[], None]) -> None:
    """The same for a definition, which may replace a C function."""
    found = re.match(r"\s*`?(\w+)", text)
    change(found[1] if found else "", None, call)


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
    if isinstance(code, str) and (code in "fdg") == (expected._type_ in "fdg"):
        if ctypes.sizeof(have) == ctypes.sizeof(expected):
            return ""
    return f"{what} is {getattr(have, '__name__', have)}, {want} in the signature is {expected.__name__}"
