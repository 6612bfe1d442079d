# SPDX-License-Identifier: MIT OR Apache-2.0
"""eval --csv: pipes, files that appear whole or not at all, signals, progress, memory."""

import os
import pathlib
import pty
import resource
import signal
import stat
import subprocess
import time

import pytest


def write_rows(path, count):
    with open(path, "w", encoding="ascii") as file:
        file.write("i,x,note\n")
        for start in range(0, count, 10_000):
            file.write("".join(f"{i},{i}.5,some text to make the row longer\n" for i in range(start, start + 10_000)))


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """About 26 MB: many times the buffers, so that a run can be caught in the middle."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    write_rows(path, 500_000)
    return path


def test_standard_input_and_output(run):
    outcome = run("eval", "a+1", "--csv", "-", stdin=b"a\n1\n")
    assert outcome.out == b"a,result\n1,2\n"
    assert run("eval", "a+1", "--csv", "-", "--out", "-", stdin=b"a\n1\n").out == outcome.out


def test_a_pipe_gives_what_the_file_gives(run, large):
    from_file = run("eval", "i + x", "--csv", large, "-q")
    outcome = run("eval", "i + x", "--csv", "-", "-q", stdin=large.read_bytes())
    assert from_file.code == 0 and outcome.out == from_file.out
    assert outcome.out.count(b"\n") == 500_001


def test_a_pipe_with_declared_types_is_answered_as_it_comes(program, environment):
    with subprocess.Popen(
        [program, "eval", "a*2", "--csv", "-", "--param", "a:i64", "-q"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        process.stdin.write(b"a\n1\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"a,result\n"
        assert process.stdout.readline() == b"1,2\n"
        process.stdin.write(b"5\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"5,10\n"
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_out_replaces_a_file_and_keeps_its_mode(csv, tmp_path, only_files):
    target = tmp_path / "out.csv"
    target.write_text("old")
    target.chmod(0o640)
    outcome = csv("a\n1\n", "a+1", "--out", "out.csv")
    assert outcome.code == 0 and outcome.out == b""
    assert target.read_bytes() == b"a,result\n1,2\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    only_files("in.csv", "out.csv")


def test_a_new_file_has_the_mode_of_new_files(program, environment, tmp_path):
    (tmp_path / "in.csv").write_text("a\n1\n")
    subprocess.run(
        ["/bin/sh", "-c", 'umask 027; "$0" eval a+1 --csv in.csv -o out.csv', program],
        cwd=tmp_path, env=environment, check=True, stderr=subprocess.DEVNULL,
    )
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o640


def test_out_may_be_the_input(csv, tmp_path, only_files):
    outcome = csv("a\n1\n", "a+1", "--out", "in.csv")
    assert outcome.code == 0
    assert (tmp_path / "in.csv").read_bytes() == b"a,result\n1,2\n"
    only_files("in.csv")


def test_out_through_a_symbolic_link_replaces_what_it_points_to(csv, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("folder/real.csv")
    assert csv("a\n1\n", "a+1", "--out", "link.csv").code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "folder" / "real.csv").read_bytes() == b"a,result\n1,2\n"
    assert os.listdir(tmp_path / "folder") == ["real.csv"]


def test_out_to_something_that_is_no_file(csv, only_files):
    assert csv("a\n1\n", "a+1", "--out", "/dev/null").code == 0
    assert csv("a\n1\n", "a+1", "--out", "/dev/stdout").out == b"a,result\n1,2\n"
    outcome = csv("a\n1\n", "a+1", "--out", "/dev/full")
    assert outcome.code == 1 and "No space left" in outcome.message
    outcome = csv("a\n1\n", "a+1", "--out", ".")
    assert outcome.code == 1 and "directory" in outcome.message
    outcome = csv("a\n1\n", "a+1", "--out", "nowhere/out.csv")
    assert outcome.code == 1 and "beside nowhere/out.csv: No such file" in outcome.message
    only_files("in.csv")


def test_a_long_file_name(csv, tmp_path):
    name = "n" * 251 + ".csv"  # as long as names may be: the temporary name must not be longer
    assert csv("a\n1\n", "a+1", "--out", name).code == 0
    assert (tmp_path / name).exists()


def test_a_file_that_cannot_be_written_stays(csv, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    target = tmp_path / "out.csv"
    target.write_text("old")
    target.chmod(0o400)
    assert csv("a\n1\n", "a+1", "--out", "out.csv").code == 1
    assert target.read_text() == "old"


def test_the_target_is_old_or_new_at_every_moment(run, program, environment, large, tmp_path):
    """A reader that looks all the time sees the old content or the whole new one, and nothing else."""
    target = tmp_path / "out.csv"
    target.write_text("old\n")
    with subprocess.Popen(
        [program, "eval", "i+x", "--csv", str(large), "--out", str(target), "-q"], env=environment
    ) as process:
        sizes = set()
        while process.poll() is None:
            sizes.add(target.stat().st_size)
            time.sleep(0.001)
    assert process.returncode == 0
    final = target.stat().st_size
    assert final > large.stat().st_size
    assert sizes <= {4, final}
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_failure_leaves_the_target_alone(csv, tmp_path, only_files):
    (tmp_path / "out.csv").write_text("old")
    assert csv("a\n1\nx\n", "a+1", "--out", "out.csv").code == 1
    assert csv("a,b\n1,1\n1\n", "a+1", "--out", "out.csv").code == 1
    assert csv("a,b\n1,0\n", "a//b", "--out", "out.csv").code == 1
    assert csv("a,b\n1,0\n", "a//", "--out", "out.csv").code == 3
    assert (tmp_path / "out.csv").read_text() == "old"
    only_files("in.csv", "out.csv")


def test_a_full_disk(run, program, environment, large, tmp_path):
    with open("/dev/full", "wb") as full:
        outcome = run("eval", "i", "--csv", large, "-q", stdout=full)
    assert outcome.code == 1 and b"No space left on device" in outcome.err
    # A limit on the size of files acts like a disk that fills up in the middle.
    process = subprocess.run(
        [program, "eval", "i", "--csv", str(large), "--out", "out.csv"],
        cwd=tmp_path, env=environment, stderr=subprocess.PIPE, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
    )
    assert process.returncode == 1 and b"cannot write out.csv: File too large" in process.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_ends_quietly(program, environment, large):
    with subprocess.Popen(
        [program, "eval", "i", "--csv", str(large)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout.readline() == b"i,x,note,result\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=20) == 128 + signal.SIGPIPE


def wait_for_part(folder):
    """Waits until the temporary file beside the target has begun to fill."""
    for _ in range(2000):
        parts = [path for path in pathlib.Path(folder).iterdir() if path.name.endswith(".part")]
        if parts:
            return
        time.sleep(0.005)
    raise AssertionError("the temporary file never appeared")


def start_slow_run(program, environment, folder):
    """A run that stays in its second pass: the types are declared, so it reads the pipe as it comes, for ever."""
    process = subprocess.Popen(
        [program, "eval", "i*2", "--csv", "-", "--param", "i:i64", "--out", "out.csv"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment,
    )
    process.stdin.write(b"i\n" + b"1\n" * 10_000)
    process.stdin.flush()
    wait_for_part(folder)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_behind(program, environment, tmp_path, number):
    (tmp_path / "out.csv").write_text("old")
    process = start_slow_run(program, environment, tmp_path)
    process.send_signal(number)
    assert process.wait(timeout=10) == 128 + number
    process.stdin.close()
    process.stderr.close()
    assert (tmp_path / "out.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_signal_in_the_first_pass(program, environment, tmp_path):
    with subprocess.Popen(
        [program, "eval", "i*2", "--csv", "-", "--out", "out.csv"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment,
    ) as process:
        process.stdin.write(b"i\n1\n")
        process.stdin.flush()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_pipe_ends_with_a_whole_line(program, environment, large):
    with subprocess.Popen(
        [program, "eval", "i", "--csv", str(large), "-q"], stdout=subprocess.PIPE, env=environment
    ) as process:
        first = process.stdout.readline()  # the pipe is full now, and the writer waits in the middle of a row
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(timeout=10) == 130
    lines = (first + rest).split(b"\n")
    assert lines[-1] == b""
    for line in lines[1:-1]:
        assert line.count(b",") == 3 and line.split(b",")[0] == line.split(b",")[3]
    assert len(lines) < 500_000


def test_a_signal_while_expressions_are_read(program, environment):
    with subprocess.Popen(
        [program, "eval", "-f", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        process.stdin.write(b"1+1\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"2\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130


def test_no_copy_of_a_pipe_is_left(program, environment, tmp_path):
    process = subprocess.run(
        [program, "eval", "a", "--csv", "-"], input=b"a\n1\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**environment, "TMPDIR": str(tmp_path)}, check=True,
    )
    assert process.stdout == b"a,result\n1,1\n"
    assert list(tmp_path.iterdir()) == []


def test_rows_and_rate_on_standard_error(csv):
    outcome = csv("a\n1\n2\n", "a")
    assert outcome.message.startswith("2 rows in ") and " rows/s" in outcome.message and " MB/s" in outcome.message
    assert "\r" not in outcome.message and "\x1b" not in outcome.message
    assert csv("a\n1\n", "a", "-q").err == b""
    verbose = csv("a\n1\n", "a", "-v").message
    assert "column `a`: i64" in verbose and "kernel:" in verbose


def on_terminal(program, environment, arguments):
    main, other = pty.openpty()
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, stderr=other, env=environment)
    os.close(other)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    assert process.wait(timeout=30) == 0
    return shown


def test_progress_on_a_terminal_only(program, environment, large):
    arguments = ["eval", "i+x", "--csv", str(large)]
    shown = on_terminal(program, environment, arguments)
    assert b"\r" in shown and b" %" in shown and b"500,000 rows in" in shown
    assert on_terminal(program, environment, [*arguments, "-q"]) == b""
    dumb = on_terminal(program, {**environment, "TERM": "dumb"}, arguments)
    assert b"\x1b" not in dumb and b"500,000 rows in" in dumb


def test_memory_does_not_grow_with_the_file(program, environment, large, tmp_path):
    """A file four times as long takes the same memory, but for noise far below its length."""

    def peak(path):
        process = subprocess.Popen(
            [program, "eval", "i*x", "--csv", str(path), "-q"],
            stdout=subprocess.DEVNULL,
            env={"ASAN_OPTIONS": "quarantine_size_mb=1", **environment},  # an instrumented build keeps freed memory
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss * 1024

    larger = tmp_path / "larger.csv"
    with open(large, "rb") as source, open(larger, "wb") as target:
        content = source.read()
        target.write(content)
        body = content[content.index(b"\n") + 1 :]
        for _ in range(3):
            target.write(body)
    assert peak(larger) - peak(large) < 4 << 20


def test_input_that_is_missing_or_a_folder(run, tmp_path):
    outcome = run("eval", "a", "--csv", "nowhere.csv")
    assert outcome.code == 1 and "cannot read nowhere.csv: No such file" in outcome.message
    outcome = run("eval", "a", "--csv", ".")
    assert outcome.code == 1 and "directory" in outcome.message
