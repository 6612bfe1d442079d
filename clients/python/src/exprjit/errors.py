# SPDX-License-Identifier: MIT OR Apache-2.0
"""The exceptions of exprjit. All derive from ExprJITError and from the built-in exception a Python user would
expect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

_FILE_NAME = "<expression>"
# Longest piece of a source line that is shown; texts may be a megabyte on one line.
_WINDOW = 120


class Diagnostic(NamedTuple):
    """One thing that is wrong, with its place in the text."""

    code: str  #: stable identifier such as "EJ1203"
    kind: str  #: "syntax error", "type error", …
    message: str  #: one line
    hint: str  #: what to do about it, or ""
    span: tuple[int, int] | None  #: characters of the source, end exclusive
    line: int  #: from 1; 0 without a position
    column: int  #: from 1, in characters


class ExprJITError(Exception):
    """Base of every error exprjit raises.

    `source` is the expression, `span` the (begin, end) characters of the first problem or None, `hint` what to do about
    it, `code` a stable identifier such as "EJ1203", and `diagnostics` everything that was found. `row` is the lowest
    failing row and `index` its position in the result array when evaluation over arrays failed, else None.
    """

    source: str | None = None
    span: tuple[int, int] | None = None
    hint: str = ""
    code: str = ""
    diagnostics: list[Diagnostic]
    rendered: str = ""  #: the whole report: every diagnostic with source line, carets and hint
    row: int | None = None
    index: tuple[int, ...] | None = None
    limit: str = ""  #: the name of the limit of a server that was reached

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.diagnostics = []

    def __reduce__(self) -> Any:
        return _restore, (type(self), self.args, dict(self.__dict__))


class ExprSyntaxError(ExprJITError, SyntaxError):
    """The text cannot be parsed. Python itself prints the line and the carets, as for its own syntax errors."""


class ExprNameError(ExprJITError, NameError):
    """A variable or function is not known."""


class ExprTypeError(ExprJITError, TypeError):
    """Operands, arguments or arrays of a type the expression cannot take."""


class ExprShapeError(ExprJITError, ValueError):
    """Arrays whose shapes do not broadcast together, or an `out` that does not fit."""


class ExprZeroDivisionError(ExprJITError, ZeroDivisionError):
    """Integer // or % by zero."""


class ExprDomainError(ExprJITError, ValueError):
    """A value outside the domain of the operation, such as an integer to a negative integer power."""


class ArgumentError(ExprJITError, ValueError):
    """The call itself is wrong, such as the name of a pass that does not exist."""


class UnsupportedError(ExprJITError, NotImplementedError):
    """Valid, but not available in this build, on this CPU or in this version."""


class LimitError(ExprJITError, ValueError):
    """The text reached a documented limit; the message names it."""


class CompileError(ExprJITError, RuntimeError):
    """The compiler failed for a reason that is not in the text."""


class RunError(ExprJITError, RuntimeError):
    """Running a kernel ended early: cancelled, or the thread's stack is nearly used up."""


def _restore(cls: type[ExprJITError], args: tuple[Any, ...], state: dict[str, Any]) -> ExprJITError:
    error = cls(*args)
    error.__dict__.update(state)
    return error


def build(
    cls: type[ExprJITError], diagnostics: list[Diagnostic], source: str | None, rendered: str = "", row: int = -1
) -> ExprJITError:
    """An exception of class `cls` whose display shows carets at the first diagnostic and mentions the others."""
    first = diagnostics[0]
    if not rendered:
        rendered = "\n".join(render(d, source) for d in diagnostics)
    if issubclass(cls, SyntaxError) and first.span is not None and source is not None:
        error: ExprJITError = cls(_headline(first), _syntax_location(first, source))
        if len(diagnostics) > 1:
            error.add_note("\n".join(render(d, source) for d in diagnostics[1:]))
    else:
        error = cls("\n".join(render(d, source) for d in diagnostics))
    error.source, error.span, error.hint, error.code = source, first.span, first.hint, first.code
    error.diagnostics, error.rendered = diagnostics, rendered
    error.row = row if row >= 0 else None
    return error


