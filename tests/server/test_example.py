# SPDX-License-Identifier: MIT OR Apache-2.0
"""examples/service does what its README says."""

import os
import re
import subprocess
import sys

from conftest import ROOT


def run_service(*options, server=None, **env):
    package = str(ROOT / "clients" / "python" / "src")
    server = server or os.environ["EXPRJIT_SERVER"]
    return subprocess.run(
        [sys.executable, ROOT / "examples" / "service" / "service.py", "--server", server, *options],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": package, **env},
    )


def test_the_service_example():
    done = run_service("--formulas", "40", "--rows", "50000")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Error after") == 3 and "ACCEPTED" not in done.stdout
    assert "40 formulas of 4 users over 50,000 rows" in done.stdout
    assert re.search(r"median [\d.]+ ms, 99th percentile [\d.]+ ms", done.stdout)
    assert "the bits are those of the library in this process: yes" in done.stdout
    assert "exit status 0" in done.stdout


def test_few_formulas():
    for count in (1, 2):
        done = run_service("--formulas", str(count), "--rows", "1", "--users", "3")
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{count} formulas of 3 users" in done.stdout
    for option in ("--formulas", "--rows", "--users"):
        done = run_service(option, "0")
        assert done.returncode == 2 and "1 or more" in done.stderr and "Traceback" not in done.stderr


def test_a_server_that_is_none():
    for program in ("/nowhere/exprjit-server", __file__, str(ROOT)):
        done = run_service(server=program)
        assert done.returncode == 1 and "--server PROGRAM" in done.stderr and program in done.stderr
        assert "Traceback" not in done.stderr


def test_without_the_library():
    done = run_service("--formulas", "3", "--rows", "1000", EXPRJIT_LIBRARY="/nowhere/libexprjit.so")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no libexprjit in this process" in done.stdout and "the bits are" not in done.stdout


def test_the_example_of_the_documentation(server):
    page = (ROOT / "docs" / "remote.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL).group(1).replace("unix:/run/exprjit.sock", server.address)
    assert server.address in code
    package = str(ROOT / "clients" / "python" / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": package},
    )
    assert done.returncode == 0, done.stderr
