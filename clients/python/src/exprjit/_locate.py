# SPDX-License-Identifier: MIT OR Apache-2.0
"""Where libexprjit may be: the list the loader tries in order and prints in full when nothing fits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

SONAME = "libexprjit.so.0"
_FILE_NAMES = (SONAME, "libexprjit.so")


class Candidate(NamedTuple):
    """One place to look: what to hand to the dynamic loader, and why it is on the list."""

    target: str
    reason: str


def candidates() -> list[Candidate]:
    """The places to try, in order. EXPRJIT_LIBRARY, when set, is the only one: a wrong path must not be papered
    over."""
    chosen = os.environ.get("EXPRJIT_LIBRARY")
    if chosen:
        return [Candidate(chosen, "EXPRJIT_LIBRARY")]
    package = Path(__file__).resolve().parent
    found = [Candidate(str(package / "_lib" / name), "inside the package") for name in _FILE_NAMES]
    found += [Candidate(str(path), "build tree") for path in _build_tree(package)]
    found.append(Candidate(SONAME, "system library path"))
    return found


def _build_tree(package: Path) -> list[Path]:
    """Libraries of the source checkout this package lies in; empty for an installed package."""
    root = checkout_root(package)
    if root is None:
        return []
    builds = root / ".build"
    # Other configurations come after the release one, in a stable order. Sanitizer builds cannot be loaded into an
    # ordinary interpreter, so they are never picked by themselves.
    others = (
        sorted(tree for tree in builds.iterdir() if tree.name not in ("release", "asan", "tsan", "fuzz"))
        if builds.is_dir()
        else []
    )
    found = [tree / "lib" / "libexprjit.so" for tree in others]
    return [builds / "release" / "lib" / "libexprjit.so", *(path for path in found if path.exists())]


def checkout_root(start: Path) -> Path | None:
    """The exprjit source tree that contains `start` as clients/python/…, or None."""
    for parent in start.parents:
        if (parent / "include" / "exprjit" / "exprjit.h").is_file() and (parent / "clients" / "python").is_dir():
            return parent
    return None


def not_found_message(tried: list[tuple[Candidate, str]]) -> str:
    """The text of the ImportError: every place with what went wrong there, and the ways out."""
    lines = ["cannot load libexprjit, the compiled part of exprjit. Tried, in this order:"]
    lines += [f"  {candidate.target}  ({candidate.reason}): {problem}" for candidate, problem in tried]
    if len(tried) == 1 and tried[0][0].reason == "EXPRJIT_LIBRARY":
        lines.append("EXPRJIT_LIBRARY is set, so nothing else was tried: correct it or unset it.")
    else:
        lines.append(
            "Ways out: in a source checkout run './dev build'; or 'pip install ./clients/python'; or install the "
            "system package; or set EXPRJIT_LIBRARY to the full path of libexprjit.so."
        )
    return "\n".join(lines)
