# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs the command line as people do: as a process. EXPRJIT_CLI names the program to test."""

import os
import pathlib
import signal
import subprocess

import pytest

UTF8_BOM = b"\xef\xbb\xbf"

# Whoever runs the tests in the background may ignore these signals, and the program would inherit that.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, handler)


class Outcome:
    """What a run left behind. `out` and `err` are bytes; `text` and `message` are the same as text."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def text(self):
        return self.out.decode()

    @property
    def message(self):
        return self.err.decode()

    def __repr__(self):
        return f"<exit {self.code}; stdout {self.out!r}; stderr {self.err!r}>"


@pytest.fixture(scope="session")
def program():
    path = os.environ.get("EXPRJIT_CLI")
    if not path or not os.access(path, os.X_OK):
        pytest.exit("set EXPRJIT_CLI to the exprjit program, e.g. EXPRJIT_CLI=build/bin/exprjit", returncode=2)
    return str(pathlib.Path(path).resolve())


@pytest.fixture(scope="session")
def environment():
    """An environment in which nothing of the caller changes colours, engines or the place of temporary files."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "EXPRJIT_JIT", "TMPDIR")}
    kept["TERM"] = "xterm"
    kept["LC_ALL"] = "C.UTF-8"
    return kept


@pytest.fixture
def run(program, environment, tmp_path):
    """run("eval", "1+2", stdin=b"...") in a folder of its own."""

    def call(*arguments, stdin=b"", env=None, **options):
        process = subprocess.run(
            [program, *map(str, arguments)],
            input=stdin,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**environment, **(env or {})},
            timeout=60,
            check=False,
            **options,
        )
        return Outcome(process)

    return call


@pytest.fixture
def csv(run, tmp_path):
    """csv(content, expression, ...) writes in.csv, evaluates over it and returns the outcome."""

    def call(content, expression, *arguments, **options):
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "in.csv").write_bytes(data)
        return run("eval", expression, "--csv", "in.csv", *arguments, **options)

    return call


@pytest.fixture
def only_files(tmp_path):
    """Asserts that the folder holds these files and nothing else: no temporary file was left."""

    def check(*names):
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)

    return check
