# SPDX-License-Identifier: MIT
"""The cache as a collector sees it: quick, never wrong, there when the database is not, and warm after a restart."""
import os
import re
import signal
import time

import pytest

from waiting import eventually

SEARCH = "/api/records/search?q=kind+of+blue"


def record(server, token, name="Kind of Blue"):
    status, _, body = server.request("POST", "/api/records", token=token,
                                     json={"artist": "Miles Davis", "name": name, "format": "LP"})
    assert status == 201, body
    return body


def search(server, token, path=SEARCH, **headers):
    return server.request("GET", path, token=token, headers={k.replace("_", "-"): v for k, v in headers.items()})


def metric(server, name):
    _, _, text = server.request("GET", "/metrics")
    return int(re.search(rf"^{name} (\d+)", text.decode(), re.M).group(1))


def postgres_of(server):
    """The private cluster's first process."""
    with open(os.path.join(server.data, "pg", "data", "postmaster.pid")) as pid:
        return int(pid.readline())


@pytest.fixture
def own(make_server):
    running = make_server(settings={"cache.stale_wait": "300ms", "server.request_timeout": "6s"})
    token, _ = running.register()
    record(running, token)
    return running, token


# ── What a client has already is not sent again ──

def test_a_search_that_has_not_changed_is_not_sent_again(server, user):
    token, _ = user
    record(server, token)
    status, headers, body = search(server, token)
    assert status == 200 and len(body) == 1
    tag = headers["etag"]
    for _ in range(2):
        status, again, body = search(server, token, if_none_match=tag, accept_encoding="br")
        assert (status, body) == (304, b"") and again["etag"] == tag
        assert again["cache-status"].startswith("recordd; hit; ttl=") and again["x-total-count"] == "1"
    record(server, token, "Kind of Blue, again")
    status, headers, body = search(server, token, if_none_match=tag)
    assert status == 200 and len(body) == 2 and headers["etag"] != tag


@pytest.mark.parametrize("path", [
    "/api/records/search/autocomplete?q=mi&field=artist", "/api/records/search/facets", "/api/records/search/price-stats"])
def test_so_it_is_with_completions_facets_and_prices(server, user, path):
    token, _ = user
    record(server, token)
    status, headers, _ = search(server, token, path)
    assert status == 200, path
    assert search(server, token, path, if_none_match=headers["etag"])[0] == 304


# ── The database is away ──

def test_searches_are_answered_while_the_database_hangs_and_say_so(own):
    server, token = own
    _, _, fresh = search(server, token)
    assert search(server, token)[1]["cache-status"].startswith("recordd; hit")
    pid = postgres_of(server)
    children = [int(child) for child in open(f"/proc/{pid}/task/{pid}/children").read().split()]
    stopped = [pid, *children]
    for one in stopped:
        os.kill(one, signal.SIGSTOP)
    try:
        def stale():
            status, headers, body = search(server, token)
            assert status == 200 and body == fresh, body
            return "stale-if-error" in headers["cache-status"]
        assert eventually(stale, seconds=20)
        status, headers, body = search(server, token, "/api/records/search?q=never+asked")
        assert status in (503, 504), body
        status, _, _ = server.request("POST", "/api/records", token=token, json={"artist": "A", "name": "B", "format": "LP"})
        assert status in (503, 504)
    finally:
        for one in stopped:
            os.kill(one, signal.SIGCONT)
    assert eventually(lambda: search(server, token)[1].get("cache-status", "").startswith("recordd; hit"), seconds=20)
    assert search(server, token)[2][0] == fresh[0]


