# SPDX-License-Identifier: MIT OR Apache-2.0
"""Threads, fork, spawn, interpreter exit."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from checks import assert_same, run_python

import exprjit as ej


def test_eight_threads_compile_and_call() -> None:
    shared = ej.jit("a * b + c")
    start = threading.Barrier(8)

    def work(seed: int) -> int:
        start.wait()
        array = np.arange(100.0) + seed
        for i in range(150):
            assert shared(i, seed, 1) == i * seed + 1
            assert ej.jit(f"x * {i} + y")(2, seed) == 2 * i + seed
            assert_same(ej.evaluate(f"array * {i % 10}.5 - seed"), array * (i % 10 + 0.5) - seed)
            with pytest.raises(ej.ExprSyntaxError):
                ej.jit(f"x * {i} +")
        return seed

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == list(range(8))


def test_threads_that_share_a_text_and_drop_it() -> None:
    def work(i: int) -> float:
        return ej.compile(f"x + {i % 5}.25", x="f8")(1.0)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(400))) == [1.25 + i % 5 for i in range(400)]


def test_the_gil_is_released_while_columns_are_evaluated() -> None:
    x = np.linspace(0, 1, 3_000_000)
    done = threading.Event()
    ticks = 0

    def evaluate() -> None:
        try:
            ej.evaluate("sin(x) * cos(x) + sin(x*2) * cos(x*3) + exp(x)", {"x": x})
        finally:
            done.set()

    thread = threading.Thread(target=evaluate)
    thread.start()
    while not done.wait(0.001):
        ticks += 1
    thread.join()
    assert ticks >= 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork() -> None:
    function = ej.compile("a * b + c")
    assert function(1.0, 2.0, 3.0) == 5.0
    child = os.fork()
    if child == 0:
        status = 1
        try:
            old, new = function(3.0, 4.0, 5.0), ej.jit("a * b - c * 2")(3, 4, 5)
            array = ej.evaluate("x * 3", x=np.arange(3.0))
            status = 0 if (old, new, array[2]) == (17.0, 2, 6.0) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert function(3.0, 4.0, 5.0) == 17.0 and ej.jit("a * b - c * 3")(3, 4, 5) == -3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_while_threads_compile() -> None:
    stop = threading.Event()

    def compile_on() -> None:
        i = 0
        while not stop.is_set():
            i += 1
            ej.compile(f"x * {i}.5 + {i}", x="f8")(1.0)

    threads = [threading.Thread(target=compile_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = 0 if ej.compile("y * 2.125 + 1", y="f8")(2.0) == 5.25 else 2
                finally:
                    os._exit(status)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _call(function: ej.Function, value: float) -> float:
    return function(value)


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_process_pools(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from checks import PACKAGE_PARENT

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGE_PARENT), os.path.dirname(__file__)]))
    function = ej.compile("x * 2 + 0.5", x="f8")
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.starmap(_call, [(function, float(i)) for i in range(6)]) == [i * 2 + 0.5 for i in range(6)]


def test_interpreter_exit_is_quiet() -> None:
    done = run_python("""
import atexit, threading, time
import numpy as np
import exprjit as ej
functions = [ej.compile(f"x + {i}", x="f8") for i in range(20)]
jitted = ej.jit("a * b"); jitted(2, 3); jitted(2.0, 3)
class Late:
    def __init__(self): self.f = functions[3]
    def __del__(self): self.f(1.0)
late = Late(); late.itself = late
atexit.register(lambda: print(functions[0](1.0)))
def forever():
    x = np.arange(10000.0)
    while True: ej.evaluate("x * 2 + 1")
threading.Thread(target=forever, daemon=True).start()
time.sleep(0.1)
""")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1.0\n", "")


def test_without_native_code() -> None:
    done = run_python(
        """
import numpy as np, exprjit as ej
f = ej.compile("a*b + c")
print(f(3.0, 4.0, 5.0), f.tier, f.address, ej.jit("a // b")(7, 2), ej.evaluate("x * 2", x=np.arange(3)).tolist())
""",
        env={**os.environ, "EXPRJIT_JIT": "0"},
    )
    assert done.stdout == "17.0 interpreter None 3 [0, 2, 4]\n", done.stderr
