# SPDX-License-Identifier: MIT
"""An HTTP/2 client of single frames, for what no library would send."""
import socket
import ssl
import struct

TIMEOUT = 10
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION, PRIORITY_UPDATE = 0, 1, 2, 3, 4, 6, 7, 8, 9, 16
END_STREAM, END_HEADERS, PADDED, ACK = 1, 4, 8, 1


def integer(n, bits, pattern=0):
    """An HPACK integer with so many bits of the first byte (RFC 7541 section 5.1)."""
    most = (1 << bits) - 1
    if n < most:
        return bytes([pattern | n])
    out, n = bytes([pattern | most]), n - most
    while n >= 128:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def text(value):
    return integer(len(value), 7) + value


def literal(name, value):
    """A header field as an HPACK literal without indexing."""
    return b"\0" + text(name) + text(value)


def indexed(name, value):
    """The same, but it goes into the dynamic table."""
    return b"\x40" + text(name) + text(value)


def head(path, method=b"GET", *more):
    fields = [(b":method", method), (b":path", path), (b":scheme", b"https"), (b":authority", b"localhost"), *more]
    return b"".join(literal(name, value) for name, value in fields)


class Frames:
    """A connection of single frames."""

    def __init__(self, server, preface=True):
        raw = socket.create_connection((server.host, server.port), timeout=TIMEOUT)
        self.socket = server.context(["h2"]).wrap_socket(raw, server_hostname="localhost")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.rest = b""
        if preface:
            self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            self.send(SETTINGS, 0, 0)

    def send(self, kind, flags, stream, payload=b""):
        self.socket.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload)

    def _has(self, n):
        """Reads until n bytes are there; False when the connection is closed before."""
        while len(self.rest) < n:
            try:
                more = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLEOFError):
                return False
            if not more:
                return False
            self.rest += more
        return True

    def receive(self):
        """(kind, flags, stream, payload), or None when the connection is closed. A timeout loses nothing."""
        if not self._has(9) or not self._has(9 + int.from_bytes(self.rest[:3], "big")):
            return None
        start, end = self.rest[:9], 9 + int.from_bytes(self.rest[:3], "big")
        payload, self.rest = self.rest[9:end], self.rest[end:]
        return start[3], start[4], int.from_bytes(start[5:], "big"), payload

    def until(self, kind, stream=None):
        while (frame := self.receive()) is not None:
            if frame[0] == kind and (stream is None or frame[2] == stream):
                return frame
        raise AssertionError(f"closed before a frame of kind {kind}")

    def get(self, stream, path, *more):
        self.send(HEADERS, END_HEADERS | END_STREAM, stream, head(path, b"GET", *more))

    def body(self, stream):
        """The rest of a stream's body, its windows kept open."""
        data = b""
        while True:
            _, flags, _, payload = self.until(DATA, stream)
            data += payload
            if payload:
                self.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload)))
            if flags & END_STREAM:
                return data
            if payload:
                self.send(WINDOW_UPDATE, 0, stream, struct.pack(">I", len(payload)))

    def ping(self):
        """Until the server has seen all that was sent."""
        self.send(PING, 0, 0, b"in order")
        while self.until(PING)[3] != b"in order":
            pass

    def farewell(self):
        """(error code, debug data) of the GOAWAY that ends the connection; the socket is closed after it."""
        payload = self.until(GOAWAY)[3]
        while self.receive() is not None:
            pass
        return struct.unpack(">I", payload[4:8])[0], payload[8:].decode()

    def goaway(self):
        return self.farewell()[0]

    def close(self):
        self.socket.close()
