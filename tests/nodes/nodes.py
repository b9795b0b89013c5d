# SPDX-License-Identifier: MIT
"""Several servers on one PostgreSQL of the tests' own, and a user who talks to several of them."""
import http.client
import json
import urllib.parse

import pytest
from conftest import Server
from postgres import Postgres


@pytest.fixture(scope="module")
def postgres():
    running = Postgres().create()
    yield running
    running.discard()


@pytest.fixture
def make_node(postgres):
    """A server; one that the test has killed is only cleaned up."""
    made = []

    def make(dsn=None, settings=None):
        node = Server(settings={"database.url": dsn or postgres.dsn(), **(settings or {})})
        made.append(node)
        return node.start()

    yield make
    codes = []
    for node in made:
        if node.process:
            codes.append(0 if node.process.poll() is not None else node.stop())
        text = node.log_text()
        node.discard_data()
        assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]
    assert codes == [0] * len(codes)


class User:
    def __init__(self, nodes):
        self.nodes = nodes
        self.token, self.me = nodes[0].register()
        self.connections = [None] * len(nodes)

    def ask(self, node, method, path, body=None, headers=None):
        """(status, headers, body); status 0 when there was no answer, whatever became of the request."""
        headers = {"authorization": f"Bearer {self.token}", **(headers or {})}
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        if body is not None:
            headers.setdefault("content-type", "application/json")
        fresh = self.connections[node] is None
        try:
            if fresh:
                self.connections[node] = self.nodes[node].connect()
            self.connections[node].request(method, path, body=data, headers=headers)
            response = self.connections[node].getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.connections[node].close()
            self.connections[node] = None
            return 0, {}, None
        got = {name.lower(): value for name, value in response.getheaders()}
        return response.status, got, json.loads(text) if "json" in got.get("content-type", "") and text else text

    def create(self, node, artist, name="Blue", **more):
        status, _, body = self.ask(node, "POST", "/api/records", {"artist": artist, "name": name, "format": "LP", **more})
        assert status == 201, (status, body)
        return body

    def search(self, node, q, limit=200):
        """Ids found, or None when there was no answer."""
        status, _, body = self.ask(node, "GET", f"/api/records/search?limit={limit}&q={urllib.parse.quote(q)}")
        return {record["id"] for record in body} if status == 200 else None

    def close(self):
        for connection in self.connections:
            if connection:
                connection.close()


def metric(node, name):
    text = node.request("GET", "/metrics")[2].decode()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))
