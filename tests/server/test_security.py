# SPDX-License-Identifier: MIT OR Apache-2.0
"""Who may call: tokens, TLS, and the addresses on which a server must not listen without them."""

import json
import os
import socket
import subprocess

import pytest

from conftest import Raw, Server, failure_of, text
from exprjit.remote import AuthenticationError, Client, RemoteError, Tls

ONE = {"program": {"program": text("1 + 1", {})}, "batch": {"rows": 1}}


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "tokens"
    path.write_text("# for the tests\nfirst-token-of-sufficient-length\nsecond-token-of-sufficient-length\n")
    path.chmod(0o600)
    return path


def bearer(token):
    return (("authorization", f"Bearer {token}"),)


def test_tokens(start, token_file):
    server = start(f"--token-file={token_file}")
    assert "authentication: token" in server.line
    for metadata, word in (
        ((), "authorization"),
        (bearer("wrong"), "token"),
        (bearer("first-token-of-sufficient-lengtH"), "token"),
        (bearer("first-token-of-sufficient-length "), None),
        (bearer(""), "token"),
        ((("authorization", "first-token-of-sufficient-length"),), "token"),
        ((("authorization", "Basic Zmlyc3Q="),), "token"),
        (bearer("# for the tests"), "token"),
    ):
        if word is None:
            continue
        raw = Raw(server.address, metadata)
        for call in (
            lambda r=raw: r.Evaluate(**ONE),
            lambda r=raw: r.GetServerInfo(),
            lambda r=raw: list(r.stream(iter([]))),
        ):
            failure = failure_of(call)
            assert failure.status == "UNAUTHENTICATED" and word in failure.message, (metadata, failure)
            assert "sufficient" not in failure.message
    for token in ("first-token-of-sufficient-length", "second-token-of-sufficient-length"):
        assert Raw(server.address, bearer(token)).Evaluate(**ONE).batch.rows == 1
        with Client(server.address, token=token) as client:
            assert client.evaluate("a + 1", a=1) == 2
    for wrong in (None, "wrong"):
        with Client(server.address, token=wrong) as client, pytest.raises(AuthenticationError) as caught:
            client.evaluate("a + 1", a=1)
        assert isinstance(caught.value, PermissionError)
    assert not any("sufficient" in line for line in server.log), "a token stands in the log"


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing\n"])
def test_a_token_file_without_tokens(tmp_path, content):
    path = tmp_path / "empty"
    path.write_text(content)
    with pytest.raises(AssertionError, match="exit 2"):
        Server([f"--token-file={path}", "--metrics-port=off"], ["127.0.0.1:0"])


def test_a_token_file_that_is_not_there(tmp_path):
    with pytest.raises(AssertionError, match="exit 2") as caught:
        Server([f"--token-file={tmp_path}/none", "--metrics-port=off"], ["127.0.0.1:0"])
    assert "none" in str(caught.value)


# ---- TLS -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A CA, a certificate of the server for localhost, one of a client, and another CA nobody knows."""
    folder = tmp_path_factory.mktemp("keys")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    for ca in ("ca", "other"):
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", f"/CN={ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.pem",
        )  # fmt: skip
    for name, extension in (
        ("server", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ("client", "subjectAltName=DNS:client"),
    ):
        openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        (folder / f"{name}.ext").write_text(extension)
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", f"{name}.ext", "-out", f"{name}.pem",
        )  # fmt: skip
    for key in folder.glob("*.key"):
        key.chmod(0o600)
    return folder


def test_tls(start, keys, token_file):
    server = start(
        f"--tls-cert={keys}/server.pem",
        f"--tls-key={keys}/server.key",
        f"--token-file={token_file}",
        listen=["127.0.0.1:0"],
    )
    assert "TLS on" in server.line
    token = "first-token-of-sufficient-length"
    with Client(server.address, token=token, tls=f"{keys}/ca.pem") as client:
        assert client.evaluate("a + 1", a=1) == 2
        assert client.health() == {server.address: "SERVING"}
    with Client(
        server.address.replace("127.0.0.1", "localhost"), token=token, tls=Tls(ca=(keys / "ca.pem").read_bytes())
    ) as client:
        assert client.evaluate("a + 1", a=1) == 2
    with Client(server.address, tls=f"{keys}/ca.pem") as client, pytest.raises(AuthenticationError):
        client.evaluate("a + 1", a=1)
    for wrong in (f"{keys}/other.pem", None, Tls(ca=f"{keys}/ca.pem", server_name="elsewhere")):
        with (
            Client(server.address, token=token, tls=wrong, retry_for=0.2, timeout=5) as client,
            pytest.raises(RemoteError),
        ):
            client.evaluate("a + 1", a=1)
    # Somebody who speaks plain HTTP to it: gRPC's complaint is an event in the log like all others.
    host, port = server.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        plain.recv(100)
    server.stop()
    assert not any("sufficient" in line for line in server.log)
    assert all("event" in json.loads(line) for line in server.log)
    assert any(json.loads(line)["event"] == "grpc" for line in server.log)


