# SPDX-License-Identifier: MIT OR Apache-2.0
"""Starting, ending, and everything around: drain under load, replicas that die, storms of connections, slow readers."""

import contextlib
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest

import exprjit as ej
from conftest import LONG_FLAGS, LONG_TEXT, ROOT, Raw, failure_of, log_events, long_batch, text, wait_until
from exprjit.remote import Client, UnavailableError, _messages

F64 = 5


def test_the_start_up_line(start):
    server = start("--metrics-port=auto")
    line = server.line.strip()
    assert line.startswith(
        f"exprjit-server {ej.__version__} listening on {server.address}; authentication: none; TLS off; limits: "
    )
    for word in (
        "text 64 KiB",
        "8192 nodes",
        "message 8 MiB",
        "queue",
        "connections",
        "workers",
        "metrics on http://127.0.0.1:",
    ):
        assert word in line, word
    assert server.stop() == 0
    assert all(isinstance(event, dict) and event for event in log_events(server)) and log_events(server)
    assert all(json.loads(entry) for entry in server.log)


def test_sockets_are_private_and_removed(start):
    server = start()
    path = server.address.removeprefix("unix:")
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert server.stop() == 0 and not os.path.exists(path)
    # What a killed server leaves behind does not keep the next one away.
    again = start(listen=[server.address])
    again.process.kill()
    again.process.wait()
    assert os.path.exists(path)
    with Client(start(listen=[server.address]).address) as client:
        assert client.evaluate("1 + 1") == 2
    with pytest.raises(AssertionError, match="exit 1"):  # one that lives does
        start(listen=[server.address])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_idle_servers_end_at_once(start, number):
    server = start()
    begin = time.monotonic()
    assert server.stop(number) == 0 and time.monotonic() - begin < 2


def test_calls_in_flight_are_finished(start):
    """SIGTERM while a kernel runs: it is finished, new calls are UNAVAILABLE, health says NOT_SERVING, exit 0."""
    server = start("--metrics-port=auto", "--max-rows=30000000000")
    raw = Raw(server.address)
    # Rows for about a second.
    rows = 1_000_000
    while True:
        begin = time.monotonic()
        raw.Evaluate(program={"program": text(LONG_TEXT, {"x": F64})}, batch={**long_batch(), "rows": rows})
        took = time.monotonic() - begin
        if took > 0.3:
            break
        rows *= 2
    request = _messages.EvaluateRequest(
        program={"program": text(LONG_TEXT, {"x": F64})}, batch={**long_batch(), "rows": int(rows * 1.5 / took)}
    )
    call = raw.channel.unary_unary(
        f"/{_messages.SERVICE}/Evaluate", response_deserializer=_messages.EvaluateReply.FromString
    )
    future = call.future(request.SerializeToString(), timeout=30)
    time.sleep(0.3)
    watch = raw.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
    assert next(watch) == b"\x08\x01"
    server.process.send_signal(signal.SIGTERM)
    assert next(watch) == b"\x08\x02"
    assert server.http("/healthz")[0] == 503
    try:
        failure = failure_of(raw.Evaluate, program={"program": text("1 + 1", {})}, batch={"rows": 1})
        # gRPC itself drops what a stopping server has not begun, which a caller sees as cancelled, without details.
        assert failure.status in ("UNAVAILABLE", "CANCELLED"), failure
    finally:
        reply = future.result()
    assert len(reply.batch.columns[0].data) == 8
    server.process.wait(10)
    assert server.process.returncode == 0


def test_the_grace_ends(start):
    server = start("--grace-ms=300", *LONG_FLAGS)
    raw = Raw(server.address)
    call = raw.channel.unary_unary(f"/{_messages.SERVICE}/Evaluate")
    future = call.future(
        _messages.EvaluateRequest(
            program={"program": text(LONG_TEXT, {"x": F64})}, batch=long_batch()
        ).SerializeToString(),
        timeout=60,
    )
    time.sleep(0.2)
    begin = time.monotonic()
    assert server.stop() == 0 and time.monotonic() - begin < 5
    assert future.exception().code() == grpc.StatusCode.UNAVAILABLE


def test_a_second_signal_does_not_wait(start):
    server = start("--grace-ms=60000", *LONG_FLAGS)
    raw = Raw(server.address)
    call = raw.channel.unary_unary(f"/{_messages.SERVICE}/Evaluate")
    request = _messages.EvaluateRequest(program={"program": text(LONG_TEXT, {"x": F64})}, batch=long_batch())
    future = call.future(request.SerializeToString(), timeout=60)
    time.sleep(0.2)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert server.process.poll() is None
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(3)
    assert server.process.returncode == 128 + signal.SIGTERM and future.exception() is not None


