# SPDX-License-Identifier: MIT OR Apache-2.0
"""eval --csv: types of columns, empty cells, constants, several results, failing rows."""

import pytest


def results(outcome):
    assert outcome.code == 0, outcome
    return [line.rsplit(",", 1)[1] for line in outcome.text.splitlines()[1:]]


@pytest.mark.parametrize(
    "cells, expression, expected",
    [
        (["1", "-2", "+3"], "x//2", ["0", "-1", "1"]),  # i64: floor division keeps integers
        (["1", "2", "3.0"], "x/2", ["0.5", "1", "1.5"]),
        (["007"], "x", ["7"]),
        (["1e2", ".5", "5.", "-1E-1"], "x", ["100", "0.5", "5", "-0.1"]),
        (["nan", "NaN", "Inf", "-INF", "Infinity", "1"], "x", ["nan", "nan", "inf", "-inf", "inf", "1"]),
        (["true", "FALSE", "True"], "x", ["true", "false", "true"]),
        ([" 1 ", "\t2"], "x+1", ["2", "3"]),
        (["9223372036854775807", "-9223372036854775808"], "x", ["9223372036854775807", "-9223372036854775808"]),
        (["9223372036854775808", "1"], "x", ["9223372036854775808", "1"]),  # too large for an i64: all f64
        (["1e400", "-1e400", "1e-400", "-1e-400"], "x", ["inf", "-inf", "0", "-0"]),
        (["0.1"], "x", ["0.1"]),
    ],
)
def test_types(csv, cells, expression, expected):
    assert results(csv("n,x\n" + "".join(f"r,{cell}\n" for cell in cells), expression)) == expected


def test_the_whole_column_decides_not_a_sample(csv):
    """A hundred thousand integers and one fraction at the very end: all of it is f64 then, as 2^62 * 4 shows."""
    big = str(2**62)
    rows = "x\n" + (big + "\n") * 100_000
    assert set(results(csv(rows, "x*4"))) == {"0"}
    values = results(csv(rows + "0.5\n", "x*4"))
    assert set(values[:-1]) == {"18446744073709551616"} and values[-1] == "2"


def test_doubles_keep_their_bits_through_a_file(csv):
    import random
    import struct

    rng = random.Random(11)
    values = []
    while len(values) < 2000:
        value = struct.unpack("<d", rng.randbytes(8))[0]
        if value == value and abs(value) != float("inf"):
            values.append(value)
    printed = results(csv("n,x\n" + "".join(f"r,{v!r}\n" for v in values), "x*1.0"))
    assert [struct.pack("<d", float(text)) for text in printed] == [struct.pack("<d", v) for v in values]


@pytest.mark.parametrize(
    "content, line, cell",
    [
        ("x\n1\nabc\n", 3, "abc"),
        ("x\n1\n1,234\n".replace("1,234", '"1,234"'), 3, "1,234"),
        ("x\n0x10\n", 2, "0x10"),
        ("x\n1_000\n", 2, "1_000"),
        ("x\ntrue\n3\n", 3, "3"),
        ("x\n3\ntrue\n", 3, "true"),
        ("x\n--3\n", 2, "--3"),
        ("x\n+-3\n", 2, "+-3"),
        ("x\n1e\n", 2, "1e"),
        ("x\nnan(1)\n", 2, "nan(1)"),
        ('x\n"a\nb"\n', 2, "a?b"),
    ],
)
def test_text_in_a_used_column_is_an_error_that_names_it(csv, content, line, cell):
    outcome = csv(content, "x*2")
    assert outcome.code == 1 and outcome.out == b""
    assert f"in.csv, line {line}: the column `x` has \"{cell}\"" in outcome.message


def test_text_in_other_columns_does_not_matter(csv):
    assert results(csv("name,x\nabc,1\n", "x*2")) == ["2"]


def test_a_text_column_named_in_a_comment_or_defined_by_the_text_does_not_matter(csv):
    assert results(csv("name,x\nabc,1\n", "x*2 # name")) == ["2"]
    assert results(csv("name,x\nabc,1\n", "let name = 3 in x*name")) == ["3"]
    # Nor do empty cells of a column of numbers that is not used.
    assert results(csv("n,x\n,1\n", "x*2 # n")) == ["2"]
    assert results(csv("n,x\n,1\n", "let n = 3 in x*n")) == ["3"]
    assert results(csv("n,x\n,1\n", "/* n */ x*2")) == ["2"]
    assert results(csv("n,m,x\n,,7\n", "x & 3 # n m")) == ["3"]


def test_a_text_column_called_like_a_constant_is_not_taken_for_the_constant(csv):
    outcome = csv("e,x\nabc,1\n", "x*e")
    assert outcome.code == 1 and "the column `e` has \"abc\"" in outcome.message


def test_declared_types(csv):
    assert results(csv("x\n1\n2\n", "x/2", "--param", "x:f64")) == ["0.5", "1"]
    assert results(csv("n,x\nr,0.1\n", "x", "--param", "x:f32")) == ["0.1"]
    assert results(csv("n,x\nr,1\nr,0\n", "not x", "--param", "x:bool")) == ["false", "true"]
    outcome = csv("x\n1\n2.5\n", "x", "--param", "x:i64")
    assert outcome.code == 1 and "line 3" in outcome.message and "declared type i64" in outcome.message
    outcome = csv("x\n1\n", "x", "--param", "y:i64")
    assert outcome.code == 2 and "no such column" in outcome.message


