# SPDX-License-Identifier: MIT OR Apache-2.0
"""examples/symreg with small settings: it finds something, and its formulas mean the same to NumPy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import PACKAGE_PARENT

import exprjit as ej

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "symreg"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the examples are not here")


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    import symreg

    return symreg


def test_three_generations() -> None:
    command = [sys.executable, str(FOLDER / "symreg.py"), "--generations", "3", "--formulas", "300", "--sample", "20"]
    path = os.pathsep.join([str(PACKAGE_PARENT), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": path})
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    explained = re.search(r"explains ([0-9.]+) % of the variance", run.stdout)
    assert explained and 60 < float(explained[1]) <= 100, run.stdout
    assert re.search(r"^temperature = .*(day|hour)", run.stdout, re.MULTILINE)
    for name in ("exprjit", "NumPy"):
        line = re.search(rf"^  {name} +[0-9,]+ formulas/s .* ([0-9]+) MB at most", run.stdout, re.MULTILINE)
        assert line and 10 < int(line[1]) < 1000, run.stdout
    assert re.search(r"^  numexpr +(missing|[0-9,]+ formulas/s .* [0-9]+ MB at most)", run.stdout, re.MULTILINE)
    assert re.search(r"^memory: [0-9]+ MB at first, [0-9]+ MB now", run.stdout, re.MULTILINE)


def test_the_sums_are_numpys(example: Any) -> None:
    import rivals
    from formulas import Breeder

    columns = example.read_table()
    generation = Breeder(["hour", "day"], 7).generation([], 40)
    found = example.evaluate(ej.Builder(), generation, 16, columns)
    with np.errstate(all="ignore"):
        for f, ours in zip(generation, found, strict=True):
            theirs = rivals.sums(rivals.by_numpy(f, columns), columns["temperature"])
            # Sums that nearly cancel are compared by the size of what was added.
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * len(columns["hour"]), err_msg=str(f))


def test_the_fit_is_least_squares(example: Any) -> None:
    columns = example.read_table()
    target = columns["temperature"]
    f = np.cos(columns["day"])
    a, b, explained = example.Fit(target).line(float(f.sum()), float(f @ f), float(f @ target))
    slope, constant = np.polyfit(f, target, 1)
    assert (a, b) == pytest.approx((constant, slope))
    assert explained == pytest.approx(1 - np.var(target - constant - slope * f) / np.var(target))
    assert example.Fit(target).line(8759.0, 8759.0, float(target.sum())) == (0.0, 0.0, 0.0)


def test_no_formula_comes_twice(example: Any) -> None:
    from formulas import LARGEST, Breeder, size

    breeder = Breeder(["hour", "day"], 3)
    first = breeder.generation([], 200)
    second = breeder.generation(first[:20], 200)
    assert len(set(first + second)) == 400 and max(size(f) for f in first + second) <= LARGEST
