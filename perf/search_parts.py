# SPDX-License-Identifier: MIT
"""Searching a collection of 110,000 among 1.2 million records: uncached and cached, facets, completions, writes beside it."""
import contextlib
import http.client
import itertools
import json
import pathlib
import random
import re
import statistics
import tempfile
import threading
import time

import queries
from bench_data import BIG, BenchData, user_id
from classic import Classic, Unavailable, percentile, run_pgbench
from load import interleaved
from openload import PROTOCOLS, load, search_path, write_paths, zipf_order
from programs import TICKS, resident_kib

CLIENTS = (1, 4, 16, 64)
MOST_FROM_MEMORY = 0.01  # of the uncached ones
SHARE_OF_MOST = 0.6  # times are told at this share of what goes through at most
BUSY_RATE = 4000
NO_CACHE = {"cache.size": "1MB", "cache.max_entry": "1KB"}  # answers of 50 records are larger than an entry may be
PROTOCOL_NAMES = {"h1": "HTTP/1.1", "h2": "HTTP/2", "h3": "HTTP/3"}
PASSWORD = "a good long password"


# ── The data set and what a process costs ──

@contextlib.contextmanager
def big_server(options, settings=None):
    """recordd on the data set, and the headers of the one who owns most of it."""
    data = BenchData(options.data, 1, options.scale)
    if not data.manifest() or not (data.path / "queries" / "load.tsv").exists():
        raise RuntimeError(f"{data.path} does not hold the data set: perf/dataset --data {data.path} --scale {options.scale}")
    with data.server(settings) as server:
        server.sql("SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public")
        token = json.loads(server.request("POST", "/api/auth/login", body={"email": BIG, "password": PASSWORD}))["token"]
        server.request("GET", search_path("a"), token)  # whatever is made at a user's first search
        yield server, {"authorization": f"Bearer {token}"}


def load_queries(options):
    return [each["query"] for each in queries.read(pathlib.Path(options.data) / "queries" / "load.tsv")]


