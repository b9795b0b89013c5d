# SPDX-License-Identifier: MIT
"""recordd as a gRPC server: its ports, and what happens in the database when a client stops waiting."""
import os
import pathlib
import re
import subprocess
import threading
import time

import grpc
import psycopg2
import pytest
from conftest import BIN, Server
from grpc_echo import GrpcFrames, message
from http2 import DATA, END_STREAM, HEADERS
from stubs import Stub
from waiting import eventually


@pytest.fixture(scope="module")
def clear():
    running = Server(settings={"grpc.listen": "127.0.0.1:0"}).start()
    running.grpc_target = dict(word.split("=", 1) for word in running.ready_line.split()[3:])["grpc"]
    yield running
    running.discard()


@pytest.fixture
def channel(clear):
    with grpc.insecure_channel(clear.grpc_target) as made:
        yield made


class Lock:
    """Holds a table, so that whoever reads it waits."""

    def __init__(self, server, table):
        self.connection = psycopg2.connect(f"host={server.socket_dir()} dbname=recordd user=recordd_owner")
        self.table = table

    def __enter__(self):
        with self.connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {self.table} IN ACCESS EXCLUSIVE MODE")
        return self

    def __exit__(self, *_):
        self.connection.rollback()
        self.connection.close()


def waiting(server):
    """How many statements of the server wait for a lock."""
    return int(server.sql("""SELECT count(*) FROM pg_stat_activity AS backend JOIN pg_locks USING (pid)
                             WHERE NOT granted AND backend.application_name LIKE 'recordd%'""")[0][0])


def record_of(server):
    token, _ = server.register()
    status, _, record = server.request("POST", "/api/records", token, json={"artist": "A", "name": "B", "format": "LP"})
    assert status == 201
    return token, record["id"]


def test_a_deadline_ends_the_query_in_the_database(clear, channel):
    token, record_id = record_of(clear)
    stub = Stub(channel, "records.RecordsService", token)
    with Lock(clear, "records.record"):
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as late:
            stub.GetRecord({"record_id": record_id}, timeout=0.5)
        assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() - began < 5
        assert eventually(lambda: waiting(clear) == 0), "the query goes with the call"
    assert stub.GetRecord({"record_id": record_id}, timeout=10)


def test_the_server_keeps_the_time_when_the_client_does_not(clear):
    """The client asks for 300 ms and would wait for ever: the status is the server's."""
    token, record_id = record_of(clear)
    body = message(b"\x0a" + bytes([len(record_id)]) + record_id.encode())
    frames = GrpcFrames(int(clear.grpc_target.rpartition(":")[2]))
    seen = []
    with Lock(clear, "records.record"):
        frames.head(1, b"/records.RecordsService/GetRecord", (b"authorization", b"Bearer " + token.encode()), (b"grpc-timeout", b"300m"))
        frames.body(1, body)
        watcher = threading.Thread(target=lambda: seen.append(eventually(lambda: waiting(clear), 5)))
        watcher.start()
        assert frames.answer(1)[2]["grpc-status"] == "4"
        watcher.join()
        assert seen == [1], "it was in the database"
        assert eventually(lambda: waiting(clear) == 0)
    frames.close()


def test_a_deadline_of_a_millisecond_is_kept(clear, channel):
    token, record_id = record_of(clear)
    stub = Stub(channel, "records.RecordsService", token)
    with Lock(clear, "records.record"):
        for _ in range(20):
            with pytest.raises(grpc.RpcError) as late:
                stub.GetRecord({"record_id": record_id}, timeout=0.001)
            assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert eventually(lambda: waiting(clear) == 0)


def test_a_condition_for_caches_is_not_for_messages(clear, channel):
    token, record_id = record_of(clear)
    call = channel.unary_unary("/records.RecordsService/GetRecord")
    asked, bearer = b"\x0a" + bytes([len(record_id)]) + record_id.encode(), ("authorization", f"Bearer {token}")
    for condition in ("*", '"1"'):
        assert record_id.encode() in call(asked, metadata=[bearer, ("if-none-match", condition)], timeout=10)


def test_a_cancelled_call_ends_its_query(clear, channel):
    token, record_id = record_of(clear)
    with Lock(clear, "records.record"):
        call = channel.unary_unary("/records.RecordsService/GetRecord").future(
            b"\x0a" + bytes([len(record_id)]) + record_id.encode(), metadata=[("authorization", f"Bearer {token}")])
        assert eventually(lambda: waiting(clear) == 1)
        call.cancel()
        assert eventually(lambda: waiting(clear) == 0)


@pytest.fixture(scope="module")
def collector(clear):
    """The token of one whose collection no window between client and server holds."""
    token, user = clear.register()
    assert clear.run("sample", "--user", user["email"], "--n", "4000").returncode == 0
    return token


def running(server, words):
    """What the server's connections are at work on, of statements that have these words: what each waits for."""
    monitor = psycopg2.connect(f"host={server.socket_dir()} dbname=recordd user=recordd_monitor")
    try:
        with monitor.cursor() as cursor:
            cursor.execute("""SELECT wait_event_type FROM pg_stat_activity WHERE application_name LIKE 'recordd%%'
                              AND state = 'active' AND pid <> pg_backend_pid() AND position(%s in query) > 0""", [words])
            return [row[0] for row in cursor.fetchall()]
    finally:
        monitor.close()


