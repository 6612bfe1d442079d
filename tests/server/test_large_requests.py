# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests at and beyond the limits of sizes: refused by a limit's name, before they take memory."""

import pytest

from conftest import Raw, failure_of, text
from exprjit.remote import _messages

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
