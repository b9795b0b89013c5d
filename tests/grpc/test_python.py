# SPDX-License-Identifier: MIT
"""Python's gRPC (C core), the way an old client uses it: every method, over TLS and in clear."""
import threading
import time
import uuid

import grpc
import pytest

from stubs import Stub, clear_channel, message, rpc_server, secure_channel  # noqa: F401


@pytest.fixture(params=["tls", "clear"])
def channel(rpc_server, request):
    with (secure_channel if request.param == "tls" else clear_channel)(rpc_server) as channel:
        yield channel


@pytest.fixture
def account(rpc_server):
    return rpc_server.register()


@pytest.fixture
def records(channel, account):
    return Stub(channel, "records.RecordsService", account[0])


@pytest.fixture
def auth(channel):
    return Stub(channel, "auth.AuthService")


def refused(call, *args, **kwargs):
    with pytest.raises(grpc.RpcError) as caught:
        result = call(*args, **kwargs)
        for _ in result if hasattr(result, "__next__") else ():
            pass
    return caught.value


ALBUM = {"artist": "Talk Talk", "name": "Spirit of Eden", "format": "LP", "catalog_number": "PCSD 105", "record_grade": "VG+",
         "has_insert": True, "notes": "a \"quoted\" word\nand ÷ ümlauts", "price_paid": 24.99, "purchased_at": "2024-05-06T00:00:00.000Z"}


def add(records, **more):
    return records.CreateRecord({"record": {**ALBUM, **more}}, timeout=30).record


# ── Accounts ──

def test_register_authenticate_validate_refresh(auth):
    email = f"{uuid.uuid4().hex}@example.org"
    made = auth.Register({"email": email, "password": "correct horse battery"}, timeout=30)
    assert made.token and made.user.email == email and made.user.id and made.user.created_at.endswith("Z")
    session = auth.Authenticate({"email": email, "password": "correct horse battery"}, timeout=30)
    assert session.user == made.user and session.token and session.refresh_token
    valid = auth.ValidateToken({"token": session.token}, timeout=30)
    assert valid.valid and valid.user == made.user
    pair = auth.RefreshToken({"refresh_token": session.refresh_token}, timeout=30)
    assert pair.refresh_token not in ("", session.refresh_token) and auth.ValidateToken({"token": pair.token}).valid


def test_a_token_that_is_no_good_is_an_answer(auth):
    for token in ("", "nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwIn0."):
        answer = auth.ValidateToken({"token": token}, timeout=30)
        assert not answer.valid and not answer.HasField("user")


def test_what_is_wrong_with_an_account_has_its_code(auth, rpc_server):
    email = f"{uuid.uuid4().hex}@example.org"
    rpc_server.register(email)
    assert refused(auth.Register, {"email": email, "password": "correct horse"}).code() == grpc.StatusCode.ALREADY_EXISTS
    assert refused(auth.Register, {"email": "x", "password": "correct horse"}).code() == grpc.StatusCode.INVALID_ARGUMENT
    assert refused(auth.Register, {}).code() == grpc.StatusCode.INVALID_ARGUMENT
    wrong = refused(auth.Authenticate, {"email": email, "password": "wrong"})
    assert wrong.code() == grpc.StatusCode.UNAUTHENTICATED and wrong.details() == "invalid credentials"
    assert refused(auth.RefreshToken, {"refresh_token": "nonsense"}).code() == grpc.StatusCode.UNAUTHENTICATED


def test_health_of_each_service(channel):
    for service in ("auth.AuthService", "records.RecordsService"):
        answer = Stub(channel, service).HealthCheck(timeout=30)
        assert answer.healthy and answer.version


# ── Records ──

