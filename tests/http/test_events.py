# SPDX-License-Identifier: MIT
"""Events: whoever follows them knows what has changed, misses nothing over a lost connection, and costs little."""
import os
import random
import re
import signal
import struct
import threading
import time

import pytest

from event_stream import Stream, of_job, of_version
from http2 import DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, SETTINGS, WINDOW_UPDATE, Frames, head
from test_cache import postgres_of
from test_import import FILE, Importer, big_file
from waiting import eventually


class Follower(Importer):
    """A fresh account that follows its events."""

    def __init__(self, server):
        super().__init__(server)
        self.streams = []

    def follow(self, last_id=None, token=None):
        self.streams.append(Stream(self.server, token or self.token, last_id))
        return self.streams[-1]

    def version(self):
        return int(self.server.sql(f"select version from records.user_state where user_id = '{self.user['id']}'")[0][0])


@pytest.fixture
def follow(server):
    made = []

    def make(of=None):
        made.append(Follower(of or server))
        return made[-1]

    yield make
    for one in made:
        for stream in one.streams:
            stream.close()


@pytest.fixture
def mine(follow):
    return follow()


def metric(server, name):
    return int(re.search(rf"^{re.escape(name)} (\d+)$", server.request("GET", "/metrics")[2].decode(), re.M).group(1))


def streams_open(server):
    return metric(server, "recordd_event_streams")


# ── What is told ──

def test_the_first_event_says_where_the_collection_is(mine):
    stream = mine.follow()
    assert stream.status == 200 and stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["cache-control"] == "no-store" and "content-encoding" not in stream.headers
    assert stream.next().data == {"version": 0} and stream.parser.retry == 2000
    mine.add()
    assert stream.next().data == {"version": 1}
    mine.add()
    other = mine.follow()
    assert other.next().data == {"version": 2} == stream.next().data
    assert mine.ask("GET", "/api/records/changes?since=1")[1]["x-change-version"] == "2"


def test_each_kind_of_write_is_told(mine):
    stream = mine.follow()
    made = mine.add()
    writes = [lambda: mine.change(made["id"], notes="x"), lambda: mine.ask("DELETE", f"/api/records/{made['id']}"),
              lambda: mine.ask("POST", f"/api/records/{made['id']}/restore"),
              lambda: mine.ask("POST", f"/api/records/{made['id']}/aliases", json={"terms": ["monster movie"]})]
    for version, write in enumerate(writes, 2):
        assert stream.until(of_version(version - 1)) and write()[0] < 300
    assert stream.until(of_version(1 + len(writes)))


def test_nobody_is_told_of_another_s(server, mine, follow):
    stream = mine.follow()
    assert stream.next()
    follow().load(FILE)
    assert stream.rest() == []


def test_what_is_told_can_be_read_at_once(mine):
    """Nothing kept is older than the version that the stream has told of."""
    stream = mine.follow()
    for n in range(30):
        mine.ask("GET", "/api/records/search?q=tago&limit=200")
        mine.add()
        assert stream.until(of_version(n + 1))
        assert len(mine.ask("GET", "/api/records/search?q=tago&limit=200")[2]) == n + 1


def test_progress_arrives_while_an_import_runs(mine):
    stream = mine.follow()
    n = 30000
    _, _, job = mine.start(big_file(n))
    assert stream.until(of_job(job["id"], "done"), 60)
    told = [event.data for event in stream.events if event.name == "job"]
    under_way = [one["added"] for one in told if one["status"] == "running"]
    assert len(under_way) >= 3 and under_way == sorted(under_way) and under_way[-1] > under_way[0]
    assert told[-1] == mine.ask("GET", f"/api/jobs/{job['id']}")[2] and told[-1]["added"] == n
    versions = [event.data["version"] for event in stream.events if event.name == "changes"]
    assert versions == sorted(set(versions)) and versions[-1] == n and len(versions) >= 3


def test_a_stream_that_begins_while_an_import_runs_is_told_of_it(mine):
    _, _, job = mine.start(big_file(40000))
    stream = mine.follow()
    assert stream.until(of_job(job["id"])) and stream.until(of_job(job["id"], "done"), 60)
    assert [event.data["id"] for event in mine.follow().rest() if event.name == "job"] == []


def test_a_dry_run_and_a_refusal_are_told_although_no_record_changes(mine):
    stream = mine.follow()
    for data, query, status in [(FILE, "?dryRun=true", "done"), ("a,b\n1,2\n", "", "failed")]:
        _, _, job = mine.start(data, query)
        assert stream.until(of_job(job["id"], status))
    assert {event.data["version"] for event in stream.events if event.name == "changes"} == {0}


# ── Going on ──

