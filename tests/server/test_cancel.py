# SPDX-License-Identifier: MIT OR Apache-2.0
"""Cancellation and deadlines: in the middle of kernels, in the queue, in streams, and at any moment."""

import random
import struct
import threading
import time

import grpc
import pytest

from conftest import LONG_FLAGS, LONG_TEXT, LOOP_IR, Raw, failure_of, ir_bytes, long_batch, text, wait_until
from exprjit.remote import Client, _messages

F64 = 5
LONG = {"program": text(LONG_TEXT, {"x": F64})}


@pytest.fixture(scope="module")
def patient(request, socket_folder):
    """A server that lets kernels run for minutes."""
    from conftest import Server

    server = Server(["--threads=2", "--metrics-port=off", *LONG_FLAGS], [f"unix:{socket_folder}/patient.sock"])
    yield server
    assert server.process.poll() is None, "".join(server.log)
    check_it_works(server)
    assert server.stop() == 0


def evaluate_future(raw, timeout=100, kind="rows"):
    """A call that would take minutes: very many rows, or one row of a loop."""
    program, batch = LONG, long_batch()
    if kind == "loop":
        columns = [
            {"dtype": F64, "length": 1, "data": bytes(8)},
            {"dtype": 3, "length": 1, "data": struct.pack("<q", 10**13)},
        ]
        program, batch = {"program": {"ir": ir_bytes(LOOP_IR)}}, {"rows": 1, "columns": columns}
    call = raw.channel.unary_unary(
        f"/{_messages.SERVICE}/Evaluate", response_deserializer=_messages.EvaluateReply.FromString
    )
    return call.future(_messages.EvaluateRequest(program=program, batch=batch).SerializeToString(), timeout=timeout)


def check_it_works(server):
    with Client(server.address) as client:
        assert client.evaluate("sum(x * k)", x=[1.0, 2.0, 3.0], k=4) == 24


def wait_for_the_kernel(server, since):
    """Until a kernel runs: compiling and everything else takes no such time."""
    wait_until(lambda: server.cpu_seconds() - since > 0.05, 20, "the kernel")


def idle_after(server, seconds):
    """The server uses no CPU any more, `seconds` after now. Ticks are 10 ms, and the machine may have other things to
    do, so some more time is looked at."""
    time.sleep(seconds)
    begin = server.cpu_seconds()
    time.sleep(0.3)
    return server.cpu_seconds() - begin <= 0.02


@pytest.mark.parametrize("end", ["cancel", "deadline", "channel closed"])
@pytest.mark.parametrize("kind", ["rows", "loop"])
def test_a_running_kernel_stops(patient, kind, end):
    raw, before = Raw(patient.address), patient.cpu_seconds()
    future = evaluate_future(raw, kind=kind, timeout=1.0 if end == "deadline" else 100)
    wait_for_the_kernel(patient, before)
    if end == "cancel":
        future.cancel()
    elif end == "deadline":
        with pytest.raises(grpc.RpcError) as caught:
            future.result()
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    else:
        raw.channel.close()
    assert idle_after(patient, 0.05), "the kernel still runs 50 ms after its call has ended"
    check_it_works(patient)


def test_the_servers_own_limit(start):
    server = start("--max-rows=30000000000", "--max-call-ms=300")
    begin = time.monotonic()
    failure = failure_of(Raw(server.address).Evaluate, program=LONG, batch=long_batch())
    assert failure.status == "DEADLINE_EXCEEDED" and "max-call-ms" in failure.message, failure
    assert time.monotonic() - begin < 3 and idle_after(server, 0.05)


def test_calls_in_the_queue_end_too(start):
    server = start("--threads=1", *LONG_FLAGS)
    raw, before = Raw(server.address), server.cpu_seconds()
    running = evaluate_future(raw)
    wait_for_the_kernel(server, before)
    waiting = [evaluate_future(raw) for _ in range(5)]
    begin = time.monotonic()
    failure = failure_of(raw.Evaluate, program={"program": text("1 + 1", {})}, batch={"rows": 1}, timeout=0.3)
    assert failure.status == "DEADLINE_EXCEEDED" and time.monotonic() - begin < 2
    for future in [*waiting, running]:
        future.cancel()
    check_it_works(server)
    assert idle_after(server, 0.05)


