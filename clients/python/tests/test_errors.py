# SPDX-License-Identifier: MIT OR Apache-2.0
"""The exceptions: classes, attributes, and carets at the place."""

from __future__ import annotations

import pickle
import re
import traceback

import pytest
from checks import run_python

import exprjit as ej


def failure(text: str, **variables: object) -> ej.ExprJITError:
    with pytest.raises(ej.ExprJITError) as caught:
        ej.evaluate(text, variables)
    return caught.value


def marked(error: BaseException) -> str:
    """The piece of the source line over the first line of carets, as the printed traceback shows it."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    for above, line in zip(lines, lines[1:], strict=False):
        # Python 3.11's own markers under code lines of the traceback stand under lines of these files, not of texts.
        if re.fullmatch(r"\s*\^+", line) and error.source is not None and above.strip() in error.source:  # type: ignore
            begin = line.index("^")
            return above[begin : begin + line.count("^")]
    raise AssertionError("no carets in\n" + "\n".join(lines))


CASES = [
    ("a + * b", ej.ExprSyntaxError, SyntaxError, "*"),
    ("a + b )", ej.ExprSyntaxError, SyntaxError, ")"),
    ("a + 12abc", ej.ExprSyntaxError, SyntaxError, None),
    ("a + sine(b)", ej.ExprNameError, NameError, "sine"),
    ("a + missing", ej.ExprNameError, NameError, "missing"),
    ("a & 2.5", ej.ExprTypeError, TypeError, None),
    ("größe + missing", ej.ExprNameError, NameError, "missing"),
]


@pytest.mark.parametrize(("text", "kind", "builtin", "place"), CASES)
def test_classes_and_carets(
    text: str, kind: type[ej.ExprJITError], builtin: type[Exception], place: str | None
) -> None:
    error = failure(text, a=1, b=2.0, größe=1.0)
    assert isinstance(error, kind) and isinstance(error, builtin) and isinstance(error, ej.ExprJITError)
    assert error.source == text
    assert re.fullmatch(r"EJ\d{4}", error.code)
    assert error.span is not None and 0 <= error.span[0] <= error.span[1] <= len(text)
    assert len(error.diagnostics) >= 1
    first = error.diagnostics[0]
    assert first.code == error.code and first.span == error.span and first.message and first.message in str(error)
    shown = marked(error)
    if place is not None:
        assert shown == place and text[error.span[0] : error.span[1]] == place


def test_syntax_errors_have_what_python_needs() -> None:
    error = failure("a +\n  b * )", a=1, b=2)
    assert isinstance(error, SyntaxError)
    assert error.lineno == 2 and error.offset == 7 and error.text is not None and error.text.rstrip() == "  b * )"
    assert marked(error) == ")"


def test_several_problems_are_all_told() -> None:
    error = failure("sine(a) + cosine(b)", a=1.0, b=2.0)
    shown = "".join(traceback.format_exception(error))
    assert len(error.diagnostics) == 2 and "sine" in shown and "cosine" in shown


def test_suggestions() -> None:
    assert "temperature" in failure("temprature + 1", temperature=1.0).hint
    assert "sqrt" in failure("sqr(a)", a=1.0).hint
    hint = failure("zzzzzz + 1", a=1.0).hint
    assert "keyword" in hint


def test_the_exception_printed_by_python_itself() -> None:
    done = run_python("import exprjit as ej\nej.evaluate('a * (b + 1', a=1, b=2)")
    assert done.returncode == 1 and "exprjit.ExprSyntaxError" in done.stderr
    assert "a * (b + 1" in done.stderr and "^" in done.stderr.splitlines()[-2]
    done = run_python("import exprjit as ej\nej.evaluate('a * bb', a=1)")
    assert "exprjit.ExprNameError" in done.stderr and "a * bb\n        ^^" in done.stderr


def test_wide_text_on_one_line_is_cut_around_the_place() -> None:
    text = "+".join(["x"] * 50_000) + " + * 1"
    error = failure(text, x=1.0)
    shown = "".join(traceback.format_exception_only(error))
    assert len(shown) < 2000 and marked(error) == "*"


def test_many_errors_do_not_flood() -> None:
    error = failure(" + ".join(f"f{i}(1)" for i in range(5000)))
    assert 1 <= len(error.diagnostics) <= 100


def test_errors_survive_pickling() -> None:
    for text in ("a +", "sine(a)"):
        error = failure(text, a=1.0)
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error) and str(again) == str(error)
        assert (again.code, again.span, again.source, again.hint, again.diagnostics) == (
            error.code,
            error.span,
            error.source,
            error.hint,
            error.diagnostics,
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\0",
        "a\0b",
        "(" * 100_000,
        "-" * 100_000 + "1x",
        "a" * 100_000 + "(",
        "\ud800",
        "`",
        "🙂",
        "1 +" * 10_000,
        "#",
        '"text"',
        "__import__('os')",
    ],
)
def test_hostile_texts_get_an_error(text: str) -> None:
    with pytest.raises(ej.ExprJITError):
        ej.evaluate(text)


def test_limits_are_named() -> None:
    with pytest.raises(ej.ExprJITError) as caught:
        ej.jit("x" + "+x" * 10_000_000)
    assert isinstance(caught.value, ej.LimitError) and "limit" in str(caught.value).lower()


def test_every_class_is_under_the_base() -> None:
    for name, builtin in {
        "ExprSyntaxError": SyntaxError,
        "ExprTypeError": TypeError,
        "ExprNameError": NameError,
        "ExprShapeError": ValueError,
        "UnsupportedError": NotImplementedError,
        "LimitError": Exception,
        "CompileError": Exception,
        "ExprZeroDivisionError": ZeroDivisionError,
    }.items():
        kind = getattr(ej, name)
        assert issubclass(kind, ej.ExprJITError) and issubclass(kind, builtin) and kind.__module__ == "exprjit"
