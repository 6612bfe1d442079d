# SPDX-License-Identifier: MIT OR Apache-2.0
"""Clients that do not read their answers hold memory and streams for the time of a call, not for ever."""

import threading
import time

import pytest

from conftest import Raw, failure_of, gauge, text, wait_until
from exprjit.remote import _messages
from http2 import Http2

F64 = 5
ROWS = 200_000


def large_answer():
    """A small request whose answer has 1.6 MB."""
    column = {"name": "x", "dtype": F64, "length": 1, "data": bytes(8)}
    request = _messages.EvaluateRequest(
        program={"program": text("x + 1", {"x": F64})}, batch={"rows": ROWS, "columns": [column]}
    )
    return request.SerializeToString()


def check_it_works(server):
    reply = Raw(server.address).GetServerInfo()
    assert reply.uptime_ms > 0
    request = _messages.EvaluateRequest.FromString(large_answer())
    assert Raw(server.address).Evaluate(request).batch.columns[0].length == ROWS


def test_unread_answers_end_with_the_time_of_their_calls(start):
    server = start("--threads=2", "--max-call-ms=1500", "--metrics-port=auto")
    client = Http2(server.address)
    for _ in range(8):
        client.call("Evaluate", large_answer())
    wait_until(lambda: gauge(server, "exprjit_columns_bytes") >= 8 * 8 * ROWS, 5, "the memory of the answers")
    assert gauge(server, "exprjit_open_calls") == 8
    client.frames(0.2)  # reads what is not DATA: headers, and the server's settings
    wait_until(lambda: gauge(server, "exprjit_open_calls") == 0, 5, "the end of unread calls")
    assert gauge(server, "exprjit_columns_bytes") == 0
    check_it_works(server)
    client.close()


@pytest.mark.parametrize("method", ["ListFunctions", "GetServerInfo", "Explain", "Compile", "Evaluate"])
def test_a_drain_does_not_wait_for_who_does_not_read(start, method):
    server = start("--max-call-ms=700", "--grace-ms=20000", "--metrics-port=auto")
    client = Http2(server.address)
    program = text("x + 1", {"x": F64})
    request = {
        "ListFunctions": b"",
        "GetServerInfo": b"",
        "Explain": _messages.ExplainRequest(program={"program": program}).SerializeToString(),
        "Compile": _messages.CompileRequest(program=program).SerializeToString(),
        "Evaluate": large_answer(),
    }[method]
    client.call(method, request)
    wait_until(lambda: gauge(server, "exprjit_open_calls") == 1, 5, "the call")
    begin = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begin < 6, "the grace of 20 s was waited for"
    client.close()


def stream_start():
    return _messages.EvaluateStreamRequest(start={"program": {"program": text("x + 1", {"x": F64})}})


def held_open(messages, gate):
    yield from messages
    gate.wait(20)


@pytest.mark.parametrize("begins", [False, True], ids=["nothing sent", "begun"])
def test_idle_streams_end(start, begins):
    server = start("--max-call-ms=800", "--stream-idle-ms=1200", "--metrics-port=auto", "--max-streams=2")
    gate, begin = threading.Event(), time.monotonic()
    calls = [Raw(server.address).stream(held_open([stream_start()] * begins, gate)) for _ in range(2)]
    wait_until(lambda: gauge(server, "exprjit_open_streams") == 2, 5, "the streams")
    full = failure_of(Raw(server.address).stream, iter([stream_start()]))
    assert full.detail.limit == "max-streams"
    for call in calls:
        failure = failure_of(lambda call=call: call)
        assert failure.status == "DEADLINE_EXCEEDED", failure
        assert ("stream-idle-ms" if begins else "StreamStart") in failure.message, failure
    assert (1.1 if begins else 0.7) < time.monotonic() - begin < 4
    gate.set()
    wait_until(lambda: gauge(server, "exprjit_open_streams") == 0, 5, "the end of the streams")
    assert [reply.WhichOneof("message") for reply in Raw(server.address).stream(iter([stream_start()]))] == ["started"]


def test_streams_in_use_are_not_idle(start):
    server = start("--max-call-ms=700", "--stream-idle-ms=700")
    one = _messages.EvaluateRequest.FromString(large_answer()).batch

    def requests():
        yield stream_start()
        for _ in range(5):
            time.sleep(0.4)
            yield _messages.EvaluateStreamRequest(batch=one)

    assert len(list(Raw(server.address).stream(requests()))) == 6


def test_unread_streams_end(start):
    server = start("--stream-idle-ms=800", "--metrics-port=auto")
    client = Http2(server.address)
    batch = _messages.EvaluateStreamRequest(batch=_messages.EvaluateRequest.FromString(large_answer()).batch)
    messages = [stream_start().SerializeToString()] + [batch.SerializeToString()] * 4
    for _ in range(4):
        client.call("EvaluateStream", *messages, end=False)
    wait_until(lambda: gauge(server, "exprjit_open_streams") == 4, 5, "the streams")
    wait_until(lambda: gauge(server, "exprjit_open_streams") == 0, 5, "their end")
    assert gauge(server, "exprjit_columns_bytes") == 0
    client.close()


def test_a_drain_ends_streams_with_nothing_under_way(start):
    server = start("--grace-ms=20000", "--metrics-port=auto")
    gate = threading.Event()
    calls = [Raw(server.address).stream(held_open(messages, gate)) for messages in ([], [stream_start()])]
    assert next(calls[1]).WhichOneof("message") == "started"
    wait_until(lambda: gauge(server, "exprjit_open_streams") == 2, 5, "the streams")
    begin = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begin < 5, "the grace of 20 s was waited for"
    for call in calls:
        failure = failure_of(lambda call=call: call)
        assert failure.status == "UNAVAILABLE" and failure.detail.retry_after_ms > 0, failure
    gate.set()
