# SPDX-License-Identifier: MIT OR Apache-2.0
"""The same formulas evaluated by NumPy and by numexpr: processor time per formula over a sample, and memory."""

from __future__ import annotations

import json
import math
import pickle
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import formulas
import numpy as np
from formulas import Formula

FUNCTIONS = {
    "sin": np.sin,
    "cos": np.cos,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "neg": np.negative,
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
}


def by_numpy(f: Formula, columns: dict[str, np.ndarray]) -> np.ndarray | float:
    """The formula's values, one array per operation."""
    if isinstance(f, tuple):
        return FUNCTIONS[f[0]](*[by_numpy(part, columns) for part in f[1:]])
    return columns[f] if isinstance(f, str) else f


def sums(values: np.ndarray | float, target: np.ndarray) -> tuple[float, float, float]:
    """What the fit needs: the sums of f, f*f and f*target."""
    values = np.broadcast_to(values, target.shape)
    return float(values.sum()), float(values @ values), float(values @ target)


def _numexpr() -> Callable[[Formula, dict[str, np.ndarray]], np.ndarray] | None:
    try:
        import numexpr
    except ImportError:
        return None
    numexpr.set_num_threads(1)  # as the others
    return lambda f, columns: numexpr.evaluate(formulas.text(f), local_dict=columns, global_dict={})


class Measured(NamedTuple):
    """What one of them took."""

    seconds: float  #: of processor time per formula
    megabytes: float  #: of resident memory at most, in a process of its own, with Python, NumPy and the data


def peak_megabytes() -> float:
    """Resident memory of this process at its highest. (Not ru_maxrss: a child begins with its parent's.)"""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else math.nan


def measure(
    sample: list[Formula], columns: dict[str, np.ndarray], target: np.ndarray
) -> dict[str, Measured | None]:
    """By name, each in a new process; None for what is not installed."""
    work = pickle.dumps((sample, columns, target))
    found: dict[str, Measured | None] = {}
    for name in ("NumPy", "numexpr"):
        done = subprocess.run([sys.executable, __file__, name], input=work, stdout=subprocess.PIPE, check=True)
        found[name] = Measured(*json.loads(done.stdout)) if done.stdout.strip() else None
    return found


def main() -> None:
    """The process of one of them: the work comes pickled, the two numbers go as JSON."""
    sample, columns, target = pickle.load(sys.stdin.buffer)
    evaluate = _numexpr() if sys.argv[1] == "numexpr" else by_numpy
    if evaluate is None:
        return
    start = time.process_time()
    with np.errstate(all="ignore"):
        for f in sample:
            sums(evaluate(f, columns), target)
    print(json.dumps([(time.process_time() - start) / len(sample), peak_megabytes()]))


if __name__ == "__main__":
    main()
