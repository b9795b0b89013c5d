# SPDX-License-Identifier: MIT
"""Clients that make HTTP/2 work for nothing: each guard fires at its own limit, says so, and leaves the others alone."""
import json
import os
import re
import socket
import ssl
import struct
import time

import psycopg2
import pytest

from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PRIORITY, PRIORITY_UPDATE, RST_STREAM,
                   SETTINGS, WINDOW_UPDATE, Frames, head, indexed, integer, literal)
from waiting import eventually

ENHANCE_YOUR_CALM, CANCEL = 11, 8
LIMIT = 40

LOW = {"http2.resets": LIMIT, "http2.forced_resets": LIMIT // 2, "http2.settings_frames": LIMIT,
       "http2.pings": LIMIT, "http2.priorities": LIMIT, "http2.window_updates": 5 * LIMIT, "http2.empty_frames": LIMIT,
       "http2.unknown_frames": LIMIT, "http2.continuations": 3, "http2.header_list": 40000}


@pytest.fixture(scope="module")
def strict():
    """A server that bears little."""
    from conftest import Server
    running = Server(settings={key: str(value) for key, value in LOW.items()}).start()
    yield running
    running.discard()


def fired(server, guard):
    exposition = server.request("GET", "/metrics")[2].decode()
    return int(re.search(rf'^recordd_guard_fired_total{{guard="{guard}"}} (\d+)$', exposition, re.M).group(1))


def logged(server, guard):
    events = [json.loads(line) for line in server.log_text().splitlines() if line.startswith("{")]
    return sum(event.get("event") == "guard fired" and event.get("guard") == guard for event in events)


def reset(c, n):
    c.get(2 * n + 1, b"/healthz")
    c.send(RST_STREAM, 0, 2 * n + 1, struct.pack(">I", CANCEL))


def overflow(c, n):
    """MadeYouReset: the window of a stream goes over what a window may be."""
    c.get(2 * n + 1, b"/api/openapi.json")
    c.send(WINDOW_UPDATE, 0, 2 * n + 1, struct.pack(">I", 0x7FFFFFFF))


def post(c, stream, *more):
    c.send(HEADERS, END_HEADERS, stream, head(b"/api/auth/login", b"POST", (b"content-type", b"application/json"), *more))


def more_than_told(c, n):
    """MadeYouReset: a body is longer than its head said."""
    post(c, 2 * n + 1, (b"content-length", b"1"))
    c.send(DATA, 0, 2 * n + 1, b"{}")


def into_one_stream(frame):
    def one(c, n):
        if n == 0:
            post(c, 1)
        frame(c)
    return one


def into_a_gone_stream(c, n):
    if n == 0:
        c.get(1, b"/healthz")
        c.until(DATA, 1)
    c.send(DATA, 0, 1)


# Each sends its n-th misdeed. What it takes a stream for stays within the other guards' limits.
FLOODS = {
    "resets": ("rapid_reset", reset),
    "windows that overflow": ("made_you_reset", overflow),
    "bodies longer than told": ("made_you_reset", more_than_told),
    "upper case": ("made_you_reset", lambda c, n: c.get(2 * n + 1, b"/healthz", (b"Upper", b"case"))),
    "settings": ("settings", lambda c, n: c.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535))),
    "empty settings": ("settings", lambda c, n: c.send(SETTINGS, 0, 0)),
    "pings": ("ping", lambda c, n: c.send(PING, 0, 0, b"12345678")),
    "priorities": ("priority", lambda c, n: c.send(PRIORITY, 0, 2 * n + 1, struct.pack(">IB", 0, 16))),
    "priority updates": ("priority", lambda c, n: c.send(PRIORITY_UPDATE, 0, 0, struct.pack(">I", 1) + b"u=%d" % (n % 8))),
    "window updates": ("window_update", lambda c, n: c.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1))),
    "empty data": ("empty_frames", into_one_stream(lambda c: c.send(DATA, 0, 1))),
    "nothing but padding": ("empty_frames", into_one_stream(lambda c: c.send(DATA, PADDED, 1, b"\x64" + bytes(100)))),
    "empty data for a stream that is gone": ("empty_frames", into_a_gone_stream),
    "unknown frames": ("unknown_frames", lambda c, n: c.send(0xBE, 0, 0, b"?")),
}


def flood(connection, one, most):
    """Sends until the server has had enough; how often it took."""
    for n in range(most):
        try:
            one(connection, n)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            return n
    return most


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_sent_away_with_the_name_of_what_it_was(strict, name):
    guard, one = FLOODS[name]
    before, said = fired(strict, guard), logged(strict, guard)
    connection = Frames(strict)
    flood(connection, one, (20 if guard == "window_update" else 4) * LIMIT)
    assert connection.farewell() == (ENHANCE_YOUR_CALM, guard)
    assert fired(strict, guard) == before + 1
    assert logged(strict, guard) == said + 1
    assert strict.request("GET", "/healthz")[0] == 200


