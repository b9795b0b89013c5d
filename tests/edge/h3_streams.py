# SPDX-License-Identifier: MIT
"""HTTP/3 streams made by hand (RFC 9114, 9204), carried by build/clients/bin/h3_raw."""
import queue
import subprocess
import threading

from clients import CLIENTS
from quic_raw import take_varint, varint

SECONDS = 20
DATA, HEADERS, CANCEL_PUSH, SETTINGS, PUSH_PROMISE, GOAWAY, MAX_PUSH_ID = 0, 1, 3, 4, 5, 7, 13
CONTROL, PUSH, ENCODER, DECODER = 0, 1, 2, 3

NO_ERROR, GENERAL_PROTOCOL_ERROR, INTERNAL_ERROR, STREAM_CREATION_ERROR, CLOSED_CRITICAL_STREAM = range(0x100, 0x105)
FRAME_UNEXPECTED, FRAME_ERROR, EXCESSIVE_LOAD, ID_ERROR, SETTINGS_ERROR, MISSING_SETTINGS = range(0x105, 0x10B)
REQUEST_REJECTED, REQUEST_CANCELLED, REQUEST_INCOMPLETE, MESSAGE_ERROR = range(0x10B, 0x10F)
DECOMPRESSION_FAILED, ENCODER_STREAM_ERROR, DECODER_STREAM_ERROR = range(0x200, 0x203)


def frame(kind, payload=b""):
    return varint(kind) + varint(len(payload)) + payload


def integer(first, bits, number):
    """RFC 9204's prefixed integer, with the bits above it."""
    most = (1 << bits) - 1
    if number < most:
        return bytes([first | number])
    out, number = bytes([first | most]), number - most
    while number >= 128:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(name, value):
    """A literal field line with a literal name, nothing indexed."""
    return integer(0x20, 3, len(name)) + name + integer(0, 7, len(value)) + value


def head(*fields):
    return frame(HEADERS, b"\0\0" + b"".join(field(name, value) for name, value in fields))


def request(path, *more, method=b"GET"):
    return [(b":method", method), (b":scheme", b"https"), (b":authority", b"localhost"), (b":path", path), *more]


def frames_of(data):
    """(kind, payload) of each whole frame."""
    found, at = [], 0
    while at < len(data):
        try:
            kind, next_at = take_varint(data, at)
            size, next_at = take_varint(data, next_at)
        except IndexError:
            break
        if next_at + size > len(data):
            break
        found.append((kind, data[next_at:next_at + size]))
        at = next_at + size
    return found


class Ended(Exception):
    """The connection is over; says how."""


class Raw:
    """A connection of streams made by hand."""

    def __init__(self, server, *options, settings=b"", greet=True, port=None):
        self.process = subprocess.Popen([str(CLIENTS / "h3_raw"), str(port or server.port), server.ca, *map(str, options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.events = queue.Queue()
        self.streams, self.finished, self.resets = {}, set(), {}
        self.seen, self.end = [], None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if greet:
            self.until("ready")
            self.control = self.open("uni", varint(CONTROL) + frame(SETTINGS, settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it is over already
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.reader.join(5)
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            self.events.put(line.split())
        self.events.put(None)

    def say(self, *words):
        try:
            print(*words, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # the events tell why

    def event(self, seconds=SECONDS):
        """The next thing that happened, as words. Ended when it is the end."""
        try:
            words = self.events.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"nothing happens; so far: {self.seen[-8:]}")
        if words is None:
            raise Ended(self.end)
        self.seen.append(words[:2])
        if words[0] in ("close", "failed"):
            self.end = (words[1], int(words[2], 16)) if words[0] == "close" else " ".join(words)
            raise Ended(self.end)
        stream = int(words[1]) if words[1].isdigit() else None
        if words[0] == "data":
            self.streams[stream] = self.streams.get(stream, b"") + bytes.fromhex(words[2])
        elif words[0] == "fin":
            self.finished.add(stream)
        elif words[0] == "reset":
            self.resets[stream] = int(words[2], 16)
        return words

    def until(self, *wanted):
        while (words := self.event())[:len(wanted)] != [str(word) for word in wanted]:
            pass
        return words

    def open(self, kind, data=b"", fin=False):
        self.say("open", kind)
        stream = int(self.until("opened")[1])
        if data:
            self.send(stream, data, fin)
        return stream

    def send(self, stream, data, fin=False):
        for at in range(0, len(data), 100000):
            self.say("data", stream, data[at:at + 100000].hex())
        if fin:
            self.say("fin", stream)

    def ask(self, path, *more, method=b"GET", body=None, fin=True):
        data = head(*request(path, *more, method=method)) + (frame(DATA, body) if body is not None else b"")
        return self.open("bidi", data, fin)

    def body(self, stream):
        """The whole of the stream's body; None when it was reset."""
        while stream not in self.finished:
            if stream in self.resets:
                return None
            self.event()
        return b"".join(payload for kind, payload in frames_of(self.streams[stream]) if kind == DATA)

    def get(self, path, *more):
        return self.body(self.ask(path, *more))

    def closed_with(self):
        """("app", code) or ("transport", code), once the server has closed the connection."""
        try:
            while True:
                self.event()
        except Ended as ended:
            return ended.args[0]