def make(
    cls: type[ExprJITError],
    code: str,
    message: str,
    source: str | None = None,
    span: tuple[int, int] | None = None,
    hint: str = "",
) -> ExprJITError:
    """An error found on the Python side, with one diagnostic."""
    kind = {
        ExprTypeError: "type error",
        ExprNameError: "name error",
        ExprShapeError: "shape error",
        UnsupportedError: "unsupported",
    }.get(cls, "error")
    line, column = _line_column(source, span)
    return build(cls, [Diagnostic(code, kind, message, hint, span, line, column)], source)


def locate(error: ExprJITError, shape: Sequence[int], order: Sequence[int] | None = None, base: int = 0) -> None:
    """Tells a failure over arrays where its row lies in a result of this shape, whose elements were visited with the
    axes in `order` (None: as they are), beginning `base` elements before: its index, and its row in C order. Once: it
    replaces the row."""
    if error.row is None or not shape:
        return
    axes = list(order) if order is not None else list(range(len(shape)))
    index = [0] * len(shape)
    rest = error.row + base
    for axis in reversed(axes):
        rest, index[axis] = divmod(rest, shape[axis])
    error.index = tuple(index)
    position = 0
    for place, length in zip(index, shape, strict=True):
        position = position * length + place
    move_row(error, position)
    if len(shape) > 1:
        error.add_note(f"at index {error.index} of the result")


def move_row(error: ExprJITError, row: int) -> None:
    """Corrects the row of a failure, in its texts too: the kernel counted from where a piece of the work began."""
    old, error.row = error.row, row
    if old == row:
        return
    words, right = re.compile(rf" in row {old}\b"), f" in row {row}"
    error.diagnostics = [d._replace(message=words.sub(right, d.message)) for d in error.diagnostics]
    error.rendered = words.sub(right, error.rendered)
    error.args = tuple(words.sub(right, arg) if isinstance(arg, str) else arg for arg in error.args)


def without_row(error: ExprJITError) -> ExprJITError:
    """The same failure for a call with numbers, which has no rows."""
    told = [d._replace(message=d.message.replace(" in row 0", "")) for d in error.diagnostics]
    return build(type(error), told, error.source)


def render(diagnostic: Diagnostic, source: str | None) -> str:
    """The diagnostic as a person reads it: message, source line, carets, hint."""
    lines = [f"{diagnostic.message} [{diagnostic.code}]" if diagnostic.code else diagnostic.message]
    if source is not None and diagnostic.span is not None:
        text, begin, end = _source_line(source, diagnostic.span)
        # Tabs are kept in the margin so that the carets stay under the place in any terminal.
        margin = "".join("\t" if ch == "\t" else " " for ch in text[:begin])
        lines += [f"    {text}", f"    {margin}{'^' * max(1, end - begin)}"]
    if diagnostic.hint:
        lines.append(f"hint: {diagnostic.hint}")
    return "\n".join(lines)


def _headline(diagnostic: Diagnostic) -> str:
    parts = [f"{diagnostic.message} [{diagnostic.code}]"]
    if diagnostic.hint:
        parts.append(f"hint: {diagnostic.hint}")
    return "; ".join(parts)


def _line_column(source: str | None, span: tuple[int, int] | None) -> tuple[int, int]:
    if source is None or span is None:
        return 0, 0
    begin = span[0]
    return source.count("\n", 0, begin) + 1, begin - (source.rfind("\n", 0, begin) + 1) + 1


def _source_line(source: str, span: tuple[int, int]) -> tuple[str, int, int]:
    """The line of the span's start, cut to a window around it, and the span inside that piece."""
    begin, end = span
    start = source.rfind("\n", 0, begin) + 1
    stop = source.find("\n", begin)
    stop = len(source) if stop < 0 else stop
    end = max(begin, min(end, stop))
    if stop - start > _WINDOW:
        start = max(start, min(begin - _WINDOW // 3, stop - _WINDOW))
        stop = min(stop, start + _WINDOW)
        end = min(end, stop)
    return source[start:stop].rstrip("\r"), begin - start, end - start


def _syntax_location(first: Diagnostic, source: str) -> tuple[str, int, int, str, int, int]:
    assert first.span is not None
    text, begin, end = _source_line(source, first.span)
    line, _ = _line_column(source, first.span)
    return _FILE_NAME, line, begin + 1, text + "\n", line, max(end, begin + 1) + 1
