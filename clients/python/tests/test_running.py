# SPDX-License-Identifier: MIT OR Apache-2.0
"""Threads and Ctrl-C."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest
from checks import assert_same, run_python

import exprjit as ej
from exprjit import _ffi, _running


@pytest.fixture(autouse=True)
def restore_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_running, "_chosen_threads", None)


def test_number_of_threads() -> None:
    assert ej.get_num_threads() == len(os.sched_getaffinity(0))
    assert ej.set_num_threads(3) == len(os.sched_getaffinity(0))
    assert ej.set_num_threads(np.int64(1)) == 3
    assert ej.get_num_threads() == 1
    for wrong in (0, -1, 10**6):
        with pytest.raises(ValueError, match="between 1 and 4096"):
            ej.set_num_threads(wrong)
    for wrong_type in (1.0, "2", None, True):
        with pytest.raises(TypeError, match="int"):
            ej.set_num_threads(wrong_type)  # type: ignore[arg-type]
    assert ej.get_num_threads() == 1


def test_threads_are_used_for_large_arrays_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    original = _ffi.Kernel.eval_with

    def spy(self: _ffi.Kernel, inputs: object, outputs: object, rows: int, threads: int, stop: object = None) -> None:
        asked.append(threads)
        original(self, inputs, outputs, rows, threads, stop)  # type: ignore[arg-type]

    monkeypatch.setattr(_ffi.Kernel, "eval_with", spy)
    ej.set_num_threads(3)
    for size, expected in ((1000, []), (262_144, []), (262_145, [3])):
        x = np.arange(float(size))
        for _ in range(3):
            asked.clear()
            assert_same(ej.evaluate("x * 3 - 1"), x * 3 - 1)
            assert asked == expected


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_layout_with_threads(threads: int) -> None:
    ej.set_num_threads(threads)
    m = np.arange(600_000.0).reshape(600, 1000)
    row, column = np.arange(1000.0), np.arange(600.0).reshape(600, 1)
    for a, b in [
        (m, row),
        (m, column),
        (m.T.copy().T, m),
        (m[::-1], m[:, ::-1]),
        (m[:, :999], row[:999]),
        (row, column),
    ]:
        assert_same(ej.evaluate("a * 2 - b"), a * 2 - b)


def test_the_first_failing_row_with_threads() -> None:
    ej.set_num_threads(4)
    a, b = np.ones(1_000_000, np.int64), np.ones(1_000_000, np.int64)
    b[[400_001, 700_000, 999_999]] = 0
    with pytest.raises(ZeroDivisionError) as caught:
        ej.jit("a // b")(a, b)
    assert caught.value.row == 400_001


SLOW = " + ".join(f"sin(x * {i}) * cos(x + {i})" for i in range(1, 40))


@pytest.mark.parametrize("threads", [1, 4])
def test_ctrl_c_ends_a_long_evaluation(threads: int) -> None:
    ej.set_num_threads(threads)
    x = np.linspace(0, 1, 1_500_000)
    begin = time.perf_counter()
    ej.evaluate(SLOW)
    whole = time.perf_counter() - begin
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(whole / 10, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        for _ in range(1000):  # should the first have ended before the signal came
            ej.evaluate(SLOW)
    took = time.perf_counter() - sent[0]
    timer.join()
    assert took < max(0.3, whole / 3), f"it took {took:.2f} s to end an evaluation of {whole:.2f} s"
    assert_same(ej.evaluate("x * 2"), x * 2)


def test_a_signal_handler_that_returns_does_not_disturb() -> None:
    calls = []
    old = signal.signal(signal.SIGUSR1, lambda *_: calls.append(1))
    try:
        x = np.linspace(0, 1, 400_000)
        expected = ej.evaluate(SLOW, {"x": x[:1000]})
        timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        result = ej.evaluate(SLOW)
        timer.join()
        assert_same(result[:1000], expected)
        assert calls == [1]
    finally:
        signal.signal(signal.SIGUSR1, old)


def test_other_threads_need_no_thread_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_running, "run_interruptibly", None)
    x = np.linspace(0, 1, 40_000_000, dtype="f4")
    failure: list[BaseException] = []

    def work() -> None:
        try:
            assert_same(ej.evaluate("a + a", a=x)[-3:], (x + x)[-3:])
        except BaseException as problem:
            failure.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failure


def test_errors_of_a_long_run_arrive() -> None:
    a, b = np.ones(8_000_000, np.int64), np.ones(8_000_000, np.int64)
    b[7_000_000] = 0
    with pytest.raises(ZeroDivisionError) as caught:
        ej.jit("(a // b + 1) * 2 + (a % b) * 3")(a, b)
    assert caught.value.row == 7_000_000


def test_no_thread_is_started_for_small_arrays() -> None:
    code = """
