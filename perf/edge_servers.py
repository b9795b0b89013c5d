# SPDX-License-Identifier: MIT
"""What HTTP/3 is measured with and against: the load generator, the nginx and Caddy of Debian sid, recordd's transports alone."""
import functools
import json
import os
import select
import shutil
import socket
import subprocess
import time

from programs import BOUND_SECONDS, ROOT, Nginx, free_port, ran, temporary_directory
from load import on_client_core

OUT = ROOT / "build" / "perf"
PEERS = OUT / "peers"


# ── The load generator ──

@functools.cache
def h3load_program():
    """perf/h3load.c, built with the libraries of tests/edge's clients."""
    source, program, root = ROOT / "perf" / "h3load.c", OUT / "h3load", ROOT / "build" / "clients" / "root" / "usr"
    ran(str(ROOT / "tools" / "clients"), timeout=600)
    newest = max(path.stat().st_mtime for path in (source, source.with_name("load_plan.h")))
    if not program.exists() or program.stat().st_mtime < newest:
        OUT.mkdir(parents=True, exist_ok=True)
        archives = [str(next(root.glob(f"lib/**/{name}.a"))) for name in ("libngtcp2_crypto_gnutls", "libngtcp2", "libnghttp3")]
        ran("cc", "-std=gnu17", "-O2", "-Wall", "-Wextra", f"-I{root}/include", str(source), "-o", str(program), *archives, "-lgnutls")
    return str(program)


def h3load_line(port, path, *options, headers=()):
    fields = [part for name, value in dict(headers).items() for part in ("-H", f"{name}: {value}")]
    return on_client_core(h3load_program(), *options, *fields, "localhost", port, path)


def h3load(port, path, *options, headers=()):
    """What it counted, as a dict; every answer was 200 and whole."""
    return json.loads(ran(*h3load_line(port, path, *options, headers=headers), stdin=""))


class Idle:
    """Connections over QUIC that asked once, were answered, and are held."""

    def __init__(self, port, path, connections):
        self.line = h3load_line(port, path, "-i", "-c", connections)

    def __enter__(self):
        self.process = subprocess.Popen(self.line, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ready, _, _ = select.select([self.process.stdout], [], [], 50)
        if not ready or self.process.stdout.readline() != b"idle\n":
            self.process.kill()
            raise RuntimeError("not every connection was answered")
        time.sleep(5)  # recordd gives memory back when nobody new has come for 2 to 4 seconds
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=30)


# ── The others ──

@functools.cache
def peers():
    ran(str(ROOT / "perf" / "peers"), timeout=600)
    return PEERS


class Nginx3(Nginx):
    """Debian sid's, with HTTP/3 on the same port."""

    listen = "listen 127.0.0.1:{port} ssl; http2 on; listen 127.0.0.1:{port} quic; quic_gso on;"
    program = staticmethod(lambda: peers() / "nginx")

    @property
    def pid(self):
        return self.worker


CADDYFILE = """
{{
  admin off
  auto_https off
  log {{
    output discard
  }}
}}
https://localhost:{port} {{
  bind 127.0.0.1
  tls {cert} {key}
  root * {dir}/www
  header content-type application/json
  file_server
}}
"""


class Caddy:
    """Debian sid's, on one core, serving the same files with the same certificate."""

    def __init__(self, bodies, recordd):
        self.dir = temporary_directory()
        self.port = free_port()
        (self.dir / "www").mkdir()
        for name, content in bodies.items():
            (self.dir / "www" / name).write_bytes(content)
        tls = recordd.data / "tls"
        (self.dir / "Caddyfile").write_text(CADDYFILE.format(dir=self.dir, port=self.port, cert=tls / "server.pem", key=tls / "server-key.pem"))

    def __enter__(self):
        env = {**os.environ, "GOMAXPROCS": "1", "HOME": str(self.dir), "XDG_DATA_HOME": str(self.dir), "XDG_CONFIG_HOME": str(self.dir)}
        with open(self.dir / "log", "wb") as log:
            self.process = subprocess.Popen([peers() / "caddy", "run", "--config", self.dir / "Caddyfile", "--adapter", "caddyfile"],
                                            env=env, stdout=log, stderr=log)
        self.pid = self.process.pid
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        said = (self.dir / "log").read_text()[-2000:]
        self.__exit__()
        raise RuntimeError(f"Caddy did not start:\n{said}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.dir)

    def url(self, name):
        return f"https://localhost:{self.port}/{name}"


class Hello:
    """recordd's transports without the application (tests/programs/http_hello.c), answering `size` bytes at /api/hello."""

    path = "/api/hello"

    def __init__(self, size, recordd):
        tls = recordd.data / "tls"
        self.line = [self.program(), str(tls / "server.pem"), str(tls / "server-key.pem"), "0", str(size)]

    @staticmethod
    @functools.cache
    def program():
        build = OUT / "release"
        ran("cmake", "--preset", "release", "-S", str(ROOT), "-B", str(build), "-DRECORDD_TESTS=ON")
        ran("cmake", "--build", str(build), "--target", "http_hello", timeout=3 * BOUND_SECONDS)
        return str(build / "tests" / "http_hello")

    def __enter__(self):
        self.process = subprocess.Popen(self.line, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.port = int(self.process.stdout.readline().split()[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
