# SPDX-License-Identifier: MIT
"""Events over HTTP/1.1, HTTP/2 and HTTP/3, followed by curl."""
import json
import queue
import subprocess
import threading

import pytest

from clients import VERSIONS, curl, curl_command, needs
from event_stream import Parser
from waiting import eventually

pytestmark = needs("curl")
versions = pytest.mark.parametrize("version", list(VERSIONS))


class Curl:
    def __init__(self, server, version, token, *more):
        command = curl_command(server, version, "/api/events", "-N", "-H", f"authorization: Bearer {token}", *more)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        self.arrived, self.parser = queue.Queue(), Parser()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            event = self.parser.line(line.decode().rstrip("\n"))
            if event:
                self.arrived.put(event)

    def next(self):
        return self.arrived.get(timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)


def add(server, token):
    assert server.request("POST", "/api/records", token, json={"artist": "Can", "name": "Landed", "format": "LP"})[0] == 201


def open_streams(server):
    text = server.request("GET", "/metrics")[2].decode()
    return next(int(line.split()[-1]) for line in text.splitlines() if line.startswith("recordd_event_streams "))


@versions
def test_events_come_as_they_happen_and_go_on_where_they_ended(server, version):
    token, _ = server.register()
    with Curl(server, version, token) as stream:
        assert stream.next().data == {"version": 0}
        for n in (1, 2, 3):
            add(server, token)
            event = stream.next()
            assert event.data == {"version": n}
        assert open_streams(server) >= 1
    if version != "--http3-only":  # a program that is killed says nothing over UDP
        assert eventually(lambda: open_streams(server) == 0), "who hangs up is not followed any more"
    add(server, token)
    with Curl(server, version, token, "-H", f"last-event-id: {event.id}") as stream:
        assert stream.next().data == {"version": 4}


@versions
def test_a_stream_ends_whole_when_its_session_ends(server, version):
    token, _ = server.register()
    with Curl(server, version, token) as stream:
        assert stream.next()
        assert server.request("POST", "/api/auth/logout", token)[0] == 204
        assert stream.process.wait(10) == 0


@versions
def test_a_large_export_comes_whole_as_json(server, version):
    token, user = server.register()
    assert server.run("sample", "--user", user["email"], "--n", "3000", "--seed", "3").returncode == 0
    answer = curl(server, version, "/api/records/export.json", token=token)
    assert answer.status == 200 and len({record["id"] for record in json.loads(answer.body)}) == 3000