def test_a_full_queue_answers_at_once(start):
    server = start("--threads=1", "--queue=3", *LONG_FLAGS)
    raw, before = Raw(server.address), server.cpu_seconds()
    futures = [evaluate_future(raw)]
    wait_for_the_kernel(server, before)
    futures += [evaluate_future(raw) for _ in range(3)]
    time.sleep(0.1)
    begin = time.monotonic()
    failure = failure_of(raw.Evaluate, program={"program": text("1 + 1", {})}, batch={"rows": 1})
    assert failure.status == "RESOURCE_EXHAUSTED" and failure.detail.limit == "queue", failure
    assert failure.detail.retry_after_ms > 0 and time.monotonic() - begin < 0.5
    # A client that waits gets through once there is room.
    threading.Timer(0.3, lambda: [future.cancel() for future in futures]).start()
    check_it_works(server)
    # One that does not gets an exception that says so.
    before = server.cpu_seconds()
    futures = [evaluate_future(raw)]
    wait_for_the_kernel(server, before)
    futures += [evaluate_future(raw) for _ in range(3)]
    time.sleep(0.2)
    from exprjit.remote import BusyError

    with Client(server.address, retry_for=0) as impatient, pytest.raises(BusyError, match="queue"):
        impatient.compile("a + 1")
    for future in futures:
        future.cancel()


def test_streams_stop(patient):
    raw, before = Raw(patient.address), patient.cpu_seconds()
    gate = threading.Event()

    def requests():
        yield _messages.EvaluateStreamRequest(start={"program": LONG})
        yield _messages.EvaluateStreamRequest(batch=long_batch())
        gate.wait(20)

    call = raw.stream(requests(), timeout=100)
    assert next(call).WhichOneof("message") == "started"
    wait_for_the_kernel(patient, before)
    call.cancel()
    assert idle_after(patient, 0.05)
    gate.set()
    check_it_works(patient)


def test_cancel_at_any_moment(patient):
    """1,000 calls cancelled after random times: before they arrive, queued, compiling, running, answering. Whatever was
    not cancelled in time is right, and afterwards nothing runs."""
    rng = random.Random(7)
    raw = Raw(patient.address)
    values = struct.pack("<1000d", *range(1000))
    short = raw.channel.unary_unary(
        f"/{_messages.SERVICE}/Evaluate", response_deserializer=_messages.EvaluateReply.FromString
    )
    ended = cancelled = 0
    pending = []
    for turn in range(1000):
        if turn % 4 == 0:
            future = evaluate_future(raw)
        else:
            program = {"program": text(f"x * {turn} + 1", {"x": F64})}
            batch = {"rows": 1000, "columns": [{"name": "x", "dtype": F64, "length": 1000, "data": values}]}
            request = _messages.EvaluateRequest(program=program, batch=batch)
            future = short.future(request.SerializeToString(), timeout=60)
        pending.append((turn, future))
        time.sleep(rng.choice((0, 0, rng.uniform(0, 0.001), rng.uniform(0, 0.006))))
        while len(pending) > rng.randrange(4):
            at, old = pending.pop(rng.randrange(len(pending)))
            old.cancel()
            if old.cancelled():
                cancelled += 1
                continue
            ended += 1
            assert at % 4, "a kernel of minutes cannot have ended"
            found = struct.unpack("<1000d", old.result().batch.columns[0].data)
            assert found[:3] == (1.0, at + 1.0, 2 * at + 1.0) and found[999] == 999 * at + 1.0
    for _, future in pending:
        future.cancel()
    assert cancelled > 200 and ended > 50, (cancelled, ended)
    assert idle_after(patient, 0.05)


def test_deadlines_at_any_moment(patient):
    """1,000 deadlines of random lengths, some too short to arrive."""
    rng = random.Random(8)
    raw = Raw(patient.address)
    futures = []
    for turn in range(1000):
        futures.append(evaluate_future(raw, timeout=rng.uniform(0.0001, 0.01)))
        if turn % 20 == 19:
            for future in futures:
                assert future.exception().code() in (
                    grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED
                )  # fmt: skip
            futures.clear()
    assert idle_after(patient, 0.1)


def test_streams_dropped_at_any_moment(patient):
    rng = random.Random(9)
    raw = Raw(patient.address)
    column = {"name": "x", "dtype": F64, "length": 4096, "data": bytes(4096 * 8)}
    batch = _messages.EvaluateStreamRequest(batch={"rows": 4096, "columns": [column]})
    for turn in range(150):
        program = LONG if turn % 5 == 0 else {"program": text(f"x + {turn}", {"x": F64})}
        start = _messages.EvaluateStreamRequest(start={"program": program})
        last = _messages.EvaluateStreamRequest(batch=long_batch()) if turn % 5 == 0 else batch
        call = raw.stream(iter([start, *[batch] * rng.randrange(6), last]), timeout=60)
        for _ in range(rng.randrange(5) if turn % 5 else 0):
            if next(call, None) is None:
                break
        time.sleep(rng.uniform(0, 0.003))
        call.cancel()
    assert idle_after(patient, 0.1)
