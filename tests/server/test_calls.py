# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every call of the service, as exprjit.proto describes it."""

import struct

import grpc
import numpy as np
import pytest

from conftest import failure_of, text
from exprjit.remote import _messages

F64, I64, BOOL = 5, 3, 1


def doubles(*values):
    return struct.pack(f"<{len(values)}d", *values)


def column(name, *values):
    return {"name": name, "dtype": F64, "length": len(values), "data": doubles(*values)}


def test_compile_gives_handle_and_signature(raw):
    reply = raw.Compile(program=text("a * b + 1", {"a": F64, "b": I64}))
    assert len(reply.handle) == 32
    assert reply.signature.text == "(a: f64, b: i64) -> f64"
    assert [(item.name, item.dtype) for item in reply.signature.parameters] == [("a", F64), ("b", I64)]
    assert [(item.name, item.dtype, item.reduced) for item in reply.signature.outputs] == [("", F64, False)]
    assert reply.info.code_bytes > 0 and reply.info.isa in ("v2", "v3", "v4") and reply.info.tier


def test_handles_name_programs(raw):
    one = raw.Compile(program=text("u0 * 2 + 1", {"u0": F64}))
    again = raw.Compile(program=text("u0 * 2 + 1", {"u0": F64}))
    spaced = raw.Compile(program=text("  u0*2   + 1 ", {"u0": F64}))
    assert not one.info.cached and again.info.cached
    assert one.handle == again.handle == spaced.handle
    others = [
        text("u0 * 2 + 2", {"u0": F64}),
        text("u0 * 2 + 1", {"u0": I64}),
        text("u0 * 2 + 1", {"u0": F64, "other": F64}),
        text("u0 * 2 + 1", {"u0": F64}, accuracy=1),
        text("u0 * 2 + 1", {"u0": F64}, contract=True),
    ]
    handles = {raw.Compile(program=other).handle for other in others}
    assert len(handles) == len(others) and one.handle not in handles


def test_evaluate_by_text_and_by_handle(raw):
    program = text("a * 2 + b", {"a": F64, "b": F64})
    batch = {"rows": 3, "columns": [column("a", 1, 2, 3), column("b", 10)]}
    by_text = raw.Evaluate(program={"program": program}, batch=batch)
    by_handle = raw.Evaluate(program={"handle": by_text.handle}, batch=batch)
    for reply in (by_text, by_handle):
        assert reply.batch.rows == 3 and len(reply.batch.columns) == 1
        found = reply.batch.columns[0]
        assert (found.name, found.dtype, found.length, found.validity) == ("", F64, 3, b"")
        assert struct.unpack("<3d", found.data) == (12, 14, 16)
        assert reply.info.run_ns > 0 and reply.info.queue_ns >= 0
    assert by_handle.info.compile_ns == 0


def test_columns_by_position_and_in_any_order(raw):
    program = {"program": text("a - b", {"a": F64, "b": F64})}
    swapped = {"rows": 2, "columns": [column("b", 1, 2), column("a", 5, 7)]}
    nameless = {"rows": 2, "columns": [column("", 5, 7), column("", 1, 2)]}
    for batch in (swapped, nameless):
        assert struct.unpack("<2d", raw.Evaluate(program=program, batch=batch).batch.columns[0].data) == (4, 5)


def test_several_outputs_and_reductions(raw):
    batch = {"rows": 4, "columns": [column("x", 1, 2, 3, 4)]}
    reply = raw.Evaluate(program={"program": text("total = sum(x); share = x / sum(x)", {"x": F64})}, batch=batch)
    assert [(item.name, item.length) for item in reply.batch.columns] == [("total", 1), ("share", 4)]
    assert struct.unpack("<d", reply.batch.columns[0].data) == (10,)


def test_validity_in_and_out(raw):
    batch = {"rows": 9, "columns": [{**column("x", *range(9)), "validity": bytes([0b11111101, 0b0])}]}
    found = raw.Evaluate(program={"program": text("x + 1", {"x": F64})}, batch=batch).batch.columns[0]
    assert found.validity[0] == 0b11111101 and found.validity[1] & 1 == 0
    whole = raw.Evaluate(program={"program": text("coalesce(x, -1)", {"x": F64})}, batch=batch).batch.columns[0]
    assert struct.unpack("<9d", whole.data) == (0, -1, 2, 3, 4, 5, 6, 7, -1)


def test_a_program_without_columns(raw):
    reply = raw.Evaluate(program={"program": text("2 ** 0.5", {})}, batch={"rows": 1})
    assert struct.unpack("<d", reply.batch.columns[0].data) == (2**0.5,)


def stream_of(program, *batches):
    yield _messages.EvaluateStreamRequest(start={"program": {"program": program}})
    for batch in batches:
        yield _messages.EvaluateStreamRequest(batch=batch)


