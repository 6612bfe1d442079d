# SPDX-License-Identifier: MIT OR Apache-2.0
"""`exprjit.remote.Client`."""

from __future__ import annotations

import math
import numbers
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import grpc

from .. import errors
from .._operands import specialised_codes
from . import _evaluation, _messages
from ._data import argument, common_shape
from ._failures import detail_in, from_rpc, is_unanswered, retry_after, was_closed
from ._kernel import Asked, RemoteKernel
from ._program import declared_types, names_used, options_of, read_signature, text_program
from ._replicas import Replica, Replicas, Tls
from ._watch import Silence, call_patiently, patience

_WHAT = {"ir": 0, "optimised": 1, "asm": 2}
_HEALTH = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
# Programs of `evaluate` whose signatures are remembered, and the longest text of those.
_MAX_PROGRAMS, _MAX_REMEMBERED = 256, 65_536
_UNSET: Any = object()
# What exprjit.evaluate takes and this client does not: never silently a variable that the text does not name.
_LOCAL_OPTIONS = frozenset({"where", "local_dict", "global_dict"})
# More is no deadline that gRPC can count to.
_LONGEST_TIMEOUT = 365 * 86_400.0


class RemoteFunction(NamedTuple):
    """A function or constant a program on the server may name."""

    name: str
    aliases: tuple[str, ...]
    parameters: str
    category: str
    summary: str
    is_constant: bool


class ServerInfo(NamedTuple):
    """A server about itself."""

    address: str
    version: str
    cpu: str
    isa: str
    workers: int
    limits: dict[str, int]  #: by name; in bytes, milliseconds, nodes, …
    uptime: float  #: seconds
    kernels: int
    draining: bool


