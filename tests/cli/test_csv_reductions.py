# SPDX-License-Identifier: MIT OR Apache-2.0
"""eval --csv with expressions that look at all rows at once."""

TABLE = b"x,y\n1,2\n3,4\n5,\n7,8\n"


def test_a_single_reduction_prints_its_value(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(TABLE)
    outcome = run("eval", "sum(x)", "--csv", "t.csv", "-q")
    assert (outcome.code, outcome.text) == (0, "16\n")


def test_several_reductions_print_a_line_each(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(TABLE)
    outcome = run("eval", "lo = min(x); hi = max(x); m = mean(x, where=x > 2)", "--csv", "t.csv", "-q")
    assert (outcome.code, outcome.text) == (0, "lo = 1\nhi = 7\nm = 5\n")


def test_rows_with_an_empty_cell_do_not_count(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(TABLE)
    outcome = run("eval", "mean(y)", "--csv", "t.csv")
    assert outcome.code == 0
    assert outcome.text == "4.666666666666667\n"
    assert "1 left out, because a cell they need is empty" in outcome.message


def test_rows_are_written_with_the_reduction_of_the_whole_table(run, tmp_path):
    rows = 200_000  # several buffers of the reader
    (tmp_path / "t.csv").write_text("x\n" + "".join(f"{i}\n" for i in range(rows)))
    outcome = run("eval", "x - mean(x)", "--csv", "t.csv", "--as", "d", "-q")
    assert outcome.code == 0
    lines = outcome.text.splitlines()
    assert lines[:2] == ["x,d", f"0,{-(rows - 1) / 2:.1f}"]
    assert lines[-1] == f"{rows - 1},{(rows - 1) / 2:.1f}"
    assert len(lines) == rows + 1


def test_a_mixture_repeats_what_is_the_same_for_all_rows(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(TABLE)
    outcome = run("eval", "d = x - mean(x); m = mean(x)", "--csv", "t.csv", "-q")
    assert outcome.text == "x,y,d,m\n1,2,-3,4\n3,4,-1,4\n5,,1,4\n7,8,3,4\n"


def test_a_pipe_is_read_twice(run):
    outcome = run("eval", "x / sum(x)", "--csv", "-", "--param", "x:f64", "--as", "share", "-q", stdin=b"x\n1\n3\n")
    assert (outcome.code, outcome.text) == (0, "x,share\n1,0.25\n3,0.75\n")


def test_no_rows(run, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"x\n")
    assert run("eval", "sum(x)", "--csv", "t.csv", "--param", "x:f64", "-q").text == "0\n"
    outcome = run("eval", "max(x)", "--csv", "t.csv", "--param", "x:f64", "-q")
    assert outcome.code != 0
    assert "max" in outcome.message


def test_without_rows_there_is_nothing_to_reduce(run):
    outcome = run("eval", "sum(x)", "-D", "x=3")
    assert outcome.code != 0
    assert "reduction over rows" in outcome.message


def test_the_loops_can_be_looked_at(run):
    assert "load_raw" in run("ir", "a*b + c", "--dump-after", "vectorize").text
    assert "ret" in run("asm", "a*b + c", "--columns").text
    assert "ret" in run("asm", "sum(x)").text
