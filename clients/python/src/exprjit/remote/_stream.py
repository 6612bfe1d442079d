# SPDX-License-Identifier: MIT OR Apache-2.0
"""One EvaluateStream, carried on over servers that go away: batches in, answers in order.

Everything of the caller (its iterator of batches, its handling of results) runs in the caller's thread; gRPC's thread
only takes requests from a small queue.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple

import grpc

from . import _messages
from ._failures import detail_in, from_rpc, is_unanswered, no_answer, retry_after, was_closed, wrong_answer
from ._program import Signature, read_signature
from ._replicas import Replica
from ._watch import Watch, patience

_WAITING = 2  # requests that wait for gRPC to take them


class Piece(NamedTuple):
    """Rows begin … end of everything the stream is given, as a Batch message; `tag` is the caller's."""

    begin: int
    end: int
    batch: Any
    tag: Any


class Answer(NamedTuple):
    """What came for a piece; of reductions the piece is None."""

    piece: Piece | None
    batch: Any
    address: str


class _Requests:
    """The iterator gRPC takes requests from."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._changed = threading.Condition()
        self._is_closed = self._is_over = False

    def __iter__(self) -> _Requests:
        return self

    def __next__(self) -> Any:
        with self._changed:
            while not self._items and not self._is_closed and not self._is_over:
                self._changed.wait()
            if self._is_over or not self._items:
                raise StopIteration
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def put(self, item: Any) -> bool:
        """Waits until there is room. False if the call has ended."""
        with self._changed:
            while len(self._items) >= _WAITING and not self._is_over:
                self._changed.wait()
            self._items.append(item)
            self._changed.notify_all()
            return not self._is_over

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def over(self) -> None:
        """The call has ended."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()