def test_client_certificates(start, keys):
    server = start(
        f"--tls-cert={keys}/server.pem",
        f"--tls-key={keys}/server.key",
        f"--tls-client-ca={keys}/ca.pem",
        listen=["127.0.0.1:0"],
    )
    with Client(server.address, tls=Tls(f"{keys}/ca.pem", f"{keys}/client.pem", f"{keys}/client.key")) as client:
        assert client.evaluate("a + 1", a=1) == 2
    with Client(server.address, tls=f"{keys}/ca.pem", retry_for=0.2, timeout=5) as client, pytest.raises(RemoteError):
        client.evaluate("a + 1", a=1)


def test_wrong_certificates_end_the_start(keys, tmp_path):
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    for cert, key in (
        (broken, keys / "server.key"),
        (keys / "none.pem", keys / "server.key"),
        (keys / "server.pem", keys / "ca.key"),
    ):
        with pytest.raises(AssertionError, match="exit [12]"):
            Server([f"--tls-cert={cert}", f"--tls-key={key}", "--metrics-port=off"], ["127.0.0.1:0"])


# ---- Addresses -------------------------------------------------------------------------------------------------------


def outcome(*arguments, env=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EXPRJIT_SERVER_")}
    return subprocess.run(
        [os.environ["EXPRJIT_SERVER"], *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        env={**clean, **(env or {})},
    )


def test_addresses_others_can_reach_need_tls_and_tokens(keys, token_file):
    tls = (f"--tls-cert={keys}/server.pem", f"--tls-key={keys}/server.key")
    token = (f"--token-file={token_file}",)
    for address in ("0.0.0.0:0", "[::]:0", "*:0"):
        for given, missing in (((), "--token-file"), (tls, "--token-file"), (token, "--tls-cert")):
            done = outcome(f"--listen={address}", *given, "--metrics-port=off")
            assert done.returncode == 2 and missing in done.stderr and "--insecure" in done.stderr, done
            assert done.stdout == ""
    both = outcome("--listen=0.0.0.0:0", *tls, *token, "--print-config")
    assert both.returncode == 0 and "0.0.0.0:0" in both.stdout
    assert outcome("--listen=0.0.0.0:0", "--insecure", "--print-config").returncode == 0
    assert outcome("--print-config", env={"EXPRJIT_SERVER_LISTEN": "0.0.0.0:1"}).returncode == 2
    # One good address does not excuse another.
    assert outcome("--listen=127.0.0.1:0", "--listen=0.0.0.0:0", "--metrics-port=off").returncode == 2


@pytest.mark.parametrize(
    "address",
    ["", "nowhere", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "example.com:80", "unix:", "unix:" + "x" * 200],
)
def test_wrong_addresses(address):
    done = outcome(f"--listen={address}", "--metrics-port=off")
    assert done.returncode == 2 and done.stderr.startswith("exprjit-server: ") and done.stderr.count("\n") <= 2, done


def test_options():
    assert outcome("--version").stdout.startswith("exprjit-server ")
    shown = outcome("--print-config", "--max-nodes=100", env={"EXPRJIT_SERVER_MAX_TEXT_BYTES": "2K"}).stdout
    values = dict(line.split(None, 1) for line in shown.splitlines())
    assert (
        values["max-nodes"] == "100 nodes"
        and values["max-text-bytes"] == "2048 bytes"
        and values["code-memory"] == "sealed"
    )
    for wrong in (
        "--max-nodes=-1",
        "--max-nodes=lots",
        "--threads=-3",
        "--nonsense",
        "--log-format=yaml",
        "--metrics-port=0",
    ):
        done = outcome(wrong)
        assert done.returncode == 2 and wrong.split("=")[0] in done.stderr, done
    assert "--max-nodes" in outcome("--help").stdout
    assert outcome("--tls-cert=x").returncode == 2 and outcome("--tls-client-ca=x").returncode == 2


def test_a_port_that_is_taken(start):
    first = start(listen=["127.0.0.1:0"])
    with pytest.raises(AssertionError, match="exit 1") as caught:
        Server(["--metrics-port=off"], [first.address])
    assert first.address in str(caught.value)
    assert Raw(first.address).Evaluate(**ONE).batch.rows == 1
