# SPDX-License-Identifier: MIT
"""The data set and the queries that figures rest on: as many as said, the same each time, and askable."""
import json
import random

from perf_tool import run_tool


def test_the_full_data_set_has_the_size_that_is_told():
    import bench_data
    sizes = bench_data.sizes(1)
    assert len(sizes) == 600 and sum(sizes.values()) == 1_200_000 and sizes[bench_data.BIG] == 110_000
    others = sorted(sizes.values())[:-1]
    assert 400 <= others[0] and others[-1] <= 5500 and others[len(others) // 2] < sum(others) / len(others)
    assert sizes == bench_data.sizes(1) != bench_data.sizes(2)


def test_what_is_there_is_used_again(tiny_data):
    path, told = tiny_data
    assert told["records"] == 1200 and told["users"] == 3 and told["queries"]["mix"] == 140
    before = (path / "queries" / "mix.tsv").read_text()
    manifest = (path / "bench.json").read_text()
    json.loads(run_tool("dataset", "--data", path, "--scale", 0.001, "--each", 20, "--load", 30))
    assert (path / "queries" / "mix.tsv").read_text() == before and (path / "bench.json").read_text() == manifest


def test_a_directory_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "precious").write_text("mine")
    run_tool("dataset", "--data", tmp_path, "--scale", 0.001, code=1)
    assert (tmp_path / "precious").read_text() == "mine"


def test_each_kind_of_query_is_there_in_equal_parts_with_the_record_meant(tiny_data):
    import queries
    made = queries.read(tiny_data[0] / "queries" / "mix.tsv")
    for kind in queries.KINDS:
        own = [each for each in made if each["kind"] == kind]
        assert len(own) == 20 == len({(each["query"], each["rid"]) for each in own}), kind
        assert all((each["rid"] > 0) == (kind != "nothing") for each in own)
        assert all(0 < each["bound1"] <= each["bound10"] <= each["bound50"] <= 1 for each in own)


def test_names_in_other_scripts_are_asked_for(tiny_data):
    import queries
    kinds = {each["kind"] for each in queries.read(tiny_data[0] / "queries" / "scripts.tsv")}
    assert len(kinds) >= 4 and kinds <= set(queries.SCRIPTS)


def test_a_slip_is_one_edit():
    import queries
    dice = random.Random(3)
    for word in ("abba", "beatles", "aaaa", "wobble"):
        for _ in range(200):
            made = queries.misspelt(word, dice)
            assert made != word and abs(len(made) - len(word)) <= 1
            assert queries.deletions(made) & queries.deletions(word) or sorted(made) == sorted(word)


def test_bounds_are_what_the_best_ranking_reaches():
    import queries
    assert queries.bounds_of([1]) == [1, 1, 1, 1]
    first, ten, fifty, reciprocal = queries.bounds_of([1] * 100)
    assert (first, ten, fifty) == (0.01, 0.1, 0.5) and abs(reciprocal - sum(1 / i for i in range(1, 51)) / 100) < 1e-12
    assert queries.bounds_of([3, 1])[0] == 0.75


def test_what_nobody_has_is_more_than_a_slip_away():
    import queries
    row = {"rid": 1, "id": "x", "folded": ["the beatles", "abbey road", "pcs 7088", "apple"]}
    for each in queries.Drawer([row], 1).nothing(50):
        for word in ("the", "beatles", "abbey", "road", "pcs", "apple"):
            assert not word.startswith(each["query"]) and not queries.deletions(word) & queries.deletions(each["query"])
