# SPDX-License-Identifier: MIT
"""API tokens: what one may do, how soon it is over, and what a stolen database would tell."""
import concurrent.futures
import datetime
import re
import socket
import time
import uuid

import psycopg2
import pytest

from test_edge import ALL, ROUTES, concrete, named
from waiting import eventually

READ, WRITE = "records:read", "records:write"
RECORD = {"artist": "Talk Talk", "name": "Spirit of Eden", "format": "LP"}


def make(server, session, scopes=(READ, WRITE), **more):
    status, _, body = server.request("POST", "/api/auth/tokens", session, json={"name": "mine", "scopes": list(scopes), **more})
    assert status == 201, body
    return body


def tokens(server, session):
    status, _, body = server.request("GET", "/api/auth/tokens", session)
    assert status == 200
    return body


def revoke(server, session, made):
    return server.request("DELETE", f"/api/auth/tokens/{made['id']}", session)[0]


def reads(server, token):
    return server.request("GET", "/api/records", token)[0]


def writes(server, token):
    return server.request("POST", "/api/records", token, json=RECORD)[0]


def metric(server, name):
    return int(re.search(rf"^{name} (\d+)", server.request("GET", "/metrics")[2].decode(), re.M)[1])


def in_seconds(n):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=n)).isoformat()


# Making one

def test_a_token_is_shown_once(server, user):
    made = make(server, user[0], name=" Label printer ")
    assert set(made) == {"id", "name", "scopes", "prefix", "createdAt", "expiresAt", "lastUsedAt", "token"}
    assert re.fullmatch(r"rcd_[0-9a-f]{64}", made["token"]) and made["token"].startswith(made["prefix"])
    assert made["name"] == "Label printer" and made["scopes"] == [READ, WRITE]
    assert made["expiresAt"] is None and made["lastUsedAt"] is None
    shown = dict(made)
    secret = shown.pop("token")
    assert tokens(server, user[0]) == [shown]
    assert len(shown["prefix"]) == 12 and secret not in str(tokens(server, user[0]))


def test_no_token_is_stored_readable(server, user):
    status, _, made = server.request("POST", "/api/auth/tokens", user[0], json={"name": "x", "scopes": [READ]},
                                     headers={"idempotency-key": uuid.uuid4().hex})
    assert status == 201 and reads(server, made["token"]) == 200
    secret = made["token"].removeprefix("rcd_")
    rows = server.sql(f"select t::text from auth.api_token t where user_id = '{user[1]['id']}'")
    rows += server.sql(f"select k::text from ops.idempotency k where user_id = '{user[1]['id']}'")
    assert len(rows) == 1 and secret not in str(rows)
    assert secret not in server.log_text()


@pytest.mark.parametrize("body,field", [
    ({"scopes": [READ]}, "name"),
    ({"name": None, "scopes": [READ]}, "name"),
    ({"name": "  ", "scopes": [READ]}, "name"),
    ({"name": 5, "scopes": [READ]}, "name"),
    ({"name": "ä" * 65, "scopes": [READ]}, "name"),
    ({"name": "a\nb", "scopes": [READ]}, "name"),
    ({"name": "a\u0085b", "scopes": [READ]}, "name"),
    ({"name": "a"}, "scopes"),
    ({"name": "a", "scopes": []}, "scopes"),
    ({"name": "a", "scopes": READ}, "scopes"),
    ({"name": "a", "scopes": [READ, "account"]}, "scopes[1]"),
    ({"name": "a", "scopes": [1]}, "scopes[0]"),
    ({"name": "a", "scopes": [READ], "expiresAt": "2020-01-01"}, "expiresAt"),
    ({"name": "a", "scopes": [READ], "expiresAt": "soon"}, "expiresAt"),
    ({"name": "a", "scopes": [READ], "expiresAt": 1}, "expiresAt"),
    ({"name": "a", "scopes": [READ], "userId": "x"}, "userId"),
])
def test_what_is_wrong_with_an_order_is_named(server, user, body, field):
    status, _, answer = server.request("POST", "/api/auth/tokens", user[0], json=body)
    assert status == 422 and [error["field"] for error in answer["errors"]] == [field], answer
    assert tokens(server, user[0]) == []


