# SPDX-License-Identifier: MIT OR Apache-2.0
"""`ej.evaluate`: an expression over variables of the caller."""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Mapping
from types import CodeType, FrameType
from typing import Any

import numpy as np

from . import _calling, _codes, _ffi, _plans, _quick, errors
from ._operands import find_name
from ._program import MAX_CACHED_TEXT, Program, check_text, make_options, program, remember

_OPTIONS = {word: make_options(caret=word) for word in ("strict", "power", "xor")}
_CO_OPTIMIZED = 0x1
# Sets of variables kept per text: more than one only where names of the language are variables now and then.
_MAX_TABLES = 8
_F_LOCALS_IS_A_COPY = sys.version_info < (3, 13)
_MISSING = object()
_getframe = sys._getframe


class Site:
    """A place that evaluates a text: the code that calls, and what to do with its frame. `others` has the sites of the
    same text in other code."""

    __slots__ = ("changes", "code", "others", "run")

    def __init__(self, code: CodeType, run: _quick.Quick) -> None:
        self.code, self.run, self.changes = code, run, 0
        self.others: dict[int, Site] = {}


# Sites by text: those that name no variables, those that give them as keywords, those that give a dict. They hold code
# objects and kernels, never values.
_sites: dict[str, Site] = {}
_keyword_sites: dict[str, Site] = {}
_dict_sites: dict[str, Site] = {}
_MAX_SITES = 256
_MAX_OTHER_SITES = 16
# After so many changes of its shortest way a site is one whose variables have ever other types.
_MAX_CHANGES = 32


def forget() -> None:
    """Every text is looked at anew from here on."""
    for sites in (_sites, _keyword_sites, _dict_sites):
        sites.clear()


def evaluate(
    expression: str,
    /,
    local_dict: Mapping[str, Any] | None = None,
    global_dict: Mapping[str, Any] | None = None,
    *,
    out: Any = None,
    casting: str = "same_kind",
    where: Any = True,
    caret: str = "strict",
    **variables: Any,
) -> Any:
    """Evaluates an expression over numbers and arrays: `ej.evaluate("a*b + c")`.

    Variables are looked up in the keywords, then in `local_dict` and `global_dict`, which default to the caller's
    local and global variables. Arrays broadcast as in NumPy and give a new array (or `out`, with `casting` as in
    NumPy); scalars alone give a NumPy scalar; a text that ends in an assignment gives a dict of its names. Arrays and
    NumPy scalars have strong types, Python numbers weak ones (NEP 50). Integer // and % by zero give 0 and a
    RuntimeWarning, subject to np.errstate. `^` between integers is refused unless `caret` is "power" or "xor".

    Raises ExprSyntaxError, ExprNameError, ExprTypeError, ExprShapeError, ExprDomainError or LimitError.
    """
    frame = _getframe(1)
    sites: dict[str, Site] | None = None
    given: Mapping[str, Any] | None = None
    if where is True and caret == "strict" and type(expression) is str:
        if local_dict is None:
            if global_dict is None:
                sites, given = (_keyword_sites, variables) if variables else (_sites, None)
        elif not variables:
            sites, given = _dict_sites, local_dict
        if sites is not None:
            site = sites.get(expression)
            if site is not None:
                code = frame.f_code
                if site.code is code or (site := site.others.get(id(code))) is not None:
                    try:
                        result = site.run(frame, out, given, global_dict)
                        if result is not NotImplemented:
                            return result
                    except errors.ExprZeroDivisionError:
                        pass
    options = _OPTIONS.get(caret)
    found = program(check_text(expression), make_options(caret=caret) if options is None else options)
    globals_ = frame.f_globals if global_dict is None else global_dict
    if local_dict is not None:
        names, values = _look_up(found, (variables, local_dict, globals_))
    else:
        locals_ = frame.f_locals
        try:
            names, values = _look_up(found, (variables, locals_, globals_) if variables else (locals_, globals_))
        finally:
            # Before Python 3.13 f_locals of a function is a copy that the frame keeps, and with it every array, until
            # the function ends. It is emptied again, unless somebody else holds it too: the references are those of
            # the frame, of `locals_` and of getrefcount's argument.
            if _F_LOCALS_IS_A_COPY and frame.f_code.co_flags & _CO_OPTIMIZED and sys.getrefcount(locals_) <= 3:
                locals_.clear()
    divided_by_zero = False
    ready: _plans.ArrayPlan | None = None
    table = found.plans.get(names) if where is True else None
    if table is not None:
        plan = table.get(tuple(map(type, values)))
        if plan is not None:
            try:
                if type(plan) is dict:
                    ready = plan.get(_plans.dtypes_of(values))
                    result = NotImplemented if ready is None else ready.run(values, out)
                elif out is None:
                    result = plan(*values)
                    if sites is not None:
                        way = _quick.way_of_scalars(plan, len(values))
                        _learn_site(sites, found, names, values, frame, way, (variables, local_dict, global_dict))
                    return result
                else:
                    result = NotImplemented
            except errors.ExprZeroDivisionError:
                divided_by_zero = True
                result = NotImplemented
            if result is NotImplemented:
                result = _run(found, names, values, out, casting, where, divided_by_zero)
            if sites is not None and ready is not None and not divided_by_zero:
                _learn_site(sites, found, names, values, frame, ready.way(values), (variables, local_dict, global_dict))
            return result
    return _run(found, names, values, out, casting, where, divided_by_zero)


