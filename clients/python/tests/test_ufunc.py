# SPDX-License-Identifier: MIT OR Apache-2.0
"""Function.ufunc, and the shortest way that calls with small arrays take through it: it must give what the general way
gives."""

from __future__ import annotations

import gc
import inspect
import itertools
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from checks import assert_same

import exprjit as ej
from exprjit import _evaluate, _quick

Array = np.ndarray[Any, Any]


# ---- The ufunc -------------------------------------------------------------------------------------------------------


def test_it_is_a_ufunc() -> None:
    f = ej.compile("a*b + c", a="f8", b="f8", c="f8")
    u = f.ufunc
    assert isinstance(u, np.ufunc) and (u.nin, u.nout, u.types) == (3, 1, ["ddd->d"]) and f.ufunc is u
    a, b = np.arange(12.0).reshape(3, 4), np.arange(4.0)
    assert_same(u(a, b, 2), a * b + 2)
    out = np.zeros((4, 3)).T
    assert u(a, b, 2, out=out) is out
    assert_same(out, np.asarray(a * b + 2))
    kept = np.full((3, 4), -1.0)
    u(a, b, 2, out=kept, where=a > 5)
    assert_same(kept, np.where(a > 5, a * b + 2, -1.0))
    assert_same(u(np.arange(4, dtype="i4"), True, np.float32(0.5)), np.arange(4) + 0.5)
    with pytest.raises(TypeError):
        u(1j, 2, 3)


def test_methods_of_ufuncs() -> None:
    u = ej.compile("x + 2*y", x="f8", y="f8").ufunc
    a = np.arange(5.0)
    assert_same(u.outer(a, a), a[:, None] + 2 * a)
    assert u.reduce(a) == (((0 + 2 * 1) + 2 * 2) + 2 * 3) + 2 * 4
    target = np.zeros(3)
    u.at(target, [0, 0, 2], 1.0)
    assert_same(target, np.array([4.0, 0.0, 2.0]))


@pytest.mark.parametrize(("spec", "letter"), [("?", "?"), ("i4", "i"), ("i8", "l"), ("f4", "f"), ("f8", "d")])
def test_types(spec: str, letter: str) -> None:
    u = ej.compile("a if a > b else b", a=spec, b=spec).ufunc
    assert u.types == [f"{letter}{letter}->{letter}"]
    a, b = np.array([0, 1, 1, 0], spec), np.array([0, 0, 1, 1], spec)
    assert_same(u(a, b), np.maximum(a, b))
    assert_same(u(a[::-2], b[::2]), np.maximum(a[::-2], b[::2]))


@pytest.mark.parametrize("text", ["a // b", "sum(a) + b", "s = a + b; d = a - b", "1 + 2"])
def test_functions_without_a_ufunc(text: str) -> None:
    f = ej.compile(text, a="i8", b="i8") if "a" in text else ej.compile(text)
    with pytest.raises(ej.UnsupportedError, match="no ufunc"):
        f.ufunc


def test_the_ufunc_outlives_its_function() -> None:
    u = ej.compile("a * 3 + 1", a="f8").ufunc
    ej.clear_cache()
    gc.collect()
    for i in range(50):
        ej.compile(f"a * {i} + 2", a="f8")
    assert_same(u(np.arange(1000.0)), np.arange(1000.0) * 3 + 1)


def test_floating_point_warnings_are_not_invented() -> None:
    u = ej.compile("a / b + sqrt(a)", a="f8", b="f8").ufunc
    a, b = np.array([1.0, -1.0, 0.0, 1e308, np.nan]), np.array([0.0, 1.0, 0.0, 1e-308, 1.0])
    with np.errstate(all="raise"):
        result = u(a, b)
    with np.errstate(all="ignore"):
        assert_same(result, a / b + np.sqrt(a))


# ---- The shortest way ------------------------------------------------------------------------------------------------

VALUES: list[Any] = [
    2, -3, 2.5, True, np.float64(1.5), np.float32(1.5), np.int32(7), np.int64(-7), np.bool_(True),
    np.arange(6.0), np.arange(6, dtype="f4"), np.arange(6, dtype="i4"), np.arange(6), np.arange(6) % 2 == 0,
    np.arange(6, dtype=">f8"), np.arange(6, dtype="u1"), np.arange(12.0)[::2], np.array(2.0), np.arange(6.0)[::-1],
    np.arange(30.0).reshape(5, 6).T[:, :1].T, [1, 2, 3, 4, 5, 6], np.zeros(6, [("x", "f8")])["x"],
]  # fmt: skip


