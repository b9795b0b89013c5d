# SPDX-License-Identifier: MIT
"""What many connections at once leave behind in the server's memory."""
import pathlib
import re
import resource
import socket
import ssl

import pytest

from conftest import BIN, ROOT
from waiting import eventually

MANY = 1000


@pytest.fixture
def plain_build(monkeypatch):
    """Servers by a build with the C library's allocator: AddressSanitizer's keeps what is freed."""
    for path in (pathlib.Path(BIN), ROOT / "build" / "release" / "recordd"):
        if path.exists() and b"__asan_init" not in path.read_bytes():
            monkeypatch.setattr("conftest.BIN", str(path))
            return
    pytest.skip("tools/build makes a build without AddressSanitizer")


@pytest.fixture
def many_files():
    """Room for both ends' sockets; the server inherits it."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192) if most > 0 else 8192, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def resident_kb(server):
    with open(f"/proc/{server.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])


def used_connection(server, context):
    tls = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 30))
    tls.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert tls.recv(4096).startswith(b"HTTP/1.1 200 ")
    return tls


def test_memory_of_a_thousand_connections_goes_back_when_they_are_gone(plain_build, many_files, make_server):
    server = make_server(settings={"log.level": "debug"})
    context = ssl._create_unverified_context()
    for _ in range(3):
        used_connection(server, context).close()
    before = resident_kb(server)
    held = [used_connection(server, context) for _ in range(MANY)]
    most = resident_kb(server)
    assert most - before > 5 * MANY, "nothing to give back"
    # First it is tidied with all of them there, and once more when they have gone.
    assert eventually(lambda: "memory given back" in server.log_text(), 30)
    for each in held:
        each.close()
    assert eventually(lambda: resident_kb(server) - before < (most - before) / 4, 30), (before, most, resident_kb(server))
    took = [int(us) for us in re.findall(r'memory given back.*?"us":(\d+)', server.log_text())]
    print(f"{before} KB, {most} KB with {MANY} connections, {resident_kb(server)} KB after; given back in {took} us")
