# SPDX-License-Identifier: MIT OR Apache-2.0
"""--function: functions of one's own."""

DOUBLE = ("--function", "f(x) = x * 2.0")


def test_functions_are_defined_in_order(run):
    outcome = run("eval", "g(2, 3)", "--function", "f(x) = x + 1", "--function", "g(x, y) = f(x) * f(y)")
    assert (outcome.code, outcome.text) == (0, "12\n")


def test_every_command_that_compiles_has_them(run, csv):
    assert "mul f64" in run("ir", "f(a)", *DOUBLE).text
    assert "ret" in run("asm", "f(a)", *DOUBLE).text
    assert run("check", "f(a)", *DOUBLE).code == 0
    outcome = csv("a\n1\n2\n", "f(a)", *DOUBLE, "--as", "twice")
    assert outcome.code == 0 and outcome.text.splitlines()[-1].endswith("4")


def test_mistakes(run):
    outcome = run("eval", "1", "--function", "f(x) = x +")
    assert outcome.code == 3 and "<definition>:1:11" in outcome.message and "a value is missing" in outcome.message
    outcome = run("eval", "f(1)", "--function", "f(x, y) = x")
    assert outcome.code == 3 and "f(x, y) takes 2 arguments, not 1" in outcome.message
    outcome = run("eval", "sin(1)", "--function", "sin(x) = x")
    assert outcome.code == 3 and "'sin' is a function of the language" in outcome.message