@pytest.mark.parametrize("text", ["a + b", "a * 2.0 if b > a else b", "a < b"])
def test_types_next_to_types(text: str) -> None:
    """Each pair again and again at one function and one place, so that every short way is tried with every other
    type."""
    function = ej.jit(text)
    for _ in range(3):
        for a, b in itertools.product(VALUES, repeat=2):
            fresh = ej.jit(text)(a, b)
            assert_same(function(a, b), fresh)
            assert_same(function(a, b), fresh)
            at_a_place = ej.evaluate(text)
            assert np.asarray(at_a_place).dtype == np.asarray(ej.evaluate(text, {"a": a, "b": b})).dtype
            np.testing.assert_array_equal(at_a_place, fresh)


def test_pairs_of_calls_with_one_type() -> None:
    for a, b in itertools.product(VALUES, repeat=2):
        function = ej.jit("a + b")
        first = function(a, b)
        for _ in range(4):
            assert_same(function(a, b), first)


def faces(text: str, names: str) -> dict[str, Callable[..., Any]]:
    return {
        "jit": ej.jit(text),
        "compile": ej.compile(text, **{name: "f8" for name in names}),
        "evaluate": eval(f"lambda {', '.join(names)}: ej.evaluate({text!r})", {"ej": ej}),
    }


@pytest.mark.parametrize("face", ["jit", "compile", "evaluate"])
def test_small_large_small(face: str) -> None:
    f = faces("a*b + c", "abc")[face]
    small, large, huge = np.arange(7.0), np.arange(_quick.SMALL + 1.0), np.arange(300_000.0)
    wide = np.arange(float(_quick.SMALL)).reshape(-1, 1)
    for a, b, c in [
        (small, small, small), (small, small, small), (small, small, small), (large, large, large), (small, small, 2.5),
        (small, small, 2.5), (small, small, 2.5), (wide, small, small), (small, wide, 2.5), (small, small, wide),
        (small, small, small), (small, small, small), (huge, huge, huge), (small[:1], huge, huge), (small, small,
        small),
    ]:  # fmt: skip
        assert_same(f(a, b, c), a * b + c)


@pytest.mark.parametrize("face", ["jit", "compile", "evaluate"])
def test_shapes_that_do_not_fit_after_the_first_calls(face: str) -> None:
    f = faces("a + b", "ab")[face]
    for _ in range(4):
        f(np.arange(3.0), np.arange(3.0))
    with pytest.raises(ej.ExprShapeError, match="broadcast"):
        f(np.arange(3.0), np.arange(4.0))


@pytest.mark.parametrize("face", ["jit", "compile", "evaluate"])
def test_numbers_after_the_first_calls(face: str) -> None:
    f = faces("a * b", "ab")[face]
    x = np.arange(3.0)
    for _ in range(3):
        assert_same(f(x, 3), x * 3)
    assert_same(f(x, 2**70), x * 2.0**70)
    with pytest.raises(OverflowError):
        f(x, 10**400)
    for _ in range(3):
        assert f(2.0, 3.0) == 6 and f(2, 3) == 6


def test_wrong_calls_after_the_first_ones() -> None:
    f = ej.jit("a + b")
    x = np.arange(3.0)
    for _ in range(4):
        f(x, x)
    for call in (lambda: f(x), lambda: f(), lambda: f(x, x, x), lambda: f(x, x, c=1), lambda: f(x, a=x)):
        with pytest.raises(ej.ExprTypeError, match="parameters are"):
            call()
    assert_same(f(x, b=x), x + x)
    assert_same(f(b=x, a=1.0), x + 1)
    with pytest.raises(ej.ExprTypeError):
        f(x, "x")


def test_options_after_the_first_calls() -> None:
    f, x = ej.jit("a + b"), np.arange(4.0)
    for _ in range(4):
        f(x, x)
        ej.evaluate("x + x")
    out = np.zeros(4)
    assert f(x, x, out=out) is out and out[3] == 6
    assert ej.evaluate("x + x", out=out) is out
    kept = np.zeros(4)
    f(x, x, out=kept, where=x > 1)
    assert_same(kept, np.array([0.0, 0, 4, 6]))
    assert_same(ej.evaluate("x + x", x=1.0), np.float64(2))
    assert_same(ej.evaluate("x + x", {"x": 2.0}), np.float64(4))


class Celsius(np.ndarray):
    """A subclass with a meaning of its own, which NumPy's ufuncs would keep."""


def test_subclasses_stay_on_the_general_way() -> None:
    f, x = ej.jit("a + 1.5"), np.arange(3.0)
    for _ in range(4):
        assert type(f(x)) is np.ndarray
        assert type(f(x.view(Celsius))) is np.ndarray
    with pytest.raises(ej.ExprTypeError, match="masked"):
        f(np.ma.masked_array(x, x > 1))