class Client:
    """A connection to one exprjit-server or to several that are alike.

    `address` is "unix:/path/to/socket", "host:port", or a list of such, which are asked in turn. `token` is sent with
    every call. `tls` is True for the system's roots, the path of a CA's certificate, or a `Tls`. `timeout` is the
    longest a call may take in seconds, for streams the longest without an answer; None or inf for ever. A server that
    cannot be reached, is shutting down or is busy is asked again, or the next one, for up to `retry_for` seconds; one
    that hangs is left for the next one. No call has effects, so nothing is done twice. A token is not sent in the clear
    to another machine unless `insecure` is True.

    Connects with the first call. A context manager; safe to use from any number of threads, not across fork().
    """

    def __init__(
        self,
        address: str | Sequence[str],
        *,
        token: str | None = None,
        tls: bool | str | os.PathLike[str] | Tls | None = None,
        timeout: float | None = 30.0,
        retry_for: float = 5.0,
        insecure: bool = False,
    ) -> None:
        addresses = [address] if isinstance(address, str) else list(address)
        if not addresses:
            raise ValueError("the list of addresses is empty: name at least one server")
        if tls is not None and not isinstance(tls, Tls):
            tls = (Tls() if tls else None) if isinstance(tls, bool) else Tls(ca=tls)
        self.timeout = _seconds("timeout", timeout)
        self.retry_for = 0.0 if retry_for == 0 else _seconds("retry_for", retry_for) or math.inf
        self._replicas = Replicas(addresses, tls)
        if token is not None and tls is None and not insecure:
            far = [replica.address for replica in self._replicas.all if not replica.is_local]
            if far:
                self._replicas.close()
                raise ValueError(
                    f"the token would travel to {far[0]} in the clear, for everyone on the way to read: pass tls=True "
                    "or tls='ca.pem', or insecure=True where the network itself is trusted"
                )
        # A token that was read from a file ends in its newline.
        self._metadata = (("authorization", f"Bearer {token.strip()}"),) if token is not None else ()
        self._programs: OrderedDict[bytes, RemoteKernel] = OrderedDict()
        self._lock = threading.Lock()
        self._limits: dict[str, int] | None = None
        self._is_closed = False

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections, and with CancelledError every call that still runs."""
        self._is_closed = True
        self._replicas.close()

    def __repr__(self) -> str:
        return f"<exprjit.remote.Client of {', '.join(replica.address for replica in self._replicas.all)}>"

    # ---- Programs ----------------------------------------------------------------------------------------------------

    def compile(
        self,
        expression: str,
        types: Mapping[str, Any] | None = None,
        /,
        *,
        div: str = "error",
        caret: str = "power",
        accuracy: str = "1ulp",
        fast: str | Iterable[str] = (),
        timeout: float | None = _UNSET,
        **type_keywords: Any,
    ) -> RemoteKernel:
        """Compiles an expression on the server: `client.compile("a*b + c", {"a": "f8", "b": "f8", "c": "f4"})`.

        Types and options are those of `exprjit.compile`; without any types the variables are f64. Raises as that does,
        and the classes of this module.
        """
        options = options_of(div, caret, accuracy, fast)
        given = {**(types or {}), **type_keywords}
        declared = None if types is None and not type_keywords else declared_types(given, expression)
        return self._compile(text_program(_text(expression), declared, options), expression, timeout)

    def compile_ir(self, ir: bytes, *, timeout: float | None = _UNSET, accuracy: str = "1ulp") -> RemoteKernel:
        """Compiles IR bytes, as `exprjit ir --bytes` writes them."""
        options = options_of("error", "power", accuracy, ())
        return self._compile(_messages.Program(ir=bytes(ir), options=options), None, timeout)

    def _compile(self, program: Any, source: str | None, timeout: float | None) -> RemoteKernel:
        reply, address = self._call("Compile", lambda: _messages.CompileRequest(program=program), source, timeout)
        return RemoteKernel(
            self, program, source, read_signature(reply.signature, address), reply.handle, reply.info.cached
        )

    def _remembered(self, program: Any, source: str, timeout: float | None) -> RemoteKernel:
        key: bytes = program.SerializeToString(deterministic=True)
        with self._lock:
            kernel = self._programs.get(key)
            if kernel is not None:
                self._programs.move_to_end(key)
                return kernel
        kernel = self._compile(program, source, timeout)
        if len(key) <= _MAX_REMEMBERED:
            with self._lock:
                self._programs[key] = kernel
                while len(self._programs) > _MAX_PROGRAMS:
                    self._programs.popitem(last=False)
        return kernel

    def _kernel_for(
        self, source: str, arguments: Sequence[Any], options: Mapping[str, Any], timeout: float | None
    ) -> RemoteKernel:
        """The kernel of a text for these arguments; Python numbers are weak next to arrays, as in exprjit.evaluate."""
        weak, plain = specialised_codes([item.operand for item in arguments])
        names = [item.name for item in arguments]
        try:
            return self._remembered(text_program(source, list(zip(names, weak, strict=True)), options), source, timeout)
        except errors.ExprTypeError:
            # `x * (n << 1)` with floats in x and a Python int n: as a float n cannot be shifted, as an int it can.
            if plain == weak:
                raise
            try:
                return self._remembered(
                    text_program(source, list(zip(names, plain, strict=True)), options), source, timeout
                )
            except errors.ExprTypeError:
                pass
            raise

    # ---- Evaluation --------------------------------------------------------------------------------------------------

    def evaluate(
        self,
        program: str | RemoteKernel,
        variables: Mapping[str, Any] | None = None,
        /,
        *,
        out: Any = None,
        casting: Any = "same_kind",
        progress: Callable[[int, int], None] | None = None,
        timeout: float | None = _UNSET,
        div: str = "error",
        caret: str = "strict",
        accuracy: str = "1ulp",
        fast: str | Iterable[str] = (),
        **more: Any,
    ) -> Any:
        """Evaluates an expression, or a kernel of `compile`, over numbers and arrays: `client.evaluate("a*b + c", a=x,
        b=y, c=2)`.

        The results are those of `exprjit.evaluate`, to the last bit: arrays broadcast as in NumPy, Python numbers are
        weak, scalars alone give a NumPy scalar, a text that ends in an assignment a dict. Unlike there, integer // and
        % by zero raise ExprZeroDivisionError, unless `div` is "zero". Masked arrays are nulls, and give masked arrays.

        Arrays of any size are sent in pieces of about a megabyte; reductions are exact over the whole. `progress` is
        called with the rows done and the rows in all. The options of compilation are for a text; a kernel has its own.
        """
        given = {**(variables or {}), **more}
        known = () if isinstance(program, RemoteKernel) else names_used(_text(program), given)
        for name in _LOCAL_OPTIONS & set(more) - set(known):
            raise TypeError(f"a remote client has no option {name}=; exprjit.evaluate has it, on this machine")
        if isinstance(program, RemoteKernel):
            kernel = program
            arguments = _evaluation.arguments_of(kernel, given)
        else:
            source = _text(program)
            arguments = [argument(name, given[name], source) for name in names_used(source, given)]
            common_shape(arguments, source)  # before the server is asked
            kernel = self._kernel_for(source, arguments, options_of(div, caret, accuracy, fast), self._timeout(timeout))
        return _evaluation.run(self, kernel, arguments, out, casting, progress, self._timeout(timeout))

    def stream(
        self,
        program: str | RemoteKernel,
        batches: Iterable[Mapping[str, Any]],
        /,
        *,
        ahead: int | None = None,
        timeout: float | None = _UNSET,
        div: str = "error",
        caret: str = "strict",
        accuracy: str = "1ulp",
        fast: str | Iterable[str] = (),
    ) -> Iterator[Any]:
        """Evaluates batch after batch: an iterator of results, in order, that takes from `batches` as it goes.

        Each batch is a dict of arrays and numbers. Of a text the first batch decides the types. Up to `ahead` batches
        (what the server allows, usually 4) are taken before the answer to the first is waited for; 1 gives each answer
        at once. A program whose outputs are all reductions gives one result, after the last batch, with the bits of the
        whole; a kernel gives it over no batches too, while a text without a batch has no types and gives nothing.
        """
        options = options_of(div, caret, accuracy, fast)
        if ahead is not None and ahead < 1:
            raise ValueError(f"ahead={ahead}: at least one batch must be under way")
        source = program.source if isinstance(program, RemoteKernel) else _text(program)
        seconds = self._timeout(timeout)

        def kernel_of(first: Mapping[str, Any] | None) -> RemoteKernel | None:
            if isinstance(program, RemoteKernel) or first is None:
                return program if isinstance(program, RemoteKernel) else None
            text = _text(program)
            arguments = [argument(name, first[name], text) for name in names_used(text, first)]
            return self._kernel_for(text, arguments, options, seconds)

        return _evaluation.run_stream(self, kernel_of, source, iter(batches), ahead, seconds)

    # ---- Looking around ----------------------------------------------------------------------------------------------

    def explain(
        self,
        program: str | RemoteKernel,
        what: str = "asm",
        pass_: str | None = None,
        /,
        types: Mapping[str, Any] | None = None,
    ) -> str:
        """What a program is turned into: "ir" (as the front end made it), "optimised" (after all passes, or after
        `pass_`), "asm"."""
        if what not in _WHAT:
            raise ValueError(f"what={what!r} is not known; choose one of {', '.join(map(repr, _WHAT))}")
        if isinstance(program, str):
            program = self.compile(program, types)
        asked = Asked(program)
        reply, _ = self._call(
            "Explain",
            lambda: _messages.ExplainRequest(program=asked.ref(), what=_WHAT[what], **{"pass": pass_ or ""}),
            program.source,
            _UNSET,
            asked,
        )
        return str(reply.text)

    def functions(self) -> list[RemoteFunction]:
        """Every function and constant of the language, as the server has it."""
        reply, _ = self._call("ListFunctions", _messages.ListFunctionsRequest, None, _UNSET)
        return [
            RemoteFunction(item.name, tuple(item.aliases), item.parameters, item.category, item.summary, item.constant)
            for item in reply.functions
        ]

    def info(self) -> ServerInfo:
        """Version, machine, limits and state of the next server."""
        reply, address = self._call("GetServerInfo", _messages.GetServerInfoRequest, None, _UNSET)
        return ServerInfo(
            address,
            reply.version,
            reply.cpu,
            reply.isa,
            reply.workers,
            {limit.name: limit.value for limit in reply.limits},
            reply.uptime_ms / 1000,
            reply.kernels,
            reply.draining,
        )

    def health(self) -> dict[str, str]:
        """By address: "SERVING", "NOT_SERVING" (it is shutting down), "UNREACHABLE", …"""
        found = {}
        seconds = min(2.0, self._timeout(_UNSET) or 2.0)
        for replica in self._replicas.all:
            try:
                raw = replica.methods["Health"](b"", timeout=seconds, metadata=self._metadata)
                found[replica.address] = _HEALTH.get(raw[1] if len(raw) > 1 else 0, "UNKNOWN")
            except grpc.RpcError as failure:
                code = failure.code()
                unreachable = code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
                found[replica.address] = "UNREACHABLE" if unreachable else code.name
            except ValueError:
                raise was_closed() from None
        return found

    # ---- Calls -------------------------------------------------------------------------------------------------------

    def _timeout(self, timeout: float | None) -> float | None:
        return _seconds("timeout", self.timeout if timeout is _UNSET else timeout)

    def _limit(self, name: str, otherwise: int) -> int:
        """A limit of the servers, which are alike."""
        if self._limits is None:
            self._limits = self.info().limits
        return self._limits.get(name, otherwise)

    def _call(
        self,
        method: str,
        request: Callable[[], Any],
        source: str | None,
        timeout: float | None,
        asked: Asked | None = None,
    ) -> tuple[Any, str]:
        """One unary call, tried again where that helps: the answer and who gave it."""
        timeout = self._timeout(timeout)
        begin = time.monotonic()
        replica: Replica | None = None
        is_same = False
        patient = patience(timeout, len(self._replicas.all))
        silent, lost = 0, 0.0  # servers that hung, and the seconds they were waited for
        while True:
            if replica is None or not is_same:
                replica = self._replicas.pick(replica)
            is_same = False
            asked_at = time.monotonic()
            left = None if timeout is None else max(0.001, timeout - (asked_at - begin))
            message = request()
            try:
                if patient is not None and silent < len(self._replicas.all) - 1:
                    reply = call_patiently(replica, method, message, left, self._metadata, patient)
                else:  # nobody is left to ask instead
                    reply = replica.methods[method](message, timeout=left, metadata=self._metadata)
                self._replicas.answered(replica)
                return reply, replica.address
            except Silence:
                assert patient is not None
                self._replicas.failed(replica, patient.alone)
                silent, lost = silent + 1, lost + time.monotonic() - asked_at
            except grpc.RpcError as failure:
                if self._is_closed and detail_in(failure) is None:
                    raise was_closed() from None
                if is_unanswered(failure):
                    self._replicas.failed(replica)
                if asked is not None and asked.forget(failure):
                    is_same = True  # that server is to learn the program
                    continue
                after = retry_after(failure)
                if after is None or self._is_closed:
                    raise from_rpc(failure, source, replica.address) from None
                pause = self._replicas.failed(replica, after)
                spent = time.monotonic() - begin + pause
                if spent - lost > self.retry_for or (timeout is not None and spent >= timeout):
                    raise from_rpc(failure, source, replica.address) from None
                time.sleep(pause)
            except ValueError:  # gRPC's way to say that the channel is closed
                if self._is_closed:
                    raise was_closed() from None
                raise

    def _open_stream(self, requests: Any, before: Replica | None, is_same: bool) -> tuple[Replica, Any]:
        replica = before if before is not None and is_same else self._replicas.pick(before)
        try:
            return replica, replica.methods["EvaluateStream"](requests, metadata=self._metadata)
        except ValueError:
            if self._is_closed:
                raise was_closed() from None
            raise


def _seconds(name: str, value: Any) -> float | None:
    """A time that a caller gave, in seconds; None for ever."""
    if value is None:
        return None
    number: Any = value  # numbers.Real has no comparisons for type checkers
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name}={value!r} is no number of seconds (None: for ever)")
    if not number > 0:
        raise ValueError(f"{name}={value!r}: a time is a positive number of seconds, or None for ever")
    return float(number) if number <= _LONGEST_TIMEOUT else None


def _text(program: Any) -> str:
    if isinstance(program, str):
        return program
    raise errors.make(
        errors.ExprTypeError, "EJ9001", f"a program is a str or a RemoteKernel, not {type(program).__name__}"
    )
