# SPDX-License-Identifier: MIT OR Apache-2.0
"""Calls over small arrays through memory prepared beforehand: for kernels that no ufunc can stand for, which are those
with reductions, with several outputs, or that can fail, and for narrow element types.

A Preparation belongs to one pattern of arguments. It has blocks of memory with the columns of a call filled in but for
the addresses of the arrays, which the function that _quick writes puts in. Each call takes a block for itself, so any
number of threads may call at once. What a block still has after a call are numbers, never references.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import c_int32, c_int64, c_size_t
from typing import Any, NamedTuple, cast

import numpy as np

from . import _dtypes, _ffi
from ._abi import library

#: Elements of an array up to which this way is taken. Above it the general engine is better: threads, Ctrl-C.
SMALL = 32_768
# Operations (elements times nodes) up to which the GIL is kept: some ten microseconds, less than it can take to get it
# back.
_HELD_WORK = 16_384
# An ej_column is five words: data, stride, dtype (and 0), validity, validity's offset.
_COLUMN_WORDS = 5
# What can stand for a scalar in memory, by type.
_CELLS: dict[int, Any] = {
    _dtypes.BOOL: ctypes.c_bool,
    _dtypes.I32: c_int32,
    _dtypes.I64: c_int64,
    _dtypes.F32: ctypes.c_float,
    _dtypes.F64: ctypes.c_double,
}
_I32 = "-2147483648 <= {0} <= 2147483647"
_I64 = "-9223372036854775808 <= {0} <= 9223372036854775807"
# How a scalar is recognised and put into its cell, by its Python type and the parameter's: what to check beyond the
# type, and the value.
_SCALARS: dict[tuple[type, int], tuple[str, str]] = {
    (float, _dtypes.F64): ("", "{0}"),
    (float, _dtypes.F32): ("", "{0}"),
    (int, _dtypes.F64): ("", "float({0})"),
    (int, _dtypes.F32): ("", "float({0})"),
    (int, _dtypes.I32): (_I32, "{0}"),
    (int, _dtypes.I64): (_I64, "{0}"),
    (bool, _dtypes.BOOL): ("", "{0}"),
    (np.bool_, _dtypes.BOOL): ("", "bool({0})"),
    (np.int32, _dtypes.I32): ("", "int({0})"),
    (np.int64, _dtypes.I64): ("", "int({0})"),
    (np.float32, _dtypes.F32): ("", "float({0})"),
    (np.float64, _dtypes.F64): ("", "{0}"),
}
_STORAGE = {dtype: code for code, dtype in _dtypes.NUMPY.items()}
# Flags of an array, as NumPy's C ABI numbers them.
_C_CONTIGUOUS, _WRITEABLE = 0x1, 0x400
# Words from an array object's beginning to its data pointer and to its flags.
_DATA = object.__basicsize__ // 8
_FLAGS = _DATA + 6

# No argument types: what is passed are ctypes objects, which go through as they are.
_eval_held = ctypes.PYFUNCTYPE(c_int32)(("ej_kernel_eval", library))
_eval_released = ctypes.CFUNCTYPE(c_int32)(("ej_kernel_eval", library))


class Pattern(NamedTuple):
    """What the written function depends on. Hashable."""

    slots: tuple[tuple[str, str] | None, ...]  #: None for an array, what to check and to pass for a scalar
    outputs: tuple[tuple[str, bool], ...]  #: name, reduced
    takes_out: bool
    others: tuple[int, ...]  #: the arrays that `out` must not be: of another dtype, or to be kept if the kernel fails


def pattern_of(kernel: _ffi.Kernel, values: Sequence[Any]) -> Pattern | None:
    """The pattern of calls of `kernel` with arguments like `values`, some of them arrays; None if there is none."""
    if _words is None:
        return None
    slots: list[tuple[str, str] | None] = []
    for value, code in zip(values, kernel.codes, strict=True):
        if type(value) is np.ndarray:
            # Descriptors of NumPy's own types exist once; others have metadata or another byte order.
            storage = _STORAGE.get(value.dtype)
            if storage is None or value.dtype is not _dtypes.NUMPY[storage]:
                return None
            slots.append(None)
        else:
            slot = _SCALARS.get((type(value), code))
            if slot is None:
                return None
            slots.append(slot)
    dtypes = {_dtypes.NUMPY[output.code] for output in kernel.outputs}
    return Pattern(
        tuple(slots),
        tuple((output.name, output.reduced) for output in kernel.outputs),
        not any(output.reduced for output in kernel.outputs),
        # A run that fails would have overwritten what the general way has to read again.
        tuple(
            i
            for i, value in enumerate(values)
            if slots[i] is None and (kernel.needs_context or dtypes != {value.dtype})
        ),
    )


def fits(values: Sequence[Any]) -> bool:
    """True if calls with the very arrays among `values` can go this way."""
    arrays = [value for value in values if type(value) is np.ndarray]
    return bool(arrays) and all(
        array.flags.c_contiguous and array.shape == arrays[0].shape and array.size <= SMALL for array in arrays
    )


class Preparation:
    """The memory for calls of a kernel with arguments of one pattern, and how it is called."""

    __slots__ = ("_free", "_inputs", "_kernel", "_outputs")

    def __init__(self, kernel: _ffi.Kernel, values: Sequence[Any]) -> None:
        self._kernel = kernel
        self._free: list[tuple[Any, ...]] = []
        self._inputs = [
            (True, _STORAGE[value.dtype]) if type(value) is np.ndarray else (False, code)
            for value, code in zip(values, kernel.codes, strict=True)
        ]
        self._outputs = [(output.reduced, output.code) for output in kernel.outputs]

    def bound(self) -> tuple[Any, ...]:
        """What the lines of `body` use, in the order of `prelude`."""
        limit = min(SMALL, _HELD_WORK // max(1, int(self._kernel.info.nodes)))
        return (
            self._free.pop,
            self._free.append,
            self._make,
            _word_as_argument(self._kernel.pointer),
            _word_as_argument(len(self._inputs)),
            _word_as_argument(len(self._outputs)),
            limit,
            *[_dtypes.NUMPY[code] for _, code in self._outputs],
        )

    def _make(self) -> tuple[Any, ...]:
        """A new block: its words, the arguments that point to it, the number of rows, the cells of the scalars, and the
        reduced results as arrays of one element."""
        columns = len(self._inputs) + len(self._outputs)
        cells = _COLUMN_WORDS * columns
        words = (c_size_t * (cells + columns))()
        base = ctypes.addressof(words)
        scalars: list[Any] = []
        results: list[Any] = []
        for i, (is_array, code) in enumerate(self._inputs):
            words[_COLUMN_WORDS * i + 1] = _dtypes.NUMPY[code].itemsize if is_array else 0
            words[_COLUMN_WORDS * i + 2] = code
            if not is_array:
                words[_COLUMN_WORDS * i] = base + 8 * (cells + i)
                scalars.append(_CELLS[code].from_buffer(words, 8 * (cells + i)))
        for i, (reduced, code) in enumerate(self._outputs, len(self._inputs)):
            words[_COLUMN_WORDS * i + 1] = _dtypes.NUMPY[code].itemsize
            words[_COLUMN_WORDS * i + 2] = code
            if reduced:
                words[_COLUMN_WORDS * i] = base + 8 * (cells + i)
                results.append(np.frombuffer(cast(Any, words), _dtypes.NUMPY[code], 1, 8 * (cells + i)))
        outputs = ctypes.byref(words, 8 * _COLUMN_WORDS * len(self._inputs))
        return (words, ctypes.byref(words), outputs, c_int64(), *scalars, *results)


def _word_as_argument(value: int) -> Any:
    """A number of a whole word (a pointer, a size_t) in the form that ctypes passes with the least work."""
    return ctypes.byref(ctypes.c_char.from_address(value))


def prelude(pattern: Pattern) -> str:
    """The line that gives what Preparation.bound returned its names."""
    dtypes = "".join(f", d{k}" for k in range(len(pattern.outputs)))
    return f"    pop, push, make, kernel, count_in, count_out, limit{dtypes} = call"


def body(pattern: Pattern, indent: str, and_also: str = "") -> list[str]:
    """The lines that check the values v0, v1, … against t0, t1, …, and `out`, and return the result; whatever does not
    fit falls through them."""
    arrays = [i for i, slot in enumerate(pattern.slots) if slot is None]
    conditions = []
    for i, slot in enumerate(pattern.slots):
        if slot is None:
            conditions.append(f"type(v{i}) is ndarray and v{i}.dtype is t{i}")
        else:
            conditions.append(f"type(v{i}) is t{i}" + (f" and {slot[0].format(f'v{i}')}" if slot[0] else ""))
    if not pattern.takes_out:
        conditions.append("out is None")
    made = [k for k, (_, reduced) in enumerate(pattern.outputs) if not reduced]
    first, *rest = arrays
    lines = [f"if {' and '.join(conditions)}{and_also}:", f"    n = v{first}.size"]
    lines += [f"    w{i} = id(v{i}) >> 3" for i in arrays]
    layout = f"n <= {SMALL} and " + " & ".join(f"words[w{i} + {_FLAGS}]" for i in arrays) + f" & {_C_CONTIGUOUS}"
    if made or rest:
        lines.append(f"    shape = v{first}.shape")
        layout += "".join(f" and v{i}.shape == shape" for i in rest)
    if made:
        layout += " and shape"  # of shape () the result is a scalar
    lines.append(f"    if {layout}:")
    inner = _targets(pattern, made) + _call(pattern, arrays, made)
    if any(slot is not None and "float(" in slot[1] for slot in pattern.slots):
        # An int too large for a float: the general way has the better message.
        inner = ["try:", *["    " + line for line in inner], "except OverflowError:", "    pass"]
    return [indent + line for line in lines + [" " * 8 + line for line in inner]]


def _targets(pattern: Pattern, made: Sequence[int]) -> list[str]:
    """The lines that give every output that is an array its name r0, r1, …, and `go`."""
    fresh = [f"r{k} = empty(shape, d{k})" for k in made]
    if not pattern.takes_out:
        return fresh + ["go = True"]
    lines = ["if out is None:", *["    " + line for line in fresh], "    go = True"]
    flags = _C_CONTIGUOUS | _WRITEABLE
    checks = [
        f"type(r{k}) is ndarray and r{k}.dtype is d{k} and r{k}.shape == shape"
        f" and words[(id(r{k}) >> 3) + {_FLAGS}] & {flags} == {flags}"
        + "".join(f" and words[(id(r{k}) >> 3) + {_DATA}] != words[w{i} + {_DATA}]" for i in pattern.others)
        for k in made
    ]
    if len(pattern.outputs) == 1 and not pattern.outputs[0][0]:
        lines += ["else:", "    r0 = out"]
    else:
        lines += [f"elif type(out) is not dict or len(out) != {len(made)}:", "    go = False", "else:"]
        lines += [f"    r{k} = out.get({pattern.outputs[k][0]!r})" for k in made]
    return [*lines, f"    go = {' and '.join(checks)}"]


def _call(pattern: Pattern, arrays: Sequence[int], made: Sequence[int]) -> list[str]:
    """The lines that call the kernel and return what it gave, if `go`."""
    scalars = [i for i in range(len(pattern.slots)) if i not in arrays]
    reduced = [k for k in range(len(pattern.outputs)) if k not in made]
    names = ["block", "inputs", "outputs", "rows", *[f"c{i}" for i in scalars], *[f"x{k}" for k in reduced]]
    lines = ["if go:", "    try:", "        prepared = pop()", "    except IndexError:", "        prepared = make()"]
    lines.append(f"    {', '.join(names)} = prepared")
    lines += [f"    block[{_COLUMN_WORDS * i}] = words[w{i} + {_DATA}]" for i in arrays]
    for i in scalars:
        slot = pattern.slots[i]
        assert slot is not None
        lines.append(f"    c{i}.value = {slot[1].format(f'v{i}')}")
    lines += [f"    block[{_COLUMN_WORDS * (len(pattern.slots) + k)}] = words[(id(r{k}) >> 3) + {_DATA}]" for k in made]
    lines += [
        "    rows.value = n",
        "    status = (held if n <= limit else released)(kernel, inputs, count_in, outputs, count_out, rows, null)",
    ]
    lines += [f"    r{k} = x{k}[0]" for k in reduced]
    lines.append("    push(prepared)")
    if len(pattern.outputs) == 1 and not pattern.outputs[0][0]:
        result = "r0"
    else:
        result = "{" + ", ".join(f"{name!r}: r{k}" for k, (name, _) in enumerate(pattern.outputs)) + "}"
    # What failed is done again by the general way, which reports it.
    return [*lines, "    if not status:", f"        return {result}"]


def _choose_words() -> Any:
    """The process' memory as an array of words, of which only fields of living array objects are read: the quickest
    correct way to an array's data pointer and flags. None where array objects are not what they are known to be.

    In CPython these fields follow the object header as NumPy's C ABI fixes; it is used only after it has agreed with
    NumPy on several arrays.
    """
    if _ffi.data_address is _ffi.interface_address or object.__basicsize__ % 8 or ctypes.sizeof(c_size_t) != 8:
        return None
    words = (c_size_t * (1 << 59)).from_address(0)
    base = np.arange(24.0).reshape(4, 6)
    frozen = np.arange(3)
    frozen.flags.writeable = False
    for probe in (base, base[1:, ::-2], base.T, np.float32(1).reshape(1), frozen, base[:0], np.array(1.0)):
        place = id(probe) >> 3
        flags = (_C_CONTIGUOUS if probe.flags.c_contiguous else 0) | (_WRITEABLE if probe.flags.writeable else 0)
        if id(probe) % 8 or words[place + _FLAGS] & (_C_CONTIGUOUS | _WRITEABLE) != flags:
            return None
        if words[place + _DATA] != _ffi.interface_address(probe):
            return None
    return words


_words = _choose_words()
#: What the lines of `body` use besides their own closure.
SCOPE: dict[str, Callable[..., Any] | Any] = {
    "words": _words,
    "empty": np.empty,
    "held": _eval_held,
    "released": _eval_released,
    "null": _word_as_argument(0),
}
