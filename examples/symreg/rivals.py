# SPDX-License-Identifier: MIT OR Apache-2.0
"""The same formulas evaluated by NumPy and by numexpr: seconds of processor time per formula over a sample."""

from __future__ import annotations

import time
from collections.abc import Callable

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


def seconds_per_formula(
    sample: list[Formula], columns: dict[str, np.ndarray], target: np.ndarray
) -> dict[str, float | None]:
    """By name; None for what is not installed."""
    found: dict[str, float | None] = {}
    for name, evaluate in (("NumPy", by_numpy), ("numexpr", _numexpr())):
        if evaluate is None:
            found[name] = None
            continue
        start = time.process_time()
        with np.errstate(all="ignore"):
            for f in sample:
                sums(evaluate(f, columns), target)
        found[name] = (time.process_time() - start) / len(sample)
    return found
