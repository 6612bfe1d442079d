# SPDX-License-Identifier: MIT OR Apache-2.0
"""What exprjit was to reach beside its rivals in Python, judged from the measured rows."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
Point = tuple[str, str, int]  # expression, type, rows

_OURS = ("exprjit evaluate", "exprjit compile")
_OBJECT = "numexpr (NumExpr object)"


class Times:
    """Nanoseconds per row of the one-thread contestants at one point."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.of: dict[str, float] = {}

    def best(self, *beginnings: str) -> float | None:
        return min((time for name, time in self.of.items() if name.startswith(beginnings)), default=None)


def judge(rows: list[Row]) -> list[Row]:
    """The ratios that have a target, as rows."""
    from expressions import EXPRESSIONS

    points: dict[Point, Times] = {}
    for row in rows:
        if row["value"] is not None and row["threads"] == "1":
            key = (row["formula"], row["type"], int(row["rows"]))
            points.setdefault(key, Times(row["group"])).of[row["engine"]] = row["value"]
    expressions = {expression.name: expression for expression in EXPRESSIONS}
    judged: list[Row] = []

    def add(times: Times, name: str, rival: float | None, ours: float | None, target: float) -> None:
        if rival is None or ours is None:
            judged.append(
                {
                    "group": times.group,
                    "name": name,
                    "unit": "x",
                    "value": None,
                    "missing": True,
                    "note": "not measured",
                }
            )
            return
        ratio = rival / ours
        judged.append(
            {"group": times.group, "name": name, "unit": "x", "value": ratio, "target": target, "at_least": True,
             "passed": ratio >= target, "ratio": target / ratio}
        )  # fmt: skip

    for (name, _, size), times in points.items():
        expression = expressions[name]
        ours = times.best(*_OURS)
        if size == 1000 and expression.work == "arithmetic":
            add(times, "speed over Numba, the better of its two", times.best("Numba"), ours, 1.0)
            # Like with like: both look the text up, or neither does.
            add(times, "evaluate over numexpr.evaluate", times.of.get("numexpr"), times.best(_OURS[0]), 10.0)
            if not expression.reduce:
                add(times, "compile over the NumExpr object", times.of.get(_OBJECT), times.best(_OURS[1]), 10.0)
        if expression.work == "reduction":
            add(times, "speed over NumPy", times.best("NumPy"), ours, 1.0)
        if size == 100 and expression.work != "reduction" and not expression.reduce:
            add(times, "evaluate over numexpr.evaluate", times.of.get("numexpr"), times.best(_OURS[0]), 5.0)
            add(times, "compile over the NumExpr object", times.of.get(_OBJECT), times.best(_OURS[1]), 5.0)
            if expression.operations >= 2:
                add(times, "evaluate over NumPy", times.best("NumPy"), times.best(_OURS[0]), 1.0)
    return judged
