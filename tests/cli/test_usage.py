# SPDX-License-Identifier: MIT OR Apache-2.0
"""Help, usage errors, exit codes, colours."""

import os
import pty
import subprocess

import pytest

COMMANDS = ["eval", "ir", "asm", "check", "info", "functions", "bench"]


def test_no_arguments_give_short_help(run):
    outcome = run()
    assert outcome.code == 2 and outcome.out == b""
    assert all(name in outcome.message for name in COMMANDS)
    assert len(outcome.message.splitlines()) < 15


def test_help_names_every_command_and_starts_with_examples(run):
    outcome = run("--help")
    assert outcome.code == 0 and outcome.err == b""
    assert all(name in outcome.text for name in COMMANDS)
    assert outcome.text.index("Examples") < outcome.text.index("Usage")
    for name in COMMANDS:
        help_text = run(name, "-h").text
        assert help_text.index("Examples") < help_text.index("Usage")
        assert f"exprjit {name}" in help_text
    assert run("help", "eval").text == run("eval", "--help").text


def test_version(run):
    outcome = run("--version")
    assert outcome.code == 0
    assert outcome.text.startswith("exprjit ") and "ABI" in outcome.text


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["evla", "1"], "did you mean 'exprjit eval'"),
        (["1+2"], "exprjit eval"),
        (["eval", "1", "--cvs", "x"], "did you mean --csv"),
        (["eval"], "an expression or -f FILE is needed"),
        (["ir"], "an expression or --from FILE is needed"),
        (["bench"], "an expression is needed"),
        (["eval", "1", "+", "2"], "one argument too many"),
        (["eval", "1", "-f", "x"], "exclude each other"),
        (["eval", "1", "--out", "x"], "--csv only"),
        (["eval", "1", "--as", "x"], "--csv only"),
        (["eval", "1", "--tier", "fast"], "the choices are auto, interpreter, baseline, optimised"),
        (["eval", "1", "--tier", "basline"], "did you mean baseline"),
        (["eval", "1", "--isa", "avx"], "the choices are auto, v2, v3, v4"),
        (["eval", "1", "--div", "maybe"], "the choices are error, zero"),
        (["eval", "1", "--caret", "up"], "the choices are power, xor, strict"),
        (["eval", "1", "--accuracy", "2ulp"], "the choices are 1ulp, fast"),
        (["eval", "1", "--color", "red"], "the choices are auto, always, never"),
        (["eval", "a", "-D", "a"], "the value is missing"),
        (["eval", "a", "-D", "a="], "the value is missing"),
        (["eval", "a", "-D", "=3"], "the name is missing"),
        (["eval", "a", "-D", "a=1", "-D", "a=2"], "given twice"),
        (["eval", "a", "-D", "a:f65=1"], "did you mean 'f6"),
        (["eval", "a", "-D", "a=b"], "without variables"),
        (["eval", "a", "-D", "a:i64=1.5"], "does not fit in i64"),
        (["eval", "a", "-D", "a:i32=3000000000"], "does not fit in i32"),
        (["eval", "a", "--param", "a"], "the type is missing"),
        (["eval", "a", "--param", "a:f64"], "has no value"),
        (["eval", "1", "--csv", "x", "--delimiter", "ab"], "one ASCII character"),
        (["eval", "1", "--csv", "x", "--delimiter", '"'], "one ASCII character"),
        (["ir", "a", "--dump-after", "nonsense"], "there is no such pass"),
        (["eval", "1", "-q", "-v"], "exclude each other"),
    ],
)
def test_usage_errors_are_exit_code_2_and_show_the_way_out(run, arguments, expected):
    outcome = run(*arguments)
    assert outcome.code == 2, outcome
    assert outcome.out == b""
    assert outcome.message.startswith("error")
    assert "hint: " in outcome.message or "did you mean" in outcome.message or "does not fit" in outcome.message
    assert expected in outcome.message


def test_a_full_disk_is_an_error(program, environment):
    for arguments in (["eval", "1"], ["functions"], ["--help"], ["info"], ["ir", "a"]):
        with open("/dev/full", "wb") as full:
            outcome = subprocess.run(
                [program, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment, check=False
            )
        assert outcome.returncode == 1, arguments
        assert b"cannot write standard output: No space left on device" in outcome.stderr


def test_a_closed_standard_output_is_an_error(program, environment):
    outcome = subprocess.run(
        ["/bin/sh", "-c", '"$0" eval 1 >&-', program], stderr=subprocess.PIPE, env=environment, check=False
    )
    assert outcome.returncode == 1 and b"cannot write standard output" in outcome.stderr


def colours(run, *arguments, env=None):
    return b"\x1b[" in run("eval", "1+", *arguments, env=env).err


def test_colours_only_where_asked_or_on_a_terminal(run, program, environment):
    assert not colours(run)
    assert colours(run, "--color", "always")
    assert colours(run, "--color=always", env={"NO_COLOR": "1"})
    assert not colours(run, "--color", "never")

    def on_terminal(env, *arguments):
        main, other = pty.openpty()
        subprocess.run([program, "eval", "1+", *arguments], stderr=other, env={**environment, **env}, check=False)
        os.close(other)
        shown = os.read(main, 65536)
        os.close(main)
        return b"\x1b[" in shown

    assert on_terminal({})
    assert not on_terminal({"NO_COLOR": "1"})
    assert not on_terminal({"TERM": "dumb"})
    assert not on_terminal({}, "--color=never")
