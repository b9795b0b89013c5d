# SPDX-License-Identifier: MIT
"""Calls begun, cut, reset and abandoned at random, frame by frame: the server answers whoever comes next."""
import random
import socket
import struct
import time

from grpc_echo import GrpcFrames, echo, message  # noqa: F401
from http2 import RST_STREAM, WINDOW_UPDATE

SECONDS = 6
METHODS = [b"Unary", b"Down", b"Up", b"Sip", b"Both", b"Metadata", b"Hang", b"Nope"]
KINDS = [b"application/grpc"] * 6 + [b"application/grpc-web-text", b"application/grpc-web"]


def head(chance, frames, stream):
    more = []
    if chance.random() < 0.3:
        more.append((b"grpc-timeout", b"%dm" % chance.randint(0, 30)))
    if chance.random() < 0.2:
        more.append((b"grpc-encoding", chance.choice([b"gzip", b"identity", b"x"])))
    frames.head(stream, b"/test.Echo/" + chance.choice(METHODS), *more, kind=chance.choice(KINDS), end=chance.random() < 0.05)


def body(chance, frames, stream):
    data = chance.choice([message(b"100 1000"), message(b"20000 300"), message(b""), message(b"sleep 20"), message(b"fail 404"),
                          chance.randbytes(chance.randint(0, 40)), message(b"x" * chance.randint(0, 9000)),
                          message(b"y", length=chance.randint(0, 9))])
    cut = chance.randint(0, len(data))
    frames.body(stream, data[:cut], end=False)
    frames.body(stream, data[cut:], end=chance.random() < 0.6)


def drain(frames):
    try:
        while frames.receive():
            pass
    except TimeoutError:
        pass


def misbehave(chance, frames):
    running = []
    for stream in range(1, 2 * chance.randint(1, 60), 2):
        kind = chance.random()
        if kind < 0.35 or not running:
            head(chance, frames, stream)
            running.append(stream)
        elif kind < 0.75:
            body(chance, frames, chance.choice(running))
        elif kind < 0.85:
            frames.send(RST_STREAM, 0, running.pop(chance.randrange(len(running))), struct.pack(">I", 8))
        elif kind < 0.93:
            frames.send(WINDOW_UPDATE, 0, chance.choice([0, *running]), struct.pack(">I", chance.randint(1, 100000)))
        else:
            drain(frames)


def test_whoever_comes_next_is_answered(echo):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance, end = random.Random(seed), time.monotonic() + SECONDS
    while time.monotonic() < end:
        frames = GrpcFrames(echo.grpc_port)
        frames.socket.settimeout(0.01)
        try:
            misbehave(chance, frames)
        except OSError:
            pass  # it was sent away
        if chance.random() < 0.5:
            frames.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        frames.close()
    frames = GrpcFrames(echo.grpc_port)
    assert frames.call(1, b"/test.Echo/Unary", message(b"alive"))[1] == [(0, b"alive")]
    frames.close()
