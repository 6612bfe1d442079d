# SPDX-License-Identifier: MIT OR Apache-2.0
"""The client of exprjit-server.

>>> from exprjit.remote import Client
>>> with Client("unix:/run/exprjit.sock") as client:            # doctest: +SKIP
...     client.evaluate("sqrt(x*x + y*y)", x=3.0, y=4.0)
np.float64(5.0)

Needs grpcio and protobuf (`pip install exprjit[remote]`), and no libexprjit: nothing is compiled or run here.
"""

try:
    import google.protobuf  # noqa: F401
    import grpc  # noqa: F401
except ModuleNotFoundError as _missing:
    _package = "grpcio" if _missing.name == "grpc" else "protobuf"
    raise ModuleNotFoundError(
        f"exprjit.remote needs the package {_package}, which is not installed: pip install exprjit[remote]",
        name=_missing.name,
    ) from None

from ._client import Client, RemoteFunction, ServerInfo
from ._failures import AuthenticationError, BusyError, CancelledError, DeadlineError, RemoteError, UnavailableError
from ._kernel import RemoteKernel
from ._program import Output, Param
from ._replicas import Tls

__all__ = [
    "AuthenticationError",
    "BusyError",
    "CancelledError",
    "Client",
    "DeadlineError",
    "Output",
    "Param",
    "RemoteError",
    "RemoteFunction",
    "RemoteKernel",
    "ServerInfo",
    "Tls",
    "UnavailableError",
]

for _public in list(globals().values()):
    if isinstance(_public, type) and _public.__module__.startswith("exprjit.remote."):
        _public.__module__ = "exprjit.remote"
del _public
