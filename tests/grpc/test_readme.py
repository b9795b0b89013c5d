# SPDX-License-Identifier: MIT
"""The examples of README.md do what they show."""
import os
import re
import subprocess

import pytest

from stubs import CLIENTS, ROOT, rpc_server  # noqa: F401

PASSWORD = "correct horse battery"


def example(language, server):
    section = re.search(r"^### With gRPC\n(.*?)^## ", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)[1]
    text = re.search(rf"^```{language}\n(.*?)^```", section, re.DOTALL | re.MULTILINE)[1]
    assert text.count("\n") <= 12
    return (text.replace("/home/ann/records/tls/ca.pem", server.ca).replace("localhost:8443", f"localhost:{server.port}")
            .replace("ann@example.org", server.example_email))


@pytest.fixture(scope="module")
def collection(rpc_server):
    rpc_server.example_email = f"{os.urandom(6).hex()}@example.org"
    token, _ = rpc_server.register(rpc_server.example_email, PASSWORD)
    for name in ("Kind of Blue", "Bitches Brew"):
        record = {"artist": "Miles Davis", "name": name, "format": "LP", "pricePaid": 19.5}
        assert rpc_server.request("POST", "/api/records", token, json=record)[0] == 201
    return rpc_server


@pytest.mark.skipif(not (CLIENTS / "stamp").exists(), reason="tools/grpc-clients makes the clients")
def test_the_example_in_javascript(collection):
    done = subprocess.run(["node", "-e", example("js", collection)], capture_output=True, text=True, timeout=60, cwd=ROOT,
                          env={**os.environ, "NODE_PATH": str(CLIENTS / "node_modules")})
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.splitlines()) == {"Miles Davis Kind of Blue 19.5", "Miles Davis Bitches Brew 19.5"}


def test_the_example_in_python(collection, tmp_path):
    section = (ROOT / "README.md").read_text()
    command = re.search(r"`(protoc -I proto [^`]*)`", section)[1].replace("=.", f"={tmp_path}")
    subprocess.run(["sh", "-euc", command], cwd=ROOT, check=True)
    with subprocess.Popen(["/usr/bin/python3", "-u", "-c", example("python", collection)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}) as watch:
        try:
            lines = [watch.stdout.readline() for _ in range(2)]
        finally:
            watch.terminate()
        assert lines == ["1 Kind of Blue\n", "2 Bitches Brew\n"], watch.stderr.read()
