# SPDX-License-Identifier: MIT OR Apache-2.0
"""The shortest way: calls that look like the one before, with small arrays or scalars alone.

For each pattern of arguments a Python function is written that does nothing but look the variables up, see that their
types are the expected ones, and call the kernel's ufunc (or its scalar function). Whatever does not fit makes it return
NotImplemented, and the caller goes the general way. No value is ever kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

from . import _dtypes, _ffi, _ufunc

#: Elements of all arrays together from which on the general engine is better: it has threads, blocks and Ctrl-C.
SMALL = 32_768
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


def for_call(
    kernel: _ffi.Kernel | None, values: Sequence[Any], call: Callable[..., Any], general: Callable[..., Any]
) -> Quick | None:
    """A function that takes what `general` takes, and gives arguments like `values` to `call`: the kernel's ufunc or,
    for scalars alone, which have no `kernel`, its function of scalars. Everything else goes to `general`."""
    slots = _slots(kernel, values)
    return None if slots is None else _call_factory(slots)(call, general, *_bound(values))


def for_frame(
    kernel: _ffi.Kernel | None,
    values: Sequence[Any],
    call: Callable[..., Any],
    names: Sequence[str],
    absent: Sequence[str],
    frame: FrameType,
) -> Quick | None:
    """A function from a frame of the same code as `frame` to the result or NotImplemented. The variables `names` are
    found where Python finds them; those in `absent` must not exist. `call` as in for_call."""
    slots = _slots(kernel, values)
    if slots is None:
        return None
    places = tuple((name, _place(name, frame)) for name in names)
    missing = tuple((name, _place(name, frame)) for name in absent)
    return _frame_factory(places, missing, slots)(call, NotImplemented, *_bound(values))


def has_ufunc(kernel: _ffi.Kernel, values: Sequence[Any]) -> bool:
    """True if calls with arguments like `values`, some of them arrays, can go through a ufunc of the kernel."""
    return _slots(kernel, values) is not None and not _ufunc.why_not(kernel)


def _slots(kernel: _ffi.Kernel | None, values: Sequence[Any]) -> tuple[tuple[str, str] | None, ...] | None:
    """Per value: None for an array, what to check and to pass for a scalar. None if something is no quick matter."""
    if kernel is None:
        return (("", "{0}"),) * len(values)  # a function of scalars converts them itself
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


def _place(name: str, frame: FrameType) -> str:
    code: CodeType = frame.f_code
    if not code.co_flags & _CO_OPTIMIZED:  # a module, a class body, exec: the same code may run with other dicts
        return "either"
    return "local" if name in code.co_varnames + code.co_cellvars + code.co_freevars else "global"


def _body(slots: Sequence[tuple[str, str] | None], indent: str, and_also: str = "") -> list[str]:
    """The lines that check the values v0, v1, … against t0, t1, … and call."""
    conditions, passed, sizes = [], [], []
    for i, slot in enumerate(slots):
        if slot is None:
            conditions.append(f"type(v{i}) is ndarray and v{i}.dtype is t{i}")
            passed.append(f"v{i}")
            sizes.append(f"v{i}.size")
        else:
            check, value = slot
            conditions.append(f"type(v{i}) is t{i}" + (f" and {check.format(f'v{i}')}" if check else ""))
            passed.append(value.format(f"v{i}"))
    called = f"call({', '.join(passed)})"
    if not sizes:
        return [f"{indent}if {' and '.join(conditions) or 'True'}{and_also}:", f"{indent}    return {called}"]
    # Looking at every size costs as much as the rest. The first array tells nearly always; where another turns out to
    # be the large one, all are looked at from then on.
    conditions.append(f"{sizes[0]} <= {SMALL} and (even or {' + '.join(sizes)} <= {SMALL})")
    return [
        f"{indent}if {' and '.join(conditions)}{and_also}:",
        f"{indent}    try:",
        f"{indent}        result = {called}",
        f"{indent}        if result.size > {SMALL}:",
        f"{indent}            even = False",
        f"{indent}        return result",
        # Shapes that do not go together, an int too large for a float: the general way has the better message.
        f"{indent}    except (ValueError, OverflowError):",
        f"{indent}        pass",
    ]


@lru_cache(maxsize=256)
def _call_factory(slots: tuple[tuple[str, str] | None, ...]) -> Callable[..., Quick]:
    count = len(slots)
    taken = [f"v{i}" for i in range(count)]
    # Parameters of their own are quicker than a tuple to unpack. A call with fewer or more of them is for `general`.
    lines = [f"    def run({''.join(f'{name}=missing, ' for name in taken)}{'/, ' if taken else ''}*rest, **options):"]
    if None in slots:
        lines.append("        nonlocal even")
    lines += _body(slots, " " * 8, " and not rest and not options")
    given = f"*[v for v in ({''.join(f'{name}, ' for name in taken)}) if v is not missing], *rest"
    return _define([*lines, f"        return general({given}, **options)"], count)


@lru_cache(maxsize=256)
def _frame_factory(
    places: tuple[tuple[str, str], ...], missing: tuple[tuple[str, str], ...], slots: tuple[tuple[str, str] | None, ...]
) -> Callable[..., Quick]:
    used = {place for _, place in places + missing}
    scopes = {"local": "L", "global": "G"}
    lines = ["    def run(frame):"]
    if None in slots:
        lines.append("        nonlocal even")
    if used - {"global"}:
        lines.append("        L = frame.f_locals")
    if used - {"local"} or missing:
        lines.append("        G = frame.f_globals")
    lines.append("        try:")
    for name, place in missing:
        where = " or ".join(f"{name!r} in {scope}" for scope in (("L", "G") if place != "global" else ("G",)))
        lines += [f"            if {where}:", "                return general"]
    for i, (name, place) in enumerate(places):
        if place == "either":
            lines.append(f"            v{i} = L[{name!r}] if {name!r} in L else G[{name!r}]")
        else:
            lines.append(f"            v{i} = {scopes[place]}[{name!r}]")
    lines += ["            pass", "        except KeyError:", "            return general"]
    if "local" in used and _LOCALS_ARE_A_COPY:
        # As in evaluate: the copy of the variables that the frame keeps must not keep arrays alive. An early return
        # above leaves it to the general way, which comes next and does the same.
        lines += ["        if getrefcount(L) <= 3:", "            L.clear()"]
    return _define([*lines, *_body(slots, " " * 8), "        return general"], len(places))


def _define(lines: list[str], count: int) -> Callable[..., Quick]:
    """The factory whose closure has the call and the types. Names of variables occur in the lines as quoted strings
    only."""
    header = [f"def make(call, general, {', '.join(f't{i}' for i in range(count))}):", "    even = True"]
    scope: dict[str, Any] = {
        "ndarray": np.ndarray,
        "round_f32": _ffi.round_f32,
        "missing": object(),
        "getrefcount": sys.getrefcount,
    }
    exec(compile("\n".join([*header, *lines, "    return run"]), "<exprjit>", "exec"), scope)
    factory: Callable[..., Quick] = scope["make"]
    return factory