def test_dtypes_with_metadata() -> None:
    f = ej.jit("a + 1.5")
    marked = np.zeros(3, np.dtype("f8", metadata={"unit": "m"}))
    for array in (np.arange(3.0), marked, np.arange(3.0), marked):
        for _ in range(3):
            assert_same(np.asarray(f(array)).view("f8"), array.view("f8") + 1.5)


def test_one_text_in_many_places() -> None:
    sources = [f"def f(a, b):\n    '{i}'\n    return ej.evaluate('a - b*2')" for i in range(40)]
    found = []
    for source in sources:
        scope: dict[str, Any] = {"ej": ej}
        exec(source, scope)
        found.append(scope["f"])
    for _ in range(4):
        for f in found:
            assert_same(f(np.arange(3.0), 1.0), np.arange(3.0) - 2)
            assert_same(f(2, 3), np.int64(-4))
    assert len(_evaluate._sites) <= 256 and len(_evaluate._sites["a - b*2"].others) <= 16


def test_places_with_all_kinds_of_variables() -> None:
    scope: dict[str, Any] = {"ej": ej, "g": np.arange(3.0), "np": np}
    exec(
        """
shadow = 1.0
def closure():
    c = 2.0
    def inner(l):
        c
        return ej.evaluate("g * c + l")
    return inner
def unbound(flag):
    if flag:
        shadow = 5.0
    return ej.evaluate("g * shadow")
def constants(x):
    return ej.evaluate("x * pi")
class Body:
    own = 3.0
    results = [ej.evaluate("own + shadow")]
    results.append(ej.evaluate("own + shadow"))
    own = 4.0
    results.append(ej.evaluate("own + shadow"))
""",
        scope,
    )
    inner = scope["closure"]()
    for k in (1.0, 2.0, 3.0, 4.0):
        assert_same(inner(k), np.arange(3.0) * 2 + k)
    for flag in (True, True, True, False, False, True):
        assert_same(scope["unbound"](flag), np.arange(3.0) * (5.0 if flag else 1.0))
    assert scope["Body"].results == [4.0, 4.0, 5.0]
    for pi in (None, None, None, 3, None, "no number", None):
        if pi is None:
            scope.pop("pi", None)
        else:
            scope["pi"] = pi
        assert scope["constants"](np.arange(2.0))[1] == (3 if pi == 3 else np.pi)


def test_module_level_code() -> None:
    scope: dict[str, Any] = {"ej": ej, "x": np.arange(3.0), "results": []}
    code = compile("for k in (1.0, 2.0, 3.0):\n    results.append(ej.evaluate('x + k'))", "<module>", "exec")
    exec(code, scope)
    exec(code, scope, {"k": 0.0})
    for k, result in zip([1.0, 2.0, 3.0] * 2, scope["results"], strict=True):
        assert_same(result, np.arange(3.0) + k)


def test_names_cannot_break_out_of_the_written_function() -> None:
    name = "a'] or print('x') or L['a\u2028{0}"
    for _ in range(4):
        assert ej.evaluate(f"`{name}` + 1", {name: 1.0}) == 2
    scope: dict[str, Any] = {"ej": ej, name: np.arange(3.0), "text": f"`{name}` + 1"}
    code = compile("result = ej.evaluate(text)", "<module>", "exec")
    for _ in range(4):
        exec(code, scope)
        assert_same(scope["result"], np.arange(3.0) + 1)


def test_the_shortest_way_keeps_no_arrays_alive() -> None:
    function = ej.jit("x * y")

    def run() -> list[bool]:
        x, y = np.arange(10.0), np.arange(10.0)
        references = [weakref.ref(x), weakref.ref(y)]
        for _ in range(5):
            ej.evaluate("x * y")
            function(x, y)
        del x, y
        return [reference() is None for reference in references]

    assert run() == run() == [True, True]


def test_functions_go_when_the_last_reference_goes() -> None:
    gc.disable()
    try:
        for make in (lambda: ej.jit("x * 5"), lambda: ej.compile("x * 5", x="f8")):
            f = make()
            for _ in range(4):
                f(np.arange(3.0))
            gone = weakref.ref(f)
            del f
            assert gone() is None
    finally:
        gc.enable()


def test_signature() -> None:
    for f in (ej.jit("a + b"), ej.compile("a + b")):
        assert list(inspect.signature(f).parameters) == ["args", "out", "casting", "where", "kwargs"]
        assert callable(f)
