#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""from_python.py [--json FILE] [--quick] [--only NAME]: exprjit's Python package beside NumPy, Numba and numexpr.

Every elementary function, and the expressions of the benchmark of columns, over columns that stay in the second-level
cache, on one thread. It runs itself twice: Numba with Intel's SVML where that is installed, and without, which can only
be chosen before Numba is imported. Targets are printed as pass or fail; the exit status is 0 either way.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "columns"))

ROWS = 16_384  # so that the half microsecond of a call from Python does not count
Row = dict[str, Any]

# Name, text over a and b in NumPy's names, and the ranges of the program in C++ (functions.cpp).
FUNCTIONS: tuple[tuple[str, str, tuple[tuple[float, float], ...]], ...] = (
    ("exp", "exp(a)", ((-10, 10),)),
    ("exp2", "exp2(a)", ((-10, 10),)),
    ("expm1", "expm1(a)", ((-5, 5),)),
    ("log", "log(a)", ((0.01, 10),)),
    ("log2", "log2(a)", ((0.01, 10),)),
    ("log10", "log10(a)", ((0.01, 10),)),
    ("log1p", "log1p(a)", ((-0.9, 10),)),
    ("pow", "a**b", ((0.1, 10), (-5, 5))),
    ("sin", "sin(a)", ((-10, 10),)),
    ("cos", "cos(a)", ((-10, 10),)),
    ("tan", "tan(a)", ((-10, 10),)),
    ("asin", "arcsin(a)", ((-1, 1),)),
    ("acos", "arccos(a)", ((-1, 1),)),
    ("atan", "arctan(a)", ((-10, 10),)),
    ("atan2", "arctan2(a, b)", ((-10, 10), (-10, 10))),
    ("sinh", "sinh(a)", ((-5, 5),)),
    ("cosh", "cosh(a)", ((-5, 5),)),
    ("tanh", "tanh(a)", ((-5, 5),)),
    ("asinh", "arcsinh(a)", ((-10, 10),)),
    ("acosh", "arccosh(a)", ((1, 10),)),
    ("atanh", "arctanh(a)", ((-0.99, 0.99),)),
    ("cbrt", "cbrt(a)", ((-10, 10),)),
    ("hypot", "hypot(a, b)", ((-10, 10), (-10, 10))),
    ("erf", "erf(a)", ((-3, 3),)),
    ("erfc", "erfc(a)", ((-3, 6),)),
)
EXPRESSIONS = ("waves", "black_scholes", "gelu")
ACCURATE, FAST = "exprjit, 1ulp", "exprjit, fast"
BESIDE = "exprjit, 1ulp, beside Numba without SVML"  # once more, in the second process
JUDGED = (("Numba, without SVML", "Numba without SVML, the better of its two", 5.0), ("numexpr", "numexpr", 6.0))


def contestants(svml: bool) -> list[tuple[str, Any]]:
    """Name and contestant, exprjit first; a text instead says why there is none. Without SVML only Numba differs."""
    from engines import Missing, Numba, NumbaFast, Numexpr, NumPy, module

    class Ours:
        """What ej.compile returns, with the permission to contract that the compilers beside it have."""

        def __init__(self, accuracy: str) -> None:
            self.compile = module("exprjit", "./clients/python").compile
            self.options = {} if accuracy == "1ulp" else {"accuracy": accuracy}
            if self.options and "accuracy" not in inspect.signature(self.compile).parameters:
                raise Missing("this version of the Python package has no choice of accuracy")

        def prepare(self, expression: Any, dtype: str, columns: Any, out: Any) -> Any:
            types = dict.fromkeys(columns, dtype)
            function = self.compile(expression.engine_text, types, fast="contract", **self.options)
            values = tuple(columns.values())
            return lambda: function(*values, out=out)

    suffix = "with SVML" if svml else "without SVML"
    wanted: list[tuple[str, Any]] = [
        (ACCURATE if svml else BESIDE, lambda: Ours("1ulp")),
        (f"Numba, {suffix}", lambda: Numba(1)),
        (f"Numba fastmath, {suffix}", lambda: NumbaFast(1)),
    ]
    if svml:
        wanted += [(FAST, lambda: Ours("fast")), ("NumPy", lambda: NumPy(1)), ("numexpr", lambda: Numexpr(1))]
    found: list[tuple[str, Any]] = []
    for name, make in wanted:
        try:
            made = make()
            if name.startswith("Numba") and bool(made.numba.config.USING_SVML) != svml:
                raise Missing("Numba does not find SVML: pip install intel-cmplr-lib-rt, and its folder in LD_LIBRARY_PATH")
            found.append((name, made))
        except Missing as why:
            found.append((name, str(why)))
    return found


