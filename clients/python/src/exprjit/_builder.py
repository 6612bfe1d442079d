# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ej.Builder`: programs made node by node."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from . import _codes, _dtypes, _ffi, errors
from ._abi import library_held as library
from ._builder_abi import (
    NO_NODE,
    Type,
    Value,
    compile_handle,
    create_handle,
    encode_handle,
    name_array,
    newest_mistake,
    node_array,
    node_room,
    operations,
    print_handle,
)
from ._builder_nodes import Node, no_arrays
from ._builder_regions import If, Loop
from ._builder_values import FIELDS, name_bytes, pack, type_code, value_code
from ._function import Function
from ._program import make_options

_REDUCTIONS = ("sum", "prod", "min", "max", "count", "arg_min", "arg_max", "deviations")
_CHECKS = {"divide_by_zero": 1, "domain": 2, "index": 3, "user": 4, "unsigned": 5, "no_rows": 6}
_LANES, _RANKS = (1, 2, 4, 8, 16, 32, 64), range(4)

_unary, _binary, _ternary = library.ej_builder_unary, library.ej_builder_binary, library.ej_builder_ternary
_convert, _constant = library.ej_builder_convert, library.ej_builder_constant
_steps = library.ej_builder_steps

# One ej_builder_step: code, type, three operands, exponent. By the length of a step's tuple, what it leaves out.
_STEP = 0x80000000
_PADDING = {2: (0, 0, 0), 3: (0, 0), 4: (0,)}
_OPS = operations()
_step_packers: dict[int, struct.Struct] = {}


