# SPDX-License-Identifier: MIT
"""The web application as its user feels it, in Chromium: first paint on a slow processor, typing a search, scrolling."""
import json
import statistics

from bench_data import BIG
from classic import percentile
from programs import ROOT, ran
from search_parts import PASSWORD, big_server

SLOWDOWN = 4
QUERIES = ("midnight", "blue train", "velvt", "love", "quartet 19")


def page_figures(server, rounds):
    order = {"url": server.url("").rstrip("/"), "email": BIG, "password": PASSWORD, "rounds": rounds, "slowdown": SLOWDOWN, "queries": QUERIES}
    return json.loads(ran("node", ROOT / "perf" / "web_page.mjs", json.dumps(order), timeout=900))


def web(options, row):
    with big_server(options) as (server, _):
        records = int(server.sql("SELECT max(n_records) FROM records.user_state").strip())
        options.say(f"the web application on {records:,} records, {options.rounds} rounds")
        got = page_figures(server, options.rounds)
    paint = statistics.median(got["firstPaint"])
    inputs = [percentile(sorted(each), 0.98) for each in got["typing"]]
    frames = [percentile(sorted(each), 0.95) for each in got["frames"]]
    return [
        row(f"front page, processor slowed down {SLOWDOWN} times: first contentful paint", paint, "ms", "≤ 500", paint <= 500, samples=got["firstPaint"]),
        row(f"typing a search in {records:,} records: interaction to next paint, p98", statistics.median(inputs), "ms", "≤ 100",
            statistics.median(inputs) <= 100, f"{sum(map(len, got['typing']))} keys", samples=inputs),
        row(f"scrolling {records:,} records: between frames, p95", statistics.median(frames), "ms", "≤ 17", statistics.median(frames) <= 17.5,
            f"{sum(map(len, got['frames']))} frames", samples=frames),
    ]


PARTS = {"web": web}
