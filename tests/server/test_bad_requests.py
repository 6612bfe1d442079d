# SPDX-License-Identifier: MIT OR Apache-2.0
"""Requests that are wrong in every way there is, and texts that mean harm: a clear status; the server goes on."""

import random
import struct
import time

import pytest

from conftest import Raw, failure_of, text
from exprjit.remote import _messages

BOOL, I32, I64, F32, F64, I8, I16, U8, U16, U32, F16, U64 = range(1, 13)
PROGRAM = {"program": text("a + b", {"a": F64, "b": F64})}


TWO = struct.pack("<2d", 1, 2)


def column(name="a", dtype=F64, length=2, data=TWO, **more):
    return {"name": name, "dtype": dtype, "length": length, "data": data, **more}


def batch(*columns, rows=2):
    return {"rows": rows, "columns": columns}


GOOD = column("b")
WRONG_BATCHES = {
    "a column is missing": (batch(GOOD), "'a'"),
    "a column nobody asked for": (batch(column("a"), GOOD, column("c")), "'c'"),
    "a column twice": (batch(column("a"), column("a"), GOOD), "'a'"),
    "names for some": (batch(column("a"), column("")), "name"),
    "too few by position": (batch(column("")), "2 columns"),
    "too many by position": (batch(column(""), column(""), column("")), "3"),
    "no columns": (batch(), "2 columns"),
    "no dtype": (batch(column(dtype=0), GOOD), "dtype"),
    "an unknown dtype": (batch(column(dtype=77), GOOD), "77"),
    "a negative dtype": (batch(column(dtype=-1), GOOD), "dtype"),
    "a dtype the parameter does not take": (batch(column(dtype=U8, data=b"ab"), GOOD), None),
    "lengths that disagree": (batch(column(length=3, data=bytes(24)), GOOD), "length 3"),
    "length zero": (batch(column(length=0, data=b""), GOOD), "length 0"),
    "a negative length": (batch(column(length=-2), GOOD), "-2"),
    "a huge length": (batch(column(length=2**62), GOOD), str(2**62)),
    "a byte too few": (batch(column(data=bytes(15)), GOOD), "15 bytes"),
    "a byte too many": (batch(column(data=bytes(17)), GOOD), "17 bytes"),
    "no data": (batch(column(data=b""), GOOD), "0 bytes"),
    "validity too short": (batch({**column(length=9, data=bytes(72)), "validity": b"\1"}, GOOD, rows=9), "validity"),
    "validity too long": (batch(column(validity=b"\1\1"), GOOD), "validity"),
    "negative rows": (batch(column(), GOOD, rows=-1), "-1"),
    "rows that overflow": (
        batch(column(length=1, data=bytes(8)), column("b", length=1, data=bytes(8)), rows=2**63 - 1),
        "max-rows",
    ),
    "rows beyond the limit": (
        batch(column(length=1, data=bytes(8)), column("b", length=1, data=bytes(8)), rows=2**40),
        "max-rows",
    ),
}


@pytest.mark.parametrize("name", WRONG_BATCHES)
def test_wrong_batches(raw, name):
    wrong, word = WRONG_BATCHES[name]
    if word is None:  # narrow types widen where nothing is lost; whether this pair does is the engine's to say
        found = raw.Evaluate(program=PROGRAM, batch=wrong).batch.columns[0]
        assert struct.unpack("<2d", found.data) == (1.0 + 97, 2.0 + 98)
        return
    failure = failure_of(raw.Evaluate, program=PROGRAM, batch=wrong)
    assert failure.status == ("RESOURCE_EXHAUSTED" if word == "max-rows" else "INVALID_ARGUMENT"), failure
    assert word in failure.message, failure
    assert failure.detail is not None and (failure.detail.limit == "max-rows") == (word == "max-rows")
    # The same as the first batch of a stream.
    start = _messages.EvaluateStreamRequest(start={"program": PROGRAM})
    streamed = failure_of(raw.stream, iter([start, _messages.EvaluateStreamRequest(batch=wrong)]))
    assert streamed.status == failure.status and word in streamed.message


def test_programs_that_are_none(raw):
    good = batch(column(), GOOD)
    assert failure_of(raw.Evaluate, program=None, batch=good).status == "INVALID_ARGUMENT"
    assert failure_of(raw.Evaluate, program={}, batch=good).status == "INVALID_ARGUMENT"
    assert failure_of(raw.Evaluate, program={"program": {}}, batch=good).status == "INVALID_ARGUMENT"
    assert failure_of(raw.Evaluate, program={"handle": b"x" * 32}, batch=good).status == "NOT_FOUND"
    assert failure_of(raw.Evaluate, program={"handle": b"short"}, batch=good).status in (
        "INVALID_ARGUMENT",
        "NOT_FOUND",
    )
    assert failure_of(raw.Compile).status == "INVALID_ARGUMENT"
    assert failure_of(raw.Compile, program={"ir": b""}).status == "INVALID_ARGUMENT"
    for options in ({"div_mode": 9}, {"caret": -3}, {"accuracy": 77}, {"result_type": 50}):
        failure = failure_of(raw.Compile, program=text("a", {"a": F64}, **options))
        assert failure.status == "INVALID_ARGUMENT", options
    assert failure_of(raw.Compile, program=text("a", {"a": 99})).status == "INVALID_ARGUMENT"
    assert failure_of(raw.Explain, program={}, what=0).status == "INVALID_ARGUMENT"
    assert failure_of(raw.Explain, program=PROGRAM, what=9).status == "INVALID_ARGUMENT"


