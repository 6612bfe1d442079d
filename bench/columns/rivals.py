#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""rivals.py [--json FILE] [--quick] [--only NAME]: exprjit's Python package beside its rivals there.

NumPy, numexpr, Numba, JAX and symjit: the same expressions over the same columns in one process, interleaved, medians.
It runs itself twice: on one CPU, and on all of them with two threads, because JAX takes its number of threads from the
CPUs it may use. Targets are printed as pass or fail; the exit status is 0 either way. A rival that is not installed
gives rows `missing`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIZES = (100, 1_000, 100_000, 10_000_000)
SIZES_TWO_THREADS = (100_000, 10_000_000)
PACKAGES = ("numpy", "numexpr", "numba", "llvmlite", "jax", "jaxlib", "symjit", "intel-cmplr-lib-rt")
Row = dict[str, Any]


def size_name(rows: int) -> str:
    return f"{rows // 1_000_000} million" if rows >= 1_000_000 else f"{rows:,}"


def differs(result: Any, expected: Any, dtype: str) -> str:
    """What is wrong with a contestant's result, or nothing. Sums in f32 depend on their order."""
    import numpy as np

    result, expected = np.asarray(result), np.asarray(expected)
    tolerance = {"f64": 1e-9, "f32": 5e-4}.get(dtype, 0)
    if result.shape != expected.shape:
        return f"WRONG RESULT: shape {result.shape}, NumPy has {expected.shape}"
    if not np.allclose(result, expected, rtol=tolerance, atol=tolerance):
        return f"WRONG RESULT: {result.ravel()[:3]}, NumPy has {expected.ravel()[:3]}"
    return ""


