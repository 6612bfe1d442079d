# SPDX-License-Identifier: MIT OR Apache-2.0
"""Formulas of many users, evaluated by one server that trusts none of them.

    python examples/service/service.py [--formulas 200] [--rows 1000000] [--users 4] [--server PROGRAM]

Starts exprjit-server on a private socket, lets users send their formulas over a table of weather, shows how it refuses
texts that mean harm, and ends it. What is needed is exprjit-server and the Python client (pip install
exprjit[remote]); where there is libexprjit too, the bits of one result are compared with its own.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import exprjit
from exprjit.remote import Client

HERE = Path(__file__).resolve().parent
WEATHER = HERE.parent / "data" / "seattle-weather-hourly-normals.csv"

HOSTILE = {
    "reach the machine": "__import__('os').system('rm -rf /')",
    "overflow a stack": "(" * 30_000 + "temperature" + ")" * 30_000,
    "make it compile for ever": "; ".join(
        ["x0 = temperature"] + [f"x{i} = sin(x{i - 1}) * exp(x{i - 1})" for i in range(1, 1500)]
    ),
}


@contextlib.contextmanager
def running_server(program: str, threads: int) -> Iterator[str]:
    """An exprjit-server on a socket only this user can open; ended by SIGTERM, as an operator would."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, f"--listen=unix:{folder}/exprjit.sock", f"--threads={threads}", "--metrics-port=off"]
        try:
            started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError as problem:
            sys.exit(
                f"{program} cannot be started ({problem.strerror}): build exprjit-server with ./dev build, "
                "or say where it is with --server PROGRAM"
            )
        with started as process:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            if not line:
                sys.exit(f"{program} did not start; run it by hand to see why:\n  {' '.join(command)}")
            print(line)
            try:
                yield f"unix:{folder}/exprjit.sock"
            finally:
                process.terminate()
                print(f"the server ended with exit status {process.wait(30)}")


def weather(rows: int) -> dict[str, np.ndarray]:
    """The hourly normals of Seattle, repeated with some noise until there are enough rows."""
    with WEATHER.open(encoding="utf-8", newline="") as file:
        hours = list(csv.DictReader(file))
    rng = np.random.default_rng(2010)
    names = {"temperature": 2.0, "wind": 0.5, "pressure": 3.0}
    table = {}
    for name, noise in names.items():
        column = np.resize(np.array([float(hour[name]) for hour in hours]), rows)
        table[name] = column + rng.normal(scale=noise, size=rows)
    table["wind"] = np.abs(table["wind"])
    return table


def users_formulas(count: int) -> list[str]:
    """What users come up with: no two alike."""
    rng = random.Random(1)
    number = lambda low, high: f"{rng.uniform(low, high):.4f}"  # noqa: E731
    ideas = [
        lambda: f"temperature * {number(1, 2)} + {number(20, 40)}",
        lambda: f"13.12 + {number(0.5, 0.7)}*temperature + ({number(0.3, 0.5)}*temperature - 11.37) * (wind*3.6)**0.16",
        lambda: f"6.112 * exp({number(17, 18)} * temperature / (temperature + {number(240, 245)}))",
        lambda: f"pressure * 100 / ({number(286, 288)} * (temperature + 273.15))",
        lambda: f"wind**3 * {number(0.4, 0.7)} if wind > {number(1, 4)} else 0.0",
        lambda: f"mean(temperature, where=wind > {number(1, 6)})",
        lambda: f"s = std(pressure * {number(0.9, 1.1)}); low = min(pressure); high = max(pressure)",
        lambda: f"clamp((temperature - {number(-5, 5)}) / {number(10, 20)}, 0, 1) ** {number(1, 3)}",
        lambda: f"count(temperature < {number(-3, 8)})",
        lambda: f"log(pressure / {number(1000, 1020)}) * {number(8000, 8500)}",
    ]
    return [ideas[i % len(ideas)]() for i in range(count)]


def show_progress(done: int, rows: int) -> None:
    """For people who watch."""
    print(f"\r  {done:,} of {rows:,} rows", end="\r" if done == rows else "", flush=True)


