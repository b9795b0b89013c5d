# SPDX-License-Identifier: MIT
"""What is measured, a function each: part(options) gives rows for the table, with what was measured behind them."""
import collections
import json
import random
import re
import socket
import statistics
import subprocess
import tempfile
import time

import edge
import grpc_parts
import search_parts
import web_parts
from load import cost, h2load, h2load_at_once, interleaved, medians, wrk
from openload import search_path
from programs import EMAIL, ROOT, SERVER_CORE, Nginx, Recordd, found, pin, ran, resident_kib, temporary_directory

STATEMENT = "search_page"
QUERY_COUNT = f'recordd_db_query_duration_seconds_count{{statement="{STATEMENT}"}}'


def row(what, measured, unit, target=None, met=None, beside=None, detail=None, better=None, samples=None):
    """One line of the table. `beside` is what it is compared with, `detail` goes to the JSON only; `samples` are of the rounds."""
    better = better or ("lower" if unit.startswith(("ms", "KB", "MB", "queries in")) else "higher")
    return {"what": what, "measured": measured, "unit": unit, "target": target, "met": met, "beside": beside, "better": better,
            "samples": samples or [measured], "detail": detail}


def ratios(got, other):
    """recordd's rate to another's, round by round."""
    return [ours["rate"] / theirs["rate"] for ours, theirs in zip(got["recordd"]["samples"], got[other]["samples"])]


# ── Cached search beside nginx ──

def answer_of(server, token, wanted):
    """The search whose answer is nearest to `wanted` bytes: (path, answer)."""
    artists = [artist for artist, _ in collections.Counter(record["artist"] for record in server.collection()).most_common(8)]
    limits = (1, 2) if wanted < 4096 else range(8, 25)
    answers = [(path, server.request("GET", path, token)) for artist in artists for limit in limits for path in [search_path(artist, limit)]]
    return min(answers, key=lambda answer: abs(len(answer[1]) - wanted))


def cached(options):
    sizes = {"1 KB": 1024, "12 KB": 12 * 1024}
    rows = []
    with Recordd() as server:
        token = server.account(options.records)
        headers = {"authorization": f"Bearer {token}"}
        chosen = {size: answer_of(server, token, wanted) for size, wanted in sizes.items()}
        with Nginx({size.replace(" ", ""): answer for size, (_, answer) in chosen.items()}, server) as nginx:
            pin(server.pid, SERVER_CORE)
            pin(nginx.worker, SERVER_CORE)
            for size, (path, answer) in chosen.items():
                ours, theirs = server.url(path), nginx.url(size.replace(" ", ""))
                for protocol, load in (("HTTP/1.1", wrk), ("HTTP/2", h2load)):
                    options.say(f"cached search, {len(answer)} bytes, {protocol}")
                    got = interleaved(options.rounds, options.say,
                                      recordd=lambda: cost(server.pid, lambda: load(ours, options.seconds, headers)),
                                      nginx=lambda: cost(nginx.worker, lambda: load(theirs, options.seconds)))
                    rows.append(cached_row(f"cached search, {size}, {protocol}", CACHED_TARGETS.get((size, protocol)), got, len(answer)))
    return rows


CACHED_TARGETS = {("1 KB", "HTTP/1.1"): 0.8, ("1 KB", "HTTP/2"): 1.0}  # times nginx's rate


def cached_row(what, target, got, size):
    ratio = got["recordd"]["rate"] / got["nginx"]["rate"]
    cpu_ratio = got["nginx"]["cpu_us"] / got["recordd"]["cpu_us"]
    return row(what, ratio, "× nginx's requests/s", f"≥ {target}" if target else None, ratio >= target if target else None,
               f"{got['recordd']['rate']:.0f}/s against {got['nginx']['rate']:.0f}/s; "
               f"{got['recordd']['cpu_us']:.1f} µs CPU against {got['nginx']['cpu_us']:.1f} ({cpu_ratio:.2f}×)",
               {"bytes": size, "cpu_ratio": cpu_ratio, **got}, samples=ratios(got, "nginx"))


# ── Uncached search beside pgbench ──

