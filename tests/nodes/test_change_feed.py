# SPDX-License-Identifier: MIT
"""What a node keeps is never stale for longer than a second, whatever happens to what tells it of changes."""
import contextlib
import os
import signal
import threading
import time

import pytest
from nodes import User, make_node, metric, postgres  # noqa: F401
from postgres import Relay
from waiting import eventually

STALE_SECONDS = 1.0
SLACK = float(os.environ.get("NODES_SLACK", "1.0"))  # of a busy machine, under sanitizers


def outbox(node):
    return metric(node, "recordd_notify_outbox")


def leads(node):
    return metric(node, "recordd_notify_leads")


def listens(node):
    return metric(node, "recordd_listener_up") == 1


def seconds_until_seen(user, reader, record_id, q, seconds=20):
    """From now on, asked again and again."""
    begin = time.monotonic()
    assert eventually(lambda: record_id in (user.search(reader, q) or ()), seconds), "never seen"
    return time.monotonic() - begin


def keep_an_answer(user, reader, q):
    """The reader has the answer to this search in memory."""
    def hit():
        return "hit" in user.ask(reader, "GET", f"/api/records/search?limit=200&q={q}")[1].get("cache-status", "")
    assert eventually(hit)


def test_a_write_is_seen_by_the_other_node_s_cache(make_node):
    user = User([make_node(), make_node()])
    assert eventually(lambda: all(listens(n) for n in user.nodes))
    for i in range(20):
        keep_an_answer(user, 1, "zappa")
        record = user.create(0, "Zappa", f"number {i}")
        assert seconds_until_seen(user, 1, record["id"], "zappa") < STALE_SECONDS
    assert sum(leads(n) for n in user.nodes) == 1
    user.close()


def test_a_listener_that_is_ended_is_missed_by_nobody(postgres, make_node):
    user = User([make_node(), make_node()])
    assert eventually(lambda: all(listens(n) for n in user.nodes))
    for i in range(5):
        keep_an_answer(user, 1, "zappa")
        ended = postgres.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'recordd listen'")
        assert len(ended) == 2
        record = user.create(0, "Zappa", f"number {i}")
        assert seconds_until_seen(user, 1, record["id"], "zappa") < STALE_SECONDS + SLACK
        assert eventually(lambda: all(listens(n) for n in user.nodes))
    assert metric(user.nodes[1], "recordd_listener_gaps_total") >= 5
    user.close()


def test_a_listener_whose_network_is_cut_is_not_trusted(postgres, make_node):
    """Nothing is closed: the node only hears no more. The connections of its pool still work."""
    relay = Relay(postgres.port)
    user = User([make_node(), make_node(postgres.dsn(relay.port))])
    assert eventually(lambda: listens(user.nodes[1]))
    keep_an_answer(user, 1, "zappa")
    relay.cut(b"recordd listen")
    record = user.create(0, "Zappa", "while it is deaf")
    assert seconds_until_seen(user, 1, record["id"], "zappa") < STALE_SECONDS + SLACK
    assert eventually(lambda: not listens(user.nodes[1]))
    token, _ = user.nodes[0].register()
    assert user.nodes[1].request("GET", "/api/auth/me", token)[0] == 200
    assert user.nodes[0].request("POST", "/api/auth/logout", token)[0] == 204
    begin = time.monotonic()
    assert eventually(lambda: user.nodes[1].request("GET", "/api/auth/me", token)[0] == 401)
    assert time.monotonic() - begin < STALE_SECONDS + SLACK
    relay.mend()
    assert eventually(lambda: listens(user.nodes[1]), 20)
    keep_an_answer(user, 1, "zappa")
    user.close()
    relay.close()


def test_revocations_are_heard_within_a_second(make_node):
    nodes = [make_node(), make_node()]
    for _ in range(5):
        token, _ = nodes[0].register()
        assert nodes[1].request("GET", "/api/auth/me", token)[0] == 200
        assert nodes[0].request("POST", "/api/auth/logout", token)[0] == 204
        begin = time.monotonic()
        assert eventually(lambda: nodes[1].request("GET", "/api/auth/me", token)[0] == 401)
        assert time.monotonic() - begin < STALE_SECONDS


# The notifier

def left_over(postgres):
    return postgres.sql("select count(*) from events.change")[0][0]


