# SPDX-License-Identifier: MIT
"""HTTP/2 over real TLS sockets: with nghttp and curl as clients, and with frames that no client sends."""
import re
import shutil
import ssl
import struct
import subprocess
import time

import pytest

from http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PRIORITY_UPDATE, RST_STREAM, SETTINGS,
                   WINDOW_UPDATE, Frames, head, literal)


@pytest.fixture
def frames(server):
    made = []

    def connect(**kwargs):
        made.append(Frames(server, **kwargs))
        return made[-1]

    yield connect
    for one in made:
        one.close()


def needs(program):
    return pytest.mark.skipif(not shutil.which(program), reason=f"{program} is not installed")


@needs("nghttp")
def test_nghttp_multiplexes(server):
    urls = [f"https://localhost:{server.port}/healthz?{n}" for n in range(50)]
    done = subprocess.run(["nghttp", "-nv", "--no-verify-peer", *urls], capture_output=True, text=True, timeout=30)
    if "unrecognized option" in done.stderr:
        done = subprocess.run(["nghttp", "-nv", *urls], capture_output=True, text=True, timeout=30)
    assert done.stdout.count(":status: 200") == 50, done.stdout[-2000:]


@needs("curl")
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_curl_trusts_and_is_answered(server, version):
    done = subprocess.run(["curl", "-sS", version, "--cacert", server.ca, "-w", "%{http_version} %{http_code}", "-o", "/dev/null",
                           f"https://localhost:{server.port}/healthz"], capture_output=True, text=True, timeout=30)
    assert done.stdout == ("2 200" if version == "--http2" else "1.1 200"), done.stderr


@needs("curl")
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_an_encoded_answer_is_the_same_answer(server, coding):
    url = f"https://localhost:{server.port}/api/openapi.json"
    plain = subprocess.run(["curl", "-sS", "--cacert", server.ca, url], capture_output=True, timeout=30).stdout
    done = subprocess.run(["curl", "-sS", "--cacert", server.ca, "-H", f"accept-encoding: {coding}", "-D", "/dev/stderr", url],
                          capture_output=True, timeout=30)
    assert f"content-encoding: {coding}" in done.stderr.decode()
    assert "vary: accept-encoding" in done.stderr.decode()
    tool = {"gzip": ["gzip", "-dc"], "br": ["brotli", "-dc"], "zstd": ["zstd", "-dc"]}[coding]
    assert len(done.stdout) < len(plain)
    if shutil.which(tool[0]):
        assert subprocess.run(tool, input=done.stdout, capture_output=True, timeout=30).stdout == plain


def test_a_get_is_answered(frames):
    connection = frames()
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, head(b"/healthz"))
    assert connection.until(DATA, 1)[3] == b'{"ok":true}'


def test_a_body_stays_within_the_window_it_was_given(frames):
    connection = frames()
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 100))  # INITIAL_WINDOW_SIZE
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, head(b"/api/openapi.json"))
    _, flags, _, first = connection.until(DATA, 1)
    assert len(first) == 100 and not flags & END_STREAM
    connection.send(PING, 0, 0, b"12345678")
    assert connection.until(PING)[1] & ACK, "nothing but the answer to the ping may come"
    connection.send(WINDOW_UPDATE, 0, 1, struct.pack(">I", 50))
    assert len(connection.until(DATA, 1)[3]) == 50
    connection.send(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1 << 20))
    while not connection.until(DATA, 1)[1] & END_STREAM:
        pass


@pytest.mark.parametrize("bad", [
    lambda c: c.send(DATA, 0, 0, b"data on stream zero"),
    lambda c: c.send(HEADERS, END_HEADERS | END_STREAM, 2, head(b"/healthz")),
    lambda c: c.send(SETTINGS, 0, 0, b"12345"),
    lambda c: c.send(PING, 0, 0, b"short"),
    lambda c: c.send(CONTINUATION, END_HEADERS, 1, b""),
    lambda c: c.send(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    lambda c: c.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0)),
], ids=["data-on-0", "even-stream", "settings-size", "ping-size", "stray-continuation", "hpack", "window-0"])
def test_a_connection_error_ends_with_goaway(frames, bad):
    connection = frames()
    bad(connection)
    assert connection.goaway() != 0


def test_http_1_where_h2_was_agreed_is_closed(frames):
    connection = frames(preface=False)
    connection.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while connection.receive() is not None:
        pass


