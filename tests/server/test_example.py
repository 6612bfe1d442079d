# SPDX-License-Identifier: MIT OR Apache-2.0
"""examples/service does what its README says."""

import os
import re
import subprocess
import sys

from conftest import ROOT


def test_the_service_example():
    package = str(ROOT / "clients" / "python" / "src")
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "service" / "service.py", "--server", os.environ["EXPRJIT_SERVER"],
         "--formulas", "40", "--rows", "50000"],
        capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": package},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Error after") == 3 and "ACCEPTED" not in done.stdout
    assert "40 formulas of 4 users over 50,000 rows" in done.stdout
    assert re.search(r"median [\d.]+ ms, 99th percentile [\d.]+ ms", done.stdout)
    assert "the bits are those of the library in this process: yes" in done.stdout
    assert "exit status 0" in done.stdout


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
