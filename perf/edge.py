# SPDX-License-Identifier: MIT
"""HTTP/3 and HTTP/2 beside the nginx and Caddy of Debian sid: answers, a download, handshakes, connections that wait."""
from edge_servers import Caddy, Hello, Idle, Nginx3, h3load
from load import cost, h2load, interleaved
from programs import SERVER_CORE, Recordd, pin, ran, resident_kib

SIZES = {"1 KB": 1024, "12 KB": 12 * 1024}
DOWNLOAD = 100_000_000


def against(got, name="nginx"):
    """How many times as many requests recordd answers with the same CPU time."""
    return got[name]["cpu_us"] / got["recordd"]["cpu_us"]


def told(got):
    return "; ".join(f"{name} {figures['cpu_us']:.1f} µs CPU, {figures['rate']:.0f}/s" for name, figures in got.items())


# ── Answers ──

def load3(server, path, options, headers=()):
    def run():
        counted = h3load(server.port, path, "-c", 8, "-m", 16, "-d", options.seconds, headers=headers)
        return counted["requests"], counted["rate"]
    return lambda: cost(server.pid, run)


def load2(server, path, options, headers=()):
    return lambda: cost(server.pid, lambda: h2load(f"https://localhost:{server.port}{path}", options.seconds, headers, clients=8))


def answers(options, row, answer_of):
    """The same request, token and all, to each; and to nginx also one without the token, which it has no use for."""
    rows = []
    with Recordd() as server:
        token = server.account(options.records)
        headers = {"authorization": f"Bearer {token}"}
        chosen = {size: answer_of(server, token, wanted) for size, wanted in SIZES.items()}
        bodies = {size.replace(" ", ""): answer for size, (_, answer) in chosen.items()}
        with Nginx3(bodies, server) as nginx, Caddy(bodies, server) as caddy:
            for each in (server, nginx, caddy):
                pin(each.pid, SERVER_CORE)
            for protocol, load in (("HTTP/3", load3), ("HTTP/2", load2)):
                for size, (path, answer) in chosen.items():
                    file = f"/{size.replace(' ', '')}"
                    options.say(f"cached search, {len(answer)} bytes, {protocol}, beside nginx and Caddy of sid")
                    got = interleaved(options.rounds, options.say, recordd=load(server, path, options, headers),
                                      nginx=load(nginx, file, options, headers), bare=load(nginx, file, options),
                                      caddy=load(caddy, file, options, headers))
                    got["nginx without the token"] = got.pop("bare")
                    rows.append(row(f"cached search, {size}, {protocol}, the same request", against(got), "× nginx 1.30's requests per CPU", "≥ 1.0",
                                    against(got) >= 1.0, told(got), {"bytes": len(answer), **got}))
    return rows


# ── A download ──

def download(options, row):
    body = bytes(DOWNLOAD)
    with Recordd() as server, Hello(DOWNLOAD, server) as ours, Nginx3({"100MB": body}, server) as nginx:
        for each in (ours, nginx):
            pin(each.pid, SERVER_CORE)
        options.say("a download of 100 MB over HTTP/3")

        def one(each, path):
            def run():
                counted = h3load(each.port, path, "-n", 3)
                if counted["bytes"] != 3 * DOWNLOAD:
                    raise RuntimeError(f"{counted}")
                return counted["requests"], counted["bytes"] / counted["seconds"] / 1e6
            return lambda: cost(each.pid, run)

        got = interleaved(options.rounds, options.say, recordd=one(ours, Hello.path), nginx=one(nginx, "/100MB"))
    ratio = against(got)
    return [row("download of 100 MB, HTTP/3", ratio, "× nginx 1.30's bytes per CPU", "≥ 1.5", ratio >= 1.5,
                "; ".join(f"{name} {each['cpu_us'] / 1000:.0f} ms CPU, {each['rate']:.0f} MB/s" for name, each in got.items()), got)]


# ── Handshakes ──

def shake3(server, path, options):
    def run():
        counted = h3load(server.port, path, "-1", "-c", 8, "-d", options.seconds)
        return counted["requests"], counted["rate"]
    return lambda: cost(server.pid, run)


def shake2(server, path, options):
    def run():
        n = 200 * options.seconds
        out = ran("taskset", "-c", "1", "h2load", "-t1", f"-n{n}", f"-c{n}", "-r100", "--connection-active-timeout=10s",
                  f"https://localhost:{server.port}{path}", timeout=120)
        if f"{n} succeeded" not in out:
            raise RuntimeError(out)
        return n, 0.0
    return lambda: cost(server.pid, run)


def handshakes(options, row):
    rows = []
    with Recordd() as server, Nginx3({"1KB": b"x" * 1024}, server) as nginx:
        for each in (server, nginx):
            pin(each.pid, SERVER_CORE)
        for protocol, shake in (("QUIC", shake3), ("TCP", shake2)):
            options.say(f"handshakes, {protocol}")
            got = interleaved(options.rounds, options.say, recordd=shake(server, "/healthz", options), nginx=shake(nginx, "/1KB", options))
            spent = {name: each["cpu_us"] for name, each in got.items()}
            rows.append(row(f"handshake and one request, {protocol}", 1e6 / spent["recordd"], "a CPU second", "≥ 500" if protocol == "QUIC" else None,
                            spent["recordd"] <= 2000 if protocol == "QUIC" else None,
                            f"{spent['recordd']:.0f} µs CPU against nginx 1.30's {spent['nginx']:.0f} ({1e6 / spent['nginx']:.0f} a second)", got))
    return rows


# ── Connections that wait ──

def idle(options, row):
    each = {}
    with Recordd() as server, Nginx3({"1KB": b"x" * 1024}, server) as nginx:
        for name, served, path in (("recordd", server, "/healthz"), ("nginx", nginx, "/1KB")):
            options.say(f"idle QUIC connections, {name}")
            with Idle(served.port, path, 50):
                few = resident_kib(served.pid)
                with Idle(served.port, path, options.connections):
                    each[name] = (resident_kib(served.pid) - few) / options.connections
    return [row("idle QUIC connection", each["recordd"], "KB resident", "< 48", each["recordd"] < 48,
                f"{each['nginx']:.0f} KB in nginx 1.30", {**each, "connections": options.connections})]
