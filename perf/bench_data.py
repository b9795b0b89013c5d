# SPDX-License-Identifier: MIT
"""The data set that searches are measured on: 600 collectors with 1.2 million records, loaded the way imports are.

It lives in a data directory of its own and is loaded once; later runs find it by its manifest. Everything follows from
the seed but the records' ids and the days they were added.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import shutil
import time

from programs import ROOT, Recordd

USERS, RECORDS, LARGEST = 600, 1_200_000, 110_000
FEWEST, MOST = 500, 5000  # of the others
BIG = "bench@example.org"
DEFAULT_DATA = ROOT / "build" / "perf" / "data"
CHEAP = {"auth.argon2_memory": "64KB"}  # 600 passwords
FROM_THE_NEXT_START_ON = ("shared_preload_libraries = 'pg_prewarm', 'pg_stat_statements'", "max_connections = 200")  # pgbench takes 64
GENERATOR = ("src/app/sample.c", "src/app/sample.def")
SPREAD = 0.6  # of the logarithm of a collection's size


def sizes(seed, scale=1.0):
    """{email: records}: the largest first, then log-normal ones that make up the rest exactly."""
    users = max(3, round(USERS * scale))
    largest, total = max(100, round(LARGEST * scale)), max(160, round(RECORDS * scale))
    dice, left = random.Random(seed), total - largest
    mean = left / (users - 1)
    lowest, highest = min(FEWEST, mean / 2), max(MOST, mean * 2)
    drawn = [min(max(mean * dice.lognormvariate(-SPREAD**2 / 2, SPREAD), lowest), highest) for _ in range(users - 1)]
    whole = [round(each * left / sum(drawn)) for each in drawn]
    whole[0] += left - sum(whole)
    return {BIG: largest, **{f"user{i:03}@example.org": n for i, n in enumerate(whole, 1)}}


def generator_digest():
    """Changes when the same seed would make other records."""
    return hashlib.sha256(b"".join((ROOT / path).read_bytes() for path in GENERATOR)).hexdigest()[:16]


class BenchData:
    """A data directory with the data set in it, or to be filled."""

    def __init__(self, path=DEFAULT_DATA, seed=1, scale=1.0):
        self.path, self.seed, self.scale = pathlib.Path(path).resolve(), seed, scale
        self.wanted = {"seed": seed, "scale": scale, "generator": generator_digest(), "users": sizes(seed, scale)}

    @property
    def manifest_path(self):
        return self.path / "bench.json"

    def manifest(self):
        """What has been loaded, and how long that took; None: nothing, or something else."""
        try:
            found = json.loads(self.manifest_path.read_text())
        except FileNotFoundError:
            return None
        return found if all(found.get(key) == value for key, value in self.wanted.items()) else None

    def server(self, settings=None):
        """recordd on the data set; not started."""
        return Recordd(settings, self.path)

    def prepare(self, say, jobs=None):
        """Loads it unless it is there. Returns the manifest."""
        if found := self.manifest():
            say(f"the data set is there: {self.path}")
            return found
        if self.path.exists() and any(self.path.iterdir()):
            if not self.manifest_path.exists():
                raise RuntimeError(f"{self.path} holds something else; name another directory with --data")
            say(f"{self.path} holds another data set: made anew")
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711)
        self.manifest_path.write_text("{}\n")
        took = self._load(say, jobs or min(2, os.cpu_count() or 1))
        manifest = {**self.wanted, "took": took}
        self.manifest_path.write_text(json.dumps(manifest, indent=1) + "\n")
        return manifest

    def _load(self, say, jobs):
        users, began = self.wanted["users"], time.monotonic()
        records = sum(users.values())
        with self.server(CHEAP) as server:
            for setting in FROM_THE_NEXT_START_ON:
                server.sql(f"ALTER SYSTEM SET {setting}")
            with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
                list(pool.map(lambda email: self._account(server, email), users))
                accounts = time.monotonic()
                loaded = 0
                for email, n in zip(users, pool.map(lambda item: self._collection(server, *item), enumerate(users.items()))):
                    loaded += n
                    say(f"  {loaded:,} of {records:,} records, {loaded / (time.monotonic() - accounts):,.0f}/s")
            filled = time.monotonic()
            server.sql("VACUUM ANALYZE")
            vacuumed = time.monotonic()
            got = int(server.sql("SELECT coalesce(sum(n_records), 0) FROM records.user_state"))
            if got != records:
                raise RuntimeError(f"{records} records were to be loaded, {got} are there")
            size = int(server.sql("SELECT pg_database_size(current_database())"))
        return {"accounts_s": round(accounts - began, 2), "records_s": round(filled - accounts, 2), "vacuum_s": round(vacuumed - filled, 2),
                "records": records, "records_per_s": round(records / (filled - accounts)), "database_bytes": size, "jobs": jobs}

    @staticmethod
    def _account(server, email):
        server.run("user", "add", email, "--password-stdin", "--set", "auth.argon2_memory=64KB", stdin="a good long password")

    def _collection(self, server, index, user):
        email, n = user
        server.run("sample", "--user", email, "--n", str(n), "--seed", str(self.seed * 1000 + index))
        return n


def user_id(server, email):
    return server.sql(f"SELECT id FROM auth.account WHERE email_folded = '{email}'")


def rows_of(server, email):
    """The collection as queries are made of: dicts of rid, id, artist, name, catalog, label, and the folded fields as `folded`."""
    text = server.sql(f"""SELECT json_build_array(r.rid, r.id, r.artist, r.name, r.catalog_number, r.label, r.search_text)
        FROM records.record r WHERE r.user_id = '{user_id(server, email)}' AND r.deleted_at IS NULL ORDER BY r.rid""")
    names = ("rid", "id", "artist", "name", "catalog", "label", "folded")
    rows = [dict(zip(names, json.loads(line))) for line in text.splitlines()]
    for row in rows:
        row["folded"] = row["folded"].split("\n")
    return rows
