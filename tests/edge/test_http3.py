# SPDX-License-Identifier: MIT
"""HTTP/3 by clients that make their streams by hand: what is wrong gets RFC 9114's code, what is too much is cut off."""
import json
import re
import struct
import time

import pytest

from clients import curl, make_relay, needs  # noqa: F401 (a fixture)
from h3_streams import (CANCEL_PUSH, CLOSED_CRITICAL_STREAM, CONTROL, DATA, DECODER, DECODER_STREAM_ERROR, DECOMPRESSION_FAILED, ENCODER,
                        ENCODER_STREAM_ERROR, EXCESSIVE_LOAD, FRAME_ERROR, FRAME_UNEXPECTED, GOAWAY, HEADERS, ID_ERROR, MAX_PUSH_ID,
                        MESSAGE_ERROR, MISSING_SETTINGS, NO_ERROR, PUSH, PUSH_PROMISE, REQUEST_CANCELLED, REQUEST_INCOMPLETE, SETTINGS,
                        SETTINGS_ERROR, STREAM_CREATION_ERROR, Ended, Raw, field, frame, frames_of, head, request)
from quic_raw import Peer, take_varint, varint
from test_http2_guards import locked, running  # noqa: F401 (a fixture)
from waiting import eventually

pytestmark = needs("h3_raw")
OK = b'{"ok":true}'
LIMIT = 20
PRIORITY_UPDATE = 0xF0700