def test_an_order_is_a_json_object(server, user):
    for data in (b"[]", b"{", b""):
        assert server.request("POST", "/api/auth/tokens", user[0], data=data,
                              headers={"content-type": "application/json"})[0] == 400


def test_an_account_has_so_many_at_most(make_server):
    server = make_server(settings={"auth.max_api_tokens": "3"})
    session = server.register()[0]
    order = {"name": "x", "scopes": [READ]}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: server.request("POST", "/api/auth/tokens", session, json=order)[0], range(8)))
    assert sorted(made) == [201] * 3 + [409] * 5
    assert revoke(server, session, tokens(server, session)[0]) == 204
    make(server, session)
    assert len(tokens(server, session)) == 3


# What it may do

def test_a_token_that_may_read_changes_nothing(server, user):
    token = make(server, user[0], [READ])["token"]
    assert reads(server, token) == 200
    status, headers, body = server.request("POST", "/api/records", token, json=RECORD)
    assert status == 403 and WRITE in body["error"]
    assert 'error="insufficient_scope"' in headers["www-authenticate"] and f'scope="{WRITE}"' in headers["www-authenticate"]
    assert server.request("GET", "/api/records", user[0])[2] == []


def test_a_token_that_may_write_reads_nothing(server, user):
    token = make(server, user[0], [WRITE])["token"]
    assert writes(server, token) == 201
    status, headers, body = server.request("GET", "/api/records", token)
    assert status == 403 and READ in headers["www-authenticate"] and "Spirit" not in str(body)


def test_each_user_meets_only_what_is_theirs(server, user):
    other = server.register()[0]
    made = server.request("POST", "/api/records", other, json=RECORD)[2]
    token = make(server, user[0])["token"]
    assert server.request("GET", "/api/records", token)[2] == []
    assert server.request("GET", f"/api/records/{made['id']}", token)[0] == 404


CHANGE_NOTHING = {"/api/records/import/preview"}  # though asked by POST


@pytest.fixture(scope="module")
def owner(server):
    """(a token that may only read, one that may only write, one that may both)"""
    session = server.register()[0]
    return [make(server, session, scopes)["token"] for scopes in ((READ,), (WRITE,), (READ, WRITE))]


@pytest.mark.parametrize("route", **named([r for r in ROUTES if r["gate"] == "user"]))
def test_a_route_is_closed_without_its_scope(server, owner, route):
    reads = route["method"] == "GET" or route["path"] in CHANGE_NOTHING
    assert route["scope"] == (READ if reads else WRITE)
    without = owner[1 if route["scope"] == READ else 0]
    status, headers, body = server.request(route["method"], concrete(route["path"]), without)
    assert status == 403 and route["scope"] in headers["www-authenticate"], body


@pytest.mark.parametrize("route", **named([r for r in ROUTES if r["gate"] == "session"]))
def test_the_account_is_closed_to_every_token(server, owner, route):
    for _ in range(2):  # looked up, and remembered
        status, headers, body = server.request(route["method"], concrete(route["path"]), owner[2])
        assert status == 403 and "insufficient_scope" in headers["www-authenticate"], body


def test_what_tokens_open_is_the_collection_and_nothing_else():
    opened = {route["path"] for route in ALL if route["gate"] == "user"}
    assert [path for path in opened if not re.match(r"/api/(records|jobs|events)\b|/records\.RecordsService/", path)] == []
    assert all(route["gate"] in ("open", "session") for route in ROUTES if re.match("/api/(auth|shares)", route["path"]))


def test_a_token_neither_logs_out_nor_renews(server, user):
    made = make(server, user[0])
    for _ in range(2):
        assert reads(server, made["token"]) == 200
        assert server.request("POST", "/api/auth/logout", made["token"])[0] == 401
        assert server.request("POST", "/api/auth/refresh", json={"refreshToken": made["token"]})[0] == 401
    assert server.request("GET", "/api/auth/me", user[0])[0] == 200


