# SPDX-License-Identifier: MIT OR Apache-2.0
"""How long servers are waited for.

A server that hangs keeps its connections and answers nothing. Waiting for it until the timeout would leave no time for
the others; giving each a share of the timeout would cut off long calculations. So a server that has been silent for a
while, while there are others, is asked for its health: if that is not answered either, the next one gets the call.
"""

from __future__ import annotations

import threading
import time
from typing import Any, NamedTuple

import grpc

from ._replicas import Replica

_LONGEST_WAIT, _LONGEST_PROBE = 4.0, 1.0
_LONGEST_ALONE = 10.0


class Patience(NamedTuple):
    """Seconds: of silence before a server is asked for its health, and for the answer to that."""

    wait: float
    probe: float

    @property
    def alone(self) -> float:
        """How long a server that hung is left alone: most of the time then goes to those that answer."""
        return min(_LONGEST_ALONE, 10 * (self.wait + self.probe))


def patience(timeout: float | None, servers: int) -> Patience | None:
    """With a server that `servers` - 1 others can stand in for. None: only the timeout ends the wait."""
    if servers < 2:
        return None
    share = (timeout if timeout is not None else float("inf")) / servers
    return Patience(min(_LONGEST_WAIT, share * 2 / 3), min(_LONGEST_PROBE, share / 3))


class Silence(Exception):
    """A server that did not even answer whether it is there."""


def call_patiently(
    replica: Replica, method: str, request: Any, left: float | None, metadata: Any, patient: Patience
) -> Any:
    """A unary call. Raises Silence, or what gRPC raises."""
    call = replica.methods[method].future(request, timeout=left, metadata=metadata)
    try:
        while True:
            try:
                return call.result(patient.wait)
            except grpc.FutureTimeoutError:
                if not replica.is_there(patient.probe, metadata) and not call.done():
                    raise Silence from None
    except BaseException:
        call.cancel()
        raise


class Watch:
    """Cancels the call of a stream that has not moved for too long, or whose server hangs. One thread, started with the
    first wait."""

    def __init__(self, seconds: float | None, metadata: Any) -> None:
        self._seconds = seconds
        self._metadata = metadata
        self._changed = threading.Condition()
        self._call: Any = None
        self._replica: Replica | None = None
        self._patience: Patience | None = None
        self._begin: float | None = None  # of this wait; None between waits
        self._heard = 0.0  # when the server was last known to be there
        self._spent = 0.0  # on servers that hung, since there last was progress
        self._thread: threading.Thread | None = None
        self._wakes = 0.0
        self._is_closed = False
        self.has_expired = False
        self.is_silent = False  # the server hangs

    def follow(self, replica: Replica, call: Any, patient: Patience | None) -> None:
        """The call to be watched from here on."""
        with self._changed:
            self._replica, self._call, self._patience = replica, call, patient
            self.is_silent = False

    def moved(self) -> None:
        """There was progress."""
        self._spent = 0.0

    def __enter__(self) -> None:
        if self._seconds is None and self._patience is None:
            return
        with self._changed:
            self._begin = self._heard = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="exprjit-stream-watch", daemon=True)
                self._thread.start()
            elif self._next_look() < self._wakes:
                self._changed.notify_all()

    def __exit__(self, *_: object) -> None:
        self._begin = None

    def _next_look(self) -> float:
        """When there may be something to do in this wait."""
        assert self._begin is not None
        due = self._heard + self._patience.wait if self._patience is not None else float("inf")
        return due if self._seconds is None else min(due, self._begin + self._seconds - self._spent)

    def _run(self) -> None:
        with self._changed:
            while not self._is_closed:
                now = time.monotonic()
                if self._begin is None:
                    # A wait that begins meanwhile wakes this thread if it has to be looked at before.
                    self._wakes = now + (self._seconds or _LONGEST_WAIT)
                elif (look := self._next_look()) > now:
                    self._wakes = look
                elif self._seconds is not None and now >= self._begin + self._seconds - self._spent:
                    self.has_expired, self._begin = True, None
                    self._call.cancel()
                    continue
                else:
                    self._probe()
                    continue
                self._changed.wait(self._wakes - now)

    def _probe(self) -> None:
        """Asks the server for its health, without the lock."""
        begin, call, replica, patient = self._begin, self._call, self._replica, self._patience
        assert begin is not None and replica is not None and patient is not None
        self._changed.release()
        try:
            is_there = replica.is_there(patient.probe, self._metadata)
        finally:
            self._changed.acquire()
        if self._begin != begin or self._call is not call:
            return  # it went on meanwhile
        now = self._heard = time.monotonic()
        if not is_there:
            self._spent += now - begin
            self.is_silent, self._begin = True, None
            call.cancel()

    def close(self) -> None:
        """Ends the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
