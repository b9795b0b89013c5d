# SPDX-License-Identifier: MIT
"""Accounts over HTTPS: who gets in, for how long, and who is thrown out."""
import base64
import concurrent.futures
import json
import re
import time
import uuid

import pytest

from waiting import eventually

PASSWORD = "correct horse battery"
COOKIE = "__Secure-recordd-refresh"
AS_COOKIE = {"x-recordd-session": "cookie"}


def address():
    return f"{uuid.uuid4().hex[:12]}@example.org"


def post(server, path, json=None, token=None, headers=None):
    return server.request("POST", f"/api/auth/{path}", token=token, json=json, headers=headers)


def sign_up(server, email=None, headers=None):
    email = email or address()
    status, got, body = post(server, "register", {"email": email, "password": PASSWORD}, headers=headers)
    assert status == 201, body
    return email, body, got


def log_in(server, email, password=PASSWORD, headers=None):
    return post(server, "login", {"email": email, "password": password}, headers=headers)


def me(server, token):
    return server.request("GET", "/api/auth/me", token=token)


def refresh(server, token):
    return post(server, "refresh", {"refreshToken": token})


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def cookie_of(headers):
    return re.match(rf"{COOKIE}=([^;]*);", headers["set-cookie"]).group(1)


def is_problem(status, body, expected):
    assert status == expected, body
    assert body["status"] == expected and body["error"] and body["requestId"]
    return True


# Registering

def test_registering_answers_tokens_and_the_user(server):
    email, body, _ = sign_up(server)
    assert set(body) == {"token", "refreshToken", "user"}
    assert body["user"]["email"] == email
    assert uuid.UUID(body["user"]["id"]).version == 7
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body["user"]["createdAt"])
    assert me(server, body["token"])[::2] == (200, body["user"])


@pytest.mark.parametrize("body", [{}, {"email": "a@b.example"}, {"password": PASSWORD},
                                  {"email": "", "password": PASSWORD}, {"email": None, "password": PASSWORD}])
@pytest.mark.parametrize("path", ["register", "login"])
def test_a_missing_field_is_a_bad_request(server, path, body):
    status, _, answer = post(server, path, body)
    assert is_problem(status, answer, 400)
    assert "missing" in answer["error"]


def test_an_address_makes_one_account_however_it_is_typed(server):
    email, _, _ = sign_up(server, f"Zoë.{uuid.uuid4().hex[:8]}@Example.org")
    for again in (email, email.upper(), email.replace("ë", "e\u0308")):
        status, _, body = post(server, "register", {"email": again, "password": PASSWORD})
        assert is_problem(status, body, 409)
        assert body["error"] == "email already exists"
        assert log_in(server, again)[2]["user"]["email"] == email


@pytest.mark.parametrize("body, field", [
    ({"email": "nobody", "password": PASSWORD}, "email"),
    ({"email": "a b@example.org", "password": PASSWORD}, "email"),
    ({"email": "a" * 250 + "@example.org", "password": PASSWORD}, "email"),
    ({"email": 7, "password": PASSWORD}, "email"),
    ({"email": "a@example.org", "password": "short"}, "password"),
    ({"email": "a@example.org", "password": "x" * 1025}, "password"),
    ({"email": "a@example.org", "password": ["x" * 20]}, "password"),
    ({"email": "a@example.org", "password": PASSWORD, "admin": True}, "admin"),
])
def test_what_is_wrong_with_a_registration_is_named(server, body, field):
    status, _, answer = post(server, "register", body)
    assert is_problem(status, answer, 422)
    assert [row["field"] for row in answer["errors"]] == [field]


def test_two_who_register_one_address_at_once_make_one_account(server):
    body = {"email": address(), "password": PASSWORD}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = [answer[0] for answer in pool.map(lambda _: post(server, "register", body), range(4))]
    assert sorted(got) == [201, 409, 409, 409]


@pytest.mark.parametrize("data, said", [(b'{"email":', "400"), (b'{"email":"a@b","email":"c@d","password":"xxxxxxxx"}', "400"),
                                        (b'{"email":"a\\u0000@b","password":"xxxxxxxx"}', "400"),
                                        (b'{"email":"\\ud800@b","password":"xxxxxxxx"}', "400"), (b"[" * 8000, "400"), (b"[]", "400")])
