# SPDX-License-Identifier: MIT OR Apache-2.0
"""exprjit.remote.Client: its exceptions are those of the local client; introspection; what it does without a server."""

import pickle
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import exprjit as ej
import exprjit.remote as remote
from conftest import LOOP_IR, ROOT, ir_bytes, wait_until
from exprjit.remote import Client


def test_errors_are_those_of_the_local_client(client):
    for text, variables in (
        ("a * (b + 1", {"a": 1, "b": 2}),
        ("a + nowhere", {"a": 1}),
        ("sim(a)", {"a": 1.0}),
        ("ñandú + 'x'", {"ñandú": 1}),
        ("a & 1.5", {"a": 1}),
        ("a +\n  * b", {"a": 1, "b": 1}),
        ("a ^ b", {"a": 1, "b": 2}),
        ("10**20 + a", {"a": 1}),
    ):
        with pytest.raises(ej.ExprJITError) as local:
            ej.evaluate(text, variables, {})
        with pytest.raises(ej.ExprJITError) as far:
            client.evaluate(text, variables)
        mine, other = far.value, local.value
        assert type(mine) is type(other), text
        assert (mine.span, mine.code, mine.source) == (other.span, other.code, other.source), text
        assert mine.diagnostics[0][:3] == other.diagnostics[0][:3]
        assert type(pickle.loads(pickle.dumps(mine))) is type(mine)


def test_syntax_errors_show_carets(client):
    with pytest.raises(SyntaxError) as caught:
        client.evaluate("a * (b + 1", a=1, b=2)
    assert caught.value.text == "a * (b + 1\n" and caught.value.offset
    with pytest.raises(ej.ExprNameError) as caught:
        client.evaluate("velocity * tme", velocity=1, time=2)
    assert "    velocity * tme\n               ^^^" in str(caught.value)


def test_looking_around(client, server):
    functions = {function.name: function for function in client.functions()}
    assert functions["pi"].is_constant and functions["atan2"].parameters == "y, x"
    local = {function.name for function in ej.functions()}
    assert set(functions) == local
    info = client.info()
    assert (
        info.workers == 2 and info.limits["max-nodes"] == 8192 and info.version == ej.__version__ and not info.draining
    )
    assert info.address == server.address
    assert client.health() == {server.address: "SERVING"}
    assert "mul" in client.explain("a * b", "ir") and client.explain("a * b", "optimised")
    assert "ret" in client.explain("a * b", "asm") and "i64" in client.explain(
        "a * b", "ir", types={"a": "i8", "b": "i8"}
    )
    with pytest.raises(ValueError, match="optimised"):
        client.explain("a", "llvm")
    assert server.address in repr(client)


def test_no_server(tmp_path):
    begin = time.monotonic()
    with Client(f"unix:{tmp_path}/none.sock", retry_for=0.3) as lonely:
        with pytest.raises(remote.UnavailableError) as caught:
            lonely.evaluate("a + 1", a=1)
        assert (
            isinstance(caught.value, ConnectionError)
            and "none.sock" in str(caught.value)
            and "running" in str(caught.value)
        )
        with pytest.raises(remote.UnavailableError):
            list(lonely.stream("a + 1", [{"a": np.zeros(5)}]))
        assert lonely.health() == {f"unix:{tmp_path}/none.sock": "UNREACHABLE"}
    assert time.monotonic() - begin < 8