class Session:
    """All points for one number of threads."""

    def __init__(self, threads: int, quick: bool) -> None:
        from engines import CONTESTANTS, Missing

        self.threads, self.quick = threads, quick
        self.rows: list[Row] = []
        self.contestants = []
        self.absent: dict[str, str] = {}
        for make in CONTESTANTS:
            try:
                self.contestants.append(make(threads))
            except Missing as why:
                name = make.name if isinstance(make.name, str) else make.__name__
                self.absent[name] = str(why)

    def point(self, expression: Any, dtype: str, rows: int) -> None:
        import numpy as np

        from engines import SMALL_ONLY, Missing
        from expressions import NUMPY_TYPES, make_columns
        from stopwatch import median_and_range, race

        columns = make_columns(expression, dtype, rows)
        runs, notes, expected = {}, dict(self.absent), None
        for contestant in self.contestants:
            if rows > 1000 and contestant.name in SMALL_ONLY:
                continue
            out = np.empty(rows, NUMPY_TYPES[dtype])
            try:
                run = contestant.prepare(expression, dtype, columns, out)
                if rows <= 100_000:
                    expected = self.expected(expression, dtype, columns) if expected is None else expected
                    wrong = differs(run(), expected, dtype)
                    if wrong:
                        raise Missing(wrong)
                runs[contestant.name] = run
            except Missing as why:
                notes[contestant.name] = str(why)
            except Exception as error:  # a rival that cannot do this one is a row, not the end of the run
                notes[contestant.name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        seconds = (0.01 if self.quick else 0.03) if rows < 1_000_000 else (0.05 if self.quick else 0.25)
        for name, samples in race(runs, seconds).items():
            value, low, high = (1e9 * time / rows for time in median_and_range(samples))
            self.add(expression, dtype, rows, name, value=value, p10=low, p90=high)
        for name, note in notes.items():
            self.add(expression, dtype, rows, name, value=None, missing=True, note=note)

    def expected(self, expression: Any, dtype: str, columns: Any) -> Any:
        """NumPy's result, from its own columns in f64 where they are f32."""
        import numpy as np

        from engines import NumPy

        wide = {name: value.astype("f8") if dtype == "f32" else value for name, value in columns.items()}
        out = np.empty(len(wide["a"]), wide["a"].dtype)
        return np.copy(NumPy(1).prepare(expression, "f64" if dtype == "f32" else dtype, wide, out)())

    def add(self, expression: Any, dtype: str, rows: int, name: str, **fields: Any) -> None:
        group = f"{expression.title}, {dtype}, {size_name(rows)} rows"
        tags = {
            "formula": expression.name,
            "type": dtype,
            "rows": str(rows),
            "engine": name,
            "threads": str(self.threads),
        }
        shown = name if self.threads == 1 else f"{name}, {self.threads} threads"
        self.rows.append({"group": group, "name": shown, "unit": "ns/row", **fields, **tags})


def measure(threads: int, quick: bool, only: str | None) -> list[Row]:
    """The rows of one process."""
    import numpy as np

    from expressions import EXPRESSIONS

    np.seterr(all="ignore")
    session = Session(threads, quick)
    for expression in EXPRESSIONS:
        if only not in (None, expression.name):
            continue
        for dtype in expression.dtypes:
            print(f"{expression.title}, {dtype}, {threads} thread{'s'[: threads - 1]}", file=sys.stderr, flush=True)
            for rows in SIZES if threads == 1 else SIZES_TWO_THREADS:
                session.point(expression, dtype, rows)
    if not quick and threads == 1 and only in (None, "sum"):
        # The sum of 100 million doubles; those who allocate or compile nothing for it.
        session.contestants = [
            c for c in session.contestants if c.name.startswith(("exprjit", "NumPy", "numexpr", "Numba"))
        ]
        session.point(next(e for e in EXPRESSIONS if e.name == "sum"), "f64", 100_000_000)
    return session.rows


def run_child(threads: int, options: argparse.Namespace) -> list[Row]:
    """The rows of a process of its own, on one CPU if it is to have one thread."""
    cpus = sorted(os.sched_getaffinity(0))
    allowed = {cpus[-1]} if threads == 1 else set(cpus)
    environment = os.environ | {"NUMBA_NUM_THREADS": str(threads), "NUMEXPR_MAX_THREADS": str(threads)}
    environment |= {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    # Numba finds Intel's SVML by the loader's path only.
    environment["LD_LIBRARY_PATH"] = ":".join(
        filter(None, [f"{sys.prefix}/lib", os.environ.get("LD_LIBRARY_PATH", "")])
    )
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-B", str(Path(__file__).resolve()), "--child", str(threads), "--json", file.name]
        command += ["--quick"] * options.quick + (["--only", options.only] if options.only else [])
        subprocess.run(command, check=True, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, allowed))
        rows: list[Row] = json.loads(Path(file.name).read_text(encoding="utf-8"))
        return rows


def print_rows(rows: list[Row]) -> None:
    group = ""
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            print(f"\n{group}")
        if row["value"] is None:
            print(f"  {row['name']:44}     missing   ({row['note']})")
            continue
        line = f"  {row['name']:44} {row['value']:11.3f} {row['unit']:6}"
        if "target" in row:
            line += f"  {'pass' if row['passed'] else 'FAIL'}  at least {row['target']:g}"
        print(line)
    judged = [row for row in rows if "target" in row]
    print(f"\n{sum(row['passed'] for row in judged)} of {len(judged)} targets reached")


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "missing"
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="where the figures go")
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--only", metavar="NAME", help="one expression, by its name in expressions.py")
    parser.add_argument("--child", type=int, metavar="THREADS", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    if options.child:
        Path(options.json).write_text(json.dumps(measure(options.child, options.quick, options.only)), encoding="utf-8")
        return 0
    from targets import judge

    rows = run_child(1, options)
    if len(os.sched_getaffinity(0)) > 1:
        rows += run_child(2, options)
    rows += judge(rows)
    order: dict[str, int] = {}
    for row in rows:
        order.setdefault(row["group"], len(order))
    rows.sort(key=lambda row: order[row["group"]])  # stable: the figures of a group follow its times
    print_rows(rows)
    if options.json:
        result = {"versions": versions(), "rows": rows}
        Path(options.json).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
