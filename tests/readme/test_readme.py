# SPDX-License-Identifier: MIT OR Apache-2.0
"""The examples of README.md, run as they are written; what their comments promise is compared with what comes out.

EXPRJIT_CLI, EXPRJIT_LIBRARY and EXPRJIT_SERVER name what was built. The C++ example is run by tests/cpp, the Rust one by
cargo test, which reads the same lines from clients/rust/README.md."""

import ast
import contextlib
import io
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(document):
    """The fenced blocks of a document: (heading they stand under, language, text)."""
    heading, fence, found = "", None, []
    for line in document.read_text(encoding="utf-8").splitlines():
        if fence is None and line.startswith("## "):
            heading = line[3:]
        elif fence is None and line.startswith("```"):
            fence = (line[3:], [])
        elif fence is not None and line == "```":
            found.append((heading, fence[0], "\n".join(fence[1]) + "\n"))
            fence = None
        elif fence is not None:
            fence[1].append(line)
    return found


README = blocks(ROOT / "README.md")


def block(heading, language):
    (text,) = [t for h, l, t in README if h == heading and l == language]
    return text


def as_promised(comment, value):
    """Whether a comment that begins with a Python value is right. Other comments promise nothing."""
    match = re.match(r"(\(.*\)|-?\d[\d.]*)(,|$)", comment)
    return match is None or ast.literal_eval(match.group(1)) == value


@pytest.fixture
def workshop():
    """A folder with the programs where README says they are, and its data. Short, because sockets go into it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ej"))
    programs = folder / ".build" / "release" / "bin"
    programs.mkdir(parents=True)
    for name in ("EXPRJIT_CLI", "EXPRJIT_SERVER"):
        os.symlink(os.environ[name], programs / pathlib.Path(os.environ[name]).name)
    for table in (ROOT / "examples" / "data").glob("*.csv"):
        shutil.copy(table, folder)
    yield folder
    shutil.rmtree(folder)


def test_c(tmp_path):
    library = pathlib.Path(os.environ["EXPRJIT_LIBRARY"])
    source = tmp_path / "quickstart.c"
    source.write_text(block("In C", "c"), encoding="utf-8")
    subprocess.run(
        [os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}", source]
        + [f"-L{library.parent}", "-lexprjit", f"-Wl,-rpath,{library.parent}", "-o", tmp_path / "quickstart"],
        check=True,
    )
    out = subprocess.run([tmp_path / "quickstart"], check=True, capture_output=True, text=True).stdout
    assert out == "17\n"


def test_python():
    source = block("In Python", "python")
    lines, names, checked = source.splitlines(), {"__name__": "__main__"}, 0
    # ej.evaluate takes variables from where it is called, so the code runs as a module's.
    for statement in ast.parse(source).body:
        comment = lines[statement.end_lineno - 1].partition("  # ")[2]
        if isinstance(statement, ast.Expr):
            with contextlib.redirect_stdout(io.StringIO()):
                value = eval(compile(ast.Expression(statement.value), "README.md", "eval"), names)
            assert as_promised(comment, value), (lines[statement.lineno - 1], value)
            checked += re.match(r"[\d(]", comment) is not None
        else:
            exec(compile(ast.Module([statement], []), "README.md", "exec"), names)
    assert checked == 2


def test_command_line(workshop):
    path = f"{workshop / '.build' / 'release' / 'bin'}:{os.environ['PATH']}"
    commands = [line for line in block("On the command line", "sh").splitlines() if line]
    assert len(commands) > 4
    for command in commands:
        code, _, comment = command.partition("  #")
        done = subprocess.run(["bash", "-c", code], cwd=workshop, env={**os.environ, "PATH": path}, capture_output=True, text=True)
        assert done.returncode == 0, (command, done.stderr)
        if comment.strip() == "17":
            assert done.stdout == "17\n"


def test_service(workshop):
    start = block("As a service", "sh").replace("/tmp/", f"{workshop}/")
    client = block("As a service", "python").replace("/tmp/", f"{workshop}/")
    assert start.rstrip().endswith("&")
    command = ["bash", "-c", "exec " + start.rstrip().removesuffix("&")]
    server = subprocess.Popen(command, cwd=workshop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not (workshop / "exprjit.sock").exists():
            assert server.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        out = subprocess.run([sys.executable, "-c", client], capture_output=True, text=True, check=False)
        assert out.returncode == 0, out.stderr
        pi, rest = out.stdout.split("\n", 1)
        assert 3.1 < float(pi) < 3.2
        assert rest == "17.0 (a: f64, b: f64, c: f64) -> f64\n"
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


def test_rust_is_what_cargo_runs():
    rust = [text for _, language, text in blocks(ROOT / "clients" / "rust" / "README.md") if language == "rust"]
    assert block("In Rust", "rust") in rust


def test_every_face_has_an_example():
    assert {(h, l) for h, l, _ in README if l} >= {
        ("In C", "c"),
        ("In C++", "cpp"),
        ("In Python", "python"),
        ("In Rust", "rust"),
        ("As a service", "python"),
        ("On the command line", "sh"),
    }
