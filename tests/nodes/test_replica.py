# SPDX-License-Identifier: MIT
"""Searches are read from a replica, and whoever wrote something finds it all the same."""
import itertools
import time

import coherence
import pytest
from nodes import User, make_node, metric, postgres  # noqa: F401
from postgres import Relay
from waiting import eventually


@pytest.fixture(scope="module")
def replica(postgres):  # noqa: F811
    running = postgres.replica()
    yield running
    running.discard()


def used(node):
    return metric(node, "recordd_replica_used") == 1


def reads(node):
    return metric(node, "recordd_replica_reads_total")


def pause(replica):
    replica.sql("select pg_wal_replay_pause()")
    assert eventually(lambda: replica.sql("select pg_get_wal_replay_pause_state()") == [("paused",)])


def resume(replica):
    replica.sql("select pg_wal_replay_resume()")


limits = itertools.cycle(range(100, 200))


def anew(user, node, q="abba"):
    """A search whose answer is not kept."""
    return user.search(node, q, limit=next(limits))


def is_read(user, node):
    """Whether such a search goes to the replica."""
    before = reads(user.nodes[node])
    assert anew(user, node) is not None
    return reads(user.nodes[node]) > before


def nodes_with(make_node, read_url, n=2, **settings):  # noqa: F811
    nodes = [make_node(settings={"database.read_url": read_url, **settings}) for _ in range(n)]
    assert eventually(lambda: all(used(n) for n in nodes))
    return nodes


def test_searches_go_to_the_replica_and_writers_find_what_they_wrote(make_node, replica):
    user = User(nodes_with(make_node, replica.dsn()))
    user.create(0, "Abba")
    assert eventually(lambda: is_read(user, 0))
    pause(replica)
    try:
        for i in range(10):
            record = user.create(0, "Zappa", f"number {i}")
            assert record["id"] in user.search(0, "zappa")
            assert eventually(lambda: record["id"] in user.search(1, "zappa"), 1)
        assert not is_read(user, 0) and not is_read(user, 1)
    finally:
        resume(replica)
    assert eventually(lambda: is_read(user, 0) and is_read(user, 1))
    user.close()


def test_a_user_who_wrote_nothing_is_read_from_a_replica_that_is_behind(make_node, replica):
    quiet, busy = (User(nodes_with(make_node, replica.dsn(), 1)) for _ in range(2))
    busy.close()
    busy.nodes, busy.connections = quiet.nodes, [None]
    busy.token, _ = quiet.nodes[0].register()
    kept = quiet.create(0, "Abba")
    assert eventually(lambda: is_read(quiet, 0))
    pause(replica)
    try:
        busy.create(0, "Zappa")
        assert is_read(quiet, 0) and not is_read(busy, 0)
        assert anew(quiet, 0) == {kept["id"]}
    finally:
        resume(replica)


def test_a_replica_too_far_behind_is_not_read_from(make_node, replica):
    node, = nodes_with(make_node, replica.dsn(), 1, **{"database.read_lag": "300ms"})
    user = User([node])
    pause(replica)
    try:
        user.create(0, "Abba")
        assert eventually(lambda: not used(node))
    finally:
        resume(replica)
    assert eventually(lambda: used(node))
    user.close()


def test_the_primary_answers_while_the_replica_is_away(make_node, replica):
    node, = nodes_with(make_node, replica.dsn(), 1)
    user = User([node])
    record = user.create(0, "Abba")
    for _ in range(2):
        assert eventually(lambda: used(node), 20)
        replica.stop()
        for _ in range(5):
            assert anew(user, 0) == {record["id"]}
        replica.start()
    assert eventually(lambda: used(node), 20)
    user.close()


def test_a_replica_whose_network_is_cut_holds_nobody_for_long(make_node, replica):
    relay = Relay(replica.port)
    node, = nodes_with(make_node, replica.dsn(relay.port), 1, **{"database.read_lag": "500ms"})
    user = User([node])
    user.create(0, "Abba")
    relay.cut()
    assert eventually(lambda: not used(node))
    begin = time.monotonic()
    assert anew(user, 0) is not None
    assert time.monotonic() - begin < 2
    relay.close()
    user.close()


def test_what_is_no_replica_of_the_database_is_not_read_from(postgres, make_node):  # noqa: F811
    node = make_node(settings={"database.read_url": postgres.dsn()})
    assert eventually(lambda: "leads to no replica" in node.log_text())
    user = User([node])
    record = user.create(0, "Abba")
    assert user.search(0, "abba") == {record["id"]}
    assert not used(node) and reads(node) == 0
    user.close()


def test_no_search_misses_a_write_with_a_replica(make_node, replica):
    nodes = nodes_with(make_node, replica.dsn())
    coherence.run(nodes, 600, "replica")
    assert sum(reads(n) for n in nodes) > 0
