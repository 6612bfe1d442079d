# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program a server has compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from ._program import Output, Param, Signature

if TYPE_CHECKING:
    from ._client import Client


class RemoteKernel:
    """A compiled program on the servers of a client. Made by `Client.compile`; call it with arrays and numbers.

    A server that does not hold it (any more, or not yet: there may be several) is sent the program again, unseen. Safe
    to use from any number of threads.
    """

    __slots__ = ("_client", "_program", "handle", "is_cached", "signature_", "source")

    def __init__(
        self, client: Client, program: Any, source: str | None, signature: Signature, handle: bytes, cached: bool
    ) -> None:
        self._client, self._program = client, program
        #: The text it was compiled from; None for IR bytes.
        self.source = source
        self.signature_ = signature
        #: 32 bytes that name the program on every server of the same version.
        self.handle = handle
        #: True if the server had it already.
        self.is_cached = cached

    @property
    def signature(self) -> str:
        """One line such as "(a: f64, b: f64) -> f64"."""
        return self.signature_.text

    @property
    def params(self) -> tuple[Param, ...]:
        """The parameters in order."""
        return self.signature_.params

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs in order; the output of a final expression is named ""."""
        return self.signature_.outputs

    def __call__(self, *args: Any, **variables: Any) -> Any:
        """Evaluates: `kernel(x, y)` by position, or `kernel(a=x, b=y)`."""
        names = [param.name for param in self.params]
        if len(args) > len(names):
            raise TypeError(f"{len(args)} arguments given; the parameters are ({', '.join(names)})")
        given = dict(zip(names, args, strict=False))
        twice = [name for name in variables if name in given]
        if twice:
            raise TypeError(f"two values given for the parameter {twice[0]!r}")
        return self._client.evaluate(self, {**given, **variables})

    def explain(self, what: str = "asm", pass_: str | None = None) -> str:
        """A listing, as `Client.explain`."""
        return self._client.explain(self, what, pass_)

    def __repr__(self) -> str:
        text = self.source if self.source is not None else "IR bytes"
        return f"<exprjit.remote.RemoteKernel {text if len(text) <= 60 else text[:57] + '…'!r} {self.signature}>"


class Asked:
    """The program of one call: by its handle first, and whole for a server that does not know that."""

    __slots__ = ("_by_handle", "_kernel")

    def __init__(self, kernel: RemoteKernel) -> None:
        self._kernel, self._by_handle = kernel, True

    def ref(self) -> dict[str, Any]:
        """The fields of a ProgramRef."""
        return {"handle": self._kernel.handle} if self._by_handle else {"program": self._kernel._program}

    def forget(self, failure: Any) -> bool:
        """True if the call is worth another attempt at once, with the program itself."""
        if self._by_handle and failure.code() == grpc.StatusCode.NOT_FOUND:
            self._by_handle = False
            return True
        return False

    def now_known(self, handle: bytes) -> None:
        """What the server calls it."""
        if handle:
            self._kernel.handle = handle
