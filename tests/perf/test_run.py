# SPDX-License-Identifier: MIT
"""perf/run keeps what it measured where it can be compared; its load generators count every request."""
import csv
import json
import pathlib
import statistics
import tempfile

import pytest
from perf_tool import run_tool


def test_a_run_is_kept_as_json_csv_and_rows(tiny_data, tmp_path):
    out = tmp_path / "results.json"
    said = run_tool("run", "facets", "crud", "--quick", "--scale", 0.001, "--data", tiny_data[0], "--out", out)
    run = json.loads(out.read_text())
    whats = [line["what"] for line in run["rows"]]
    assert "facets of the whole collection" in whats and "create a record, one at a time" in whats
    assert all(f"| {what} |" in said for what in whats)
    assert all(line["measured"] == statistics.median(line["samples"]) or line["part"] == "crud" for line in run["rows"])
    with open(out.with_suffix(".csv"), encoding="utf-8") as text:
        assert [line["what"] for line in csv.DictReader(text)] == whats
    from bench_data import BenchData
    with BenchData(tiny_data[0], 1, 0.001).server() as server:
        kept = server.sql(f"SELECT what, measured, better, git_rev, machine->>'system' <> '' FROM ops.bench_results WHERE run_id = '{run['run_id']}' ORDER BY id")
    assert [row.split("|")[0] for row in kept.splitlines()] == whats
    assert all(row.split("|")[2:] == ["lower", run["git_rev"], "t"] for row in kept.splitlines())


def test_load_at_a_rate_counts_each_request_and_the_waiting(tiny_data):
    import openload
    from bench_data import BenchData
    with tempfile.TemporaryDirectory() as directory, BenchData(tiny_data[0], 1, 0.001).server() as server:
        file = openload.write_paths(pathlib.Path(directory) / "paths", ["/healthz"])
        for protocol in ("h1", "h2"):
            got = openload.load(protocol, server.port, file, 1, clients=4, rate=200, warm=0.5)
            assert got["requests"] == 200 == got["times"]["n"] and got["failed"] == got["unanswered"] == 0, protocol
        with pytest.raises(RuntimeError) as over:  # a rate that cannot be kept up shows in the times, and is no success
            openload.load("h2", server.port, file, 0.2, rate=10**7)
        late = json.loads(str(over.value)[str(over.value).index("{"):])
        assert late["unanswered"] > 0 and late["times"]["n"] == late["requests"] + late["unanswered"]
        assert late["times"]["p99_ms"] > 100 * got["times"]["p50_ms"]


def test_a_zipf_order_has_the_hits_that_were_asked_for():
    from openload import zipf_order
    paths = [f"/{i}" for i in range(1000)]
    order = zipf_order(paths, 5000, 1, 0.9)
    assert len(order) == 5000 and order == zipf_order(paths, 5000, 1, 0.9)
    assert abs(1 - len(set(order)) / 5000 - 0.9) < 0.01
    assert max(map(order.count, set(order))) > 20
