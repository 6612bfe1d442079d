# SPDX-License-Identifier: MIT OR Apache-2.0
"""Functions that are added to the language."""

import ctypes
import ctypes.util
import gc
import math
import threading
import weakref

import numpy as np
import pytest

import exprjit as ej

libm = ctypes.CDLL(ctypes.util.find_library("m"))
Unary = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)


@pytest.fixture
def names():
    """Names that are removed again at the end of a test."""
    added = []
    yield added
    for name in added:
        ej.remove_function(name)


def test_definition_is_its_body(names):
    ej.define("wsum(a, b) = 0.25*a + 0.75*b")
    names.append("wsum")
    x, y = np.linspace(0, 1, 1001), np.linspace(5, -5, 1001)
    assert np.array_equal(ej.evaluate("wsum(x, y) + 1"), 0.25 * x + 0.75 * y + 1)
    assert ej.evaluate("wsum(2, 4)") == 3.5
    assert ej.jit("wsum(p, p)")(8) == 8
    assert ej.compile("wsum(p, q)", p="f4", q="f4").signature == "(p: f32, q: f32) -> f32"


def test_types_are_those_of_each_use(names):
    ej.define("halves(v) = v // 2 + v % 2")
    names.append("halves")
    i, f = np.arange(-5, 6), np.arange(-5.0, 6.0)
    assert ej.evaluate("halves(i)").dtype == np.int64
    assert np.array_equal(ej.evaluate("halves(i)"), i // 2 + i % 2)
    assert np.array_equal(ej.evaluate("halves(f)"), f // 2 + f % 2)
    ej.define("odd(v) = v & 1")
    names.append("odd")
    assert np.array_equal(ej.evaluate("odd(i)"), i & 1)
    with pytest.raises(ej.ExprTypeError, match="in the definition of 'odd', at 'v'"):
        ej.evaluate("odd(f)")


def test_variables_of_the_caller_are_not_seen(names):
    a = 5.0
    with pytest.raises(ej.ExprNameError, match="no variable 'a'"):
        ej.define("shifted(v) = v + a")
    ej.define("shifted(a) = a + 1")
    names.append("shifted")
    assert ej.evaluate("shifted(2) + a") == 8


def test_redefinition_reaches_every_way_of_evaluating(names):
    x = np.arange(3.0)

    def results():
        return [
            ej.evaluate("later(x)").tolist(),
            ej.evaluate("later(x)", {"x": x}).tolist(),
            ej.evaluate("later(y)", y=x).tolist(),
            float(ej.evaluate("later(y)", y=1.0)),
        ]

    ej.define("later(v) = v + 1")
    names.append("later")
    kept = ej.compile("later(v)", v="f8")
    for _ in range(3):
        assert results() == [[1, 2, 3]] * 3 + [2]
    ej.define("later(v) = later(v) * 10")
    for _ in range(3):
        assert results() == [[10, 20, 30]] * 3 + [20]
    assert kept(1.0) == 2
    assert np.array_equal(kept(x), x + 1)


def test_errors_of_definitions():
    with pytest.raises(ej.ExprSyntaxError) as caught:
        ej.define("f(x) = x +")
    assert caught.value.diagnostics[0].span == (10, 10)
    assert caught.value.text == "f(x) = x +\n"
    with pytest.raises(ej.ExprNameError, match="'sin' is a function of the language"):
        ej.define("sin(x) = x")
    with pytest.raises(ej.ExprNameError, match="no function 'nothing'"):
        ej.remove_function("nothing")
    with pytest.raises(TypeError, match="a definition is a str"):
        ej.define(lambda x: x)
    with pytest.raises(ValueError, match="NUL"):
        ej.define("f(x) = x\0")


def test_c_functions(names):
    ej.add_function("c_erf", "(f64) -> f64", libm.erf, pure=True)
    names.append("c_erf")
    x = np.linspace(-2, 2, 257)
    assert ej.evaluate("c_erf(x)").tolist() == [math.erf(v) for v in x]
    ej.add_function("c_ldexp", "(f64, i32) -> f64", ctypes.cast(libm.ldexp, ctypes.c_void_p).value, pure=True)
    names.append("c_ldexp")
    assert ej.evaluate("c_ldexp(3, 4)") == 48
    with pytest.raises(ej.ExprTypeError, match="argument 2 of c_ldexp is i32"):
        ej.evaluate("c_ldexp(x, x)")


def test_impure_functions_run_once_for_each_row(names):
    seen = []

    @Unary
    def note(v):
        seen.append(v)
        return len(seen)

    ej.add_function("note", "(f64) -> f64", note)
    names.append("note")
    x = np.arange(1000.0)
    assert np.array_equal(ej.evaluate("note(x) - 1"), x)
    assert seen == x.tolist()
    del seen[:]
    assert np.array_equal(ej.evaluate("note(x) if x >= 990 else -1.0")[-10:], np.arange(1.0, 11.0))
    assert seen == x[-10:].tolist()


def test_user_data(names):
    @ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.POINTER(ctypes.c_int64), ctypes.c_int64)
    def total(state, v):
        state[0] += v
        return state[0]

    state = ctypes.c_int64(100)
    ej.add_function("running", "(i64) -> i64", total, user_data=ctypes.pointer(state))
    names.append("running")
    i = np.arange(5)
    assert ej.evaluate("running(i)").tolist() == (100 + np.cumsum(i)).tolist()
    assert state.value == 110


def test_wrong_c_functions():
    with pytest.raises(TypeError, match="expected a ctypes function"):
        ej.add_function("f", "(f64) -> f64", math.sin)
    with pytest.raises(ej.ArgumentError, match="does not exist"):
        ej.add_function("f", "(double) -> f64", libm.erf)
    with pytest.raises(ej.ExprNameError, match="constant"):
        ej.add_function("pi", "() -> f64", libm.erf)
    with pytest.raises(ej.ArgumentError, match="fn is NULL"):
        ej.add_function("f", "() -> f64", 0)


def test_redefinition_reaches_jit_functions(names):
    ej.define("zq(v) = v * 3")
    names.append("zq")
    j = ej.jit("zq(x) + 1")
    i, f = np.arange(3), np.arange(3.0)
    arguments = [i, f, f.astype("f4"), 2, 2.0, np.float32(2), f.reshape(3, 1)]
    for _ in range(4):  # until the shortest ways are in use
        assert [np.ravel(j(a))[-1] for a in arguments] == [7] * 7
    ej.define("zq(v) = v * 5")
    fresh = np.ones(3, bool)
    assert j(i.astype("i4")).tolist() == [1, 6, 11]  # a type it has not seen
    for _ in range(4):
        assert [np.ravel(j(a))[-1] for a in arguments] == [11] * 7
    ej.define("zq(v) = where(v, 10, 20)")
    assert j(fresh).tolist() == [11] * 3
    ej.remove_function("zq")
    names.remove("zq")
    for a in arguments:
        with pytest.raises(ej.ExprNameError, match="zq"):
            j(a)


def test_jit_functions_do_not_outlive_their_last_reference():
    j = ej.jit("x + 17")
    j(1), j(1), j(1)
    gone = weakref.ref(j)
    del j
    assert gone() is None


def test_types_that_ctypes_knows_are_compared(names):
    double, single, i64, i32 = ctypes.c_double, ctypes.c_float, ctypes.c_int64, ctypes.c_int32

    def refused(signature, result, *arguments, **options):
        with pytest.raises(ej.ArgumentError, match="does not go with the signature") as caught:
            ej.add_function("typed", signature, ctypes.CFUNCTYPE(result, *arguments)(lambda *a: 0), **options)
        assert "hint: f64 is c_double" in str(caught.value)
        return str(caught.value)

    assert "argument 1 is c_float, f64 in the signature is c_double" in refused("(f64) -> f64", double, single)
    assert "argument 2 is c_int, i64 in the signature is c_long" in refused("(f64, i64) -> f64", double, double, i32)
    assert "the result is c_float, f64" in refused("(f64) -> f64", single, double)
    assert "the result is None" in refused("(f64) -> f64", None, double)
    assert "the result is c_bool, bool in the signature is c_int" in refused("(f64) -> bool", ctypes.c_bool, double)
    assert "takes 1 arguments, the signature has 2" in refused("(f64, f64) -> f64", double, double)
    assert "needs user_data=" in refused("(f64) -> f64", double, ctypes.c_void_p, double)
    assert "beyond user_data" in refused("(f64) -> f64", double, double, user_data=1)
    assert "takes no arguments" in refused("() -> f64", double, user_data=1)
    log = ctypes.CDLL(ctypes.util.find_library("m")).log
    log.restype, log.argtypes = double, [single]
    with pytest.raises(ej.ArgumentError, match="argument 1 is c_float"):
        ej.add_function("typed", "(f64) -> f64", log)
    with pytest.raises(ej.ExprNameError):
        ej.evaluate("typed(1.0)")
    kinds = [double, single, ctypes.c_longlong, i32, i32, i64]
    ej.add_function("typed", "(f64, f32,i64, i32, bool , i64) -> bool", ctypes.CFUNCTYPE(i32, *kinds)(lambda *a: 1))
    names.append("typed")
    assert ej.compile("typed(a, f, i, j, b, i)", a="f8", f="f4", i="i8", j="i4", b="?")(1.0, 1.0, 1, 1, True) is True


def test_replaced_functions_live_as_long_as_something_calls_them(names):
    def make(value):
        function = Unary(lambda v: v + value)
        return function, weakref.ref(function)

    alive = []
    for k in range(200):
        function, ref = make(k)
        ej.add_function("turn", "(f64) -> f64", function)
        del function
        alive.append(ref)
        assert ej.evaluate("turn(x)", x=np.zeros(3)).tolist() == [k] * 3
        if k == 50:
            names += ["turn", "turned"]
            ej.define("turned(v) = turn(v) * 1")
            by_definition = ej.compile("turned(x)", x="f8")
        if k == 60:
            f = ej.compile("turn(x)", x="f8")
            j = ej.jit("turn(x) + 0")
            assert j(1.0) == 61
    gc.collect()
    assert [k for k, ref in enumerate(alive) if ref() is not None] == [50, 60, 199]
    assert f(1.0) == 61 and by_definition(np.ones(2)).tolist() == [51, 51]
    assert ej.evaluate("turned(1.0)") == 200 and j(1.0) == 200
    del f, by_definition
    gc.collect()
    assert [k for k, ref in enumerate(alive) if ref() is not None] == [199]
    ej.define("turn(v) = v - 1")
    gc.collect()
    assert [k for k, ref in enumerate(alive) if ref() is not None] == []
    assert j(1.0) == 0 and ej.evaluate("turn(1.0)") == 0
    with pytest.raises(ej.ExprNameError):
        ej.evaluate("turned(1.0)")


def test_functions_change_while_texts_are_compiled(names):
    stop = threading.Event()
    failures = []

    def compile_and_call():
        try:
            n = 0
            while not stop.is_set():
                n += 1
                assert 0 <= ej.compile(f"busy(x) + {n}.0", x="f8")(0.0) - n < 100
        except BaseException as problem:
            failures.append(problem)

    ej.add_function("busy", "(f64) -> f64", Unary(lambda v: 0.0))
    names.append("busy")
    threads = [threading.Thread(target=compile_and_call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for k in range(100):
        ej.add_function("busy", "(f64) -> f64", Unary(lambda v, k=k: float(k)))
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
