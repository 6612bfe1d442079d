# SPDX-License-Identifier: MIT OR Apache-2.0
"""ir, asm, check, info, functions, bench."""

import json


def test_ir(run):
    outcome = run("ir", "a*b+c")
    assert outcome.code == 0
    assert "mul" in outcome.text and "add" in outcome.text
    assert "i64" in run("ir", "a*b", "--param", "a:i64", "--param", "b:i64").text


def test_ir_after_each_pass(run):
    passes = json.loads(run("info", "--json").text)["passes"]
    assert passes
    for name in passes:
        outcome = run("ir", "a*b + a*b", "--dump-after", name)
        assert outcome.code == 0 and outcome.out, (name, outcome)
    assert run("ir", "2.0*3.0 + a", "--optimised").out != run("ir", "2.0*3.0 + a").out


def test_asm(run):
    outcome = run("asm", "a*b+c")
    assert outcome.code == 0
    assert "mul" in outcome.text and "ret" in outcome.text
    assert run("asm", "a*b+c", "--tier", "baseline").code == 0
    for level in ("v2", "v3", "v4"):
        assert run("asm", "a*b+c", "--isa", level).code == 0
    # The v2 level has no AVX, so none of its instructions begins with a v; the higher ones are made of them.
    assert "vmul" not in run("asm", "a*b+c", "--isa", "v2").text


def test_asm_without_machine_code(run):
    for outcome in (run("asm", "a", "--tier", "interpreter"), run("asm", "a", env={"EXPRJIT_JIT": "0"})):
        assert outcome.code == 1 and outcome.out == b""
        assert "interpreted" in outcome.message


def test_inspection_reports_errors_like_eval(run):
    for command in ("ir", "asm", "bench"):
        outcome = run(command, "a +")
        assert outcome.code == 3 and outcome.out == b"" and "^" in outcome.message


def test_check(run):
    outcome = run("check", "a*b+c")
    assert (outcome.code, outcome.out, outcome.err) == (0, b"", b"")
    outcome = run("check", "sqroot(a) + (b")
    assert outcome.code == 3 and outcome.out == b"" and "^" in outcome.message
    outcome = run("check", "a + foo + bar", "--param", "a:f64")
    assert outcome.code == 3
    assert "foo" in outcome.message and "bar" in outcome.message  # all of them, not the first


def test_check_a_file(run):
    outcome = run("check", "-f", "-", stdin=b"1+2\n# no\n\n1+\n(3\n")
    assert outcome.code == 3
    assert "standard input:4" in outcome.message and "standard input:5" in outcome.message
    assert run("check", "-f", "-", stdin=b"1+2\n").code == 0


def test_info(run):
    outcome = run("info")
    assert outcome.code == 0
    for label in ("library", "CPU", "machine code", "limits", "cache"):
        assert label in outcome.text
    report = json.loads(run("info", "--json").text)
    assert report["abi_version"] == 0
    assert report["isa"] in ("none", "v2", "v3", "v4")
    assert report["limits"]["text_bytes"] == 16 << 20
    assert json.loads(run("info", "--json", env={"EXPRJIT_JIT": "0"}).text)["jit"] is False


def test_functions(run):
    everything = run("functions")
    assert everything.code == 0
    assert "sqrt(x)" in everything.text and "pi" in everything.text
    listing = json.loads(run("functions", "--json").text)
    names = {function["name"] for function in listing}
    assert {"sqrt", "sin", "atan2", "pi"} <= names
    assert [f["name"] for f in json.loads(run("functions", "sqrt", "--json").text)] == ["sqrt"]
    category = next(f["category"] for f in listing if f["name"] == "sin")
    of_category = json.loads(run("functions", category, "--json").text)
    assert "sin" in {f["name"] for f in of_category} and {f["category"] for f in of_category} == {category}


