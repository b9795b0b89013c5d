# SPDX-License-Identifier: MIT
"""The rotation drill: certificates change under load, and no request fails, no connection is closed."""
import concurrent.futures
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import threading
import time

import pytest

from conftest import ROOT

OWN_CURL = ROOT / "build" / "clients" / "bin" / "curl"  # tools/clients: with HTTP/3
CURL = str(OWN_CURL) if OWN_CURL.exists() else "curl"
PROTOCOLS = {"h1": "--http1.1", "h2": "--http2", "h3": "--http3-only"}
MULTIPLEXED = ["-Z", "--parallel-max", "8"]
AT_A_TIME = {"h1": [], "h2": MULTIPLEXED, "h3": MULTIPLEXED}
BATCH = 250  # requests of one curl, over the connection it opens for them
WORKERS = 2  # curls of a protocol at a time
LEAF = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
WITHIN = 1.0     # what is promised: seconds from the rotation to the first handshake that sees it


def test_the_drill_has_a_client_for_every_protocol():
    assert "HTTP3" in subprocess.run([CURL, "--version"], capture_output=True, text=True, check=True).stdout, "tools/clients makes it"


class Load:
    """One protocol's requests, batch after batch, each over new connections; what came of them by status."""

    def __init__(self, running, protocol, trusted):
        self.running, self.trusted = running, trusted
        self.options = [PROTOCOLS[protocol], *AT_A_TIME[protocol]]
        self.counts, self.wrong = [], []
        self.enough = threading.Event()

    def batch(self):
        url = f"https://localhost:{self.running.port}/healthz?[1-{BATCH}]"
        line = [CURL, "-sS", *self.options, "--cacert", self.trusted, "--max-time", "60",
                "-o", "/dev/null", "-w", "%{http_code} %{errormsg}\n", url]
        said = subprocess.run(line, capture_output=True, text=True, timeout=120)
        answers = said.stdout.splitlines()
        self.counts.append(len(answers))
        self.wrong.extend(["no answer"] * (BATCH - len(answers)))
        self.wrong.extend(answer for answer in answers if not answer.startswith("200"))

    @property
    def done(self):
        return sum(self.counts)

    def run(self, at_least):
        while not self.enough.is_set() or self.done < at_least:
            self.batch()


class Kept(threading.Thread):
    """A connection that is held from before the first rotation until after the last, and used all the while."""

    def __init__(self, running, trusted):
        super().__init__()
        context = ssl.create_default_context(cafile=trusted)
        plain = socket.create_connection(("127.0.0.1", running.port), timeout=20)
        self.tls = context.wrap_socket(plain, server_hostname="localhost")
        self.done, self.error, self.enough = 0, None, threading.Event()

    def run(self):
        try:
            while not self.enough.is_set():
                self.tls.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                answer = b""
                while not answer.endswith(b'{"ok":true}'):
                    more = self.tls.recv(65536)
                    assert more, "closed by the server"
                    answer += more
                assert answer.startswith(b"HTTP/1.1 200 ")
                self.done += 1
                time.sleep(0.005)
        except Exception as error:  # whatever it is, the drill reports it
            self.error = error
        finally:
            self.tls.close()


def leaf_over(running, protocol):
    """The certificate that a new handshake gets, PEM."""
    line = [CURL, "-sS", PROTOCOLS[protocol], "--cacert", running.ca, "--max-time", "20", "-o", "/dev/null", "-w", "%{certs}", f"https://localhost:{running.port}/healthz"]
    said = subprocess.run(line, capture_output=True, text=True, timeout=30)
    assert said.returncode == 0, said.stderr
    return LEAF.search(said.stdout)[0]


def delay_over(running, protocol, fresh, changed):
    """The seconds from the change of the file until a handshake began that got the fresh certificate."""
    while (started := time.time()) < changed + 20:
        if leaf_over(running, protocol) == fresh:
            return started - changed
    raise AssertionError(f"never served over {protocol}")


