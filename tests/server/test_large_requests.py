# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests at and beyond the limits of sizes: refused by a limit's name, before they take memory."""

import pytest

from conftest import Raw, failure_of, gauge, text, wait_until
from exprjit.remote import _messages
from http2 import Http2

F64 = 5
KIB, MIB = 1 << 10, 1 << 20
PROGRAM = {"program": text("x + 1", {"x": F64})}


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def nested(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


MANY_PARAMETERS = b"\x1a\x00" * 500_000  # two bytes each; as objects 60 MB
PLACES = {
    "Compile": lambda program: nested(1, program),
    "Explain": lambda program: nested(1, nested(2, program)),
    "Evaluate": lambda program: nested(1, nested(2, program)),
}


@pytest.mark.parametrize("method", PLACES)
def test_parameters_are_counted_before_they_are_made(start, method):
    server = start("--max-ir-bytes=4M")
    raw = Raw(server.address)
    raw.GetServerInfo()
    before = server.memory_bytes()
    failure = failure_of(getattr(raw, method), PLACES[method](nested(1, b"x") + MANY_PARAMETERS))
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "max-columns", failure
    assert "max-columns" in failure.message and "256" in failure.message
    assert server.memory_bytes() - before < 16 * MIB
    # In pieces, which protobuf merges.
    pieces = b"".join(PLACES[method](b"\x1a\x00" * 100) for _ in range(3))
    assert method == "Evaluate" or failure_of(getattr(raw, method), pieces).detail.limit == "max-columns"


@pytest.mark.parametrize("method", PLACES)
def test_programs_beyond_their_limits_say_so(server, method):
    raw = Raw(server.address)
    for part, limit, most in ((1, "max-text-bytes", 64 * KIB), (2, "max-ir-bytes", MIB)):
        failure = failure_of(getattr(raw, method), PLACES[method](nested(part, b" " * (most + 1))))
        assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == limit, failure
        assert limit in failure.message and str(most + 1) in failure.message and str(most) in failure.message
    # Neither text nor IR nor parameters: fields of nobody.
    junk = failure_of(getattr(raw, method), PLACES[method](b"\x7a\x00" * MIB))
    assert junk.status == "RESOURCE_EXHAUSTED" and junk.detail.limit == "max-ir-bytes", junk


def batch_request(size, name="x"):
    column = {"name": name, "dtype": F64, "length": size // 8, "data": bytes(size)}
    return {"program": PROGRAM, "batch": {"rows": size // 8, "columns": [column]}}


def test_messages_beyond_the_limit_say_so(start):
    server = start("--max-message-bytes=1M", "--max-text-bytes=4K")
    raw = Raw(server.address)
    assert raw.Evaluate(**batch_request(MIB - 4 * KIB)).batch.rows == (MIB - 4 * KIB) // 8
    start_stream = _messages.EvaluateStreamRequest(start={"program": PROGRAM})
    for size in (MIB, MIB + 32 * KIB, MIB + 100 * KIB, 2 * MIB):
        failure = failure_of(raw.Evaluate, **batch_request(size))
        assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail, failure
        assert failure.detail.limit == "max-message-bytes" and "1048576" in failure.message, failure
        batch = _messages.EvaluateStreamRequest(batch=batch_request(size)["batch"])
        failure = failure_of(raw.stream, iter([start_stream, batch]))
        assert failure.detail.limit == "max-message-bytes" and "1048576" in failure.message, failure
    failure = failure_of(raw.Evaluate, **batch_request(8, name="n" * 5000))
    assert failure.detail.limit == "max-text-bytes" and "name of a column" in failure.message, failure
    for method in ("Compile", "Explain"):
        failure = failure_of(getattr(raw, method), nested(15, bytes(2 * MIB)))
        assert failure.detail.limit == "max-message-bytes", failure
    failure = failure_of(raw.GetServerInfo, nested(15, bytes(5000)))
    assert failure.status == "INVALID_ARGUMENT" and "empty" in failure.message


def test_a_column_holds_its_data_once(server):
    raw = Raw(server.address)
    data = nested(4, bytes(8))
    reference = nested(1, _messages.ProgramRef(**PROGRAM).SerializeToString())
    for fields in (data + data, data + nested(4, b""), data + nested(5, b"\1") + nested(5, b"\1")):
        column = nested(1, b"x") + b"\x10\x05\x18\x01" + fields
        failure = failure_of(raw.Evaluate, reference + nested(2, b"\x08\x01" + nested(2, column)))
        assert failure.status == "INVALID_ARGUMENT" and "twice" in failure.message, failure
    many = nested(1, b"x") + b"\x10\x05\x18\x01" + b"\x22\x00" * 100_000
    before = server.memory_bytes()
    assert failure_of(raw.Evaluate, reference + nested(2, b"\x08\x01" + nested(2, many))).status == "INVALID_ARGUMENT"
    assert server.memory_bytes() - before < 4 * MIB


def test_a_call_that_never_fits_is_not_told_to_come_again(start):
    server = start("--max-memory-bytes=4M", "--max-message-bytes=16M")
    raw = Raw(server.address)
    broadcast = {"name": "x", "dtype": F64, "length": 1, "data": bytes(8)}
    for rows, request in (
        ("the message", batch_request(5 * MIB)),
        ("the columns and the message", batch_request(3 * MIB)),
        ("the answer", {"program": PROGRAM, "batch": {"rows": 600_000, "columns": [broadcast]}}),
        ("all together", batch_request(3 * MIB // 2)),
    ):
        failure = failure_of(raw.Evaluate, **request)
        assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "max-memory-bytes", (rows, failure)
        assert "this call alone" in failure.message and str(4 * MIB) in failure.message, (rows, failure)
        assert failure.detail.retry_after_ms == 0, rows
    start_stream = _messages.EvaluateStreamRequest(start={"program": PROGRAM})
    batch = _messages.EvaluateStreamRequest(batch=batch_request(3 * MIB)["batch"])
    failure = failure_of(raw.stream, iter([start_stream, batch]))
    assert "this call alone" in failure.message and failure.detail.retry_after_ms == 0
    assert raw.Evaluate(**batch_request(MIB)).batch.rows == MIB // 8


def test_a_call_that_does_not_fit_now_may_come_again(start):
    server = start("--max-memory-bytes=4M", "--max-call-ms=5000", "--metrics-port=auto")
    unread = Http2(server.address)
    request = _messages.EvaluateRequest(**batch_request(8))
    request.batch.rows = 400_000
    unread.call("Evaluate", request.SerializeToString())
    wait_until(lambda: gauge(server, "exprjit_columns_bytes") > 3_000_000, 5, "the answer that nobody reads")
    failure = failure_of(Raw(server.address).Evaluate, **batch_request(MIB // 2))
    assert "all calls together" in failure.message and failure.detail.retry_after_ms > 0, failure
    unread.close()


def test_the_limit_is_not_read_in_the_users_text(start):
    server = start("--max-nodes=16")
    source = "+".join(f"sin(max_nesting + max_text_bytes + {i})" for i in range(100))
    failure = failure_of(Raw(server.address).Compile, program=text(source))
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "max-nodes", failure


@pytest.mark.parametrize("size", ["4K", "32K", "64K", "8M"])
def test_explain_under_every_message_limit(start, size):
    server = start(f"--max-message-bytes={size}", "--threads=1")
    raw = Raw(server.address)
    assert "mul" in raw.Explain(program={"program": text("x * 2", {"x": F64})}, what=0).text
    long = "+".join(f"x * {i}.5" for i in range(200))
    call = {"program": {"program": text(long, {"x": F64})}, "what": 0}
    if size == "8M":
        assert len(raw.Explain(**call).text) > 4 * KIB
    elif size == "4K":
        failure = failure_of(raw.Explain, **call)
        assert failure.detail.limit == "max-message-bytes" and failure.status == "RESOURCE_EXHAUSTED", failure


def test_explain_assembly_of_reductions(server):
    raw = Raw(server.address)
    for source in ("sum(x * k)", "x - mean(x)"):
        program = {"program": text(source, {name: F64 for name in "xk" if name in source})}
        listing = raw.Explain(program=program, what=2).text
        assert "mov" in listing and len(listing) > 100, source
    failure = failure_of(raw.Explain, program=PROGRAM, what=0, **{"pass": "vectorize"})
    assert failure.status == "INVALID_ARGUMENT" and "OPTIMISED_IR" in failure.message, failure
    assert raw.Explain(program=PROGRAM, what=1, **{"pass": "vectorize"}).text
