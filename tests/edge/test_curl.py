# SPDX-License-Identifier: MIT
"""The same answers over HTTP/1.1, HTTP/2 and HTTP/3, asked for by curl."""
import base64
import csv
import gzip
import io
import json
import os
import re
import struct
import subprocess
import time
import zlib

import pytest

from clients import CLIENTS, VERSIONS, curl, curl_command, make_relay, needs  # noqa: F401 (a fixture)

pytestmark = needs("curl")
versions = pytest.mark.parametrize("version", list(VERSIONS))
H3 = "--http3-only"
RECORDS = 12000


@pytest.fixture(scope="module")
def collector(server):
    """Somebody with a large collection: a token."""
    token, user = server.register("edge@example.org")
    done = server.run("sample", "--user", user["email"], "--n", str(RECORDS), "--seed", "7")
    assert done.returncode == 0, done.stderr
    return token


# ── Answers ──

@versions
def test_the_page_comes(server, version):
    answer = curl(server, version, "/")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/html")
    assert b"<html" in answer.body and len(answer.body) == int(answer.headers["content-length"])


@versions
def test_the_api_answers_in_json(server, version, collector):
    answer = curl(server, version, "/api/records?limit=50", token=collector)
    assert answer.status == 200 and len(json.loads(answer.body)) == 50


@versions
def test_what_is_not_there_is_a_problem(server, version):
    answer = curl(server, version, "/api/nothing")
    assert answer.status == 404 and answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.body)["requestId"] == answer.headers["x-request-id"]


@versions
def test_a_head_has_a_length_and_no_body(server, version):
    answer, whole = curl(server, version, "/", "--head"), curl(server, version, "/")
    assert answer.status == 200 and answer.headers["content-length"] == whole.headers["content-length"]


@versions
def test_a_large_cover_goes_up_and_comes_down_whole_and_in_part(server, version, tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + os.urandom(1800) for _ in range(600))
    picture = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 600, 600, 8, 2, 0, 0, 0))
               + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    (tmp_path / "cover.png").write_bytes(picture)
    token, _ = server.register()
    record = server.request("POST", "/api/records", token, json={"artist": "La", "name": "Ti", "format": "LP"})[2]
    answer = curl(server, version, f"/api/records/{record['id']}/cover", "--request", "PUT", "--header", "content-type: image/png",
                  "--data-binary", f"@{tmp_path / 'cover.png'}", token=token)
    assert answer.status == 200, answer.body
    address = json.loads(answer.body)["cover"]
    assert len(picture) > 1 << 20 and curl(server, version, address).body == picture
    part = curl(server, version, address, "--range", "70000-900000")
    assert part.status == 206 and part.body == picture[70000:900001]


@versions
def test_a_range_is_a_part(server, version):
    whole = curl(server, version, "/")
    part = curl(server, version, "/", "-r", "10-29")
    assert part.status == 206 and part.body == whole.body[10:30]
    assert part.headers["content-range"] == f"bytes 10-29/{len(whole.body)}"


@versions
def test_what_has_not_changed_is_not_sent_again(server, version):
    tag = curl(server, version, "/").headers["etag"]
    again = curl(server, version, "/", "-H", f"if-none-match: {tag}")
    assert again.status == 304 and again.body == b"" and again.headers["etag"] == tag


@versions
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_an_encoded_answer_is_the_same_answer(server, version, coding):
    plain = curl(server, version, "/api/openapi.json")
    packed = curl(server, version, "/api/openapi.json", "-H", f"accept-encoding: {coding}")
    assert packed.headers["content-encoding"] == coding and len(packed.body) < len(plain.body)
    unpacked = curl(server, version, "/api/openapi.json", "-H", f"accept-encoding: {coding}", "--compressed")
    assert unpacked.body == plain.body
    if coding == "gzip":
        assert gzip.decompress(packed.body) == plain.body


@versions
def test_a_body_over_its_limit_is_refused(server, version):
    answer = curl(server, version, "/api/auth/login", "-H", "content-type: application/json", data=b"[" + b" " * 3000000 + b"]")
    assert answer.status == 413


@versions
def test_http_3_is_told_of_on_the_other_protocols(server, version):
    told = curl(server, version, "/healthz").headers.get("alt-svc")
    assert told == (None if version == H3 else f'h3=":{server.port}"; ma=86400')


