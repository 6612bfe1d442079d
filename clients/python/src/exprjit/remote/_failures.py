# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a failed call becomes: the exceptions of the local client where the program or its data are at fault, and
classes for what only a server can do."""

from __future__ import annotations

from typing import Any

import grpc

from .. import errors
from ._messages import detail_of


class RemoteError(errors.ExprJITError, RuntimeError):
    """The server failed, or did not answer as a server of exprjit does. Base of the classes below."""

    grpc_status: str = ""  #: "UNAVAILABLE", …
    address: str = ""  #: of the server that was asked last


class UnavailableError(RemoteError, ConnectionError):
    """No server could be reached, or all that could are shutting down, for as long as the client tries again."""


class BusyError(RemoteError):
    """The server's queue or memory is full, and was so for as long as the client tries again."""


class DeadlineError(RemoteError, TimeoutError):
    """The call did not end within its `timeout`, or within the server's own limit."""


class CancelledError(RemoteError):
    """The call was cancelled, by close() in another thread or by the server."""


class AuthenticationError(RemoteError, PermissionError):
    """The server wants a token, or another one."""


# Names of ej_status, as ErrorDetail has them.
_BY_STATUS: dict[str, type[errors.ExprJITError]] = {
    "syntax error": errors.ExprSyntaxError,
    "unknown name": errors.ExprNameError,
    "type error": errors.ExprTypeError,
    "limit reached": errors.LimitError,
    "division by zero": errors.ExprZeroDivisionError,
    "domain error": errors.ExprDomainError,
    "unsupported": errors.UnsupportedError,
}
_BY_CODE: dict[grpc.StatusCode, type[errors.ExprJITError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: errors.ArgumentError,
    grpc.StatusCode.NOT_FOUND: errors.ArgumentError,
    grpc.StatusCode.FAILED_PRECONDITION: errors.ArgumentError,
    grpc.StatusCode.OUT_OF_RANGE: errors.ArgumentError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.LimitError,
    grpc.StatusCode.UNIMPLEMENTED: errors.UnsupportedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineError,
    grpc.StatusCode.CANCELLED: CancelledError,
    grpc.StatusCode.UNAUTHENTICATED: AuthenticationError,
    grpc.StatusCode.PERMISSION_DENIED: AuthenticationError,
}
_ABOUT_THE_CALL = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
)


def detail_in(failure: Any) -> Any | None:
    """The ErrorDetail that came with a grpc.RpcError, if one did."""
    for key, value in failure.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return detail_of(value)
    return None


def retry_after(failure: Any) -> float | None:
    """Seconds after which the same call may go better; None if it will not.

    A server that shuts down cancels calls it has received and not begun; whoever asks has not cancelled the call.
    """
    detail = detail_in(failure)
    if detail is not None and detail.retry_after_ms > 0:
        return float(detail.retry_after_ms) / 1000
    if failure.code() == grpc.StatusCode.CANCELLED:
        return 0.0 if detail is None else None
    return 0.0 if failure.code() == grpc.StatusCode.UNAVAILABLE else None


def from_rpc(failure: Any, source: str | None, address: str, hint: str = "") -> errors.ExprJITError:
    """The exception for a grpc.RpcError. `source` is the text the server was given, for carets."""
    code, message, detail = failure.code(), failure.details() or "", detail_in(failure)
    found: list[errors.Diagnostic] = []
    kind, rendered, row, limit, later = code.name, "", -1, "", 0
    if detail is not None:
        kind, rendered, limit = detail.status or kind, detail.rendered, detail.limit
        row, later = int(detail.row), int(detail.retry_after_ms)
        raw = source.encode("utf-8", "surrogatepass") if source is not None else b""
        found = [_diagnostic(item, kind, raw) for item in detail.diagnostics]
    cls = _BY_CODE.get(code, RemoteError)
    if code not in _ABOUT_THE_CALL:
        cls = _BY_STATUS.get(kind, cls)
        if cls is errors.LimitError and later > 0:
            cls = BusyError
    if cls is UnavailableError and detail is None and not hint:
        hint = "is exprjit-server running, is this its address, and does one side speak TLS where the other does not?"
    if not found or issubclass(cls, RemoteError):
        if issubclass(cls, (UnavailableError, RemoteError)) and not issubclass(cls, (BusyError, AuthenticationError)):
            message = f"{address}: {message or code.name}"
        found = [errors.Diagnostic("", kind, message or code.name, hint, None, 0, 0)]
    # The first place may name the limit of the engine; the status says which flag of the server that is.
    elif limit and limit not in found[0].message and limit.replace("-", "_") not in found[0].message:
        found[0] = found[0]._replace(message=f"{found[0].message} (the server's limit {limit})")
    error = errors.build(cls, found, source, rendered, row)
    error.limit = limit
    if isinstance(error, RemoteError):
        error.grpc_status, error.address = code.name, address
    return error


def wrong_answer(address: str, what: str) -> RemoteError:
    """The error for an answer that does not keep to the protocol."""
    error = errors.make(RemoteError, "", f"{address}: {what}", hint="is this an exprjit-server of this version?")
    assert isinstance(error, RemoteError)
    error.address = address
    return error


def is_unanswered(failure: Any) -> bool:
    """True if the time was over before the server said anything, be it that the time is over."""
    return failure.code() == grpc.StatusCode.DEADLINE_EXCEEDED and detail_in(failure) is None


def no_answer(address: str, timeout: float | None, source: str | None) -> DeadlineError:
    """The error for servers that say nothing."""
    within = f" within timeout={timeout:g} seconds" if timeout is not None else ""
    error = errors.make(DeadlineError, "", f"{address}: no answer{within}", source)
    assert isinstance(error, DeadlineError)
    error.grpc_status, error.address = grpc.StatusCode.DEADLINE_EXCEEDED.name, address
    return error


def was_closed() -> CancelledError:
    """The error of a call on a closed client, or one that closing has ended."""
    error = errors.make(CancelledError, "", "the client was closed")
    assert isinstance(error, CancelledError)
    error.grpc_status = grpc.StatusCode.CANCELLED.name
    return error


def _diagnostic(item: Any, kind: str, source: bytes) -> errors.Diagnostic:
    span = None
    if item.line > 0 and source:
        # The server counts bytes; Python counts characters.
        begin = len(source[: item.begin].decode("utf-8", "replace"))
        span = begin, begin + len(source[item.begin : item.end].decode("utf-8", "replace"))
    return errors.Diagnostic(item.code, kind, item.message, item.hint, span, item.line, item.column)