# ---- Replicas --------------------------------------------------------------------------------------------------------


class Load:
    """Threads that evaluate, check every answer, and count what failed."""

    def __init__(self, client, threads=4):
        self.done, self.failures = 0, []
        self._client, self._is_over = client, False
        self._threads = [threading.Thread(target=self._work, args=(i,)) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    def _work(self, seed):
        rng = np.random.default_rng(seed)
        small, large = rng.normal(size=100), rng.normal(size=300_000)
        turn = 0
        while not self._is_over:
            turn += 1
            k = float(turn % 50)
            try:
                if turn % 7 == 3:
                    good = (self._client.evaluate("x * k + 1", x=large, k=k) == large * k + 1).all()
                elif turn % 7 == 5:
                    good = self._client.evaluate("sum(x * k)", x=large, k=k) == ej.evaluate("sum(x * k)", x=large, k=k)
                else:
                    good = (self._client.evaluate(f"x * {k} + {seed}", x=small) == small * k + seed).all()
                self.done += 1
                if not good:
                    self.failures.append(("wrong", seed, turn))
            except Exception as error:
                self.failures.append(error)

    def end(self):
        self._is_over = True
        for thread in self._threads:
            thread.join()


def test_drain_under_load_fails_no_call(start):
    """Two replicas are replaced one after the other while four threads evaluate."""
    servers = [start(), start()]
    with Client([server.address for server in servers], retry_for=10) as client:
        load = Load(client)
        for i in range(2):
            time.sleep(1)
            before, begin = load.done, time.monotonic()
            assert servers[i].stop() == 0
            assert time.monotonic() - begin < 5, "calls of milliseconds keep a server for seconds"
            wait_until(lambda before=before: load.done > before + 20, 10, "calls at the other replica")
            servers[i] = start(listen=[servers[i].address])
            raw = Raw(servers[i].address)
            wait_until(lambda raw=raw: raw.GetServerInfo().kernels > 0, 10, "a call at the replica that is back")
        load.end()
        assert load.failures == [] and load.done > 100


def test_one_server_restarted_under_load(start):
    server = start()
    with Client(server.address, retry_for=10) as client:
        load = Load(client)
        time.sleep(0.7)
        assert server.stop() == 0
        start(listen=[server.address])
        before = load.done
        wait_until(lambda: load.done > before + 20, 10, "calls at the new server")
        load.end()
        assert load.failures == []


def test_a_replica_killed_under_load(start):
    """kill -9 in the middle of calls and streams: the other replica answers all of them."""
    servers = [start(), start()]
    with Client([server.address for server in servers], retry_for=10) as client:
        load = Load(client)
        time.sleep(1)
        servers[0].process.kill()
        servers[0].process.wait()
        before = load.done
        wait_until(lambda: load.done > before + 50, 10, "calls at the other replica")
        load.end()
        assert load.failures == []
        assert client.health() == {servers[0].address: "UNREACHABLE", servers[1].address: "SERVING"}


def test_a_stream_of_batches_survives_its_server(start):
    servers = [start(), start()]
    with Client([server.address for server in servers], retry_for=10) as client:
        total = 400
        batches = ({"x": np.full(20_000, float(i))} for i in range(total))
        killed = False
        for number, result in enumerate(client.stream("x * 2 + 1", batches)):
            assert (result == number * 2 + 1).all()
            if number == 100 and not killed:
                killed = True
                # Whichever has it.
                active = max(servers, key=lambda server: server.cpu_seconds())
                active.process.kill()
                active.process.wait()
        assert number == total - 1


def test_a_reduction_over_an_iterator_says_that_it_cannot_go_on(start):
    server = start()
    with Client(server.address, retry_for=1) as client:

        def batches():
            for i in range(1000):
                if i == 50:
                    server.process.kill()
                    server.process.wait()
                yield {"x": np.zeros(10_000)}

        with pytest.raises(UnavailableError):
            list(client.stream("sum(x)", batches()))


def test_calls_are_spread_over_replicas(start):
    servers = [start(), start(), start()]
    with Client([server.address for server in servers]) as client:
        assert sorted(client.info().address for _ in range(6)) == sorted([server.address for server in servers] * 2)


# ---- Many at once ----------------------------------------------------------------------------------------------------

CHILD = """
import sys, numpy as np
sys.path.insert(0, sys.argv[2])
from exprjit.remote import Client
rng = np.random.default_rng(int(sys.argv[3]))
with Client(sys.argv[1]) as client:
    for i in range(60):
        x = rng.normal(size=int(rng.integers(1, 40_000)))
        assert (client.evaluate(f"x * {i} - k", x=x, k=2.0) == x * i - 2).all()
        n = int(rng.integers(200_000, 300_000)) if i % 15 == 0 else 10
        y = np.arange(n)
        assert client.evaluate("sum(y)", y=y) == y.sum()
print("good")
"""


def test_four_clients_at_once(server):
    package = str(ROOT / "clients" / "python" / "src")
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, address, package, str(seed)], stdout=subprocess.PIPE, text=True)
        for seed, address in enumerate([*server.addresses, *server.addresses])
    ]
    assert [child.communicate(timeout=100)[0].strip() for child in children] == ["good"] * 4