def test_broken_json_is_refused(server, data, said):
    status, _, body = server.request("POST", "/api/auth/login", data=data, headers={"content-type": "application/json"})
    assert is_problem(status, body, int(said))


# Logging in

def test_logging_in_with_the_right_password_only(server):
    email, first, _ = sign_up(server)
    status, _, body = log_in(server, email)
    assert status == 200
    assert body["user"] == first["user"]
    assert claims(body["token"])["fam"] != claims(first["token"])["fam"]
    assert log_in(server, email, PASSWORD + " ")[0] == 401


def test_an_unknown_address_is_not_told_from_a_wrong_password(server):
    email, _, _ = sign_up(server)
    status, headers, known = log_in(server, email, "wrong password")
    unknown_status, unknown_headers, unknown = log_in(server, address(), "wrong password")
    assert is_problem(status, known, 401)
    assert known["error"] == "invalid credentials"
    assert unknown_status == 401
    assert {**unknown, "requestId": ""} == {**known, "requestId": ""}
    assert set(headers) == set(unknown_headers)
    assert headers["www-authenticate"].startswith("Bearer")


def hashes(server):
    text = server.request("GET", "/metrics")[2].decode()
    return int(re.search(r"^recordd_password_hashes_total (\d+)", text, re.M).group(1))


def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(server):
    email, _, _ = sign_up(server)
    for who in (email, address()):
        before = hashes(server)
        assert log_in(server, who, "wrong password")[0] == 401
        assert hashes(server) == before + 1


def test_a_password_over_its_bound_is_refused_before_it_is_hashed(server):
    before = hashes(server)
    for path in ("login", "register"):
        status, _, body = post(server, path, {"email": "a@example.org", "password": "x" * 1025})
        assert is_problem(status, body, 422)
        assert body["errors"][0]["field"] == "password"
    assert hashes(server) == before
    assert post(server, "login", {"email": "a@example.org", "password": "x" * 1024})[0] == 401
    assert hashes(server) == before + 1


def test_logins_have_a_limit_of_their_own(make_server):
    server = make_server(settings={"ratelimit.logins_per_minute": "5"})
    email, token = address(), None
    got = [post(server, "register", {"email": email, "password": PASSWORD})]
    token = got[0][2]["token"]
    got += [log_in(server, email, "wrong password") for _ in range(8)]
    statuses = [answer[0] for answer in got]
    assert statuses[0] == 201 and 401 in statuses and statuses[-1] == 429, statuses
    assert int(got[-1][1]["retry-after"]) >= 1
    assert me(server, token)[0] == 200


def test_a_flood_of_logins_is_turned_away_and_not_queued_without_end(make_server):
    server = make_server(settings={"auth.hashes_running": "1", "auth.hashes_waiting": "1", "auth.argon2_memory": "64MB"})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: log_in(server, "a@example.org"), range(8)))
    assert {answer[0] for answer in got} == {401, 503}
    assert all(int(answer[1]["retry-after"]) >= 1 for answer in got if answer[0] == 503)
    assert log_in(server, "a@example.org")[0] == 401


def test_what_has_expired_does_not_pile_up(make_server):
    server = make_server()
    server.sql("insert into auth.revoked select gen_random_uuid(), now() - interval '1 minute' from generate_series(1, 50)")
    sign_up(server)
    assert eventually(lambda: server.sql("select count(*) from auth.revoked")[0][0] == 0)
    assert server.sql("select count(*) from auth.session")[0][0] == 1


def test_registration_can_be_closed(make_server):
    server = make_server(settings={"auth.registration": "closed"})
    status, _, body = post(server, "register", {"email": address(), "password": PASSWORD})
    assert is_problem(status, body, 403)


# Access tokens

def test_an_access_token_says_what_it_must(server):
    _, body, _ = sign_up(server)
    head = json.loads(base64.urlsafe_b64decode(body["token"].split(".")[0] + "=="))
    assert head["alg"] == "HS256" and len(head["kid"]) == 16
    said = claims(body["token"])
    assert set(said) == {"sub", "email", "jti", "iat", "exp", "iss", "aud", "fam"}
    assert said["sub"] == body["user"]["id"] and said["email"] == body["user"]["email"]
    assert said["exp"] - said["iat"] == 900