def test_a_record_lives_and_dies(records, account):
    made = add(records, media_pieces=[{"kind": "VINYL", "sides": {"A": "VG+", "B": ""}}], extra={"Shelf": "3"}, label="Parlophone",
               release_year=1988)
    for name, value in ALBUM.items():
        assert getattr(made, name) == value, name
    assert made.user_id == account[1]["id"] and made.created_at and made.version == 1
    assert made.label == "Parlophone" and made.release_year == 1988 and made.extra["Shelf"] == "3"
    assert made.media_pieces[0].index == 1 and dict(made.media_pieces[0].sides) == {"A": "VG+", "B": ""}
    assert records.GetRecord({"record_id": made.id}).record == made
    assert records.GetRecord({"record_id": made.id, "user_id": account[1]["id"].upper()}).record == made
    assert records.DeleteRecord({"record_id": made.id}).success is True
    assert refused(records.GetRecord, {"record_id": made.id}).code() == grpc.StatusCode.NOT_FOUND
    assert refused(records.DeleteRecord, {"record_id": made.id}).code() == grpc.StatusCode.NOT_FOUND


def test_the_same_record_over_rest(records, account, rpc_server):
    made = add(records)
    rest = rpc_server.request("GET", f"/api/records/{made.id}", account[0])[2]
    assert rest["artist"] == made.artist and rest["pricePaid"] == 24.99 and rest["updatedAt"] == made.updated_at


def test_an_update_without_a_mask_leaves_defaults_alone(records):
    made = add(records)
    changed = records.UpdateRecord({"record_id": made.id, "record": {"name": "Laughing Stock", "has_insert": False, "notes": ""}}).record
    assert changed.name == "Laughing Stock" and changed.has_insert is True and changed.notes == made.notes
    assert changed.version == 2 and changed.artist == made.artist


def test_what_was_got_can_be_given_back(records):
    made = add(records, media_pieces=[{"kind": "VINYL"}])
    made.notes = "another word"
    assert records.UpdateRecord({"record_id": made.id, "record": made}).record.notes == "another word"


def test_an_update_with_a_mask_clears_what_it_names(records):
    made = add(records)
    changed = records.UpdateRecord({"record_id": made.id, "record": {"name": "not in the mask"},
                                    "update_mask": {"paths": ["notes", "has_insert", "price_paid"]}}).record
    assert changed.notes == "" and changed.has_insert is False and changed.price_paid == 0 and changed.name == made.name
    whole = records.UpdateRecord({"record_id": made.id, "record": {"artist": "A", "name": "B", "format": "LP"},
                                  "update_mask": {"paths": ["*"]}}).record
    assert (whole.artist, whole.name, whole.catalog_number, whole.id) == ("A", "B", "", made.id)
    unknown = refused(records.UpdateRecord, {"record_id": made.id, "record": {}, "update_mask": {"paths": ["colour"]}})
    assert unknown.code() == grpc.StatusCode.INVALID_ARGUMENT
    required = refused(records.UpdateRecord, {"record_id": made.id, "record": {}, "update_mask": {"paths": ["artist"]}})
    assert required.code() == grpc.StatusCode.INVALID_ARGUMENT


def violations(error):
    """{field: what is wrong} of grpc-status-details-bin."""
    raw = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = message("google.rpc.Status").FromString(raw)
    assert status.code == error.code().value[0] and status.details[0].type_url == "type.googleapis.com/google.rpc.BadRequest"
    bad = message("google.rpc.BadRequest").FromString(status.details[0].value)
    return {row.field: row.description for row in bad.field_violations}


def test_fields_that_are_wrong_are_named_as_protobuf_spells_them(records):
    error = refused(records.CreateRecord, {"record": {**ALBUM, "artist": "", "record_grade": "shiny",
                                                      "media_pieces": [{"disc_grade": "dull"}]}})
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert {"artist", "record_grade", "media_pieces[0].disc_grade"} <= set(violations(error))
    assert "limit" in violations(refused(records.SearchRecords, {"query": "x", "limit": -1}))


def test_search_finds_what_rest_finds(records, account, rpc_server):
    word = uuid.uuid4().hex
    for n in range(3):
        add(records, name=f"{word} {n}")
    status, headers, rest = rpc_server.request("GET", f"/api/records/search?q={word}", account[0])
    found = records.SearchRecords({"query": word})
    assert [record.id for record in found.records] == [record["id"] for record in rest] and len(rest) == 3
    assert found.total == int(headers.get("x-total-count", 3))
    again = records.SearchRecords({"query": word})
    assert again == found
    assert [record.id for record in records.SearchRecords({"query": word, "limit": 1, "offset": 1}).records] == [rest[1]["id"]]
    assert len(records.SearchRecords({"query": ""}).records) == 0


