#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""summary.py RESULT.json... [--into docs/benchmarks.md]: the tables of the column benchmark and of rivals.py."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Times = dict[tuple[str, str, int, str], dict[str, float]]  # (expression, type, rows, threads): ns per row by engine

BEGIN_MARK, END_MARK = "<!-- tables of bench/columns/summary.py -->", "<!-- end of the tables -->"

# What is shown of every point: a heading, and the engine whose name it is or begins with.
C_SIDE = (
    ("exprjit", "exprjit"),
    ("exprjit, contract", "exprjit, contract"),
    ("C", "C, -O3 -march=native"),
    ("C, -ffast-math", "C, -O3 -march=native -ffast-math"),
)
PYTHON_SIDE = (
    ("evaluate", "exprjit evaluate"),
    ("evaluate, new array", "exprjit evaluate, new array"),
    ("compile", "exprjit compile"),
    ("compile, new array", "exprjit compile, new array"),
    ("NumPy", "NumPy"),
    ("numexpr", "numexpr"),
    ("NumExpr object", "numexpr (NumExpr object)"),
    ("Numba", "Numba @vectorize"),
    ("Numba, fastmath", "Numba fastmath"),
    ("JAX", "JAX"),
    ("symjit", "symjit"),
)


def read(paths: list[str]) -> tuple[list[Row], Times, dict[str, str]]:
    """All rows, the times, and the expressions' titles in order."""
    rows: list[Row] = []
    for path in paths:
        rows += json.loads(Path(path).read_text(encoding="utf-8"))["rows"]
    times: Times = {}
    titles: dict[str, str] = {}
    for row in rows:
        if "engine" in row and row["value"] is not None:
            key = (row["formula"], row["type"], int(row["rows"]), row["threads"])
            times.setdefault(key, {})[row["engine"]] = row["value"]
            titles.setdefault(row["formula"], row["group"].rsplit(", ", 2)[0])
    return rows, times, titles


def find(point: dict[str, float], engine: str) -> float | None:
    """The engine's time; Numba's name goes on with what it found installed."""
    if engine in point:
        return point[engine]
    return next(
        (value for name, value in point.items() if engine.startswith("Numba") and name.startswith(engine)), None
    )


def shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def table(head: list[str], lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])


def limits(rows: list[Row]) -> str:
    found = [[row["name"], f"{row['value']:,.0f} {row['unit']}"] for row in rows if "limit" in row]
    return table(["the machine's limits in this run", ""], found) + "\n"


def targets(rows: list[Row]) -> str:
    """One line per kind of target: how often it was reached, and where it was missed most."""
    kinds: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        if "target" in row:
            kinds.setdefault((row["name"], row["target"]), []).append(row)
    lines = []
    for (name, target), judged in kinds.items():
        worst = max(judged, key=lambda row: row["ratio"])
        middle = statistics.median(row["value"] for row in judged)
        bound = "at least" if worst["at_least"] else "at most"
        reached = f"{sum(row['passed'] for row in judged)} of {len(judged)}"
        lines.append(
            [name, f"{bound} {target:g}", reached, shown(middle), f"{shown(worst['value'])}: {worst['group']}"]
        )
    return table(["target", "", "reached", "median", "worst"], lines) + "\n"


def times_at(
    times: Times,
    titles: dict[str, str],
    size: int,
    sides: tuple[tuple[str, str], ...],
    threads: int = 1,
    per_call: bool = False,
) -> str:
    """A line per expression and type, in ns per row or per call."""
    lines, width = [], len(sides)
    for formula, title in titles.items():
        for dtype in ("f64", "f32", "i64", "i32"):
            point = times.get((formula, dtype, size, str(threads)), {})
            values = [find(point, engine) for _, engine in sides]
            if values.count(None) < width:
                factor = size if per_call else 1
                cells = [shown(None if value is None else value * factor) for value in values]
                lines.append([f"`{title}`, {dtype}", *cells])
    return table(["", *(heading for heading, _ in sides)], lines) + "\n"


def sections(rows: list[Row], times: Times, titles: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Heading, table, and whether it is part of docs/benchmarks.md."""
    found = [("Limits of the machine", limits(rows), True), ("Targets", targets(rows), True)]
    for size, name, page in (
        (1_000, "1,000 rows", True),
        (100_000, "100,000 rows", False),
        (10_000_000, "10 million rows", True),
    ):
        heading = f"C ABI, {name}, one thread, ns per row"
        found.append((heading, times_at(times, titles, size, C_SIDE), page))
    two = tuple(side for side in C_SIDE if side[0] != "C")
    heading = "C ABI, 10 million rows, two threads, ns per row"
    found.append((heading, times_at(times, titles, 10_000_000, two, 2), False))
    heading = "From Python, 100 rows, ns per call"
    found.append((heading, times_at(times, titles, 100, PYTHON_SIDE, per_call=True), True))
    for size, name, page in (
        (1_000, "1,000 rows", True),
        (10_000_000, "10 million rows", True),
        (100_000_000, "100 million rows", True),
    ):
        heading = f"From Python, {name}, one thread, ns per row"
        found.append((heading, times_at(times, titles, size, PYTHON_SIDE), page))
    return found


def write_into(page: Path, text: str) -> None:
    """Puts the text between the page's two marks."""
    begin, end = BEGIN_MARK, END_MARK
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{page} has no lines {begin} and {end}: put them where the tables belong")
    page.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", metavar="RESULT", help="JSON files of one run")
    parser.add_argument("--into", metavar="PAGE", help="write the main tables into this page, between its marks")
    options = parser.parse_args()
    found = sections(*read(options.results))
    if options.into:
        text = "\n".join(f"#### {heading}\n\n{body}" for heading, body, page in found if page)
        write_into(Path(options.into), text)
    else:
        print("\n".join(f"#### {heading}\n\n{body}" for heading, body, _ in found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
