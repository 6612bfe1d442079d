# SPDX-License-Identifier: MIT OR Apache-2.0
"""Clients that do not read their answers hold memory and streams for the time of a call, not for ever."""

import re
import time

import pytest

from conftest import Raw, text, wait_until
from exprjit.remote import _messages
from http2 import Http2

F64 = 5
ROWS = 200_000


def gauge(server, name):
    return float(re.search(rf"^{name} (\S+)$", server.http("/metrics")[1], re.MULTILINE).group(1))


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