class Builder:
    """A program in the making: `b.param()`, operations as methods (`b.sin(x)`, `b.atan2(y, x)`, `b.select(c, x, y)`;
    names as in docs/ir.md, with `and_`, `or_`, `not_`), Python's operators between nodes, `b.output()`, `b.compile()`.

    >>> b = Builder()
    >>> x = b.param("x", "f64")
    >>> b.output(b.sin(x) * 2 + x)
    >>> f = b.compile()

    Every call is checked at once; a mistake raises and leaves the program as it was, unless it was in the order of
    regions. `b.reset()` begins a new program and is cheaper than a new Builder. Not for several threads at once.
    """

    # Operations are made on demand by __getattr__ and then are methods of the class.

    def __init__(self, name: str = "main") -> None:
        self._handle: Any = create_handle()
        self._f64 = Value(_dtypes.F64)
        self._trips = 1  # at most, of a node of the program: of all its loops, as if each were inside the others
        self._calls = 0  # of the function in the making
        self._begin(name)

    def __del__(
        self,
        _destroy: Callable[[Any], None] = library.ej_builder_destroy,
        _finalizing: Callable[[], bool] = sys.is_finalizing,
    ) -> None:
        handle, self._handle = self.__dict__.get("_handle"), None
        if handle and not _finalizing():
            _destroy(handle)

    def _begin(self, name: str) -> None:
        encoded = name_bytes(name)
        number = library.ej_builder_begin_function(self._handle, encoded)
        if number == NO_NODE:
            raise self._mistake()  # and the function in the making is what it was
        self._number = number
        self._function = object()  # stands for the function in the making: nodes of other ones are refused
        self._outputs: dict[str, Node] = {}
        self._loops: list[Loop] = []
        self._names: set[str] = set()
        self._ended = False  # the region, or the function, has its end
        self._depth = 0  # regions that are open
        self._repeat(self._calls)
        self._calls = 0

    def reset(self, name: str = "main") -> None:
        """Begins a new program. Nodes of the old one must not be used any more."""
        name_bytes(name)  # what is wrong with it is said before anything is lost
        library.ej_builder_reset(self._handle)
        self._trips, self._calls = 1, 0
        self._begin(name)

    def function(self, name: str) -> int:
        """Begins the next function and returns its number for `call`. The one before must be complete, with `return_`;
        the last one is the program's entry."""
        name_bytes(name)
        if library.ej_builder_node_count(self._handle) == 0 and self._number == 0:
            library.ej_builder_reset(self._handle)  # the first function gets its name
        elif not self._ended or self._depth:
            raise errors.make(
                errors.ArgumentError,
                "EJ9034",
                f"the function {name!r} cannot begin: the one before is not complete",
                hint="end it with b.return_(...), outside of every if and loop",
            )
        self._begin(name)
        return int(self._number)

    # ---- What nodes are made from

    def param(self, name: str, type: Any = "f64", *, rank: int = 0, mut: bool = False, lanes: int = 1) -> Node:
        """The next parameter. With a rank it is an array, which functions that others call can take."""
        encoded = name_bytes(name)
        if name in self._names:
            raise errors.make(errors.ArgumentError, "EJ9025", f"there is a parameter {name!r} already")
        code = type_code(type) if rank else value_code(type)
        if lanes not in _LANES or rank not in _RANKS:
            raise errors.make(
                errors.ArgumentError,
                "EJ9037",
                f"the parameter {name!r} cannot have {lanes!r} lanes and rank {rank!r}",
                hint="lanes are 1, 2, 4, … 64, and rank is 0 for a value or 1 to 3 for an array",
            )
        full = Type(code, lanes, rank, int(mut))
        node = self._take(library.ej_builder_param(self._handle, encoded, full))
        self._names.add(name)
        return Node(self, node, 0 if rank else code)

    def constant(self, value: Any, type: Any = None, lanes: int = 1) -> Node:
        """A constant. Without a type, bool, int and float become bool, i64 and f64; NumPy scalars keep theirs."""
        if type is not None:
            code = value_code(type)
        elif isinstance(value, np.ndarray):
            raise no_arrays()
        elif isinstance(value, np.generic):
            code = _dtypes.WIDE.get(_dtypes.code_of(value.dtype) or 0, 0)
        else:
            code = _dtypes.parse(value.__class__) or 0
        if code not in FIELDS:
            raise errors.make(errors.ExprTypeError, "EJ9026", f"{value!r} is no constant exprjit computes with")
        if lanes == 1:
            return self._number_node(value, code)
        packed = pack(value, code)
        return Node(self, self._take(library.ej_builder_constant_lanes(self._handle, packed, lanes)), code)

    def table(self, values: Any, type: Any = None) -> Node:
        """An array of constants, of rank 1, to be loaded from: `b.table([1.0, 2.0])[i]`."""
        array = np.ascontiguousarray(values if type is None else np.asarray(values, _dtypes.NUMPY[type_code(type)]))
        code = _dtypes.code_of(array.dtype)
        if code is None or array.ndim != 1:
            raise errors.make(
                errors.ExprTypeError,
                "EJ9027",
                f"a table is one-dimensional and of numbers, not {array.dtype} of {array.ndim} dimensions",
            )
        array = array.astype(_dtypes.NUMPY[code], copy=False)
        address = _ffi.data_address(array)
        number = self._take(library.ej_builder_table(self._handle, code, address, len(array)))
        return Node(self, self._take(library.ej_builder_table_node(self._handle, number)))

    def local(self, type: Any, length: int) -> Node:
        """A zeroed array of this call alone, to be loaded from and stored to."""
        code = type_code(type)
        return Node(self, self._take(library.ej_builder_local(self._handle, code, length)))

    # ---- Operations

    def __getattr__(self, name: str) -> Callable[..., Node]:
        op = operations().get(name[:-1] if name in ("and_", "or_", "not_") else name)
        if op is None or name in ("and", "or", "not"):
            raise AttributeError(f"a Builder has no operation {name!r}", name=name, obj=self)
        setattr(Builder, name, _method(name, op))
        made: Callable[..., Node] = getattr(self, name)
        return made

    def __dir__(self) -> Iterable[str]:
        names = {f"{n}_" if n in ("and", "or", "not") else n for n in operations()}
        return sorted(names | set(super().__dir__()))

    #: One step of `steps` in memory, as in ej_builder_step.
    STEP = np.dtype([("code", "i4"), ("to", "i4"), ("operands", "u4", 3), ("exponent", "i4")])

    def steps(self, steps: Sequence[tuple[Any, ...]] | np.ndarray[Any, Any]) -> Node:
        """Many operations in one call: tuples of an operation's name and its operands, which are nodes, or the numbers
        (from 0) of steps before. Returns the node of the last step.

        >>> b.steps([("mul", x, x), ("sin", 0), ("add", 1, x)])  # sin(x*x) + x

        From tuples this is no faster than methods. An array of `Builder.STEP` is: a population of formulas can be kept
        as such arrays, with the fields of ej_builder_step (`code` from `Builder.op_code(name)`, operand 0x80000000 + k
        for step k).
        """
        if isinstance(steps, np.ndarray):
            if steps.dtype != self.STEP or not steps.flags.c_contiguous:
                raise errors.make(errors.ArgumentError, "EJ9030", "an array of steps is contiguous and of Builder.STEP")
            return self._steps(len(steps), _ffi.data_address(steps))
        words: list[int] = []
        for step in steps:
            op = _OPS.get(step[0])
            if op is None or op.result == "U" or op.operands != len(step) - 1:
                raise _wrong_step(len(words) // 6, step, op)
            words += (op.code, 0)
            for operand in step[1:]:
                if type(operand) is not Node:
                    if operand < 0:
                        raise _wrong_step(len(words) // 6, step, op)
                    words.append(_STEP + operand)
                elif operand._function is self._function:
                    words.append(operand.id)
                else:
                    self._node(operand)
            words += _PADDING[len(step)]
        count = len(steps)
        packer = _step_packers.get(count) or _step_packers.setdefault(count, struct.Struct(f"={6 * count}I"))
        try:
            packed = packer.pack(*words)
        except struct.error:
            raise errors.make(errors.ArgumentError, "EJ9030", "a step names one that cannot exist") from None
        return self._steps(count, packed)

    @staticmethod
    def op_code(name: str) -> int:
        """The code of the operation with this name, for arrays of steps."""
        return _OPS[name].code

    def _steps(self, count: int, packed: Any) -> Node:
        made = node_room(count)
        if count == 0:
            raise errors.make(errors.ArgumentError, "EJ9030", "there are no steps")
        _steps(self._handle, packed, count, made)
        if NO_NODE in made:
            raise self._mistake()
        return Node(self, made[-1])

    def powi(self, x: Node, exponent: int) -> Node:
        """x to a fixed power: -16 to 16, of integers 0 to 16."""
        x = self._node(x)
        return Node(self, self._take(library.ej_builder_powi(self._handle, x.id, exponent)), x._code)

    def result(self, node: Node, k: int) -> Node:
        """The k-th result (from 0) of a call or *_overflow operation."""
        return Node(self, self._take(library.ej_builder_result(*self._on(node), k)))

    def load(self, array: Node, *indices: Any) -> Node:
        """An element; outside the array: 0."""
        ids = [self._node(i, _dtypes.I64).id for i in indices]
        array, nodes = self._node(array), node_array(ids)
        made = library.ej_builder_load(self._handle, array.id, nodes, len(ids))
        return Node(self, self._take(made))

    def store(self, array: Node, *indices: Any, value: Any) -> None:
        """Writes an element; outside the array: nothing."""
        ids = [self._node(i, _dtypes.I64).id for i in indices]
        item = self._node(value, _dtypes.WIDE.get(array.code, 0))
        array, nodes = self._node(array), node_array(ids)
        self._take(library.ej_builder_store(self._handle, array.id, nodes, len(ids), item.id))

    def length(self, array: Node, dimension: int = 0) -> Node:
        """How many elements the array has in a dimension, i64."""
        return Node(self, self._take(library.ej_builder_len(*self._on(array), dimension)), _dtypes.I64)

    def splat(self, x: Any, lanes: int) -> Node:
        """The value in every lane."""
        x = self._node(x)
        return Node(self, self._take(library.ej_builder_splat(self._handle, x.id, lanes)), x._code)

    def extract(self, x: Node, lane: int) -> Node:
        """One lane."""
        return Node(self, self._take(library.ej_builder_extract(*self._on(x), lane)), x._code)

    def iota(self, type: Any, lanes: int) -> Node:
        """0, 1, 2, … in the lanes."""
        code = value_code(type)
        return Node(self, self._take(library.ej_builder_iota(self._handle, code, lanes)), code)

    def any(self, mask: Node) -> Node:
        """Whether some lane is true."""
        return Node(self, self._take(library.ej_builder_any(*self._on(mask))), _dtypes.BOOL)

    def count_lanes(self, mask: Node) -> Node:
        """How many lanes are true, i64."""
        return Node(self, self._take(library.ej_builder_count_lanes(*self._on(mask))), _dtypes.I64)

    def reduce(self, kind: str, value: Node, where: Any = True) -> Node:
        """Over all rows where `where` is true: "sum", "prod", "min", "max", "count", "arg_min", "arg_max" or
        "deviations"."""
        if kind not in _REDUCTIONS:
            raise ValueError(f"kind={kind!r} is not known; choose one of {', '.join(map(repr, _REDUCTIONS))}")
        rows = self._node(where, _dtypes.BOOL)
        number = _REDUCTIONS.index(kind)
        value = self._node(value)
        return Node(self, self._take(library.ej_builder_reduce(self._handle, number, value.id, rows.id)))

    def check(self, condition: Node, what: str = "user", site: int = 0) -> None:
        """Makes the run fail where the condition is false. The error names `site`."""
        if what not in _CHECKS:
            raise ValueError(f"what={what!r} is not known; choose one of {', '.join(map(repr, _CHECKS))}")
        condition = self._node(condition)
        self._take(library.ej_builder_check(self._handle, condition.id, _CHECKS[what], site))

    def call(self, function: int, *arguments: Any) -> Node:
        """Calls a complete function of this program; the node is its first result."""
        ids = [self._node(a).id for a in arguments]
        self._calls += 1
        nodes = node_array(ids)
        return Node(self, self._take(library.ej_builder_call(self._handle, function, nodes, len(ids))))

    # ---- Regions

    def if_(self, condition: Node) -> If:
        """`with b.if_(c) as arms:`, inside `with arms.then():` and `with arms.else_():`."""
        return If(self, self._node(condition))

    def for_(self, lo: Any, hi: Any, step: Any = 1, *, carry: Sequence[Any] = ()) -> Loop:
        """`with b.for_(0, n, carry=[0.0]) as loop:` from lo up to, without, hi (down if step is negative)."""
        known = step != 0 and all(type(x) is int for x in (lo, hi, step))
        self._repeat((max(0, (hi - lo) * (1 if step > 0 else -1)) // abs(step) + 1) if known else _ffi.UNBOUNDED)
        lo, hi, step = (self._node(x, _dtypes.I64) for x in (lo, hi, step))
        return Loop(self, (lo, hi, step), [self._node(x) for x in carry])

    def loop(self, *, carry: Sequence[Any] = ()) -> Loop:
        """`with b.loop(carry=[x]) as loop:` until `loop.break_()`."""
        self._repeat(_ffi.UNBOUNDED)
        return Loop(self, None, [self._node(x) for x in carry])

    def return_(self, *values: Any) -> None:
        """Ends the function with these results; the first return decides their types."""
        ids = [self._node(v).id for v in values]
        nodes = node_array(ids)
        self._end(library.ej_builder_return(self._handle, nodes, len(ids)))

    # ---- The program

    def output(self, value: Any, name: str = "") -> None:
        """One more result of the program, which `compile` returns at its end. Several have different names."""
        name_bytes(name)
        node = self._node(value)
        if self._outputs and (not name or "" in self._outputs):
            raise errors.make(
                errors.ArgumentError,
                "EJ9031",
                "one of several outputs has no name, so that the results could not be told apart",
                hint='name every one of them, as in b.output(y, "y")',
            )
        if name in self._outputs:
            raise errors.make(errors.ArgumentError, "EJ9031", f"there is an output {name!r} already")
        self._outputs[name] = node

    @property
    def node_count(self) -> int:
        """How many nodes the function in the making has."""
        return int(library.ej_builder_node_count(self._handle))

    def ir(self) -> str:
        """The program so far as IR text."""
        return print_handle(self._handle)

    def encode(self) -> bytes:
        """The program as IR bytes (docs/ir.md), for `ej.compile_bytes` here or elsewhere, or a server. Ends it as
        `compile` does."""
        self._finish()
        return encode_handle(self._handle)

    def _finish(self) -> None:
        """Ends the program with its outputs."""
        if self._outputs and not self._ended:
            names = [name_bytes(name) for name in self._outputs]
            if any(names):
                array = name_array(names)
                library.ej_builder_name_results(self._handle, array, len(names))
            self.return_(*self._outputs.values())

    def compile(
        self, *, tier: str = "auto", isa: str = "auto", fast: str | Iterable[str] = (), accuracy: str = "1ulp"
    ) -> Function:
        """The compiled program; options as in `ej.compile`. Programs that differ in names only share compiled code."""
        options = make_options(tier, isa, fast, accuracy=accuracy)
        self._finish()
        trips = min(self._trips * max(1, self._calls), _ffi.UNBOUNDED)
        handle = self._take_handle()
        try:
            kernel = compile_handle(handle, options, trips)
        finally:
            self._handle = handle
        return Function._of_kernel(kernel, options)

    # ---- Inside

    def _repeat(self, times: int) -> None:
        """Something runs so often, for all that is known."""
        self._trips = min(self._trips * max(1, times), _ffi.UNBOUNDED)

    def _type_of(self, node: Node) -> Any:
        return library.ej_builder_type_of(*self._on(node))

    def _take(self, made: int) -> int:
        if made == NO_NODE:
            raise self._mistake()
        return made

    def _end(self, made: int) -> None:
        self._take(made)
        self._ended = True

    def _results(self, first: int, count: int) -> tuple[Node, ...]:
        return tuple(Node(self, library.ej_builder_result(self._handle, first, k)) for k in range(count))

    def _take_handle(self) -> Any:
        """The library's builder, which no other thread finds then until it is put back; calls without one do
        nothing."""
        handle, self._handle = self._handle, None
        if handle is None:
            raise errors.make(
                errors.ArgumentError,
                "EJ9032",
                "another thread is using this builder",
                hint="a Builder and its nodes belong to one thread at a time; make one for each thread",
            )
        return handle

    def _mistake(self) -> BaseException:
        """The exception for the newest mistake, which the builder then forgets if it can."""
        handle = self._take_handle()
        try:
            found = newest_mistake(handle)
        finally:
            self._handle = handle
        if found is None:
            return MemoryError("memory ran out while the program was built")
        status = next((s for s in _codes.EXCEPTIONS if _ffi.status_name(s) == found.kind), 0)
        return errors.build(_codes.EXCEPTIONS.get(status, errors.ArgumentError), [found], None)

    def _number_node(self, value: Any, code: int) -> Node:
        if code == _dtypes.F64 and type(value) is float:  # the usual case, without looking at it closely
            packed = self._f64
            packed.value.f64 = value
        else:
            packed = pack(value, code)
        return Node(self, self._take(_constant(self._handle, packed)), code)

    def _on(self, node: Any) -> tuple[Any, int]:
        """The first arguments of a call that is about a node."""
        number = self._node(node).id
        return self._handle, number

    def _node(self, value: Any, code: int = 0) -> Node:
        """The node that `value` is, or a constant of the type `code` (0: its own)."""
        if type(value) is Node:
            if value._function is not self._function:
                where = "an earlier program or function of this builder" if value.builder is self else "another builder"
                raise errors.make(
                    errors.ArgumentError, "EJ9028", f"{value!r} belongs to {where}", hint="build it here as well"
                )
            return value
        return self._number_node(value, code) if code else self.constant(value)


def _wrong_step(number: int, step: tuple[Any, ...], op: Any) -> errors.ExprJITError:
    if op is None:
        problem = "there is no such operation"
    elif op.result == "U":
        problem = "conversions are no steps; use the method of that name"
    elif op.operands == len(step) - 1:
        problem = "steps are counted from 0"
    else:
        problem = f"it has {len(step) - 1} operands, {step[0]} takes {op.operands}"
    return errors.make(errors.ArgumentError, "EJ9030", f"step {number}, {step!r}: {problem}")


def _method(name: str, op: Any) -> Callable[..., Node]:
    """The operation as a method of Builder. The usual case, nodes only, is written out."""
    code, result = op.code, op.result
    bool_code = _dtypes.BOOL

    def nodes_of(self: Builder, operands: tuple[Any, ...]) -> list[Node]:
        # Numbers take the type of the first node that has the operation's own type.
        like = next((x for x in operands[op.first_t :] if type(x) is Node), None)
        own = like.code if like is not None else 0
        return [self._node(x, bool_code if k < op.first_t else own) for k, x in enumerate(operands)]

    def give(self: Builder, made: int, like: Node) -> Node:
        if made == NO_NODE:
            raise self._mistake()
        return Node(self, made, like._code if result == "T" else bool_code)

    if result == "U":

        def method(self: Builder, x: Any, type: Any) -> Node:
            to = value_code(type)
            x = self._node(x)
            return Node(self, self._take(_convert(self._handle, code, x.id, to)), to)

    elif op.operands == 1:

        def method(self: Builder, x: Any) -> Node:  # type: ignore[misc]
            if type(x) is not Node or x._function is not self._function:
                x = self._node(x)
            return give(self, _unary(self._handle, code, x.id), x)

    elif op.operands == 2:

        def method(self: Builder, x: Any, y: Any) -> Node:  # type: ignore[misc]
            if type(x) is not Node:
                x = self._node(x, y.code if type(y) is Node else 0)
            if type(y) is not Node:
                y = self._node(y, x._code or x.code)
            if x._function is not self._function or y._function is not self._function:
                nodes_of(self, (x, y))  # says which one
            return give(self, _binary(self._handle, code, x.id, y.id), x)

    else:

        def method(self: Builder, x: Any, y: Any, z: Any) -> Node:  # type: ignore[misc]
            nodes = nodes_of(self, (x, y, z))
            first, second, third = nodes
            return give(self, _ternary(self._handle, code, first.id, second.id, third.id), nodes[op.first_t])

    method.__name__, method.__qualname__ = name, f"Builder.{name}"
    method.__doc__ = f"The operation {name.rstrip('_')} (docs/ir.md)."
    return method
