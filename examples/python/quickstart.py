#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""exprjit from Python: numbers, a year of Seattle's weather, and how fast it is beside NumPy."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

try:
    import numpy as np

    import exprjit as ej
except ImportError as problem:
    sys.exit(f"{problem}\nInstall both with   pip install ./clients/python   from the folder of the project.")

DATA = Path(__file__).resolve().parent.parent / "data" / "seattle-weather-hourly-normals.csv"

# Wind chill in degrees Celsius, as the weather services of the U.S. and Canada define it. Defined for cold and windy
# hours only; elsewhere it is the temperature. Wind in m/s.
WIND_CHILL = """
    v = (3.6 * wind) ** 0.16
    13.12 + 0.6215 * temperature - 11.37 * v + 0.3965 * temperature * v if temperature <= 10 and wind > 1.34
    else temperature
"""


def numpy_wind_chill(temperature: np.ndarray, wind: np.ndarray) -> np.ndarray:
    """The same with NumPy."""
    v = (3.6 * wind) ** 0.16
    chill = 13.12 + 0.6215 * temperature - 11.37 * v + 0.3965 * temperature * v
    return np.where((temperature <= 10) & (wind > 1.34), chill, temperature)


def read_columns(path: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Dates, temperatures and wind speeds."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    dates = [row["date"] for row in rows]
    temperature = np.array([float(row["temperature"]) for row in rows])
    wind = np.array([float(row["wind"]) for row in rows])
    return dates, temperature, wind


def seconds(work: Callable[[], object]) -> float:
    """The best of several runs, each long enough for the clock."""
    best = float("inf")
    work()
    for _ in range(5):
        count, start = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - start) < 0.02 or count == 0:
            work()
            count += 1
        best = min(best, elapsed / count)
    return best


def main() -> None:
    """Prints the tour."""
    print(f"ej.jit('a * b + c')(3, 4, 5)          {ej.jit('a * b + c')(3, 4, 5)!r}")
    print(f"ej.jit('a * b + c')(0.5, 4, 5)        {ej.jit('a * b + c')(0.5, 4, 5)!r}")

    dates, temperature, wind = read_columns(DATA)
    chill = ej.evaluate(WIND_CHILL)  # finds temperature and wind here
    reference = numpy_wind_chill(temperature, wind)
    coldest = int(np.argmin(chill))
    print(f"\n{len(dates):,} hours of {DATA.name}: wind chill with ej.evaluate")
    print(
        f"  coldest: {dates[coldest]}, {temperature[coldest]} °C and {wind[coldest]} m/s feel like {chill[coldest]:.2f} °C"
    )
    print(f"  largest difference to NumPy: {np.max(np.abs(chill - reference)):.1e} °C")
    assert np.allclose(chill, reference, rtol=1e-14, atol=1e-13), "the wind chill differs from NumPy's"

    function = ej.compile(WIND_CHILL, wind="f8", temperature="f8")
    print(f"\nej.compile: {function.signature}, tier {function.tier}, level {function.isa}")
    print(f"  {function.nbytes} bytes of machine code, compiled in {function.compile_time * 1e6:.1f} µs")

    # The same year again and again; out= so that both measure the arithmetic and not the allocation of the result.
    print("\nmillion rows per second     exprjit     NumPy")
    for rows in (100, len(dates), 1_000_000):
        some_wind, some_temperature = np.resize(wind, rows), np.resize(temperature, rows)
        out = np.empty(rows)
        ours = rows / seconds(lambda w=some_wind, t=some_temperature, o=out: function(w, t, out=o)) / 1e6
        theirs = rows / seconds(lambda w=some_wind, t=some_temperature: numpy_wind_chill(t, w)) / 1e6
        print(f"  {rows:>9,} rows        {ours:>9.1f} {theirs:>9.1f}   ({ours / theirs:.1f}×)")

    # Without elementary functions, in vectors: the standardised temperature where it is windy, and a sum over those hours.
    mean, deviation = ej.evaluate("mean(temperature)"), ej.evaluate("std(temperature)")
    assert np.isclose(mean, temperature.mean(), rtol=1e-14) and np.isclose(deviation, temperature.std(), rtol=1e-12)
    print(f"\nej.evaluate: mean {mean:.3f} °C, standard deviation {deviation:.3f} °C; ", end="")
    print(f"windy hours are {ej.evaluate('mean(temperature, where=wind > 3.5) - mean(temperature)'):+.2f} °C from it")
    print("million rows per second     exprjit     NumPy     (fahrenheit = t * 1.8 + 32, where wind > 3 its square root, else 0)")
    comfort = ej.compile("where(wind > 3, sqrt(t * 1.8 + 32), 0)", t="f8", wind="f8")
    for rows in (100, len(dates), 1_000_000):
        w, t = np.resize(wind, rows), np.resize(np.abs(temperature), rows)
        out = np.empty(rows)
        ours = rows / seconds(lambda t=t, w=w, o=out: comfort(t, w, out=o)) / 1e6
        theirs = rows / seconds(lambda t=t, w=w: np.where(w > 3, np.sqrt(t * 1.8 + 32), 0)) / 1e6
        print(f"  {rows:>9,} rows        {ours:>9.1f} {theirs:>9.1f}   ({ours / theirs:.1f}×)")

    print("\nA mistake is shown with its place:")
    try:
        ej.evaluate("temprature * 9/5 + 32")
    except ej.ExprNameError as error:
        print("  " + str(error).replace("\n", "\n  "))


if __name__ == "__main__":
    main()