def refuse_hostile_texts(client: Client, table: dict[str, np.ndarray]) -> int:
    """Sends texts that mean harm; returns how many were refused."""
    refused = 0
    print("\nTexts that mean harm, and what their senders are told:")
    for aim, text in HOSTILE.items():
        begin = time.perf_counter()
        try:
            client.evaluate(text, table)
            print(f"  to {aim}: ACCEPTED")
        except exprjit.ExprJITError as error:
            refused += 1
            told = error.diagnostics[0].message
            took = (time.perf_counter() - begin) * 1e3
            print(f"  to {aim} ({len(text):,} characters): {type(error).__name__} after {took:.1f} ms\n      {told}")
    return refused


def evaluate_all(address: str, formulas: list[str], table: dict[str, np.ndarray], users: int) -> list[float]:
    """Every formula over the whole table, `users` at a time; returns the seconds each took."""
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    for formula in formulas:
        todo.put(formula)
    seconds: list[float] = []
    failures: list[Exception] = []

    def user() -> None:
        with Client(address) as client:
            while not failures:
                try:
                    formula = todo.get_nowait()
                except queue.Empty:
                    return
                try:
                    begin = time.perf_counter()
                    client.evaluate(formula, table)
                    seconds.append(time.perf_counter() - begin)
                except Exception as error:
                    failures.append(error)

    threads = [threading.Thread(target=user) for _ in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return seconds


def same_bits_here(client: Client, formula: str, table: dict[str, np.ndarray]) -> bool | None:
    """Whether the library in this process gives what the server gives: nobody has to believe a server. None if there
    is no library."""
    try:
        here = exprjit.evaluate
    except ImportError:
        return None
    return np.array_equal(client.evaluate(formula, table), here(formula, table))


def positive(text: str) -> int:
    """A number of which there must be one at least."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}: it must be 1 or more")
    return number


def main() -> int:
    """The whole story."""
    parser = argparse.ArgumentParser(description="200 formulas of users over a million rows, through exprjit-server.")
    parser.add_argument("--formulas", type=positive, default=200)
    parser.add_argument("--rows", type=positive, default=1_000_000)
    parser.add_argument("--users", type=positive, default=4, help="how many evaluate at the same time")
    built = HERE.parent.parent / ".build" / "release" / "bin" / "exprjit-server"
    parser.add_argument(
        "--server", default=str(built) if built.exists() else shutil.which("exprjit-server") or str(built)
    )
    options = parser.parse_args()
    table = weather(options.rows)
    formulas = users_formulas(options.formulas)
    with running_server(options.server, threads=2) as address, Client(address) as client:
        info = client.info()
        print(f"exprjit {info.version} on {info.cpu}, {info.workers} workers")
        first, second = users_formulas(3)[1:]
        felt = client.evaluate(first, table, progress=show_progress if sys.stdout.isatty() else None)
        print(f"{first}\n  {felt.min():.1f} to {felt.max():.1f} over {options.rows:,} rows")
        refused = refuse_hostile_texts(client, table)
        begin = time.perf_counter()
        seconds = sorted(evaluate_all(address, formulas, table, options.users))
        took = time.perf_counter() - begin
        cells = len(formulas) * options.rows
        columns = sum(sum(name in formula for name in table) for formula in formulas)
        print(f"\n{len(seconds)} formulas of {options.users} users over {options.rows:,} rows in {took:.2f} s:")
        sent = columns * options.rows * 8
        print(f"  {cells / took / 1e6:.1f} million results per second, {sent / took / 1e6:.0f} MB/s to the server")
        at = lambda q: seconds[min(len(seconds) - 1, int(q * len(seconds)))] * 1e3  # noqa: E731
        print(f"  one formula: median {at(0.5):.1f} ms, 99th percentile {at(0.99):.1f} ms")
        same = same_bits_here(client, second, table)
        if same is None:
            print("  there is no libexprjit in this process with which to compare the bits")
        else:
            print(f"  and the bits are those of the library in this process: {'yes' if same else 'NO'}")
    return 0 if refused == len(HOSTILE) and len(seconds) == len(formulas) and same is not False else 1


if __name__ == "__main__":
    sys.exit(main())