def test_a_server_of_another_kind():
    """Something that speaks no gRPC at all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.close()

        threading.Thread(target=talk, daemon=True).start()
        with Client(f"127.0.0.1:{listener.getsockname()[1]}", retry_for=0.2, timeout=5) as confused:
            with pytest.raises(remote.RemoteError):
                confused.evaluate("1 + 1")


def test_addresses():
    for wrong in ("", "nowhere", "host:", "host:0", "host:99999", "::1:50051", "host:name"):
        with pytest.raises(ValueError, match="unix:/path"):
            Client(wrong)
    with pytest.raises(ValueError, match="empty"):
        Client([])
    with pytest.raises(ValueError, match="in the clear"):
        Client("203.0.113.7:50051", token="secret")
    Client("203.0.113.7:50051", token="secret", tls=True).close()
    Client("203.0.113.7:50051", token="secret", insecure=True).close()


def test_ir_bytes_and_deadlines(client):
    kernel = client.compile_ir(ir_bytes(LOOP_IR))
    assert kernel.signature == "(x: f64, n: i64) -> f64" and kernel.source is None
    assert kernel(2.0, 10) == 2.0**11
    assert (kernel(np.array([1.0, 2.0, 3.0]), 2) == [1, 8, 27]).all()
    begin = time.monotonic()
    with pytest.raises(remote.DeadlineError) as caught:  # it would run for hours
        client.evaluate(kernel, x=1.0, n=10**13, timeout=0.5)
    assert isinstance(caught.value, TimeoutError) and time.monotonic() - begin < 5
    with pytest.raises(remote.DeadlineError, match="0.5"):
        list(client.stream(kernel, [{"x": np.ones(3), "n": 10**13}], timeout=0.5))
    assert client.evaluate("1 + 1") == 2
    with pytest.raises(ej.ExprJITError):
        client.compile_ir(ir_bytes(LOOP_IR)[:-9])


@pytest.mark.parametrize("timeout", [float("inf"), 1e18, 10**400, 1e10, np.float32(20), 30, None], ids=str)
def test_timeouts(client, server, timeout):
    x = np.zeros(300_000)
    assert client.evaluate("x + 1", x=1.0, timeout=timeout) == 2
    assert client.evaluate("x + 1", x=x, timeout=timeout)[-1] == 1  # through a stream
    (result,) = client.stream("x + 1", [{"x": x}], timeout=timeout)
    assert result[-1] == 1
    with Client(server.address, timeout=timeout, retry_for=0) as other:
        assert other.compile("x + 2")(1.0) == 3 and other.health() == {server.address: "SERVING"}


@pytest.mark.parametrize("timeout", [0, 0.0, -1, float("nan"), float("-inf"), "x", "5", True, 1j, [1]], ids=str)
def test_wrong_timeouts(client, server, timeout):
    kernel = client.compile("x + 1")
    for call in (
        lambda: client.evaluate("x + 1", x=1.0, timeout=timeout),
        lambda: client.evaluate(kernel, x=1.0, timeout=timeout),
        lambda: client.evaluate(kernel, x=np.zeros(300_000), timeout=timeout),
        lambda: client.compile("x + 3", timeout=timeout),
        lambda: client.stream("x + 1", [], timeout=timeout),
        lambda: Client(server.address, timeout=timeout),
    ):
        with pytest.raises((TypeError, ValueError), match=r"timeout=.*seconds.*for ever") as caught:
            call()
        assert isinstance(caught.value, ValueError) == (type(timeout) in (int, float))
    if timeout != 0:
        with pytest.raises((TypeError, ValueError), match="retry_for"):
            Client(server.address, retry_for=timeout)


def test_closing_ends_calls(server):
    client = Client(server.address)
    results = client.stream("x + 1", ({"x": np.zeros(10)} for _ in range(10**9)))
    next(results)
    threading.Timer(0.2, client.close).start()
    with pytest.raises(remote.CancelledError, match="the client was closed"):
        for _ in results:
            pass
    for call in (
        lambda: client.evaluate("1 + 1"),
        lambda: client.evaluate("x + 1", x=np.zeros(10)),
        lambda: list(client.stream("x + 1", [{"x": np.zeros(10)}])),
        lambda: client.compile("y"),
        client.functions,
        client.info,
        client.health,
    ):
        with pytest.raises(remote.CancelledError, match="the client was closed") as caught:
            call()
        assert not caught.value.hint and caught.value.grpc_status == "CANCELLED"


def test_closing_ends_a_call_that_waits(server):
    client = Client(server.address, timeout=None)
    kernel = client.compile_ir(ir_bytes(LOOP_IR))
    for start_call in (lambda: kernel(1.0, 10**13), lambda: list(client.stream(kernel, [{"x": 1.0, "n": 10**13}]))):
        client = kernel._client = Client(server.address, timeout=None)
        threading.Timer(0.2, client.close).start()
        begin = time.monotonic()
        with pytest.raises(remote.CancelledError, match="the client was closed"):
            start_call()
        assert time.monotonic() - begin < 5


def test_threads_share_a_client(client):
    failures = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for i in range(30):
            x = rng.normal(size=int(rng.integers(1, 3000)))
            k = float(rng.integers(1, 6))
            result = client.evaluate(f"x * {k} + {seed}", x=x)
            if (result != x * k + seed).any():
                failures.append((seed, i))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_forgotten_handles_are_compiled_again(start):
    server = start("--max-kernels=2")
    with Client(server.address) as client:
        kernels = [client.compile(f"x * {i} + 1", x="f8") for i in range(6)]
        x, large = np.arange(10.0), np.arange(300_000.0)
        for _ in range(3):
            for i, kernel in enumerate(kernels):
                assert (kernel(x) == x * i + 1).all() and (kernel(large) == large * i + 1).all()
                (result,) = client.stream(kernel, [{"x": x}])
                assert (result == x * i + 1).all() and kernel.explain("ir")


INTERRUPTED = """
import sys, time, numpy as np
sys.path.insert(0, sys.argv[2])
from exprjit.remote import Client
with Client(sys.argv[1], timeout=None) as client:
    kernel = client.compile_ir(sys.stdin.buffer.read())
    print("ready", flush=True)
    try:
        if sys.argv[3] == "call":
            kernel(1.0, 10**13)
        else:
            list(client.stream(kernel, [{"x": np.ones(3), "n": 10**13}]))
    except KeyboardInterrupt:
        print("interrupted", client.evaluate("1 + 1"))