@pytest.mark.parametrize("name", FLOODS)
def test_what_stays_below_its_limit_is_served(strict, name):
    guard, one = FLOODS[name]
    before = fired(strict, guard)
    connection = Frames(strict)
    flood(connection, one, (LIMIT // 2 if guard == "made_you_reset" else LIMIT) - 5)
    connection.get(1001, b"/healthz")
    assert connection.until(DATA, 1001)[3] == b'{"ok":true}'
    assert fired(strict, guard) == before


def test_a_download_may_open_its_windows_as_often_as_it_likes(strict):
    connection = Frames(strict)
    sent = 0
    for n in range(30):
        stream = 2 * n + 1
        connection.get(stream, b"/api/openapi.json")
        while True:
            _, flags, _, payload = connection.until(DATA, stream)
            for at in range(0, len(payload), 4096):
                increment = struct.pack(">I", min(4096, len(payload) - at))
                connection.send(WINDOW_UPDATE, 0, 0, increment)
                connection.send(WINDOW_UPDATE, 0, stream, increment)
                sent += 2
            if flags & END_STREAM:
                break
    assert sent > 5 * LIMIT, "or the test proves nothing"


def test_a_head_in_too_many_frames_is_sent_away(strict):
    before = fired(strict, "continuation")
    connection = Frames(strict)
    connection.send(HEADERS, END_STREAM, 1, head(b"/healthz"))
    flood(connection, lambda c, n: c.send(CONTINUATION, 0, 1, literal(b"x", b"y")), 10)
    assert connection.farewell() == (ENHANCE_YOUR_CALM, "continuation")
    assert fired(strict, "continuation") == before + 1


def test_a_head_in_a_few_frames_is_served(strict):
    connection = Frames(strict)
    connection.send(HEADERS, END_STREAM, 1, head(b"/healthz"))
    connection.send(CONTINUATION, 0, 1, literal(b"x", b"y"))
    connection.send(CONTINUATION, 0, 1, literal(b"x", b"y"))
    connection.send(CONTINUATION, END_HEADERS, 1, literal(b"x", b"y"))
    assert connection.until(DATA, 1)[3] == b'{"ok":true}'


def test_a_small_head_that_unpacks_to_a_large_one_is_sent_away(strict):
    """An HPACK bomb: one row of the table, told to be there a thousand times, a byte each."""
    before = fired(strict, "header_list")
    connection = Frames(strict)
    bomb = head(b"/healthz") + indexed(b"x", b"b" * 3900) + integer(62, 7, 128) * 12000
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, bomb)
    assert connection.farewell() == (ENHANCE_YOUR_CALM, "header_list")
    assert fired(strict, "header_list") == before + 1


def test_the_table_of_a_client_may_not_grow_beyond_ours(strict):
    connection = Frames(strict)
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1, integer(1 << 20, 5, 0x20) + head(b"/healthz"))
    assert connection.goaway() == 9  # COMPRESSION_ERROR


def test_a_client_s_boast_of_a_large_table_costs_nothing(strict):
    def resident():
        with open(f"/proc/{strict.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    before = resident()
    connection = Frames(strict)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 1, 0xFFFFFFFF))
    for n in range(200):
        connection.get(2 * n + 1, b"/healthz", (b"x-request-id", b"%d" % n * 20))
        connection.until(DATA, 2 * n + 1)
    assert resident() - before < 30 << 20


def test_who_asks_for_answers_and_reads_none_is_sent_away(make_server):
    server = make_server(settings={"http2.queued_frames": "100", "http2.pings": "1000000"})
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(5)
    raw.connect((server.host, server.port))
    secure = server.context(["h2"]).wrap_socket(raw, server_hostname="localhost")
    ping = b"\0\0\x08" + bytes([PING, 0]) + bytes(4) + b"12345678"
    try:
        secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0")
        for _ in range(400):
            secure.sendall(ping * 900)
            if fired(server, "outbound_queue"):
                break
    except (ConnectionError, ssl.SSLError, TimeoutError):
        pass
    assert fired(server, "outbound_queue") == 1
    assert logged(server, "outbound_queue") == 1
    secure.close()


# ── Time ──