class Exchange:
    """A stream that has begun: `signature` and `window` are the server's answer to the first message.

    `client` opens calls (`_open_stream`) and says how long to try again. `program` gives the ProgramRef, for a server
    that does not know the handle too.
    """

    def __init__(
        self, client: Any, program: Any, source: str | None, timeout: float | None, ahead: int | None = None
    ) -> None:
        self._client, self._program, self._source = client, program, source
        self._timeout, self._ahead = timeout, ahead
        self._watch = Watch(timeout, client._metadata)
        self._patience = patience(timeout, len(client._replicas.all))
        self._silent = 0  # servers that hung, since there last was progress
        self._call: Any = None
        self._requests = _Requests()
        self._replica: Replica | None = None
        self._base = 0  # row at which this call began
        self._moved = False  # since it was opened
        self._is_same = False  # the next call goes to the same server
        self._give_up: float | None = None
        self.signature: Signature
        self.window = 1
        try:
            self._open_somewhere()
        except BaseException:
            self.close()
            raise

    def _open_somewhere(self) -> None:
        while True:
            try:
                self._open()
                return
            except grpc.RpcError as failure:
                self._recover(failure)

    @property
    def is_reduction(self) -> bool:
        """One answer, at the end."""
        return all(output.reduced for output in self.signature.outputs)

    def answers(self, pieces: Iterator[Piece]) -> Generator[Answer, None, None]:
        """The answers to the pieces. Stopping early, by an exception or by dropping the iterator, cancels the call."""
        waiting: deque[Piece] = deque()
        is_last = False
        try:
            while True:
                while not is_last and len(waiting) < self.window:
                    piece = next(pieces, None)
                    if piece is None:
                        is_last = True
                        self._requests.close()
                    else:
                        waiting.append(piece)
                        self._put(piece)
                try:
                    if not waiting:
                        self._finish()
                        return
                    batch = self._next_batch()
                except grpc.RpcError as failure:
                    self._recover(failure)
                    self._reopen(waiting, is_last)
                    continue
                yield Answer(waiting.popleft(), batch, self._address)
        finally:
            self.close()

    def reduce(
        self, make_pieces: Callable[[], Iterator[Piece]], can_repeat: bool, on_piece: Callable[[Piece], None]
    ) -> Answer:
        """The one answer to all pieces. If the server goes away they are sent once more from the first, where they can
        be made again."""
        try:
            while True:
                for piece in make_pieces():
                    if not self._put(piece):
                        break
                    on_piece(piece)
                self._requests.close()
                try:
                    answer = Answer(None, self._next_batch(), self._address)
                    self._finish()
                    return answer
                except grpc.RpcError as failure:
                    if not can_repeat and retry_after(failure) is not None:
                        raise self._error(
                            failure, "the reduction had begun, and its batches cannot be asked for again"
                        ) from None
                    self._recover(failure)
                    self._reopen(deque(), False)
        finally:
            self.close()

    def close(self) -> None:
        """Cancels the call if it runs."""
        self._requests.over()
        if self._call is not None:
            self._call.cancel()
        self._watch.close()

    @property
    def _address(self) -> str:
        return self._replica.address if self._replica is not None else ""

    def _open(self) -> None:
        self._requests = requests = _Requests()
        requests.put(_messages.EvaluateStreamRequest(start={"program": self._program.ref()}))
        self._replica, self._call = self._client._open_stream(requests, self._replica, self._is_same)
        self._is_same = False
        # The last one is given all the time that is left.
        others = len(self._client._replicas.all) - 1 - self._silent
        self._watch.follow(self._replica, self._call, self._patience if others > 0 else None)
        if not self._call.add_callback(requests.over):
            requests.over()
        self._moved = False
        with self._watch:
            reply = next(self._call, None)
        if reply is None or reply.WhichOneof("message") != "started":
            raise wrong_answer(self._address, "the stream did not begin with StreamStarted")
        self._client._replicas.answered(self._replica)
        self._program.now_known(reply.started.handle)
        self.signature = read_signature(reply.started.signature, self._address)
        offered = max(1, reply.started.max_batches_in_flight)
        self.window = offered if self._ahead is None else min(self._ahead, offered)

    def _reopen(self, waiting: deque[Piece], is_last: bool) -> None:
        """Opens the call again and sends what was not answered."""
        before = self.signature
        while True:
            first = waiting[0].begin if waiting else 0
            try:
                self._open()
                if self.signature != before:
                    raise wrong_answer(
                        self._address, f"the program is {self.signature.text} here and was {before.text} elsewhere"
                    )
                self._base = first
                for piece in waiting:
                    self._put(piece)
                if is_last:
                    self._requests.close()
                return
            except grpc.RpcError as failure:
                self._recover(failure)

    def _put(self, piece: Piece) -> bool:
        with self._watch:
            return self._requests.put(_messages.EvaluateStreamRequest(batch=piece.batch))

    def _next_batch(self) -> Any:
        with self._watch:
            reply = next(self._call, None)
        if reply is None or reply.WhichOneof("message") != "batch":
            raise wrong_answer(
                self._address, "the stream ended, or answered something else, before the answer to a batch"
            )
        self._moved = True
        self._silent = 0
        self._watch.moved()
        return reply.batch

    def _finish(self) -> None:
        """The end of a stream that went well."""
        with self._watch:
            if next(self._call, None) is not None:
                raise wrong_answer(self._address, "an answer came to which there was no question")

    def _recover(self, failure: Any) -> None:
        """Waits before the next attempt, or raises what the failure means."""
        if self._program.forget(failure):
            self._is_same = True
            return
        replicas = self._client._replicas
        if self._watch.is_silent and self._patience is not None and not self._client._is_closed:
            replicas.failed(self._replica, self._patience.alone)
            self._silent += 1
            return
        code = failure.code()
        # A server ends a stream that has lasted as long as it allows, and closes connections of a certain age.
        if self._moved and code == grpc.StatusCode.DEADLINE_EXCEEDED and not self._watch.has_expired:
            self._give_up = None
            return
        if self._watch.has_expired or is_unanswered(failure):
            replicas.failed(self._replica)
        after = retry_after(failure)
        if after is None or self._watch.has_expired or self._client._is_closed:
            raise self._error(failure) from None
        now = time.monotonic()
        if self._moved or self._give_up is None:
            self._give_up = now + self._client.retry_for
        pause = replicas.failed(self._replica, after)
        if now + pause > self._give_up:
            raise self._error(failure) from None
        time.sleep(pause)

    def _error(self, failure: Any, hint: str = "") -> Exception:
        if self._watch.has_expired:
            return no_answer(self._address, self._timeout, self._source)
        if self._client._is_closed and detail_in(failure) is None:
            return was_closed()
        if self._watch.is_silent:
            error = no_answer(self._address, None, self._source)
            if hint:
                error.add_note(hint)
            return error
        found = from_rpc(failure, self._source, self._address, hint)
        if found.row is not None:
            found.row += self._base
        return found
