# SPDX-License-Identifier: MIT OR Apache-2.0
"""eval --csv: what a file may look like, and that the other cells keep every byte."""

import csv as python_csv
import io
import random
import subprocess
import time

from conftest import UTF8_BOM


def test_the_plain_case(csv):
    outcome = csv("a,b\n1,2\n3,4\n", "a+b")
    assert (outcome.code, outcome.out) == (0, b"a,b,result\n1,2,3\n3,4,7\n")
    assert "2 rows" in outcome.message


def test_carriage_returns_are_kept_as_they_are(csv):
    outcome = csv(b"a,b\r\n1,2\r\n3,4\n5,6\r\n", "a+b", "--as", "s")
    assert outcome.out == b"a,b,s\r\n1,2,3\r\n3,4,7\n5,6,11\r\n"


def test_no_newline_at_the_end(csv):
    assert csv(b"a\n1\n2", "a*2").out == b"a,result\n1,2\n2,4"
    assert csv(b"a\r\n1\r\n2", "a*2").out == b"a,result\r\n1,2\r\n2,4"


def test_a_byte_order_mark_is_kept_and_is_no_part_of_the_first_name(csv):
    outcome = csv(UTF8_BOM + b"a,b\n1,2\n", "a+b")
    assert outcome.out == UTF8_BOM + b"a,b,result\n1,2,3\n"
    outcome = csv(UTF8_BOM + b'"a b",c\n1,2\n', "`a b`+c")
    assert outcome.out == UTF8_BOM + b'"a b",c,result\n1,2,3\n'


def test_quotes_delimiters_and_newlines_in_cells(csv):
    rows = b'name,x\n"Doe, Jane",1\n"say ""hi""",2\n"two\nlines",3\n"crlf\r\n",4\n"",5\n'
    outcome = csv(rows, "x*10")
    assert outcome.code == 0, outcome
    assert outcome.out == (
        b'name,x,result\n"Doe, Jane",1,10\n"say ""hi""",2,20\n"two\nlines",3,30\n"crlf\r\n",4,40\n"",5,50\n'
    )


def test_quoted_numbers_are_numbers(csv):
    assert csv(b'x\n"1"\n" 2 "\n3\n', "x*2").out == b'x,result\n"1",2\n" 2 ",4\n3,6\n'


def test_a_quote_inside_an_unquoted_cell_is_a_character(csv):
    assert csv(b'pipe,x\n5" steel,2\n', "x*2").out == b'pipe,x,result\n5" steel,2,4\n'


def test_column_names_are_the_text_of_the_header(csv):
    assert csv('"wind speed",T\n1,2\n', "`wind speed`+T").out == b'"wind speed",T,result\n1,2,3\n'
    assert csv('"a ""b""",T\n1,2\n', '`a "b"`+T').out == b'"a ""b""",T,result\n1,2,3\n'
    assert csv("größe,π2\n1,2\n", "größe+π2").out == "größe,π2,result\n1,2,3\n".encode()
    assert csv("a`b,x\n1,2\n", "`a``b`+x").out == b"a`b,x,result\n1,2,3\n"
    assert csv("2nd,x\n1,2\n", "`2nd`+x").out == b"2nd,x,result\n1,2,3\n"


def test_a_column_may_be_called_like_a_function_or_a_constant(csv):
    assert csv("min,e\n5,2\n", "min(e, 1)").out == b"min,e,result\n5,2,1\n"
    assert csv("min,e\n5,2\n", "e*1").out == b"min,e,result\n5,2,2\n"


def test_a_column_may_be_called_like_a_word_of_the_language(csv):
    assert csv("if,in,x\n5,abc,2\n", "let y = 3 in x*y if x > 1 else 0").out == b"if,in,x,result\n5,abc,2,6\n"
    assert csv("if,in,x\n5,7,2\n", "`if` + `in` + x").out == b"if,in,x,result\n5,7,2,14\n"


def test_delimiters(csv):
    assert csv("a;b\n1;2\n", "a+b", "--delimiter", ";").out == b"a;b;result\n1;2;3\n"
    for tab in ("\t", "\\t", "tab"):
        assert csv("a\tb\n1\t2\n", "a+b", "--delimiter", tab).out == b"a\tb\tresult\n1\t2\t3\n"
    # A delimiter that occurs in the result puts it in quotes.
    assert csv("a.b\n1.2\n", "a/b", "--delimiter", ".").out == b'a.b.result\n1.2."0.5"\n'


def test_a_new_name_that_needs_quotes_gets_them(csv):
    assert csv("a\n1\n", "a", "--as", 'x, "y"').out == b'a,"x, ""y"""\n1,1\n'


def test_other_delimiter_is_suggested(csv):
    outcome = csv("a;b\n1;2\n", "a+b")
    assert outcome.code == 3 and "--delimiter" in outcome.message


def test_ragged_rows(csv):
    for content, line, count in (("a,b\n1,2\n3\n", 3, "1 cell,"), ('a,b\n"x\ny",1\n1,2,3\n', 4, "3 cells,")):
        for expression in ("1", "b"):
            outcome = csv(content, expression)
            assert outcome.code == 1, outcome
            assert f"in.csv, line {line}: the row has {count} the header has 2" in outcome.message