def test_without_a_valid_token_nothing_is_shown(server):
    _, body, _ = sign_up(server)
    head, payload, signature = body["token"].split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    for token in (None, "", "x", f"{head}.{payload}.", f"{unsigned}.{payload}.", f"{head}.{payload}.{signature[::-1]}"):
        headers = {"authorization": f"Bearer {token}"} if token is not None else {}
        status, got, answer = server.request("GET", "/api/auth/me", headers=headers)
        assert is_problem(status, answer, 401)
        assert got["www-authenticate"].startswith("Bearer")
        assert headers == {} or 'error="invalid_token"' in got["www-authenticate"]
    assert server.request("GET", "/api/auth/me", headers={"authorization": f"Basic {body['token']}"})[0] == 401
    assert server.request("GET", "/api/auth/me", headers={"authorization": f"bearer {body['token']}"})[0] == 200


def test_who_one_is_cannot_be_claimed_by_a_header(server):
    victim, token = sign_up(server)[1]["user"]["id"], sign_up(server)[1]["token"]
    assert server.request("GET", "/api/auth/me", headers={"x-user-id": victim})[0] == 401
    assert server.request("GET", "/api/auth/me", token=token, headers={"x-user-id": victim})[2]["id"] != victim


def test_an_expired_access_token_is_refused_and_can_be_renewed(make_server):
    server = make_server(settings={"auth.access_ttl": "1s"})
    _, body, _ = sign_up(server)
    assert me(server, body["token"])[0] == 200
    time.sleep(1.6)
    status, headers, answer = me(server, body["token"])
    assert is_problem(status, answer, 401)
    assert 'error="invalid_token"' in headers["www-authenticate"]
    assert me(server, refresh(server, body["refreshToken"])[2]["token"])[0] == 200


def kid(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]


def test_a_new_signing_key_ends_nobodys_session(make_server):
    server = make_server()
    email, first, _ = sign_up(server)
    for _ in range(2):
        signed_by = kid(log_in(server, email)[2]["token"])
        assert me(server, first["token"])[0] == 200
        done = server.run("keys", "rotate")
        assert done.returncode == 0, done.stderr
        assert eventually(lambda: kid(log_in(server, email)[2]["token"]) != signed_by)
    assert me(server, first["token"])[0] == 401
    assert me(server, refresh(server, first["refreshToken"])[2]["token"])[0] == 200
    second = log_in(server, email)[2]
    server.stop()
    server.start()
    assert me(server, second["token"])[0] == 200


# Refresh tokens

def test_a_refresh_token_yields_a_new_pair_of_its_family(server):
    _, body, _ = sign_up(server)
    status, _, pair = refresh(server, body["refreshToken"])
    assert status == 200
    assert pair["refreshToken"] != body["refreshToken"] and pair["token"] != body["token"]
    assert claims(pair["token"])["fam"] == claims(body["token"])["fam"]
    assert claims(pair["token"])["jti"] != claims(body["token"])["jti"]
    assert me(server, pair["token"])[0] == 200
    assert refresh(server, pair["refreshToken"])[0] == 200


def test_two_tabs_may_refresh_together(server):
    _, body, _ = sign_up(server)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: refresh(server, body["refreshToken"]), range(4)))
    assert [answer[0] for answer in got] == [200] * 4
    assert len({answer[2]["refreshToken"] for answer in got}) == 4
    assert len({claims(answer[2]["token"])["fam"] for answer in got}) == 1
    for answer in got:
        assert refresh(server, answer[2]["refreshToken"])[0] == 200


def test_a_stolen_refresh_token_ends_the_session_when_it_is_used_again(make_server):
    server = make_server(settings={"auth.refresh_grace": "300ms"})
    email, body, _ = sign_up(server)
    other = log_in(server, email)[2]
    pair = refresh(server, body["refreshToken"])[2]
    time.sleep(0.5)
    status, _, answer = refresh(server, body["refreshToken"])
    assert is_problem(status, answer, 401)
    assert me(server, pair["token"])[0] == 401
    assert me(server, body["token"])[0] == 401
    assert refresh(server, pair["refreshToken"])[0] == 401
    assert me(server, other["token"])[0] == 200
    assert refresh(server, other["refreshToken"])[0] == 200


