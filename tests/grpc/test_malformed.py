# SPDX-License-Identifier: MIT
"""What no client should send over gRPC, and what it gets; frame by frame."""
import gzip
import struct
import time

import pytest
from grpc_echo import GrpcFrames, echo, message  # noqa: F401
from http2 import DATA, END_STREAM, HEADERS, PING, RST_STREAM, SETTINGS, WINDOW_UPDATE

OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 4, 5, 8, 12, 13
UNARY, UP, BOTH, DOWN = b"/test.Echo/Unary", b"/test.Echo/Up", b"/test.Echo/Both", b"/test.Echo/Down"
LIMIT, ROUTE_LIMIT = 4 * 1024 * 1024, 1024 * 1024


@pytest.fixture
def frames(echo):
    connection = GrpcFrames(echo.grpc_port)
    yield connection
    connection.close()


def status(answer):
    return int(answer[2]["grpc-status"])


def test_a_message_arrives_whole_however_it_is_cut(frames):
    body = message(b"hello")
    for stream, cut in enumerate(range(len(body) + 1)):
        frames.head(2 * stream + 1, UNARY)
        frames.body(2 * stream + 1, body[:cut], end=False)
        frames.body(2 * stream + 1, body[cut:])
        answer = frames.answer(2 * stream + 1)
        assert status(answer) == OK and answer[1] == [(0, b"hello")], cut


def test_a_message_in_single_bytes_arrives(frames):
    frames.head(1, UNARY)
    for byte in message(b"slowly"):
        frames.body(1, bytes([byte]), end=False)
    frames.body(1, b"")
    assert frames.answer(1)[1] == [(0, b"slowly")]


def test_messages_of_a_stream_arrive_one_by_one_when_they_come_together(frames):
    many = [bytes([65 + i]) * i for i in range(20)]
    answer = frames.call(1, BOTH, b"".join(message(m) for m in many))
    assert status(answer) == OK and [payload for _, payload in answer[1]] == many


def test_the_status_of_an_answer_stands_in_trailers_of_an_error_in_the_head(frames):
    head, messages, trailers = frames.call(1, UNARY, message(b"x"))
    assert head[":status"] == "200" and head["content-type"] == "application/grpc" and "grpc-status" not in head
    assert trailers["grpc-status"] == "0" and messages == [(0, b"x")]
    head, messages, trailers = frames.call(3, UNARY, message(b"fail 404"))
    assert head is trailers and head[":status"] == "200" and messages == [] and head["grpc-status"] == str(NOT_FOUND)
    assert head["grpc-message"] == "refused: 50 %25 of %C3%A4%0A"


@pytest.mark.parametrize("http, code", [
    (400, 3), (401, 16), (403, 7), (404, 5), (405, 12), (408, 4), (409, 6), (410, 5), (412, 10), (413, 8), (415, 3), (422, 3), (428, 9), (429, 8), (500, 13),
    (502, 14), (503, 14), (504, 4), (507, 8)])
def test_a_problem_becomes_the_code_of_the_contract(frames, http, code):
    assert status(frames.call(1, UNARY, message(b"fail %d" % http))) == code


def test_a_longer_message_than_allowed_is_refused_before_it_comes(frames):
    for stream, path, limit in ((1, UP, LIMIT), (3, UNARY, ROUTE_LIMIT)):
        frames.head(stream, path)
        frames.body(stream, message(b"", length=limit + 1), end=False)
        answer = frames.answer(stream)
        assert status(answer) == RESOURCE_EXHAUSTED and str(limit) in answer[2]["grpc-message"]


def test_a_message_cut_short_is_refused(frames):
    for stream, body in ((1, message(b"abc", length=4)), (3, b"\0\0"), (5, message(b"", length=1))):
        assert status(frames.call(stream, UNARY, body)) == INTERNAL
    frames.head(7, UP)
    frames.body(7, message(b"whole") + message(b"cut", length=100))
    assert status(frames.answer(7)) == INTERNAL


def test_unknown_flags_are_refused(frames):
    assert status(frames.call(1, UNARY, message(b"x", flags=2))) == INTERNAL
    assert status(frames.call(3, BOTH, message(b"x") + message(b"y", flags=0x80))) == INTERNAL