def n_cancelled(server):
    return int(re.search(r"^recordd_db_cancelled_total (\d+)", server.request("GET", "/metrics")[2].decode(), re.M)[1])


def swallow(call):
    """Takes what comes until the call ends, however it does."""
    try:
        for _ in call:
            pass
    except grpc.RpcError:
        pass


def leave_by_cancelling(channel, call):
    call.cancel()


def leave_by_hanging_up(channel, call):
    channel.close()


@pytest.mark.parametrize("leave", [leave_by_cancelling, leave_by_hanging_up])
@pytest.mark.parametrize("method,asked,words,begun", [
    ("StreamRecords", {}, "records.record_doc", False),
    ("StreamRecords", {}, "records.record_doc", True),
    ("WatchRecords", {"since_version": 0}, "records.", False),
    ("WatchRecords", {"since_version": 0}, "records.", True),
], ids=lambda value: str(value) if isinstance(value, (str, bool)) else None)
def test_a_streams_query_is_cancelled_when_its_client_goes(clear, collector, method, asked, words, begun, leave):
    """As PostgreSQL sees it: the statement that the stream waits for runs, the client goes, and it runs no more, though
    what it waits for is as far away as before."""
    channel = grpc.insecure_channel(clear.grpc_target)
    stream = getattr(Stub(channel, "records.RecordsService", collector), method)
    before = n_cancelled(clear)
    call = stream(asked, timeout=120) if begun else None
    if begun:
        assert next(call)
    with Lock(clear, "records.record, records.record_doc, records.user_state"):
        call = call or stream(asked, timeout=120)
        reader = threading.Thread(target=swallow, args=[call])
        reader.start()  # takes all that was made before the lock
        assert eventually(lambda: running(clear, words)), "the stream waits for its query"
        assert running(clear, words) == ["Lock"]
        leave(channel, call)
        assert eventually(lambda: not running(clear, words) and waiting(clear) == 0)
        reader.join(10)
        assert not reader.is_alive() and n_cancelled(clear) == before + 1
    channel.close()


def test_a_client_whose_machine_is_gone_is_noticed(clear):
    """A stream may be silent for hours: TCP asks, as /proc/net/tcp shows by its timer of kind 02."""
    port = int(clear.grpc_target.rpartition(":")[2])
    frames = GrpcFrames(port)
    frames.head(1, b"/grpc.health.v1.Health/Watch")
    frames.body(1, message(b""))
    frames.until(DATA, 1)
    own = frames.socket.getsockname()[1]

    def asks_again():
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        timers = [line[5].split(":") for line in lines if line[1].endswith(f":{port:04X}") and line[2].endswith(f":{own:04X}")]
        return len(timers) == 1 and timers[0][0] == "02" and 10 < int(timers[0][1], 16) / os.sysconf("SC_CLK_TCK") <= 60

    assert eventually(asks_again)
    frames.close()


def test_the_cleartext_port_is_for_grpc_alone(clear):
    frames = GrpcFrames(int(clear.grpc_target.rpartition(":")[2]))
    frames.head(1, b"/healthz", method=b"GET", kind=b"application/json", end=True)
    body = b""
    while True:
        kind, flags, stream, payload = frames.receive()
        body += payload if stream == 1 and kind == DATA else b""
        if stream == 1 and kind in (DATA, HEADERS) and flags & END_STREAM:
            break
    assert frames.seen[1][0][":status"] == "415" and b"only gRPC" in body
    frames.close()


@pytest.mark.parametrize("listen, why", [
    ("0.0.0.0:50051", "loopback"), ("192.0.2.1:50051", "loopback"), ("[::]:50051", "loopback"), ("example.org:50051", "loopback"),
    ("127.0.0.1", "a port"), ("50051", "a port"), ("127.0.0.1:99999", "a port"), (":50051", "a port")])
def test_a_cleartext_port_for_others_is_refused(data_dir, listen, why):
    done = subprocess.run([BIN, "serve", "--data", str(data_dir), "--set", "server.https_port=auto", "--set", f"grpc.listen={listen}"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and why in done.stderr and listen in done.stderr, done.stderr


def test_a_server_that_stops_lets_the_client_find_another(make_server):
    """The one is told to go while calls run; the client, which knows both, loses none."""
    servers = [make_server(settings={"grpc.listen": "127.0.0.1:0"}) for _ in range(2)]
    targets = [dict(word.split("=", 1) for word in server.ready_line.split()[3:])["grpc"] for server in servers]
    options = [("grpc.lb_policy_name", "round_robin"), ("grpc.enable_retries", 1)]
    failed, done, ending = [], [0], threading.Event()
    with grpc.insecure_channel("ipv4:" + ",".join(targets), options=options) as channel:
        check = channel.unary_unary("/records.RecordsService/HealthCheck")

        def ask():
            while not ending.is_set():
                try:
                    check(b"", timeout=10, wait_for_ready=True)
                    done[0] += 1
                except grpc.RpcError as error:
                    failed.append(error)

        askers = [threading.Thread(target=ask) for _ in range(4)]
        for asker in askers:
            asker.start()
        assert eventually(lambda: done[0] > 200)
        assert servers[0].stop() == 0
        before = done[0]
        assert eventually(lambda: done[0] > before + 200)
        ending.set()
        for asker in askers:
            asker.join()
    assert not failed, failed[0]