@pytest.fixture(scope="module")
def hasty():
    """A server that waits a second, and wants 1,000 bytes in it."""
    from conftest import Server
    running = Server(settings={"server.head_timeout": "1s", "server.body_timeout": "1s", "server.write_timeout": "1s",
                               "server.min_rate": "1000"}).start()
    yield running
    running.discard()


def drip(send, seconds, pause=0.1):
    """Sends a little again and again; how long the server bore it."""
    begun = time.monotonic()
    try:
        while time.monotonic() - begun < seconds:
            send()
            time.sleep(pause)
    except (ConnectionError, ssl.SSLError):
        pass
    return time.monotonic() - begun


def drip_until(connection, kind, stream, send):
    """Drips until a frame of that kind comes on the stream: (its payload, seconds)."""
    begun = time.monotonic()
    connection.socket.settimeout(0.1)
    while time.monotonic() - begun < 8:
        send()
        try:
            return connection.until(kind, stream)[3], time.monotonic() - begun
        except TimeoutError:
            pass
    raise AssertionError("borne for ever")


def test_a_body_that_drips_is_408(hasty):
    before = fired(hasty, "slow_body")
    connection = Frames(hasty)
    post(connection, 1, (b"content-length", b"1000"))
    answer, seconds = drip_until(connection, DATA, 1, lambda: connection.send(DATA, 0, 1, b" "))
    assert b'"status":408' in answer
    assert 0.9 < seconds < 5
    assert fired(hasty, "slow_body") == before + 1
    connection.get(3, b"/healthz")
    assert connection.until(DATA, 3)[3] == b'{"ok":true}'


def test_a_body_that_takes_long_but_flows_is_taken(hasty):
    connection = Frames(hasty)
    post(connection, 1, (b"content-length", b"7002"))
    for _ in range(7):
        time.sleep(0.4)
        connection.send(DATA, 0, 1, b" " * 1000)
    connection.send(DATA, END_STREAM, 1, b"{}")
    assert b'"status":400' in connection.until(DATA, 1)[3]


def test_a_head_that_drips_ends_the_connection(hasty):
    before = fired(hasty, "slow_head")
    connection = Frames(hasty)
    connection.send(HEADERS, END_STREAM, 1, head(b"/healthz"))
    assert drip(lambda: connection.send(CONTINUATION, 0, 1, literal(b"a", b"b")), 6, pause=0.3) < 5
    assert fired(hasty, "slow_head") == before + 1


def test_a_stream_that_never_opens_its_window_is_reset(hasty):
    before = fired(hasty, "zero_window")
    connection = Frames(hasty)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 0))  # INITIAL_WINDOW_SIZE
    connection.get(1, b"/api/openapi.json")
    assert struct.unpack(">I", connection.until(RST_STREAM, 1)[3])[0] == CANCEL
    assert fired(hasty, "zero_window") == before + 1
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 65535))
    connection.get(3, b"/healthz")
    assert connection.until(DATA, 3)[3] == b'{"ok":true}'


def test_a_stream_whose_window_opens_by_single_bytes_is_reset(hasty):
    connection = Frames(hasty)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 0))
    connection.get(1, b"/api/openapi.json")
    one_byte = struct.pack(">I", 1)
    assert drip_until(connection, RST_STREAM, 1, lambda: connection.send(WINDOW_UPDATE, 0, 1, one_byte))[1] < 5


def test_a_connection_that_never_opens_its_window_is_sent_away(hasty):
    connection = Frames(hasty)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 20))
    for stream in range(1, 21, 2):
        connection.get(stream, b"/api/openapi.json")
    assert connection.farewell() == (ENHANCE_YOUR_CALM, "zero_window")


def test_a_stream_that_waits_for_its_turn_is_not_reset(hasty):
    """A slow reader of one answer is no reason to give up the next: that one waits for us, not for the client."""
    connection = Frames(hasty)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 20))
    streams = range(1, 21, 2)
    for stream in streams:
        connection.get(stream, b"/api/openapi.json")
    begun, ended = time.monotonic(), set()
    while len(ended) < len(streams):
        kind, flags, stream, payload = connection.receive()
        assert kind not in (RST_STREAM, GOAWAY)
        if kind != DATA:
            continue
        ended |= {stream} if flags & END_STREAM else set()
        time.sleep(len(payload) / 60000)
        connection.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload) or 1))
    assert time.monotonic() - begun > 2, "or the test proves nothing"


# ── The work behind a stream ──

def running(server):
    """How many queries of ours wait for the lock, as their own role may see them."""
    connection = psycopg2.connect(f"host={server.socket_dir()} dbname=recordd user=recordd_app")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'recordd' AND state = 'active' "
                       "AND wait_event_type = 'Lock' AND query LIKE '%record_doc%'")
        found = cursor.fetchone()[0]
    connection.close()
    return found