def rotate(running, protocols, *options):
    """Rotates; how long each protocol took to serve the new certificate."""
    leaf = f"{running.data}/tls/server.pem"
    done = running.run("cert", "rotate", *options)
    assert done.returncode == 0, done.stderr
    with open(leaf) as file:
        fresh = LEAF.search(file.read())[0]
    changed = os.stat(leaf).st_mtime
    with concurrent.futures.ThreadPoolExecutor(len(protocols)) as pool:
        return list(pool.map(lambda protocol: delay_over(running, protocol, fresh, changed), protocols))


def metric(running, name):
    text = running.request("GET", "/metrics")[2].decode()
    return int(re.search(rf"^{name} (\d+)", text, re.MULTILINE)[1])


class Upload(threading.Thread):
    """A client that sends a record piece by piece until told to end: one stream, in flight all the while."""

    def __init__(self, running, protocol, trusted, token):
        super().__init__()
        line = [CURL, "-sS", PROTOCOLS[protocol], "--cacert", trusted, "-H", f"authorization: Bearer {token}",
                "-H", "content-type: application/json", "-H", "expect:", "-X", "POST", "-T", "-", "-o", "/dev/null", "-w", "%{http_code}",
                f"https://localhost:{running.port}/api/records"]
        self.curl = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.enough, self.still, self.status, self.error = threading.Event(), False, None, None

    def run(self):
        self.curl.stdin.write(b'{"artist":"Kept","name":"Open","format":"LP"}')
        while not self.enough.wait(0.1) and self.curl.poll() is None:
            self.curl.stdin.write(b" " * 1000)  # the route takes a megabyte
            self.curl.stdin.flush()
        self.still = self.curl.poll() is None
        status, error = self.curl.communicate(timeout=120)
        self.status, self.error = status.decode(), error.decode()


def drill(running, tmp_path, protocols, n_rotations, at_least):
    """n rotations a second apart under load; the authority changes in every fourth. Returns the loads and the delays."""
    trusted = shutil.copy(running.ca, tmp_path / "trusted.pem")  # by clients that never hear of another
    token, _ = running.register()
    loads = {name: Load(running, name, trusted) for name in protocols}
    kept = [Kept(running, trusted) for _ in range(2)]
    uploads = {name: Upload(running, name, trusted, token) for name in protocols}
    delays = []
    with concurrent.futures.ThreadPoolExecutor(len(loads) * WORKERS) as pool:
        running_loads = [pool.submit(load.run, at_least) for load in loads.values() for _ in range(WORKERS)]
        for one in [*kept, *uploads.values()]:
            one.start()
        began = time.monotonic()
        try:
            for n in range(n_rotations):
                time.sleep(max(0, began + n + 0.5 - time.monotonic()))
                delays.extend(rotate(running, protocols, *(["--ca"] if n % 4 == 3 else [])))
        finally:
            for one in [*loads.values(), *kept, *uploads.values()]:
                one.enough.set()
        for one in running_loads:
            one.result()
    for one in [*kept, *uploads.values()]:
        one.join()
    for name, one in uploads.items():
        assert one.still and one.status == "201", (name, one.status, one.error)
    for name, load in loads.items():
        print(f"{name}: {load.done} requests, {len(load.wrong)} failed")
        assert not load.wrong and load.done >= at_least, (name, load.done, load.wrong[:5])
    print(f"kept connections: {[one.done for one in kept]} requests; new handshakes saw it after {max(delays):.3f} s at most")
    assert all(one.error is None and one.done > n_rotations for one in kept), [one.error for one in kept]
    assert metric(running, "recordd_tls_cert_rotations_total") >= n_rotations
    assert metric(running, "recordd_tls_cert_refused_total") == 0
    return delays


def test_no_request_fails_while_certificates_rotate(make_server, tmp_path):
    running = make_server()
    drill(running, tmp_path, PROTOCOLS, n_rotations=3, at_least=500)


@pytest.mark.full
def test_ten_rotations_in_ten_seconds_under_ten_thousand_requests(make_server, tmp_path):
    running = make_server()
    delays = drill(running, tmp_path, PROTOCOLS, n_rotations=10, at_least=10_000)
    assert statistics.median(delays) < WITHIN  # a busy machine may stall any one of them