@pytest.mark.parametrize("token", ["x", "0" * 64, "0" * 63, "\u00e9" * 64, "' or 1=1 --"])
def test_a_made_up_refresh_token_is_refused(server, token):
    status, _, body = refresh(server, token)
    assert is_problem(status, body, 401)


def test_a_refresh_without_a_token_is_a_bad_request(server):
    for body in ({}, None):
        status, _, answer = post(server, "refresh", body)
        assert is_problem(status, answer, 400)


def test_a_refresh_token_expires(make_server):
    server = make_server(settings={"auth.refresh_ttl": "60s"})
    _, body, _ = sign_up(server)
    server.sql("update auth.refresh_token set expires_at = now() - interval '1 second'")
    assert refresh(server, body["refreshToken"])[0] == 401


def test_no_token_and_no_password_is_stored_readable(server):
    _, body, _ = sign_up(server)
    user = body["user"]["id"]
    stored = server.sql(f"select password_hash from auth.account where id = '{user}'")[0][0]
    assert stored.startswith("$argon2id$") and PASSWORD not in stored
    digests = [bytes(row[0]) for row in server.sql(
        f"select t.digest from auth.refresh_token t join auth.session s on s.id = t.session_id where s.user_id = '{user}'")]
    assert len(digests) == 1 and digests[0] != bytes.fromhex(body["refreshToken"])
    assert body["refreshToken"] not in server.log_text() and PASSWORD not in server.log_text()


# Cookies

def test_a_browser_never_sees_the_refresh_token(server):
    email, body, headers = sign_up(server, headers=AS_COOKIE)
    assert set(body) == {"token", "user"}
    status, headers, body = log_in(server, email, headers=AS_COOKIE)
    assert status == 200 and set(body) == {"token", "user"}
    rules = {part.strip().lower() for part in headers["set-cookie"].split(";")[1:]}
    assert {"secure", "httponly", "samesite=strict", "path=/api/auth", "max-age=2592000"} <= rules


def test_a_cookie_renews_and_stays_a_cookie(server):
    _, body, headers = sign_up(server, headers=AS_COOKIE)
    for mode in (AS_COOKIE, {}):
        status, headers, body = post(server, "refresh", {}, headers={**mode, "cookie": f"a=b; {COOKIE}={cookie_of(headers)}"})
        assert status == 200, body
        assert "refreshToken" not in body
        assert me(server, body["token"])[0] == 200


def test_a_browser_without_a_session_is_told_so(server):
    assert post(server, "refresh", {}, headers=AS_COOKIE)[0] == 401


def test_logging_out_takes_the_cookie_away(server):
    _, body, headers = sign_up(server, headers=AS_COOKIE)
    cookie = cookie_of(headers)
    status, headers, _ = post(server, "logout", token=body["token"], headers={"cookie": f"{COOKIE}={cookie}"})
    assert status == 204
    assert cookie_of(headers) == "" and "max-age=0" in headers["set-cookie"].lower()
    assert post(server, "refresh", {}, headers={"cookie": f"{COOKIE}={cookie}"})[0] == 401


# Logging out

def test_a_logout_is_effective_at_once_and_idempotent(server):
    email, body, _ = sign_up(server)
    other = log_in(server, email)[2]
    pair = refresh(server, body["refreshToken"])[2]
    status, _, answer = post(server, "logout", token=pair["token"])
    assert (status, answer) == (204, b"")
    for token in (pair["token"], body["token"]):
        status, headers, _ = me(server, token)
        assert status == 401 and "invalid_token" in headers["www-authenticate"]
    assert refresh(server, pair["refreshToken"])[0] == 401
    assert me(server, other["token"])[0] == 200
    assert post(server, "logout", token=pair["token"])[0] == 204
    assert post(server, "logout", token=body["token"])[0] == 204


