# SPDX-License-Identifier: MIT
"""The baseline: figures that can be laid beside old ones, from queries that find something."""
import csv

from perf_tool import run_tool

OLD_COLUMNS = ("ts_utc,variant,clients,threads,duration_s,limit_rows,tps,ok_xacts,fail_xacts,err_pct,avg_ms,std_ms,p50_ms,p95_ms,p99_ms,p999_ms,"
               "p9999_ms,max_ms,git_rev,host,server_version").split(",")


def test_a_sweep_has_the_old_columns_and_believable_figures(tiny_data, tmp_path):
    out = tmp_path / "sweep.csv"
    run_tool("pgbench-sweep", "--data", tiny_data[0], "--scale", 0.001, "--clients", "1,3", "--seconds", 1, "--out", out)
    with open(out, encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0])[:len(OLD_COLUMNS)] == OLD_COLUMNS and all(name.startswith("d_") for name in list(rows[0])[len(OLD_COLUMNS):])
    assert [(row["variant"], row["clients"]) for row in rows] == [(variant, n) for variant in ("trgm", "knn", "noop") for n in ("1", "3")]
    for row in rows:
        assert int(row["ok_xacts"]) > 0 and row["fail_xacts"] == "0" and row["threads"] == str(min(2, int(row["clients"])))
        steps = [float(row[name]) for name in ("p50_ms", "p95_ms", "p99_ms", "p999_ms", "p9999_ms", "max_ms")]
        assert steps == sorted(steps) and steps[-1] > 0
        assert int(row["d_blks_hit"]) > 0
    searched = {row["variant"]: int(row["d_tup_returned"]) / int(row["ok_xacts"]) for row in rows}
    assert searched["knn"] > searched["noop"]


def test_percentiles_are_values_that_were_measured():
    from classic import percentile
    values = list(range(1, 101))
    assert [percentile(values, share) for share in (.5, .95, .99, 1)] == [50, 95, 99, 100]
    assert percentile([7], .5) == 7 == percentile([7], 1) and percentile([], .5) == 0
