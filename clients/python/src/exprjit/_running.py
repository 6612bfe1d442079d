# SPDX-License-Identifier: MIT OR Apache-2.0
"""How a kernel is run over columns: on how many threads, and so that Ctrl-C ends it."""

from __future__ import annotations

import _thread
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _dtypes, _ffi, errors

#: Elements from which on several threads are worth their start.
PARALLEL_ROWS = 262_144
#: Operations (elements times nodes of the program times trips of its loops) from which on a run is worth a thread of
#: its own that Ctrl-C can end: some ten milliseconds, of which starting the thread is less than a hundredth.
LONG_WORK = 32_000_000

_chosen_threads: int | None = None


def set_num_threads(n: int) -> int:
    """Sets how many threads evaluate large arrays (above 256 Ki elements); returns how many it were before.

    The results do not depend on it, to the last bit. One means the calling thread alone. It holds for the whole
    process. Raises ValueError unless n is at least 1, TypeError unless it is an integer.
    """
    global _chosen_threads
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(f"the number of threads is an int, not {type(n).__name__}")
    count = n.__index__()
    if not 1 <= count <= 4096:
        raise ValueError(f"the number of threads is between 1 and 4096, not {count}")
    before, _chosen_threads = get_num_threads(), count
    return before


def get_num_threads() -> int:
    """How many threads evaluate large arrays: what set_num_threads said, else the CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if _chosen_threads is None else _chosen_threads


def threads_for_pieces(kernel: _ffi.Kernel, rows: int) -> int:
    """The same for run_pieces, whose threads are started for each call: only where the work is long."""
    return get_num_threads() if kernel.work(rows) >= LONG_WORK else 1


def threads_for(rows: int) -> int:
    """The number of threads for an evaluation over so many elements in all."""
    return get_num_threads() if rows > PARALLEL_ROWS else 1


def run_columns(kernel: _ffi.Kernel, inputs: Sequence[int], outputs: Sequence[int], rows: int, threads: int) -> None:
    """Kernel.eval on so many threads; a long run in the main thread can be interrupted by signal handlers that
    raise."""
    if rows <= PARALLEL_ROWS and kernel.work(rows) < LONG_WORK:
        kernel.eval(inputs, outputs, rows)
    else:
        run_guarded(kernel, rows, lambda stop: kernel.eval_with(inputs, outputs, rows, threads, stop))


def run_guarded(kernel: _ffi.Kernel, rows: int, run: Callable[[_ffi.StopWord | None], None]) -> None:
    """Calls `run`, which evaluates the kernel over so many rows: with a stop word, so that signal handlers can end it,
    if it may be long and this is the main thread, the only one where they run."""
    if kernel.work(rows) >= LONG_WORK and _thread.get_ident() == threading.main_thread().ident:
        stop = _ffi.StopWord()
        run_interruptibly(lambda: run(stop), stop)
    else:
        run(None)


def call_once(kernel: _ffi.Kernel, values: Sequence[Any]) -> list[Any]:
    """Kernel.call, which takes no stop word, or where that may take long the same as a column of one row."""
    if kernel.work(1) < LONG_WORK:
        return kernel.call(values)
    cells = _ffi.ScalarCells(len(values))
    inputs: list[int] = []
    for k, (code, value) in enumerate(zip(kernel.codes, values, strict=True)):
        inputs += (cells.put(k, code, value), 0, code, 0, 0, 0)
    results = [np.empty((), _dtypes.NUMPY[output.code]) for output in kernel.outputs]
    outputs: list[int] = []
    for result, output in zip(results, kernel.outputs, strict=True):
        outputs += (_ffi.data_address(result), 0, output.code, 0, 0, 0)
    try:
        run_guarded(kernel, 1, lambda stop: kernel.eval_with(inputs, outputs, 1, 1, stop))
    except errors.ExprJITError as error:
        raise errors.without_row(error) from None
    return [result.item() for result in results]


def run_pieces(run: Callable[[int], None], pieces: Sequence[int], threads: int) -> None:
    """Calls `run` for every piece, on up to so many threads with the calling one. `run` is Python that gives up the GIL
    for most of its time. Raises the first exception, after every thread has ended its piece; pieces not begun are left
    out.
    """
    work = deque(pieces)
    failures: list[BaseException] = []

    def worker() -> None:
        try:
            while not failures:
                try:
                    piece = work.popleft()  # atomic
                except IndexError:
                    break
                run(piece)
        except BaseException as problem:
            failures.append(problem)

    running = []
    for _ in range(min(threads, len(pieces)) - 1):
        finished = _thread.allocate_lock()
        finished.acquire()

        def other(finished: _thread.LockType = finished) -> None:
            worker()
            finished.release()

        try:
            _thread.start_new_thread(other, ())
        except RuntimeError:  # no more threads
            break
        running.append(finished)
    worker()
    while running:
        try:
            running[-1].acquire()
            running.pop()
        except BaseException as problem:
            failures.append(problem)
    if failures:
        raise failures[0]


def run_interruptibly(run: Callable[[], None], stop: _ffi.StopWord) -> None:
    """Calls `run` in another thread and waits for it. What a signal handler raises here meanwhile sets the stop word,
    and goes on to the caller once the run has ended: nothing it reads or writes is in use any more.

    CPython runs signal handlers in the main thread between bytecodes, so never while that is inside the library.
    """
    failure: list[BaseException] = []
    finished = _thread.allocate_lock()
    finished.acquire()

    def work() -> None:
        try:
            run()
        except BaseException as problem:  # handed over to the waiting thread
            failure.append(problem)
        finally:
            finished.release()

    try:
        _thread.start_new_thread(work, ())
    except RuntimeError:  # no more threads: then without a way to interrupt it
        run()
        return
    interrupt: BaseException | None = None
    waiting = True
    while waiting:
        try:
            finished.acquire()
            waiting = False
        except BaseException as problem:
            stop.set()
            interrupt = interrupt or problem
    if interrupt is not None:
        raise interrupt
    if failure:
        raise failure[0]
