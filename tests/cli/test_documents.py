# SPDX-License-Identifier: MIT OR Apache-2.0
"""The tables of docs/ say what the program says: they are written for people, so nothing but a test keeps them true."""

import json
import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
SOURCES = DOCS.parent / "src"


def section(text, title):
    """What stands under the heading `## title`."""
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text):
    """The cells of the table rows of a piece of Markdown; \\| is a bar inside a cell."""
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_function_tables(run):
    """Every function and constant, with its arguments, aliases and words, under its category and in order."""
    documented, category = [], None
    for line in section((DOCS / "language.md").read_text(encoding="utf-8"), "Functions").splitlines():
        if line.startswith("**"):
            category = line.strip("*").lower()
        for cells in rows(line):
            if cells[0].startswith("`"):
                documented.append((category, quoted(cells[0])[0], quoted(cells[1]), cells[2]))
    listing = json.loads(run("functions", "--json").text)
    actual = [
        (
            "constants" if entry["constant"] else entry["category"].lower(),
            entry["name"] if entry["constant"] else f"{entry['name']}({entry['parameters']})",
            entry["aliases"],
            entry["summary"],
        )
        for entry in listing
    ]
    assert documented == actual


def test_error_table():
    """Every code of the language with its meaning, as src/lang/errors.def has them."""
    text = (SOURCES / "lang" / "errors.def").read_text(encoding="utf-8")
    actual = [[f"EJ{code}", meaning] for code, meaning in re.findall(r'^LANG_ERROR\((\d+), .*, "(.*)"\)$', text, re.M)]
    assert len(actual) > 30
    documented = rows(section((DOCS / "language.md").read_text(encoding="utf-8"), "Errors"))
    assert [row for row in documented if row[0].startswith("EJ")] == actual


def test_promotion_table(run):
    """The common type of every two operands, read off the program that + makes of them."""
    table = list(rows(section((DOCS / "language.md").read_text(encoding="utf-8"), "Types")))
    literals = {"int": "2", "float": "2.5"}
    columns = table[0][1:]
    assert columns == ["bool", "i32", "i64", "f32", "f64", "int", "float"]
    lines = [row for row in table if row[0].strip("*") in columns]
    assert [row[0].strip("*") for row in lines] == columns
    for row in lines:
        left = row[0].strip("*")
        for right, wanted in zip(columns, row[1:], strict=True):
            names = [("a", left), ("b", right)]
            operands = [literals.get(kind, name) for name, kind in names]
            declared = [f"--param={name}:{kind}" for name, kind in names if kind not in literals]
            outcome = run("ir", " + ".join(operands), *declared)
            assert outcome.code == 0, outcome
            result = re.search(r"-> \((\w+)", outcome.text).group(1)
            assert result == {"int": "i64", "float": "f64"}.get(wanted, wanted), (left, right)


def test_exit_codes_and_commands(run):
    """docs/cli.md names every command and every choice that --help names."""
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    commands = {quoted(row[0])[0].split()[0] for row in rows(text.split("## Options")[0]) if quoted(row[0])}
    for command in commands:
        assert run(command, "--help").code == 0, command
    for row in rows(section(text, "Options for every expression")):
        for option in re.findall(r"--?[a-zA-Z]+", row[0]):
            assert option in run("eval", "--help").text + run("ir", "--help").text, option