def test_stream_answers_batch_for_batch(raw):
    batches = [{"rows": n, "columns": [column("x", *range(n))]} for n in (3, 0, 1, 70, 2)]
    first, *answers = raw.stream(stream_of(text("x * x", {"x": F64}), *batches))
    assert len(first.started.handle) == 32 and first.started.max_batches_in_flight >= 1
    assert first.started.signature.text == "(x: f64) -> f64"
    assert [answer.batch.rows for answer in answers] == [3, 0, 1, 70, 2]
    for answer in answers:
        rows = answer.batch.rows
        assert struct.unpack(f"<{rows}d", answer.batch.columns[0].data) == tuple(float(i * i) for i in range(rows))


def test_stream_of_a_reduction_answers_once(raw):
    values = np.random.default_rng(1).normal(size=100_000) * 1e6
    whole = {
        "rows": len(values),
        "columns": [{"name": "x", "dtype": F64, "length": len(values), "data": values.tobytes()}],
    }
    program = text("s = sum(x); m = mean(x); v = var(x)", {"x": F64})
    expected = raw.Evaluate(program={"program": program}, batch=whole).batch
    for cuts in ([], [1], [4096, 5000, 5001, 99_999], list(range(0, 100_000, 777))):
        edges = [0, *cuts, len(values)]
        pieces = [
            {"rows": b - a, "columns": [{"name": "x", "dtype": F64, "length": b - a, "data": values[a:b].tobytes()}]}
            for a, b in zip(edges, edges[1:], strict=False)
        ]
        first, last = raw.stream(stream_of(program, *pieces))
        assert all(output.reduced for output in first.started.signature.outputs)
        assert last.batch.rows == len(values)
        assert [item.data for item in last.batch.columns] == [item.data for item in expected.columns]


@pytest.mark.parametrize("program", ["x - mean(x)", "s = sum(x); y = x", "sum(abs(x - mean(x)))"])
def test_what_needs_all_rows_at_once_is_refused_by_the_stream(raw, program):
    batch = {"rows": 2, "columns": [column("x", 1, 2)]}
    failure = failure_of(raw.stream, stream_of(text(program, {"x": F64}), batch))
    assert failure.status == "INVALID_ARGUMENT" and "Evaluate" in failure.message


def test_explain(raw):
    program = {"program": text("a * b + 1", {"a": F64, "b": F64})}
    assert "mul" in raw.Explain(program=program, what=0).text
    assert raw.Explain(program=program, what=1).text
    assert raw.Explain(program=program, what=1, **{"pass": "cse"}).text
    assembly = raw.Explain(program=program, what=2)
    assert "ret" in assembly.text and assembly.signature.text == "(a: f64, b: f64) -> f64"
    handle = raw.Compile(program=program["program"]).handle
    assert raw.Explain(program={"handle": handle}, what=0).text
    assert failure_of(raw.Explain, program=program, what=1, **{"pass": "nonsense"}).status == "INVALID_ARGUMENT"


def test_list_functions(raw):
    reply = raw.ListFunctions()
    names = {function.name: function for function in reply.functions}
    assert names["atan2"].parameters == "y, x" and "arctan2" in names["atan2"].aliases and names["pi"].constant
    assert {"add", "mul"} <= {operation.name for operation in reply.operations}


def test_server_info(raw):
    reply = raw.GetServerInfo()
    limits = {limit.name: (limit.value, limit.unit) for limit in reply.limits}
    assert limits["max-text-bytes"] == (65_536, "bytes") and limits["max-nodes"][1] == "nodes"
    assert reply.workers == 2 and reply.version and reply.isa and not reply.draining and reply.uptime_ms > 0


def test_health(raw):
    check = raw.channel.unary_unary("/grpc.health.v1.Health/Check")
    assert check(b"") == b"\x08\x01"
    name = b"exprjit.v1.Exprjit"
    assert check(b"\x0a" + bytes([len(name)]) + name) == b"\x08\x01"
    with pytest.raises(grpc.RpcError) as caught:
        check(b"\x0a\x04none")
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_lists_the_service(raw, start):
    # ServerReflectionRequest.list_services is field 7; the answer holds the names as they are.
    path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    (answer,) = raw.channel.stream_stream(path)(iter([b"\x3a\x01*"]), timeout=20)
    assert b"exprjit.v1.Exprjit" in answer
    from conftest import Raw

    closed = start("--reflection=off")
    with pytest.raises(grpc.RpcError) as caught:
        list(Raw(closed.address).channel.stream_stream(path)(iter([b"\x3a\x01*"]), timeout=20))
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_metrics_and_healthz(server, raw):
    raw.Evaluate(program={"program": text("1 + 1", {})}, batch={"rows": 1})
    status, page = server.http("/metrics")
    assert status == 200
    for name in (
        "exprjit_calls_total",
        "exprjit_rows_total",
        "exprjit_run_seconds_bucket",
        "exprjit_compile_seconds_count",
    ):
        assert name in page, name
    assert 'method="Evaluate"' in page
    assert server.http("/healthz") == (200, "serving\n")
    assert server.http("/nothing")[0] == 404


def test_every_address_of_the_server_answers(server):
    from conftest import Raw

    assert len(server.addresses) == 2
    for address in server.addresses:
        assert Raw(address).GetServerInfo().workers == 2
