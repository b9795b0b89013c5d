# SPDX-License-Identifier: MIT
"""The application's pages and files: what browsers are told about them, and a directory in the place of what is built in."""
import os
import re
import subprocess

import pytest

from conftest import BIN

POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "blob:", "data:"],
    "connect-src": ["'self'"],
    "font-src": ["'self'"],
    "manifest-src": ["'self'"],
    "worker-src": ["'self'"],
    "media-src": ["'self'", "blob:"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
LARGEST = 16 << 20


def policy_of(headers):
    parts = [part.split() for part in headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in parts}


def assert_protected(headers):
    assert policy_of(headers) == POLICY
    assert "camera=(self)" in headers["permissions-policy"] and "microphone=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"


def test_nothing_foreign_or_inline_runs_in_a_page_or_a_worker(server):
    status, headers, page = server.request("GET", "/")
    assert status == 200
    assert_protected(headers)
    asset = re.search(rb'src="(/[^"]+\.js)"', page)[1].decode()
    status, headers, _ = server.request("GET", asset)
    assert status == 200 and headers["content-type"].startswith("text/javascript")
    assert_protected(headers)
    assert_protected(server.request("GET", "/", headers={"if-none-match": server.request("GET", "/")[1]["etag"]})[1])


def test_what_is_no_page_loads_nothing_at_all(server):
    for path in ("/healthz", "/api/nothing", "/api/auth/me", "/no-such-file.js"):
        _, headers, _ = server.request("GET", path)
        assert policy_of(headers) == {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}, path
        assert "permissions-policy" not in headers and "cross-origin-opener-policy" not in headers, path


@pytest.fixture
def site(tmp_path):
    """A built application, with a secret beside it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>mine</title>")
    (folder / "assets" / "app.js").write_text("first();")
    (tmp_path / "secret.txt").write_text("not to be told")
    return folder


@pytest.fixture
def served(make_server, site):
    return make_server(args=["--web-dir", str(site)])


def raw(server, target):
    """The status of a target that no client library has tidied up."""
    import socket
    with socket.create_connection((server.host, server.port), timeout=30) as plain, \
            server.context().wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"GET " + target + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        answer = b""
        while chunk := tls.recv(65536):
            answer += chunk
    return int(answer.split(b" ", 2)[1]), answer


def test_a_change_is_seen_with_the_next_request(served, site):
    status, headers, body = served.request("GET", "/assets/app.js")
    assert status == 200 and body == b"first();" and headers["content-type"].startswith("text/javascript")
    assert headers["cache-control"] == "no-store" and "etag" not in headers
    assert_protected(headers)
    (site / "assets" / "app.js").write_text("second();")
    assert served.request("GET", "/assets/app.js")[2] == b"second();"
    assert served.request("HEAD", "/assets/app.js")[2] == b""


def test_a_directory_that_is_built_anew_is_served_too(served, site):
    os.rename(site, site.with_name("old"))
    assert served.request("GET", "/")[0] in (404, 503)
    site.mkdir()
    (site / "index.html").write_text("anew")
    assert served.request("GET", "/")[2] == b"anew"


def test_the_applications_own_paths_give_its_index(served):
    for path in ("/", "/records", "/records/1/edit", "/assets", "/assets/", "/assets/app.js/more"):
        status, headers, body = served.request("GET", path)
        assert status == 200 and b"<title>mine" in body and headers["content-type"].startswith("text/html"), path
        assert headers["cache-control"] == "no-store"
        assert_protected(headers)
    for path in ("/missing.js", "/assets/missing.css"):
        assert served.request("GET", path)[0] == 404, path
    assert served.request("GET", "/api/nothing")[0] == 404
    assert served.request("POST", "/records")[0] == 405


def test_nothing_outside_the_directory_is_served(served, site):
    for target in (b"/../secret.txt", b"/%2e%2e/secret.txt", b"/assets/../../secret.txt", b"/..%2fsecret.txt",
                   b"/assets/..%2f..%2fsecret.txt", b"/assets/%2e%2e%2f%2e%2e%2fsecret.txt", b"//etc/passwd.txt",
                   b"/" + str(site.parent / "secret.txt").encode(), b"/..\\secret.txt", b"/%5c..%5csecret.txt"):
        status, answer = raw(served, target)
        assert status in (400, 404) and b"not to be told" not in answer and b"root:" not in answer, target
    status, answer = raw(served, b"/assets/app.js%00.txt")
    assert status == 400


def test_a_link_that_leads_out_is_refused_wherever_it_stands(served, site):
    (site / "out.txt").symlink_to(site.parent / "secret.txt")
    (site / "up.txt").symlink_to("../secret.txt")
    (site / "assets" / "folder").symlink_to(site.parent)
    (site / "self.txt").symlink_to("/proc/self/environ")
    (site / "loop.txt").symlink_to("loop.txt")
    for path in ("/out.txt", "/up.txt", "/assets/folder/secret.txt", "/self.txt", "/loop.txt"):
        assert served.request("GET", path)[0] == 404, path
    (site / "in.txt").symlink_to("assets/app.js")
    assert served.request("GET", "/in.txt")[2] == b"first();"


def test_hidden_files_pipes_and_giants_are_not_served(served, site):
    (site / ".env").write_text("KEY=1")
    (site / ".git").mkdir()
    (site / ".git" / "config.txt").write_text("x")
    os.mkfifo(site / "pipe.txt")
    for path in ("/.env", "/.git/config.txt", "/pipe.txt"):
        assert served.request("GET", path)[0] == 404, path
    with open(site / "large.wasm", "wb") as file:
        file.truncate(LARGEST)
    assert len(served.request("GET", "/large.wasm")[2]) == LARGEST
    with open(site / "large.wasm", "ab") as file:
        file.write(b"x")
    status, _, body = served.request("GET", "/large.wasm")
    assert status == 404 and "16 MB" in body["error"]


def test_a_directory_that_is_not_there_stops_the_start(data_dir):
    said = subprocess.run([BIN, "serve", "--data", str(data_dir / "data"), "--set", "server.https_port=auto",
                           "--web-dir", str(data_dir / "nothing")], capture_output=True, text=True, timeout=60)
    assert said.returncode == 66 and "server.web_dir" in said.stderr and "No such file" in said.stderr
    assert not (data_dir / "data").exists()