@pytest.mark.parametrize("more", [
    (b"Upper", b"case"), (b"connection", b"close"), (b"transfer-encoding", b"chunked"), (b":late", b"x"), (b"x", b"a\r\nb"),
], ids=["upper", "connection", "te", "pseudo", "crlf"])
def test_a_malformed_request_is_reset_and_the_connection_serves_on(frames, more):
    connection = frames()
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, head(b"/healthz", b"GET", more))
    connection.until(RST_STREAM, 1)
    connection.send(HEADERS, END_HEADERS | END_STREAM, 3, head(b"/healthz"))
    assert connection.until(DATA, 3)[3] == b'{"ok":true}'


@pytest.mark.parametrize("fields", [
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"localhost"), (b"host", b"elsewhere")],
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":scheme", b"https"), (b"host", b"localhost"), (b"host", b"elsewhere")],
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":scheme", b"https")],
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"user@localhost")],
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"local host")],
    [(b":method", b"GET"), (b":path", b"http://elsewhere/healthz"), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b":method", b"GET"), (b":path", b""), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":path", b"/metrics"), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b":method", b"GE T"), (b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b":method", b"GET"), (b":path", b"/healthz HTTP/1.1\r\nx: y"), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b":method", b"GET"), (b":path", b"/healthz"), (b":authority", b"localhost")],
    [(b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b"x", b"y"), (b":method", b"GET"), (b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"localhost")],
    [(b":method", b"CONNECT"), (b":authority", b"localhost:80")],
    [(b":method", b"CONNECT"), (b":protocol", b"websocket"), (b":path", b"/healthz"), (b":scheme", b"https"), (b":authority", b"localhost")],
], ids=["host differs", "hosts differ", "no host", "user in host", "blank in host", "absolute path", "empty path", "two paths",
        "blank in method", "crlf in path", "no scheme", "no method", "late pseudo-fields", "CONNECT", "extended CONNECT"])
def test_what_could_be_read_in_two_ways_is_refused(frames, fields):
    connection = frames()
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, b"".join(literal(name, value) for name, value in fields))
    refusal = connection.receive()
    while refusal[2] != 1 or refusal[0] not in (DATA, RST_STREAM):
        refusal = connection.receive()
    assert refusal[0] == RST_STREAM or re.search(rb'"status":4\d\d', refusal[3]), refusal
    connection.get(3, b"/healthz")
    assert connection.until(DATA, 3)[3] == b'{"ok":true}'


@pytest.mark.parametrize("more", [
    (b"te", b"gzip"), (b"te", b"trailers, deflate"), (b"keep-alive", b"5"), (b"proxy-connection", b"close"), (b"upgrade", b"websocket"),
    (b"content-length", b"1, 1"), (b"content-length", b"+1"), (b"content-length", b""), (b"x", b" led by a blank"), (b"x y", b"z"), (b"", b"z"),
], ids=["te", "tes", "keep-alive", "proxy-connection", "upgrade", "lengths", "signed length", "empty length", "blank value", "blank name", "no name"])
def test_a_field_that_http_1_would_act_on_is_malformed(frames, more):
    connection = frames()
    connection.get(1, b"/healthz", more)
    connection.until(RST_STREAM, 1)
    connection.get(3, b"/healthz")
    assert connection.until(DATA, 3)[3] == b'{"ok":true}'


def test_te_trailers_and_the_same_host_twice_are_fine(frames):
    connection = frames()
    connection.get(1, b"/healthz", (b"te", b"trailers"), (b"host", b"LOCALHOST"))
    assert connection.until(DATA, 1)[3] == b'{"ok":true}'


@pytest.mark.parametrize("length", [b"1", b"3"])
def test_a_body_that_is_not_as_long_as_told_is_reset(frames, length):
    connection = frames()
    connection.send(HEADERS, END_HEADERS, 1, head(b"/api/auth/login", b"POST", (b"content-type", b"application/json"), (b"content-length", length)))
    connection.send(DATA, END_STREAM, 1, b"{}")
    connection.until(RST_STREAM, 1)


def test_trailers_are_read_and_dropped(frames):
    connection = frames()
    connection.send(HEADERS, END_HEADERS, 1, head(b"/api/auth/login", b"POST", (b"content-type", b"application/json")))
    connection.send(DATA, 0, 1, b"{}")
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, literal(b"x-user-id", b"00000000-0000-0000-0000-000000000001"))
    assert b'"status":400' in connection.until(DATA, 1)[3]


