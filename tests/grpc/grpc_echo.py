# SPDX-License-Identifier: MIT
"""The program tests/programs/http_grpc.c, and a gRPC client of single frames for it."""
import pathlib
import signal
import socket
import struct
import subprocess

import hpack
import pytest
from conftest import BIN
from http2 import ACK, DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, SETTINGS, TIMEOUT, WINDOW_UPDATE, Frames, literal

PROGRAM = pathlib.Path(BIN).parent / "tests" / "http_grpc"


class Echo:
    """One http_grpc process; `grpc_port` is for gRPC alone, `port` for HTTP/1.1 in clear (over TLS: all there is)."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([str(PROGRAM), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        _, grpc_port, port = self.process.stdout.readline().split()
        self.grpc_port, self.port = int(grpc_port), int(port)
        self.target = f"127.0.0.1:{self.grpc_port}"

    def stop(self, timeout=20):
        self.process.send_signal(signal.SIGTERM)
        try:
            _, log = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise AssertionError("http_grpc did not stop")
        assert self.process.returncode == 0 and "runtime error:" not in log and "AddressSanitizer" not in log, log[-8000:]

    def peak_kb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def message(payload, flags=0, length=None):
    return bytes([flags]) + struct.pack(">I", len(payload) if length is None else length) + payload


class GrpcFrames(Frames):
    """A connection of single frames to the cleartext port."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.rest, self.decoder, self.seen = b"", hpack.Decoder(), {}
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.send(SETTINGS, 0, 0)

    def head(self, stream, path, *more, method=b"POST", kind=b"application/grpc", end=False):
        fields = [(b":method", method), (b":path", path), (b":scheme", b"http"), (b":authority", b"localhost"),
                  (b"content-type", kind), (b"te", b"trailers"), *more]
        self.send(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, b"".join(literal(n, v) for n, v in fields))

    def body(self, stream, data, end=True):
        self.send(DATA, END_STREAM if end else 0, stream, data)

    def call(self, stream, path, body, *more, **kwargs):
        self.head(stream, path, *more, **kwargs)
        self.body(stream, body)
        return self.answer(stream)

    def receive(self):
        """Header blocks are decoded in the order they come, whatever stream is asked about."""
        frame = super().receive()
        if frame and frame[0] == HEADERS:
            fields = dict(self.decoder.decode(frame[3]))
            self.seen.setdefault(frame[2], []).append(fields)
        elif frame and frame[0] == SETTINGS and not frame[1] & ACK:
            self.send(SETTINGS, ACK, 0)
        return frame

    def answer(self, stream):
        """(head, messages, trailers); a status without messages stands in the head, and the trailers are the head."""
        data = b""
        while (frame := self.receive()) is not None:
            kind, flags, which, payload = frame
            if which != stream:
                continue
            if kind == RST_STREAM:
                raise AssertionError(f"reset: {struct.unpack('>I', payload)[0]}")
            if kind == DATA:
                data += payload
                if payload:
                    self.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload)))
                    self.send(WINDOW_UPDATE, 0, stream, struct.pack(">I", len(payload)))
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                heads = self.seen.pop(stream)
                return heads[0], split(data), heads[-1]
        raise AssertionError("closed before the answer")


def split(data):
    """The (flags, payload) of each frame of a body."""
    frames = []
    while data:
        length = struct.unpack(">I", data[1:5])[0]
        assert len(data) >= 5 + length, "a frame cut short"
        frames.append((data[0], data[5:5 + length]))
        data = data[5 + length:]
    return frames


@pytest.fixture(scope="module")
def echo():
    program = Echo()
    yield program
    program.stop()
