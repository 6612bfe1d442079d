#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""plot.py OUT.svg RESULT.json...: time per row over the number of rows, one panel per expression and type.

Reads what exprjit_bench_columns and rivals.py wrote. Solid lines are one thread, dashed ones two.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib import ticker

# Beginning of the engine's name: how it is drawn. Names that begin with none of these are left out.
STYLES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("exprjit, contract", "exprjit (C ABI)", {"color": "#d62728", "linewidth": 2.6, "marker": "o", "zorder": 9}),
    (
        "exprjit evaluate",
        "exprjit (Python, evaluate)",
        {"color": "#ff7f0e", "linewidth": 2.2, "marker": "o", "zorder": 8},
    ),
    ("C, -O3 -march=native -ffast-math", "C, gcc -ffast-math", {"color": "#111111", "marker": "s"}),
    ("NumPy", "NumPy", {"color": "#1f77b4", "marker": "v"}),
    ("numexpr", "numexpr", {"color": "#2ca02c", "marker": "^"}),
    ("Numba fastmath", "Numba, fastmath", {"color": "#9467bd", "marker": "D"}),
    ("JAX", "JAX", {"color": "#8c564b", "marker": "P"}),
    ("symjit", "symjit", {"color": "#7f7f7f", "marker": "X"}),
)
TYPES = ("f64", "f32")
INTEGER_TYPES = ("i64", "i32")

Line = dict[int, float]
Panel = dict[tuple[str, str], Line]  # (label, threads): time per row over rows


def label_of(engine: str) -> str | None:
    if engine == "numexpr (NumExpr object)":
        return None
    if engine == "exprjit":  # integers have nothing to contract
        return "exprjit (C ABI)"
    return next((label for begin, label, _ in STYLES if engine.startswith(begin)), None)


def read(paths: list[str]) -> tuple[dict[tuple[str, str], Panel], dict[str, str]]:
    """The panels by (expression, type), and the expressions' titles in order."""
    panels: dict[tuple[str, str], Panel] = {}
    titles: dict[str, str] = {}
    for path in paths:
        for row in json.loads(Path(path).read_text(encoding="utf-8"))["rows"]:
            label = label_of(row.get("engine", ""))
            if label is None or row["value"] is None:
                continue
            titles.setdefault(row["formula"], row["group"].rsplit(", ", 2)[0])
            panel = panels.setdefault((row["formula"], row["type"]), {})
            line = panel.setdefault((label, row["threads"]), {})
            rows = int(row["rows"])
            line[rows] = min(row["value"], line.get(rows, row["value"]))
    return panels, titles


def draw_panel(axes: Any, panel: Panel, title: str) -> None:
    axes.set_title(title, fontsize=9, loc="left")
    for _, label, style in STYLES:
        for threads, dashes in (("1", "-"), ("2", "--")):
            line = panel.get((label, threads))
            if line:
                sizes = sorted(line)
                axes.plot(sizes, [line[size] for size in sizes], linestyle=dashes, markersize=3.5, alpha=0.9, **style)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(ticker.NullFormatter())
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.tick_params(labelsize=7)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def main() -> int:
    if len(sys.argv) < 3:
        print("usage: plot.py OUT.svg RESULT.json...", file=sys.stderr)
        return 2
    panels, titles = read(sys.argv[2:])
    if not panels:
        print("nothing to draw: the files hold no times", file=sys.stderr)
        return 1
    shown = list(titles)
    figure, grid = plt.subplots(len(shown), 2, figsize=(10, 2.3 * len(shown) + 1), squeeze=False, sharex=True)
    for line, name in zip(grid, shown, strict=True):
        types = TYPES if any((name, kind) in panels for kind in TYPES) else INTEGER_TYPES
        for axes, kind in zip(line, types, strict=True):
            draw_panel(axes, panels.get((name, kind), {}), f"{titles[name]}, {kind}")
        line[0].set_ylabel("ns per row", fontsize=8)
    for axes in grid[-1]:
        axes.set_xlabel("rows", fontsize=8)
    handles = [plt.Line2D([], [], label=label, **style) for _, label, style in STYLES]
    handles.append(plt.Line2D([], [], color="#555555", linestyle="--", label="2 threads"))
    figure.legend(handles=handles, loc="upper center", ncols=5, fontsize=8, frameon=False)
    height = figure.get_figheight()
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.7 / height))
    figure.savefig(sys.argv[1], metadata={"Date": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