def mixed_queries(collection, n):
    """Distinct ones: artists, prefixes, misspellings, several words, short ones, catalogue numbers, nothing to be found."""
    dice = random.Random(1)
    made = {}
    while len(made) < n:
        record = dice.choice(collection)
        artist, title = record["artist"], record["name"]
        words = [word for word in re.findall(r"\w+", f"{artist} {title}") if len(word) > 2]
        at = dice.randrange(1, max(2, len(artist)))
        made.setdefault(dice.choice([
            artist, artist[:at + 2], artist[:at] + artist[at + 1:], " ".join(dice.sample(words, min(len(words), 2))),
            artist[:dice.choice([2, 3])], record.get("catalogNumber") or title, f"{dice.randrange(10**9):x} zzz",
        ]).strip())
    return list(made)


def sent_statements(server, token, queries):
    """Runs each query once; the arguments that recordd sent for it, as SQL literals, from PostgreSQL's own log."""
    server.database_setting("log_error_verbosity", "default")
    server.database_setting("log_min_duration_statement", "0")
    sent, connection = [], server.connect()
    for at in range(0, len(queries), 500):  # recordd cuts the log when it has grown
        sent += logged_arguments(server.data / "pg" / "log", lambda: ask(connection, token, queries[at:at + 500]))
    connection.close()
    server.database_setting("log_min_duration_statement", None)
    server.database_setting("log_error_verbosity", None)
    return sent


def ask(connection, token, queries):
    """The sizes of the answers."""
    sizes = []
    for query in queries:
        connection.request("GET", search_path(query), headers={"authorization": f"Bearer {token}"})
        sizes.append(len(connection.getresponse().read()))
    return sizes


def logged_arguments(log, work):
    start = log.stat().st_size
    work()
    with open(log, encoding="utf-8") as text:
        text.seek(start if log.stat().st_size >= start else 0)
        details = re.findall(rf"execute {STATEMENT}: .*?\n.*?DETAIL:  parameters: (.*)", text.read())
    return [re.sub(r"\$\d+ = ", "", detail) for detail in details]


def statement_sql():
    """As the server compiles it in."""
    text = (ROOT / "src" / "store" / "search.sql").read_text()
    return re.search(rf"^-- name: {STATEMENT}\b.*\n(?:--.*\n)*([^;]*);", text, re.MULTILINE)[1]


def write_pgbench_scripts(work, arguments, each):
    """Files of `each` queries, so that pgbench's connections take them in an order of chance; a connection prepares once."""
    files = []
    prepare = f"\\if :prepared = 0\nPREPARE search AS {statement_sql()};\n\\set prepared 1\n\\endif\n"
    for at in range(0, len(arguments) - each + 1, each):
        files.append(work / f"{at}.sql")
        files[-1].write_text(prepare + "".join(f"EXECUTE search({row});\n" for row in arguments[at:at + each]))
    return files


def pgbench(server, files, each, connections, seconds):
    line = [found("pgbench"), "-n", "-h", server.socket_dir(), "-U", "recordd_app", "-D", "prepared=0", "-c", connections, "-j", 1, "-T", seconds,
            *(part for file in files for part in ("-f", file)), "recordd"]
    return {"rate": each * float(re.search(r"tps = ([\d.]+)", ran(*map(str, line), timeout=seconds + 60))[1])}


def write_wrk_script(path, token, queries):
    """Each request another query, in one round after the other."""
    paths = ",".join(f'"{search_path(query)}"' for query in queries)
    path.write_text(f'local paths = {{{paths}}}\nlocal i = 0\nwrk.headers["authorization"] = "Bearer {token}"\n'
                    "request = function() i = i % #paths + 1; return wrk.format(nil, paths[i]) end\n")
    return path