@pytest.fixture
def connect(server):
    made = []

    def make(*options, to=None, **kwargs):
        made.append(Raw(to or server, *options, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.__exit__()


@pytest.fixture(scope="module")
def strict():
    """A server that bears little, and not for long."""
    from conftest import Server
    running = Server(settings={"http3.resets": str(LIMIT), "http3.odd_frames": str(LIMIT), "http3.forced_resets": "5",
                               "server.write_timeout": "1s", "server.body_timeout": "1s", "server.head_timeout": "1s",
                               "server.max_streams": "40"}).start()
    yield running
    running.discard()


def metric(server, name):
    return int(re.search(rf"^{re.escape(name)} (\d+)$", server.request("GET", "/metrics")[2].decode(), re.M).group(1))


def fired(server, guard):
    return metric(server, f'recordd_guard_fired_total{{guard="{guard}"}}')


def test_a_request_made_by_hand_is_answered(connect):
    assert connect().get(b"/healthz") == OK


# ── Bad input ──

settings = lambda *pairs: frame(SETTINGS, b"".join(varint(k) + varint(v) for k, v in pairs))
bidi = lambda data, fin=True: lambda c: c.open("bidi", data, fin)
uni = lambda kind, data=b"", fin=False: lambda c: c.open("uni", varint(kind) + data, fin)
on_control = lambda data: lambda c: c.send(c.control, data)
GOOD = request(b"/healthz")
LOGIN = request(b"/api/auth/login", (b"content-type", b"application/json"), method=b"POST")


def settled(word, stream):
    """Once both sides have each other's control stream, or it would never have been one."""
    def do(connection):
        assert connection.get(b"/healthz") == OK
        connection.say(word, stream, 0)
    return do


BAD = {
    "HTTP/2 setting": (False, uni(CONTROL, settings((2, 1))), SETTINGS_ERROR),
    "setting twice": (False, uni(CONTROL, settings((1, 100), (1, 100))), SETTINGS_ERROR),
    "setting cut short": (False, uni(CONTROL, frame(SETTINGS, varint(6))), FRAME_ERROR),
    "no settings": (False, uni(CONTROL, frame(GOAWAY, varint(0))), MISSING_SETTINGS),
    "settings twice": (True, on_control(settings()), FRAME_UNEXPECTED),
    "second control stream": (True, uni(CONTROL, settings()), STREAM_CREATION_ERROR),
    "control stream ends": (True, lambda c: c.say("fin", c.control), CLOSED_CRITICAL_STREAM),
    "control stream reset": (True, settled("reset", 2), CLOSED_CRITICAL_STREAM),
    "server's control stream stopped": (True, settled("stop", 3), CLOSED_CRITICAL_STREAM),
    "push stream": (True, uni(PUSH, varint(0)), STREAM_CREATION_ERROR),
    "DATA on control": (True, on_control(frame(DATA, b"x")), FRAME_UNEXPECTED),
    "HEADERS on control": (True, on_control(head(*GOOD)), FRAME_UNEXPECTED),
    "HTTP/2 ping": (True, on_control(frame(6, b"12345678")), FRAME_UNEXPECTED),
    "CANCEL_PUSH of no push": (True, on_control(frame(CANCEL_PUSH, varint(0))), FRAME_UNEXPECTED),
    "MAX_PUSH_ID shrinks": (True, on_control(frame(MAX_PUSH_ID, varint(5)) + frame(MAX_PUSH_ID, varint(4))), FRAME_ERROR),
    "GOAWAY grows": (True, on_control(frame(GOAWAY, varint(0)) + frame(GOAWAY, varint(4))), ID_ERROR),
    "priority of a push": (True, on_control(frame(PRIORITY_UPDATE + 1, varint(0))), ID_ERROR),
    "priority beyond the limit": (True, on_control(frame(PRIORITY_UPDATE, varint(1 << 20))), ID_ERROR),
    "DATA before HEADERS": (True, bidi(frame(DATA, b"x")), FRAME_UNEXPECTED),
    "SETTINGS on a request": (True, bidi(settings()), FRAME_UNEXPECTED),
    "PUSH_PROMISE": (True, bidi(frame(PUSH_PROMISE, varint(0) + b"\0\0")), FRAME_UNEXPECTED),
    "GOAWAY on a request": (True, bidi(frame(GOAWAY, varint(0))), FRAME_UNEXPECTED),
    "MAX_PUSH_ID on a request": (True, bidi(frame(MAX_PUSH_ID, varint(0))), FRAME_UNEXPECTED),
    "DATA after trailers": (True, bidi(head(*GOOD) + head((b"x", b"y")) + frame(DATA, b"x")), FRAME_UNEXPECTED),
    "frame cut off": (True, bidi(head(*GOOD)[:-3]), FRAME_ERROR),
    "no :path": (True, bidi(head(*GOOD[:3])), MESSAGE_ERROR),
    "no :method": (True, bidi(head(*GOOD[1:])), MESSAGE_ERROR),
    "no :scheme": (True, bidi(head(GOOD[0], *GOOD[2:])), MESSAGE_ERROR),
    ":path twice": (True, bidi(head(*GOOD, (b":path", b"/"))), MESSAGE_ERROR),
    ":status asked": (True, bidi(head(*GOOD, (b":status", b"200"))), MESSAGE_ERROR),
    "pseudo-field unknown": (True, bidi(head(*GOOD, (b":version", b"3"))), MESSAGE_ERROR),
    "pseudo-field late": (True, bidi(head(*GOOD[:3], (b"x", b"y"), GOOD[3])), MESSAGE_ERROR),
    "pseudo-field in trailers": (True, bidi(head(*GOOD) + head((b":path", b"/"))), MESSAGE_ERROR),
    "upper case": (True, bidi(head(*GOOD, (b"X-Upper", b"case"))), MESSAGE_ERROR),
    "connection": (True, bidi(head(*GOOD, (b"connection", b"close"))), MESSAGE_ERROR),
    "transfer-encoding": (True, bidi(head(*GOOD, (b"transfer-encoding", b"chunked"))), MESSAGE_ERROR),
    "te": (True, bidi(head(*GOOD, (b"te", b"gzip"))), MESSAGE_ERROR),
    "less body than told": (True, bidi(head(*LOGIN, (b"content-length", b"5")) + frame(DATA, b"xx")), MESSAGE_ERROR),
    "more body than told": (True, bidi(head(*LOGIN, (b"content-length", b"1")) + frame(DATA, b"xx")), MESSAGE_ERROR),
    "no entry in the table": (True, bidi(frame(HEADERS, b"\0\0\xff\x60")), DECOMPRESSION_FAILED),
    "table too large": (True, uni(ENCODER, b"\x3f\xff\xff\x01"), ENCODER_STREAM_ERROR),
    "acknowledges nothing": (True, uni(DECODER, b"\x80"), DECODER_STREAM_ERROR),
}


@pytest.mark.parametrize("what", list(BAD))
def test_what_is_wrong_gets_the_code_of_the_rfc(server, connect, what):
    greet, do, code = BAD[what]
    connection = connect(greet=greet)
    if not greet:
        connection.until("ready")
    do(connection)
    assert connection.closed_with() == ("app", code)


def test_the_server_serves_on_beside_all_that(server):
    assert curl(server, "--http3-only", "/healthz").body == OK


def test_what_http_3_allows_is_borne(connect):
    connection = connect(settings=varint(0x21) + varint(7))  # a setting nobody knows
    connection.open("uni", varint(0x21) + b"whatever")  # and a stream
    connection.send(connection.control, frame(0x21, b"odd") + frame(PRIORITY_UPDATE, varint(0) + b"u=0, i"))
    stream = connection.open("bidi", frame(0x21, b"odd") + head(*GOOD) + frame(0x21) + head((b"trailer", b"x")), True)
    assert connection.body(stream) == OK


def test_a_value_that_is_none_does_not_get_in(connect):
    connection = connect()
    stream = connection.ask(b"/healthz", (b"x-request-id", b"a\r\nb"))
    assert connection.body(stream) == OK and b"a\r\nb" not in connection.streams[stream]


# ── Handshakes ──

def test_another_protocol_is_refused(server, connect):
    assert connect("--alpn", "h4", greet=False).closed_with() == ("transport", 0x178)


def test_a_session_is_resumed(server, connect, tmp_path):
    kept = tmp_path / "session"
    for wanted in ("full", "resumed", "resumed"):
        connection = connect("--keep", kept, greet=False)
        assert connection.until("ready")[1] == wanted
        connection.open("uni", varint(CONTROL) + settings())
        assert connection.get(b"/healthz") == OK
    assert metric(server, 'recordd_tls_handshakes_total{version="1.3",resumed="yes"}') >= 2


def test_a_client_whose_first_group_is_unknown_is_asked_again(connect):
    """HelloRetryRequest."""
    groups = "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X448:+GROUP-SECP384R1"
    connection = connect("--priority", groups, greet=False)
    connection.until("hello", "retried")
    connection.until("ready")
    connection.open("uni", varint(CONTROL) + settings())
    assert connection.get(b"/healthz") == OK


def test_under_pressure_an_address_is_to_be_proven(make_server, connect):
    """Retry."""
    server = make_server(settings={"http3.retry_threshold": "1"})
    assert connect(to=server).get(b"/healthz") == OK
    assert metric(server, "recordd_quic_retries_total") == 0
    with Peer(server.port) as half_open:
        half_open.send(half_open.hello())
        half_open.received(most=1)
        assert connect(to=server).get(b"/healthz") == OK
    assert metric(server, "recordd_quic_retries_total") == 1


def test_keys_are_renewed(connect):
    connection = connect()
    for _ in range(3):
        connection.say("wait", 500)  # a key is kept for a while after its successor came
        assert connection.get(b"/healthz") == OK
        connection.say("update")
        assert connection.get(b"/healthz") == OK


# ── Limits ──

def test_a_body_over_its_limit_is_refused_before_it_is_read(connect):
    connection = connect()
    stream = connection.ask(b"/api/auth/login", (b"content-type", b"application/json"), (b"content-length", b"100000000"),
                            method=b"POST", fin=False)
    assert json.loads(connection.body(stream))["status"] == 413
    assert connection.get(b"/healthz") == OK


def test_a_path_does_not_overrule_the_authority(connect):
    connection = connect()
    fields = (b":method", b"GET"), (b":scheme", b"odd"), (b":authority", b"localhost"), (b":path", b"https://evil.example/healthz")
    assert json.loads(connection.body(connection.open("bidi", head(*fields), True)))["status"] == 400


def test_a_field_section_over_the_limit_is_431(connect):
    connection = connect()
    many = [(b"x-%d" % n, b"v" * 400) for n in range(99)]
    assert json.loads(connection.get(b"/healthz", *many))["status"] == 431
    assert connection.get(b"/healthz") == OK


def test_a_body_stays_within_the_window_it_was_given(connect):
    connection = connect("--window", 1000)
    stream = connection.ask(b"/api/openapi.json")
    connection.get(b"/healthz")
    assert len(connection.streams[stream]) == 1000 and stream not in connection.finished
    connection.say("credit", stream, 1 << 20)
    assert json.loads(connection.body(stream))["openapi"]


def test_who_opens_no_window_is_cut_off_and_frees_the_server(strict, connect):
    before = fired(strict, "zero_window")
    connection = connect("--window", 1000, to=strict)
    stream = connection.ask(b"/api/openapi.json")
    connection.until("reset", stream)
    assert connection.resets[stream] == REQUEST_CANCELLED
    assert connection.get(b"/healthz") == OK
    assert fired(strict, "zero_window") == before + 1


def test_a_body_that_stops_coming_is_408(strict, connect):
    before = fired(strict, "slow_body")
    connection = connect(to=strict)
    stream = connection.ask(b"/api/auth/login", (b"content-type", b"application/json"), method=b"POST", body=b"{", fin=False)
    assert json.loads(connection.body(stream))["status"] == 408
    assert fired(strict, "slow_body") == before + 1


def test_a_head_that_stops_coming_is_408(strict, connect):
    before = fired(strict, "slow_head")
    connection = connect(to=strict)
    stream = connection.open("bidi", head(*GOOD)[:-3])
    assert json.loads(connection.body(stream))["status"] == 408
    assert fired(strict, "slow_head") == before + 1


def test_a_stream_without_a_request_keeps_no_connection_open(make_server, connect):
    server = make_server(settings={"server.idle_timeout": "1s", "server.head_timeout": "1s"})
    connection = connect(to=server)
    stream = connection.open("bidi", varint(0x21) + varint(1 << 40))  # a frame of an unknown type, and no end of it
    until = time.monotonic() + 15
    with pytest.raises(Ended) as ended:
        while time.monotonic() < until:
            connection.send(stream, b"x")
            try:
                connection.event(0.3)
            except AssertionError:
                pass  # nothing happens
    assert ended.value.args[0] == ("app", NO_ERROR)


def give_up(connection):
    stream = connection.ask(b"/api/openapi.json", fin=False)
    connection.say("reset", stream, REQUEST_CANCELLED)
    connection.say("stop", stream, REQUEST_CANCELLED)


def test_rapid_reset_is_sent_away(strict, connect):
    connection = connect(to=strict)
    with pytest.raises(Ended, match=str(EXCESSIVE_LOAD)):
        for _ in range(2 * LIMIT):
            give_up(connection)
        connection.event()
    assert fired(strict, "h3_rapid_reset") >= 1
    assert curl(strict, "--http3-only", "/healthz").body == OK


def test_fewer_resets_than_the_limit_are_borne(strict, connect):
    connection = connect(to=strict)
    for _ in range(LIMIT - 5):
        give_up(connection)
    assert connection.get(b"/healthz") == OK


def test_odd_frames_are_counted(strict, connect):
    before = fired(strict, "h3_odd_frames")
    connection = connect(to=strict)
    for _ in range(LIMIT - 5):
        connection.send(connection.control, frame(0x21, b"odd"))
    assert connection.get(b"/healthz") == OK
    for _ in range(LIMIT):
        connection.send(connection.control, frame(0x21, b"odd"))
    assert connection.closed_with() == ("app", EXCESSIVE_LOAD)
    assert fired(strict, "h3_odd_frames") == before + 1


def test_streams_that_make_us_reset_them_are_counted(strict, connect):
    before = fired(strict, "h3_made_you_reset")
    connection = connect("--window", 1000, to=strict)
    for _ in range(8):
        connection.ask(b"/api/openapi.json")
    assert connection.closed_with() == ("app", EXCESSIVE_LOAD)
    assert fired(strict, "h3_made_you_reset") == before + 1


def test_streams_at_a_time_are_limited(strict, connect):
    connection = connect(to=strict)
    for n in range(40):
        connection.say("open", "bidi")
    connection.say("open", "bidi")
    assert connection.closed_with() == "failed no more streams"  # it is the client's own library that holds it back


def test_requests_that_wait_for_the_table_are_few(server, connect):
    connection = connect()
    connection.open("uni", varint(ENCODER) + b"\x3f\xe1\x1f")  # a table of 4,096 bytes
    for _ in range(16):
        connection.open("bidi", frame(HEADERS, b"\x02\x00\x80"))
    assert connection.get(b"/healthz") == OK
    connection.open("bidi", frame(HEADERS, b"\x02\x00\x80"))
    assert connection.closed_with() == ("app", DECOMPRESSION_FAILED)


def test_a_request_that_waited_for_the_table_is_answered(connect):
    connection = connect()
    encoder = connection.open("uni", varint(ENCODER) + b"\x3f\xe1\x1f")
    # :method, :scheme, :authority of the static table; :path by the entry to come
    waits = connection.open("bidi", frame(HEADERS, b"\x02\x00\xd1\xd7\x50\x09localhost\x80"), True)
    assert connection.get(b"/healthz") == OK
    connection.send(encoder, b"\xc1\x08/healthz")  # insert: the name of static entry 1
    assert connection.body(waits) == OK


# ── The work behind a stream ──

@pytest.mark.parametrize("end", ["stopped", "closed"])
def test_a_stream_s_end_is_the_end_of_its_query(server, user, connect, locked, end):  # noqa: F811
    connection = connect()
    stream = connection.ask(b"/api/records/export.csv", (b"authorization", b"Bearer " + user[0].encode()))
    assert eventually(lambda: running(server) == 1), "the query never ran"
    if end == "stopped":
        connection.say("stop", stream, REQUEST_CANCELLED)
    else:
        connection.say("close", NO_ERROR)
    assert eventually(lambda: running(server) == 0), "the query runs on"


def test_a_request_given_up_in_its_body_is_reset(connect):
    connection = connect()
    stream = connection.ask(b"/api/auth/login", (b"content-type", b"application/json"), method=b"POST", body=b"{", fin=False)
    connection.say("reset", stream, REQUEST_CANCELLED)
    assert connection.body(stream) is None and connection.resets[stream] == REQUEST_INCOMPLETE


# ── The end of the server ──

def goaways(connection):
    data = connection.streams.get(3, b"")[1:]  # after the stream's type
    return [take_varint(payload, 0)[0] for kind, payload in frames_of(data) if kind == GOAWAY]


def test_a_stopping_server_says_goodbye_twice_and_finishes(make_server, connect):
    server = make_server()
    connection = connect("--window", 1000, to=server)
    stream = connection.ask(b"/api/openapi.json")
    connection.get(b"/healthz")
    server.process.terminate()
    while not goaways(connection):
        connection.event()
    late = connection.ask(b"/healthz")  # the notice says: send no more; what was on its way is answered
    assert connection.body(late) == OK
    while len(goaways(connection)) < 2:
        connection.event()
    assert goaways(connection) == [(1 << 62) - 4, late + 4]
    refused = connection.ask(b"/healthz")
    assert connection.body(refused) is None
    connection.say("credit", stream, 1 << 20)
    assert json.loads(connection.body(stream))["openapi"]
    assert connection.closed_with() == ("app", NO_ERROR)
    assert server.stop() == 0
