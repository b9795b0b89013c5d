# SPDX-License-Identifier: MIT
"""The programs that are measured: recordd in a temporary data directory, nginx with one worker, and what a process costs."""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORDD = os.environ.get("RECORDD_BIN", str(ROOT / "build" / "release" / "recordd"))
SERVER_CORE, CLIENT_CORE = "0", "1"
EMAIL, PASSWORD = "perf@example.org", "a good long password"
TICKS = os.sysconf("SC_CLK_TCK")
BOUND_SECONDS, SQL_SECONDS = 300, 3600


def found(program):
    """Its path; Debian keeps some where an ordinary user does not look."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")


def ran(*line, stdin=None, timeout=BOUND_SECONDS):
    """Standard output of a command that must succeed."""
    done = subprocess.run(line, input=stdin, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, line))[:300]}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def temporary_directory():
    """One that other users, PostgreSQL's and nginx's, can pass through."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="recordd-perf-"))
    path.chmod(0o711)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# ── What a process costs ──

def cpu_seconds(pid):
    """User and system time of all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def pin(pid, core):
    ran("taskset", "-a", "-p", "-c", core, str(pid))


# ── recordd ──

class Recordd:
    """One server on its own cluster, or on another's by `database.url`; ended and removed by discard()."""

    def __init__(self, settings=None, data=None):
        self.own_data = data is None
        self.data = pathlib.Path(data) if data else temporary_directory()
        self.port = free_port()
        self.settings = {
            "server.listen": "127.0.0.1", "server.https_port": self.port,
            "server.max_connections": 8192, "server.max_connections_per_address": 8192,
            "ratelimit.requests_per_minute": 0, "ratelimit.logins_per_minute": 0,
            "auth.access_ttl": "1d", "log.level": "warn", **(settings or {}),
        }

    def line(self):
        return [RECORDD, "serve", "--data", str(self.data), *(part for name, value in self.settings.items() for part in ("--set", f"{name}={value}"))]

    def start(self):
        """Sets listening_ms and ready_ms, from the start of the process."""
        with open(self.data / "perf.log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(self.line(), stdout=subprocess.PIPE, stderr=log)
        self.pid = self.process.pid
        try:
            self.listening_ms = self._until_listening(began)
            while b"recordd ready" not in (row := self.process.stdout.readline()):
                if not row:
                    raise RuntimeError(f"recordd did not start:\n{(self.data / 'perf.log').read_text()[-2000:]}")
        except BaseException:
            self.process.kill()
            raise
        self.ready_ms = (time.monotonic() - began) * 1000
        return self

    def _until_listening(self, began):
        while time.monotonic() - began < 60 and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return (time.monotonic() - began) * 1000
            time.sleep(0.001)
        raise RuntimeError(f"recordd does not listen:\n{(self.data / 'perf.log').read_text()[-2000:]}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.stdout.close()

    def discard(self):
        self.stop()
        if self.own_data:
            shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.discard()

    def run(self, *words, stdin=None):
        return ran(RECORDD, *words, "--data", str(self.data), stdin=stdin)

    def url(self, path):
        return f"https://localhost:{self.port}{path}"

    def context(self, alpn=None):
        context = ssl.create_default_context(cafile=self.data / "tls" / "ca.pem")
        if alpn:
            context.set_alpn_protocols(alpn)
        return context

    def connect(self):
        return http.client.HTTPSConnection("localhost", self.port, context=self.context(), timeout=60)

    def request(self, method, path, token=None, body=None):
        connection = self.connect()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            body, headers["content-type"] = json.dumps(body), "application/json"
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:500]!r}")
        return content

    def account(self, records=0, email=EMAIL):
        """An account with a made-up collection; its access token."""
        self.run("user", "add", email, "--password-stdin", stdin=PASSWORD)
        if records:
            self.run("sample", "--user", email, "--n", str(records), "--seed", "1")
        return json.loads(self.request("POST", "/api/auth/login", body={"email": email, "password": PASSWORD}))["token"]

    def collection(self, email=EMAIL):
        return json.loads(self.run("export", "--user", email, "--format", "json", "-"))

    def metric(self, name):
        """A metric by its name with its labels, as /metrics spells it; 0 when it is not there yet."""
        found_row = re.search(rf"^{re.escape(name)} (\S+)$", self.request("GET", "/metrics").decode(), re.MULTILINE)
        return float(found_row[1]) if found_row else 0.0

    # The private cluster, past recordd.

    def socket_dir(self):
        return json.loads(self.run("config", "print", "--json"))["database"]["socket_dir"]

    def psql_line(self, role="postgres"):
        return [found("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.socket_dir(), "-U", role, "-d", "recordd"]

    def sql(self, text, role="postgres"):
        """What psql prints. However long it takes, within reason: indexes of a million records are made here."""
        return ran(*self.psql_line(role), stdin=f"SET statement_timeout = 0;\n{text}", timeout=SQL_SECONDS).strip()

    def database_setting(self, name, value):
        """In force in every session when it returns; None: as it was."""
        change = f"SET {name} = '{value}'" if value is not None else f"RESET {name}"
        self.sql(f"ALTER SYSTEM {change};\nSELECT pg_reload_conf();")
        time.sleep(0.3)


# ── nginx ──

NGINX_CONF = """
{user} worker_processes 1; daemon off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100; open_file_cache_valid 60s;
  types {{ }} default_type application/json;
  client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  server {{
    {listen} http2_max_concurrent_streams 128;
    ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers HIGH;
    root {dir}/www;
  }}
}}
"""


class Nginx:
    """One worker that serves files of given bytes with recordd's certificate; log files off, open files kept."""

    listen = "listen 127.0.0.1:{port} ssl http2;"
    program = staticmethod(lambda: found("nginx"))

    def __init__(self, bodies, recordd):
        self.dir = temporary_directory()
        self.dir.chmod(0o755)
        (self.dir / "www").mkdir()
        for name, content in bodies.items():
            (self.dir / "www" / name).write_bytes(content)
        self.port = free_port()
        tls = recordd.data / "tls"
        (self.dir / "nginx.conf").write_text(NGINX_CONF.format(
            dir=self.dir, listen=self.listen.format(port=self.port), cert=tls / "server.pem", key=tls / "server-key.pem", user="user www-data;" if os.getuid() == 0 else ""))

    def __enter__(self):
        self.process = subprocess.Popen([self.program(), "-c", self.dir / "nginx.conf", "-e", self.dir / "error.log"], stderr=subprocess.DEVNULL)
        try:
            self.worker = self._await_worker()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.dir)

    def _await_worker(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for _ in range(500):
            if self.process.poll() is not None:
                break
            pids = children.read_text().split()
            with socket.socket() as probe:
                if pids and probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return int(pids[0])
            time.sleep(0.01)
        raise RuntimeError(f"nginx did not start:\n{(self.dir / 'error.log').read_text()[-2000:]}")

    def url(self, name):
        return f"https://localhost:{self.port}/{name}"
