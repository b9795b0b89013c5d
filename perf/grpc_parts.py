# SPDX-License-Identifier: MIT
"""gRPC: a cached search beside the same over REST and beside grpc-js answering a constant; a stream of a whole search."""
import collections
import contextlib
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import urllib.parse

from load import cost, h2load, header_options, interleaved, on_client_core
from programs import ROOT, SERVER_CORE, Recordd, found, free_port, pin, ran

NODE_MODULES = ROOT / "build" / "clients" / "node" / "node_modules"
LIMIT = 25  # records in an answer
STREAM_WINDOW_BITS, CONNECTION_WINDOW_BITS = 22, 24


def varint(value):
    out = b""
    while value > 0x7f:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def framed(message):
    """As gRPC sends it: a flag, the length, the message."""
    return struct.pack(">BI", 0, len(message)) + message


def search_request(query, limit=0):
    """records.SearchRecordsRequest."""
    text = query.encode()
    return b"\x12" + varint(len(text)) + text + (b"\x18" + varint(limit) if limit else b"")


def rpc_headers(token):
    return {"authorization": f"Bearer {token}", "content-type": "application/grpc", "te": "trailers"}


def common_artist(server):
    return collections.Counter(record["artist"] for record in server.collection()).most_common(1)[0][0]


def called(server, method, request, token):
    """The messages that `recordd call` gets, so that what is measured is known to be an answer."""
    lines = server.run("call", method, json.dumps(request), "--address", f"localhost:{server.port}", "--token", token)
    return [json.loads(line) for line in lines.splitlines()]


@contextlib.contextmanager
def peer(line, server, size, **environment):
    """A server that answers `size` bytes to everything, with recordd's certificate: (process, port)."""
    port = free_port()
    process = subprocess.Popen([*line, str(port), str(size), str(server.data / "tls")], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, **environment})
    try:
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{line[0]} did not start")
        pin(process.pid, SERVER_CORE)
        yield process, port
    finally:
        process.kill()
        process.wait()


def grpcpp_program(directory):
    """grpc++'s server, compiled if Debian's libgrpc++-dev is there; else None."""
    if not found("g++") or subprocess.run(["pkg-config", "--exists", "grpc++"]).returncode:
        return None
    program = pathlib.Path(directory) / "grpcpp"
    flags = ran("pkg-config", "--cflags", "--libs", "grpc++").split()
    ran("g++", "-std=c++17", "-O2", "-o", program, ROOT / "perf" / "grpcpp_server.cc", *flags)
    return program


def peers(server, size, directory):
    """{name: what starts it}, of those that can be had here."""
    all_of_them = {}
    if NODE_MODULES.exists() and found("node"):
        line = ["node", str(ROOT / "perf" / "grpc_js_server.js")]
        all_of_them["grpc-js"] = peer(line, server, size, NODE_PATH=str(NODE_MODULES))
    if program := grpcpp_program(directory):
        all_of_them["grpc++"] = peer([str(program)], server, size)
    return all_of_them


def unary(options, row):
    with Recordd() as server, contextlib.ExitStack() as stack:
        token = server.account(options.records)
        artist = common_artist(server)
        path = f"/api/records/search?{urllib.parse.urlencode({'q': artist, 'limit': LIMIT})}"
        rest = json.loads(server.request("GET", path, token))
        answer = called(server, "records.RecordsService/SearchRecords", {"query": artist, "limit": LIMIT}, token)[0]
        assert [record["id"] for record in answer["records"]] == [record["id"] for record in rest]
        pin(server.pid, SERVER_CORE)
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="recordd-perf-"))
        body = pathlib.Path(directory) / "request"
        body.write_bytes(framed(search_request(artist, LIMIT)))
        rpc, rpc_path = rpc_headers(token), "/records.RecordsService/SearchRecords"
        takes = {"recordd": lambda: cost(server.pid, lambda: h2load(server.url(rpc_path), options.seconds, rpc, data=body)),
                 "rest": lambda: cost(server.pid, lambda: h2load(server.url(path), options.seconds, {"authorization": f"Bearer {token}"}))}
        for name, starting in peers(server, message_size(server, rpc_path, body, rpc), directory).items():
            process, port = stack.enter_context(starting)
            takes[name] = lambda pid=process.pid, url=f"https://localhost:{port}{rpc_path}": cost(
                pid, lambda: h2load(url, options.seconds, rpc, data=body))
        options.say(f"cached search of {len(rest)} records over gRPC, {', '.join(takes)}")
        got = interleaved(options.rounds, options.say, **takes)
    return [ratio_row(row, got, name, what, target) for name, what, target in
            (("rest", "the same over REST", 0.9), ("grpc-js", "grpc-js, a constant", 10), ("grpc++", "grpc++, a constant", 1)) if name in got]