def test_a_logout_needs_a_token_of_ours(server):
    for token in (None, "x.y.z"):
        status, _, body = post(server, "logout", token=token)
        assert is_problem(status, body, 401)


def test_an_expired_token_still_logs_out(make_server):
    server = make_server(settings={"auth.access_ttl": "1s"})
    _, body, _ = sign_up(server)
    time.sleep(1.6)
    assert me(server, body["token"])[0] == 401
    assert post(server, "logout", token=body["token"])[0] == 204
    assert refresh(server, body["refreshToken"])[0] == 401


def test_a_logout_and_a_session_outlive_a_restart(make_server):
    server = make_server()
    email, gone, _ = sign_up(server)
    kept = log_in(server, email)[2]
    assert post(server, "logout", token=gone["token"])[0] == 204
    server.stop()
    server.start()
    assert me(server, gone["token"])[0] == 401
    assert me(server, kept["token"])[0] == 200
    assert refresh(server, gone["refreshToken"])[0] == 401
    assert refresh(server, kept["refreshToken"])[0] == 200


def test_what_another_node_revoked_is_refused_here(server):
    _, body, _ = sign_up(server)
    assert me(server, body["token"])[0] == 200
    server.sql(f"select auth.revoke('{claims(body['token'])['jti']}', now() + interval '1 minute')")
    assert eventually(lambda: me(server, body["token"])[0] == 401)


def test_nodes_on_one_database_agree(make_server):
    """Two nodes on an external database (here: a third one's cluster): the same keys, and a logout is told at once."""
    url = f"host={make_server().socket_dir()} dbname=recordd user=recordd_owner"
    one, two = (make_server(settings={"database.url": url}) for _ in range(2))
    email, body, _ = sign_up(one)
    assert me(two, body["token"])[0] == 200
    pair = refresh(two, body["refreshToken"])[2]
    assert me(one, pair["token"])[0] == 200
    assert post(one, "logout", token=pair["token"])[0] == 204
    assert eventually(lambda: me(two, pair["token"])[0] == 401)
    signed_by = kid(log_in(two, email)[2]["token"])
    assert one.run("keys", "rotate", "--set", f"database.url={url}").returncode == 0
    assert eventually(lambda: kid(log_in(two, email)[2]["token"]) != signed_by)
    assert eventually(lambda: me(one, log_in(two, email)[2]["token"])[0] == 200)


# Passwords and sessions

def test_a_new_password_ends_the_other_sessions(server):
    email, body, _ = sign_up(server)
    other = log_in(server, email)[2]
    status, _, answer = post(server, "password", {"currentPassword": PASSWORD, "newPassword": "another good one"},
                             token=body["token"])
    assert (status, answer) == (204, b"")
    assert me(server, body["token"])[0] == 200
    assert refresh(server, body["refreshToken"])[0] == 200
    assert me(server, other["token"])[0] == 401
    assert refresh(server, other["refreshToken"])[0] == 401
    assert log_in(server, email)[0] == 401
    assert log_in(server, email, "another good one")[0] == 200


@pytest.mark.parametrize("body, status, field", [
    ({"currentPassword": "not it at all", "newPassword": "another good one"}, 422, "currentPassword"),
    ({"currentPassword": "x" * 1025, "newPassword": "another good one"}, 422, "currentPassword"),
    ({"currentPassword": PASSWORD, "newPassword": "short"}, 422, "newPassword"),
    ({"currentPassword": PASSWORD, "newPassword": "x" * 1025}, 422, "newPassword"),
    ({"newPassword": "another good one"}, 400, None),
])
def test_a_password_is_not_changed_without_the_current_one_and_a_good_one(server, body, status, field):
    email, session, _ = sign_up(server)
    got, _, answer = post(server, "password", body, token=session["token"])
    assert is_problem(got, answer, status)
    assert field is None or answer["errors"][0]["field"] == field
    assert log_in(server, email)[0] == 200


