# SPDX-License-Identifier: MIT
"""gRPC-Web as browsers speak it: over HTTP/1.1, its trailers in the body, binary and as text."""
import base64
import http.client
import socket

import pytest
from grpc_echo import echo, message, split  # noqa: F401

KINDS = ["application/grpc-web", "application/grpc-web+proto", "application/grpc-web-text", "application/grpc-web-text+proto"]


class Page:
    """What a page of another origin sees."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def call(self, path, body, kind="application/grpc-web", **headers):
        text = "-text" in kind
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("POST", path, base64.b64encode(body) if text else body,
                                {"content-type": kind, "origin": "https://page.test", "x-grpc-web": "1", **named})
        response = self.connection.getresponse()
        data = response.read()
        return response, split(decoded(data) if text else data)


def decoded(text):
    """Base64 in parts, each with its own padding."""
    return b"".join(base64.b64decode(text[at:at + 4]) for at in range(0, len(text), 4))


def trailers(frame):
    flags, payload = frame
    assert flags == 0x80
    return dict(line.split(": ", 1) for line in payload.decode().split("\r\n")[:-1])


@pytest.fixture
def page(echo):
    made = Page(echo.port)
    yield made
    made.connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_is_answered_in_its_own_dialect(page, kind):
    for n in range(4):
        body = b"x" * n
        response, frames = page.call("/test.Echo/Unary", message(body), kind)
        assert response.status == 200 and response.getheader("content-type") == kind
        assert frames[0] == (0, body) and trailers(frames[1]) == {"grpc-status": "0"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_comes_in_messages_and_ends_with_its_trailers(page, kind):
    response, frames = page.call("/test.Echo/Down", message(b"500 1000"), kind)
    assert response.status == 200 and len(frames) == 501 and all(frame == (0, b"d" * 1000) for frame in frames[:-1])
    assert trailers(frames[-1])["grpc-status"] == "0"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_stands_in_the_head(page, kind):
    response, frames = page.call("/test.Echo/Unary", message(b"fail 404"), kind)
    assert response.status == 200 and frames == [] and response.getheader("grpc-status") == "5"


def test_a_page_may_read_the_status(page):
    response, _ = page.call("/test.Echo/Unary", message(b"fail 404"))
    assert response.getheader("access-control-allow-origin") == "https://page.test"
    assert {"grpc-status", "grpc-message", "grpc-status-details-bin"} <= set(response.getheader("access-control-expose-headers").split(", "))


def test_a_page_may_send_what_its_library_sends(page):
    page.connection.request("OPTIONS", "/test.Echo/Unary", headers={
        "origin": "https://page.test", "access-control-request-method": "POST", "access-control-request-headers": "x-grpc-web,grpc-timeout"})
    response = page.connection.getresponse()
    response.read()
    assert response.status == 204
    assert {"x-grpc-web", "x-user-agent", "grpc-timeout", "content-type"} <= set(response.getheader("access-control-allow-headers").split(", "))


def test_metadata_goes_both_ways(page):
    response, frames = page.call("/test.Echo/Metadata", message(b""), x_in="a b", x_in_bin="AP8B")
    assert response.getheader("x-head") == "a b" and response.getheader("x-head-bin") == "AP8B"
    assert trailers(frames[-1])["x-trailer"] == "a b" and trailers(frames[-1])["x-trailer-bin"] == "AP8B" and frames[0][1] == b"\x00\xff\x01"


def test_a_deadline_holds(page):
    response, frames = page.call("/test.Echo/Unary", message(b"sleep 20000"), grpc_timeout="50m")
    assert response.getheader("grpc-status") == "4" and frames == []


def test_client_streams_are_not_for_browsers(page):
    response, _ = page.call("/test.Echo/Both", message(b"x"))
    assert response.getheader("grpc-status") == "12"


def test_bad_base64_is_refused(page):
    for body in (b"****", b"AA=A", b"=AAA", b"AAAAA", b"AAB="):
        page.connection.request("POST", "/test.Echo/Unary", body, {"content-type": KINDS[2]})
        response = page.connection.getresponse()
        response.read()
        assert response.getheader("grpc-status") == "13", body


def test_get_is_405(page):
    page.connection.request("GET", "/test.Echo/Unary", headers={"content-type": KINDS[0]})
    response = page.connection.getresponse()
    response.read()
    assert response.status == 405 and response.getheader("allow") == "POST"


def test_grpc_itself_works_over_http_1_1_with_its_trailers(echo):
    """A chunked body ends with the status."""
    with socket.create_connection(("127.0.0.1", echo.port), timeout=10) as raw:
        body = message(b"plain")
        raw.sendall(b"POST /test.Echo/Unary HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc\r\nte: trailers\r\n"
                    b"content-length: %d\r\n\r\n" % len(body) + body)
        answer = b""
        while not answer.endswith(b"\r\n\r\n") or answer.count(b"\r\n\r\n") < 2:
            answer += raw.recv(65536)
    assert answer.endswith(message(b"plain") + b"\r\n0\r\ngrpc-status: 0\r\n\r\n")
