# SPDX-License-Identifier: MIT
"""What another site's page can make a signed-in browser do: nothing. The cookie renews, and opens no other door."""
import re
import uuid

import pytest

from test_accounts import AS_COOKIE, COOKIE, PASSWORD, cookie_of, log_in, me, post, sign_up
from test_edge import ROUTES, concrete, named

FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "https://localhost"},
    {"sec-fetch-site": "something-new"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "https://localhost:1"},
    {"origin": "https://localhost.evil.example"},
]


def own(server):
    """What a browser says of the application's own requests: new ones, old ones, and programs, which say nothing."""
    origin = f"https://localhost:{server.port}"
    return [{"sec-fetch-site": "same-origin", "origin": origin}, {"sec-fetch-site": "none"}, {"origin": origin}, {}]


@pytest.fixture
def signed_in(server):
    """(the address, a browser's cookie header, its access token)"""
    email, body, headers = sign_up(server, headers=AS_COOKIE)
    return email, {"cookie": f"{COOKIE}={cookie_of(headers)}"}, body["token"]


def test_the_cookie_goes_to_the_account_routes_of_this_site_over_tls_and_to_no_script(server):
    email, _, registered = sign_up(server, headers=AS_COOKIE)
    logged_in = log_in(server, email, headers=AS_COOKIE)[1]
    renewed = post(server, "refresh", {}, headers={"cookie": f"{COOKIE}={cookie_of(logged_in)}"})[1]
    for headers in (registered, logged_in, renewed):
        name, *rules = [part.strip() for part in headers["set-cookie"].split(";")]
        assert name.startswith("__Secure-recordd-refresh=") and len(name.split("=")[1]) == 64
        rules = {rule.lower() for rule in rules}
        assert {"path=/api/auth", "secure", "httponly", "samesite=strict"} <= rules
        assert not any(rule.startswith("domain") for rule in rules)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_another_site_cannot_renew_a_session(server, signed_in, headers):
    _, cookie, _ = signed_in
    status, got, body = post(server, "refresh", {}, headers={**cookie, **headers})
    assert status == 403 and "set-cookie" not in got and "token" not in body
    assert post(server, "refresh", {}, headers={**AS_COOKIE, **headers})[0] == 403
    # Nothing was spent by that.
    assert post(server, "refresh", {}, headers=cookie)[0] == 200


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["login", "register", "setup"])
def test_another_site_cannot_sign_a_browser_in_as_somebody_else(server, signed_in, path, headers):
    email, cookie, _ = signed_in
    body = {"email": email if path == "login" else f"{uuid.uuid4().hex}@example.org", "password": PASSWORD}
    if path == "setup":
        body["token"] = "0" * 64
    for with_cookie in (cookie, AS_COOKIE):
        status, got, _ = post(server, path, body, headers={**with_cookie, **headers})
        assert status == 403 and "set-cookie" not in got


def test_the_application_itself_can_do_both(server, signed_in):
    email, cookie, _ = signed_in
    for headers in own(server):
        assert log_in(server, email, headers={**AS_COOKIE, **headers})[0] == 200
        status, got, _ = post(server, "refresh", {}, headers={**cookie, **headers})
        assert status == 200
        cookie = {"cookie": f"{COOKIE}={cookie_of(got)}"}


def test_what_has_no_cookie_at_stake_may_come_from_anywhere(server):
    """A page of an origin that cors_origins allows signs in with the tokens in bodies."""
    email, body, _ = sign_up(server, headers={"sec-fetch-site": "cross-site", "origin": "https://app.example"})
    assert log_in(server, email, headers={"sec-fetch-site": "cross-site"})[0] == 200
    status, got, _ = post(server, "refresh", {"refreshToken": body["refreshToken"]}, headers={"sec-fetch-site": "cross-site"})
    assert status == 200 and "set-cookie" not in got


@pytest.mark.parametrize("route", **named([r for r in ROUTES if r["gate"] in ("user", "session")]))
def test_the_cookie_alone_opens_nothing(server, signed_in, route):
    status, got, _ = server.request(route["method"], concrete(route["path"]), headers=signed_in[1])
    assert status == 401 and "set-cookie" not in got


@pytest.mark.parametrize("route", **named([r for r in ROUTES if r["gate"] == "open" and r["path"].startswith("/api/auth/")
                                           and r["path"] != "/api/auth/refresh"]))
def test_of_the_open_routes_none_but_refresh_takes_the_cookie_for_who_one_is(server, signed_in, route):
    email, cookie, token = signed_in
    status, got, body = server.request(route["method"], route["path"], json={}, headers=cookie)
    assert status in (400, 401) and "set-cookie" not in got, body
    assert me(server, token)[0] == 200
    assert post(server, "refresh", {}, headers=cookie)[0] == 200


def test_a_form_of_another_site_is_no_request_that_is_understood(server, signed_in):
    """What a page can send without asking first (Fetch, CORS-safelisted): no JSON, no header of ours."""
    email, cookie, _ = signed_in
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for path in ("login", "register", "setup", "logout"):
            assert server.request("POST", f"/api/auth/{path}", data=b'{"email":"a@b.example","password":"correct horse"}',
                                  headers={**cookie, "content-type": kind})[0] == 415
        assert server.request("POST", "/api/auth/refresh", data=b"{}", headers={**cookie, "content-type": kind})[0] == 415


def test_credentials_are_never_shared_across_origins(make_server):
    server = make_server(settings={"server.cors_origins": "https://app.example"})
    asked = {"origin": "https://app.example", "access-control-request-method": "POST",
             "access-control-request-headers": "x-recordd-session,content-type"}
    _, got, _ = server.request("OPTIONS", "/api/auth/refresh", headers=asked)
    assert "access-control-allow-credentials" not in got
    assert "x-recordd-session" not in got.get("access-control-allow-headers", "")


def test_what_was_refused_is_counted(make_server):
    server = make_server()
    assert post(server, "refresh", {}, headers={**AS_COOKIE, "sec-fetch-site": "cross-site"})[0] == 403
    assert re.search(r"^recordd_cross_site_refusals_total 1$", server.request("GET", "/metrics")[2].decode(), re.M)
