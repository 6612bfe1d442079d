# SPDX-License-Identifier: MIT OR Apache-2.0
"""Programs as they travel: the text with its parameters and options, and the server's answer to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import _codes, _dtypes, errors
from .._operands import find_name
from .._param import Param
from . import _messages
from ._failures import wrong_answer

__all__ = ["CODES", "Output", "Param", "Signature"]


class Output(NamedTuple):
    """An output of a program."""

    name: str  #: "" for the output of a final expression
    type: str
    reduced: bool  #: one value for all rows
    nullable: bool  #: null where its inputs are

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of that type."""
        return _dtypes.NUMPY[CODES[self.type]]


class Signature(NamedTuple):
    """What a program takes and gives."""

    params: tuple[Param, ...]
    outputs: tuple[Output, ...]
    text: str  #: "(a: f64, b: f64) -> f64"


CODES = {name: code for code, name in _dtypes.NAMES.items()}


def options_of(div: str, caret: str, accuracy: str, fast: str | Iterable[str]) -> dict[str, Any]:
    """The fields of CompileOptions. ValueError names the choices for a wrong one."""
    flags = [fast] if isinstance(fast, str) else list(fast)
    for flag in flags:
        _choice("fast", flag, _codes.FLAGS)
    return {
        "div_mode": _choice("div", div, _codes.DIVS),
        "caret": _choice("caret", caret, _codes.CARETS),
        "accuracy": _choice("accuracy", accuracy, _codes.ACCURACIES),
        "contract": "contract" in flags,
        "reassociate": "reassoc" in flags,
    }


def _choice(option: str, word: Any, table: Mapping[str, int]) -> int:
    if isinstance(word, str) and word in table:
        return table[word]
    raise ValueError(f"{option}={word!r} is not known; choose one of {', '.join(map(repr, table))}")


def text_program(source: str, params: Sequence[tuple[str, int]] | None, options: Mapping[str, Any]) -> Any:
    """The Program message of a text. With `params` of None its variables are f64."""
    try:
        source.encode()
    except UnicodeEncodeError as problem:
        raise errors.make(
            errors.ExprSyntaxError,
            "EJ9001",
            "the text holds half of a surrogate pair, which is no character",
            source,
            (problem.start, problem.end),
        ) from None
    return _messages.Program(
        text=source,
        parameters=[{"name": name, "dtype": code} for name, code in params or ()],
        declared=params is not None,
        options=options,
    )


def declared_types(types: Mapping[str, Any], source: str | None) -> list[tuple[str, int]]:
    """The codes of types as users write them."""
    declared = []
    for name, spec in types.items():
        code = _dtypes.parse(spec)
        if code is None:
            raise errors.make(
                errors.ExprTypeError,
                "EJ9002",
                f"the type {spec!r} given for '{name}' is not one exprjit computes with",
                source,
                None,
                "the types are bool, i32, i64, f32, f64, and in arrays also "
                "int8, int16, uint8, uint16, uint32, uint64, float16",
            )
        declared.append((name, code))
    return declared


def names_used(source: str, given: Iterable[str]) -> list[str]:
    """Those of the given variables that stand in the text, in the order of their first use. The language has no other
    way to mention a variable, so what is left out is not needed; a name that only seems to be used costs no more than
    its transport."""
    found: list[tuple[int, str]] = []
    for name in given:
        place = find_name(source, name) if name in source else None
        if place is not None and not _only_called(source, name):
            found.append((place[0], name))
    return [name for _, name in sorted(found)]


def _only_called(source: str, name: str) -> bool:
    written = re.escape(name)
    uses = len(re.findall(rf"(?<![\w`]){written}(?!\w)", source))
    return uses > 0 and uses == len(re.findall(rf"(?<![\w`]){written}\s*\(", source))


def read_signature(message: Any, address: str) -> Signature:
    """A Signature message."""
    for item in (*message.parameters, *message.outputs):
        if item.dtype not in _dtypes.NAMES:
            raise wrong_answer(address, f"the signature has a dtype {item.dtype}, which this client does not know")
    return Signature(
        tuple(Param(item.name, _dtypes.NAMES[item.dtype]) for item in message.parameters),
        tuple(Output(item.name, _dtypes.NAMES[item.dtype], item.reduced, item.nullable) for item in message.outputs),
        message.text,
    )