def test_a_reconnect_loses_and_doubles_nothing(mine):
    """A client whose connection breaks again and again has seen what one that stayed has, once."""
    whole, chance = mine.follow(), random.Random(7)
    writing = threading.Event()

    def write():
        _, _, job = mine.start(big_file(15000))
        for _ in range(40):
            mine.add()
        mine.wait(job)
        writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    got, last_id = [], None
    while not writing.is_set():
        with Stream(mine.server, mine.token, last_id) as stream:
            for _ in range(chance.randrange(1, 4)):
                if (event := stream.next(1)) is not None:
                    got.append(event)
                    last_id = event.id
    writer.join()
    with Stream(mine.server, mine.token, last_id) as stream:
        got += stream.rest()
    versions = [event.data["version"] for event in got if event.name == "changes"]
    assert versions == sorted(set(versions)) and versions[-1] == mine.version() == 15040
    jobs = [event for event in got if event.name == "job"]
    assert [event.seq for event in jobs] == sorted({event.seq for event in jobs})
    states = [event.data for event in jobs]
    assert [one["status"] for one in states].count("done") == 1 and states[-1]["added"] == 15000
    assert len({one["added"] for one in states if one["status"] == "running"}) == len([one for one in states if one["status"] == "running"])
    whole.rest()
    assert whole.events[-1].id == got[-1].id


def test_from_any_id_on_there_is_what_has_changed_since_and_nothing_else(mine):
    stream = mine.follow()
    mine.add()
    done = [mine.load(FILE), mine.load(FILE, "?dryRun=true"), mine.load(FILE)]
    stream.rest()
    end = stream.events[-1]
    for event in stream.events:
        told = mine.follow(event.id).rest(0.4)
        assert [one.data["version"] for one in told if one.name == "changes"] == ([end.version] if event.version < end.version else [])
        later = [one for one in told if one.name == "job"]
        assert [one.data["id"] for one in later] == [job["id"] for job in done if
                                                     max(e.seq for e in stream.events if of_job(job["id"])(e)) > event.seq]
        assert all(one.data["status"] == "done" for one in later)
        assert not told or told[-1].id == end.id
        mine.streams.pop().close()


def test_a_version_alone_is_a_place_too(mine):
    mine.add()
    mine.add()
    assert mine.follow("1").next().data == {"version": 2}
    assert mine.follow("2").rest() == []


@pytest.mark.parametrize("place", ["", "x", "-1", "1.x", "99999999999999999999", "7.7.7", "0x1"])
def test_an_id_that_is_none_begins_anew(mine, place):
    mine.add()
    assert mine.follow(place).next().data == {"version": 1}


def test_a_place_that_is_not_reached_yet_is_set_right(mine):
    """As after a backup was restored."""
    mine.add()
    stream = mine.follow("1000.1000")
    assert stream.next().data == {"version": 1}
    job = mine.load(FILE)
    assert stream.until(of_job(job["id"], "done"))


# ── What it costs ──

def test_what_happens_in_a_moment_is_one_event(make_server, follow):
    server = make_server(settings={"events.pace": "1s"})
    mine = follow(server)
    stream = mine.follow()
    assert stream.next()
    for _ in range(30):
        mine.add()
    assert stream.until(of_version(30)) and len(stream.events) <= 6
    assert metric(server, "recordd_events_sent_total") == len(stream.events)


def test_a_slow_reader_is_bounded_and_misses_nothing_at_the_end(make_server, follow):
    """A client that takes nothing has a few events waiting for it, however many there are; then it is where it should be."""
    server = make_server(settings={"events.pace": "10ms"})
    mine = follow(server)
    connection = Frames(server)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 0))  # INITIAL_WINDOW_SIZE
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1,
                    head(b"/api/events", b"GET", (b"authorization", f"Bearer {mine.token}".encode())))
    assert connection.until(HEADERS, 1)
    sent = lambda: metric(server, "recordd_events_sent_total")
    for n in range(200):
        mine.add()
    time.sleep(0.5)
    most = sent()
    assert most < 40 and metric(server, "recordd_http_queued_bytes") < 65536
    for n in range(50):
        mine.add()
    assert sent() == most
    connection.send(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1 << 20))
    text = b""
    while b'{"version":250}' not in text:
        kind, _, stream, payload = connection.receive()
        text += payload if kind == DATA and stream == 1 else b""
    versions = [int(number) for number in re.findall(rb'"version":(\d+)', text)]
    assert versions == sorted(set(versions)) and len(versions) <= most + 2
    connection.close()
    assert eventually(lambda: streams_open(server) == 0)


def test_a_client_that_takes_nothing_for_long_is_cut_off(make_server, follow):
    server = make_server(settings={"events.heartbeat": "200ms", "server.write_timeout": "1s"})
    mine = follow(server)
    connection = Frames(server)
    connection.send(SETTINGS, 0, 0, struct.pack(">HI", 4, 0))
    connection.send(HEADERS, END_HEADERS | END_STREAM, 1,
                    head(b"/api/events", b"GET", (b"authorization", f"Bearer {mine.token}".encode())))
    assert connection.until(HEADERS, 1)
    assert connection.until(RST_STREAM, 1) and eventually(lambda: streams_open(server) == 0)
    connection.close()