def test_sessions_are_listed_and_ended(server):
    email, first, _ = sign_up(server, headers={"user-agent": "Turntable/1"})
    second = log_in(server, email, headers={"user-agent": "Cassette/2"})[2]
    status, _, rows = server.request("GET", "/api/auth/sessions", token=first["token"])
    assert status == 200
    assert {row["userAgent"] for row in rows} == {"Turntable/1", "Cassette/2"}
    assert [row["id"] for row in rows if row["current"]] == [claims(first["token"])["fam"]]
    assert all(row["address"] and row["createdAt"] and row["usedAt"] and row["expiresAt"] for row in rows)
    ended = next(row["id"] for row in rows if not row["current"])
    path = f"/api/auth/sessions/{ended}"
    assert server.request("DELETE", path, token=first["token"])[0] == 204
    assert me(server, second["token"])[0] == 401
    assert refresh(server, second["refreshToken"])[0] == 401
    assert server.request("DELETE", path, token=first["token"])[0] == 404
    assert len(server.request("GET", "/api/auth/sessions", token=first["token"])[2]) == 1


def test_nobody_ends_anothers_session(server):
    victim, thief = sign_up(server)[1], sign_up(server)[1]
    path = f"/api/auth/sessions/{claims(victim['token'])['fam']}"
    for target in (path, "/api/auth/sessions/not-an-id"):
        status, _, body = server.request("DELETE", target, token=thief["token"])
        assert is_problem(status, body, 404)
    assert me(server, victim["token"])[0] == 200


def sessions(server, token):
    status, _, rows = server.request("GET", "/api/auth/sessions", token=token)
    assert status == 200
    return rows


def test_a_session_is_told_by_where_it_was_last_used_from(server):
    _, body, _ = sign_up(server, headers={"user-agent": "Turntable/1 " + "x" * 500})
    first = sessions(server, body["token"])[0]
    assert first["userAgent"] == ("Turntable/1 " + "x" * 500)[:256]
    assert first["lastUsedAt"] == first["usedAt"] == first["createdAt"]
    time.sleep(0.05)
    body = post(server, "refresh", {"refreshToken": body["refreshToken"]}, headers={"user-agent": "Turntable/2"})[2]
    second = sessions(server, body["token"])[0]
    assert second["id"] == first["id"] and second["userAgent"] == "Turntable/2" and second["address"] == "127.0.0.1"
    assert second["createdAt"] == first["createdAt"] < second["lastUsedAt"]


def test_signing_out_everywhere_ends_every_session_and_nobody_elses(server):
    email, first, headers = sign_up(server, headers=AS_COOKIE)
    others = [log_in(server, email)[2] for _ in range(2)]
    stranger = sign_up(server)[1]
    status, got, _ = server.request("DELETE", "/api/auth/sessions", token=first["token"],
                                    headers={"cookie": f"{COOKIE}={cookie_of(headers)}"})
    assert status == 204 and cookie_of(got) == "" and "max-age=0" in got["set-cookie"].lower()
    assert [me(server, pair["token"])[0] for pair in (first, *others)] == [401] * 3
    assert [refresh(server, pair["refreshToken"])[0] for pair in others] == [401] * 2
    assert post(server, "refresh", {}, headers={"cookie": f"{COOKIE}={cookie_of(headers)}"})[0] == 401
    assert me(server, stranger["token"])[0] == 200
    assert log_in(server, email)[0] == 200


def test_all_other_sessions_can_be_ended(server):
    email, first, _ = sign_up(server)
    other = log_in(server, email)[2]
    status, got, _ = server.request("DELETE", "/api/auth/sessions?except=current", token=first["token"], headers=AS_COOKIE)
    assert status == 204 and "set-cookie" not in got
    assert me(server, other["token"])[0] == 401 and me(server, first["token"])[0] == 200
    assert [row["current"] for row in sessions(server, first["token"])] == [True]
    assert server.request("DELETE", "/api/auth/sessions?except=mine", token=first["token"])[0] == 422
    assert me(server, first["token"])[0] == 200


def test_signing_out_everywhere_is_heard_by_every_node(make_server):
    url = f"host={make_server().socket_dir()} dbname=recordd user=recordd_owner"
    one, two = (make_server(settings={"database.url": url}) for _ in range(2))
    email, first, _ = sign_up(one)
    second = log_in(two, email)[2]
    assert me(two, first["token"])[0] == me(two, second["token"])[0] == 200
    assert one.request("DELETE", "/api/auth/sessions", token=first["token"])[0] == 204
    assert eventually(lambda: me(two, first["token"])[0] == me(two, second["token"])[0] == 401, seconds=5)