def test_a_search_that_was_cached_is_answered_from_memory(records):
    add(records, name="cached")
    seen = []
    for _ in range(3):
        _, call = records.SearchRecords.with_call({"query": "cached"})
        seen.append(dict(call.initial_metadata())["x-cache"])
    assert seen == ["MISS", "HIT", "HIT"]


def test_somebody_elses_name_is_refused_everywhere(records):
    other = str(uuid.uuid4())
    calls = [(records.SearchRecords, {"query": "x"}), (records.GetRecord, {"record_id": other}), (records.CreateRecord, {"record": ALBUM}),
             (records.UpdateRecord, {"record_id": other}), (records.DeleteRecord, {"record_id": other}), (records.StreamRecords, {})]
    for call, what in calls:
        for name in (other, "nobody"):
            assert refused(call, {**what, "user_id": name}).code() == grpc.StatusCode.PERMISSION_DENIED
    assert refused(records.CreateRecord, {"record": {**ALBUM, "user_id": other}}).code() == grpc.StatusCode.PERMISSION_DENIED


def test_nothing_is_served_without_a_token(channel):
    anonymous = Stub(channel, "records.RecordsService")
    for name in ("SearchRecords", "GetRecord", "CreateRecord", "UpdateRecord", "DeleteRecord", "StreamRecords", "WatchRecords"):
        assert refused(getattr(anonymous, name)).code() == grpc.StatusCode.UNAUTHENTICATED, name


def test_an_idempotency_key_makes_one_record(records):
    key = [("idempotency-key", uuid.uuid4().hex)]
    first = records.CreateRecord({"record": ALBUM}, metadata_=key).record
    assert records.CreateRecord({"record": ALBUM}, metadata_=key).record.id == first.id
    assert refused(records.CreateRecord, {"record": {**ALBUM, "name": "other"}}, metadata_=key).code() == grpc.StatusCode.INVALID_ARGUMENT


def test_if_match_prevents_a_lost_update(records):
    made = add(records)
    stale = [("if-match", f'"{made.id}-v7"')]
    assert refused(records.UpdateRecord, {"record_id": made.id, "record": {"name": "x"}}, metadata_=stale).code() == grpc.StatusCode.ABORTED


# ── Streams ──

def test_a_whole_collection_as_a_stream(records, rpc_server, account):
    rows = [{"artist": f"artist {n}", "name": f"name {n}", "format": "LP"} for n in range(1300)]
    text = "artist,name,format\n" + "".join(f"{row['artist']},{row['name']},LP\n" for row in rows)
    status, _, job = rpc_server.request("POST", "/api/records/import", account[0], data=text.encode(), headers={"content-type": "text/csv"})
    assert status == 202, job
    wait_for(lambda: rpc_server.request("GET", f"/api/jobs/{job['id']}", account[0])[2]["status"] == "done")
    everything = list(records.StreamRecords({}, timeout=60))
    assert {record.artist for record in everything} == {row["artist"] for row in rows} and len(everything) == 1300
    part = list(records.StreamRecords({"limit": 700, "offset": 600}, timeout=60))
    assert part == everything[600:1300]
    assert list(records.StreamRecords({"limit": 3}, timeout=60)) == everything[:3]
    found = list(records.StreamRecords({"query": "artist"}, timeout=60))
    assert len(found) == 1300 and {record.id for record in found} == {record.id for record in everything}
    assert [record.id for record in found[:50]] == [record.id for record in records.SearchRecords({"query": "artist"}).records]
    assert list(records.StreamRecords({"query": "artist", "limit": 700, "offset": 600}, timeout=60)) == found[600:1300]
    assert list(records.StreamRecords({"query": "÷"}, timeout=60)) == []
    cut = records.StreamRecords({}, timeout=60)
    next(cut)
    cut.cancel()
    assert refused(lambda: list(cut)).code() == grpc.StatusCode.CANCELLED