def test_a_silent_stream_gives_signs_of_life(make_server, follow):
    stream = follow(make_server(settings={"events.heartbeat": "200ms", "server.write_timeout": "1s"})).follow()
    assert stream.next()
    assert eventually(lambda: stream.parser.comments >= 10) and not stream.ended.is_set()


def test_a_user_has_so_many_streams_and_no_more(make_server, follow):
    server = make_server(settings={"events.max_per_user": "2", "events.max_streams": "3"})
    mine, other = follow(server), follow(server)
    first, second = mine.follow(), mine.follow()
    refused = mine.follow()
    assert refused.status == 429 and refused.headers["retry-after"]
    assert other.follow().status == 200 and streams_open(server) == 3
    assert other.follow().status == 503
    assert metric(server, "recordd_event_streams_refused_total") == 2
    first.close()
    assert eventually(lambda: streams_open(server) == 2)
    assert mine.follow().next() and second.status == 200


def test_a_head_and_a_stranger_get_no_stream(server, mine):
    status, headers, _ = mine.ask("HEAD", "/api/events")
    assert status == 200 and headers["content-type"] == "text/event-stream"
    assert server.request("GET", "/api/events")[0] == 401


# ── How it ends ──

def log_in(server, email):
    return server.request("POST", "/api/auth/login", json={"email": email, "password": "correct horse battery"})[2]["token"]


def test_it_ends_with_the_session(server, mine):
    elsewhere = log_in(server, mine.user["email"])
    here, there = mine.follow(), mine.follow(token=elsewhere)
    assert here.next() and there.next()
    assert server.request("POST", "/api/auth/logout", elsewhere)[0] == 204
    assert there.ended.wait(5) and there.clean and not here.ended.is_set()
    third = log_in(server, mine.user["email"])
    there = mine.follow(token=third)
    assert there.next()
    session = next(one for one in server.request("GET", "/api/auth/sessions", third)[2] if one["current"])
    assert mine.ask("DELETE", f"/api/auth/sessions/{session['id']}")[0] == 204
    assert there.ended.wait(5) and there.clean and not here.ended.is_set()
    mine.add()
    assert here.until(of_version(1))


def test_it_ends_with_the_token_s_time(make_server, follow):
    server = make_server(settings={"auth.access_ttl": "3s"})
    mine = follow(server)
    stream = mine.follow()
    begun = time.monotonic()
    assert stream.next() and stream.ended.wait(10) and stream.clean
    assert 1 < time.monotonic() - begun < 6
    mine.token = log_in(server, mine.user["email"])
    assert mine.follow(stream.events[-1].id).rest(0.3) == []


def test_a_stop_waits_for_no_stream(make_server, follow):
    server = make_server()
    mine = follow(server)
    streams = [mine.follow() for _ in range(5)]
    assert all(stream.next() for stream in streams)
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert all(stream.ended.wait(5) and stream.clean for stream in streams)
    assert server.stop() == 0 and time.monotonic() - begun < 8


def test_it_outlives_a_database_that_was_away_or_is_taken_up_again(make_server, follow):
    """What was written meanwhile is told, whether the stream stayed or the client came back."""
    server = make_server()
    mine = follow(server)
    mine.add()
    stream = mine.follow()
    assert stream.next().data == {"version": 1}
    os.kill(postgres_of(server), signal.SIGKILL)
    assert eventually(lambda: mine.ask("POST", "/api/records", json={"artist": "Can", "name": "Landed", "format": "LP"})[0] == 201, 40)
    event = stream.next() or mine.follow(stream.events[-1].id).next()
    assert event.data == {"version": 2}


# ── Jobs ──

def test_jobs_are_listed_newest_first(mine):
    done = [mine.load(FILE), mine.load(FILE, "?dryRun=true")]
    undo = mine.wait(mine.ask("POST", f"/api/jobs/{done[0]['id']}/undo")[2])
    status, headers, listed = mine.ask("GET", "/api/jobs")
    assert status == 200 and headers["cache-control"] == "no-store"
    assert [job["id"] for job in listed] == [undo["id"], done[1]["id"], done[0]["id"]]
    assert listed[1] == done[1] and listed[0] == undo
    assert [job["kind"] for job in mine.ask("GET", "/api/jobs?kind=import")[2]] == ["import", "import"]
    assert [job["id"] for job in mine.ask("GET", "/api/jobs?kind=undo")[2]] == [undo["id"]]
    status, _, body = mine.ask("GET", "/api/jobs?kind=nothing")
    assert status == 422 and body["errors"][0]["field"] == "kind"


def test_no_more_than_the_newest_fifty_jobs_are_listed(mine):
    ids = [mine.start(FILE)[2]["id"] for _ in range(52)]
    listed = [job["id"] for job in mine.ask("GET", "/api/jobs")[2]]
    assert listed == ids[:1:-1]


def test_nobody_sees_another_s_jobs(mine, follow):
    mine.load(FILE)
    assert follow().ask("GET", "/api/jobs")[2] == []