def test_searches_are_answered_while_the_database_is_down_and_nothing_outdated_is(make_server):
    server = make_server()
    token, _ = server.register()
    other, _ = server.register()
    for who in (token, other):
        record(server, who)
        _, _, fresh = search(server, who)
    record(server, other, "Kind of Blue, written after the search")
    version = os.path.join(server.data, "pg", "data", "PG_VERSION")
    os.rename(version, version + ".away")  # it does not come back up by itself
    os.kill(postgres_of(server), signal.SIGKILL)
    assert eventually(lambda: "stale" in search(server, token)[1].get("cache-status", ""), seconds=20)
    for _ in range(3):
        status, headers, body = search(server, token)
        assert status == 200 and len(body) == 1 and body[0]["name"] == "Kind of Blue"
        assert headers["cache-status"].startswith("recordd; fwd=stale; fwd-status=503; ttl=")
        assert headers["cache-status"].endswith("; detail=stale-if-error")
        status, headers, _ = search(server, other)
        assert status == 503 and "retry-after" in headers
        assert server.request("GET", f"/api/records/{body[0]['id']}", token=token)[0] == 503
    assert metric(server, "recordd_cache_stale_total") >= 3
    os.rename(version + ".away", version)
    assert eventually(lambda: search(server, other)[0] == 200, seconds=20)
    assert len(search(server, other)[2]) == 2
    assert eventually(lambda: search(server, token)[1]["cache-status"].startswith("recordd; hit"), seconds=20)


# ── Across a restart ──

def restarted(server, change=None):
    assert server.stop() == 0
    path = os.path.join(server.data, "cache.snapshot")
    if change:
        change(path)
    server.start()
    assert not os.path.exists(path)


def warmed(server):
    return metric(server, "recordd_cache_warmed_total")


def test_what_was_cached_is_there_after_a_restart(own):
    server, token = own
    _, first, fresh = search(server, token)
    restarted(server, lambda path: os.stat(path).st_mode & 0o077 == 0 or pytest.fail("others may read it"))
    assert eventually(lambda: warmed(server) == 1)
    status, headers, body = search(server, token)
    assert status == 200 and headers["cache-status"].startswith("recordd; hit; ttl=")
    assert headers["etag"] == first["etag"] and headers["x-total-count"] == "1"
    assert search(server, token)[2] == fresh
    record(server, token, "Kind of Blue, after the restart")
    assert len(search(server, token)[2]) == 2


def test_what_was_written_while_the_server_was_down_is_found(own):
    server, token = own
    other, _ = server.register()
    record(server, other)
    search(server, token)
    search(server, other)
    # As another server on this database would, between the snapshot and the start.
    restarted(server)
    assert eventually(lambda: warmed(server) == 2)
    search(server, token)

    def move_on(path):
        kept = open(path, "rb").read()
        server.start()
        record(server, token, "Kind of Blue, by another server")
        server.stop()
        open(path, "wb").write(kept)

    restarted(server, move_on)
    assert eventually(lambda: warmed(server) == 1)
    assert len(search(server, token)[2]) == 2
    assert search(server, other)[1]["cache-status"].startswith("recordd; hit")


@pytest.mark.parametrize("damage, why", [
    (lambda old: old[:-1], "it is damaged"),
    (lambda old: old[:200] + b"?" + old[201:], "it is damaged"),
    (lambda old: old[:60], "it is cut off"),
    (lambda old: b"", "it is no snapshot of this format"),
    (lambda old: b"PNG" + old, "it is no snapshot of this format"),
], ids=["a byte short", "a byte changed", "cut off", "empty", "something else"])
def test_a_damaged_snapshot_is_ignored_and_logged(own, damage, why):
    server, token = own
    search(server, token)

    def break_it(path):
        old = open(path, "rb").read()
        open(path, "wb").write(damage(old))

    restarted(server, break_it)
    status, headers, body = search(server, token)
    assert status == 200 and len(body) == 1 and not headers["cache-status"].startswith("recordd; hit")
    assert "cached answers of before ignored" in server.log_text() and why in server.log_text()


def test_nobody_need_leave_answers_on_the_disk(make_server):
    server = make_server(settings={"cache.snapshot": "0"})
    token, _ = server.register()
    record(server, token)
    search(server, token)
    assert server.stop() == 0
    assert not os.path.exists(os.path.join(server.data, "cache.snapshot"))
    server.start()
    assert search(server, token)[1]["cache-status"].startswith("recordd; fwd=miss")