@pytest.fixture
def locked(server):
    """While the records' table is locked a query for them takes as long as it is."""
    connection = psycopg2.connect(f"host={server.socket_dir()} dbname=recordd user=recordd_owner")
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE records.record_doc IN ACCESS EXCLUSIVE MODE")
    yield
    connection.rollback()
    connection.close()


@pytest.mark.parametrize("end", ["reset", "made to reset", "sent away"])
def test_a_stream_s_end_is_the_end_of_its_query(server, user, locked, end):
    connection = Frames(server)
    connection.get(1, b"/api/records/export.csv", (b"authorization", b"Bearer " + user[0].encode()))
    assert eventually(lambda: running(server) == 1), "the query never ran"
    if end == "reset":
        connection.send(RST_STREAM, 0, 1, struct.pack(">I", CANCEL))
    elif end == "made to reset":
        connection.send(WINDOW_UPDATE, 0, 1, struct.pack(">I", 0x7FFFFFFF))
        connection.until(RST_STREAM, 1)
    else:
        flood(connection, lambda c, n: c.send(0xBE, 0, 0), 2000)
        assert connection.farewell()[0] == ENHANCE_YOUR_CALM
    assert eventually(lambda: running(server) == 0), "the query runs on"


# ── Answers that nobody reads ──

def gauge(server, name):
    return int(re.search(rf"^{name} (\d+)$", server.request("GET", "/metrics")[2].decode(), re.M).group(1))


def test_answers_that_nobody_reads_stay_unmade(make_server):
    server = make_server(settings={"server.max_queued": "512KB"})
    token, user = server.register()
    done = server.run("sample", "--user", user["email"], "--n", "2000")
    assert done.returncode == 0, done.stderr
    bearer = (b"authorization", b"Bearer " + token.encode())
    connection = Frames(server)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 1000))  # INITIAL_WINDOW_SIZE
    connection.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30))
    for stream in range(1, 201, 2):
        connection.get(stream, b"/api/records/export.csv", bearer)
    assert eventually(lambda: gauge(server, "recordd_http_producers_held_total") >= 90)
    time.sleep(0.5)
    # Without the limit each of the hundred would have some 100 KB ready.
    assert 0 < gauge(server, "recordd_http_queued_bytes") < 1 << 20
    connection.get(201, b"/api/records/export.csv", bearer)
    connection.send(WINDOW_UPDATE, 0, 201, struct.pack(">I", 1 << 30))
    rows = b""
    while True:
        _, flags, stream, payload = connection.until(DATA)
        rows += payload if stream == 201 else b""
        if stream == 201 and flags & END_STREAM:
            break
    assert rows.count(b"\n") >= 2001
    connection.close()
    assert eventually(lambda: gauge(server, "recordd_http_queued_bytes") == 0)


# ── The end of the server ──

def test_what_is_on_its_way_when_the_server_stops_is_answered(make_server):
    server = make_server()
    connection = Frames(server)
    connection.get(1, b"/healthz")
    connection.until(DATA, 1)
    server.process.terminate()
    notice = connection.until(GOAWAY)[3]
    assert struct.unpack(">II", notice[:8]) == (0x7FFFFFFF, 0)
    ping = connection.until(PING)[3]
    # The client has not read that yet: its requests are on their way.
    for stream in range(3, 43, 2):
        connection.get(stream, b"/api/openapi.json" if stream % 4 == 1 else b"/healthz")
    connection.send(PING, 1, 0, ping)
    ends, last = set(), None
    while (frame := connection.receive()) is not None:
        kind, flags, stream, payload = frame
        assert kind != RST_STREAM
        if kind == DATA:
            connection.send(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload) or 1))
            connection.send(WINDOW_UPDATE, 0, stream, struct.pack(">I", len(payload) or 1)) if not flags & END_STREAM else None
            ends |= {stream} if flags & END_STREAM else set()
        if kind == GOAWAY:
            last = struct.unpack(">II", payload[:8])
    assert last == (41, 0)
    assert ends == set(range(3, 43, 2))
    assert server.stop() == 0


def test_a_client_that_ignores_the_notice_does_not_keep_the_server(make_server):
    server = make_server()
    connection = Frames(server)
    connection.ping()
    server.process.terminate()
    begun = time.monotonic()
    assert struct.unpack(">II", connection.until(GOAWAY)[3][:8]) == (0x7FFFFFFF, 0)
    assert struct.unpack(">II", connection.until(GOAWAY)[3][:8]) == (0, 0)
    assert server.stop() == 0
    assert time.monotonic() - begun < 8