def ratio_row(row, got, other, what, target):
    ratio = got["recordd"]["rate"] / got[other]["rate"]
    samples = [ours["rate"] / theirs["rate"] for ours, theirs in zip(got["recordd"]["samples"], got[other]["samples"])]
    return row(f"cached search over gRPC, {LIMIT} records, beside {other}", ratio, f"× {what}", f"≥ {target}", ratio >= target,
               f"{got['recordd']['rate']:.0f}/s against {got[other]['rate']:.0f}/s; {got['recordd']['cpu_us']:.1f} µs CPU against "
               f"{got[other]['cpu_us']:.1f}", got, samples=samples)


def one_stream(url, body, headers):
    """(bytes of data, seconds) of one answer, however long."""
    out = ran(*on_client_core(found("h2load"), "-n1", "-c1", "-m1", f"-w{STREAM_WINDOW_BITS}", f"-W{CONNECTION_WINDOW_BITS}", "-d", body,
                              *header_options(headers), url), timeout=300)
    if " 1 succeeded, 0 failed" not in out:
        raise RuntimeError(out)
    amount, unit, seconds, seconds_unit = (re.search(r"\((\d+)\) data", out)[1], 1, *re.search(r"finished in ([\d.]+)(ms|s|us),", out).groups())
    return int(amount) * unit, float(seconds) * {"s": 1, "ms": 1e-3, "us": 1e-6}[seconds_unit]


def message_size(server, path, body, headers):
    return one_stream(server.url(path), body, headers)[0] - len(framed(b""))


def peak_growth_kib(pid, work):
    """How much more memory than before it the process ever had during the work."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak():
        return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])

    before = peak()
    result = work()
    return result, peak() - before


def stream(options, row):
    rows = []
    with Recordd() as server, tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory:
        token = server.account(options.import_records)
        headers, url, bodies = rpc_headers(token), server.url("/records.RecordsService/StreamRecords"), {}
        words = collections.Counter(word for record in server.collection() for word in set(re.findall(r"[a-z]{3,}", record["name"].lower())))
        for name, query in (("a search", words.most_common(1)[0][0]), ("a collection", "")):
            bodies[name] = pathlib.Path(directory) / name.replace(" ", "-")
            bodies[name].write_bytes(framed(search_request(query)))
            n = len(called(server, "records.RecordsService/StreamRecords", {"query": query}, token))
            options.say(f"StreamRecords of {name}: {n} records")
            rates, growths = [], []
            for turn in range(options.rounds):
                (size, seconds), growth = peak_growth_kib(server.pid, lambda: one_stream(url, bodies[name], headers))
                rates.append(n / seconds)
                growths.append(growth)
                options.say(f"  round {turn + 1} of {options.rounds}: {rates[-1]:.0f} records/s, {size / seconds / 1e6:.0f} MB/s, {growth} KiB more memory")
            rate, growth = sorted(rates)[len(rates) // 2], max(growths)
            rows.append(row(f"StreamRecords of {name}, {n} records", rate, "records/s", "≥ 300000", rate >= 300000, f"{size // max(n, 1)} bytes each",
                            samples=rates))
            rows.append(row(f"memory of it, {name}", growth / 1024, "MB more than before", "≤ 2", growth <= 2048, samples=[each / 1024 for each in growths]))
    return rows


PARTS = {"grpc": unary, "grpc-stream": stream}
