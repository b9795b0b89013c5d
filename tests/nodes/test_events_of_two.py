# SPDX-License-Identifier: MIT
"""Events of what any server does, on every server; a stream that ends on one goes on at another."""
import time

import pytest
from event_stream import Stream, of_job, of_version
from nodes import User, make_node, metric, postgres  # noqa: F401
from waiting import eventually

ROWS = 12000


def big_file():
    return ("artist,name,format,catalogNumber\n" + "".join(f"Artist {i % 97},Title {i},LP,CAT {i}\n" for i in range(ROWS))).encode()


def start_import(user, node, data=None):
    status, _, job = user.ask(node, "POST", "/api/records/import", data or big_file(), {"content-type": "text/csv"})
    assert status == 202, job
    return job


@pytest.fixture(params=["500", "0"], ids=["writes notify", "the notifier tells"])
def two(make_node, request):
    """Two servers that hear each other, and a user."""
    user = User([make_node(settings={"database.notify_direct": request.param}) for _ in range(2)])
    assert eventually(lambda: all(metric(node, "recordd_listener_up") == 1 for node in user.nodes))
    yield user
    user.close()


def test_what_one_does_is_told_by_the_other(two):
    with Stream(two.nodes[1], two.token) as stream:
        assert stream.next().data == {"version": 0}
        for n in range(1, 6):
            two.create(0, "Can", f"n{n}")
            assert stream.until(of_version(n))
            assert len(two.ask(1, "GET", "/api/records?limit=10")[2]) == n
        job = start_import(two, 0)
        assert stream.until(of_job(job["id"], "done"), 60) and stream.events[-1].data["added"] == ROWS
        told = [event.data["added"] for event in stream.events if event.name == "job"]
        assert told == sorted(told) and len(set(told)) >= 3
        assert len(two.ask(1, "GET", "/api/jobs")[2]) == 1


def test_a_stream_goes_on_at_the_other(two):
    """Turn and turn about: nothing is lost, nothing is doubled."""
    job, got, last_id, node = start_import(two, 0), [], None, 0
    end = time.monotonic() + 60
    while not any(of_job(job["id"], "done")(event) for event in got) and time.monotonic() < end:
        node = 1 - node
        with Stream(two.nodes[node], two.token, last_id) as stream:
            for _ in range(2):
                if (event := stream.next(1)) is not None:
                    got.append(event)
                    last_id = event.id
    versions = [event.data["version"] for event in got if event.name == "changes"]
    assert versions == sorted(set(versions)) and versions[-1] == ROWS
    seqs = [event.seq for event in got if event.name == "job"]
    assert seqs == sorted(set(seqs)) and [event.data["status"] for event in got if event.name == "job"].count("done") == 1
    with Stream(two.nodes[node], two.token, last_id) as stream:
        assert stream.rest() == []


def test_an_import_is_undone_where_it_is_asked(two):
    job = start_import(two, 0)
    with Stream(two.nodes[1], two.token) as stream:
        assert stream.until(of_job(job["id"], "done"), 60)
        status, _, undo = two.ask(1, "POST", f"/api/jobs/{job['id']}/undo")
        assert status == 202
        assert stream.until(of_job(undo["id"], "done"), 60).data["result"] == {"removed": ROWS, "restored": 0, "kept": 0}
    assert all(two.ask(node, "GET", "/api/records?limit=1")[2] == [] for node in (0, 1))
    assert two.ask(0, "POST", f"/api/jobs/{job['id']}/undo")[0] == 409


def test_a_log_out_on_one_ends_the_stream_on_the_other(two):
    with Stream(two.nodes[1], two.token) as stream:
        assert stream.next()
        assert two.ask(0, "POST", "/api/auth/logout")[0] == 204
        assert stream.ended.wait(5) and stream.clean


def test_a_server_that_has_heard_nothing_for_a_while_tells_all_the_same(two, postgres):
    with Stream(two.nodes[1], two.token) as stream:
        assert stream.next()
        for n in range(1, 4):
            assert postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'recordd listen'")
            two.create(0, "Can", f"n{n}")
            assert stream.until(of_version(n), 10)
            assert eventually(lambda: all(metric(node, "recordd_listener_up") == 1 for node in two.nodes))
