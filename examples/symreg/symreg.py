#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Symbolic regression: which formula of the hour and the day gives Seattle's temperature?

Every generation makes 1,000 formulas that never were before, compiles each through ej.Builder into a kernel that reduces
over all rows, and keeps the best. See README.md.
"""

from __future__ import annotations

import argparse
import csv
import math
import resource
import sys
import time
from datetime import datetime
from pathlib import Path

import formulas
import numpy as np
import rivals
from formulas import Breeder, Formula

import exprjit as ej

TABLE = Path(__file__).resolve().parent.parent / "data" / "seattle-weather-hourly-normals.csv"
KEPT = 100  # parents of the next generation
MOST_TOGETHER = 40  # three reductions each; more than 120 do not fit into one pass
SIMPLER = 0.0005  # what one node less is worth


def read_table() -> dict[str, np.ndarray]:
    """The hour of the day and the day of the year as angles, and the temperature."""
    hours, days, temperatures = [], [], []
    with TABLE.open(newline="") as file:
        for row in csv.DictReader(file):
            when = datetime.fromisoformat(row["date"])
            hours.append(when.hour * 2 * math.pi / 24)
            days.append((when.timetuple().tm_yday + when.hour / 24) * 2 * math.pi / 365)
            temperatures.append(float(row["temperature"]))
    return {"hour": np.array(hours), "day": np.array(days), "temperature": np.array(temperatures)}


def compile_fits(b: ej.Builder, group: list[Formula], names: list[str]) -> ej.Function:
    """One kernel that reduces each formula f of the group over all rows to the sums of f, f*f and f*t. It reads the columns
    once for all of them, makes no arrays, and computes once what formulas have in common, as relatives do."""
    b.reset("fits")
    variables = {name: b.param(name, "f64") for name in names}
    for k, f in enumerate(group):
        value = formulas.node(b, f, variables)
        b.output(b.reduce("sum", value), f"f{k}")
        b.output(b.reduce("sum", value * value), f"ff{k}")
        b.output(b.reduce("sum", value * variables["temperature"]), f"ft{k}")
    return b.compile()


def evaluate(
    b: ej.Builder, generation: list[Formula], together: int, columns: dict[str, np.ndarray]
) -> list[tuple[float, float, float]]:
    """The three sums of every formula, by kernels of so many formulas."""
    sums = []
    for at in range(0, len(generation), together):
        group = generation[at : at + together]
        found = compile_fits(b, group, list(columns))(**columns)
        sums += [(float(found[f"f{k}"]), float(found[f"ff{k}"]), float(found[f"ft{k}"])) for k in range(len(group))]
    return sums


class Fit:
    """How well a + b*f(x) can follow the target, for the best a and b: least squares from three sums."""

    def __init__(self, target: np.ndarray) -> None:
        self.n, self.t, self.tt = len(target), float(target.sum()), float(target @ target)

    def line(self, f: float, ff: float, ft: float) -> tuple[float, float, float]:
        """a, b, and the part of the target's variance that they explain."""
        if not math.isfinite(ff) or not math.isfinite(ft):
            return 0.0, 0.0, 0.0  # somewhere no number
        spread = ff - f * f / self.n
        if spread <= 1e-9 * ff:
            return 0.0, 0.0, 0.0  # constant
        common = ft - f * self.t / self.n
        slope = common / spread
        return (self.t - slope * f) / self.n, slope, slope * common / (self.tt - self.t * self.t / self.n)


def megabytes() -> float:
    """Resident memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--generations", type=int, default=100)
    options.add_argument("--formulas", type=int, default=1000, help="new ones per generation")
    options.add_argument("--together", type=int, default=32, help=f"formulas per kernel, at most {MOST_TOGETHER}")
    options.add_argument("--sample", type=int, default=300, help="formulas that NumPy and numexpr evaluate, about")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    if not 1 <= chosen.together <= MOST_TOGETHER:
        options.error(f"--together {chosen.together}: a kernel holds 1 to {MOST_TOGETHER} formulas")
    if chosen.generations < 1 or chosen.formulas < 1 or chosen.sample < 1:
        options.error("--generations, --formulas and --sample are 1 or more")

    columns = read_table()
    target = columns["temperature"]
    fit, breeder, builder = Fit(target), Breeder(["hour", "day"], chosen.seed), ej.Builder()
    print(f"{len(target):,} rows; {chosen.generations} generations of {chosen.formulas:,} new formulas")

    best: list[tuple[float, float, Formula]] = []  # fitness, explained, formula
    sample: list[Formula] = []  # for the rivals, from every generation
    spent = 0.0  # on building, compiling and evaluating; breeding is the same for everybody
    start_memory = megabytes()
    for generation in range(1, chosen.generations + 1):
        latest = breeder.generation([f for _, _, f in best], chosen.formulas)
        sample += latest[: max(1, chosen.sample // chosen.generations)]
        start = time.process_time()
        results = evaluate(builder, latest, chosen.together, columns)
        spent += time.process_time() - start
        for f, sums in zip(latest, results, strict=True):
            explained = fit.line(*sums)[2]
            best.append((explained - SIMPLER * formulas.size(f), explained, f))
        best = sorted(best, key=lambda item: -item[0])[:KEPT]
        if generation == 1 or generation % 10 == 0 or generation == chosen.generations:
            print(
                f"generation {generation:3}: {100 * best[0][1]:5.1f} % explained, {megabytes():4.0f} MB, "
                f"{ej.stats()['cache_bytes'] / 1e6:3.0f} MB of it cached kernels"
            )

    _, explained, f = best[0]
    a, b, _ = fit.line(*evaluate(builder, [f], 1, columns)[0])
    print(f"\ntemperature = {a:.4g} + {b:.4g} * {formulas.text(f)}")
    print(f"explains {100 * explained:.2f} % of the variance")

    count = chosen.generations * chosen.formulas
    ours = spent / count
    print(f"\n{count:,} formulas built, compiled and evaluated over {len(target):,} rows, processor time of one thread:")
    print(
        f"  exprjit   {1 / ours:8,.0f} formulas/s  {1e6 * ours:7.0f} us each   "
        f"{rivals.peak_megabytes():4.0f} MB at most   ({spent:.1f} s in all)"
    )
    for name, found in rivals.measure(sample, columns, target).items():
        if found is None:
            print(f"  {name:8}  missing")
        else:
            each = found.seconds
            print(
                f"  {name:8}  {1 / each:8,.0f} formulas/s  {1e6 * each:7.0f} us each   "
                f"{found.megabytes:4.0f} MB at most   (from {len(sample)} of them, in a process of its own; "
                f"all would take {each * count:.1f} s)"
            )
    stats = ej.stats()
    print(
        f"memory: {start_memory:.0f} MB at first, {megabytes():.0f} MB now; {stats['entries']:,} kernels cached, "
        f"{stats['evictions']:,} evicted"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