def wait_for(holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_empty_collection_is_an_empty_stream(records):
    assert list(records.StreamRecords({}, timeout=30)) == []


def test_changes_are_told_as_they_are_made(records):
    before = add(records)
    watch = records.WatchRecords({"since_version": 0}, timeout=60)
    first = next(watch)
    assert first.record == before and not first.deleted and first.version >= 1
    after = add(records, name="Laughing Stock")
    second = next(watch)
    assert second.record == after and second.version > first.version
    records.DeleteRecord({"record_id": before.id})
    gone = next(watch)
    assert gone.deleted and gone.record.id == before.id and gone.version > second.version
    watch.cancel()
    resumed = records.WatchRecords({"since_version": second.version}, timeout=60)
    assert next(resumed) == gone
    resumed.cancel()


def test_a_version_that_nobody_gave_out_is_refused(records):
    add(records)
    assert refused(records.WatchRecords, {"since_version": 1 << 40}).code() == grpc.StatusCode.OUT_OF_RANGE
    assert refused(records.WatchRecords, {"since_version": -1}).code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_deadline_ends_a_watch(records):
    assert refused(records.WatchRecords, {}, timeout=0.5).code() == grpc.StatusCode.DEADLINE_EXCEEDED


# ── Health and reflection ──

def test_health(channel):
    health = Stub(channel, "grpc.health.v1.Health")
    assert health.Check(timeout=30).status == 1 and health.Check({"service": "records.RecordsService"}).status == 1
    assert refused(health.Check, {"service": "records.Nobody"}).code() == grpc.StatusCode.NOT_FOUND
    statuses = health.List(timeout=30).statuses
    assert {"", "auth.AuthService", "records.RecordsService"} <= set(statuses) and statuses["auth.AuthService"].status == 1
    watch = health.Watch({"service": "nobody"}, timeout=30)
    assert next(watch).status == 3
    watch.cancel()


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_tells_what_is_served(channel, version):
    from google.protobuf import descriptor_pb2
    info = Stub(channel, f"grpc.reflection.{version}.ServerReflection").ServerReflectionInfo
    questions = [{"list_services": ""}, {"file_containing_symbol": "records.RecordsService.GetRecord"}, {"file_by_filename": "auth.proto"},
                 {"file_containing_symbol": "records.Record.artist"}, {"file_containing_symbol": "nobody.Knows"},
                 {"all_extension_numbers_of_type": "records.Record"}, {}]
    services, by_method, by_name, by_field, unknown, numbers, nothing = info(questions, timeout=30)
    assert {row.name for row in services.list_services_response.service} == {
        "auth.AuthService", "records.RecordsService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection"}
    files = [descriptor_pb2.FileDescriptorProto.FromString(raw) for raw in by_method.file_descriptor_response.file_descriptor_proto]
    assert [file.name for file in files] == ["records.proto", "google/protobuf/field_mask.proto"]
    assert by_method.original_request.file_containing_symbol == questions[1]["file_containing_symbol"]
    assert by_field.file_descriptor_response == by_method.file_descriptor_response
    assert by_name.file_descriptor_response.file_descriptor_proto
    assert unknown.error_response.error_code == 5 and nothing.error_response.error_code == 3
    assert numbers.all_extension_numbers_response.base_type_name == "records.Record"


# ── Many at once ──

def test_a_hundred_streams_on_one_connection(records):
    add(records)
    results = [None] * 100

    def one(n):
        results[n] = len(list(records.StreamRecords({}, timeout=60)))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [1] * 100


# ── The end ──

def test_a_server_that_stops_tells_those_who_watch_and_does_not_wait_for_them(make_server):
    server = make_server(settings={"grpc.listen": "127.0.0.1:0", "server.drain_timeout": "60s"})
    token = server.register()[0]
    with clear_channel(server) as channel:
        changes = Stub(channel, "records.RecordsService", token).WatchRecords({}, timeout=60)
        health = Stub(channel, "grpc.health.v1.Health").Watch({}, timeout=60)
        assert next(health).status == 1
        assert server.request("POST", "/api/records", token, json={"artist": "a", "name": "b", "format": "LP"})[0] == 201
        assert next(changes).version == 1
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 30
        assert [answer.status for answer in health] == [2]
        assert refused(lambda: list(changes)).code() == grpc.StatusCode.UNAVAILABLE
