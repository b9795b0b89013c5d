# SPDX-License-Identifier: MIT
"""Idempotency-Key: what is sent twice is done once."""
import concurrent.futures
import uuid

import pytest

RECORD = {"artist": "Björk", "name": "Post", "format": "LP"}


def add(server, token, key, record=None, path="/api/records"):
    return server.request("POST", path, token=token, json=record or RECORD, headers={"idempotency-key": key})


def count(server, token):
    return len(server.request("GET", "/api/records", token=token)[2])


def test_a_record_sent_twice_is_added_once(server, user):
    token, key = user[0], str(uuid.uuid4())
    status, headers, body = add(server, token, key)
    assert status == 201 and "idempotency-replayed" not in headers
    again_status, again_headers, again = add(server, token, key)
    assert (again_status, again) == (201, body)
    assert again_headers["idempotency-replayed"] == "true"
    assert again_headers["location"] == headers["location"]
    assert again_headers.get("etag") == headers.get("etag")
    assert again_headers["content-type"] == headers["content-type"]
    assert count(server, token) == 1


def test_a_key_belongs_to_one_request(server, user):
    token, key = user[0], "my-key"
    assert add(server, token, key)[0] == 201
    status, _, body = add(server, token, key, {**RECORD, "name": "Debut"})
    assert status == 422 and "Idempotency-Key" in body["error"]
    assert count(server, token) == 1


def test_a_key_belongs_to_one_user(server):
    for token in (server.register()[0], server.register()[0]):
        status, headers, _ = add(server, token, "shared-key")
        assert status == 201 and "idempotency-replayed" not in headers
        assert count(server, token) == 1


def test_the_same_request_many_times_at_once_is_done_once(server, user):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: add(server, user[0], "at-once"), range(8)))
    assert {answer[0] for answer in got} <= {201, 409}
    assert len({answer[2]["id"] for answer in got if answer[0] == 201}) == 1
    assert count(server, user[0]) == 1


def test_a_refused_request_may_be_corrected_under_its_key(server, user):
    assert add(server, user[0], "second-try", {"artist": "Björk"})[0] in (400, 422)
    assert count(server, user[0]) == 0
    status, headers, _ = add(server, user[0], "second-try")
    assert status == 201 and "idempotency-replayed" not in headers


def test_a_deletion_sent_twice_is_answered_alike(server, user):
    made = server.request("POST", "/api/records", token=user[0], json=RECORD)[2]
    path, headers = f"/api/records/{made['id']}", {"idempotency-key": "gone"}
    assert server.request("DELETE", path, token=user[0], headers=headers)[0] == 204
    status, got, body = server.request("DELETE", path, token=user[0], headers=headers)
    assert (status, body) == (204, b"") and got["idempotency-replayed"] == "true"
    assert server.request("DELETE", path, token=user[0])[0] == 404


def test_a_key_is_forgotten_after_a_day(server, user):
    assert add(server, user[0], "yesterday")[0] == 201
    server.sql(f"update ops.idempotency set created_at = now() - interval '25 hours' where user_id = '{user[1]['id']}'")
    status, headers, _ = add(server, user[0], "yesterday", {**RECORD, "name": "Debut"})
    assert status == 201 and "idempotency-replayed" not in headers
    assert count(server, user[0]) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "two words"])
def test_a_key_has_bounds(server, user, key):
    status, _, _ = add(server, user[0], key)
    assert status == 400
    assert count(server, user[0]) == 0


def test_a_search_sees_a_keyed_write_at_once(server, user):
    path = "/api/records/search?q=homogenic"
    assert server.request("GET", path, token=user[0])[2] == []
    assert add(server, user[0], "seen", {**RECORD, "name": "Homogenic"})[0] == 201
    assert len(server.request("GET", path, token=user[0])[2]) == 1
