# SPDX-License-Identifier: MIT OR Apache-2.0
"""Timing, interleaved: every contestant in turn, round after round, so that what else the machine does hits all."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

clock = time.perf_counter

_SAMPLE = 100e-6  # seconds: a thousand times what reading the clock costs


def repeated(run: Callable[[], Any], times: int) -> float:
    """Seconds of one run, the loop around it taken out."""
    loop = range(times)
    start = clock()
    for _ in loop:
        pass
    empty = clock() - start
    start = clock()
    for _ in loop:
        run()
    return max(clock() - start - empty, 1e-9) / times


def race(runs: dict[str, Callable[[], Any]], seconds: float) -> dict[str, list[float]]:
    """Seconds per run of each contestant, several samples; about `seconds` for each contestant in all."""
    inner, longest = {}, 0.0
    for name, run in runs.items():
        first = repeated(run, 1)
        shortest = first if first > 0.05 else min(repeated(run, 3) for _ in range(3))
        inner[name] = max(1, round(_SAMPLE / shortest))
        longest = max(longest, shortest * inner[name])
    rounds = round(min(31, max(2 if longest > 0.2 else 3, seconds / longest)))
    samples: dict[str, list[float]] = {name: [] for name in runs}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, run in runs.items():
                if inner[name] > 1:
                    run()  # its code and data come back into the caches
                samples[name].append(repeated(run, inner[name]))
    finally:
        gc.enable()
    return samples


def median_and_range(samples: list[float]) -> tuple[float, float, float]:
    """Median, and about the 10th and 90th percentile."""
    ordered = sorted(samples)
    edge = len(ordered) // 10
    return statistics.median(ordered), ordered[edge], ordered[-1 - edge]
