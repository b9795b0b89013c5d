# SPDX-License-Identifier: MIT
"""API tokens over gRPC: the scopes of REST hold, and a stream ends with what opened it."""
import time

import grpc
import pytest
from nodes import make_node, postgres  # noqa: F401
from stubs import Stub, clear_channel, rpc_server  # noqa: F401
from waiting import eventually

READ, WRITE = "records:read", "records:write"
RECORD = {"record": {"artist": "Talk Talk", "name": "Spirit of Eden", "format": "LP"}}


def make(server, session, *scopes, **more):
    status, _, made = server.request("POST", "/api/auth/tokens", session, json={"name": "x", "scopes": scopes, **more})
    assert status == 201
    return made


def code_of(call, *args):
    with pytest.raises(grpc.RpcError) as caught:
        result = call(*args, timeout=60)
        for _ in result if hasattr(result, "__next__") else ():
            pass
    return caught.value.code()


@pytest.fixture
def session(rpc_server):
    return rpc_server.register()[0]


@pytest.fixture
def channel(rpc_server):
    with clear_channel(rpc_server) as channel:
        yield channel


def records(channel, made):
    return Stub(channel, "records.RecordsService", made["token"])


def test_what_a_token_may_not_do_is_permission_denied(rpc_server, channel, session):
    reader, writer = (records(channel, make(rpc_server, session, scope)) for scope in (READ, WRITE))
    made = writer.CreateRecord(RECORD, timeout=60).record
    assert reader.GetRecord({"record_id": made.id}, timeout=60).record == made
    assert [row.id for row in reader.StreamRecords({}, timeout=60)] == [made.id]
    assert reader.SearchRecords({"query": "eden"}, timeout=60).total == 1
    refused = grpc.StatusCode.PERMISSION_DENIED
    assert code_of(reader.CreateRecord, RECORD) == code_of(reader.DeleteRecord, {"record_id": made.id}) == refused
    assert code_of(reader.UpdateRecord, {"record_id": made.id, **RECORD}) == refused
    assert code_of(writer.GetRecord, {"record_id": made.id}) == code_of(writer.SearchRecords, {"query": "eden"}) == refused
    assert code_of(writer.StreamRecords, {}) == code_of(writer.WatchRecords, {}) == refused
    assert writer.DeleteRecord({"record_id": made.id}, timeout=60).success


def test_a_token_not_seen_before_may_name_its_own_user(rpc_server, channel, session):
    user = rpc_server.request("GET", "/api/auth/me", session)[2]["id"]
    reader = records(channel, make(rpc_server, session, READ))
    assert reader.SearchRecords({"query": "a", "user_id": user}, timeout=60).total == 0
    other = records(channel, make(rpc_server, session, READ))
    refused = code_of(other.SearchRecords, {"query": "a", "user_id": "11111111-1111-4111-8111-111111111111"})
    assert refused == grpc.StatusCode.PERMISSION_DENIED


def test_a_token_of_nobodys_is_unauthenticated(channel):
    stranger = records(channel, {"token": "rcd_" + "0" * 64})
    assert code_of(stranger.SearchRecords, {"query": "a"}) == code_of(stranger.WatchRecords, {}) == grpc.StatusCode.UNAUTHENTICATED


def test_an_api_token_is_no_access_token(rpc_server, channel, session):
    made = make(rpc_server, session, READ, WRITE)
    auth = Stub(channel, "auth.AuthService")
    for _ in range(2):  # unknown to this node, then remembered
        answer = auth.ValidateToken({"token": made["token"]}, timeout=60)
        assert not answer.valid and not answer.HasField("user")
        assert records(channel, made).SearchRecords({"query": "a"}, timeout=60).total == 0


def test_a_watch_ends_with_its_token(rpc_server, channel, session):
    made, kept = make(rpc_server, session, READ), make(rpc_server, session, READ)
    watch, other = (records(channel, token).WatchRecords({}, timeout=120) for token in (made, kept))
    writer = Stub(channel, "records.RecordsService", session)
    writer.CreateRecord(RECORD, timeout=60)
    assert next(watch).record == next(other).record
    assert rpc_server.request("DELETE", f"/api/auth/tokens/{made['id']}", session)[0] == 204
    with pytest.raises(grpc.RpcError) as ended:
        next(watch)
    assert ended.value.code() == grpc.StatusCode.UNAUTHENTICATED
    writer.CreateRecord(RECORD, timeout=60)
    assert next(other).version == 2
    other.cancel()


def test_a_watch_ends_with_its_session_on_another_node(make_node):
    here, there = (make_node(settings={"grpc.listen": "127.0.0.1:0"}) for _ in range(2))
    session, _ = here.register("watcher@example.org")
    again = here.request("POST", "/api/auth/login", json={"email": "watcher@example.org", "password": "correct horse battery"})[2]
    with clear_channel(there) as channel:
        watch = Stub(channel, "records.RecordsService", session).WatchRecords({}, timeout=120)
        assert here.request("POST", "/api/records", session, json=RECORD["record"])[0] == 201
        assert next(watch).version == 1
        assert here.request("DELETE", "/api/auth/sessions?except=current", again["token"])[0] == 204
        with pytest.raises(grpc.RpcError) as ended:
            next(watch)
        assert ended.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_a_watch_outlives_an_access_token_and_ends_with_an_api_token(make_server):
    server = make_server(settings={"grpc.listen": "127.0.0.1:0", "auth.access_ttl": "3s"})
    session, _ = server.register("long@example.org")
    made = make(server, session, READ, WRITE)
    with clear_channel(server) as channel:
        watch = Stub(channel, "records.RecordsService", session).WatchRecords({}, timeout=120)
        time.sleep(3.1)
        assert eventually(lambda: server.request("GET", "/api/auth/me", session)[0] == 401)
        assert server.request("POST", "/api/records", made["token"], json=RECORD["record"])[0] == 201
        assert next(watch).version == 1
        watch.cancel()
