# SPDX-License-Identifier: MIT OR Apache-2.0
"""exprjit.remote.Client against a server that lies: every answer is checked, and a wrong one is an exception, never a
wrong array. The server is written here."""

import random
import time
from concurrent import futures

import grpc
import numpy as np
import pytest

import exprjit as ej
from exprjit.remote import Client, RemoteError, UnavailableError, _messages

F64 = 5


class Liar:
    """Answers with whatever it is told to."""

    def __init__(self):
        self.signature = {
            "parameters": [{"name": "x", "dtype": F64}],
            "outputs": [{"name": "", "dtype": F64}],
            "text": "(x: f64) -> f64",
        }
        self.batch = None  # of Evaluate and of streams
        self.raw = {}  # method: bytes instead of a message
        self.replies = None  # a whole stream
        self.failures = []  # (code, message, trailing metadata), one per call
        self.calls = 0
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        handlers = {}
        for method in ("Compile", "Evaluate"):
            handlers[method] = grpc.unary_unary_rpc_method_handler(
                lambda request, context, method=method: self.unary(method, context)
            )
        handlers["EvaluateStream"] = grpc.stream_stream_rpc_method_handler(self.stream)
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_messages.SERVICE, handlers),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def unary(self, method, context):
        self.calls += 1
        if self.failures:
            code, message, metadata = self.failures.pop(0)
            context.set_trailing_metadata(metadata)
            context.abort(code, message)
        if method in self.raw:
            return self.raw[method]
        if method == "Compile":
            return _messages.CompileReply(handle=b"h" * 32, signature=self.signature).SerializeToString()
        return _messages.EvaluateReply(batch=self.batch, handle=b"h" * 32).SerializeToString()

    def stream(self, requests, context):
        if self.replies is not None:
            yield from self.replies
            return
        yield _messages.EvaluateStreamReply(
            started={"handle": b"h" * 32, "signature": self.signature, "max_batches_in_flight": 2}
        ).SerializeToString()
        next(requests)
        for _ in requests:
            yield _messages.EvaluateStreamReply(batch=self.batch).SerializeToString()

    def stop(self):
        self._server.stop(None)


@pytest.fixture
def liar():
    made = Liar()
    yield made
    made.stop()


def column(data=bytes(24), length=3, dtype=F64, **more):
    return {"dtype": dtype, "length": length, "data": data, **more}


