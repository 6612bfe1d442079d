# SPDX-License-Identifier: MIT OR Apache-2.0
"""Functions that are added to the language: expressions with parameters, and C functions."""

from __future__ import annotations

from typing import Any

from . import _abi, _c_signature, _engine, _evaluate, _host, _jit, _program

_PURE, _NO_USER_DATA = 1, 2


def define(definition: str, /) -> None:
    """Adds a function to the language: `ej.define("f(x, y) = x*y + 1")`, then `ej.evaluate("f(a, 2)")`.

    Its parameters have no types: every use is compiled for the types of its arguments. The body sees its parameters,
    constants, built-in functions and functions defined before, never the variables of the text that calls it. A later
    definition of the same name replaces the earlier one for texts compiled afterwards; Function objects that exist keep
    what they were compiled with.

    Raises ExprSyntaxError, ExprNameError, ExprTypeError or LimitError, with the place in the definition.
    """
    if not isinstance(definition, str):
        raise TypeError(f"a definition is a str such as 'f(x) = x + 1', not {type(definition).__name__}")
    _host.define(definition, lambda: _engine.define(definition))
    _forget()


def add_function(name: str, signature: str, function: Any, /, *, pure: bool = False, user_data: Any = None) -> None:
    """Adds a C function to the language: `ej.add_function("j0", "(f64) -> f64", libm.j0, pure=True)`.

    `function` is a ctypes function or an address; it is called as `signature` says: f64 is double, f32 float, i64
    int64_t, i32 int32_t, bool int32_t. With `user_data` (an address, or a ctypes pointer) the C function takes that as
    its first argument, before those of the signature. `pure` says that the result depends on the arguments only: calls
    may then be merged, left out, and made by several threads. Otherwise there is one call for each row, in order. What
    is passed here is kept alive for as long as it is in the language or something compiled can call it. A signature
    that contradicts what ctypes knows of the function (argtypes, restype) is refused; a wrong one that it knows nothing
    of, or a wrong address, crashes the process, as everywhere in ctypes.

    Raises ExprNameError or ArgumentError.
    """
    flags = (_PURE if pure else 0) | (_NO_USER_DATA if user_data is None else 0)
    data = None if user_data is None else _abi.address_of(user_data)
    address = _abi.address_of(function)
    _c_signature.check_signature(signature, function, user_data is not None)
    _host.change(name, (function, user_data), lambda: _engine.add_function(name, signature, address, data, flags))
    _forget()


def remove_function(name: str, /) -> None:
    """Takes a function that was defined or added out of the language. Function objects that call it go on working."""
    _host.change(name, None, lambda: _engine.remove_function(name))
    _forget()


def _forget() -> None:
    """Texts mean something else now; what was made of them is not used again."""
    _program.forget()
    _evaluate.forget()
    _jit.forget()