def uncached(options):
    """Only queries whose answers are larger than what the cache keeps: each is made anew whenever it is asked for."""
    connections, n_scripts, kept = 4, 100, 1024  # pgbench takes up to 128
    with Recordd({"cache.size": "1MB", "cache.max_entry": str(kept), "database.pool_size": connections}) as server, \
            tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory:
        token = server.account(options.records)
        server.sql("VACUUM ANALYZE")  # what the database would do by itself within a minute or two
        queries = mixed_queries(server.collection(), options.queries)
        connection = server.connect()
        queries = [query for query, size in zip(queries, ask(connection, token, queries)) if size > kept]
        connection.close()
        arguments = sent_statements(server, token, queries)
        if len(arguments) < 0.9 * len(queries):
            raise RuntimeError(f"{len(queries)} queries, but PostgreSQL saw only {len(arguments)} statements")
        work = type(ROOT)(directory)
        each = len(arguments) // n_scripts
        files = write_pgbench_scripts(work, arguments, each)[:n_scripts]
        script = write_wrk_script(work / "search.lua", token, queries)
        before, hits = server.metric(QUERY_COUNT), server.metric("recordd_cache_hits_total")
        options.say(f"uncached search, {len(queries)} distinct queries, {connections} database connections")
        got = interleaved(
            options.rounds, options.say,
            recordd=lambda: cost(server.pid, lambda: wrk(server.url("/"), options.seconds, connections=16, script=script, pinned=False)),
            pgbench=lambda: pgbench(server, files, each, connections, options.seconds))
        missed, hit = server.metric(QUERY_COUNT) - before, server.metric("recordd_cache_hits_total") - hits
        if hit > 0.01 * missed:
            raise RuntimeError(f"of {hit + missed:.0f} searches {hit:.0f} were answered from the cache")
        ratio = got["recordd"]["rate"] / got["pgbench"]["rate"]
        return [row("uncached search", ratio, "× pgbench's queries/s", "≥ 0.9", ratio >= 0.9,
                    f"{got['recordd']['rate']:.0f}/s over TLS against {got['pgbench']['rate']:.0f}/s, {connections} connections each",
                    {"queries": len(queries), "from_cache": hit / (hit + missed), **got}, samples=ratios(got, "pgbench"))]


# ── A stampede ──

def logged_statements(log, start):
    """How often PostgreSQL says that it ran the statement since its log was so long."""
    with open(log, encoding="utf-8") as text:
        text.seek(start)
        return len(re.findall(rf"execute {STATEMENT}:", text.read()))


def stampede(options):
    """1,000 requests for an answer that nobody has, while its tables are locked, so that none can come too late to be a miss."""
    clients, streams = 50, 20
    with Recordd() as server:
        token = server.account(2000)
        path = search_path(server.collection()[0]["artist"])
        server.request("GET", search_path("something else"), token)  # the index in memory is made at a user's first search
        server.database_setting("log_error_verbosity", "default")
        server.database_setting("log_min_duration_statement", "0")
        log = server.data / "pg" / "log"
        start, seen_before = log.stat().st_size, server.metric(QUERY_COUNT)
        options.say("stampede")
        lock = subprocess.Popen(server.psql_line(), stdin=subprocess.PIPE, text=True)
        lock.stdin.write("BEGIN; LOCK TABLE records.user_state IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT;\n")
        lock.stdin.close()
        time.sleep(0.5)
        crowd = h2load_at_once(server.url(path), {"authorization": f"Bearer {token}"}, clients, streams)
        out = crowd.communicate(timeout=60)[0]
        lock.wait(30)
        if f"{clients * streams} succeeded" not in out:
            raise RuntimeError(out)
        queries, told = logged_statements(log, start), server.metric(QUERY_COUNT) - seen_before
        return [row(f"{clients * streams} identical misses at once", queries, "queries in PostgreSQL", "1", queries == 1,
                    f"{told:.0f} by recordd's own count", {"requests": clients * streams, "queries": queries, "recordd_counted": told})]


# ── Memory ──

H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\4\0" + bytes(4)
# GET https://localhost/healthz on stream 1, by indexed and literal fields (RFC 7541)
H2_HEALTHZ_FIELDS = b"\x82\x87\x04\x08/healthz\x01\x09localhost"
H2_REQUEST = H2_PREFACE + len(H2_HEALTHZ_FIELDS).to_bytes(3, "big") + b"\1\5\0\0\0\1" + H2_HEALTHZ_FIELDS
H1_REQUEST = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"


