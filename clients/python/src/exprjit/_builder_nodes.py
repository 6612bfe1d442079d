# SPDX-License-Identifier: MIT OR Apache-2.0
"""Nodes of a program in the making, with Python's operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from . import _dtypes, errors

if TYPE_CHECKING:
    from ._builder import Builder

#: Largest exponent that is an operation of its own.
_MOST_POWI = 16


def no_arrays() -> errors.ExprJITError:
    """What is said where an array meets a node."""
    return errors.make(
        errors.ExprTypeError,
        "EJ9035",
        "NumPy's arrays and functions do not go with the nodes of a program",
        hint="make a parameter for the array's elements and call the compiled function with the array, or use "
        "b.table(array), b.sin(x) and the like",
    )


class Node:
    """A value (or array) of the program that a Builder makes.

    Operators make further nodes: arithmetic, comparisons (which give bool nodes), `&`, `|`, `^`, `~`, `<<`, `>>`, and
    `a[i]` of arrays. A Python number next to a node becomes a constant of the node's type. Two nodes need the same
    type: `x.to("f64")` converts.
    """

    __slots__ = ("_code", "_function", "_type", "builder", "id")

    def __init__(self, builder: Builder, id: int, code: int = 0) -> None:
        self.builder = builder
        self._function = builder._function  # numbers of nodes mean something within one function only
        self.id = id
        self._code = code
        self._type: Any = None

    @property
    def code(self) -> int:
        """The code of its element type."""
        if not self._code:
            self._code = self.full_type.element
        return self._code

    @property
    def full_type(self) -> Any:
        """Its type as the library says it: element, lanes, rank, is_mut."""
        if self._type is None:
            self._type = self.builder._type_of(self)
        return self._type

    @property
    def type(self) -> str:
        """Such as "f64", "f32x8", "array<f64,1>", "mut array<i32,2>"; "" for a node without a value."""
        t = self.full_type
        if not t.element:
            return ""
        name = _dtypes.NAMES[t.element]
        if t.rank:
            return f"{'mut ' if t.is_mut else ''}array<{name},{t.rank}>"
        return name if t.lanes == 1 else f"{name}x{t.lanes}"

    def to(self, type: Any) -> Node:
        """The value converted: truncated and saturated to integers, NaN to 0; to bool: whether it is not 0."""
        made: Node = self.builder.convert(self, type)
        return made

    #: Without this NumPy would make an array of nodes of an array and a node.
    __array_ufunc__ = None

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise no_arrays()

    def __repr__(self) -> str:
        if self._function is not self.builder._function:
            return f"<exprjit.Node %{self.id} of before>"
        return f"<exprjit.Node %{self.id}: {self.type or 'no value'}>"

    def __hash__(self) -> int:
        return hash((id(self._function), self.id))

    def __bool__(self) -> NoReturn:
        raise errors.make(
            errors.ExprTypeError,
            "EJ9020",
            "a node has no truth value while the program is built",
            hint="use b.select(condition, a, b), b.if_(condition), or & and | between conditions",
        )

    def __iter__(self) -> NoReturn:
        raise errors.make(
            errors.ExprTypeError, "EJ9021", "a node is one value", hint="b.result(node, k) gives one of several results"
        )

    # ---- Arithmetic

    def __add__(self, other: Any) -> Node:
        return self.builder.add(self, other)

    def __radd__(self, other: Any) -> Node:
        return self.builder.add(other, self)

    def __sub__(self, other: Any) -> Node:
        return self.builder.sub(self, other)

    def __rsub__(self, other: Any) -> Node:
        return self.builder.sub(other, self)

    def __mul__(self, other: Any) -> Node:
        return self.builder.mul(self, other)

    def __rmul__(self, other: Any) -> Node:
        return self.builder.mul(other, self)

    def __truediv__(self, other: Any) -> Node:
        return self._divide(self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return self._divide(other, self)

    def _divide(self, a: Any, b: Any) -> Node:
        if self.code in (_dtypes.F64, _dtypes.F32):
            return self.builder.div(a, b)
        # True division, as in Python and NumPy: of integers it gives f64.
        return self.builder.div(*(x.to("f64") if isinstance(x, Node) else float(x) for x in (a, b)))

    def __floordiv__(self, other: Any) -> Node:
        return self.builder.floor_div(self, other)

    def __rfloordiv__(self, other: Any) -> Node:
        return self.builder.floor_div(other, self)

    def __mod__(self, other: Any) -> Node:
        return self.builder.mod(self, other)

    def __rmod__(self, other: Any) -> Node:
        return self.builder.mod(other, self)

    def __pow__(self, other: Any) -> Node:
        is_float = self.code in (_dtypes.F64, _dtypes.F32)
        if type(other) is int and (-_MOST_POWI if is_float else 0) <= other <= _MOST_POWI:
            return self.builder.powi(self, other)
        return self.builder.pow(self, other) if is_float else self.builder.int_pow(self, other)

    def __rpow__(self, other: Any) -> Node:
        return self.builder.pow(other, self)

    def __neg__(self) -> Node:
        return self.builder.neg(self)

    def __pos__(self) -> Node:
        return self

    def __abs__(self) -> Node:
        return self.builder.abs(self)

    # ---- Bits

    def __and__(self, other: Any) -> Node:
        return self.builder.and_(self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Node:
        return self.builder.or_(self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Node:
        return self.builder.xor(self, other)

    __rxor__ = __xor__

    def __invert__(self) -> Node:
        return self.builder.not_(self)

    def __lshift__(self, other: Any) -> Node:
        return self.builder.shl(self, other)

    def __rlshift__(self, other: Any) -> Node:
        return self.builder.shl(other, self)

    def __rshift__(self, other: Any) -> Node:
        return self.builder.shr(self, other)

    def __rrshift__(self, other: Any) -> Node:
        return self.builder.shr(other, self)

    # ---- Comparisons

    def __lt__(self, other: Any) -> Node:
        return self.builder.lt(self, other)

    def __le__(self, other: Any) -> Node:
        return self.builder.le(self, other)

    def __gt__(self, other: Any) -> Node:
        return self.builder.gt(self, other)

    def __ge__(self, other: Any) -> Node:
        return self.builder.ge(self, other)

    def __eq__(self, other: Any) -> Node:  # type: ignore[override]
        return self.builder.eq(self, other)

    def __ne__(self, other: Any) -> Node:  # type: ignore[override]
        return self.builder.ne(self, other)

    # ---- Arrays

    def __getitem__(self, indices: Any) -> Node:
        return self.builder.load(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def __setitem__(self, indices: Any, value: Any) -> None:
        self.builder.store(self, *(indices if isinstance(indices, tuple) else (indices,)), value=value)