def test_alt_svc_is_followed(server, tmp_path):
    cache = tmp_path / "alt-svc"
    first = subprocess.run(curl_command(server, "--http2", "/healthz", "--alt-svc", str(cache)), capture_output=True, timeout=30)
    assert first.returncode == 0, first.stderr
    assert "h3 localhost" in cache.read_text()
    line = [word for word in curl_command(server, "--http2", "/healthz", "--alt-svc", str(cache), "-w", "%{http_version}",
                                          "-o", "/dev/null") if word != "--http2"]
    assert subprocess.run(line, capture_output=True, text=True, timeout=30).stdout == "3"


def test_a_server_may_do_without_http_3(make_server):
    server = make_server(settings={"server.http3": "false"})
    assert server.ready_line.endswith("http3=off")
    assert "alt-svc" not in curl(server, "--http2", "/healthz").headers
    curl(server, H3, "/healthz", "--connect-timeout", "2", fails=True)


def test_requests_are_counted_as_http_3(server):
    curl(server, H3, "/healthz")
    metrics = server.request("GET", "/metrics")[2].decode()
    assert 'route="edge_healthz",method="GET",status="200",protocol="h3"' in metrics


# ── Much of it ──

def without_ids(text):
    """The rows of an export but for what a new record gets anew, in an order of their own."""
    rows = csv.reader(io.StringIO(text.decode(), newline=""))
    names = next(rows)
    own = [i for i, name in enumerate(names) if name in ("id", "createdAt", "updatedAt")]
    kept = [[value for i, value in enumerate(row) if i not in own] for row in rows]
    return sorted([re.sub(r'"id":"[0-9a-f-]{36}",', "", value) for value in row] for row in kept)


@pytest.fixture(scope="module")
def exported(server, collector):
    """The collection as CSV, over HTTP/1.1."""
    answer = curl(server, "--http1.1", "/api/records/export.csv", token=collector)
    assert answer.status == 200 and len(answer.body) > 2000000
    return answer.body


@versions
def test_a_large_download_is_whole(server, collector, exported, version):
    assert curl(server, version, "/api/records/export.csv", token=collector).body == exported


