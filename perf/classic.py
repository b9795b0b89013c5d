# SPDX-License-Identifier: MIT
"""The classic design that recordd is measured against: trigram similarity over each record's whole search text.

It is built in a schema of its own (bench) beside recordd's tables, out of the same records, and asked by pgbench
directly: no HTTP, no TLS, no rendering. `trgm` has one GIN index and ranks what is similar enough; `knn` has one GiST
index and walks it by distance; `noop` asks for nothing at all. One table each: a GiST index beside a GIN one would be
taken for the other's queries.
"""
import pathlib
import re
import statistics
import tempfile

from programs import found, ran

VARIANTS = ("trgm", "knn", "noop")
INDEXES = {
    "trgm": "USING gin (uid, search_text gin_trgm_ops)",
    "knn": "USING gist (uid, search_text gist_trgm_ops(siglen=64))",
}
STATEMENTS = {
    "trgm": """SELECT r.doc FROM bench.query q, LATERAL (
        SELECT t.doc, similarity(t.search_text, q.text) AS s FROM bench.trgm t
        WHERE t.uid = :uid AND t.search_text % q.text ORDER BY s DESC, t.rid DESC LIMIT :limit_rows) r WHERE q.n = :n;""",
    "knn": """SELECT r.doc FROM bench.query q, LATERAL (
        SELECT t.doc FROM bench.knn t WHERE t.uid = :uid ORDER BY t.search_text <-> q.text LIMIT :limit_rows) r WHERE q.n = :n;""",
    "noop": "SELECT 1;",
}
COPY = """
DROP TABLE IF EXISTS bench.{variant};
CREATE TABLE bench.{variant} AS
SELECT d.uid, d.rid, replace(r.search_text, E'\\n', ' ') AS search_text, d.doc
FROM records.record r JOIN records.user_state s USING (user_id) JOIN records.record_doc d ON d.uid = s.uid AND d.rid = r.rid
WHERE r.deleted_at IS NULL ORDER BY d.uid, d.rid;
SET maintenance_work_mem = '256MB';
CREATE INDEX {variant}_text ON bench.{variant} {index};
VACUUM ANALYZE bench.{variant};
"""


class Unavailable(Exception):
    """This PostgreSQL has not got what the classic design needs."""


def literal(text):
    return "'" + text.replace("'", "''") + "'"


class Classic:
    """The classic design in one database. `sql(text)` runs statements there as a superuser and returns what psql prints."""

    def __init__(self, sql):
        self.sql = sql

    def prepare(self, variants, texts, say):
        """Builds what is missing, and takes the queries in."""
        wanted = ["pg_trgm", "btree_gin", "btree_gist"]
        there = self.sql("SELECT name FROM pg_available_extensions").splitlines()
        if missing := [name for name in wanted if name not in there]:
            raise Unavailable(f"PostgreSQL has no {', '.join(missing)} (Debian: postgresql-contrib)")
        self.sql("SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS bench; "
                 + " ".join(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public;" for name in wanted))
        self.sql("SET client_min_messages = warning; DROP TABLE IF EXISTS bench.query; CREATE TABLE bench.query (n int PRIMARY KEY, text text NOT NULL);\n"
                 "INSERT INTO bench.query VALUES " + ", ".join(f"({n}, {literal(text)})" for n, text in enumerate(texts, 1)) + "; VACUUM ANALYZE bench.query")
        for variant in variants:
            if variant in INDEXES and not self._matches(variant):
                say(f"building the classic design, {variant}")
                self.sql("SET client_min_messages = warning; SET statement_timeout = 0;" + COPY.format(variant=variant, index=INDEXES[variant]))

    def _matches(self, variant):
        if self.sql(f"SELECT to_regclass('bench.{variant}_text')") == "":
            return False
        return self.sql(f"SELECT (SELECT count(*) FROM bench.{variant}) = (SELECT coalesce(sum(n_records), 0) FROM records.user_state)") == "t"

    def prewarm(self, variant):
        """Reads table and index into the buffers; False: it cannot."""
        if variant not in INDEXES:
            return True
        if self.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_prewarm'") == "0":
            return False
        self.sql("SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS pg_prewarm SCHEMA public; "
                 f"SELECT pg_prewarm('bench.{variant}'), pg_prewarm('bench.{variant}_text')")
        return True

    def drop(self):
        self.sql("SET client_min_messages = warning; DROP SCHEMA IF EXISTS bench CASCADE")


# ── pgbench ──

def latencies_of(folder):
    """(microseconds of each transaction that succeeded, how many did not) out of pgbench's own logs."""
    took, failed = [], 0
    for log in folder.glob("log*"):
        with open(log, encoding="ascii") as lines:
            for row in lines:
                elapsed = row.split(" ", 3)[2]
                if elapsed.isdigit():
                    took.append(int(elapsed))
                else:
                    failed += 1
    return took, failed


def percentile(ordered, share):
    """The smallest value that at least this share is not above."""
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 10000) * len(ordered) // 10000) - 1))] if ordered else 0


def run_pgbench(connection, variant, clients, threads, seconds, variables):
    """One run with every query as likely: what the columns of a sweep are made of. `connection` are pgbench's options."""
    with tempfile.TemporaryDirectory(prefix="recordd-perf-") as directory:
        folder = pathlib.Path(directory)
        script = folder / "script.sql"
        script.write_text("\\set n random(1, :queries)\n" + " ".join(STATEMENTS[variant].split()) + "\n")
        line = [found("pgbench"), "-n", "-M", "prepared", "-c", clients, "-j", threads, "-T", seconds, "-f", script, "--log",
                f"--log-prefix={folder / 'log'}", *(part for name, value in variables.items() for part in ("-D", f"{name}={value}")), *connection]
        out = ran(*map(str, line), timeout=seconds + 120)
        took, failed = latencies_of(folder)
    took.sort()
    aborted = len(re.findall(r"client \d+ aborted", out))
    ms = [each / 1000 for each in took]
    return {
        "tps": float(re.search(r"tps = ([\d.]+)", out)[1]), "ok_xacts": len(took), "fail_xacts": failed + aborted,
        "err_pct": 100 * (failed + aborted) / max(1, len(took) + failed + aborted),
        "avg_ms": statistics.fmean(ms) if ms else 0, "std_ms": statistics.pstdev(ms) if ms else 0,
        **{name: percentile(ms, share) for name, share in
           (("p50_ms", .5), ("p95_ms", .95), ("p99_ms", .99), ("p999_ms", .999), ("p9999_ms", .9999), ("max_ms", 1))},
    }