"""


@pytest.mark.parametrize("kind", ["call", "stream"])
def test_ctrl_c(server, kind):
    package = str(ROOT / "clients" / "python" / "src")
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, server.address, package, kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child.stdin.write(ir_bytes(LOOP_IR))
    child.stdin.close()
    assert child.stdout.readline() == b"ready\n"
    before = server.cpu_seconds()
    wait_until(lambda: server.cpu_seconds() - before > 0.1, 10, "the kernel")
    child.send_signal(signal.SIGINT)
    assert child.stdout.readline() == b"interrupted 2\n" and child.wait(10) == 0
    time.sleep(0.1)
    before = server.cpu_seconds()
    time.sleep(0.3)
    assert server.cpu_seconds() - before <= 0.03, "the kernel still runs"


# ---- Without the library, without grpc -------------------------------------------------------------------------------


def run_python(code, **env):
    import os

    package = str(ROOT / "clients" / "python" / "src")
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": package, **env},
        timeout=60,
    )


def test_the_client_needs_no_library(server):
    code = (
        "import numpy as np, exprjit\n"
        "from exprjit.remote import Client\n"
        f"with Client({server.address!r}) as client:\n"
        "    x = np.arange(4, dtype='f4')\n"
        "    print(client.evaluate('x * k', x=x, k=0.5), client.evaluate('a+b', a=np.float32(1), b=2.5))\n"
        "    try: client.evaluate('x +', x=1)\n"
        "    except exprjit.ExprSyntaxError as error: print('refused')\n"
        "try: exprjit.evaluate('1')\n"
        "except ImportError as error: print('ImportError', 'EXPRJIT_LIBRARY is set' in str(error))\n"
    )
    done = run_python(code, EXPRJIT_LIBRARY="/nowhere/libexprjit.so")
    assert done.stdout.splitlines() == ["[0.  0.5 1.  1.5] 3.5", "refused", "ImportError True"], done.stderr


def test_without_grpc_the_error_says_what_to_install():
    code = "import sys; sys.modules['grpc'] = None\nimport exprjit\nimport exprjit.remote"
    done = run_python(code)
    assert done.returncode == 1 and "pip install exprjit[remote]" in done.stderr and "grpcio" in done.stderr


def test_the_messages_are_those_of_the_proto():
    done = subprocess.run(
        [sys.executable, ROOT / "proto" / "python_schema.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("option", ["where", "local_dict", "global_dict"])
def test_options_of_the_local_client_are_not_swallowed(client, option):
    with pytest.raises(TypeError, match=f"no option {option}="):
        client.evaluate("x + 1", x=1.0, **{option: None})
    # A variable of that name is one, where the text names it.
    assert client.evaluate(f"`{option}` + 1", **{option: 2.0}) == 3.0


def test_a_token_read_from_a_file(tmp_path):
    from exprjit.remote import Client

    with Client("127.0.0.1:1", token="abcdefghijklmnop\n") as client:
        assert client._metadata == (("authorization", "Bearer abcdefghijklmnop"),)
