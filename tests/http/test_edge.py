# SPDX-License-Identifier: MIT
"""The API as its table says: gates, limits, descriptions, health, metrics."""
import json
import re
import subprocess
import uuid

import pytest

from conftest import BIN

ALL = json.loads(subprocess.run([BIN, "routes", "--json"], capture_output=True, text=True, check=True).stdout)
ROUTES = [route for route in ALL if route["method"]]  # the others are gRPC's


def concrete(path):
    return re.sub(r"\{[^}]+\}", str(uuid.uuid4()), path)


def named(routes):
    return {"argvalues": routes, "ids": [f"{r['method']} {r['path']}" for r in routes]}


@pytest.mark.parametrize("route", **named([r for r in ROUTES if r["gate"] in ("user", "session")]))
def test_gated_route_is_closed_without_a_token(server, route):
    status, headers, body = server.request(route["method"], concrete(route["path"]))
    assert status == 401
    assert headers["www-authenticate"].startswith("Bearer")
    assert body["status"] == 401 and body["requestId"] == headers["x-request-id"]


@pytest.mark.parametrize("route", **named([r for r in ROUTES if r["gate"] in ("user", "session")]))
def test_gated_route_is_closed_to_a_forged_token(server, route):
    forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwIn0."
    assert server.request(route["method"], concrete(route["path"]), forged)[0] == 401


@pytest.mark.parametrize("route", **named([r for r in ROUTES if 0 < r["bodyLimit"] <= 1 << 21]))
def test_body_one_byte_over_its_limit_is_refused(server, route, user):
    body = b"[" + b" " * (route["bodyLimit"] - 1) + b"]"
    status, _, answer = server.request(route["method"], concrete(route["path"]), user[0], data=body,
                                       headers={"content-type": "application/json"})
    assert status == 413, answer


def test_health_and_readiness(server):
    assert server.request("GET", "/healthz")[2] == {"ok": True}
    assert server.request("GET", "/api/healthz")[2] == {"ok": True}
    status, _, body = server.request("GET", "/readyz")
    assert status == 200 and body["ok"] is True


def test_who_answers_is_told(server):
    status, _, body = server.request("GET", "/whoami")
    assert status == 200
    assert body["name"] and body["version"] and body["uptimeSeconds"] >= 0
    assert body["registration"] == "open"


def test_metrics_count_requests_by_route_method_status_and_protocol(server):
    server.request("GET", "/healthz")
    status, headers, body = server.request("GET", "/metrics")
    text = body.decode()
    assert status == 200 and headers["content-type"].startswith("text/plain")
    assert re.search(r'recordd_\w*requests_total\{[^}]*route="edge_healthz"[^}]*\} [1-9]', text)
    for name in ("recordd_cache_hits_total", "recordd_db_connections", "recordd_connections", "recordd_tls_handshakes_total"):
        assert re.search(rf"^{name}(\{{[^}}]*\}})? \d+", text, re.M), name


def test_openapi_document_lists_every_route(server):
    status, _, document = server.request("GET", "/api/openapi.json")
    assert status == 200 and document["openapi"].startswith("3.1")
    for route in ROUTES:
        assert route["method"].lower() in document["paths"][route["path"]], route


def test_unknown_api_path_is_a_problem_and_any_other_is_the_application(server):
    status, headers, body = server.request("GET", "/api/nothing/here")
    assert status == 404 and headers["content-type"].startswith("application/problem+json") and body["error"]
    status, headers, _ = server.request("GET", "/some/page")
    assert status == 200 and headers["content-type"].startswith("text/html")


def test_wrong_method_names_the_right_ones(server):
    status, headers, _ = server.request("DELETE", "/healthz")
    assert status == 405
    assert "GET" in headers["allow"]


def test_security_headers_are_on_pages_and_answers(server):
    for path in ("/", "/healthz"):
        _, headers, _ = server.request("GET", path)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers


def test_identity_from_the_client_is_not_believed(server):
    status, _, _ = server.request("GET", "/api/auth/me", headers={"x-user-id": str(uuid.uuid4())})
    assert status == 401


def test_request_id_of_the_client_is_kept_if_sane(server):
    assert server.request("GET", "/healthz", headers={"x-request-id": "abc-123"})[1]["x-request-id"] == "abc-123"
    assert server.request("GET", "/healthz", headers={"x-request-id": "a b\tc"})[1]["x-request-id"] != "a b\tc"


def test_forwarded_request_never_passes_for_a_local_one(make_server):
    running = make_server(settings={"server.trusted_proxies": "127.0.0.0/8"})
    for hops in ("::1", "::1, 127.5.5.5", "127.0.0.1", "192.0.2.1", ""):
        assert running.request("GET", "/metrics", headers={"x-forwarded-for": hops})[0] == 403, hops
    assert running.request("GET", "/metrics")[0] == 200


def test_rate_limit_is_told_and_enforced(make_server):
    running = make_server(settings={"ratelimit.requests_per_minute": "5"})
    token, _ = running.register()
    seen = [running.request("GET", "/api/auth/me", token) for _ in range(8)]
    assert seen[0][1]["ratelimit-limit"].startswith("5")
    limited = [headers for status, headers, _ in seen if status == 429]
    assert limited and int(limited[0]["retry-after"]) >= 1
    assert running.request("GET", "/healthz")[0] == 200
