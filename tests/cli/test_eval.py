# SPDX-License-Identifier: MIT OR Apache-2.0
"""eval EXPR: values in, values out."""

import math
import random
import struct

import pytest


def test_the_example_of_the_manual(run):
    outcome = run("eval", "a*b+c", "-D", "a=3", "-D", "b=4", "-D", "c=5")
    assert (outcome.code, outcome.out, outcome.err) == (0, b"17\n", b"")


@pytest.mark.parametrize(
    "expression, printed",
    [
        ("1+2", "3"),
        ("7/2", "3.5"),
        ("6/2", "3"),
        ("7//2", "3"),
        ("2^0.5", "1.4142135623730951"),
        ("0.1+0.2", "0.30000000000000004"),
        ("1e300*1e10", "inf"),
        ("-1e300*1e10", "-inf"),
        ("nan", "nan"),
        ("-(0.0)", "-0"),
        ("true", "true"),
        ("1 < 2", "true"),
        ("2 < 1", "false"),
        ("9223372036854775807", "9223372036854775807"),
        ("f32(0.1)", "0.1"),
        ("5e-324", "5e-324"),
    ],
)
def test_printed_values(run, expression, printed):
    outcome = run("eval", expression)
    assert (outcome.code, outcome.text) == (0, printed + "\n"), outcome


def test_doubles_read_back_to_the_same_bits(run):
    """Through -D, through -f and through the result: nothing may be lost on the way in or out."""
    rng = random.Random(7)
    values = [0.1, -0.0, 1e23, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 2.0**53 + 2, 123456789.0]
    while len(values) < 300:
        value = struct.unpack("<d", rng.randbytes(8))[0]
        if math.isfinite(value):
            values.append(value)
    lines = "\n".join(f"x*1.0 + {value!r}" if value >= 0 else f"x*1.0 - {-value!r}" for value in values)
    outcome = run("eval", "-f", "-", "-D", "x=-0.0", stdin=lines.encode())
    assert outcome.code == 0, outcome
    printed = [float(line) for line in outcome.text.splitlines()]
    assert [struct.pack("<d", v + 0.0) for v in printed] == [struct.pack("<d", v + 0.0) for v in values]
    for value in values[:10]:
        assert struct.pack("<d", float(run("eval", "v", "-D", f"v={value!r}").text)) == struct.pack("<d", value)


def test_floats_read_back_to_the_same_f32(run):
    rng = random.Random(8)
    for _ in range(20):
        value = struct.unpack("<f", struct.pack("<f", rng.uniform(-1e6, 1e6)))[0]
        printed = run("eval", "v", "-D", f"v:f32={value!r}").text
        assert struct.pack("<f", float(printed)) == struct.pack("<f", value)
        assert len(printed) <= 16  # the shortest for a float, not for the double it widens to


@pytest.mark.parametrize(
    "definition, expression, printed",
    [
        ("a=3", "a//2", "1"),  # an i64
        ("a=3.0", "a//2", "1"),  # an f64 that prints like an integer
        ("a=3", "a*1", "3"),
        ("a=0x10", "a", "16"),
        ("a=-3", "a", "-3"),
        ("a=true", "a", "true"),
        ("a=False", "a", "false"),
        ("a=inf", "a", "inf"),
        ("a=1e3", "a", "1000"),
        ("a=2*pi", "a", "6.283185307179586"),
        ("a:f32=0.1", "a", "0.1"),
        ("a:f32=0.1", "a*1.0", "0.1"),  # literals are weak: still an f32
        ("a:i32=7", "a", "7"),
        ("a:f64=3", "a/2", "1.5"),
        ("a=f32(0.1)", "a", "0.1"),
        ("wind speed=4", "`wind speed`*2", "8"),
        ("`wind speed`=4", "`wind speed`*2", "8"),
        (" a = 3 ", "a", "3"),
    ],
)
def test_definitions(run, definition, expression, printed):
    outcome = run("eval", expression, "-D", definition)
    assert (outcome.code, outcome.text) == (0, printed + "\n"), outcome


def test_types_of_definitions_decide_the_operation(run):
    """2^63 wraps in i64 and does not in f64: the one way to see the type from outside."""
    assert run("eval", "a*2", "-D", "a=4611686018427387904").text == "-9223372036854775808\n"
    assert run("eval", "a*2", "-D", "a=4611686018427387904.0").text == "9223372036854775808\n"
    assert run("eval", "a*2", "-D", "a=4611686018427387904", "--param", "a:f64").text == "9223372036854775808\n"


def test_several_outputs_have_names(run):
    outcome = run("eval", "x = a*2; y = x + 0.5", "-D", "a=3")
    assert (outcome.code, outcome.text) == (0, "x = 6\ny = 6.5\n")


