# SPDX-License-Identifier: MIT OR Apache-2.0
"""A text with its options: which variables it has, and its kernels by the types of those variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from . import _codes, _dtypes, _engine, _ffi, errors
from ._operands import Operand, find_name, specialised_codes, unquote

# Kernels kept per text, by types; and rounds of asking the library for unknown names, which reports a few at a time.
_MAX_KERNELS = 64
MAX_CACHED_TEXT = 65_536
_MAX_NAME_ROUNDS = 1000
# The library's code for a name that is neither a variable nor a constant nor a function.
_UNKNOWN_VARIABLE = "EJ1100"

K = TypeVar("K")
V = TypeVar("V")


def make_options(
    tier: str = "auto",
    isa: str = "auto",
    fast: str | Iterable[str] = (),
    div: str = "error",
    caret: str = "power",
    accuracy: str = "1ulp",
) -> _ffi.Options:
    """Compile options from their Python spellings. ValueError names the choices for a wrong one."""
    names = [fast] if isinstance(fast, str) else list(fast)
    flags = 0
    for name in names:
        flags |= _choice("fast", name, _codes.FLAGS)
    return _ffi.Options(
        _choice("div", div, _codes.DIVS),
        _choice("caret", caret, _codes.CARETS),
        _choice("tier", tier, _codes.TIERS),
        _choice("isa", isa, _codes.ISAS),
        flags,
        _choice("accuracy", accuracy, _codes.ACCURACIES),
    )


def option_words(options: _ffi.Options) -> dict[str, Any]:
    """The inverse of make_options: keyword arguments that differ from the defaults."""
    words: dict[str, Any] = {}
    for name, table in (
        ("div", _codes.DIVS),
        ("caret", _codes.CARETS),
        ("tier", _codes.TIERS),
        ("isa", _codes.ISAS),
        ("accuracy", _codes.ACCURACIES),
    ):
        code = getattr(options, name)
        if code:
            words[name] = next(word for word, value in table.items() if value == code)
    if options.flags:
        words["fast"] = tuple(word for word, bit in _codes.FLAGS.items() if options.flags & bit)
    return words


def _choice(option: str, word: Any, table: dict[str, int]) -> int:
    if isinstance(word, str) and word in table:
        return table[word]
    raise ValueError(f"{option}={word!r} is not known; choose one of {', '.join(map(repr, table))}")


def check_text(text: Any) -> str:
    """The text, if it is one. A function gets the way out, since decorating functions is a plausible thing to try."""
    if isinstance(text, str):
        return text
    if callable(text):
        raise errors.make(
            errors.UnsupportedError,
            "EJ9006",
            "compiling Python functions is not available in this version",
            hint='write the function\'s body as a text, such as ej.jit("a * b + c")',
        )
    raise errors.make(errors.ExprTypeError, "EJ9001", f"an expression is a str, not {type(text).__name__}")


def remember(cache: dict[K, V], key: K, value: V, bound: int) -> V:
    """The value under `key`, which is added if it is not there; a full cache drops its oldest entries first.

    Needs no lock: each step is atomic, and a lost race costs only an entry that is made again.
    """
    if key not in cache:
        while len(cache) >= bound:
            try:
                cache.pop(next(iter(cache)), None)
            except (StopIteration, RuntimeError):  # another thread changed the dict in between
                break
    return cache.setdefault(key, value)


class Program:
    """A text and its options. Safe to share between threads; holds kernels and no values."""

    __slots__ = ("_kernels", "_names", "_reserved", "options", "plans", "source")

    def __init__(self, source: str, options: _ffi.Options) -> None:
        self.source, self.options = source, options
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._reserved: tuple[str, ...] | None = None
        #: For ej.evaluate: the plans for calls, by the variables' names.
        self.plans: dict[tuple[str, ...], Any] = {}
        self._kernels: dict[tuple[Any, ...], _ffi.Kernel] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The variables in order of first use. Raises what is wrong with the text apart from types."""
        return self.names_with(())

    def names_with(self, extra: tuple[str, ...]) -> tuple[str, ...]:
        """The variables when the names in `extra`, which the language uses for itself, are variables too: those
        first."""
        names = self._names.get(extra)
        if names is None:
            names = remember(self._names, extra, self._find_names(extra), _MAX_KERNELS)
        return names

    @property
    def reserved(self) -> tuple[str, ...]:
        """The language's own names that stand in the text as a variable would, and are not called."""
        if self._reserved is None:
            self._reserved = tuple(
                name
                for name in language_names()
                if name in self.source and find_name(self.source, name) and not _called(self.source, name)
            )
        return self._reserved

    def _find_names(self, extra: tuple[str, ...]) -> tuple[str, ...]:
        # What a zero divisor does is no matter of names, and `x // 0` is to fail when it is run.
        options = self.options._replace(div=_codes.DIVS["zero"])
        declared = [(name, _dtypes.F64) for name in extra]
        try:
            return tuple(param.name for param in _ffi.compile_text(self.source, declared, options, exact=False).params)
        except (errors.ExprTypeError, errors.ExprDomainError):
            # As f64 the text makes no sense (`a & b`); it may with other types. Then the names come from the errors
            # that a compilation without variables reports.
            return extra + self._names_from_errors(extra, options)

    def _names_from_errors(self, extra: tuple[str, ...], options: _ffi.Options) -> tuple[str, ...]:
        places: dict[str, int] = {}
        for _ in range(_MAX_NAME_ROUNDS):
            try:
                # In error recovery types do not matter, so any will do.
                _ffi.compile_text(self.source, [(name, _dtypes.I64) for name in (*extra, *places)], options)
                break
            except errors.ExprJITError as error:
                before = len(places)
                for diagnostic in error.diagnostics:
                    if diagnostic.code == _UNKNOWN_VARIABLE and diagnostic.span is not None:
                        begin, end = diagnostic.span
                        places.setdefault(unquote(self.source[begin:end]), begin)
                if len(places) == before:
                    if isinstance(error, (errors.ExprTypeError, errors.ExprDomainError)):
                        break  # the types of a call decide
                    raise
        return tuple(sorted(places, key=places.__getitem__))

    def kernel(self, names: Sequence[str], codes: tuple[int, ...], div: int | None = None) -> _ffi.Kernel:
        """The kernel for variables of these types, in this order. `div` replaces the option of that name."""
        key = (names, codes, div)
        kernel = self._kernels.get(key)
        if kernel is None:
            options = self.options if div is None else self.options._replace(div=div)
            kernel = _ffi.compile_text(self.source, list(zip(names, codes, strict=True)), options)
            remember(self._kernels, key, kernel, _MAX_KERNELS)
        return kernel

    def kernel_for(self, names: tuple[str, ...], operands: Sequence[Operand], div: int | None = None) -> _ffi.Kernel:
        """The kernel for these operands, Python numbers being weak."""
        weak, plain = specialised_codes(operands)
        kernel = self._kernels.get((names, weak, div))
        if kernel is not None:
            return kernel
        try:
            return self.kernel(names, weak, div)
        except errors.ExprTypeError:
            # `x * (n << 1)` with floats in x and a Python int n: as a float n cannot be shifted, as an int it can.
            # Which of the two holds depends on the text and the types only.
            if plain == weak:
                raise
            try:
                kernel = self.kernel(names, plain, div)
            except errors.ExprTypeError:
                pass
            else:
                return remember(self._kernels, (names, weak, div), kernel, _MAX_KERNELS)
            raise

    def signatures(self) -> list[str]:
        """The signatures of the kernels made so far."""
        return list(dict.fromkeys(kernel.signature() for kernel in list(self._kernels.values())))


def _called(source: str, name: str) -> bool:
    return re.search(rf"(?<![\w`]){re.escape(name)}\s*\(", source) is not None


def program(source: str, options: _ffi.Options) -> Program:
    """The shared Program for a text and options. Very long texts are not kept."""
    return _cached_program(source, options) if len(source) <= MAX_CACHED_TEXT else Program(source, options)


@lru_cache(maxsize=256)
def _cached_program(source: str, options: _ffi.Options) -> Program:
    return Program(source, options)


def forget() -> None:
    """Drops the shared Programs; those that somebody holds stay."""
    _cached_program.cache_clear()


@lru_cache(maxsize=1)
def language_names() -> tuple[str, ...]:
    """The names of the language's constants and functions, aliases included."""
    return tuple(
        dict.fromkeys(name for item in _engine.functions() for name in (item["name"], *item["aliases"].split()))
    )