def test_the_notifier_tells_of_what_writes_leave_to_it(postgres, make_node):
    user = User([make_node(settings={"database.notify_direct": "0"}) for _ in range(2)])
    assert eventually(lambda: all(outbox(n) for n in user.nodes))
    for i in range(20):
        keep_an_answer(user, 1, "zappa")
        record = user.create(0, "Zappa", f"number {i}")
        assert seconds_until_seen(user, 1, record["id"], "zappa") < STALE_SECONDS
    assert eventually(lambda: left_over(postgres) == 0)
    assert sum(metric(n, "recordd_notify_sent_total") for n in user.nodes) >= 20
    user.close()


def test_a_great_many_changes_at_once_do_not_wait_for_each_other(postgres, make_node):
    user = User([make_node(settings={"database.notify_direct": "0"})])
    assert eventually(lambda: outbox(user.nodes[0]))
    begin = time.monotonic()
    postgres.sql("insert into events.change (user_id, version) select gen_random_uuid(), 1 from generate_series(1, 40000)")
    assert eventually(lambda: left_over(postgres) == 0, 20)
    assert time.monotonic() - begin < 5  # at one lot a second it is eight
    user.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_notifier_that_dies_or_hangs_loses_nothing(postgres, make_node, how):
    """The one that hangs still holds the lock: the others tell of what it should have told."""
    user = User([make_node(settings={"database.notify_direct": "0"}) for _ in range(3)])
    assert eventually(lambda: all(outbox(n) for n in user.nodes) and sum(leads(n) for n in user.nodes) == 1)
    victim = next(i for i, n in enumerate(user.nodes) if leads(n))
    writer, reader = [i for i in range(3) if i != victim]
    keep_an_answer(user, reader, "zappa")
    os.kill(user.nodes[victim].pid, how)
    try:
        for i in range(5):
            record = user.create(writer, "Zappa", f"number {i}")
            assert seconds_until_seen(user, reader, record["id"], "zappa") < STALE_SECONDS + SLACK
            keep_an_answer(user, reader, "zappa")
        assert eventually(lambda: left_over(postgres) == 0)
        if how == signal.SIGKILL:
            assert eventually(lambda: leads(user.nodes[writer]) + leads(user.nodes[reader]) == 1)
    finally:
        os.kill(user.nodes[victim].pid, signal.SIGCONT if how == signal.SIGSTOP else 0)
    user.close()


@contextlib.contextmanager
def slow_commits(postgres, slow):
    """As on a disk that takes its time: NOTIFY's lock is held as long."""
    if slow:
        postgres.sql("alter system set commit_delay = 30000"), postgres.sql("alter system set commit_siblings = 0")
    postgres.sql("select pg_reload_conf()")
    yield
    postgres.sql("alter system reset all")
    postgres.sql("select pg_reload_conf()")


@pytest.mark.parametrize("direct, slow", [("20", False), ("500", True)])
def test_many_changes_bring_the_notifier_on_and_few_end_it(postgres, make_node, direct, slow):
    """Many by the setting, or more than the database can commit while they notify."""
    nodes = [make_node(settings={"database.notify_direct": direct}) for _ in range(2)]
    postgres.sql("update events.notifying set outbox = false")
    with slow_commits(postgres, slow):
        check_that_it_comes_and_goes(postgres, nodes)


def check_that_it_comes_and_goes(postgres, nodes):
    assert eventually(lambda: sum(leads(n) for n in nodes) == 1 and not any(outbox(n) for n in nodes))
    user, enough = User(nodes), threading.Event()

    def write():
        mine = User(nodes)
        while not enough.is_set():
            mine.create(0, "Zappa")
            mine.create(1, "Zappa")
        mine.close()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    try:
        assert eventually(lambda: all(outbox(n) for n in nodes), 20)
        keep_an_answer(user, 1, "abba")
        record = user.create(0, "Abba")
        assert seconds_until_seen(user, 1, record["id"], "abba") < STALE_SECONDS + SLACK
    finally:
        enough.set()
        for writer in writers:
            writer.join()
    assert eventually(lambda: not any(outbox(n) for n in nodes), 20)
    assert left_over(postgres) == 0
    record = user.create(0, "Abba")
    assert seconds_until_seen(user, 1, record["id"], "abba") < STALE_SECONDS + SLACK
    user.close()
