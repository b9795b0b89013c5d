# SPDX-License-Identifier: MIT
"""certbot and lego, as they are, get a certificate for recordd from an ACME server and renew it: the lines of the docs."""
import contextlib
import json
import os
import socket
import subprocess

import pytest

from conftest import BIN
from test_certificates import assert_served, issue, served, wait_for

pytestmark = pytest.mark.full
NAME = "records.example"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def running_program(line, **more):
    program = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    try:
        yield program
    finally:
        program.terminate()
        program.communicate(timeout=20)


def reachable(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


class Acme:
    """Pebble, Let's Encrypt's own test server: it validates on the plain port of the recordd under test."""

    def __init__(self, folder, http_port):
        self.port, self.management = free_port(), free_port()
        self.cert, key = issue(folder, "localhost", stem="acme-")
        self.config = folder / "pebble.json"
        self.config.write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.cert), "privateKey": str(key), "httpPort": http_port, "tlsPort": 1}}))
        self.directory = f"https://localhost:{self.port}/dir"

    def root(self, folder):
        """The authority that its certificates are to be judged by."""
        line = ["curl", "-sSf", "--cacert", str(self.cert), f"https://localhost:{self.management}/roots/0"]
        path = folder / "acme-root.pem"
        path.write_bytes(subprocess.run(line, check=True, capture_output=True).stdout)
        return path


@pytest.fixture
def acme(make_server, tmp_path):
    """A recordd with a plain port, and an ACME server for which every name is this machine."""
    http_port, dns = free_port(), free_port(socket.SOCK_DGRAM)
    as_somebody_else = {"server.user": "nobody"} if os.geteuid() == 0 else {}
    running = make_server(settings={"server.http_port": str(http_port), **as_somebody_else})
    server = Acme(tmp_path, http_port)
    names = ["pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", f"127.0.0.1:{dns}", "-http01", "",
             "-https01", "", "-tlsalpn01", "", "-management", f"127.0.0.1:{free_port()}"]
    quick = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
    with running_program(names), running_program(["pebble", "-config", server.config, "-dnsserver", f"127.0.0.1:{dns}"], env=quick):
        assert wait_for(lambda: reachable(server.port) and reachable(server.management), 20)
        yield running, server


def run(line, env):
    done = subprocess.run(line, env={**os.environ, **env}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def judge(running, server, folder):
    """A client that trusts only the ACME server's authority accepts us; returns what it was served."""
    line = ["curl", "-sS", "--cacert", server.root(folder), "--resolve", f"{NAME}:{running.port}:127.0.0.1",
            "-o", "/dev/null", "-w", "%{http_code}", f"https://{NAME}:{running.port}/healthz"]
    assert wait_for(lambda: subprocess.run(line, capture_output=True, text=True).stdout == "200", 5)
    return served(running)


def test_certbot_obtains_and_renews(acme, tmp_path):
    running, server = acme
    hook = f"{BIN} cert install --data {running.data}"
    places = [word for kind in ("config", "work", "logs") for word in (f"--{kind}-dir", tmp_path / kind)]
    run(["certbot", "certonly", "--webroot", "-w", f"{running.data}/acme", "-d", NAME, "--deploy-hook", hook, "-n", "--agree-tos",
         "-m", "ann@records.example", "--server", server.directory, *places], {"REQUESTS_CA_BUNDLE": str(server.cert)})
    first = judge(running, server, tmp_path)
    run(["certbot", "renew", "--force-renewal", "-n", "--no-random-sleep-on-renew", *places], {"REQUESTS_CA_BUNDLE": str(server.cert)})
    assert_served(running, tmp_path / "config" / "live" / NAME / "fullchain.pem")
    assert judge(running, server, tmp_path) != first
    assert "certificate refused" not in running.log_text()


def test_lego_obtains_and_renews(acme, tmp_path):
    running, server = acme
    hook = f"{BIN} cert install --data {running.data}"
    common = ["lego", "--path", tmp_path / "lego", "--server", server.directory, "--accept-tos", "--email", "ann@records.example",
              "--domains", NAME, "--http", "--http.webroot", f"{running.data}/acme"]
    trust = {"LEGO_CA_CERTIFICATES": str(server.cert)}
    run([*common, "run", "--run-hook", hook], trust)
    first = judge(running, server, tmp_path)
    run([*common, "renew", "--days", "10000", "--no-random-sleep", "--renew-hook", hook], trust)
    assert_served(running, tmp_path / "lego" / "certificates" / f"{NAME}.crt")
    assert judge(running, server, tmp_path) != first
    assert "certificate refused" not in running.log_text()