# The end of one

@pytest.mark.parametrize("token", ["rcd_", "rcd_" + "0" * 64, "rcd_" + "z" * 64, "rcd_" + "0" * 65, "rcd_" + "0" * 2000])
def test_a_made_up_token_is_refused(server, token):
    status, headers, body = server.request("GET", "/api/records", token)
    assert status == 401 and "invalid_token" in headers["www-authenticate"] and body["error"] == "invalid API token"


def test_a_revoked_token_is_refused_at_once(server, user):
    made, kept = make(server, user[0]), make(server, user[0])
    assert reads(server, made["token"]) == reads(server, kept["token"]) == 200
    assert revoke(server, user[0], made) == 204
    assert reads(server, made["token"]) == writes(server, made["token"]) == 401
    assert reads(server, kept["token"]) == 200
    assert revoke(server, user[0], made) == 404
    assert [row["id"] for row in tokens(server, user[0])] == [kept["id"]]


def test_a_revoked_token_is_refused_on_every_node(make_server):
    url = f"host={make_server().socket_dir()} dbname=recordd user=recordd_owner"
    one, two = (make_server(settings={"database.url": url}) for _ in range(2))
    session = one.register()[0]
    made = make(one, session)
    assert [reads(node, made["token"]) for node in (one, two, two)] == [200] * 3
    assert metric(two, "recordd_api_token_lookups_total") == 1  # remembered: nothing but the feed can tell of its end
    begun = time.monotonic()
    assert revoke(one, session, made) == 204
    assert eventually(lambda: reads(two, made["token"]) == 401, seconds=5)
    assert time.monotonic() - begun < 5
    assert reads(one, made["token"]) == 401


def test_a_stream_of_events_ends_with_its_token(server, user):
    made, kept = make(server, user[0], [READ]), make(server, user[0], [READ])
    streams = []
    for token in (made, kept):
        connection = server.connect()
        connection.request("GET", "/api/events", headers={"authorization": f"Bearer {token['token']}"})
        streams.append(connection.getresponse())
        assert streams[-1].status == 200 and streams[-1].readline().startswith(b"retry:")
    assert revoke(server, user[0], made) == 204
    streams[0].read()  # to its end
    assert writes(server, user[0]) == 201
    assert b"event: changes" in [streams[1].readline().strip() for _ in range(12)]
    streams[1].close()


def test_a_token_expires(server, user):
    made = make(server, user[0], expiresAt=in_seconds(2.5))
    assert made["expiresAt"] and reads(server, made["token"]) == 200
    time.sleep(2.6)
    status, headers, _ = server.request("GET", "/api/records", made["token"])
    assert status == 401 and "expired" in headers["www-authenticate"]
    assert tokens(server, user[0])[0]["expiresAt"] == made["expiresAt"]


def test_nobody_sees_or_revokes_anothers_token(server, user):
    made = make(server, user[0])
    thief = server.register()[0]
    assert tokens(server, thief) == []
    assert revoke(server, thief, made) == 404
    assert server.request("DELETE", "/api/auth/tokens/no-id", user[0])[0] == 404
    assert reads(server, made["token"]) == 200


def test_a_token_outlives_the_session_the_password_and_a_restart(make_server):
    server = make_server()
    session, me = server.register()
    token = make(server, session)["token"]
    assert server.request("POST", "/api/auth/password", session, json={"currentPassword": "correct horse battery",
                                                                       "newPassword": "another good one"})[0] == 204
    assert server.request("DELETE", "/api/auth/sessions", session)[0] == 204
    assert reads(server, token) == 200
    server.stop()
    server.start()
    assert reads(server, token) == 200


# What is remembered

