# SPDX-License-Identifier: MIT
"""Chromium really uses HTTP/3: forced to QUIC for our origin, trusting our key, and checked in its own net log."""
import base64
import hashlib
import json
import shutil
import ssl
import subprocess

import pytest

from waiting import eventually

webdriver = pytest.importorskip("selenium.webdriver")

pytestmark = [pytest.mark.browser,
              pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")]


def key_hash(server):
    """The SHA-256 of the certificate's SubjectPublicKeyInfo, as Chromium wants it."""
    pem = ssl.get_server_certificate(("127.0.0.1", server.port))
    spki = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem.encode(), capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=spki, capture_output=True, check=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


@pytest.fixture
def server(make_server):
    """It takes localhost for ::1 first, and does not try another address for QUIC."""
    return make_server(settings={"server.listen": "127.0.0.1,::1"})


@pytest.fixture
def visit(server, tmp_path):
    """Opens pages in a browser of their own; afterwards `events` has its net log, name by name."""
    class Visit:
        def __enter__(self):
            options = webdriver.ChromeOptions()
            options.binary_location = "/usr/bin/chromium"
            for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
                         "--disable-background-networking", "--disable-component-update", "--enable-quic",
                         f"--origin-to-force-quic-on=localhost:{server.port}",
                         f"--ignore-certificate-errors-spki-list={key_hash(server)}",
                         f"--log-net-log={tmp_path}/net.json", f"--user-data-dir={tmp_path}/profile"):
                options.add_argument(flag)
            self.driver = webdriver.Chrome(service=webdriver.chrome.service.Service("/usr/bin/chromedriver"), options=options)
            self.driver.set_page_load_timeout(60)
            return self

        def __exit__(self, *_):
            self.driver.quit()
            log = json.loads((tmp_path / "net.json").read_text())
            names = {number: name for name, number in log["constants"]["logEventTypes"].items()}
            self.events = [(names[event["type"]], event.get("params", {})) for event in log["events"]]

        def protocols(self):
            return self.driver.execute_script(
                "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
                ".filter((entry) => entry.responseStatus).map((entry) => entry.nextHopProtocol)")

        def fetch(self, how):
            return self.driver.execute_async_script(f"const done = arguments[0]; (async () => {{ {how} }})().then(done, (e) => done('' + e))")

    return Visit()


def test_chromium_speaks_http_3(server, visit):
    with visit as browser:
        browser.driver.get(f"https://localhost:{server.port}/")
        assert "recordd" in browser.driver.title.lower()
        many = browser.fetch("const all = await Promise.all([...Array(100)].map((_, n) => fetch('/healthz?' + n)));"
                             "return all.every((one) => one.status == 200)")
        assert many is True
        # A body goes up whole, and comes back in what is said of it.
        body = browser.fetch("const r = await fetch('/api/auth/login', {method: 'POST', headers: {'content-type': 'application/json'},"
                             "body: JSON.stringify({email: 'nobody@example.org', password: 'x'.repeat(900)})}); return r.status")
        assert body == 401
        gone = browser.fetch("const stop = new AbortController(); const r = fetch('/api/openapi.json', {signal: stop.signal});"
                             "stop.abort(); try { await r } catch (e) { return e.name }")
        assert gone == "AbortError"
        assert browser.fetch("return (await fetch('/healthz')).status") == 200
        # The last of them may be entered some time after its answer.
        assert eventually(lambda: len(browser.protocols()) > 100)
        used = browser.protocols()
        assert set(used) == {"h3"}, set(used)
    names = [name for name, _ in browser.events]
    assert "QUIC_SESSION" in names and "HTTP3_HEADERS_DECODED" in names, sorted({n for n in names if "QUIC" in n or "HTTP3" in n})
    told = [params for name, params in browser.events if name == "QUIC_SESSION_CLOSED" or name == "QUIC_SESSION_CLOSE_ON_ERROR"]
    assert not any("H3_" in json.dumps(params) or params.get("quic_error", 0) in (1, 2) for params in told), told
    assert 'protocol="h3"' in server.request("GET", "/metrics")[2].decode()
