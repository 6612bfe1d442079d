# SPDX-License-Identifier: MIT OR Apache-2.0
"""/healthz and /metrics answer in time, whoever else is connected and says nothing."""

import contextlib
import socket
import time


def test_silent_connections_do_not_block_it(start):
    server = start("--metrics-port=auto")
    with contextlib.ExitStack() as silent:
        for _ in range(6):
            connection = silent.enter_context(socket.create_connection(("127.0.0.1", server.metrics_port())))
            connection.sendall(b"GET /hea")
        begin = time.monotonic()
        assert server.http("/healthz") == (200, "serving\n")
        assert time.monotonic() - begin < 2
        for _ in range(20):
            silent.enter_context(socket.create_connection(("127.0.0.1", server.metrics_port())))
        begin = time.monotonic()
        assert server.http("/healthz") == (200, "serving\n")
        assert time.monotonic() - begin < 6
        begin = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begin < 3, "the end waited for connections that say nothing"
