# SPDX-License-Identifier: MIT OR Apache-2.0
"""eval -f: one expression per line, one result per line."""

import subprocess


def test_lines_results_and_errors(run, tmp_path):
    (tmp_path / "e.txt").write_text("# a comment\n1+2\n\n   \nx*2\n1+\n0.5\n")
    outcome = run("eval", "-f", "e.txt", "-D", "x=21")
    lines = outcome.text.splitlines()
    assert len(lines) == 4
    assert lines[0] == "3" and lines[1] == "42" and lines[3] == "0.5"
    assert lines[2].startswith("error: ")
    assert outcome.code == 1
    assert "e.txt:6" in outcome.message and "^" in outcome.message


def test_all_good_is_exit_code_0(run):
    outcome = run("eval", "-f", "-", stdin=b"1\n2\n")
    assert (outcome.code, outcome.out, outcome.err) == (0, b"1\n2\n", b"")


def test_line_ends_byte_order_mark_and_no_last_newline(run):
    outcome = run("eval", "-f", "-", stdin=b"\xef\xbb\xbf1+1\r\n\r\n2+2\r\n3+3")
    assert (outcome.code, outcome.out) == (0, b"2\n4\n6\n")


def test_an_empty_file_has_no_results(run):
    outcome = run("eval", "-f", "-", stdin=b"")
    assert (outcome.code, outcome.out) == (0, b"")


def test_run_time_failures_are_results_too(run):
    outcome = run("eval", "-f", "-", "-D", "z=0", stdin=b"1//z\n1+z\n")
    assert outcome.code == 1
    first, second = outcome.text.splitlines()
    assert first.startswith("error: ") and second == "1"
    assert "standard input:1" in outcome.message


def test_several_outputs_stay_on_one_line(run):
    assert run("eval", "-f", "-", stdin=b"a = 1; b = a + 1\n").text == "a = 1, b = 2\n"


def test_quiet_leaves_only_the_results(run):
    outcome = run("eval", "-q", "-f", "-", stdin=b"1+\n2\n")
    assert outcome.code == 1 and outcome.err == b""
    assert len(outcome.text.splitlines()) == 2


def test_a_missing_file(run):
    outcome = run("eval", "-f", "nowhere.txt")
    assert outcome.code == 1 and "nowhere.txt: No such file" in outcome.message


def test_a_folder_instead_of_a_file(run, tmp_path):
    outcome = run("eval", "-f", str(tmp_path))
    assert outcome.code == 1 and "directory" in outcome.message


def test_answers_come_line_by_line(program, environment):
    """Somebody who types into `eval -f -` sees each answer before the next question."""
    with subprocess.Popen(
        [program, "eval", "-f", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        for i in range(3):
            process.stdin.write(f"{i}+1\n".encode())
            process.stdin.flush()
            assert process.stdout.readline() == f"{i + 1}\n".encode()
        process.stdin.close()
        assert process.wait(timeout=10) == 0
