# SPDX-License-Identifier: MIT
"""A PostgreSQL of a test's own on a TCP port of loopback, a streaming replica of it, and a network that can be cut."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import psycopg2


def bin_dir():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    assert found, "PostgreSQL is not installed"
    return found[-1].parent


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Postgres:
    """`dsn` is for recordd, `sql` for looking at it from outside. PostgreSQL refuses root: it runs as `postgres` then."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="recordd-pg-")
        self.as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.as_user:
            shutil.chown(self.dir, "postgres", "postgres")
        self.data = os.path.join(self.dir, "data")
        self.port = free_port()
        self.process = None

    def _run(self, program, *words):
        done = subprocess.run([bin_dir() / program, *words], capture_output=True, text=True, cwd=self.dir, **self.as_user)
        assert done.returncode == 0, done.stderr

    def create(self):
        self._run("initdb", "-D", self.data, "-U", "recordd", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
        return self.start()

    def start(self):
        line = [bin_dir() / "postgres", "-D", self.data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                "-k", self.dir, "-c", "max_connections=100", "-c", "shared_buffers=64MB", "-c", "max_wal_senders=4"]
        with open(os.path.join(self.dir, "log"), "ab") as log:
            self.process = subprocess.Popen(line, stdout=log, stderr=log, cwd=self.dir, **self.as_user)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect("postgres").close()
                return self
            except psycopg2.OperationalError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log_text()
                time.sleep(0.05)

    def log_text(self):
        with open(os.path.join(self.dir, "log"), errors="replace") as log:
            return log.read()[-4000:]

    def dsn(self, port=None):
        return f"host=127.0.0.1 port={port or self.port} user=recordd dbname=postgres"

    def connect(self, database="postgres"):
        return psycopg2.connect(f"host={self.dir} port={self.port} user=recordd dbname={database}")

    def sql(self, text):
        connection = self.connect()
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def replica(self):
        """A hot standby that streams from this one."""
        made = Postgres()
        made._run("pg_basebackup", "-D", made.data, "-d", f"host={self.dir} port={self.port} user=recordd", "-R", "-c", "fast", "-X", "stream")
        return made.start()

    def stop(self, how=signal.SIGINT):
        if self.process:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def restart(self, how=signal.SIGINT):
        self.stop(how)
        return self.start()

    def discard(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.dir, ignore_errors=True)


class Relay:
    """Carries TCP connections to a port of loopback. cut() makes those whose beginning holds a word (all: b"") silent in
    both directions without closing them, as a broken network does; mend() closes those, and lets new ones through."""

    def __init__(self, to_port):
        self.to_port, self.word = to_port, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock, self.pairs = threading.Lock(), []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to_port))
            except OSError:
                return
            pair = {"sockets": (client, server), "begin": b"", "held": False}
            with self.lock:
                self.pairs.append(pair)
            threading.Thread(target=self._carry, args=(pair, client, server, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(pair, server, client, False), daemon=True).start()

    def _cut(self, pair):
        return pair["held"] or (self.word is not None and self.word in pair["begin"])

    def _carry(self, pair, source, to, from_client):
        try:
            while data := source.recv(65536):
                if from_client and len(pair["begin"]) < 4096:
                    pair["begin"] += data
                with self.lock:
                    pair["held"] = self._cut(pair)
                if pair["held"]:
                    continue  # lost: what follows would make no sense any more
                to.sendall(data)
        except OSError:
            pass
        if not pair["held"]:
            for one in pair["sockets"]:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def cut(self, word=b""):
        with self.lock:
            self.word = word
            for pair in self.pairs:
                pair["held"] = self._cut(pair)

    def mend(self):
        with self.lock:
            self.word = None
            held = [pair for pair in self.pairs if pair["held"]]
            self.pairs = [pair for pair in self.pairs if not pair["held"]]
        for pair in held:
            for one in pair["sockets"]:
                one.close()

    def close(self):
        self.listener.close()
        with self.lock:
            for pair in self.pairs:
                for one in pair["sockets"]:
                    one.close()
