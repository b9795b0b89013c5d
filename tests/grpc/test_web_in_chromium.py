# SPDX-License-Identifier: MIT
"""grpc-web in a browser, from a page of another origin."""
import http.server
import tempfile
import threading
import uuid

import pytest

from conftest import Server
from stubs import CLIENTS, PROTO, ROOT

webdriver = pytest.importorskip("selenium.webdriver")

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not (CLIENTS / "stamp").exists(), reason="tools/grpc-clients makes the clients")]

FILES = {"/": ROOT / "tests" / "grpc" / "web_page.html", "/grpc-web.js": CLIENTS / "node_modules" / "grpc-web" / "index.js",
         "/protobuf.js": CLIENTS / "node_modules" / "protobufjs" / "dist" / "protobuf.min.js"}
ALBUM = {"artist": "Talk Talk", "name": "Spirit of Eden", "format": "LP", "price_paid": 24.99, "notes": "÷ ümlaut"}


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = FILES.get(self.path) or (PROTO / self.path.removeprefix("/proto/") if self.path.startswith("/proto/") else None)
        body = path.read_bytes() if path and path.exists() else b""
        self.send_response(200 if body else 404)
        self.send_header("content-type", "text/html" if self.path == "/" else "text/javascript")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def origin():
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{pages.server_port}"
    pages.shutdown()
    pages.server_close()


@pytest.fixture(scope="module")
def web_server(origin):
    running = Server(settings={"server.cors_origins": origin}).start()
    yield running
    running.discard()


@pytest.fixture(scope="module")
def page(origin):
    profile = tempfile.TemporaryDirectory(prefix="recordd-chromium-")
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.accept_insecure_certs = True
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
                 "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile.name}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
    driver.set_script_timeout(30)
    driver.get(origin + "/")
    driver.execute_async_script("load().then(arguments[0])")
    yield driver
    driver.quit()
    profile.cleanup()


@pytest.fixture(params=["text", "binary"])
def call(page, web_server, request):
    def run(path, what, token=None, most=None):
        metadata = {"authorization": f"Bearer {token}"} if token else {}
        found = page.execute_async_script("call(...[...arguments].slice(0, 5), arguments[5] || Infinity)"
                                          ".then(arguments[6], (error) => arguments[6]({code: -1, answers: [], message: `${error}`}))",
                                          f"https://localhost:{web_server.port}", request.param, path, what, metadata, most)
        return found["code"], found["answers"], found["message"]

    return run


def test_a_page_signs_in_and_keeps_a_record(call, web_server):
    email = f"{uuid.uuid4().hex}@example.org"
    code, (made,), _ = call("auth.AuthService/Register", {"email": email, "password": "correct horse battery"})
    assert code == 0 and made["user"]["email"] == email
    code, (session,), _ = call("auth.AuthService/Authenticate", {"email": email, "password": "correct horse battery"})
    token = session["token"]
    code, (answer,), _ = call("records.RecordsService/CreateRecord", {"record": ALBUM}, token)
    record = answer["record"]
    assert code == 0 and {name: record[name] for name in ALBUM} == ALBUM
    assert call("records.RecordsService/GetRecord", {"record_id": record["id"]}, token) == (0, [answer], "")
    code, (found,), _ = call("records.RecordsService/SearchRecords", {"query": "spirit"}, token)
    assert code == 0 and [one["id"] for one in found["records"]] == [record["id"]]
    code, (gone,), _ = call("records.RecordsService/DeleteRecord", {"record_id": record["id"]}, token)
    assert code == 0 and gone["success"] is True


def test_errors_have_their_codes_in_a_page(call, web_server):
    token = web_server.register()[0]
    nobody = str(uuid.uuid4())
    assert call("records.RecordsService/GetRecord", {"record_id": nobody}, token)[::2] == (5, "no such record")
    assert call("records.RecordsService/GetRecord", {"record_id": nobody, "user_id": nobody}, token)[0] == 7
    assert call("records.RecordsService/GetRecord", {"record_id": nobody})[0] == 16
    assert call("records.RecordsService/CreateRecord", {"record": {**ALBUM, "record_grade": "shiny"}}, token)[0] == 3


@pytest.mark.parametrize("call", ["text"], indirect=True)  # in the other format grpc-web has no streams
def test_streams_reach_a_page(call, web_server):
    token = web_server.register()[0]
    for n in range(5):
        assert web_server.request("POST", "/api/records", token, json={"artist": "a", "name": str(n), "format": "LP"})[0] == 201
    code, records, message = call("records.RecordsService/StreamRecords", {}, token)
    assert (code, message) == (0, "") and {record["name"] for record in records} == set("01234")
    code, changes, _ = call("records.RecordsService/WatchRecords", {"since_version": 2}, token, most=3)
    assert [change["version"] for change in changes] == [3, 4, 5]
