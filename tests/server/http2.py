# SPDX-License-Identifier: MIT OR Apache-2.0
"""A client that speaks HTTP/2 by hand, to do what no gRPC library does: not to read."""

import select
import socket
import struct
import time

HEADERS, SETTINGS, PING, WINDOW_UPDATE, DATA, RST_STREAM = 1, 4, 6, 8, 0, 3
END_STREAM, END_HEADERS, ACK = 1, 4, 1
INITIAL_WINDOW_SIZE = 4


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def field(name, value):
    """A header without compression and without a place in the table."""
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def grpc_message(message):
    return b"\0" + struct.pack(">I", len(message)) + message


class Http2:
    """One connection to a unix socket; answers may have `window` bytes before the server has to wait."""

    def __init__(self, address, window=0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(address.removeprefix("unix:"))
        settings = struct.pack(">HI", INITIAL_WINDOW_SIZE, window)
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0, settings))
        self.next_stream, self.received = 1, b""

    def call(self, method, *messages, end=True):
        """Begins a call and sends messages; the number of its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        headers = {
            ":method": "POST",
            ":scheme": "http",
            ":path": f"/exprjit.v1.Exprjit/{method}",
            ":authority": "x",
            "content-type": "application/grpc",
            "te": "trailers",
        }
        block = b"".join(field(name, value) for name, value in headers.items())
        self.socket.sendall(frame(HEADERS, END_HEADERS, stream, block))
        self.send(stream, *messages, end=end)
        return stream

    def send(self, stream, *messages, end=False):
        """More messages. Small ones: nothing here waits for the server's windows."""
        body = b"".join(grpc_message(message) for message in messages)
        pieces = [body[i : i + 16384] for i in range(0, len(body), 16384)]
        self.socket.sendall(b"".join(frame(DATA, 0, stream, piece) for piece in pieces))
        if end:
            self.socket.sendall(frame(DATA, END_STREAM, stream))

    def frames(self, seconds):
        """(kind, flags, stream, payload) of what comes within that time; None at the end if the server closes."""
        end, found = time.monotonic() + seconds, []
        while True:
            ready, _, _ = select.select([self.socket], [], [], max(0, end - time.monotonic()))
            if not ready:
                return found
            data = self.socket.recv(65536)
            if not data:
                return [*found, None]
            self.received += data
            while len(self.received) >= 9:
                size = int.from_bytes(self.received[:3], "big")
                if len(self.received) < 9 + size:
                    break
                kind, flags = self.received[3], self.received[4]
                stream, payload = int.from_bytes(self.received[5:9], "big"), self.received[9 : 9 + size]
                self.received = self.received[9 + size :]
                if kind in (SETTINGS, PING) and not flags & ACK:
                    self.socket.sendall(frame(kind, ACK, 0, payload if kind == PING else b""))
                found.append((kind, flags, stream, payload))

    def close(self):
        self.socket.close()