WRONG = {
    "no batch": None,
    "no columns": {"rows": 3},
    "too many columns": {"rows": 3, "columns": [column(), column()]},
    "another dtype": {"rows": 3, "columns": [column(dtype=4, data=bytes(12))]},
    "an unknown dtype": {"rows": 3, "columns": [column(dtype=99)]},
    "too short": {"rows": 2, "columns": [column(data=bytes(16), length=2)]},
    "too long": {"rows": 4, "columns": [column(data=bytes(32), length=4)]},
    "one value": {"rows": 3, "columns": [column(data=bytes(8), length=1)]},
    "bytes missing": {"rows": 3, "columns": [column(data=bytes(23))]},
    "bytes too many": {"rows": 3, "columns": [column(data=bytes(25))]},
    "a negative length": {"rows": 3, "columns": [column(length=-3)]},
    "a huge length": {"rows": 3, "columns": [column(length=2**60)]},
    "validity too short": {"rows": 3, "columns": [column(validity=b"")]},
    "validity too long": {"rows": 3, "columns": [column(validity=b"\1\1")]},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_batches(liar, name):
    liar.batch = WRONG[name]
    x = np.zeros(3)
    with Client(liar.address) as client:
        if name == "validity too short":  # is none
            assert (client.evaluate("x", x=x) == 0).all()
            return
        with pytest.raises(RemoteError, match="of this version"):
            client.evaluate("x", x=x)
        with pytest.raises(RemoteError, match="of this version"):
            list(client.stream("x", [{"x": x}]))


def test_wrong_streams(liar):
    started = _messages.EvaluateStreamReply(started={"signature": liar.signature}).SerializeToString()
    good = _messages.EvaluateStreamReply(batch={"rows": 3, "columns": [column()]}).SerializeToString()
    for replies in (
        [],
        [good],
        [started],
        [started, started],
        [started, good],
        [started, good, good, good],
        [b""],
        [started, b""],
    ):
        liar.replies = replies
        with Client(liar.address, timeout=5) as client, pytest.raises(RemoteError):
            list(client.stream("x", [{"x": np.zeros(3)}] * 2))


def test_wrong_signatures(liar):
    for outputs in ([{"dtype": 99}], [{"dtype": 0}]):
        liar.signature = {**liar.signature, "outputs": outputs}
        with Client(liar.address) as client, pytest.raises(RemoteError, match="dtype"):
            client.compile("x")


def test_a_program_that_changes_in_the_middle(liar):
    """Another server may know another program under the same handle only if it lies."""
    other = {**liar.signature, "outputs": [{"name": "", "dtype": 4}], "text": "(x: f64) -> f32"}
    liar.replies = [
        _messages.EvaluateStreamReply(started={"signature": other, "max_batches_in_flight": 1}).SerializeToString()
    ]
    with Client(liar.address, timeout=5) as client, pytest.raises(RemoteError):
        list(client.stream("x", [{"x": np.zeros(3)}]))


def test_random_bytes_for_answers(liar):
    rng = random.Random(4)
    good = _messages.EvaluateReply(batch={"rows": 3, "columns": [column()]}, handle=b"h" * 32).SerializeToString()
    with Client(liar.address, retry_for=0, timeout=5) as client:
        kernel = client.compile("x")
        for _ in range(300):
            wrong = bytearray(good)
            for _ in range(rng.randrange(1, 5)):
                wrong[rng.randrange(len(wrong))] = rng.randrange(256)
            liar.raw["Evaluate"] = bytes(wrong) if rng.random() < 0.7 else rng.randbytes(rng.randrange(60))
            try:
                result = kernel(np.zeros(3))
            except ej.ExprJITError:
                continue
            # Only the values themselves may have been hit.
            assert result.shape == (3,) and result.dtype == np.float64


def test_details_that_are_none(liar):
    """Failures whose details are damaged, missing, or of somebody else's type."""
    with Client(liar.address, retry_for=0) as client:
        for metadata in (
            (),
            (("grpc-status-details-bin", b"\xff\xff\xff"),),
            (("grpc-status-details-bin", b"\x1a\x03\x0a\x01x"),),
        ):
            liar.failures = [(grpc.StatusCode.INVALID_ARGUMENT, "no good", metadata)]
            with pytest.raises(ej.ArgumentError, match="no good"):
                client.compile("x")
        detail = _messages.ErrorDetail(
            status="syntax error",
            diagnostics=[{"code": "EJ1", "message": "m", "begin": 10**15, "end": -5, "line": 7}],
            row=-1,
        )
        wrapped = _messages.RichStatus(
            details=[{"type_url": "type.googleapis.com/exprjit.v1.ErrorDetail", "value": detail.SerializeToString()}]
        )
        liar.failures = [
            (grpc.StatusCode.INVALID_ARGUMENT, "no good", (("grpc-status-details-bin", wrapped.SerializeToString()),))
        ]
        with pytest.raises(ej.ExprSyntaxError):
            client.compile("x + ")


def test_what_is_tried_again(liar):
    liar.batch = {"rows": 3, "columns": [column()]}
    busy = _messages.RichStatus(
        details=[
            {
                "type_url": "type.googleapis.com/exprjit.v1.ErrorDetail",
                "value": _messages.ErrorDetail(limit="queue", retry_after_ms=30, row=-1).SerializeToString(),
            }
        ]
    ).SerializeToString()
    with Client(liar.address) as client:
        kernel = client.compile("x")
        # A server that shuts down, one that cancels what it has not begun, one that is busy; then one that answers.
        liar.failures = [
            (grpc.StatusCode.UNAVAILABLE, "going", ()),
            (grpc.StatusCode.CANCELLED, "", ()),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, "full", (("grpc-status-details-bin", busy),)),
        ]
        before = liar.calls
        assert (kernel(np.zeros(3)) == 0).all() and liar.calls == before + 4
        # What would fail again is not.
        for code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT):
            liar.failures, before = [(code, "no", ())], liar.calls
            with pytest.raises(ej.ExprJITError):
                kernel(np.zeros(3))
            assert liar.calls == before + 1
    with Client(liar.address, retry_for=0.5) as client:
        kernel = client.compile("x")
        liar.failures = [(grpc.StatusCode.UNAVAILABLE, "going", ())] * 1000
        begin = time.monotonic()
        with pytest.raises(UnavailableError, match="going"):
            kernel(np.zeros(3))
        assert time.monotonic() - begin < 2 and 1000 - len(liar.failures) < 20
