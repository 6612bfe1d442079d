# SPDX-License-Identifier: MIT OR Apache-2.0
"""exprjit.remote.Client with servers that hang: they keep their connections and answer nothing."""

import os
import signal
import time

import numpy as np
import pytest

import exprjit.remote as remote
from conftest import LOOP_IR, ir_bytes
from exprjit.remote import Client, _watch


def hang(*servers):
    for server in servers:
        os.kill(server.pid, signal.SIGSTOP)


@pytest.fixture
def pair(start):
    return start("--threads=1"), start("--threads=1")


def connected(servers, **options):
    """A client that has talked to all of them."""
    client = Client([server.address for server in servers], **options)
    for _ in servers:
        assert client.evaluate("x + 1", x=1.0) == 2
    assert {client.info().address for _ in servers} == {server.address for server in servers}
    return client


def test_calls_go_to_the_other_one(pair):
    with connected(pair, timeout=3) as client:
        hang(pair[0])
        longest, begin = 0.0, time.monotonic()
        for i in range(200):
            at = time.monotonic()
            assert client.evaluate("x * 2", x=float(i)) == 2 * i
            longest = max(longest, time.monotonic() - at)
        # One call waits for half of the timeout, and then the server is left alone.
        assert longest < 3 and time.monotonic() - begin < 4.5
        assert client.health()[pair[0].address] == "UNREACHABLE"
        # It works again: so do calls to it.
        os.kill(pair[0].pid, signal.SIGCONT)
        client._replicas.answered(client._replicas.all[0])
        assert {client.info().address for _ in pair} == {server.address for server in pair}


def test_without_a_timeout(pair, monkeypatch):
    monkeypatch.setattr(_watch, "_LONGEST_WAIT", 0.3)
    with connected(pair, timeout=None) as client:
        hang(pair[1])
        for i in range(10):
            assert client.evaluate("x * 2", x=float(i)) == 2 * i
        (result,) = client.stream("x + 1", [{"x": np.zeros(5)}])
        assert (result == 1).all()


def test_long_calculations_are_not_cut_off(pair, monkeypatch):
    monkeypatch.setattr(_watch, "_LONGEST_WAIT", 0.2)
    with connected(pair, timeout=60) as client:
        kernel = client.compile_ir(ir_bytes(LOOP_IR))
        kernel(1.0, 1)
        begin = time.monotonic()
        kernel(1.0, 10**8)
        rounds = int(10**8 * 1.5 / max(time.monotonic() - begin, 0.01))
        before = [server.cpu_seconds() for server in pair]
        begin = time.monotonic()
        assert kernel(1.0, rounds) == 1
        assert time.monotonic() - begin > 0.6, "longer than the wait"
        (result,) = client.stream(kernel, [{"x": np.ones(1), "n": rounds}])
        assert result[0] == 1
        used = [server.cpu_seconds() - earlier for server, earlier in zip(pair, before, strict=True)]
        assert 0.6 < sum(used) < 3.5 * (time.monotonic() - begin) / 2, "each was calculated once"


@pytest.mark.parametrize("text", ["x * 2 + 1", "sum(x)"])
def test_large_arrays_go_on_at_the_other_one(pair, text):
    x = np.random.default_rng(1).normal(size=2_000_000)
    with connected(pair, timeout=3) as client:
        expected = client.evaluate(text, x=x)
        for victim in pair:
            stopped = []

            def stop(done, rows, victim=victim, stopped=stopped):
                if not stopped and done > rows // 4:
                    hang(victim)
                    stopped.append(done)

            for _ in range(2):  # one of them runs on the victim
                begin = time.monotonic()
                assert np.array_equal(client.evaluate(text, {"x": x}, progress=stop), expected)
                assert time.monotonic() - begin < 5
            assert stopped
            os.kill(victim.pid, signal.SIGCONT)
            for replica in client._replicas.all:
                client._replicas.answered(replica)


def test_a_reduction_that_cannot_be_repeated(pair):
    with connected(pair, timeout=3) as client:
        kernel = client.compile("sum(x)", x="f8")

        def batches():
            yield {"x": np.ones(10)}
            hang(*pair)
            yield {"x": np.ones(10)}

        begin = time.monotonic()
        with pytest.raises(remote.DeadlineError, match="no answer") as caught:
            list(client.stream(kernel, batches()))
        assert any("cannot be asked for again" in note for note in caught.value.__notes__)
        assert time.monotonic() - begin < 5


def test_all_hang(pair):
    with connected(pair, timeout=1.5) as client:
        hang(*pair)
        for call in (
            lambda: client.evaluate("x + 1", x=1.0),
            lambda: client.evaluate("x + 1", x=np.zeros(300_000)),
            lambda: list(client.stream("x + 1", [{"x": np.zeros(3)}])),
        ):
            begin = time.monotonic()
            with pytest.raises(remote.DeadlineError) as caught:
                call()
            assert 1.4 < time.monotonic() - begin < 4 and caught.value.grpc_status == "DEADLINE_EXCEEDED"
        for server in pair:
            os.kill(server.pid, signal.SIGCONT)
        assert client.evaluate("x + 1", x=1.0) == 2


def test_a_server_alone(start):
    server = start("--threads=1")
    with connected([server], timeout=1) as client:
        hang(server)
        for call in (lambda: client.evaluate("x + 1", x=1.0), lambda: list(client.stream("x + 1", [{"x": 1.0}]))):
            begin = time.monotonic()
            with pytest.raises(remote.DeadlineError):
                call()
            assert 0.9 < time.monotonic() - begin < 3
        assert client._replicas.all[0].not_before > 0, "it is marked as failed"
        os.kill(server.pid, signal.SIGCONT)
        assert client.evaluate("x + 1", x=1.0) == 2