def test_a_unary_method_takes_exactly_one_message(frames):
    assert status(frames.call(1, UNARY, b"")) == UNIMPLEMENTED
    assert status(frames.call(3, UNARY, message(b"a") + message(b"b"))) == UNIMPLEMENTED
    frames.head(5, UNARY, end=True)
    assert status(frames.answer(5)) == UNIMPLEMENTED


def test_the_compressed_flag_needs_an_encoding(frames):
    assert status(frames.call(1, UNARY, message(gzip.compress(b"x"), flags=1))) == INTERNAL


def test_an_unknown_encoding_is_told_which_there_are(frames):
    answer = frames.call(1, UNARY, message(b"x", flags=1), (b"grpc-encoding", b"snappy"))
    assert status(answer) == UNIMPLEMENTED and answer[0]["grpc-accept-encoding"] == "identity,gzip"


def test_gzip_comes_and_goes(frames):
    text = b"again and again " * 1000
    answer = frames.call(1, UNARY, message(gzip.compress(text), flags=1), (b"grpc-encoding", b"gzip"))
    (flags, payload), = answer[1]
    assert answer[0]["grpc-encoding"] == "gzip" and flags == 1 and gzip.decompress(payload) == text and len(payload) < 1000


def test_what_is_no_gzip_is_refused(frames):
    whole = gzip.compress(b"text" * 1000)
    for stream, body in ((1, b"no gzip"), (3, whole[:-5]), (5, whole + b"tail"), (7, b"")):
        assert status(frames.call(stream, UNARY, message(body, flags=1), (b"grpc-encoding", b"gzip"))) == INTERNAL


def test_a_bomb_is_refused_before_it_is_inflated(echo, frames):
    before = echo.peak_kb()
    data = message(gzip.compress(bytes(60 * 1024 * 1024)), flags=1)
    frames.head(1, UNARY, (b"grpc-encoding", b"gzip"))
    for at in range(0, len(data), 16384):
        frames.body(1, data[at:at + 16384], end=at + 16384 >= len(data))
    assert len(data) < 65536 and status(frames.answer(1)) == RESOURCE_EXHAUSTED
    assert echo.peak_kb() - before < 24 * 1024


def test_an_inflated_message_of_exactly_the_limit_passes(frames):
    for stream, size, expected in ((1, ROUTE_LIMIT, OK), (3, ROUTE_LIMIT + 1, RESOURCE_EXHAUSTED)):
        body = gzip.compress(bytes(size))
        assert status(frames.call(stream, UNARY, message(body, flags=1), (b"grpc-encoding", b"gzip"))) == expected


@pytest.mark.parametrize("path", [b"/test.Echo/Nope", b"/test.Nobody/Unary", b"/", b"/test.Echo/Unary/", b"//", b"/test.Echo"])
def test_an_unknown_method_is_unimplemented(frames, path):
    answer = frames.call(1, path, message(b""))
    assert answer[0][":status"] == "200" and status(answer) == UNIMPLEMENTED


def test_get_with_the_content_type_of_grpc_is_405(frames):
    frames.head(1, UNARY, method=b"GET", end=True)
    head, _ = http_answer(frames, 1)
    assert head[":status"] == "405" and head["allow"] == "POST"


def http_answer(frames, stream):
    data = b""
    while True:
        kind, flags, which, payload = frames.receive()
        if which == stream and kind == DATA:
            data += payload
        if which == stream and kind in (DATA, HEADERS) and flags & END_STREAM:
            return frames.seen.pop(stream)[0], data


@pytest.mark.parametrize("kind", [b"application/grpc+json", b"application/grpcx", b"application/grpc-web+thrift", b"application/json"])
def test_another_message_format_is_415(frames, kind):
    frames.head(1, UNARY, kind=kind)
    frames.body(1, message(b"x"))
    head, _ = http_answer(frames, 1)
    assert head[":status"] == "415"


@pytest.mark.parametrize("timeout", [b"", b"5", b"S", b"123456789S", b"-1S", b"1x", b"1 S", b"1.5S", b"+1S"])
def test_a_malformed_timeout_is_refused(frames, timeout):
    assert status(frames.call(1, UNARY, message(b"x"), (b"grpc-timeout", timeout))) == INVALID_ARGUMENT


