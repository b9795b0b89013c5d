# SPDX-License-Identifier: MIT
"""The search quality of a data set: every kind of query is asked, and what is meant is found."""
import json

from perf_tool import run_tool


def test_every_kind_is_told_beside_its_bound(tiny_data):
    told = json.loads(run_tool("quality", "--data", tiny_data[0], "--scale", 0.001, "--json"))
    import queries
    assert set(queries.KINDS) <= set(told["kinds"]) and len(told["kinds"]) >= len(queries.KINDS) + 4
    for kind in ("typo", "several", "catalog"):
        assert told["kinds"][kind]["queries"] == 20 and told["kinds"][kind]["recordd"]["hit@10"] >= 0.95, kind
    assert told["kinds"]["nothing"]["recordd"]["empty"] == 1
