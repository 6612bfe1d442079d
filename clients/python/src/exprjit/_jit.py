# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ej.jit`: an expression that is compiled for the types it is called with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from weakref import WeakSet

from . import _calling, _ffi
from ._dispatch import Dispatched
from ._operands import Operand
from ._program import Program, check_text, make_options, option_words


class JitFunction(Dispatched):
    """An expression specialised on the types of its arguments at each call.

    Python int, float and bool are i64, f64 and bool; NumPy scalars and arrays have their own types; next to those,
    Python numbers are weak as in NumPy 2. Functions of one's own mean what they mean at the time of the call. Safe to
    call from any number of threads; pickles as its text and options.
    """

    __slots__ = ("_program",)

    def __init__(self, program: Program) -> None:
        self._begin(program)
        _alive.add(self)

    def _begin(self, program: Program) -> None:
        self._program = program
        self._dispatch(partial(_prepare, program))

    @property
    def source(self) -> str:
        """The text."""
        return self._program.source

    @property
    def params(self) -> tuple[str, ...]:
        """The names of the parameters, in order of first use."""
        return self._program.names

    @property
    def signatures(self) -> list[str]:
        """The signatures compiled so far."""
        return self._program.signatures()

    def __repr__(self) -> str:
        text = self.source if len(self.source) <= 60 else self.source[:57] + "…"
        return f"<exprjit.JitFunction {text!r}>"

    def __reduce__(self) -> Any:
        return _restore, (self.source, option_words(self._program.options))

    def __copy__(self) -> JitFunction:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> JitFunction:
        return self


_alive: WeakSet[JitFunction] = WeakSet()


def _prepare(program: Program, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[_ffi.Kernel, list[Operand]]:
    names = program.names
    operands = _calling.classify_all(names, _calling.bind(names, args, kwargs, program.source), program.source)
    return program.kernel_for(names, operands), operands


def forget() -> None:
    """Texts mean something else now: every function that exists begins anew with its own."""
    while True:
        try:
            functions = list(_alive)
            break
        except RuntimeError:  # another thread made one in between; a lock could be held while the process forks
            continue
    for function in functions:
        function._begin(Program(function.source, function._program.options))


def _restore(source: str, words: dict[str, Any]) -> JitFunction:
    return jit(source, **words)


def jit(
    expression: str,
    /,
    *,
    tier: str = "auto",
    isa: str = "auto",
    fast: str | Iterable[str] = (),
    div: str = "error",
    caret: str = "power",
    accuracy: str = "1ulp",
) -> JitFunction:
    """A function from a text: `ej.jit("a * b + c")(3, 4, 5)` is 17.

    Parameters are in order of first use. The text is checked now; it is compiled at the first call with each
    combination of types. Options as in `ej.compile`. Integer // and % by zero raise ZeroDivisionError; a Python int
    that does not fit in 64 bits raises OverflowError. Raises ExprSyntaxError, ExprNameError, LimitError or ValueError
    for the text or an option, and UnsupportedError for a Python function, which a later version will take.
    """
    program = Program(check_text(expression), make_options(tier, isa, fast, div, caret, accuracy))
    program.names  # noqa: B018 - finds what is wrong with the text here and not at the first call
    return JitFunction(program)
