# SPDX-License-Identifier: MIT OR Apache-2.0
"""Regions of a program in the making, as context managers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import errors
from ._abi import library_held as library
from ._builder_abi import node_array
from ._builder_nodes import Node

if TYPE_CHECKING:
    from ._builder import Builder


class If:
    """What `b.if_(condition)` gives: `then()` and `else_()` open the arms, `yield_()` gives an arm's values, and
    `result` or `results` hold what the if gives once it is over. An arm that says nothing yields nothing; a missing one
    is empty."""

    def __init__(self, builder: Builder, condition: Node) -> None:
        self._builder = builder
        self._condition = condition
        self._arms = 0
        self._yielded = 0
        self.results: tuple[Node, ...] = ()

    def __enter__(self) -> If:
        b = self._builder
        condition = b._node(self._condition).id
        b._take(library.ej_builder_begin_if(b._handle, condition))
        b._depth += 1
        b._ended = False
        return self

    @contextmanager
    def then(self) -> Iterator[If]:
        """The arm for a true condition."""
        yield from self._arm(0, "then() comes first, and once")

    @contextmanager
    def else_(self) -> Iterator[If]:
        """The arm for a false condition."""
        if self._arms == 0:
            self._end_arm()
        yield from self._arm(1, "else_() comes once, after then()")

    def _arm(self, number: int, rule: str) -> Iterator[If]:
        if self._arms != number:
            raise errors.make(errors.ArgumentError, "EJ9022", f"this if has that arm already: {rule}")
        yield self
        self._end_arm()

    def _end_arm(self) -> None:
        b = self._builder
        if not b._ended:
            b._end(library.ej_builder_yield(b._handle, None, 0))
        self._arms += 1
        if self._arms == 1:
            b._take(library.ej_builder_begin_else(b._handle))
            b._ended = False

    def yield_(self, *values: Any) -> None:
        """Ends the arm with these values, the results of the if."""
        b = self._builder
        nodes = [b._node(value) for value in values]
        array = node_array([n.id for n in nodes])
        b._end(library.ej_builder_yield(b._handle, array, len(nodes)))
        self._yielded = len(nodes)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            return
        while self._arms < 2:
            self._end_arm()
        b = self._builder
        first = b._take(library.ej_builder_end_if(b._handle))
        b._depth -= 1
        b._ended = False
        self.results = b._results(first, self._yielded)

    @property
    def result(self) -> Node:
        """The result, where there is one."""
        return _only(self.results, "if")


class Loop:
    """What `b.for_()` and `b.loop()` give: `index` (of a for), `carried` values of this trip, `next()` to end a trip,
    `break_()` and `continue_()`, and `result` or `results` once it is over. A for's trip that says nothing ends with
    the values it began with."""

    def __init__(self, builder: Builder, bounds: tuple[Node, Node, Node] | None, carry: list[Node]) -> None:
        self._builder = builder
        self._bounds = bounds
        self._carry = carry
        self.carried: tuple[Node, ...] = ()
        self.results: tuple[Node, ...] = ()
        self._index: Node | None = None

    def __enter__(self) -> Loop:
        b, carry = self._builder, self._carry
        nodes, count = node_array([b._node(n).id for n in carry]), len(carry)
        if self._bounds is None:
            first = b._take(library.ej_builder_begin_loop(b._handle, nodes, count))
        else:
            lo, hi, step = (b._node(n).id for n in self._bounds)
            first = b._take(library.ej_builder_begin_for(b._handle, lo, hi, step, nodes, count))
            self._index = Node(b, library.ej_builder_index(b._handle, first))
        self.carried = tuple(
            Node(b, library.ej_builder_carried(b._handle, first, k), n._code) for k, n in enumerate(carry)
        )
        b._loops.append(self)
        b._depth += 1
        b._ended = False
        return self

    @property
    def index(self) -> Node:
        """The counter of a for, i64."""
        if self._index is None:
            raise errors.make(
                errors.ArgumentError, "EJ9023", "this loop counts nothing", hint="carry a counter, or use b.for_()"
            )
        return self._index

    @property
    def value(self) -> Node:
        """The carried value, where there is one."""
        return _only(self.carried, "loop")

    @property
    def result(self) -> Node:
        """The last carried value, where there is one."""
        return _only(self.results, "loop")

    def _values(self, values: tuple[Any, ...]) -> tuple[Any, int]:
        likes = [like._code or like.code for like in self.carried]
        nodes = [self._builder._node(value, likes[k] if k < len(likes) else 0).id for k, value in enumerate(values)]
        return node_array(nodes), len(nodes)

    def _depth(self) -> int:
        return len(self._builder._loops) - 1 - self._builder._loops.index(self)

    def next(self, *values: Any) -> None:
        """Ends the trip; the next one begins with these values."""
        b = self._builder
        nodes, count = self._values(values)
        b._end(library.ej_builder_yield(b._handle, nodes, count))

    def break_(self, *values: Any) -> None:
        """Leaves the loop with these values, from any depth of ifs and loops inside."""
        b = self._builder
        depth, (nodes, count) = self._depth(), self._values(values)
        b._end(library.ej_builder_break(b._handle, depth, nodes, count))

    def continue_(self, *values: Any) -> None:
        """Goes on with the next trip, from any depth of ifs and loops inside."""
        b = self._builder
        depth, (nodes, count) = self._depth(), self._values(values)
        b._end(library.ej_builder_continue(b._handle, depth, nodes, count))

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        b = self._builder
        b._loops.remove(self)
        if kind is not None:
            return
        if not b._ended:
            nodes, count = self._values(self.carried)
            b._end(library.ej_builder_yield(b._handle, nodes, count))
        first = b._take(library.ej_builder_end_loop(b._handle))
        b._depth -= 1
        b._ended = False
        self.results = b._results(first, len(self._carry))


def _only(nodes: tuple[Node, ...], what: str) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    raise errors.make(
        errors.ArgumentError,
        "EJ9024",
        f"the {what} has {len(nodes)} values here, not one",
        hint="results are known once the `with` block is over; use .results or .carried for several",
    )