def test_unknown_names_point_and_list_what_there_is(run):
    outcome = run("eval", "a*bb", "-D", "a=3")
    assert outcome.code == 3
    assert outcome.out == b""
    lines = outcome.message.splitlines()
    assert any("bb" in line for line in lines)
    assert any("^" in line for line in lines)
    assert "defined are a: i64" in outcome.message
    assert "-D name=value" in run("eval", "a").message


def test_a_syntax_error_points_to_its_place(run):
    outcome = run("eval", "1 + * 2")
    assert outcome.code == 3
    source, caret = None, None
    for line in outcome.message.splitlines():
        if "1 + * 2" in line:
            source = line
        elif source is not None and caret is None and "^" in line:
            caret = line
    assert source.index("*") == caret.index("^"), outcome.message


def test_several_errors_are_reported_at_once(run):
    outcome = run("eval", "aa + bb", "-D", "c=1")
    assert outcome.code == 3
    assert "aa" in outcome.message and "bb" in outcome.message


def test_integer_division_by_zero(run):
    outcome = run("eval", "a//b", "-D", "a=1", "-D", "b=0")
    assert outcome.code == 1
    assert outcome.out == b""
    assert "zero" in outcome.message and "--div zero" in outcome.message
    assert run("eval", "a//b", "-D", "a=1", "-D", "b=0", "--div", "zero").text == "0\n"
    assert run("eval", "a/b", "-D", "a=1", "-D", "b=0").text == "inf\n"


def test_expressions_that_begin_with_a_minus(run):
    assert run("eval", "-2^2").text == "-4\n"
    assert run("eval", "-(1+2)").text == "-3\n"
    assert run("eval", "-x*2", "-D", "x=3").text == "-6\n"
    assert run("eval", "--", "-2").text == "-2\n"


def test_caret_and_tiers(run):
    assert run("eval", "6^3").text == "216\n"
    assert run("eval", "6^3", "--caret", "xor").text == "5\n"
    for tier in ("interpreter", "baseline", "optimised"):
        assert run("eval", "a*b+c", "-D", "a=3", "-D", "b=4", "-D", "c=5", "--tier", tier).text == "17\n"
    for isa in ("v2", "v3", "v4"):
        assert run("eval", "a*b+c", "-D", "a=3", "-D", "b=4", "-D", "c=5", "--isa", isa).text == "17\n"


def test_fast_flags_are_accepted_by_name(run):
    values = ["-D", "a=3.0", "-D", "b=4.0", "-D", "c=5.0"]
    assert run("eval", "a*b+c", *values, "--fast", "contract,reassoc").text == "17\n"
    assert run("eval", "1", "--fast", "contrat").code == 2


def test_interpreted_when_the_environment_says_so(run):
    assert run("eval", "sqrt(2.0)", env={"EXPRJIT_JIT": "0"}).text == "1.4142135623730951\n"


def test_large_texts_hit_a_limit_or_work_but_never_crash(run):
    deep = "(" * 100_000 + "1" + ")" * 100_000
    outcome = run("eval", "-f", "-", stdin=deep.encode())
    assert outcome.code in (0, 1)
    long_line = b"1" + b"+1" * (9 << 20)  # more than the 16 MiB an expression may have
    outcome = run("eval", "-f", "-", stdin=long_line + b"\n2+3\n")
    assert outcome.code == 1
    first, second = outcome.text.splitlines()
    assert first.startswith("error: ") and second == "5"


def test_variables_are_listed_only_where_one_is_unknown(run):
    for expression in ("a + b", "a + * b"):
        assert "defined are a: i64" in run("eval", expression, "-D", "a=1").message, expression
    for expression in ("sine(a)", "min(a)", "abs()", "sin"):
        assert "defined" not in run("eval", expression, "-D", "a=1").message, expression


def test_a_number_too_large_for_f64_is_refused_as_in_a_text(run):
    assert run("eval", "a", "-D", "a=-inf").text == "-inf\n"
    outcome = run("eval", "a", "-D", "a=1e400")
    assert outcome.code != 0 and outcome.out == b"" and "larger than the largest f64" in outcome.message


def test_accuracy_changes_the_program(run):
    for word in ("1ulp", "fast"):
        value = float(run("eval", "exp(x)", "-D", "x=1.5", "--accuracy", word).text)
        assert abs(value - math.exp(1.5)) <= 4 * math.ulp(value)
    assert run("ir", "exp(x)", "--accuracy", "fast", "--dump-after", "expand").text != (
        run("ir", "exp(x)", "--dump-after", "expand").text
    )