def reason(error: Exception) -> str:
    """Why a contestant has no time: what it says itself, or that it lacks a function."""
    if isinstance(error, NameError) or "VariableNode" in str(error):
        return "it has no such function"
    plain = isinstance(error, LookupError) and not isinstance(error, KeyError)
    return str(error) if plain else f"{type(error).__name__}: {error}".splitlines()[0][:120]


def measure(svml: bool, quick: bool, only: str | None) -> list[Row]:
    """The rows of one process."""
    import expressions
    import numpy as np
    from stopwatch import median_and_range, race

    np.seterr(all="ignore")
    field = contestants(svml)
    points = [
        expressions.Expression(name, name, text, ranges, "transcendental", 1) for name, text, ranges in FUNCTIONS
    ] + [e for e in expressions.EXPRESSIONS if e.name in EXPRESSIONS]
    rows: list[Row] = []
    for expression in points:
        if only not in (None, expression.name):
            continue
        for dtype in ("f64", "f32"):
            columns = expressions.make_columns(expression, dtype, ROWS)
            runs, notes, expected = {}, {}, None
            for name, contestant in field:
                try:
                    if isinstance(contestant, str):
                        raise LookupError(contestant)
                    out = np.empty(ROWS, expressions.NUMPY_TYPES[dtype])
                    run = contestant.prepare(expression, dtype, columns, out)
                    result = np.array(run(), dtype="f8")
                    # The first one is exprjit, which the program in C++ checks against the C library.
                    expected = result if expected is None else expected
                    close = {"f64": 1e-12, "f32": 1e-4}[dtype]
                    if not np.allclose(result, expected, rtol=close, atol=close):
                        raise LookupError("WRONG RESULT")
                    runs[name] = run
                except Exception as error:  # a rival that cannot do this one is a row, not the end of the run
                    notes[name] = reason(error)
            base = {"group": f"{expression.title}, {dtype}, from Python", "unit": "ns"}
            tags = {"formula": expression.name, "type": dtype}
            for name, samples in race(runs, 0.01 if quick else 0.03).items():
                value, low, high = (1e9 * time / ROWS for time in median_and_range(samples))
                rows.append({**base, "name": name, "value": value, "p10": low, "p90": high, **tags, "engine": name})
            for name, note in notes.items():
                rows.append({**base, "name": name, "value": None, "missing": True, "note": note, **tags, "engine": name})
    return rows


def judge(rows: list[Row]) -> list[Row]:
    """exprjit at 1 ULP over its rivals of the same process, for the expressions."""
    points: dict[tuple[str, str], dict[str, float]] = {}
    groups: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["value"] is None or row["formula"] not in EXPRESSIONS:
            continue
        key = (row["formula"], row["type"])
        groups[key] = row["group"]
        points.setdefault(key, {})[row["engine"]] = row["value"]
    judged = []
    for key, times in points.items():
        for beginning, title, target in JUDGED:
            beside = times.get(BESIDE if "without" in beginning else ACCURATE)
            names = {beginning, beginning.replace("Numba", "Numba fastmath")}
            rival = min((time for name, time in times.items() if name in names), default=None)
            row: Row = {"group": groups[key], "name": f"1ulp over {title}", "unit": "x"}
            if beside is None or rival is None:
                judged.append({**row, "value": None, "missing": True, "note": "not measured"})
                continue
            ratio = rival / beside
            judged.append({**row, "value": ratio, "target": target, "at_least": True, "passed": ratio >= target,
                           "ratio": target / ratio})  # fmt: skip
    return judged


def run_child(svml: bool, options: argparse.Namespace) -> list[Row]:
    """The rows of a process of its own, on one CPU."""
    environment = os.environ | dict.fromkeys(
        ("NUMBA_NUM_THREADS", "NUMEXPR_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
    )
    if not svml:
        environment["NUMBA_DISABLE_INTEL_SVML"] = "1"
    # Numba finds Intel's SVML by the loader's path only.
    paths = [f"{sys.prefix}/lib", os.environ.get("LD_LIBRARY_PATH", "")]
    environment["LD_LIBRARY_PATH"] = ":".join(filter(None, paths))
    cpu = max(os.sched_getaffinity(0))
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, "-B", str(Path(__file__).resolve()), "--child", "svml" if svml else "plain"]
        command += ["--json", file.name, *["--quick"] * options.quick]
        command += ["--only", options.only] if options.only else []
        subprocess.run(command, check=True, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        rows: list[Row] = json.loads(Path(file.name).read_text(encoding="utf-8"))
        return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="where the figures go")
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--only", metavar="NAME", help="one function or expression")
    parser.add_argument("--child", choices=("svml", "plain"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        rows = measure(options.child == "svml", options.quick, options.only)
        Path(options.json).write_text(json.dumps(rows), encoding="utf-8")
        return 0
    from rivals import print_rows, versions

    rows = run_child(True, options) + run_child(False, options)
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