def test_the_server_ends_a_call_whose_time_is_over(frames):
    for stream, timeout in ((1, b"50m"), (3, b"1n"), (5, b"0S"), (7, b"100000u")):
        began = time.monotonic()
        assert status(frames.call(stream, UNARY, message(b"sleep 20000"), (b"grpc-timeout", timeout))) == DEADLINE_EXCEEDED
        assert time.monotonic() - began < 5


def test_a_deadline_ends_streams_and_messages_that_never_come(frames):
    frames.head(1, UP, (b"grpc-timeout", b"100m"))
    frames.head(3, UNARY, (b"grpc-timeout", b"100m"))
    frames.head(5, b"/test.Echo/Hang", (b"grpc-timeout", b"100m"))
    frames.body(5, message(b""))
    while not all("grpc-status" in frames.seen.get(stream, [{}])[-1] for stream in (1, 3, 5)):
        frames.receive()
    assert {int(heads[-1]["grpc-status"]) for heads in frames.seen.values()} == {DEADLINE_EXCEEDED}


def test_many_deadlines_pass_each_at_its_time(frames):
    """Their order is not that of their coming."""
    for i in range(60):
        frames.head(2 * i + 1, UNARY, (b"grpc-timeout", b"%dm" % (50 + 37 * i % 200)))
    while len(frames.seen) < 60:
        frames.receive()
    assert all(int(heads[-1]["grpc-status"]) == DEADLINE_EXCEEDED for heads in frames.seen.values())
    assert status(frames.call(201, UNARY, message(b"after"))) == OK


def test_a_call_that_is_reset_ends(frames):
    before = int(frames.call(1, b"/test.Echo/Gone", message(b""))[1][0][1])
    for stream in range(3, 13, 2):
        frames.head(stream, b"/test.Echo/Hang")
        frames.body(stream, message(b""))
        frames.until(DATA, stream)
        frames.send(RST_STREAM, 0, stream, struct.pack(">I", 8))
    frames.ping()
    assert int(frames.call(101, b"/test.Echo/Gone", message(b""))[1][0][1]) == before + 5


def test_too_many_pings_end_the_connection_by_their_name(frames):
    for _ in range(40):
        frames.send(PING, 0, 0, b"pingping")
    assert frames.farewell() == (11, "too_many_pings")


def test_pings_that_measure_what_is_sent_are_borne(frames):
    """A client may send one with each frame that it gets, and keeps alive besides."""
    for i in range(60):
        frames.send(PING, 0, 0, b"pingping")
        assert status(frames.call(2 * i + 1, UNARY, message(b"x"))) == OK


def test_a_window_that_stays_closed_holds_a_stream_and_no_memory(echo, frames):
    before = echo.peak_kb()
    frames.head(1, DOWN)
    frames.body(1, message(b"1000000 1000"))
    got = 0
    while got < 65535:
        got += len(frames.until(DATA, 1)[3])
    frames.ping()
    assert echo.peak_kb() - before < 16 * 1024
    frames.send(RST_STREAM, 0, 1, struct.pack(">I", 8))
    frames.ping()


def opened(frame, stream):
    """By how much a frame opens the stream's window."""
    kind, _, which, payload = frame
    return struct.unpack(">I", payload)[0] if kind == WINDOW_UPDATE and which == stream else 0


def test_a_slow_method_holds_the_client_back(frames):
    """Of a stream that is read slowly no more comes than its window; and nothing is lost."""
    data, total = message(b"s" * 1000), 700
    settings = frames.until(SETTINGS)[3]
    window = dict(struct.unpack(">HI", settings[i:i + 6]) for i in range(0, len(settings), 6))[4]
    frames.head(1, b"/test.Echo/Sip")
    began, waited = time.monotonic(), 0
    for _ in range(total):
        while window < len(data):
            window += opened(frames.receive(), 1)
            waited += 1
        frames.body(1, data, end=False)
        window -= len(data)
    assert waited and time.monotonic() - began > 0.2, "the window opens as messages are read, not as they come"
    frames.body(1, b"")
    assert frames.answer(1)[1] == [(0, b"%d %d" % (total, 1000 * total))]


def test_bad_base64_in_metadata_is_no_metadata(frames):
    for stream, value in ((1, b"****"), (3, b"A"), (5, b"QQ=Q")):
        answer = frames.call(stream, b"/test.Echo/Metadata", message(b""), (b"x-in-bin", value))
        assert status(answer) == OK and answer[1] == [(0, b"none")]