def test_functions_by_alias_and_not_at_all(run):
    assert [f["name"] for f in json.loads(run("functions", "arcsin", "--json").text)] == ["asin"]
    outcome = run("functions", "sqrrt")
    assert outcome.code == 1 and outcome.out == b"" and "did you mean 'sqrt'" in outcome.message


def test_bench(run):
    report = json.loads(run("bench", "a*b+c", "--json").text)
    assert report["compile"]["cold_ns"] > 0
    assert report["call"]["kernel_call_ns"] > 0
    assert [column["rows"] for column in report["columns"]] == [1000, 100000, 1000000]
    assert all(column["ns_per_row"] > 0 for column in report["columns"])
    outcome = run("bench", "n // d + k", "-D", "n=7", "-D", "d=2", "-D", "k:f32=0.5")
    assert outcome.code == 0 and "per row" in outcome.text


def test_bench_of_something_that_fails(run):
    outcome = run("bench", "n // d", "-D", "n=7", "-D", "d=0")
    assert outcome.code == 1 and "zero" in outcome.message and outcome.out == b""


def test_asm_shows_the_program_after_a_pass_before_the_code(run):
    outcome = run("asm", "x**3", "--dump-after", "expand")
    assert outcome.code == 0
    program, code = outcome.text.split("L0:", 1)
    assert "func @main" in program and "powi" not in program
    assert "ret" in code


def test_asm_names_the_passes_when_one_does_not_exist(run):
    outcome = run("asm", "x", "--dump-after", "expnd")
    assert outcome.code == 2
    assert "did you mean 'expand'" in outcome.message


def test_programs_as_bytes(run, tmp_path):
    path = tmp_path / "f.ejir"
    outcome = run("ir", "x // 3 + sin(y)", "--param", "x:i64", "--param", "y:f64", "--bytes", str(path))
    assert (outcome.code, outcome.out, outcome.err) == (0, b"", b"")
    assert path.read_bytes()[4:8] == b"EJIR"
    shown = run("ir", "--from", str(path))
    assert shown.code == 0 and "%x: i64" in shown.text and "sin f64" in shown.text
    assert "ret" in run("asm", "--from", str(path)).text
    # Bytes and IR text read from a pipe are the same program, and bytes of bytes the same bytes.
    bytes_of = run("ir", "--from", "-", "--bytes", "-", stdin=path.read_bytes())
    assert bytes_of.out == path.read_bytes()
    assert run("ir", "--from", "-", stdin=shown.out).out == shown.out
    # Blanks do not count, flags do.
    assert run("ir", "a//b", "--bytes", "-").out == run("ir", " a // b ", "--bytes", "-").out
    assert run("ir", "a*b+c", "--fast", "contract", "--bytes", "-").out != run("ir", "a*b+c", "--bytes", "-").out


def test_programs_from_files_that_are_none(run, tmp_path):
    good = run("ir", "a+b", "--bytes", "-").out
    for content in (good[:-3], b"\0\0\0\0EJIR" + bytes(30), b"a + b", b"", good[:4] + b"XXXX" + good[8:]):
        outcome = run("ir", "--from", "-", stdin=content)
        assert outcome.code == 3 and outcome.out == b"" and "error[EJ2" in outcome.message, (content, outcome)
    assert run("ir", "--from", str(tmp_path / "none")).code == 1
    outcome = run("ir", "a+b", "--bytes", str(tmp_path / "none" / "f"))
    assert outcome.code == 1 and "--out" not in outcome.message
    for arguments in (
        ("ir", "a+b", "--from", "f"),
        ("ir", "--from", "f", "-D", "a=3"),
        ("asm", "--from", "f", "--param", "a:i64"),
        ("ir", "--from", ""),
        ("ir", "a", "--bytes", ""),
        ("ir", "a", "--bytes", "f", "--optimised"),
        ("ir",),
    ):
        outcome = run(*arguments)
        assert outcome.code == 2 and outcome.out == b"" and "--help" in outcome.message, (arguments, outcome)