def test_streams_in_the_wrong_order(raw):
    start = _messages.EvaluateStreamRequest(start={"program": PROGRAM})
    good = _messages.EvaluateStreamRequest(batch=batch(column(), GOOD))
    for requests in ([good], [start, start], [start, good, start], [], [_messages.EvaluateStreamRequest()]):
        assert failure_of(raw.stream, iter(requests)).status == "INVALID_ARGUMENT"


TEXTS = {
    "unfinished": ("a + (b", "INVALID_ARGUMENT", "syntax error", (4, 5)),
    "an unknown name": ("a + nowhere", "INVALID_ARGUMENT", "unknown name", (4, 11)),
    "an unknown function": ("launch(a)", "INVALID_ARGUMENT", "unknown name", (0, 6)),
    "types": ("a & 1.5", "INVALID_ARGUMENT", "type error", None),
    "other alphabets before it": ("'ñ' + a", "INVALID_ARGUMENT", "syntax error", None),
    "an integer that does not fit": ("10**20", "INVALID_ARGUMENT", None, None),
    "nothing": ("", "INVALID_ARGUMENT", "syntax error", None),
}


@pytest.mark.parametrize("name", TEXTS)
def test_wrong_texts_have_places(raw, name):
    source, status, kind, span = TEXTS[name]
    failure = failure_of(raw.Compile, program=text(source, {"a": F64}))
    assert failure.status == status and failure.detail is not None
    first = failure.detail.diagnostics[0]
    if kind is not None:
        assert failure.detail.status == kind
    if span is not None:
        assert (first.begin, first.end) == span or (first.begin == span[0] and first.end >= span[1]), first
        assert "^" in failure.detail.rendered
    assert first.code.startswith("EJ") and first.message and len(failure.message) < 1100