def idle_connections(server, context, request, n):
    """Connections that asked once and were answered."""
    held = []
    for _ in range(n):
        held.append(context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost"))
        held[-1].sendall(request)
        while b'{"' not in held[-1].recv(65536):
            pass
    time.sleep(0.5)
    return held


def memory(options):
    rows = []
    for alpn, request in (("http/1.1", H1_REQUEST), ("h2", H2_REQUEST)):
        with Recordd() as server:
            time.sleep(1)
            alone = resident_kib(server.pid)
            if not rows:
                rows.append(row("idle server", alone / 1024, "MB resident", "< 16", alone < 16 * 1024, detail={"kib": alone}))
            options.say(f"idle connections, {alpn}")
            context = server.context([alpn])
            held = idle_connections(server, context, request, 50)
            few = resident_kib(server.pid)
            held += idle_connections(server, context, request, options.connections)
            each = (resident_kib(server.pid) - few) / options.connections
            for connection in held:
                connection.close()
            rows.append(row(f"idle TLS connection, {alpn}", each, "KB resident", "< 48", each < 48,
                            detail={"kib": each, "connections": options.connections}))
    return rows


# ── Starting ──

def one_start(data, settings=None):
    server = Recordd(settings, data)
    with server:
        return {"listening_ms": server.listening_ms, "ready_ms": server.ready_ms}


def start(options):
    work = temporary_directory()
    options.say("starting")
    names = [f"d{turn}" for turn in range(options.rounds)]
    for name in [*names, "outside"]:
        (work / name).mkdir(mode=0o711)
    try:
        first = medians([one_start(work / name) for name in names])
        again = medians([one_start(work / names[0]) for _ in names])
        with Recordd() as other:
            url = {"database.url": f"host={other.socket_dir()} dbname=recordd user=recordd_owner"}
            one_start(work / "outside", url)  # makes its certificate, which is not what is measured
            up = medians([one_start(work / "outside", url) for _ in names])
    finally:
        ran("rm", "-rf", str(work))
    return [
        row("start to listening, PostgreSQL up", up["listening_ms"], "ms", "< 100", up["listening_ms"] < 100, f"ready after {up['ready_ms']:.0f} ms", up),
        row("start to ready, its PostgreSQL too", again["ready_ms"], "ms", None, None, f"listening after {again['listening_ms']:.0f} ms", again),
        row("first start to ready, initdb included", first["ready_ms"], "ms", "< 1500", first["ready_ms"] < 1500,
            f"listening after {first['listening_ms']:.0f} ms", first),
    ]


# ── Writing ──

def timed(work, n):
    began = time.monotonic()
    work()
    return {"rate": n / (time.monotonic() - began)}


def writing(options):
    n = options.import_records
    with Recordd() as server, tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory:
        options.say(f"import and export of {n} records")
        server.account()
        sample = timed(lambda: server.run("sample", "--user", EMAIL, "--n", str(n), "--seed", "1"), n)
        file = f"{directory}/collection.csv"
        rates = {"import": [], "export": []}
        for turn in range(options.rounds):
            rates["export"].append(timed(lambda: server.run("export", "--user", EMAIL, "--format", "csv", file), n))
            server.account(email=f"to{turn}@example.org")
            rates["import"].append(timed(lambda: server.run("import", "--user", f"to{turn}@example.org", file, "--json"), n))
            options.say(f"  round {turn + 1} of {options.rounds}: " + ", ".join(f"{name} {got[-1]['rate']:.0f}/s" for name, got in rates.items()))
        got = {name: medians(each)["rate"] for name, each in rates.items()}
        return [
            row("import of CSV", got["import"], "records/s", "≥ 20000", got["import"] >= 20000, f"{n} records, the command as a whole", got,
                samples=[each["rate"] for each in rates["import"]]),
            row("export of CSV", got["export"], "records/s", samples=[each["rate"] for each in rates["export"]]),
            row("sample", sample["rate"], "records/s"),
            insert_row(server, options),
        ]


def insert_row(server, options):
    """One after the other over one connection, each durable when it is answered."""
    token = server.account(email="insert@example.org")
    body = {"artist": "Nina Simone", "name": "Pastel Blues", "format": "LP", "catalogNumber": "PHM 200-187"}
    connection = server.connect()
    took = []
    for i in range(options.inserts):
        began = time.monotonic()
        connection.request("POST", "/api/records", json.dumps({**body, "notes": f"copy {i}"}),
                           {"authorization": f"Bearer {token}", "content-type": "application/json"})
        response = connection.getresponse()
        response.read()
        took.append((time.monotonic() - began) * 1000)
        if response.status != 201:
            raise RuntimeError(f"insert: {response.status}")
    connection.close()
    p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[18]
    return row("insert, one at a time", p50, "ms, median", "≤ 3", p50 <= 3, f"95 of 100 within {p95:.1f} ms", {"p50_ms": p50, "p95_ms": p95})


PARTS = {
    "cached": cached, "uncached": uncached, "stampede": stampede, "memory": memory, "start": start, "writing": writing,
    "edge": lambda options: edge.answers(options, row, answer_of), "download": lambda options: edge.download(options, row),
    "handshakes": lambda options: edge.handshakes(options, row), "idle": lambda options: edge.idle(options, row),
    **{name: lambda options, part=part: part(options, row) for name, part in (search_parts.PARTS | grpc_parts.PARTS | web_parts.PARTS).items()},
}