def test_a_use_is_noted_once_a_minute_at_most(make_server):
    server = make_server()
    session, me = server.register()
    made = make(server, session)

    def used_after_a_restart():
        server.stop()
        server.start()
        assert [reads(server, made["token"]) for _ in range(3)] == [200] * 3
        assert metric(server, "recordd_api_token_lookups_total") == 1
        row = server.sql("select xmin::text, last_used_at, now() - last_used_at < interval '30 seconds' from auth.api_token")[0]
        return row

    first = used_after_a_restart()
    assert first[2] and tokens(server, session)[0]["lastUsedAt"]
    assert used_after_a_restart()[:2] == first[:2]
    server.sql("update auth.api_token set last_used_at = now() - interval '61 seconds'")
    assert used_after_a_restart()[2]


def test_guessing_has_a_limit(make_server):
    server = make_server(settings={"ratelimit.requests_per_minute": "5"})
    seen = [server.request("GET", "/api/records", f"rcd_{n:064x}")[0] for n in range(20)]
    assert seen[:5] == [401] * 5 and set(seen[5:]) <= {401, 429} and seen[-1] == 429
    assert metric(server, "recordd_api_token_lookups_total") == seen.count(401)


def test_a_database_that_does_not_say_whose_it_is_holds_nobody_up(make_server):
    server = make_server(settings={"server.request_timeout": "1s"})
    session = server.register()[0]
    known, unknown = make(server, session)["token"], make(server, session)["token"]
    assert reads(server, known) == 200
    holder = psycopg2.connect(f"host={server.socket_dir()} dbname=recordd user=recordd_owner")
    try:
        holder.cursor().execute("lock table auth.api_token in access exclusive mode")
        assert reads(server, unknown) == 504
        assert reads(server, known) == 200  # remembered
        assert reads(server, session) == 200
    finally:
        holder.close()
    assert reads(server, unknown) == 200


# A body that is on its way

def half(server, token, announced, body=b""):
    plain = socket.create_connection((server.host, server.port), timeout=30)
    tls = server.context().wrap_socket(plain, server_hostname="localhost")
    tls.sendall(b"POST /api/records HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                + f"authorization: Bearer {token}\r\ncontent-length: {announced}\r\n\r\n".encode() + body)
    return tls


def status_of(tls):
    with tls:
        return int(tls.recv(65536).split(b" ", 2)[1])


def test_a_stranger_is_refused_before_the_body_is_there(server):
    assert status_of(half(server, "rcd_" + "0" * 64, 1 << 20)) == 401


def test_a_body_that_comes_late_or_early_is_taken(server, user):
    body = b'{"artist": "a", "name": "b", "format": "LP"}'
    for pause in (0, 0.5):
        tls = half(server, make(server, user[0])["token"], len(body), body[:0 if pause else len(body)])
        time.sleep(pause)
        if pause:
            tls.sendall(body)
        assert status_of(tls) == 201


def test_a_first_request_may_have_an_idempotency_key(server, user):
    token, key = make(server, user[0])["token"], {"idempotency-key": uuid.uuid4().hex}
    first, again = (server.request("POST", "/api/records", token, json=RECORD, headers=key) for _ in range(2))
    assert first[0] == again[0] == 201 and first[2]["id"] == again[2]["id"]
    assert again[1]["idempotency-replayed"] == "true"


def test_clients_that_leave_while_they_are_looked_up_do_no_harm(server, user):
    token = make(server, user[0])["token"]
    for n in range(40):
        half(server, f"rcd_{n:064x}" if n % 2 else token, 1000, b"{").close()
    assert reads(server, token) == 200


def test_an_upload_with_a_token_is_spooled(server, user):
    token = make(server, user[0], [WRITE])["token"]
    csv = b"artist,name,format\n" + b"a,b,LP\n" * 20000
    status, _, job = server.request("POST", "/api/records/import", token, data=csv, headers={"content-type": "text/csv"})
    assert status == 202, job
    status, _, body = server.request("POST", "/api/records/import", "rcd_" + "1" * 64, data=csv[:1000],
                                     headers={"content-type": "text/csv"})
    assert status == 401, body