import os, numpy as np, exprjit as ej
before = len(os.listdir('/proc/self/task'))
x = np.arange(10000.0)
for _ in range(5):
    ej.evaluate('x * 2 + 1'); ej.evaluate('sum(x)'); ej.jit('a + b')(x, x.reshape(-1, 1)[:20])
assert len(os.listdir('/proc/self/task')) == before
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def test_fork_while_the_pool_exists() -> None:
    code = """
import os, sys, numpy as np, exprjit as ej
ej.set_num_threads(4)
x = np.arange(1_000_000.0)
expected = (x * 2 + 1).sum()
assert ej.evaluate('x * 2 + 1').sum() == expected
for _ in range(5):
    child = os.fork()
    if child == 0:
        os._exit(0 if ej.evaluate('x * 2 + 1').sum() == expected else 1)
    assert ej.evaluate('x * 2 + 1').sum() == expected
    assert os.waitpid(child, 0)[1] == 0
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr


def endless() -> ej.Function:
    b = ej.Builder()
    x = b.param("x", "f64")
    with b.loop(carry=[x]) as loop:
        with b.if_(loop.value < -1.0) as arms, arms.then():
            loop.break_(loop.value)
        loop.next(loop.value + 1.0)
    b.output(loop.result)
    return b.compile()


def counting() -> ej.Function:
    """As many trips as its argument says, which end only at the data's word; it has a plain entry and a ufunc."""
    b = ej.Builder()
    n = b.param("n", "i64")
    with b.for_(0, n, carry=[1]) as loop:
        loop.next(b.xor(loop.value, loop.index) + (loop.value >> 3) * loop.value)
    b.output(loop.result)
    return b.compile()


@pytest.mark.parametrize(
    ("make", "short", "argument"),
    [
        (endless, -2.0, 1.0),
        (endless, -2.0, np.zeros(3)),
        (endless, -2.0, np.zeros((2, 6))[:, ::2]),
        (lambda: pickle.loads(pickle.dumps(endless())), -2.0, 1.0),
        (counting, 1, 1 << 60),
        (counting, 1, np.full(3, 1 << 60)),
        (counting, 1, np.full((4, 3000), 1 << 60)[:, ::2]),
    ],
)
@pytest.mark.parametrize("calls_before", [0, 3])
def test_signals_end_loops_without_an_end(make: Any, short: Any, argument: Any, calls_before: int) -> None:
    f = make()
    for _ in range(calls_before):  # until the shortest way for such arguments is in use
        f(np.full_like(argument, short) if isinstance(argument, np.ndarray) else short)

    def stop(*_: object) -> None:
        raise TimeoutError

    old = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    begin = time.perf_counter()
    try:
        with pytest.raises(TimeoutError):
            f(argument)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert time.perf_counter() - begin < 2
    assert f(short) == (short if make is not counting else f(np.full(1, short))[0])


def test_short_loops_need_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_running, "run_interruptibly", None)
    b = ej.Builder()
    x = b.param("x", "f64")
    with b.for_(10, 0, -2, carry=[x]) as outer:
        with b.for_(0, 4, carry=[outer.value]) as inner:
            inner.next(inner.value + 1.0)
        outer.next(inner.result)
    b.output(outer.result)
    f = b.compile()
    for _ in range(4):
        assert f(1.0) == 21
        assert_same(f(np.arange(3.0)), np.arange(3.0) + 20)


def test_a_failing_call_of_a_program_with_loops_has_no_row() -> None:
    b = ej.Builder()
    n = b.param("n", "i64")
    with b.for_(0, n, carry=[1]) as loop:
        b.check(loop.index < 3)
        loop.next(loop.value + 1)
    b.output(loop.result)
    f = b.compile()
    for _ in range(3):
        assert f(3) == 4
        with pytest.raises(ej.ExprJITError) as caught:
            f(4)
        assert caught.value.row is None and "row" not in str(caught.value)
    with pytest.raises(ej.ExprJITError) as caught:
        f(np.array([1, 5]))
    assert caught.value.row == 1
