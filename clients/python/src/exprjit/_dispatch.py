# SPDX-License-Identifier: MIT OR Apache-2.0
"""Calls of Function and JitFunction: the shortest way where it is known, a plan by types, the general way."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from . import _calling, _ffi, _plans, _quick
from ._operands import Operand

# After so many changes of its shortest way a function is one that is called with ever other types.
_MAX_CHANGES = 32

Prepare = Callable[[tuple[Any, ...], dict[str, Any]], tuple[_ffi.Kernel, Sequence[Operand]]]


class Dispatched:
    """A base whose instances are called through what their slot `__call__` holds at the time.

    Python looks `__call__` up in the class and finds the slot, which gives the instance's own function: a function
    written for the types of the last calls saves the second look that a method would need.
    """

    __slots__ = ("__call__", "__weakref__", "_dispatcher")
    __call__: Callable[..., Any]

    def _dispatch(self, prepare: Prepare) -> None:
        """From now on calls get their kernels from `prepare`, and nothing learned before is used again."""
        self._dispatcher = Dispatcher(self, prepare)
        self.__call__ = self._dispatcher.call

    @property
    def __signature__(self) -> inspect.Signature:
        """For help() and inspect.signature()."""
        return inspect.signature(Dispatcher.call).replace(
            parameters=list(inspect.signature(Dispatcher.call).parameters.values())[1:]
        )


class Dispatcher:
    """What is behind a callable. It holds no reference to it, so that both go when the last reference to the callable
    does."""

    __slots__ = ("_changes", "_owner", "_plans", "_prepare")

    def __init__(self, owner: Dispatched, prepare: Prepare) -> None:
        self._owner = weakref.ref(owner)
        self._prepare = prepare
        self._plans: _plans.Table = {}
        self._changes = 0

    def call(self, /, *args: Any, out: Any = None, casting: str = "same_kind", where: Any = True, **kwargs: Any) -> Any:
        """The general way; learns from it."""
        ready: _plans.ArrayPlan | None = None
        if not kwargs and where is True:
            plan = self._plans.get(tuple(map(type, args)))
            if isinstance(plan, dict):
                ready = plan.get(_plans.dtypes_of(args))
                result = NotImplemented if ready is None else ready.run(args, out)
                if result is not NotImplemented:
                    self._shorten(args, ready.way(args) if ready is not None else None)
                    return result
            elif plan is not None and out is None:
                result = plan(*args)
                self._shorten(args, _quick.way_of_scalars(plan, len(args)))
                return result
        kernel, operands = self._prepare(args, kwargs)
        result = _calling.invoke(kernel, operands, out, casting, where=where)
        if ready is not None:
            self._shorten(args, ready.way(args))
        elif not kwargs:
            _plans.learn(self._plans, kernel, args)
        return result

    def _shorten(self, args: tuple[Any, ...], way: _quick.Way | None) -> None:
        """Makes further calls with such arguments the shortest way. They have occurred twice, so it is worth the
        time."""
        owner = self._owner()
        if way is None or owner is None or owner._dispatcher is not self or self._changes >= _MAX_CHANGES:
            return
        self._changes += 1
        owner.__call__ = _quick.for_call(way, args, self.call)
        if owner._dispatcher is not self:  # another thread changed it in between
            owner.__call__ = owner._dispatcher.call
