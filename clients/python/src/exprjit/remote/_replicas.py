# SPDX-License-Identifier: MIT OR Apache-2.0
"""The servers of a client: one channel each, taken in turn.

gRPC's own round_robin takes several addresses only if they are all of one kind of IP address, and checks one TLS name
for all of them. A channel per address mixes unix sockets, names and addresses, and each of them is checked under its
own name; a name that resolves to several addresses still has gRPC's round_robin among those.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import grpc

from . import _messages

_MAX_RECEIVED = 256 << 20
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_SERVICE_CONFIG = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
_OPTIONS = (
    ("grpc.service_config", _SERVICE_CONFIG),
    ("grpc.enable_retries", 0),  # the client tries again itself, at the next server
    ("grpc.max_receive_message_length", _MAX_RECEIVED),
    ("grpc.max_send_message_length", -1),
    # The server disconnects who pings more often than every 30 seconds.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 1000),  # how long an attempt to connect may take
    ("grpc.max_reconnect_backoff_ms", 1000),
    # Two clients have two connections, and one that is closed is closed.
    ("grpc.use_local_subchannel_pool", 1),
)


class Tls(NamedTuple):
    """Encryption: `ca` verifies the server (None: the system's roots), `certificate` and `key` are the client's own
    where the server asks for one. Each is a path or the PEM bytes. `server_name` replaces the host of the address as
    the name the server's certificate must have."""

    ca: str | os.PathLike[str] | bytes | None = None
    certificate: str | os.PathLike[str] | bytes | None = None
    key: str | os.PathLike[str] | bytes | None = None
    server_name: str | None = None


def target_of(address: str) -> tuple[str, bool]:
    """What gRPC calls an address, and whether it is on this machine. ValueError says how addresses are written."""
    text = address.strip()
    if text.startswith("/"):
        text = f"unix:{text}"
    if text.startswith(("unix:", "unix-abstract:")):
        return text, True
    name = text
    for scheme in ("dns:", "ipv4:", "ipv6:"):
        name = name.removeprefix(scheme)
    host, _, port = name.rpartition("/")[2].rpartition(":")
    if not host or (":" in host and host[0] != "[") or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(
            f"{address!r} is not an address of a server: write 'unix:/path/to/socket' or 'host:port' "
            "('[::1]:50051' for IPv6)"
        )
    host = host.strip("[]").lower()
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return text, local


class Replica:
    """One server: its channel, its methods, and since when it is left alone after a failure."""

    def __init__(self, address: str, tls: Tls | None) -> None:
        self.address = address
        target, self.is_local = target_of(address)
        options = list(_OPTIONS)
        if self.is_local:
            options.append(("grpc.enable_http_proxy", 0))
        if tls is not None and tls.server_name is not None:
            options.append(("grpc.ssl_target_name_override", tls.server_name))
        if tls is None:
            self.channel = grpc.insecure_channel(target, options)
        else:
            credentials = grpc.ssl_channel_credentials(_pem(tls.ca), _pem(tls.key), _pem(tls.certificate))
            self.channel = grpc.secure_channel(target, credentials, options)
        self.methods: dict[str, Any] = {}
        for name in ("Compile", "Evaluate", "Explain", "ListFunctions", "GetServerInfo"):
            self.methods[name] = self.channel.unary_unary(
                f"/{_messages.SERVICE}/{name}",
                request_serializer=_serialize,
                response_deserializer=getattr(_messages, f"{name}Reply").FromString,
            )
        self.methods["EvaluateStream"] = self.channel.stream_stream(
            f"/{_messages.SERVICE}/EvaluateStream",
            request_serializer=_serialize,
            response_deserializer=_messages.EvaluateStreamReply.FromString,
        )
        self.methods["Health"] = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        self.not_before = 0.0
        self.pause = _FIRST_PAUSE

    def is_there(self, seconds: float, metadata: Any) -> bool:
        """Whether it answers a question about its health, whatever it says."""
        try:
            # Waits here, not in gRPC, whose deadlines may wait for a connection that a stopped server has clogged.
            probe = self.methods["Health"].future(b"", timeout=seconds, metadata=metadata)
        except ValueError:  # the client was closed, which ends the call that asks
            return True
        try:
            probe.result(seconds)
        except (grpc.FutureTimeoutError, grpc.FutureCancelledError):
            probe.cancel()
            return False
        except grpc.RpcError as failure:
            return failure.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        return True


class Replicas:
    """All of them. Safe to use from any number of threads."""

    def __init__(self, addresses: Sequence[str], tls: Tls | None) -> None:
        self.all = [Replica(address, tls) for address in addresses]
        self._lock = threading.Lock()
        # Clients that start together do not all begin with the first.
        self._next = random.randrange(len(self.all))

    def pick(self, avoid: Replica | None = None) -> Replica:
        """The next one that has not failed lately; of those that have, the one that may be tried first."""
        now = time.monotonic()
        with self._lock:
            count = len(self.all)
            turn = [self.all[(self._next + i) % count] for i in range(count)]
            ready = [replica for replica in turn if replica.not_before <= now]
            if avoid is not None and len(ready) > 1:
                ready = [replica for replica in ready if replica is not avoid] or ready
            chosen = ready[0] if ready else min(turn, key=lambda replica: replica.not_before)
            self._next = (self.all.index(chosen) + 1) % count
            return chosen

    def failed(self, replica: Replica, after: float = 0.0) -> float:
        """Leaves a server alone for a while, longer each time; returns the seconds until some server may be tried."""
        now = time.monotonic()
        with self._lock:
            pause = max(after, replica.pause * random.uniform(0.7, 1.3))
            replica.pause = min(_LONGEST_PAUSE, replica.pause * 2)
            replica.not_before = now + pause
            return max(0.0, min(other.not_before for other in self.all) - now)

    def answered(self, replica: Replica) -> None:
        """It works (again)."""
        if replica.not_before or replica.pause != _FIRST_PAUSE:
            with self._lock:
                replica.not_before, replica.pause = 0.0, _FIRST_PAUSE

    def close(self) -> None:
        """Ends every call and connection."""
        for replica in self.all:
            replica.channel.close()


def _serialize(message: Any) -> bytes:
    raw: bytes = message.SerializeToString()
    return raw


def _pem(item: str | os.PathLike[str] | bytes | None) -> bytes | None:
    if item is None or isinstance(item, bytes):
        return item
    with open(item, "rb") as file:
        return file.read()