def _learn_site(
    sites: dict[str, Site],
    found: Program,
    names: tuple[str, ...],
    values: list[Any],
    frame: FrameType,
    way: _quick.Way | None,
    given: tuple[Mapping[str, Any], Mapping[str, Any] | None, Mapping[str, Any] | None],
) -> None:
    """Prepares the shortest way for further calls from this code with such values. Called when a plan was there, so
    never for a text that is evaluated once."""
    if way is None or len(found.source) > MAX_CACHED_TEXT:
        return
    code = frame.f_code
    known = sites.get(found.source)
    if known is not None and known.code is not code:
        known = known.others.get(id(code))
    if known is not None and known.changes >= _MAX_CHANGES:
        return
    absent = [name for name in found.reserved if name not in names]
    run = _quick.for_frame(way, values, names, absent, frame, _quick.Given(*given))
    if run is None:
        return
    if known is not None:
        known.run, known.changes = run, known.changes + 1
        return
    site = Site(code, run)
    first = remember(sites, found.source, site, _MAX_SITES)
    if first is not site:
        remember(first.others, id(code), site, _MAX_OTHER_SITES)


def _look_up(found: Program, scopes: tuple[Mapping[str, Any], ...]) -> tuple[tuple[str, ...], list[Any]]:
    """The program's variables and their values."""
    extra: tuple[str, ...] = ()
    # A number called `e` or `gamma` wins over the language's own name; a function or module of that name does not.
    for name in found.reserved:
        if isinstance(_find(name, scopes), (bool, int, float, np.generic, np.ndarray)):
            extra += (name,)
    names = found.names_with(extra)
    values = []
    for name in names:
        for scope in scopes:
            value = scope.get(name, _MISSING)
            if value is not _MISSING:
                break
        else:
            raise _unknown_name(found, name, scopes)
        values.append(value)
    return names, values


def _find(name: str, scopes: tuple[Mapping[str, Any], ...]) -> Any:
    for scope in scopes:
        value = scope.get(name, _MISSING)
        if value is not _MISSING:
            return value
    return _MISSING


def _unknown_name(found: Program, name: str, scopes: tuple[Mapping[str, Any], ...]) -> BaseException:
    """The error for a variable that is nowhere: the library's own, which knows functions of similar names, else
    ours."""
    known = {other for scope in scopes for other in scope if isinstance(other, str)}
    similar = difflib.get_close_matches(name, [other for other in known if not other.startswith("_")], 1)
    hint = (
        f"did you mean '{similar[0]}'?"
        if similar
        else "assign it before the call, or pass it as a keyword or in local_dict"
    )
    try:
        _ffi.compile_text(
            found.source,
            [(other, 5) for other in found.names if any(other in scope for scope in scopes)],
            found.options,
        )
    except errors.ExprNameError as error:
        first = error.diagnostics[0]
        # The library knows functions and constants of similar names; what it says else is for callers who declare.
        if similar or not first.hint.startswith("did you mean"):
            first = first._replace(hint=hint)
        return errors.build(errors.ExprNameError, [first, *error.diagnostics[1:]], found.source)
    except errors.ExprJITError:
        pass
    return errors.make(
        errors.ExprNameError,
        "EJ9005",
        f"the variable '{name}' is not defined",
        found.source,
        find_name(found.source, name),
        hint,
    )


def _run(
    found: Program, names: tuple[str, ...], values: list[Any], out: Any, casting: str, where: Any, divided_by_zero: bool
) -> Any:
    """The general way: any types, shapes and layouts. `divided_by_zero` tells that the first of two runs was made."""
    operands = _calling.classify_all(names, values, found.source)
    if not divided_by_zero:
        try:
            kernel = found.kernel_for(names, operands, _codes.DIVS["error"])
            # A kernel that can fail may have to run again, so it must not overwrite its inputs the first time.
            result = _calling.invoke(
                kernel, operands, out, casting, numpy_scalars=True, protect_inputs=kernel.needs_context, where=where
            )
            _plans.learn(remember(found.plans, names, {}, _MAX_TABLES), kernel, values, True)
            return result
        except errors.ExprZeroDivisionError:
            pass
    _report_zero_division()
    kernel = found.kernel_for(names, operands, _codes.DIVS["zero"])
    return _calling.invoke(kernel, operands, out, casting, numpy_scalars=True, where=where)


def _report_zero_division() -> None:
    """What np.errstate(divide=…) asks for."""
    reaction = np.geterr()["divide"]
    if reaction == "warn":
        warnings.warn("divide by zero encountered in an integer // or %", RuntimeWarning, stacklevel=4)
    elif reaction != "ignore":
        # 'raise', 'call', 'print' and 'log': NumPy knows how.
        np.floor_divide(np.ones(1, np.int64), np.zeros(1, np.int64))