@versions
def test_a_large_upload_is_whole(server, exported, version):
    """What was uploaded and taken in is what comes out again."""
    token, _ = server.register()
    answer = curl(server, version, "/api/records/import?onDuplicate=add", "-H", "content-type: text/csv", token=token, data=exported)
    assert answer.status == 202, answer.body
    job = json.loads(answer.body)
    deadline = time.monotonic() + 120
    while job["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
        job = server.request("GET", f"/api/jobs/{job['id']}", token)[2]
    assert job["status"] == "done" and job["bytesTotal"] == len(exported) and job["added"] == RECORDS, job
    back = curl(server, version, "/api/records/export.csv", token=token).body
    assert without_ids(back) == without_ids(exported)


@versions
def test_many_at_a_time_are_answered(server, version):
    urls = [f"https://localhost:{server.port}/healthz?{n}" for n in range(300)]
    line = curl_command(server, version, "/healthz", "--parallel", "--parallel-max", "40", "-w", "%{http_version} %{http_code}\\n")
    done = subprocess.run([*line, *urls], capture_output=True, text=True, timeout=120)
    # A body may come in two pieces, with other transfers' words in between.
    assert done.stdout.count(f"{VERSIONS[version]} 200\n") == 301, done.stderr


# ── A bad network ──

# With 30 % lost each way one handshake in twenty takes longer than the 10 s that curl gives it.
PATIENT = ["--retry", "3", "--retry-all-errors", "--retry-delay", "1"]


@pytest.mark.parametrize("trouble", [dict(loss=0.3), dict(reorder=0.3), dict(duplicate=0.3), dict(loss=0.1, reorder=0.2, duplicate=0.2)],
                         ids=["loss", "reorder", "duplicate", "all"])
def test_a_bad_network_costs_time_and_nothing_else(server, make_relay, trouble):
    whole = curl(server, "--http2", "/api/openapi.json").body
    relay = make_relay(**trouble)
    for _ in range(3):
        assert curl(server, H3, "/api/openapi.json", *PATIENT, port=relay.port).body == whole
    for name, counted in [("loss", relay.lost), ("reorder", relay.overtaken), ("duplicate", relay.doubled)]:
        assert (counted > 0) == (name in trouble)


def test_an_upload_survives_losses(server, exported, make_relay):
    token, _ = server.register()
    relay = make_relay(loss=0.1, reorder=0.1)
    part = exported[:exported.rfind(b"\n", 0, 400000) + 1]
    answer = curl(server, H3, "/api/records/import?dryRun=true", "-H", "content-type: text/csv", *PATIENT, token=token, data=part,
                  port=relay.port)
    assert answer.status == 202 and json.loads(answer.body)["bytesTotal"] == len(part)
    assert relay.lost > 0


def test_a_download_goes_on_when_the_client_s_port_changes(server, collector, exported, make_relay):
    """NAT rebinding: the client does not know that it comes from elsewhere now."""
    relay = make_relay()
    line = curl_command(server, H3, "/api/records/export.csv", "--limit-rate", "1M", "-H", f"authorization: Bearer {collector}",
                        port=relay.port)
    moved = server.request("GET", "/metrics")[2].decode()
    process = subprocess.Popen(line, stdout=subprocess.PIPE)
    body = b""
    for _ in range(3):
        body += process.stdout.read(300000)
        relay.rebind()
    body += process.stdout.read()
    assert process.wait(120) == 0 and body == exported
    assert relay.rebound == 3 and relay.bytes_down_by_new > len(exported) / 2
    count = lambda text: next(int(row.split()[1]) for row in text.splitlines() if row.startswith("recordd_quic_migrations_total"))
    assert count(server.request("GET", "/metrics")[2].decode()) > count(moved)


def test_a_slow_reader_gets_all_of_it_and_holds_up_nobody(server, collector, exported):
    line = curl_command(server, H3, "/api/records/export.csv", "--limit-rate", "700K", "-H", f"authorization: Bearer {collector}")
    slow = subprocess.Popen(line, stdout=subprocess.PIPE)
    slow_body = slow.stdout.read(1000)
    assert curl(server, H3, "/api/records/export.csv", token=collector).body == exported
    assert slow.poll() is None
    slow_body += slow.stdout.read()
    assert slow.wait(120) == 0 and slow_body == exported


# ── gRPC ──

EMPTY_MESSAGE = bytes(5)


@versions
@pytest.mark.parametrize("kind, alike", [("application/grpc-web+proto", bytes), ("application/grpc-web-text+proto", base64.b64encode)])
def test_grpc_web_is_answered(server, version, kind, alike):
    answer = curl(server, version, "/auth.AuthService/HealthCheck", "-H", f"content-type: {kind}", data=alike(EMPTY_MESSAGE))
    body = answer.body if alike is bytes else b"".join(base64.b64decode(answer.body[at:at + 4]) for at in range(0, len(answer.body), 4))
    length = int.from_bytes(body[1:5], "big")
    assert answer.status == 200 and answer.headers["content-type"] == kind
    assert body[0] == 0 and body[5:7] == b"\x08\x01" and b"\x80" == body[5 + length:6 + length] and body.endswith(b"grpc-status: 0\r\n")


@versions
def test_the_status_of_grpc_comes_in_trailers(server, version):
    built_on = subprocess.run([CLIENTS / "curl", "--version"], capture_output=True, text=True, check=True).stdout
    if version == H3 and "ngtcp2" not in built_on:
        pytest.skip("a curl on OpenSSL's QUIC leaves trailers out over HTTP/3")
    answer = curl(server, version, "/auth.AuthService/HealthCheck", "-H", "content-type: application/grpc", "-H", "te: trailers",
                  data=EMPTY_MESSAGE)
    assert answer.status == 200 and answer.headers["grpc-status"] == "0" and answer.body[5:7] == b"\x08\x01"


@versions
def test_an_error_of_grpc_has_no_body(server, version):
    answer = curl(server, version, "/records.RecordsService/SearchRecords", "-H", "content-type: application/grpc", data=EMPTY_MESSAGE)
    assert answer.status == 200 and answer.headers["grpc-status"] == "16" and answer.body == b""
