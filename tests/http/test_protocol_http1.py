# SPDX-License-Identifier: MIT
"""HTTP/1 over real TLS sockets: what is malformed is refused and closed, what is legal works."""
import os
import re
import socket
import ssl
import time

import pytest

TIMEOUT = 10


class Wire:
    """A TLS connection that sends exactly the bytes it is told."""

    def __init__(self, server):
        raw = socket.create_connection((server.host, server.port), timeout=TIMEOUT)
        self.socket = server.context(["http/1.1"]).wrap_socket(raw, server_hostname="localhost")
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self.rest += data
        return data

    def until(self, mark):
        while mark not in self.rest:
            assert self.more(), f"closed before {mark!r}: {self.rest!r}"
        before, self.rest = self.rest.split(mark, 1)
        return before

    def take(self, n):
        while len(self.rest) < n:
            assert self.more(), "closed in a body"
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def chunked(self):
        body = b""
        while True:
            size = int(self.until(b"\r\n"), 16)
            body += self.take(size)
            assert self.take(2) == b"\r\n"
            if size == 0:
                return body

    def reply(self, method="GET"):
        """One response: (status, headers, body)."""
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(re.fullmatch(r"HTTP/1\.1 (\d{3}) .+", lines[0]).group(1))
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            headers[name] = value
        body = b""
        if method == "HEAD" or status in (100, 204, 304):
            pass
        elif headers.get("transfer-encoding") == "chunked":
            body = self.chunked()
        elif "content-length" in headers:
            body = self.take(int(headers["content-length"]))
        else:
            while self.more():
                pass
            body, self.rest = self.rest, b""
        return status, headers, body

    def closed(self):
        """Whether the server ends the connection without another word."""
        while self.more():
            pass
        return self.rest == b""

    def close(self):
        self.socket.close()


@pytest.fixture
def wire(server):
    wires = []

    def connect():
        wires.append(Wire(server))
        return wires[-1]

    yield connect
    for one in wires:
        one.close()


HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
LOGIN = b"POST /api/auth/login HTTP/1.1\r\n" + HOST + JSON

