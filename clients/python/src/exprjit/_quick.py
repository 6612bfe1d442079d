# SPDX-License-Identifier: MIT OR Apache-2.0
"""The shortest way: calls that look like the one before, with small arrays or scalars alone.

For each pattern of arguments a Python function is written that does nothing but look the variables up, see that their
types are the expected ones, and call the kernel's ufunc, its scalar function, or the kernel over memory prepared for
that (_prepared). Whatever does not fit makes it return NotImplemented, and the caller goes the general way. No value is
ever kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from . import _dtypes, _ffi, _prepared, _ufunc
from ._running import LONG_WORK

#: Elements of all arrays together from which on the general engine is better: it has threads, blocks and Ctrl-C.
SMALL = _prepared.SMALL
_CO_OPTIMIZED = 0x1
_LOCALS_ARE_A_COPY = sys.version_info < (3, 13)

# How an argument is recognised and handed to the ufunc, by its Python type and the parameter's type: the condition
# beyond the type, and the value to pass. A Python float next to f32 is rounded first, since NumPy would warn where that
# overflows.
_SCALARS: dict[tuple[type, int], tuple[str, str]] = {
    (float, _dtypes.F64): ("", "{0}"),
    (int, _dtypes.F64): ("", "float({0})"),
    (float, _dtypes.F32): ("", "round_f32({0})"),
    (int, _dtypes.I64): ("-9223372036854775808 <= {0} <= 9223372036854775807", "{0}"),
    (bool, _dtypes.BOOL): ("", "{0}"),
    **{(_dtypes.NUMPY[code].type, code): ("", "{0}") for code in (_dtypes.BOOL, _dtypes.I32, _dtypes.I64)},
    **{(_dtypes.NUMPY[code].type, code): ("", "{0}") for code in (_dtypes.F32, _dtypes.F64)},
}

Quick = Callable[..., Any]
#: What a written function hands the arguments to, and the pattern of those: the kernel's ufunc or, for scalars alone,
#: its function of scalars; or what a Preparation is bound to.
Way = tuple[Any, "Direct | _prepared.Pattern"]


class Direct(NamedTuple):
    """The pattern of calls that go to a ufunc or a function of scalars. Hashable."""

    slots: tuple[tuple[str, str] | None, ...]  #: None for an array, what to check and to pass for a scalar
    takes_out: bool


class Given(NamedTuple):
    """Where an evaluation finds variables before it looks into the frame that calls."""

    keywords: Mapping[str, Any]
    local_dict: Mapping[str, Any] | None
    global_dict: Mapping[str, Any] | None


def way_for(kernel: _ffi.Kernel, values: Sequence[Any]) -> Way | None:
    """The quick way for calls of `kernel` with arguments like `values`, some of them arrays. None is for kernels whose
    loops may turn for long even over small arrays: it has no Ctrl-C."""
    if kernel.trips > 1 and kernel.work(SMALL) >= LONG_WORK:
        return None
    slots = _slots(kernel, values)
    if slots is not None and not _ufunc.why_not(kernel):
        return _ufunc.ufunc_of(kernel), Direct(slots, True)
    pattern = _prepared.pattern_of(kernel, values)
    if pattern is None or not _prepared.fits(values):
        return None
    return _prepared.Preparation(kernel, values).bound(), pattern


def way_of_scalars(function: Callable[..., Any], count: int) -> Way:
    """The quick way for calls with scalars alone, which `function` converts itself."""
    return function, Direct((("", "{0}"),) * count, False)


def for_call(way: Way, values: Sequence[Any], general: Callable[..., Any]) -> Quick:
    """A function that takes what `general` takes and sends arguments like `values` that way, everything else to
    `general`."""
    return _call_factory(way[1])(way[0], general, *_bound(values))


def for_frame(
    way: Way, values: Sequence[Any], names: Sequence[str], absent: Sequence[str], frame: FrameType, given: Given
) -> Quick | None:
    """A function that sends the values of the variables `names` that way, or returns NotImplemented.

    It takes a frame of the same code as `frame`, `out`, the keywords or the local_dict (`given` has one of them or
    neither) and the global_dict. Variables are found where ej.evaluate finds them; those in `absent` must not exist.
    None if there is no such function.
    """
    if given.keywords and not all(name in names for name in given.keywords):
        return None
    places = tuple((name, _place(name, frame, given)) for name in names)
    missing = tuple((name, _place(name, frame, given)) for name in absent)
    kind = "keywords" if given.keywords else "frame" if given.local_dict is None else "dict"
    return _frame_factory(places, missing, kind, way[1])(way[0], NotImplemented, *_bound(values))


def _slots(kernel: _ffi.Kernel, values: Sequence[Any]) -> tuple[tuple[str, str] | None, ...] | None:
    """Per value: None for an array, what to check and to pass for a scalar. None if something is no quick matter."""
    slots: list[tuple[str, str] | None] = []
    for value, code in zip(values, kernel.codes, strict=True):
        if type(value) is np.ndarray:
            # Descriptors of NumPy's own types exist once; others have metadata or another byte order.
            if value.dtype is not _dtypes.NUMPY[code]:
                return None
            slots.append(None)
        else:
            slot = _SCALARS.get((type(value), code))
            if slot is None:
                return None
            slots.append(slot)
    return tuple(slots)


def _bound(values: Sequence[Any]) -> list[Any]:
    """What the written function compares with: the dtype of an array, the type of a scalar."""
    return [value.dtype if type(value) is np.ndarray else type(value) for value in values]


def _place(name: str, frame: FrameType, given: Given) -> str:
    if given.local_dict is not None:
        return "given" if name in given.local_dict else "given or global"
    if name in given.keywords:
        return "given"
    code: CodeType = frame.f_code
    if not code.co_flags & _CO_OPTIMIZED:  # a module, a class body, exec: the same code may run with other dicts
        return "either"
    return "local" if name in code.co_varnames + code.co_cellvars + code.co_freevars else "global"


def _body(pattern: Direct | _prepared.Pattern, indent: str, and_also: str = "") -> list[str]:
    """The lines that check the values v0, v1, … against t0, t1, …, and `out`, and call."""
    if isinstance(pattern, _prepared.Pattern):
        return _prepared.body(pattern, indent, and_also)
    conditions, passed, sizes = [], [], []
    for i, slot in enumerate(pattern.slots):
        if slot is None:
            conditions.append(f"type(v{i}) is ndarray and v{i}.dtype is t{i}")
            passed.append(f"v{i}")
            sizes.append(f"v{i}.size")
        else:
            check, value = slot
            conditions.append(f"type(v{i}) is t{i}" + (f" and {check.format(f'v{i}')}" if check else ""))
            passed.append(value.format(f"v{i}"))
    if not pattern.takes_out:
        conditions.append("out is None")
        return [f"{indent}if {' and '.join(conditions)}{and_also}:", f"{indent}    return call({', '.join(passed)})"]
    # Looking at every size costs as much as the rest. The first array tells nearly always; where another turns out to
    # be the large one, all are looked at from then on.
    conditions.append(f"{sizes[0]} <= {SMALL} and (even or {' + '.join(sizes)} <= {SMALL})")
    conditions.append(f"(out is None or type(out) is ndarray and out.dtype is result_dtype and out.size <= {SMALL})")
    return [
        f"{indent}if {' and '.join(conditions)}{and_also}:",
        f"{indent}    try:",
        # A ufunc takes longer with out=None than without.
        f"{indent}        result = call({', '.join(passed)}) if out is None else call({', '.join(passed)}, out)",
        f"{indent}        if result.size > {SMALL}:",
        f"{indent}            even = False",
        f"{indent}        return result",
        # Shapes that do not go together, an `out` that is read-only, an int too large for a float: the general way has
        # the better message.
        f"{indent}    except (ValueError, OverflowError):",
        f"{indent}        pass",
    ]


def _head(pattern: Direct | _prepared.Pattern) -> list[str]:
    return ["        nonlocal even"] if isinstance(pattern, Direct) and pattern.takes_out else []


@lru_cache(maxsize=256)
def _call_factory(pattern: Direct | _prepared.Pattern) -> Callable[..., Quick]:
    taken = [f"v{i}" for i in range(len(pattern.slots))]
    # Parameters of their own are quicker than a tuple to unpack. A call with fewer or more of them is for `general`.
    parameters = "".join(f"{name}=missing, " for name in taken) + ("/, " if taken else "")
    lines = [f"    def run({parameters}*rest, out=None, **options):", *_head(pattern)]
    lines += _body(pattern, " " * 8, " and not rest and not options")
    given = f"*[v for v in ({''.join(f'{name}, ' for name in taken)}) if v is not missing], *rest"
    return _define([*lines, f"        return general({given}, out=out, **options)"], pattern)


@lru_cache(maxsize=256)
def _frame_factory(
    places: tuple[tuple[str, str], ...],
    missing: tuple[tuple[str, str], ...],
    kind: str,
    pattern: Direct | _prepared.Pattern,
) -> Callable[..., Quick]:
    used = {place for _, place in places + missing}
    # Where each kind of place is looked for, first to last.
    scopes = {"given": "S", "local": "L", "global": "G", "either": "LG", "given or global": "SG"}
    # Where a name that must not exist could be all the same.
    forbidden = {"local": "LG", "global": "G", "either": "LG", "given": "SG", "given or global": "SG"}
    lines = ["    def run(frame, out=None, S=None, X=None):", *_head(pattern)]
    if kind == "keywords":
        # All are found below, so that as many as were expected are those that were expected.
        lines += [f"        if len(S) != {sum(place == 'given' for _, place in places)}:", "            return general"]
    elif kind == "dict":
        lines += ["        if type(S) is not dict:", "            return general"]
    if used & {"local", "either"}:
        lines.append("        L = frame.f_locals")
    if used - {"given", "local"} or missing:
        lines.append("        G = frame.f_globals if X is None else X")
        if kind == "dict":
            lines += ["        if type(G) is not dict:", "            return general"]
    lines.append("        try:")
    for name, place in missing:
        where = " or ".join(f"{name!r} in {scope}" for scope in forbidden[place])
        lines += [f"            if {where}:", "                return general"]
    for i, (name, place) in enumerate(places):
        first, *rest = list(scopes[place])
        if rest:
            lines.append(f"            v{i} = {first}[{name!r}] if {name!r} in {first} else {rest[0]}[{name!r}]")
        else:
            lines.append(f"            v{i} = {first}[{name!r}]")
    lines += ["            pass", "        except KeyError:", "            return general"]
    if "local" in used and _LOCALS_ARE_A_COPY:
        # As in evaluate: the copy of the variables that the frame keeps must not keep arrays alive. An early return
        # above leaves it to the general way, which comes next and does the same.
        lines += ["        if getrefcount(L) <= 3:", "            L.clear()"]
    return _define([*lines, *_body(pattern, " " * 8), "        return general"], pattern)


def _define(lines: list[str], pattern: Direct | _prepared.Pattern) -> Callable[..., Quick]:
    """The factory whose closure has the call and the types. Names of variables and outputs occur in the lines as quoted
    strings only."""
    types = "".join(f", t{i}" for i in range(len(pattern.slots)))
    header = [f"def make_run(call, general{types}):"]
    if isinstance(pattern, _prepared.Pattern):
        header.append(_prepared.prelude(pattern))
    elif pattern.takes_out:
        header += ["    even = True", "    result_dtype = dtype_of(call)"]
    scope: dict[str, Any] = {
        "ndarray": np.ndarray,
        "round_f32": _ffi.round_f32,
        "missing": object(),
        "getrefcount": sys.getrefcount,
        "dtype_of": _result_dtype,
        **_prepared.SCOPE,
    }
    exec(compile("\n".join([*header, *lines, "    return run"]), "<exprjit>", "exec"), scope)
    factory: Callable[..., Quick] = scope["make_run"]
    return factory


def _result_dtype(ufunc: Any) -> np.dtype[Any]:
    """The dtype of what a kernel's ufunc gives: it has one loop, whose types NumPy spells as "dd->d"."""
    letter: str = ufunc.types[0][-1]
    return np.dtype(letter)
