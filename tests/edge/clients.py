# SPDX-License-Identifier: MIT
"""Real clients for tests/edge, as tools/clients makes them."""
import os
import pathlib
import subprocess
import tempfile

import pytest

from relay import Relay

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CLIENTS = pathlib.Path(os.environ.get("RECORDD_CLIENTS", ROOT / "build" / "clients" / "bin"))
VERSIONS = {"--http1.1": "1.1", "--http2": "2", "--http3-only": "3"}


def needs(name):
    return pytest.mark.skipif(not (CLIENTS / name).exists(), reason=f"tools/clients makes {name}")


class Answer:
    """What curl got: status, version, headers with lower-case names, body."""

    def __init__(self, done, written, head, body):
        self.done = done
        self.version, self.status, self.connects = written[0], int(written[1]), int(written[2])
        self.headers = {}
        for line in head.decode("latin-1").splitlines():
            name, colon, value = line.partition(":")
            if line.startswith("HTTP/"):
                self.headers = {}
            elif colon:
                self.headers[name.lower()] = value.strip()
        self.body = body


def curl_command(server, version, path, *more, port=None):
    return [str(CLIENTS / "curl"), "-sS", version, "--cacert", server.ca, "--ipv4", "--max-time", "120", *more,
            f"https://localhost:{port or server.port}{path}"]


def curl(server, version, path, *more, port=None, token=None, data=None, fails=False):
    """One exchange by the command line tool, over just that version of HTTP."""
    with tempfile.TemporaryDirectory() as scratch:
        head, body = f"{scratch}/head", f"{scratch}/body"
        more = [*more, "-D", head, "-o", body, "-w", "%{http_version} %{http_code} %{num_connects}"]
        if token:
            more += ["-H", f"authorization: Bearer {token}"]
        if data is not None:
            more += ["--data-binary", "@-"]
        done = subprocess.run(curl_command(server, version, path, *more, port=port), input=data, capture_output=True, timeout=150)
        if fails:
            assert done.returncode != 0
            return done
        assert done.returncode == 0, (done.returncode, done.stderr, done.stdout)
        content = pathlib.Path(body)
        answer = Answer(done, done.stdout.decode().split(), pathlib.Path(head).read_bytes(),
                        content.read_bytes() if content.exists() else b"")
        assert answer.version == VERSIONS[version]
        return answer


@pytest.fixture
def make_relay(server):
    made = []

    def make(of=None, **kwargs):
        made.append(Relay((of or server).port, **kwargs))
        return made[-1]

    yield make
    for one in made:
        one.close()