MALFORMED = {
    "length and chunked": LOGIN + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": LOGIN + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": LOGIN + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "two different lengths": LOGIN + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a list of lengths": LOGIN + b"Content-Length: 2, 2\r\n\r\n{}",
    "a signed length": LOGIN + b"Content-Length: +2\r\n\r\n{}",
    "a hexadecimal length": LOGIN + b"Content-Length: 0x2\r\n\r\n{}",
    "a length too large for any number": LOGIN + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
    "chunked twice": LOGIN + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a coding after chunked": LOGIN + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a hidden chunked": LOGIN + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": LOGIN + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is none": LOGIN + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": LOGIN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a chunk that ends in a bare LF": LOGIN + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
    "a bare LF after the request line": b"GET /healthz HTTP/1.1\n" + HOST + b"\r\n",
    "a bare LF after a header": b"GET /healthz HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
    "a bare CR in a header": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
    "a folded header": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    "a header that begins folded": b"GET /healthz HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n",
    "NUL in a header": b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "an unknown version": b"GET /healthz HTTP/3.7\r\n" + HOST + b"\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "no method": b"/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a TLS record inside TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_could_be_read_in_two_ways_is_400_and_closed(wire, name):
    connection = wire()
    # What follows must never be taken for a second request.
    connection.send(MALFORMED[name] + b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    status, headers, _ = connection.reply()
    assert status == 400
    assert headers["connection"] == "close"
    assert headers["x-request-id"]
    assert connection.closed()


@pytest.mark.parametrize("head", [
    b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 70000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"X" * 70000 + b": a\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"\r\n",
], ids=["line", "value", "name", "fields"])
def test_a_head_over_its_limit_is_431_and_closed(wire, head):
    connection = wire()
    connection.send(head)
    status, headers, _ = connection.reply()
    assert status == 431
    assert headers["connection"] == "close"
    assert connection.closed()


def test_requests_sent_ahead_are_answered_in_order(wire):
    connection = wire()
    connection.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
                    + LOGIN + b"Content-Length: 2\r\n\r\n{}"
                    + b"GET /api/nothing HTTP/1.1\r\n" + HOST + b"\r\n"
                    + b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert [connection.reply()[0] for _ in range(4)] == [200, 400, 404, 200]


def test_hundreds_of_requests_sent_ahead_are_all_answered(wire):
    connection = wire()
    connection.send((b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n") * 2000)
    for _ in range(2000):
        status, _, body = connection.reply()
        assert (status, body) == (200, b'{"ok":true}')


def test_a_request_in_single_bytes_is_the_same_request(wire):
    connection = wire()
    for byte in b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n":
        connection.send(bytes([byte]))
    assert connection.reply()[0] == 200


def test_100_continue_comes_before_the_body(wire):
    connection = wire()
    connection.send(LOGIN + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert connection.reply()[0] == 100
    connection.send(b"{}")
    assert connection.reply()[0] == 400


def test_a_body_that_is_refused_is_not_invited(wire):
    connection = wire()
    connection.send(LOGIN + b"Content-Length: 9999999999\r\nExpect: 100-continue\r\n\r\n")
    status, headers, _ = connection.reply()
    assert status == 413
    assert headers["connection"] == "close"


@pytest.mark.parametrize("length", [2**63, 2**64 - 1])
def test_a_length_beyond_any_number_of_ours_is_413_at_once(wire, length):
    connection = wire()
    connection.send(LOGIN + b"Content-Length: %d\r\n\r\n" % length)
    assert connection.reply()[0] == 413


def test_another_expectation_fails(wire):
    connection = wire()
    connection.send(LOGIN + b"Content-Length: 2\r\nExpect: miracles\r\n\r\n{}")
    assert connection.reply()[0] == 417


def test_a_streamed_body_over_the_limit_is_413(wire):
    connection = wire()
    connection.send(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + b" " * 4096 + b"\r\n" * 1)
    connection.send(b"2000\r\n" + b" " * 8192 + b"\r\n")
    status, headers, _ = connection.reply()
    assert status == 413
    assert headers["connection"] == "close"


def test_only_json_is_taken_where_json_is_meant(wire):
    connection = wire()
    connection.send(b"POST /api/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}")
    status, _, body = connection.reply()
    assert status == 415
    assert b'"error"' in body
    # A small refused body was read, so that the connection serves on.
    connection.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert connection.reply()[0] == 200


def test_head_is_get_without_the_body(wire):
    connection = wire()
    connection.send(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    _, get, body = connection.reply()
    connection.send(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")
    status, head, _ = connection.reply("HEAD")
    assert status == 200
    assert head["content-length"] == get["content-length"] == str(len(body))
    assert head["content-type"] == get["content-type"]
    connection.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert connection.reply()[2] == b'{"ok":true}'


def test_http_1_0_is_closed_unless_it_asks_to_be_kept(wire):
    connection = wire()
    connection.send(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    _, headers, _ = connection.reply()
    assert headers["connection"] == "keep-alive"
    connection.send(b"GET /healthz HTTP/1.0\r\n\r\n")
    _, headers, _ = connection.reply()
    assert headers["connection"] == "close"
    assert connection.closed()


def test_connection_close_is_honoured(wire):
    connection = wire()
    connection.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    _, headers, _ = connection.reply()
    assert headers["connection"] == "close"
    assert connection.closed()


def test_a_part_of_a_file_is_that_part(wire):
    connection = wire()

    def get(*headers):
        connection.send(b"GET / HTTP/1.1\r\n" + HOST + b"".join(h.encode() + b"\r\n" for h in headers) + b"\r\n")
        return connection.reply()

    _, whole, body = get()
    status, part, bytes_ = get("Range: bytes=10-19")
    assert status == 206
    assert part["content-range"] == f"bytes 10-19/{len(body)}"
    assert bytes_ == body[10:20]
    assert get("Range: bytes=-5")[2] == body[-5:]
    status, part, _ = get(f"Range: bytes={len(body)}-")
    assert status == 416
    assert part["content-range"] == f"bytes */{len(body)}"
    assert get("Range: bytes=0-1,5-6")[0] == 200
    assert get("Range: bytes=0-1", f"If-Range: {whole['etag']}")[0] == 206
    assert get("Range: bytes=0-1", 'If-Range: "other"')[2] == body
    assert get(f"If-None-Match: {whole['etag']}")[0] == 304


def test_every_answer_tells_the_browser_to_be_careful(wire):
    connection = wire()
    for path in (b"/", b"/healthz", b"/api/nothing", b"/api/records"):
        connection.send(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        _, headers, _ = connection.reply()
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"]
        assert headers["x-request-id"]
        # localhost must stay usable without TLS for whatever else runs there.
        assert "strict-transport-security" not in headers


@pytest.fixture
def hasty(make_server):
    """A connection to a server that waits a second, and wants 1,000 bytes in it."""
    return Wire(make_server(settings={"server.head_timeout": "1s", "server.body_timeout": "1s", "server.min_rate": "1000"}))


def drip_until_answered(connection, drop):
    """Sends the same few bytes again and again until there is an answer: (status, seconds)."""
    begun = time.monotonic()
    connection.socket.settimeout(0.1)
    while time.monotonic() - begun < 8:
        connection.send(drop)
        try:
            return connection.reply()[0], time.monotonic() - begun
        except TimeoutError:
            pass
    raise AssertionError("borne for ever")


@pytest.mark.parametrize("framing", [b"Content-Length: 1000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"], ids=["length", "chunked"])
def test_a_body_that_drips_is_408_and_closed(hasty, framing):
    hasty.send(LOGIN + framing)
    status, seconds = drip_until_answered(hasty, b" " if b"Length" in framing else b"1\r\n \r\n")
    assert status == 408
    assert 0.9 < seconds < 5
    assert hasty.closed()


def test_a_body_that_takes_long_but_flows_is_taken(hasty):
    hasty.send(LOGIN + b"Content-Length: 7002\r\n\r\n")
    for _ in range(7):
        time.sleep(0.4)
        hasty.send(b" " * 1000)
    hasty.send(b"{}")
    assert hasty.reply()[0] == 400


@pytest.mark.parametrize("drop", [b"X: y\r\n", b"X"], ids=["lines", "bytes"])
def test_a_head_that_drips_is_408_and_closed(hasty, drop):
    """Slowloris: each line comes in time, the head never ends."""
    hasty.send(b"GET /healthz HTTP/1.1\r\n" + HOST)
    status, seconds = drip_until_answered(hasty, drop)
    assert status == 408
    assert 0.9 < seconds < 5
    assert hasty.closed()


UPGRADES = {
    "websocket": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
                  b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"),
    "h2c": (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
}


@pytest.mark.parametrize("name", UPGRADES)
def test_an_upgrade_that_nobody_wants_is_an_ordinary_request(wire, name):
    connection = wire()
    connection.send(UPGRADES[name] + b"GET /api/nothing HTTP/1.1\r\n" + HOST + b"\r\n")
    status, _, body = connection.reply()
    assert (status, body) == (200, b'{"ok":true}')
    assert connection.reply()[0] == 404


def test_connect_opens_no_tunnel(wire):
    connection = wire()
    connection.send(b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\nGET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    status, headers, _ = connection.reply()
    assert 400 <= status < 600
    assert headers["connection"] == "close"
    assert connection.closed()


def test_trailers_are_read_and_dropped(wire):
    connection = wire()
    connection.send(LOGIN + b"Transfer-Encoding: chunked\r\nTrailer: X-User-Id\r\n\r\n2\r\n{}\r\n0\r\n"
                    b"X-User-Id: 00000000-0000-0000-0000-000000000001\r\n\r\n"
                    b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert connection.reply()[0] == 400
    assert connection.reply()[2] == b'{"ok":true}'


def test_a_slow_reader_does_not_make_the_server_grow(server, wire):
    def resident():
        with open(f"/proc/{server.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    requests = (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 400
    connection = wire()
    connection.send(requests)
    connection.reply()
    before = resident()
    connections = [wire() for _ in range(20)]
    for slow in connections:
        slow.socket.settimeout(0.2)
        try:
            for _ in range(50):
                slow.send(requests)
        except (TimeoutError, ssl.SSLError, OSError):
            pass  # the server stopped reading: that is the point
    time.sleep(0.5)
    # Unbounded it would be gigabytes. A sanitizer keeps freed memory back for a while, 256 MB at most.
    assert resident() - before < 400 << 20
    # And everybody else is served.
    other = wire()
    other.send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    assert other.reply()[0] == 200
