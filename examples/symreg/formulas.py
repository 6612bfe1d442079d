# SPDX-License-Identifier: MIT OR Apache-2.0
"""Formulas as trees, and what evolution does to them.

A formula is a number (a constant), a str (a variable) or a tuple of an operation's name and formulas.
"""

from __future__ import annotations

import random

import exprjit as ej

UNARY = ("sin", "cos", "sqrt", "abs", "neg")
BINARY = ("add", "sub", "mul", "div")
LARGEST = 30  # nodes

Formula = float | str | tuple


def size(f: Formula) -> int:
    """How many nodes it has."""
    return 1 + sum(size(part) for part in f[1:]) if isinstance(f, tuple) else 1


def node(b: ej.Builder, f: Formula, variables: dict[str, ej.Node]) -> ej.Node:
    """The formula in a program that `b` makes. The name of an operation is the name of the builder's method."""
    if isinstance(f, tuple):
        return getattr(b, f[0])(*[node(b, part, variables) for part in f[1:]])
    return variables[f] if isinstance(f, str) else b.constant(f)


def text(f: Formula) -> str:
    """The formula as a person writes it, which is also what numexpr reads."""
    if not isinstance(f, tuple):
        return f if isinstance(f, str) else f"{f:.4g}" if f >= 0 else f"({f:.4g})"
    parts = [text(part) for part in f[1:]]
    if f[0] == "neg":
        return f"(-{parts[0]})"
    if len(parts) == 1:
        return f"{f[0]}({parts[0]})"
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/"}[f[0]]
    return f"({parts[0]} {sign} {parts[1]})"


class Breeder:
    """Makes formulas: new ones, and children of good ones. None is made twice."""

    def __init__(self, variables: list[str], seed: int) -> None:
        self._variables = variables
        self._random = random.Random(seed)
        self._seen: set[int] = set()

    def new(self, depth: int = 3) -> Formula:
        r = self._random
        if depth == 0 or r.random() < 0.1:
            return r.choice(self._variables) if r.random() < 0.6 else round(r.gauss(0, 2), 3)
        if r.random() < 0.35:
            return (r.choice(UNARY), self.new(depth - 1))
        return (r.choice(BINARY), self.new(depth - 1), self.new(depth - 1))

    def generation(self, parents: list[Formula], count: int) -> list[Formula]:
        """So many formulas that were not there before; without parents, random ones."""
        made: list[Formula] = []
        while len(made) < count:
            child = self._child(parents) if parents and self._random.random() < 0.9 else self.new()
            key = hash(child)
            if key in self._seen or not isinstance(child, tuple) or size(child) > LARGEST:
                continue
            self._seen.add(key)
            made.append(child)
        return made

    def _child(self, parents: list[Formula]) -> Formula:
        r = self._random
        # The better of two, for parents are sorted.
        mother, father = (parents[min(r.randrange(len(parents)), r.randrange(len(parents)))] for _ in range(2))
        kind = r.random()
        if kind < 0.5:
            return self._replace(mother, r.choice(list(self._pieces(father))))
        if kind < 0.75:
            return self._replace(mother, self.new(2))
        return self._shake(mother)

    def _pieces(self, f: Formula):
        yield f
        if isinstance(f, tuple):
            for part in f[1:]:
                yield from self._pieces(part)

    def _replace(self, f: Formula, piece: Formula) -> Formula:
        """With a random place taken by the piece."""
        r = self._random
        if not isinstance(f, tuple) or r.random() < 1 / size(f):
            return piece
        k = r.randrange(1, len(f))
        return (*f[:k], self._replace(f[k], piece), *f[k + 1 :])

    def _shake(self, f: Formula) -> Formula:
        """With its constants moved a little."""
        if isinstance(f, tuple):
            return (f[0], *(self._shake(part) for part in f[1:]))
        return f if isinstance(f, str) else round(f * self._random.gauss(1, 0.2) + self._random.gauss(0, 0.02), 3)