def test_blank_lines_among_several_columns_are_no_rows(csv):
    outcome = csv("a,b\n1,2\n\n3,4\n\n", "a+b")
    assert (outcome.code, outcome.out) == (0, b"a,b,result\n1,2,3\n\n3,4,7\n\n")
    assert "2 rows" in outcome.message


def test_in_a_single_column_a_blank_line_is_an_empty_cell(csv):
    assert csv("a\n1\n\n3\n", "a+1").out == b"a,result\n1,2\n,\n3,4\n"


def test_files_without_rows(csv):
    assert csv("a,b\n", "a+b").out == b"a,b,result\n"
    assert csv("a,b", "a+b").out == b"a,b,result"
    outcome = csv("", "a+b")
    assert outcome.code == 1 and "in.csv is empty" in outcome.message
    outcome = csv(UTF8_BOM, "1")
    assert outcome.code == 1 and "in.csv is empty" in outcome.message


def test_broken_quotes_are_errors_with_a_line(csv):
    outcome = csv('a,b\n1,2\n"x,3\n4,5\n', "b")
    assert outcome.code == 1 and "line 3: the quoted cell that begins here is never closed" in outcome.message
    outcome = csv('a,b\n"x" y,3\n', "b")
    assert outcome.code == 1 and "line 2: there is text after the closing quote" in outcome.message


def test_other_encodings_and_line_ends_are_named(csv):
    outcome = csv("a,b\n1,2\n".encode("utf-16"), "a")
    assert outcome.code == 1 and "UTF-16" in outcome.message
    outcome = csv(b"a,b\r1,2\r", "a")
    assert outcome.code == 1 and "carriage return" in outcome.message


def test_bytes_that_are_no_text_pass_through(csv):
    outcome = csv(b"caf\xe9,x\n\xff\x00\xfe,2\n", "x*2")
    assert outcome.out == b"caf\xe9,x,result\n\xff\x00\xfe,2,4\n"


def test_a_huge_cell(csv):
    huge = b"y" * (20 << 20)  # several times the reader's buffer
    quoted = b'"' + b"q,\n" * (3 << 20) + b'"'
    outcome = csv(b"t,x\n" + huge + b",1\n" + quoted + b",2\nz,3\n", "x*2", "-q")
    assert outcome.code == 0
    assert outcome.out == b"t,x,result\n" + huge + b",1,2\n" + quoted + b",2,4\nz,3,6\n"


def test_records_across_every_buffer_border(csv):
    """Megabytes of records with quotes, newlines and doubled quotes, read back with Python's reader."""
    rng = random.Random(3)
    text = io.StringIO(newline="")
    writer = python_csv.writer(text, lineterminator="\r\n")
    writer.writerow(["note", "x"])
    values = []
    for i in range(60_000):
        kinds = ["plain", "with, comma", 'with "quotes"', "two\nlines", "crlf\r\nhere", "", '"']
        note = rng.choice(kinds) * rng.randint(1, 40)
        values.append(i)
        writer.writerow([note, i])
    content = text.getvalue().encode()
    assert len(content) > (4 << 20) * 2
    outcome = csv(content, "x + 1", "-q")
    assert outcome.code == 0, outcome.message
    before = list(python_csv.reader(io.StringIO(content.decode(), newline="")))
    after = list(python_csv.reader(io.StringIO(outcome.text, newline="")))
    assert [row[:2] for row in after] == before
    assert [row[2] for row in after[1:]] == [str(value + 1) for value in values]


def test_a_pipe_that_gives_a_few_bytes_at_a_time(program, environment):
    """Every place of a record is the end of what has arrived so far, once."""
    content = UTF8_BOM + b'"a b",x\r\n"q,""\r\n",1\r\nplain,2\r\n"",3\n,4\n"z"""\r\n,5'.replace(b'"""\r\n,5', b'""",5')
    expected = UTF8_BOM + b'"a b",x,result\r\n"q,""\r\n",1,2\r\nplain,2,4\r\n"",3,6\n,4,8\n"z""",5,10'
    for declared in (["--param", "x:i64"], []):
        with subprocess.Popen(
            [program, "eval", "x*2", "--csv", "-", "-q", *declared],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, bufsize=0,
        ) as process:
            for byte in content:
                process.stdin.write(bytes([byte]))
                time.sleep(0.002)
            process.stdin.close()
            assert process.stdout.read() == expected
            assert process.wait(timeout=10) == 0


def test_unusual_cells_of_other_columns_keep_every_byte(csv):
    rng = random.Random(4)
    raw = [b" 1.50 ", b'"007"', b"", b'""', b'"a""b"', b"1e5", b"-0", b"\xc3\xa4", b"x y", b"'q'"]
    rows = [(rng.choice(raw), str(rng.randint(-9, 9)).encode(), rng.choice(raw)) for _ in range(2000)]
    content = b"p,x,q\n" + b"".join(b",".join(row) + b"\n" for row in rows)
    outcome = csv(content, "x*2", "-q")
    lines = outcome.out.split(b"\n")
    for line, row in zip(lines[1:], rows):
        assert line == b",".join(row) + b"," + str(2 * int(row[1])).encode()