def connect(address):
    if address.startswith("unix:"):
        made = socket.socket(socket.AF_UNIX)
        made.connect(address.removeprefix("unix:"))
    else:
        host, _, port = address.rpartition(":")
        made = socket.create_connection((host, int(port)), timeout=5)
    return made


@pytest.mark.parametrize("listen", ["unix", "tcp"])
def test_a_storm_of_connections(start, listen, socket_folder):
    """More connections than the process may have open files: the server accepts again."""

    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))

    address = "127.0.0.1:0" if listen == "tcp" else f"unix:{socket_folder}/storm.sock"
    server = start("--max-connections=5000", "--max-connections-per-peer=5000", listen=[address], preexec=few_files)
    storm = []
    for _ in range(300):
        try:
            storm.append(connect(server.address))
        except OSError:
            break
    time.sleep(0.5)
    assert len(storm) > 90 and server.process.poll() is None
    for made in storm:
        made.close()
    begin = time.monotonic()
    with Client(server.address, retry_for=8) as client:
        assert client.evaluate("1 + 1") == 2
    assert time.monotonic() - begin < 5, "the server took too long to accept again"
    assert server.stop() == 0


def test_silent_connections_are_closed(start):
    server = start("--handshake-ms=500", listen=["127.0.0.1:0"])
    silent = [connect(server.address) for _ in range(20)]
    for made in silent:
        made.settimeout(6)
    begin = time.monotonic()
    for made in silent:
        try:
            while made.recv(4096):  # the server's own greeting, then the end
                pass
        except ConnectionResetError:
            pass
    assert time.monotonic() - begin < 5
    with Client(server.address) as client:
        assert client.evaluate("1 + 1") == 2


def test_connections_per_peer(start):
    server = start("--max-connections-per-peer=4", listen=["127.0.0.1:0"])
    kept = [Raw(server.address) for _ in range(4)]
    for raw in kept:
        assert raw.GetServerInfo().workers
    extra = [connect(server.address) for _ in range(5)]
    for made in extra:
        made.settimeout(3)
        with contextlib.suppress(ConnectionResetError):
            assert made.recv(1) == b"", "a connection beyond the limit is closed at once"
    for raw in kept:
        assert raw.GetServerInfo().workers
        raw.channel.close()
    with Client(server.address, retry_for=5) as client:
        assert client.evaluate("1 + 1") == 2


def test_a_slow_reader_holds_no_memory(start):
    """A client that sends batches and reads no answers: the server stops reading, and goes on serving others."""
    server = start()
    raw = Raw(server.address)
    column = {"name": "x", "dtype": F64, "length": 100_000, "data": struct.pack("<d", 1.5) * 100_000}
    batch = _messages.EvaluateStreamRequest(batch={"rows": 100_000, "columns": [column]})
    sent = 0

    def requests():
        nonlocal sent
        yield _messages.EvaluateStreamRequest(start={"program": {"program": text("x + 1", {"x": F64})}})
        for _ in range(400):
            sent += 1
            yield batch

    calls = [raw.stream(requests(), timeout=60) for _ in range(4)]
    for call in calls:
        next(call)
    time.sleep(1.5)
    stuck = sent
    assert stuck < 400, f"{stuck} of 1600 batches were taken though nobody reads their answers"
    assert server.memory_bytes() < 400 << 20, f"{server.memory_bytes() >> 20} MiB"
    with Client(server.address) as client:
        assert client.evaluate("1 + 1") == 2
    assert sum(1 for _ in calls[0]) == 400  # it goes on once it is read
    for call in calls:
        call.cancel()


def test_memory_is_given_back(start):
    server = start()
    with Client(server.address) as client:
        x = np.zeros(1_000_000)
        for _ in range(5):
            client.evaluate("x + 1", x=x)
        before = server.memory_bytes()
        for _ in range(25):
            client.evaluate("x + 1", x=x)
            client.evaluate("sum(x)", x=x)
        for i in range(3000):
            client.compile(f"x * {i}", x="f8")
        assert server.memory_bytes() - before < 120 << 20, (before >> 20, server.memory_bytes() >> 20)
