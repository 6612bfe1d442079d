#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""summary.py RESULT.json... [--into docs/benchmarks.md]: the tables of the benchmark of elementary functions."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]

BEGIN_MARK, END_MARK = "<!-- tables of bench/maths/summary.py -->", "<!-- end of the tables of bench/maths -->"

VECTOR = ("exprjit, 1ulp", "exprjit, fast", "libmvec", "SLEEF u10", "SLEEF u35")
SCALAR = ("exprjit, 1ulp", "exprjit, fast", "glibc")
PYTHON, BESIDE = ", from Python", "exprjit, 1ulp, beside"  # see from_python.py
GCC = "gcc -ffast-math over libmvec"  # stands in for libmvec where C has no such function


def shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def table(head: list[str], lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines]) + "\n"


def functions_table(rows: list[Row], level: str, dtype: str) -> str:
    """A line per function: ns per element over columns, then one call per row."""
    times: dict[str, dict[tuple[str, str], float]] = {}
    for row in rows:
        if row.get("level") == level and row["type"] == dtype and row["value"] is not None:
            engine = "libmvec" if row["engine"] == GCC else row["engine"]
            times.setdefault(row["function"], {})[row["way"], engine] = row["value"]
    lines = []
    for function, of in times.items():
        vector = [of.get(("vector", engine)) for engine in VECTOR]
        scalar = [of.get(("scalar", engine)) for engine in SCALAR]

        def over(slow: float | None, fast: float | None) -> str:
            return "" if slow is None or fast is None else f"{slow / fast:.2f}"

        lines.append(
            [f"`{function}`", *map(shown, vector), over(vector[2], vector[0]), over(vector[2], vector[1])]
            + [*map(shown, scalar), over(scalar[2], scalar[0])]
        )
    head = ["", "1ulp", "fast", "libmvec", "SLEEF u10", "SLEEF u35", "libmvec over 1ulp", "libmvec over fast"]
    return table([*head, "scalar 1ulp", "scalar fast", "glibc", "glibc over 1ulp"], lines)


def engines_table(rows: list[Row]) -> str:
    """A line per function or expression and type, a column per engine."""
    times: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["value"] is not None:
            times.setdefault(row["group"].removesuffix(PYTHON), {})[row["engine"]] = row["value"]
    engines = sorted({row["engine"]: 0 for row in rows}, key=lambda engine: not engine.startswith("exprjit"))
    lines = [[f"`{group}`", *(shown(of.get(engine)) for engine in engines)] for group, of in times.items()]
    return table(["", *engines], lines)


def targets_table(rows: list[Row]) -> str:
    """A line per target; one that many rows share is one line with the worst."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        if "target" in row:
            kinds.setdefault(row["name"], []).append(row)
    lines = []
    for name, judged in kinds.items():
        alike = len({row["target"] for row in judged}) == 1
        worst = max(judged, key=lambda row: row["ratio"])
        bound = "≥" if worst["at_least"] else "≤"
        reached = f"{sum(row['passed'] for row in judged)} of {len(judged)}"
        if len(judged) == 1 or alike:
            middle = statistics.median(row["value"] for row in judged)
            place = f"{shown(worst['value'])}: {worst['group'].removesuffix(PYTHON)}" if len(judged) > 1 else ""
            lines.append([name, f"{bound} {worst['target']:g}", reached, shown(middle), place])
            continue
        for row in judged:
            words = [f"{row['group']}: {name}", f"{bound} {row['target']:g}", "1 of 1" if row["passed"] else "**0 of 1**"]
            lines.append([*words, shown(row["value"]), row.get("note", "") if "scaled" in name else ""])
    return table(["target", "", "reached", "median", "worst"], lines)


def sections(rows: list[Row]) -> list[tuple[str, str, bool]]:
    """Heading, table, and whether it is part of docs/benchmarks.md."""
    found = [("Targets", targets_table(rows), True)]
    for level in ("v4", "v3", "v2"):
        for dtype in ("f64", "f32"):
            if any(row.get("level") == level and row["type"] == dtype for row in rows):
                text = functions_table(rows, level, dtype)
                found.append((f"{dtype}, {level}, ns per element", text, level != "v2"))
    timed = [row for row in rows if "formula" in row]
    c_side = [row for row in timed if not row["group"].endswith(PYTHON)]
    python = [row for row in timed if row["group"].endswith(PYTHON) and not row["engine"].startswith(BESIDE)]
    for heading, chosen in (("Expressions over columns", c_side), ("From Python, 16,384 rows", python)):
        if chosen:
            found.append((f"{heading}, ns per element", engines_table(chosen), True))
    others = [row for row in rows if row["group"].startswith("compiling") and row["value"] is not None]
    lines = [[row["group"], row["name"], shown(row["value"] / 1000)] for row in others]
    found.append(("Compiling, µs", table(["", "", ""], lines), True))
    return found


def write_into(page: Path, text: str) -> None:
    """Puts the text between the page's two marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN_MARK)
    _, found, after = rest.partition(END_MARK)
    if not found:
        raise SystemExit(f"{page} has no lines {BEGIN_MARK} and {END_MARK}: put them where the tables belong")
    page.write_text(f"{before}{BEGIN_MARK}\n\n{text}\n{END_MARK}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", metavar="RESULT", help="JSON files of one run")
    parser.add_argument("--into", metavar="PAGE", help="write the main tables into this page, between its marks")
    options = parser.parse_args()
    rows: list[Row] = []
    for path in options.results:
        rows += json.loads(Path(path).read_text(encoding="utf-8"))["rows"]
    found = sections(rows)
    if options.into:
        write_into(Path(options.into), "\n".join(f"#### {heading}\n\n{body}" for heading, body, page in found if page))
    else:
        print("\n".join(f"#### {heading}\n\n{body}" for heading, body, _ in found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
