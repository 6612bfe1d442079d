# SPDX-License-Identifier: MIT OR Apache-2.0
"""The short way for small arrays gives what the general way gives, call after call."""

import gc
import threading
import weakref

import numpy as np
import pytest

import exprjit as ej


def test_out_is_used_and_returned():
    a, b = np.arange(100.0), np.ones(100)
    f = ej.compile("a * b + 1", a="f8", b="f8")
    for _ in range(5):
        out = np.zeros(100)
        assert f(a, b, out=out) is out
        np.testing.assert_array_equal(out, a + 1)
        assert ej.evaluate("a * b + 2", out=out) is out
        np.testing.assert_array_equal(out, a + 2)


def test_out_that_is_an_input_or_overlaps_one():
    f = ej.compile("a + b", a="f8", b="f8")
    for shift in (0, 1, -1, 3):
        for _ in range(3):
            memory = np.arange(110.0)
            a, out = memory[5:105], memory[5 + shift : 105 + shift]
            want = a + 10.0
            f(a, np.full(100, 10.0), out=out)
            np.testing.assert_array_equal(out, want)


def test_reductions_with_an_out_of_their_own_and_a_fresh_one():
    f = ej.compile("sum(a, where=a > t)", a="f8", t="f8")
    for n in (0, 1, 7, 100, 5000):
        a = np.arange(float(n))
        for t in (-1.0, n / 2):
            assert f(a, t) == a[a > t].sum()


def test_several_outputs_of_both_kinds():
    f = ej.compile("s = sum(a); c = a - mean(a)", a="f8")
    for n in (1, 64, 100, 1000):
        a = np.arange(float(n))
        for _ in range(3):
            result = f(a)
            assert result["s"] == a.sum()
            np.testing.assert_array_equal(result["c"], a - a.mean())


def test_variables_from_a_dict_and_by_keyword():
    for turn in range(4):
        given = {"a": np.arange(10.0) + turn, "b": 2.0}
        np.testing.assert_array_equal(ej.evaluate("a * b", given), given["a"] * 2)
        np.testing.assert_array_equal(ej.evaluate("a * b", **given), given["a"] * 2)
        assert ej.evaluate("sum(a)", given) == given["a"].sum()
    with pytest.raises(ej.ExprNameError):
        ej.evaluate("a * b", {"a": np.arange(3.0)})


def test_other_dtypes_and_layouts_come_in_between():
    f = ej.compile("sum(a)", a="f8")
    for a in (np.arange(50.0), np.arange(50.0, dtype="f4"), np.arange(100.0)[::2], np.arange(50.0)[::-1]):
        for _ in range(2):
            assert f(a) == a.astype("f8").sum()


def test_an_error_is_reported_and_the_next_call_works():
    f = ej.compile("sum(a // b)", a="i8", b="i8")
    a = np.arange(10)
    for _ in range(3):
        assert f(a, np.ones(10, dtype="i8")) == 45
        with pytest.raises(ZeroDivisionError):
            f(a, np.zeros(10, dtype="i8"))


def test_no_array_is_kept_alive():
    f = ej.compile("a - mean(a)", a="f8")
    a = np.arange(100.0)
    f(a)
    f(a)
    seen = weakref.ref(a)
    del a
    gc.collect()
    assert seen() is None


def test_threads_share_a_pattern():
    f = ej.compile("s = sum(a); c = a - mean(a)", a="f8")
    f(np.arange(3.0))
    wrong = []

    def work(k):
        a = np.full(200, float(k))
        for _ in range(300):
            result = f(a)
            if result["s"] != 200.0 * k or result["c"].any():
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