def test_empty_cells_are_null_and_come_out_empty(csv):
    outcome = csv("a,b\n1,2\n,2\n1,\n,\n3,4\n", "a+b")
    assert outcome.out == b"a,b,result\n1,2,3\n,2,\n1,,\n,,\n3,4,7\n"
    assert "3 without a result" in outcome.message
    assert csv('a,b\n"",2\n   ,3\n1,1\n', "a+b").out == b'a,b,result\n"",2,\n   ,3,\n1,1,2\n'


def test_empty_cells_do_not_change_the_type(csv):
    assert results(csv("n,x\nr,\nr,7\nr,\n", "x//2")) == ["", "3", ""]


def test_a_column_without_any_value(csv):
    assert results(csv("n,x\nr,\nr,\n", "x*2")) == ["", ""]


def test_unused_empty_cells_do_not_matter(csv):
    assert results(csv("a,b\n,2\n", "b*2")) == ["4"]


def test_a_row_without_a_value_is_not_evaluated(csv):
    """Whatever stood in for the missing value, one of these would divide by zero."""
    assert results(csv("a,b\n6,2\n6,\n,0\n", "a//b + a//(b-1) + a%b")) == ["9", "", ""]


def test_null_words(csv):
    outcome = csv("n,x\nr,1\nr,NA\nr,n/a\n", "x*2", "--null", "NA", "--null", "n/a")
    assert results(outcome) == ["2", "", ""]
    assert "--null" in csv("x\n1\nNA\n", "x").message


def test_constants(csv):
    assert results(csv("n,x\nr,1\nr,2\n", "x*k + o", "-D", "k=10", "-D", "o=0.5")) == ["10.5", "20.5"]
    assert results(csv("n,x\nr,1\nr,2\n", "x if flag else -x", "-D", "flag=false")) == ["-1", "-2"]
    assert results(csv("n,x\nr,1\n", "1+2")) == ["3"]
    # -D wins over a column of that name.
    assert results(csv("r,x\nabc,2\n", "x*r", "-D", "r=3")) == ["6"]


def test_several_results(csv):
    outcome = csv("a\n1\n\n3\n", "d = a*2; q = a/2")
    assert outcome.out == b"a,d,q\n1,2,0.5\n,,\n3,6,1.5\n"
    outcome = csv("a\n1\n", "d = a*2; q = a/2", "--as", "x", "--as", "y")
    assert outcome.out == b"a,x,y\n1,2,0.5\n"
    outcome = csv("a\n1\n", "d = a*2; q = a/2", "--as", "x")
    assert outcome.code == 2 and "2 results" in outcome.message


def test_a_name_that_is_taken(csv):
    for arguments in (["a", "--as", "a"], ["a = b*2"]):
        outcome = csv("a,b\n1,2\n", *arguments)
        assert outcome.code == 2 and "already a column called `a`" in outcome.message and "--as" in outcome.message
    # A text may use the name of a column for a value of its own, but not as the name of the result.
    assert results(csv("a,b,t\n1,2,\n", "t = b*2; t + 1")) == ["5"]
    assert results(csv("a,b,t,u\n1,2,,x\n", "t = b*2; u = t + 1; u + t")) == ["9"]
    assert csv("a,b\n1,2\n", "a = b*2", "--as", "c").out == b"a,b,c\n1,2,4\n"
    outcome = csv("result\n1\n", "result*2")
    assert outcome.code == 2 and "`result`" in outcome.message


def test_duplicate_columns_are_an_error_only_if_used(csv):
    assert csv("a,a,b\n1,2,3\n", "b").out == b"a,a,b,result\n1,2,3,3\n"
    outcome = csv("a,a,b\n1,2,3\n", "a+b")
    assert outcome.code == 1 and "two columns are called `a`" in outcome.message


def test_errors_in_the_expression(csv):
    outcome = csv("alpha,beta\n1,2\n", "alpha + bet")
    assert outcome.code == 3 and outcome.out == b""
    assert "^" in outcome.message and "the columns are alpha, beta" in outcome.message
    assert csv("a\n1\n", "a +").code == 3
    # Found by type, so only after the column has been read.
    assert results(csv("n,a\nr,6\n", "a & 3")) == ["2"]
    outcome = csv("a\n6.5\n", "a & 3")
    assert outcome.code == 3 and outcome.out == b""


def test_a_failing_row_is_named(csv, only_files):
    rows = "".join(f"{i},{7 - i}\n" for i in range(1, 10))
    outcome = csv("a,b\n" + rows, "a // b", "--out", "out.csv")
    assert outcome.code == 1
    assert "in.csv, line 8: a = 7, b = 0" in outcome.message and "--div zero" in outcome.message
    only_files("in.csv")
    # Rows that have no value are counted as well.
    outcome = csv("a,b\n1,1\n,0\n\n3,0\n", "a // b")
    assert outcome.code == 1 and outcome.out == b"" and "line 5: a = 3, b = 0" in outcome.message
    assert results(csv("a,b\n3,0\n", "a // b", "--div", "zero")) == ["0"]


def test_many_columns(csv):
    count = 2000
    header = ",".join(f"c{i}" for i in range(count))
    row = ",".join(str(i) for i in range(count))
    outcome = csv(f"{header}\n{row}\n", "c0 + c1999")
    assert outcome.out.endswith(b",1999\n")
    outcome = csv(f"{header}\n{row}\n", " + ".join(f"c{i}" for i in range(100)))
    assert outcome.out.endswith(b"," + str(sum(range(100))).encode() + b"\n")