HOSTILE = {
    "deep parentheses": "(" * 30_000 + "a" + ")" * 30_000,
    "deep calls": "sin(" * 12_000 + "a" + ")" * 12_000,
    "deep minus": "-" * 60_000 + "a",
    "deep not": "not " * 15_000 + "a",
    "deep ternaries": "a if a else (" * 4000 + "a" + ")" * 4000,
    "a long sum": "+".join(["a"] * 30_000),
    "a tower of powers": "**".join(["a"] * 30_000),
    "huge powers": "a ** 99999999999999999999999999",
    "a huge constant power": "9 ** 9 ** 9 ** 9",
    "a number beyond all": "a + 1" + "0" * 50_000,
    "1e99999": "a + 1e99999",
    "a tiny number": "a + 0." + "0" * 50_000 + "1",
    "many assignments": "".join(f"v{i} = a + {i};" for i in range(5000)),
    "doubling": "x0 = a + a;" + "".join(f"x{i + 1} = x{i} * x{i};" for i in range(60)) + "x60",
    "many names": " + ".join(f"n{i}" for i in range(9000)),
    "one long name": "n" * 65_000,
    "open backquote": "`" * 3 + "a" * 1000,
    "control characters": "a + \x00\x01\x1b[31m",
    "right to left": "a + \u202e b",
    "pasted code": "__import__('os').system('true')",
    "a wide min": "min(" + ",".join(["a"] * 20_000) + ")",
    "over the limit": "a" + " " * 70_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(raw, name):
    source = HOSTILE[name]
    begin = time.monotonic()
    try:
        # Either it is refused, or it compiles within the limits and can be run.
        handle = raw.Compile(program=text(source, {"a": F64})).handle
        one = {"rows": 1, "columns": [{"name": "a", "dtype": F64, "length": 1, "data": struct.pack("<d", 0.5)}]}
        reply = raw.Evaluate(program={"handle": handle}, batch=one)
        assert all(found.length == 1 for found in reply.batch.columns)
    except Exception:
        failure = failure_of(raw.Compile, program=text(source, {"a": F64}))
        assert failure.status in ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"), failure
        assert failure.detail is not None and failure.message and len(failure.message) <= 1100
        assert "\x1b" not in failure.message
    assert time.monotonic() - begin < 5, "a text of 64 KiB must not keep the server busy"


def test_a_million_names(start):
    server = start("--max-text-bytes=16M", "--max-message-bytes=64M")
    source = "+".join(f"n{i}" for i in range(1_000_000))
    begin = time.monotonic()
    failure = failure_of(Raw(server.address).Compile, program=text(source), timeout=60)
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit, failure
    assert time.monotonic() - begin < 20 and server.process.poll() is None


def test_limits_say_their_name(raw):
    failure = failure_of(raw.Compile, program=text("a" + " " * 70_000, {"a": F64}))
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "max-text-bytes"
    assert "max-text-bytes" in failure.message and "65536" in failure.message
    wide = {f"c{i}": F64 for i in range(300)}
    failure = failure_of(raw.Compile, program=text("c0", wide))
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "max-columns"


def test_rows_that_fail_are_named(raw):
    program = {"program": text("a // b", {"a": I64, "b": I64})}
    columns = [
        {"name": n, "dtype": I64, "length": 5, "data": struct.pack("<5q", *v)}
        for n, v in (("a", range(5)), ("b", (1, 1, 1, 0, 0)))
    ]
    failure = failure_of(raw.Evaluate, program=program, batch={"rows": 5, "columns": columns})
    assert failure.status == "FAILED_PRECONDITION" and failure.detail.row == 3
    assert failure.detail.status == "division by zero"
    start = _messages.EvaluateStreamRequest(start={"program": program})
    one = {"rows": 1, "columns": [{"name": n, "dtype": I64, "length": 1, "data": struct.pack("<q", 1)} for n in "ab"]}
    requests = [start, *[_messages.EvaluateStreamRequest(batch=one)] * 7]
    requests.append(_messages.EvaluateStreamRequest(batch={"rows": 5, "columns": columns}))
    assert failure_of(raw.stream, iter(requests)).detail.row == 7 + 3


# ---- Bytes that are no messages --------------------------------------------------------------------------------------


def test_random_bytes_as_ir(raw):
    rng = random.Random(20)
    for size in [0, 1, 3, 4, 7, 8, 15, 16, 64, 1000] * 8:
        failure = failure_of(raw.Compile, program={"ir": rng.randbytes(size)})
        assert failure.status in ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"), failure


def test_random_bytes_as_messages(raw):
    rng = random.Random(21)
    good = _messages.EvaluateRequest(program=PROGRAM, batch=batch(column(), GOOD)).SerializeToString()
    refused = 0
    for turn in range(600):
        if turn % 3 == 0:
            raw_bytes = rng.randbytes(rng.randrange(200))
        elif turn % 3 == 1:
            raw_bytes = good[: rng.randrange(len(good))]
        else:
            mutable = bytearray(good)
            for _ in range(rng.randrange(1, 6)):
                mutable[rng.randrange(len(mutable))] = rng.randrange(256)
            raw_bytes = bytes(mutable)
        for method in ("Evaluate", "Compile", "Explain"):
            try:
                getattr(raw, method)(raw_bytes)
            except Exception as error:
                refused += 1
                # Compile and Explain are read by gRPC itself, which says UNIMPLEMENTED of what is no protobuf.
                assert error.code().name in (
                    "INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED", "FAILED_PRECONDITION"
                ), error  # fmt: skip
    assert refused > 1000
    assert raw.GetServerInfo().workers == 2


def test_random_bytes_in_streams(raw):
    rng = random.Random(22)
    start = _messages.EvaluateStreamRequest(start={"program": PROGRAM}).SerializeToString()
    good = _messages.EvaluateStreamRequest(batch=batch(column(), GOOD)).SerializeToString()
    for _ in range(150):
        requests = [start, good, rng.randbytes(rng.randrange(1, 300)), good]
        if rng.random() < 0.3:
            requests = requests[2:]
        try:
            list(raw.stream(iter(requests)))
        except Exception as error:
            assert error.code().name in ("INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED"), error
    assert raw.GetServerInfo().workers == 2


def test_lengths_that_lie(raw):
    """Fields that claim more bytes than there are, up to 4 GiB: refused without taking the memory."""
    before = raw.GetServerInfo().kernels
    for claim in (0x7FFFFFFF, 0xFFFFFFFF, 2**31, 2**40, 2**63):
        varint = b""
        rest = claim
        while rest >= 0x80:
            varint += bytes([rest & 0x7F | 0x80])
            rest >>= 7
        varint += bytes([rest])
        for prefix in (b"\x0a", b"\x12", b"\x12\x06\x12\x04\x22"):
            failure = failure_of(raw.Evaluate, prefix + varint + b"abc")
            assert failure.status in ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"), failure
    assert raw.GetServerInfo().kernels >= before


def test_a_message_beyond_the_limit(raw):
    failure = failure_of(raw.Evaluate, program=PROGRAM, batch=batch(column(length=2, data=bytes(9 << 20)), GOOD))
    assert failure.status == "RESOURCE_EXHAUSTED"


def test_an_answer_beyond_the_limit(raw):
    """Columns of one value for all rows are small; what comes of them is not."""
    rows = 4 << 20
    small = [{"name": n, "dtype": F64, "length": 1, "data": bytes(8)} for n in "ab"]
    failure = failure_of(raw.Evaluate, program=PROGRAM, batch={"rows": rows, "columns": small})
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "max-message-bytes", failure


def test_unknown_methods(raw):
    import grpc

    for path in ("/exprjit.v1.Exprjit/Nothing", "/other.Service/Call", "/"):
        with pytest.raises(grpc.RpcError) as caught:
            raw.channel.unary_unary(path)(b"", timeout=10)
        assert caught.value.code() in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL)
