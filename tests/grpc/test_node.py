# SPDX-License-Identifier: MIT
"""@grpc/grpc-js with messages that it loads while it runs, as the old stack's clients do."""
import json
import os
import subprocess

import pytest
from nodes import make_node, metric, postgres  # noqa: F401

from stubs import CLIENTS, PROTO, ROOT, clear_address, rpc_server  # noqa: F401

pytestmark = pytest.mark.skipif(not (CLIENTS / "stamp").exists(), reason="tools/grpc-clients makes the clients")


def start(scenario, address, ca=None, token=None, options=None):
    given = {"address": address, "ca": ca, "token": token, "proto": str(PROTO), "options": options or {}}
    return subprocess.Popen(["node", str(ROOT / "tests" / "grpc" / "grpc_js.js"), scenario, json.dumps(given)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "NODE_PATH": str(CLIENTS / "node_modules")})


def finish(running, stdin=None):
    try:
        out, err = running.communicate(stdin, timeout=120)
    except subprocess.TimeoutExpired:
        running.kill()
        raise
    assert running.returncode == 0, err + out


@pytest.mark.parametrize("listener", ["tls", "clear"])
@pytest.mark.parametrize("scenario", ["accounts", "records", "errors", "streams", "watch", "hundred"])
def test_scenario(rpc_server, scenario, listener):
    token = rpc_server.register()[0]
    if listener == "tls":
        finish(start(scenario, f"localhost:{rpc_server.port}", ca=rpc_server.ca, token=token))
    else:
        finish(start(scenario, clear_address(rpc_server), token=token))


def calls_of(node, method):
    text = node.request("GET", "/metrics")[2].decode()
    rows = [line for line in text.splitlines() if line.startswith("grpc_server_started_total{") and f'grpc_method="{method}"' in line]
    return sum(float(line.split()[-1]) for line in rows)


def test_a_client_shares_its_calls_among_two_nodes(make_node):
    nodes = [make_node(settings={"grpc.listen": "127.0.0.1:0"}) for _ in range(2)]
    token = nodes[0].register()[0]
    config = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
    address = "ipv4:" + ",".join(clear_address(node) for node in nodes)
    finish(start("balance", address, token=token, options={"grpc.service_config": config}))
    counts = [calls_of(node, "SearchRecords") for node in nodes]
    assert sum(counts) == 40 and min(counts) >= 10, counts


def test_a_client_comes_back_after_a_restart(make_server):
    server = make_server(settings={"grpc.listen": "127.0.0.1:0"})
    address = clear_address(server)
    running = start("reconnect", address, token=server.register()[0])
    assert running.stdout.readline() == "ready\n"
    assert server.stop() == 0
    server.settings["grpc.listen"] = address
    server.start()
    finish(running, "go on\n")
