# SPDX-License-Identifier: MIT OR Apache-2.0
"""What is installed and what the language knows: for bug reports and for people who look around."""

from __future__ import annotations

import os
import platform
from typing import Any, NamedTuple

import numpy as np

from . import _codes, _engine, _ffi
from ._running import get_num_threads
from ._version import __version__


class FunctionInfo(NamedTuple):
    """A function or constant of the expression language."""

    name: str
    aliases: tuple[str, ...]
    parameters: str
    category: str
    summary: str
    min_args: int
    max_args: int  #: -1: any number
    is_constant: bool

    def __str__(self) -> str:
        call = self.name if self.is_constant else f"{self.name}({self.parameters})"
        also = f" (also {', '.join(self.aliases)})" if self.aliases else ""
        return f"{call}{also}: {self.summary}"


def functions() -> list[FunctionInfo]:
    """Every function and constant of the language, in the order of its reference."""
    return [
        FunctionInfo(**item | {"aliases": tuple(item["aliases"].split()), "is_constant": bool(item["is_constant"])})
        for item in _engine.functions()
    ]


def stats() -> dict[str, int]:
    """Counters of the engine: compilations, cache hits, bytes of code."""
    return _engine.stats()


def clear_cache() -> None:
    """Drops compiled code nobody holds. Functions that exist stay valid."""
    _engine.clear_cache()


def pass_names() -> list[str]:
    """The optimiser's passes in order, for Function.inspect_ir."""
    return _engine.pass_names()


def show_config(mode: str = "stdout") -> dict[str, Any] | None:
    """Prints versions, CPU, engine and environment, as asked for in bug reports; mode="dicts" returns them instead."""
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode={mode!r} is not known; choose 'stdout' or 'dicts'")
    cpu_name, cpu_isa = _engine.cpu()
    engine = _engine.stats()
    config: dict[str, Any] = {
        "exprjit": {
            "version": __version__,
            "library": _ffi.library_version,
            "library path": _ffi.library_path,
            "ABI": _ffi.ABI_VERSION,
        },
        "cpu": {
            "name": cpu_name,
            "best level": cpu_isa,
            "cores available": len(os.sched_getaffinity(0)),
            "threads": get_num_threads(),
        },
        "engine": {
            "level in use": _codes.ISA_NAMES.get(engine.pop("isa"), "none"),
            "native code": "yes" if engine.pop("jit") else "no, interpreter only",
            **engine,
        },
        "python": {
            "version": f"{platform.python_implementation()} {platform.python_version()}",
            "numpy": np.__version__,
            "platform": platform.platform(),
        },
        "environment": {name: value for name, value in sorted(os.environ.items()) if name.startswith("EXPRJIT_")},
    }
    if mode == "dicts":
        return config
    for section, entries in config.items():
        print(f"{section}:" if entries else f"{section}: nothing set")
        for name, value in entries.items():
            print(f"  {name:16} {value}")
    return None