def cpu_of_tree(pid):
    """CPU seconds of recordd's own, and of PostgreSQL's with those of its processes that have ended."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1]), sum(map(int, fields[11:13])), sum(map(int, fields[11:15]))
    below = {pid}
    while more := {child for child, (parent, _, _) in parents.items() if parent in below} - below:
        below |= more
    own = parents[pid][1] / TICKS
    return own, sum(spent for child, (_, _, spent) in parents.items() if child in below and child != pid) / TICKS


def database_ms(server):
    """What statements took in PostgreSQL in all; None: it does not count them."""
    try:
        return float(server.sql("SELECT coalesce(sum(total_exec_time), 0) FROM public.pg_stat_statements"))
    except RuntimeError:
        return None


def measured(server, run):
    """`run()` gives what a load generator counted; with CPU of both and database time for each request."""
    own, theirs = cpu_of_tree(server.pid)
    spent = database_ms(server)
    counted = run()
    own_after, theirs_after = cpu_of_tree(server.pid)
    spent_after, n = database_ms(server), max(1, counted["requests"])
    figures = {"rate": counted["rate"], "cpu_us": (own_after - own) * 1e6 / n, "postgres_cpu_us": (theirs_after - theirs) * 1e6 / n,
               "hit_share": counted["hits"] / n, **counted["times"], **{f"hit_{name}": value for name, value in counted["hit_times"].items()}}
    if spent is not None and spent_after is not None:
        figures["database_us"] = (spent_after - spent) * 1000 / n
    return figures


def told(figures):
    text = f"{figures['cpu_us']:.0f} µs CPU of recordd, {figures['postgres_cpu_us']:.0f} of PostgreSQL"
    return text + (f", {figures['database_us']:.0f} µs in statements" if "database_us" in figures else "")


def times_told(figures, of=""):
    return ", ".join(f"{label} {figures[f'{of}{name}_ms']:.2f}" for label, name in (
        ("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("p99.9", "p999"), ("max", "max"))) + " ms"


# ── Uncached: the honest mix, beside the classic design ──

def uncached_big(options, row):
    rows, texts = [], load_queries(options)
    with tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory, big_server(options, NO_CACHE) as (server, headers):
        turns, mixed = itertools.count(), queries_by_chance(texts)

        def ours(protocol, clients, rate=0):
            """Small answers might be kept for the next lap or run: each asks for another number of records, 41 to 50."""
            turn = next(turns)
            laps = [search_path(text, 41 + (turn + lap) % 10) for lap in range(10) for text in mixed]
            file = write_paths(pathlib.Path(directory) / "paths", laps)
            got = measured(server, lambda: load(protocol, server.port, file, options.seconds, headers, clients=clients, rate=rate, warm=0.5))
            if got["hit_share"] > MOST_FROM_MEMORY:
                raise RuntimeError(f"of searches that are to be uncached {got['hit_share']:.1%} were answered from the cache")
            return got

        takes = {f"{protocol}, {clients}": (lambda p=protocol, c=clients: ours(p, c))
                 for protocol in PROTOCOLS for clients in (CLIENTS if protocol == "h2" else CLIENTS[-1:])}
        classic = Classic(server.sql)
        try:
            classic.prepare(["trgm"], texts, options.say)
            classic.prewarm("trgm")
            takes["classic"] = lambda: classic_rate(server, options, len(texts))
        except Unavailable as why:
            options.say(f"no classic design to compare with: {why}")
        options.say(f"uncached random mix, {len(texts)} distinct queries")
        got = interleaved(options.rounds, options.say, **takes)
        if "classic" in got:
            rows.append(against_classic(got, row))
        for name in takes:
            if name != "classic":
                rows.append(rate_row(name, got[name], row))
        for protocol in PROTOCOLS:
            rate = SHARE_OF_MOST * got[f"{protocol}, {CLIENTS[-1]}"]["rate"]
            calm = interleaved(options.rounds, options.say, ours=lambda p=protocol, r=rate: ours(p, CLIENTS[-1], r))["ours"]
            rows.append(row(f"uncached random mix, {PROTOCOL_NAMES[protocol]}, at {SHARE_OF_MOST:.0%} of its rate", calm["p99_ms"], "ms, p99", None, None,
                            f"at {rate:.0f}/s: {times_told(calm)}", calm, samples=column(calm, "p99_ms")))
        rows.append(row("recordd's memory after it", resident_kib(server.pid) / 1024, "MB resident"))
    return rows


def queries_by_chance(texts):
    """In an order of chance, always the same, so that the kinds are mixed."""
    return random.Random(7).sample(texts, len(texts))


def classic_rate(server, options, n_queries):
    uid = server.sql(f"SELECT uid FROM records.user_state WHERE user_id = '{user_id(server, BIG)}'")
    got = run_pgbench(["-h", server.socket_dir(), "-U", "postgres", "recordd"], "trgm", CLIENTS[-1], 2, max(2, options.seconds),
                      {"uid": uid, "limit_rows": 50, "queries": n_queries})
    return {"rate": got["tps"], "p50_ms": got["p50_ms"], "p99_ms": got["p99_ms"]}


def column(got, key):
    return [sample[key] for sample in got["samples"]]


def against_classic(got, row):
    ours, theirs = column(got["h2, 64"], "rate"), column(got["classic"], "rate")
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    return row("uncached random mix, 64 clients, HTTP/2 and TLS", ratio, "× the classic trigram design in pgbench", "≥ 60", ratio >= 60,
               f"{got['h2, 64']['rate']:.0f}/s against {got['classic']['rate']:.1f}/s", {"recordd": got["h2, 64"], "classic": got["classic"]},
               samples=[a / b for a, b in zip(ours, theirs)])


def rate_row(name, got, row):
    protocol, clients = name.split(", ")
    return row(f"uncached random mix, {PROTOCOL_NAMES[protocol]}, {clients} client{'s' if clients != '1' else ''}", got["rate"], "searches/s", None, None,
               told(got), got, samples=column(got, "rate"))


# ── Cached: Zipf, nine of ten from memory ──

def zipf(options, row):
    rows, texts = [], queries_by_chance(load_queries(options))
    with tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory, big_server(options) as (server, headers):
        folder, limits = pathlib.Path(directory), itertools.cycle(range(10, 200))

        def run(protocol, rate):
            """Another limit makes other answers: nothing is in memory at first, and what is asked for again is."""
            limit = next(limits)
            paths = [search_path(text, limit) for text in texts]
            file = write_paths(folder / "paths", zipf_order(paths, round(rate * options.seconds), limit, 0.9))
            return measured(server, lambda: load(protocol, server.port, file, options.seconds, headers, clients=64, rate=rate))

        rate = min(BUSY_RATE, len(texts) * 9 / options.seconds)
        for protocol in PROTOCOLS:
            options.say(f"cached mix, Zipf, {PROTOCOL_NAMES[protocol]}")
            idle = interleaved(options.rounds, options.say, ours=lambda p=protocol: run(p, 100))["ours"]
            busy = interleaved(options.rounds, options.say, ours=lambda p=protocol, r=rate: run(p, r))["ours"]
            ratio = busy["hit_p99_ms"] / idle["hit_p99_ms"]
            rows.append(row(f"cached mix, {PROTOCOL_NAMES[protocol]}: p99 of hits under load", ratio, "× of idle", "≤ 3", ratio <= 3,
                            f"at {rate:.0f}/s, {busy['hit_share']:.0%} hits, {times_told(busy, 'hit_')}; idle p99 {idle['hit_p99_ms']:.2f} ms; {told(busy)}",
                            {"busy": busy, "idle": idle}, better="lower",
                            samples=[a / b for a, b in zip(column(busy, "hit_p99_ms"), column(idle, "hit_p99_ms"))]))
    return rows


# ── Facets and completions ──

def statement_ms(server, function):
    """Mean milliseconds in PostgreSQL of the statements that call a function, since the last reset; None: not counted."""
    got = server.sql("SELECT sum(total_exec_time) / nullif(sum(calls), 0) FROM public.pg_stat_statements "
                     f"WHERE query ~ 'records\\.{function}\\M' AND query !~ 'pg_stat'")
    return float(got) if got else None


def facets(options, row):
    """Answers are larger than what the cache takes, so each is asked for anew."""
    n = 20 * options.seconds
    with big_server(options, NO_CACHE) as (server, headers):
        token = headers["authorization"].split()[1]
        options.say("facets of the whole collection")
        samples = []
        for _ in range(options.rounds):
            server.sql("SELECT public.pg_stat_statements_reset()")
            for _ in range(n):
                server.request("GET", "/api/records/search/facets", token)
            samples.append(statement_ms(server, "facets") or 0)
        mean = statistics.median(samples)
        return [row("facets of the whole collection", mean, "ms in the database", "≤ 1", mean <= 1, f"mean of {n}", samples=samples)]


def autocomplete(options, row):
    """Each beginning is asked for once in a round, so none comes from memory."""
    words = list(dict.fromkeys(text[:n] for text in load_queries(options) for n in (3, 4, 5, 6) if re.match(r"[a-z]{6}", text)))
    rate = 200
    with tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory, big_server(options) as (server, headers):
        options.say(f"autocomplete, {len(words)} beginnings")

        lengths = itertools.cycle(range(1, 51))

        def run():
            k = next(lengths)  # another length is another answer
            file = write_paths(pathlib.Path(directory) / "paths", [f"/api/records/search/autocomplete?field=artist&q={word}&k={k}" for word in words])
            return measured(server, lambda: load("h2", server.port, file, min(options.seconds, max(1, len(words) // rate)), headers, rate=rate))

        got = interleaved(options.rounds, options.say, ours=run)["ours"]
        return [row("autocomplete, HTTP/2", got["p50_ms"], "ms, median", "≤ 0.5", got["p50_ms"] <= 0.5,
                    f"{times_told(got)}; {got['hit_share']:.0%} from memory; {told(got)}", got, samples=column(got, "p50_ms"))]


# ── Writing, and searching meanwhile ──

def exchange(connection, method, path, token, body=None):
    """(milliseconds, answer)"""
    headers = {"authorization": f"Bearer {token}", **({"content-type": "application/json"} if body is not None else {})}
    began = time.monotonic()
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    text = response.read()
    took = (time.monotonic() - began) * 1000
    if response.status >= 300:
        raise RuntimeError(f"{method} {path}: {response.status} {text[:300]!r}")
    return took, json.loads(text) if text else None


def crud(options, row):
    """One after the other over one connection, in the largest collection; every record that is made is deleted again."""
    took = {"create": [], "read": [], "update": [], "delete": []}
    with big_server(options) as (server, headers):
        token, connection = headers["authorization"].split()[1], server.connect()
        options.say("create, read, update, delete")
        for i in range(options.inserts):
            body = {"artist": "Nina Simone", "name": f"Pastel Blues {i}", "format": "LP", "catalogNumber": "PHM 200-187"}
            ms, made = exchange(connection, "POST", "/api/records", token, body)
            took["create"].append(ms)
            path = f"/api/records/{made['id']}"
            took["read"].append(exchange(connection, "GET", path, token)[0])
            took["update"].append(exchange(connection, "PATCH", path, token, {"notes": "again"})[0])
            took["delete"].append(exchange(connection, "DELETE", path, token)[0])
        connection.close()
    rows = []
    for name, each in took.items():
        each.sort()
        p50, target = percentile(each, .5), "≤ 3" if name == "create" else None
        rows.append(row(f"{name} a record, one at a time", p50, "ms, median", target, p50 <= 3 if target else None,
                        f"p95 {percentile(each, .95):.2f}, p99 {percentile(each, .99):.2f}, max {each[-1]:.2f} ms; durable when answered", samples=each))
    return rows


class Writer(threading.Thread):
    """Inserts at a rate over a connection of its own until it is told to stop."""

    def __init__(self, server, token, rate):
        super().__init__(daemon=True)
        self.connection, self.token, self.rate = server.connect(), token, rate
        self.over, self.took, self.fault = threading.Event(), [], None

    def run(self):
        began, i = time.monotonic(), 0
        while not self.over.is_set():
            try:
                self.took.append(exchange(self.connection, "POST", "/api/records", self.token,
                                          {"artist": "Nina Simone", "name": f"During {i}", "format": "LP"})[0])
            except (RuntimeError, OSError, http.client.HTTPException) as fault:
                self.fault = fault
                return
            i += 1
            self.over.wait(max(0, began + i / self.rate - time.monotonic()))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(30)
        self.connection.close()
        if self.fault:
            raise RuntimeError("the writer failed") from self.fault


def writes_beside(options, row):
    """Searches at one rate, with and without 100 inserts a second into the same collection; those are taken out again."""
    rate, texts = 200, load_queries(options)
    with tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory, big_server(options, NO_CACHE) as (server, headers):
        token = headers["authorization"].split()[1]
        file = write_paths(pathlib.Path(directory) / "paths", [search_path(text) for text in queries_by_chance(texts)])
        inserts = []

        def search():
            return measured(server, lambda: load("h2", server.port, file, options.seconds, headers, clients=16, rate=rate, warm=0.5))

        def beside():
            with Writer(server, token, 100) as writer:
                got = search()
            inserts.extend(writer.took)
            return got

        options.say("searches beside 100 inserts a second")
        got = interleaved(options.rounds, options.say, without=search, beside=beside)
        remove_inserted(server, token)
        inserts.sort()
        ratio = got["beside"]["p99_ms"] / got["without"]["p99_ms"]
        p50 = percentile(inserts, .5)
        return [row("search p99 beside 100 inserts/s", ratio, "× of without", "≤ 2", ratio <= 2,
                    f"{times_told(got['beside'])}; without {times_told(got['without'])}, at {rate}/s", got, better="lower",
                    samples=[a / b for a, b in zip(column(got["beside"], "p99_ms"), column(got["without"], "p99_ms"))]),
                row("insert during searches", p50, "ms, median", "≤ 3", p50 <= 3, f"{len(inserts)} inserts, p99 {percentile(inserts, .99):.2f} ms")]


def remove_inserted(server, token):
    connection = server.connect()
    ids = server.sql(f"SELECT id FROM records.record WHERE user_id = '{user_id(server, BIG)}' AND name LIKE 'During %' AND deleted_at IS NULL").split()
    for each in ids:
        exchange(connection, "DELETE", f"/api/records/{each}", token)
    connection.close()


PARTS = {"mix": uncached_big, "zipf": zipf, "facets": facets, "autocomplete": autocomplete, "crud": crud, "beside": writes_beside}
