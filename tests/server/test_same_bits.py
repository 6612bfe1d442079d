# SPDX-License-Identifier: MIT OR Apache-2.0
"""The same expression has the same bits through C, C++, Rust, Python, the command line and the server, whose machine code is
compiled in different processes, over other batches, with other numbers of threads."""

import csv
import io
import os
import pathlib
import subprocess

import numpy as np
import pytest

import exprjit as ej
from conftest import ROOT

HERE = pathlib.Path(__file__).resolve().parent
ROWS = 5003

MAPS = [
    "x + y", "x * y - x / y", "(x - y) / (abs(x) + 1e-300)", "x ** 3 - y ** 2", "abs(x) ** y", "2 ** (x / 10)",
    "sqrt(abs(x)) + cbrt(y)", "exp(x / 50)", "log(abs(x)) + log2(abs(y)) - log10(abs(x) + 1)",
    "expm1(x / 1e3) + log1p(abs(y))", "sin(x) + cos(y)", "tan(x) * 1e-3", "sin(x * 1e9)",
    "asin(clamp(x, -1, 1)) + acos(clamp(y, -1, 1)) + atan(x)", "atan2(y, x)", "sinh(x / 100) - cosh(y / 100) + tanh(x)",
    "hypot(x, y)", "floor(x) + ceil(y) + round(x * 2) + trunc(y)", "x // 3.7 + y % 0.1", "fmod(x, 3.3)",
    "min(x, y) + max(x, 0.0)", "x if x > y else -y", "clamp(x, -2, 2) + sign(y)", "fma(x, y, -x)",
    "erf(x / 10) + erfc(y / 10)", "gamma(abs(x) / 20 + 0.5)", "sigmoid(x) + relu(y)", "x - mean(x)",
    "(x - min(x)) / (max(x) - min(x))", "x / norm(y)",
]  # fmt: skip
REDUCTIONS = [
    "sum(x)", "sum(x * y) / sum(abs(y))", "mean(x)", "std(x)", "var(y)", "min(x) + max(y)", "dot(x, y)", "norm(x)",
    "prod(1 + x / 1e6)", "sum(x, where=y > 0)", "mean(abs(x - y))",
]  # fmt: skip


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(99)
    x = rng.normal(size=ROWS) * 10.0 ** rng.integers(-3, 3, ROWS)
    y = rng.normal(size=ROWS) * 10.0 ** rng.integers(-3, 3, ROWS)
    x[:4], y[:4] = (0.0, -0.0, 1.0, 1e-310), (1.0, 2.0, -0.5, 3.0)
    return x, y


@pytest.fixture(scope="module")
def expected(columns):
    x, y = columns
    return {text: np.atleast_1d(ej.evaluate(text, x=x, y=y)) for text in (*MAPS, *REDUCTIONS)}


def compare(text, actual, expected):
    assert actual.dtype == expected.dtype == np.float64 and actual.shape == expected.shape, text
    wrong = (actual.view("u8") != expected.view("u8")) & ~(np.isnan(actual) & np.isnan(expected))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise AssertionError(f"{text}: row {row} is {actual[row].hex()}, in Python {expected[row].hex()}")


def program_in(language, folder):
    """The command that starts same_bits, written in that language."""
    library = pathlib.Path(os.environ["EXPRJIT_LIBRARY"]).resolve().parent
    if language == "rust":
        crate = ROOT / "clients" / "rust"
        target = os.environ.get("CARGO_TARGET_DIR") or str(folder / "target")
        environment = {**os.environ, "EXPRJIT_LIB_DIR": str(library), "CARGO_TARGET_DIR": target}
        build = ["cargo", "build", "--locked", "--quiet", "--example", "same_bits"]
        subprocess.run(build, cwd=crate, env=environment, check=True)
        return ["env", f"LD_LIBRARY_PATH={library}", f"{target}/debug/examples/same_bits"]
    program = folder / "same_bits"
    compiler = (
        [os.environ.get("CC", "cc"), "-std=c99"] if language == "c" else [os.environ.get("CXX", "c++"), "-std=c++17"]
    )
    subprocess.run(
        [*compiler, "-O1", f"-I{ROOT}/include", HERE / f"same_bits.{language}", f"-L{library}", "-lexprjit",
         f"-Wl,-rpath,{library}", "-o", program],
        check=True,
    )  # fmt: skip
    return [program]


@pytest.mark.parametrize("language", ["c", "cpp", "rust"])
def test_compiled_languages(language, columns, expected, tmp_path):
    program = program_in(language, tmp_path)
    lines = [f"m {text}" for text in MAPS] + [f"r {text}" for text in REDUCTIONS]
    (tmp_path / "texts").write_text("\n".join(lines) + "\n")
    (tmp_path / "columns").write_bytes(columns[0].tobytes() + columns[1].tobytes())
    subprocess.run([*program, "texts", "columns", str(ROWS), "results"], cwd=tmp_path, check=True, timeout=60)
    results = np.fromfile(tmp_path / "results")
    for text, count in [(text, ROWS) for text in MAPS] + [(text, 1) for text in REDUCTIONS]:
        compare(text, results[:count], expected[text])
        results = results[count:]
    assert not len(results)


def test_the_command_line(columns, expected, tmp_path):
    program = os.environ.get("EXPRJIT_CLI")
    assert program, "set EXPRJIT_CLI to the exprjit program"
    rows = "".join(f"{x!r},{y!r}\n" for x, y in zip(columns[0].tolist(), columns[1].tolist(), strict=True))
    (tmp_path / "t.csv").write_text("x,y\n" + rows)

    def run(text):
        command = [program, "eval", text, "--csv", "t.csv", "--param", "x:f64", "--param", "y:f64", "-q"]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60).stdout

    for text in REDUCTIONS:
        compare(text, np.array([float(run(text))]), expected[text])
    # The maps in one run, as named results.
    table = csv.DictReader(io.StringIO(run("; ".join(f"r{i} = {text}" for i, text in enumerate(MAPS)))))
    found = {f"r{i}": [] for i in range(len(MAPS))}
    for row in table:
        for name, values in found.items():
            values.append(float(row[name]))
    for i, text in enumerate(MAPS):
        compare(text, np.array(found[f"r{i}"]), expected[text])


def test_the_server(client, columns, expected):
    x, y = columns
    for text in (*MAPS, *REDUCTIONS):
        compare(text, np.atleast_1d(client.evaluate(text, x=x, y=y)), expected[text])


def test_the_server_by_batches(client, columns, expected):
    x, y = columns
    edges = [0, 1, 2, 100, 4096, 4097, ROWS]
    batches = [{"x": x[a:b], "y": y[a:b]} for a, b in zip(edges, edges[1:], strict=False)]
    for text in MAPS[:-3]:
        compare(text, np.concatenate(list(client.stream(text, batches))), expected[text])
    for text in REDUCTIONS:
        compare(text, np.atleast_1d(next(client.stream(text, batches))), expected[text])
