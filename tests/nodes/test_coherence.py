# SPDX-License-Identifier: MIT
"""Whoever wrote finds it at that node at once, and at every other node within a second; also when nodes and the database
die. COHERENCE_SEED repeats a run."""
import contextlib
import os
import signal

import coherence
import pytest
from nodes import make_node, postgres  # noqa: F401

SEED = os.environ.get("COHERENCE_SEED") or str(int.from_bytes(os.urandom(4), "big"))


def tell(collections):
    total = {name: sum(c.counts[name] for c in collections) for name in collections[0].counts}
    print(f"seed {SEED}: {total}; the latest was late by {1000 * max(c.latest for c in collections):.0f} ms")
    return total


@contextlib.contextmanager
def no_import(collections):
    """An import that is interrupted is another test's matter."""
    with contextlib.ExitStack() as stack:
        for mine in collections:
            stack.enter_context(mine.importing)
        yield


def kill_a_node(nodes):
    def act(collections):
        with no_import(collections):
            nodes[1].kill()
            nodes[1].start()
    return act


def restart_postgres(postgres, how):
    def act(collections):
        with no_import(collections):
            postgres.restart(how)
    return act


@pytest.mark.parametrize("direct", ["500", "0"])
def test_no_search_misses_a_write(make_node, direct):
    """Told by the writes themselves, and by the notifier."""
    nodes = [make_node(settings={"database.notify_direct": direct}) for _ in range(2)]
    total = tell(coherence.run(nodes, 1200, SEED))
    assert total["unanswered writes"] == 0


def test_no_search_misses_a_write_when_nodes_and_the_database_die(postgres, make_node):
    nodes = [make_node() for _ in range(2)]
    tell(coherence.run(nodes, 800, SEED, meanwhile=[
        kill_a_node(nodes), restart_postgres(postgres, signal.SIGINT), restart_postgres(postgres, signal.SIGQUIT)]))


@pytest.mark.soak
@pytest.mark.parametrize("direct", ["500", "0"])
def test_no_search_misses_a_write_in_100000_operations(postgres, make_node, direct):
    nodes = [make_node(settings={"database.notify_direct": direct}) for _ in range(2)]
    total = tell(coherence.run(nodes, 100000, SEED, n_users=4, meanwhile=[
        kill_a_node(nodes), restart_postgres(postgres, signal.SIGINT), kill_a_node(nodes), restart_postgres(postgres, signal.SIGQUIT)]))
    assert total["writes"] + total["searches"] >= 100000
