# SPDX-License-Identifier: MIT OR Apache-2.0
"""Turns the measurements of exprjit_accuracy (--json lines) into docs/accuracy.md and recorded.inc."""

from __future__ import annotations

import argparse
import json
import math
import re
from pathlib import Path
from typing import Any

OURS = ("1ulp", "fast")
COLUMNS = ("1ulp", "fast", "glibc", "libmvec", "SLEEF u10", "SLEEF u35")
HEAD = """# How accurate the functions are

`./dev accuracy` writes this file. Every figure is a largest error in units in the last place (ULP), as measured: 0.5 is the best
a rounded result can be; below the smallest normal number the unit is the smallest subnormal. Exact values are MPFR's.

- **f32**: {f32}.
- **f64**: {f64}.
- A **wrong kind** is a NaN, an infinity or the sign of a zero where C99 (Annex F) has something else, or an infinity more than a
  unit from the largest number; such results have no error in units. Where one was seen, its cell says `kind`, with an argument.
- exprjit's functions give the same bits in every engine and at every instruction set, so one measurement holds for
  all{calls}. *1ulp* is the default; *fast* is `accuracy = fast`. The rivals were measured with the same arguments on one machine:
  {machine}. SLEEF's `u10` stands for its most accurate variant where it has no u10.
- A dash: there is no such function. Errors of 1e+05 and the like are at huge arguments next to a multiple of π/2, or next to a zero.

The rows of the operations (`src/ir/ops.def`) hold these errors, or more where another test found more, and a test (`tests/accuracy/regression_test.cpp`) fails
when a function is further off than its row says. One function alone: `exprjit_accuracy exp --type f64 --accuracy both`.
"""


def read(paths: list[Path]) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    """Rows by function and type, in the order of the files, each by who was measured."""
    rows: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.setdefault((row["function"], row["type"]), {})[row["who"]] = row
    return rows


def with_figures(table: str, rows: dict[tuple[str, str], dict[str, dict[str, Any]]]) -> str:
    """ops.def with the measured maxima in the ulp column, rounded up to two digits, where they are larger than what stands
    there: other tests look more closely at some places, and what they found counts as well. A row that promises
    correctly rounded results keeps its promise."""
    for function in dict.fromkeys(name for name, _ in rows):
        figures = [rows[function, kind][who]["max"] for who in OURS for kind in ("f64", "f32")]
        row = re.compile(rf'^(OP\(\d+, \w+, "{function}", "[^"]*", [^,]+(?:\([^)]*\))?, [^,]+, )(ULP\([^)]*\)|[\d.]+)', re.M)
        found = row.search(table)
        if found is None:
            raise SystemExit(f"ops.def has no row for {function}")
        standing = [float(text) for text in re.findall(r"[\d.]+", found[2])]
        standing = standing if len(standing) == len(figures) else standing[:1] * len(figures)
        texts = [f"{max(math.ceil(new * 100 - 1e-9) / 100, old):g}" for new, old in zip(figures, standing, strict=True)]
        column = texts[0] if len(set(texts)) == 1 else f"ULP({', '.join(texts)})"
        if found[2] != "0":
            table = row.sub(lambda match: match[1] + column, table)  # noqa: B023 - used at once
    return table


def shown(error: float) -> str:
    """Rounded up, so that the figure is a bound of what was seen."""
    if error >= 1e5:
        return f"{error:.0e}"
    digits = 3 if error < 100 else 0
    scale = 10**digits
    return f"{-(-error * scale // 1) / scale:.{digits}f}"


def cell(row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    text = shown(row["max"])
    return text if row["special"] == 0 else f"{text}, kind at {row['special_at']}"


def table(rows: dict[tuple[str, str], dict[str, dict[str, Any]]], kind: str) -> list[str]:
    lines = [
        "| function | exprjit 1ulp | mean | worst argument | exprjit fast | mean | glibc | libmvec | SLEEF u10 | SLEEF u35 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (function, type_), by in rows.items():
        if type_ != kind:
            continue
        exact, fast = by["1ulp"], by["fast"]
        lines.append(
            f"| `{function}` | {cell(exact)} | {exact['mean']:.3f} | `{exact['worst']}` | {cell(fast)} | {fast['mean']:.3f} | "
            + " | ".join(cell(by.get(who)) for who in COLUMNS[2:])
            + " |"
        )
    return lines


def recorded(rows: dict[tuple[str, str], dict[str, dict[str, Any]]]) -> list[str]:
    """Every worst argument of anybody, once."""
    seen: dict[str, None] = {}
    for (function, type_), by in rows.items():
        for row in by.values():
            for place in (row["worst"], row["special_at"]):
                x, _, y = place.partition(",")
                if x and "nan" not in place and "inf" not in place:
                    seen[f'{{"{function}", "{type_}", {x}, {y or 0}}},'] = None
    return [
        "// SPDX-License-Identifier: MIT OR Apache-2.0",
        "// Written by tests/accuracy/report.py from the measurements of ./dev accuracy.",
        *seen,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path, nargs="+")
    parser.add_argument("--document", type=Path, required=True)
    parser.add_argument("--recorded", type=Path)
    parser.add_argument("--f32", required=True, help="in words: which f32 arguments")
    parser.add_argument("--f64", required=True, help="in words: which f64 arguments")
    parser.add_argument("--machine", required=True, help="in words: CPU and libraries")
    parser.add_argument("--calls", default="", help="the functions that are the C library's, separated by spaces")
    parser.add_argument("--rows", type=Path, help="ops.def, whose ulp column is to have these figures")
    options = parser.parse_args()
    rows = read(options.measurements)
    names = [f"`{name}`" for name in options.calls.split()]
    calls = f" (but {' and '.join(names)}, which call the C library)" if names else ""
    lines = [HEAD.format(f32=options.f32, f64=options.f64, machine=options.machine, calls=calls)]
    for kind in ("f64", "f32"):
        lines += [f"## {kind}", "", *table(rows, kind), ""]
    options.document.write_text("\n".join(lines), encoding="utf-8")
    if options.rows is not None:
        options.rows.write_text(with_figures(options.rows.read_text(encoding="utf-8"), rows), encoding="utf-8")
    if options.recorded is not None:
        options.recorded.write_text("\n".join(recorded(rows)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
