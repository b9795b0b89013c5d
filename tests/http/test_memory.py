# SPDX-License-Identifier: MIT
"""What many connections at once leave behind in the server's memory."""
import socket
import ssl

from waiting import eventually

MANY = 64


def test_memory_of_many_handshakes_goes_back_when_nobody_new_comes(make_server):
    server = make_server(settings={"log.level": "debug"})
    context = ssl._create_unverified_context()
    held = [context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 10)) for _ in range(MANY + 1)]
    assert eventually(lambda: "memory given back" in server.log_text(), 15)
    for each in held:
        each.close()
