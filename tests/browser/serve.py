# SPDX-License-Identifier: MIT
"""A recordd on its own PostgreSQL for the browser tests, led by lines on standard input; ends with it.

usage: serve.py [SETTING=VALUE…]

Prints one line of JSON when it is ready, and one after each command: restart, kill, stop, start, pause-database,
resume-database, sql STATEMENT, log.
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from conftest import Server  # noqa: E402


def key_hash(port):
    """The SHA-256 of the certificate's SubjectPublicKeyInfo, as Chromium wants it to trust a key for QUIC."""
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    spki = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem.encode(), capture_output=True, check=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=spki, capture_output=True, check=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def facts(server):
    link = re.search(r"#setup=([0-9a-f]+)", server.printed)
    return {"port": server.port, "key": key_hash(server.port), "setup": link and link[1], "data": server.data}


def database_processes(server):
    """The cluster's first process and its children."""
    first = int(pathlib.Path(server.data, "pg", "data", "postmaster.pid").read_text().split()[0])
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True).stdout.split()
    return [first, *map(int, children)]


def signal_database(server, number):
    for pid in database_processes(server):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def start(server):
    server.settings["server.https_port"] = str(server.port)
    server.start()


def obey(server, words):
    command, _, rest = words.partition(" ")
    if command == "restart":
        server.stop()
        start(server)
    elif command == "kill":
        server.kill()
    elif command == "stop":
        server.stop()
    elif command == "start":
        start(server)
    elif command == "pause-database":
        signal_database(server, signal.SIGSTOP)
    elif command == "resume-database":
        signal_database(server, signal.SIGCONT)
    elif command == "sql":
        return [[None if value is None else str(value) for value in row] for row in server.sql(rest)]
    elif command == "log":
        return server.log_text()
    else:
        raise ValueError(f"no such command: {command}")
    return facts(server) if command in ("restart", "start") else None


def main():
    settings = dict(word.split("=", 1) for word in sys.argv[1:])
    # Chromium takes localhost for ::1 first, and does not try another address for QUIC.
    server = Server(settings={"server.listen": "127.0.0.1,::1", **settings}).start()
    try:
        print(json.dumps(facts(server)), flush=True)
        for line in sys.stdin:
            try:
                said = {"done": obey(server, line.rstrip("\n"))}
            except Exception as fault:  # it is told to whoever asked
                said = {"fault": f"{type(fault).__name__}: {fault}"}
            print(json.dumps(said), flush=True)
    finally:
        text = server.log_text()
        if os.path.exists(os.path.join(server.data, "pg", "data", "postmaster.pid")):
            signal_database(server, signal.SIGCONT)
        server.discard()
    if "runtime error:" in text or "AddressSanitizer" in text:
        sys.exit(text[-8000:])


if __name__ == "__main__":
    main()
