# SPDX-License-Identifier: MIT
"""A real recordd on its own PostgreSQL for the tests: `server` (shared), `make_server` (one of your own)."""
import http.client
import json as jsonlib
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import uuid

import pytest

from support.pki import Authority

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = os.environ.get("RECORDD_BIN", str(ROOT / "build" / "dev" / "recordd"))
READY_SECONDS = 60


class Server:
    """One recordd process on ephemeral ports and a temporary data directory."""

    def __init__(self, data=None, settings=None, args=(), env=None):
        self.data = str(data) if data else tempfile.mkdtemp(prefix="recordd-test-")
        self.own_data = data is None
        self.settings = {
            "server.https_port": "auto",
            "server.listen": "127.0.0.1",
            "ratelimit.requests_per_minute": "0",
            "ratelimit.logins_per_minute": "0",
            "auth.argon2_memory": "64KB",
            **(settings or {}),
        }
        self.args = list(args)
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.log_path = os.path.join(self.data, "server.log")

    def command(self, *words):
        line = [BIN, *words]
        if "--data" not in words:
            line += ["--data", self.data]
        return line

    def start(self):
        os.makedirs(self.data, exist_ok=True)
        line = self.command("serve", *self.args)
        for key, value in self.settings.items():
            line += ["--set", f"{key}={value}"]
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=self.log, env=self.env)
        self.ready_line = self._await_ready()
        words = self.ready_line.split()
        self.base = words[2]
        self.host, _, port = self.base.removeprefix("https://").rpartition(":")
        self.port = int(port)
        self.pid = int(dict(w.split("=", 1) for w in words[3:])["pid"])
        self.ca = os.path.join(self.data, "tls", "ca.pem")
        return self

    def _await_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        os.set_blocking(self.process.stdout.fileno(), False)
        text = b""
        while time.monotonic() < deadline:
            text += self.process.stdout.read() or b""
            for line in text.decode(errors="replace").splitlines():
                if line.startswith("recordd ready "):
                    self.printed = text.decode(errors="replace")
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"recordd did not become ready: {self.log_text()[-4000:]}")

    def log_text(self):
        with open(self.log_path, errors="replace") as log:
            return log.read()

    def context(self, alpn=None):
        context = ssl.create_default_context(cafile=self.ca)
        if alpn:
            context.set_alpn_protocols(alpn)
        return context

    def connect(self, timeout=30):
        return http.client.HTTPSConnection("localhost" if self.host == "127.0.0.1" else self.host, self.port,
                                           context=self.context(), timeout=timeout)

    def request(self, method, path, token=None, json=None, headers=None, data=None):
        """One exchange: (status, headers with lower-case names, body parsed when it is JSON)."""
        headers = dict(headers or {})
        if token:
            headers["authorization"] = f"Bearer {token}"
        if json is not None:
            data = jsonlib.dumps(json).encode()
            headers.setdefault("content-type", "application/json")
        connection = self.connect()
        try:
            connection.request(method, path, body=data, headers=headers)
            response = connection.getresponse()
            body = response.read()
            got = {name.lower(): value for name, value in response.getheaders()}
            if "json" in got.get("content-type", "") and body:
                body = jsonlib.loads(body)
            return response.status, got, body
        finally:
            connection.close()

    def register(self, email=None, password="correct horse battery"):
        email = email or f"{uuid.uuid4().hex[:12]}@example.org"
        status, _, body = self.request("POST", "/api/auth/register", json={"email": email, "password": password})
        assert status == 201, body
        return body["token"], body["user"]

    def run(self, *words, stdin=None, timeout=300):
        """A recordd command on this server's data directory."""
        return subprocess.run(self.command(*words), input=stdin, capture_output=True, text=True, timeout=timeout, env=self.env)

    def sql(self, text):
        """Rows of a statement run in the private cluster as its owner, each a list of text."""
        import psycopg2
        connection = psycopg2.connect(f"host={self.socket_dir()} dbname=recordd user=recordd_owner")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def socket_dir(self):
        out = subprocess.run(self.command("config", "print", "--json"), capture_output=True, text=True, env=self.env, check=True)
        return jsonlib.loads(out.stdout)["database"]["socket_dir"]

    def stop(self, timeout=30):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("recordd did not stop")
        code = self.process.returncode if self.process else 0
        self.process = None
        self.log.close()
        return code

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def discard_data(self):
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def discard(self):
        try:
            code = self.stop() if self.process else 0
        finally:
            self.discard_data()
        assert code == 0, f"recordd ended with {code}"


@pytest.fixture(scope="session")
def server():
    running = Server().start()
    yield running
    text = running.log_text()
    running.discard()
    assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]


@pytest.fixture
def make_server():
    made = []

    def make(**kwargs):
        running = Server(**kwargs).start()
        made.append(running)
        return running

    yield make
    for running in made:
        running.discard()


@pytest.fixture
def data_dir():
    """A directory that PostgreSQL's unprivileged user can pass through, which pytest's own are not for root."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="recordd-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def user(server):
    """A fresh account: (token, user)."""
    return server.register()


@pytest.fixture(scope="module")
def folder():
    """Of certificates; a server's other user can pass through it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="recordd-test-pki-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def authority(folder):
    return Authority(folder)


@pytest.fixture(scope="session")
def tiny_data():
    """For tests/perf, a data set of 1,200 records of three users, made once: (directory, what perf/dataset said)."""
    from perf_tool import run_tool
    path = pathlib.Path(tempfile.mkdtemp(prefix="recordd-test-"))
    path.chmod(0o711)
    try:
        yield path / "data", jsonlib.loads(run_tool("dataset", "--data", path / "data", "--scale", 0.001, "--each", 20, "--load", 30))
    finally:
        shutil.rmtree(path)
