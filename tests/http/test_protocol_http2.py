# SPDX-License-Identifier: MIT
"""HTTP/2 over real TLS sockets: with nghttp and curl as clients, and with frames that no client sends."""
import shutil
import ssl
import struct
import subprocess
import time

import pytest

from http2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE,
                   Frames, head, literal)

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