def test_a_browser_with_a_strange_name_gets_in(server):
    email, _, _ = sign_up(server)
    assert log_in(server, email, headers={"user-agent": "caf\xe9"})[0] == 200


# Preferences

NOTHING_SAID = {"currency": None, "locale": None, "theme": None, "density": None}


def prefer(server, token, wish):
    return server.request("PUT", "/api/auth/preferences", token=token, json=wish)


def test_preferences_are_kept_for_the_account(server):
    email, body, _ = sign_up(server)
    path = "/api/auth/preferences"
    assert server.request("GET", path, token=body["token"])[::2] == (200, NOTHING_SAID)
    wish = {"currency": "CHF", "locale": "de-CH", "theme": "dark", "density": "compact"}
    assert prefer(server, body["token"], wish)[::2] == (200, wish)
    assert server.request("GET", path, token=log_in(server, email)[2]["token"])[2] == wish
    assert server.request("GET", path, token=sign_up(server)[1]["token"])[2] == NOTHING_SAID
    assert prefer(server, body["token"], {"theme": "system", "locale": None})[2] == {**NOTHING_SAID, "theme": "system"}
    assert prefer(server, body["token"], {})[2] == NOTHING_SAID


@pytest.mark.parametrize("wish", [{"locale": tag} for tag in ("en", "ar", "zh-Hans-CN", "de-CH-1996", "gsw")]
                         + [{"theme": "light"}, {"density": "comfortable"}, {"currency": "JPY"}], ids=str)
def test_what_is_well_formed_is_taken(server, user, wish):
    assert prefer(server, user[0], wish)[::2] == (200, {**NOTHING_SAID, **wish})


@pytest.mark.parametrize("field,value", [
    ("currency", "eur"), ("currency", "EURO"), ("currency", ""), ("currency", "E1R"), ("currency", 3),
    ("locale", "german"), ("locale", "d"), ("locale", "de_CH"), ("locale", "de-"), ("locale", "-de"), ("locale", "1a"),
    ("locale", "de--CH"), ("locale", "de-ninechars"), ("locale", "de" + "-abcd" * 10), ("locale", ""),
    ("theme", "Dark"), ("theme", ""), ("density", "cosy"), ("density", True), ("font", "serif"),
])
def test_what_is_not_is_named(server, user, field, value):
    prefer(server, user[0], {"theme": "dark"})
    status, _, body = prefer(server, user[0], {field: value})
    assert status == 422 and body["errors"][0]["field"] == field
    assert server.request("GET", "/api/auth/preferences", token=user[0])[2]["theme"] == "dark"


# The first account

def setup_token(server):
    found = re.search(r"#setup=([0-9a-f]{64})", server.printed)
    return found and found.group(1)


def test_the_first_account_is_made_by_the_printed_link_once(make_server):
    server = make_server(settings={"auth.registration": "closed"})
    token, email = setup_token(server), address()
    body = {"token": token, "email": email, "password": PASSWORD}
    for wrong in ("0" * 64, "nonsense"):
        status, _, answer = post(server, "setup", {**body, "token": wrong})
        assert is_problem(status, answer, 410)
    status, _, answer = post(server, "setup", body)
    assert status == 201, answer
    assert set(answer) == {"token", "refreshToken", "user"}
    assert me(server, answer["token"])[2]["email"] == email
    assert post(server, "setup", {**body, "email": address()})[0] == 410
    assert log_in(server, email)[0] == 200
    server.stop()
    server.start()
    assert setup_token(server) is None


def test_the_first_accounts_link_expires(make_server):
    server = make_server()
    body = {"token": setup_token(server), "email": address(), "password": PASSWORD}
    server.sql("update auth.setup_link set expires_at = now() - interval '1 second'")
    assert post(server, "setup", body)[0] == 410


def test_the_first_accounts_link_is_void_once_there_is_an_account(make_server):
    server = make_server()
    sign_up(server)
    assert post(server, "setup", {"token": setup_token(server), "email": address(), "password": PASSWORD})[0] == 410
