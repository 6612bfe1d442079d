# SPDX-License-Identifier: MIT OR Apache-2.0
"""Runs exprjit-server as people do: as a process. EXPRJIT_SERVER names the program to test; the clients are the
installed Python package and raw gRPC calls."""

import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
if importlib.util.find_spec("exprjit") is None:
    sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))

import grpc  # noqa: E402

from exprjit.remote import Client, _messages  # noqa: E402

# Whoever runs the tests in the background may ignore these signals, and the server would inherit that.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, handler)

# Over LONG_ROWS rows of one value each, which take no memory, this runs for minutes. Servers must allow so many.
LONG_TEXT = "sum(sin(x + 1) * cos(x - 1) + exp(-x * x))"
LONG_ROWS = 20_000_000_000
LONG_FLAGS = ("--max-rows=30000000000", "--max-call-ms=600000")


def pytest_configure():
    path = os.environ.get("EXPRJIT_SERVER")
    if not path or not os.access(path, os.X_OK):
        pytest.exit(
            "set EXPRJIT_SERVER to the exprjit-server program, e.g. EXPRJIT_SERVER=.build/test/bin/exprjit-server", 2
        )


class Server:
    """A running exprjit-server."""

    def __init__(self, arguments, listen, env=None, wait=True, preexec=None):
        command = [os.environ["EXPRJIT_SERVER"], *(f"--listen={address}" for address in listen), *arguments]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("EXPRJIT_SERVER_")}
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**clean, **(env or {})},
            preexec_fn=preexec,
        )
        self.log = []
        self._reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self._reader.start()
        self.line = self.process.stdout.readline() if wait else ""
        if wait and not self.line:
            self.process.wait(10)
            self._reader.join(5)
            raise AssertionError(f"the server did not start: exit {self.process.returncode}\n{''.join(self.log)}")
        found = re.match(r"exprjit-server \S+ listening on ([^;]*);", self.line)
        self.addresses = found.group(1).split(", ") if found else []

    @property
    def address(self):
        return self.addresses[0]

    @property
    def pid(self):
        return self.process.pid

    def cpu_seconds(self):
        """CPU time used so far, by all threads."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self):
        """Resident memory."""
        return int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def metrics_port(self):
        found = re.search(r"metrics on http://127\.0\.0\.1:(\d+)/metrics", self.line)
        assert found, f"no metrics port in {self.line!r}"
        return int(found.group(1))

    def http(self, path):
        """(status, body) of a page of the metrics port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port()}{path}", timeout=10) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, number=signal.SIGTERM, timeout=20):
        """Ends it and returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"the server did not end in {timeout} s:\n{''.join(self.log)}") from None
        self._reader.join(5)
        return self.process.returncode


@pytest.fixture(scope="session")
def socket_folder(tmp_path_factory):
    # The path of a unix socket has at most 107 bytes.
    return tmp_path_factory.mktemp("s")


_numbers = iter(range(10**6))


@pytest.fixture
def start(socket_folder):
    """start("--threads=2", …) starts a server on a unix socket of its own (listen=[…]: elsewhere); all end with the
    test."""
    running = []

    def call(*arguments, listen=None, **options):
        listen = [f"unix:{socket_folder}/{next(_numbers)}.sock"] if listen is None else listen
        if not any(argument.startswith("--metrics-port") for argument in arguments):
            arguments = (*arguments, "--metrics-port=off")
        server = Server(arguments, listen, **options)
        running.append(server)
        return server

    yield call
    for server in running:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


@pytest.fixture(scope="session")
def server(socket_folder):
    """One server that many tests share; at the end it must still be there and end well."""
    shared = Server(["--threads=2", "--metrics-port=auto"], [f"unix:{socket_folder}/shared.sock", "127.0.0.1:0"])
    yield shared
    assert shared.process.poll() is None, f"the shared server died: {shared.process.returncode}\n{''.join(shared.log)}"
    with Client(shared.address) as client:
        assert client.evaluate("a * b + c", a=3, b=4, c=5) == 17
    assert shared.stop() == 0


@pytest.fixture(scope="session")
def client(server):
    with Client(server.address) as made:
        yield made


class Raw:
    """Calls without the comforts of the client: any message, any bytes."""

    def __init__(self, address, metadata=()):
        self.metadata = metadata
        self.channel = grpc.insecure_channel(address, (("grpc.use_local_subchannel_pool", 1),))

    def __getattr__(self, method):
        reply = getattr(_messages, f"{method}Reply")

        def call(request=None, timeout=20, **fields):
            if request is None:
                request = getattr(_messages, f"{method}Request")(**fields)
            raw = request if isinstance(request, bytes) else request.SerializeToString()
            multicallable = self.channel.unary_unary(
                f"/{_messages.SERVICE}/{method}", response_deserializer=reply.FromString
            )
            return multicallable(raw, timeout=timeout, metadata=self.metadata)

        return call

    def stream(self, requests, timeout=20):
        serialized = (item if isinstance(item, bytes) else item.SerializeToString() for item in requests)
        multicallable = self.channel.stream_stream(
            f"/{_messages.SERVICE}/EvaluateStream", response_deserializer=_messages.EvaluateStreamReply.FromString
        )
        return multicallable(serialized, timeout=timeout, metadata=self.metadata)


@pytest.fixture
def raw(server):
    made = Raw(server.address)
    yield made
    made.channel.close()


class Failure:
    """A refused call: status name, message, ErrorDetail."""

    def __init__(self, error):
        self.status, self.message = error.code().name, error.details()
        self.detail = None
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self.detail = _messages.detail_of(value)

    def __repr__(self):
        return f"<{self.status}: {self.message}>"


def failure_of(call, *arguments, **fields):
    """The failure of a call that must fail."""
    with pytest.raises(grpc.RpcError) as caught:
        result = call(*arguments, **fields)
        if hasattr(result, "__next__"):
            list(result)
    return Failure(caught.value)


def text(source, parameters=None, **options):
    """The fields of a Program."""
    return {
        "text": source,
        "parameters": [{"name": name, "dtype": code} for name, code in (parameters or {}).items()],
        "declared": parameters is not None,
        "options": options,
    }


def long_batch():
    """The batch for LONG_TEXT."""
    return {"rows": LONG_ROWS, "columns": [{"name": "x", "dtype": 5, "length": 1, "data": b"\0\0\0\0\0\0\0\0"}]}


def ir_bytes(source):
    """IR text as IR bytes, made by the library this process has."""
    import ctypes

    from exprjit._abi import library

    kernel, error, data, size = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
    raw = source.encode()
    library.ej_engine_compile_ir.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t] + [ctypes.c_void_p] * 3
    library.ej_kernel_encode.argtypes = [ctypes.c_void_p] * 4
    library.ej_bytes_free.argtypes = [ctypes.c_void_p]
    status = library.ej_engine_compile_ir(None, raw, len(raw), None, ctypes.byref(kernel), ctypes.byref(error))
    assert status == 0, library.ej_error_render(error)
    assert library.ej_kernel_encode(kernel, ctypes.byref(data), ctypes.byref(size), ctypes.byref(error)) == 0
    try:
        return ctypes.string_at(data.value, size.value)
    finally:
        library.ej_bytes_free(data)
        library.ej_kernel_release(kernel)


# Multiplies s by x for n times: for as long as one likes, in one row.
LOOP_IR = """
func @main(%x: f64, %n: i64) -> (f64) {
  %zero = const i64 0
  %one = const i64 1
  for %zero, %n, %one, %x
    %i = index i64
    %s = carried f64 #0
    %t = mul f64 %s, %x
    yield %t
  %r = end_for f64
  return %r
}
"""


def wait_until(condition, seconds=10, what="the condition"):
    """Waits for something that happens soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come in {seconds} s"
        time.sleep(0.005)


def gauge(server, name):
    """A metric without labels, of a server with --metrics-port=auto."""
    return float(re.search(rf"^{name} (\S+)$", server.http("/metrics")[1], re.MULTILINE).group(1))


def log_events(server):
    """The server's log as objects."""
    return [json.loads(line) for line in server.log if line.startswith("{")]
