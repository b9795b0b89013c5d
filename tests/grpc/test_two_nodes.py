# SPDX-License-Identifier: MIT
"""A watch on one node sees what is written on another, in order and whole."""
import threading

from nodes import make_node, postgres  # noqa: F401

from stubs import Stub, clear_channel


def test_a_watch_sees_what_is_written_elsewhere(make_node):
    here, there = (make_node(settings={"grpc.listen": "127.0.0.1:0"}) for _ in range(2))
    token = here.register()[0]
    with clear_channel(here) as channel:
        watch = Stub(channel, "records.RecordsService", token).WatchRecords({}, timeout=120)
        for n in range(20):
            writer = (here, there)[n % 2]
            status, _, made = writer.request("POST", "/api/records", token, json={"artist": "a", "name": str(n), "format": "LP"})
            assert status == 201
            change = next(watch)
            assert change.version == n + 1 and change.record.id == made["id"] and change.record.name == str(n)
        watch.cancel()


def test_a_watch_that_moves_to_another_node_misses_nothing(make_node):
    here, there = (make_node(settings={"grpc.listen": "127.0.0.1:0"}) for _ in range(2))
    token = here.register()[0]

    def write():
        for n in range(60):
            assert there.request("POST", "/api/records", token, json={"artist": "a", "name": str(n), "format": "LP"})[0] == 201

    writer = threading.Thread(target=write)
    writer.start()
    names, since = [], 0
    while len(names) < 60:
        node = (here, there)[len(names) // 10 % 2]
        with clear_channel(node) as channel:
            watch = Stub(channel, "records.RecordsService", token).WatchRecords({"since_version": since}, timeout=120)
            for _ in range(10):
                change = next(watch)
                assert change.version == since + 1
                since = change.version
                names.append(change.record.name)
            watch.cancel()
    writer.join()
    assert names == [str(n) for n in range(60)]