def test_pseudo_fields_among_trailers_are_malformed(frames):
    connection = frames()
    connection.send(HEADERS, END_HEADERS, 1, head(b"/api/auth/login", b"POST", (b"content-type", b"application/json")))
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, literal(b":path", b"/metrics"))
    connection.until(RST_STREAM, 1)


def order_of_bodies(connection):
    """Streams in the order in which their bodies end, all windows opened at once."""
    for window in (0, 1, 3, 5):
        connection.send(WINDOW_UPDATE, 0, window, struct.pack(">I", 1 << 24))
    ended = []
    while len(ended) < 3:
        kind, flags, stream, _ = connection.receive()
        if kind == DATA and flags & END_STREAM:
            ended.append(stream)
    return ended


def held_back(frames):
    connection = frames()
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 0))  # INITIAL_WINDOW_SIZE
    return connection


def test_the_more_urgent_answer_comes_first(frames):
    connection = held_back(frames)
    for stream, urgency in ((1, b"u=7"), (3, b"u=3"), (5, b"u=0")):
        connection.get(stream, b"/api/openapi.json", (b"priority", urgency))
        connection.until(HEADERS, stream)
    connection.ping()
    assert order_of_bodies(connection) == [5, 3, 1]


def test_a_client_may_change_its_mind_about_what_is_urgent(frames):
    connection = held_back(frames)
    for stream in (1, 3, 5):
        connection.get(stream, b"/api/openapi.json")
        connection.until(HEADERS, stream)
    connection.send(PRIORITY_UPDATE, 0, 0, struct.pack(">I", 5) + b"u=1")
    connection.send(PRIORITY_UPDATE, 0, 0, struct.pack(">I", 1) + b"u=6")
    connection.ping()
    assert order_of_bodies(connection) == [5, 3, 1]


def flood(connection, frame, most):
    """Sends until the server has had enough; how often it took."""
    for n in range(most):
        try:
            frame(n)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            return n
    return most


def test_rapid_reset_is_sent_away(frames, server):
    connection = frames()

    def one(n):
        connection.send(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, head(b"/healthz"))
        connection.send(RST_STREAM, 0, 2 * n + 1, struct.pack(">I", 8))

    flood(connection, one, 5000)
    assert connection.goaway() != 0
    assert server.request("GET", "/healthz")[0] == 200


def test_streams_that_we_are_made_to_reset_are_counted_too(frames, server):
    connection = frames()

    def one(n):
        connection.send(HEADERS, END_HEADERS | END_STREAM, 2 * n + 1, head(b"/healthz", b"GET", (b"Upper", b"case")))

    flood(connection, one, 3000)
    assert connection.goaway() == 11  # ENHANCE_YOUR_CALM
    assert server.request("GET", "/healthz")[0] == 200


def test_a_flood_of_continuations_is_sent_away(frames, server):
    connection = frames()
    connection.send(HEADERS, END_STREAM, 1, head(b"/healthz"))
    flood(connection, lambda n: connection.send(CONTINUATION, 0, 1, literal(b"x", b"y")), 2000)
    while connection.receive() is not None:
        pass
    assert server.request("GET", "/healthz")[0] == 200


def test_a_header_list_over_the_limit_is_431(frames):
    connection = frames()
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, head(b"/healthz", b"GET", *[(b"x-%d" % n, b"v" * 120) for n in range(99)]))
    connection.send(HEADERS, END_HEADERS | END_STREAM, 3, head(b"/healthz", b"GET", *[(b"x", b"v") for n in range(200)]))
    answer = connection.until(HEADERS, 3)[3]
    assert answer[0] != 0x88  # not 200
    connection.send(HEADERS, END_HEADERS | END_STREAM, 5, head(b"/healthz"))
    assert connection.until(DATA, 5)[3] == b'{"ok":true}'


def test_a_body_over_its_limit_is_refused_before_it_is_read(frames):
    connection = frames()
    connection.send(HEADERS, END_HEADERS, 1, head(b"/api/auth/login", b"POST", (b"content-type", b"application/json"),
                                                  (b"content-length", b"100000000")))
    assert b'"status":413' in connection.until(DATA, 1)[3]


def test_a_stopping_server_says_goodbye_and_finishes(make_server):
    server = make_server()
    connection = Frames(server)
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, head(b"/healthz"))
    connection.until(DATA, 1)
    server.process.terminate()
    assert connection.goaway() == 0
    begun = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begun < 10
