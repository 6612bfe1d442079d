# SPDX-License-Identifier: MIT OR Apache-2.0
"""Programs as IR bytes."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from checks import run_python

import exprjit as ej


def looping() -> ej.Builder:
    b = ej.Builder()
    n, x = b.param("n", "i64"), b.param("x", "f64")
    with b.for_(0, n, carry=[x]) as loop:
        loop.next(b.sin(loop.value) + 1.0)
    b.output(loop.result, "last")
    b.output(loop.result * 2, "twice")
    return b


def test_a_text_goes_round() -> None:
    f = ej.compile("sin(a) * b + sum(a)", a="f8", b="f4")
    data = f.encode()
    g = ej.compile_bytes(data)
    a, b = np.linspace(-2, 2, 1001), np.linspace(0, 1, 1001, dtype="f4")
    np.testing.assert_array_equal(g(a, b), f(a, b))
    np.testing.assert_array_equal(g(b=b, a=a), f(a, b))
    assert type(data) is bytes and g.signature == f.signature and g.params == f.params
    assert g.encode() == data == ej.compile("sin(a)*b + sum(a)", a="f8", b="f4").encode()
    for other in (bytearray(data), memoryview(data)):
        np.testing.assert_array_equal(ej.compile_bytes(other, tier="interpreter")(a, b), f(a, b))


def test_a_builder_goes_round() -> None:
    b = looping()
    data = b.encode()
    f = b.compile()
    assert f.encode() == data == looping().encode()
    g = ej.compile_bytes(data)
    assert g(3, 0.5) == f(3, 0.5) and list(g(3, 0.5)) == ["last", "twice"]
    n, x = np.arange(6), np.linspace(0, 1, 6)
    np.testing.assert_array_equal(g(n, x)["twice"], f(n, x)["twice"])


def test_another_process_takes_them() -> None:
    data = looping().encode()
    done = run_python(f"import exprjit as ej; print(ej.compile_bytes({data!r})(3, 0.5)['last'].hex())")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == looping().compile()(3, 0.5)["last"].hex()


def test_what_is_not_a_program_is_refused() -> None:
    data = looping().encode()
    for k in range(len(data)):
        with pytest.raises(ej.ExprJITError):
            ej.compile_bytes(data[:k])
    with pytest.raises(ej.ExprTypeError, match=r"bytes, not str.*\n.*ej\.compile takes texts"):
        ej.compile_bytes("a + b")  # type: ignore[arg-type]
    wrong: Any = 5
    with pytest.raises(ej.ExprTypeError, match=r"bytes, not int.*\n.*encode\(\)"):
        ej.compile_bytes(wrong)
    with pytest.raises(ValueError, match="tier="):
        ej.compile_bytes(data, tier="fast")
    b = ej.Builder()
    b.param("x")
    with pytest.raises(ej.ExprJITError):
        b.encode()  # it has no end


def test_functions_of_this_process_stay_here() -> None:
    function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(abs)
    ej.add_function("here", "(f64) -> f64", function)
    try:
        with pytest.raises(ej.UnsupportedError, match="here"):
            ej.compile("here(x)", x="f8").encode()
    finally:
        ej.remove_function("here")
