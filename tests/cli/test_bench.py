# SPDX-License-Identifier: MIT
"""recordd bench quality: whether the record meant is found, and a failure when it is not."""
import json

import pytest

HEADING = "kind\tquery\trid\tid\tbound1\tbound10\tbound50\tbound_mrr"


@pytest.fixture(scope="module")
def collection(server):
    """(email, {what: rid}) of three records."""
    token, user = server.register()
    for artist, name, number in (("Miles Davis", "Kind Of Blue", "CS 8163"), ("Neil Young", "Harvest", "MS 2032"), ("高橋春樹", "夜の海", None)):
        status, _, _ = server.request("POST", "/api/records", token, json={"artist": artist, "name": name, "format": "LP", "catalogNumber": number})
        assert status == 201
    rows = server.sql(f"SELECT name, rid FROM records.record WHERE user_id = '{user['id']}'")
    return user["email"], dict(rows)


def measure(server, tmp_path, email, *queries):
    file = tmp_path / "queries.tsv"
    lines = ["\t".join([kind, query, str(rid), "-", *["1.0000"] * 4]) for kind, query, rid in queries]
    file.write_text("\n".join([HEADING, *lines]) + "\n", encoding="utf-8")
    return server.run("bench", "quality", "--user", email, "--queries", str(file), "--json")


def test_what_is_found_is_counted_where_it_is_found(server, collection, tmp_path):
    email, rids = collection
    done = measure(server, tmp_path, email, ("typo", "miles davsi kind", rids["Kind Of Blue"]), ("catalog", "ms2032", rids["Harvest"]),
                   ("several", "harvest young", rids["Harvest"]), ("nothing", "xyzzyplugh", 0), ("kanji", "高橋春樹", rids["夜の海"]))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["records"] == 3 and told["belowFloor"] == []
    for kind in ("typo", "catalog", "several", "kanji"):
        assert told["kinds"][kind]["recordd"]["hit@1"] == 1 == told["kinds"][kind]["bound"]["hit@1"], kind
    assert told["kinds"]["typo"]["corrected"] == 1 and told["kinds"]["nothing"]["recordd"]["empty"] == 1
    assert "trigrams" not in told["kinds"]["typo"] or told["kinds"]["typo"]["trigrams"]["hit@10"] in (0, 1)


def test_a_search_below_the_floor_is_a_failure(server, collection, tmp_path):
    email, rids = collection
    done = measure(server, tmp_path, email, ("typo", "harvest", rids["Kind Of Blue"]), ("nothing", "miles", 0))
    assert done.returncode == 1
    assert {each["kind"] for each in json.loads(done.stdout)["belowFloor"]} == {"typo", "nothing"}
    assert "typo: hit@10 is 0.000, below the floor of 0.970" in done.stderr


def test_nothing_of_the_comparison_stays_in_the_database(server, collection, tmp_path):
    measure(server, tmp_path, collection[0], ("typo", "harvst", collection[1]["Harvest"]))
    assert server.sql("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'") == [(0,)]
    assert server.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'bench_trigrams'") == [(0,)]


@pytest.mark.parametrize("text, said", [("", "no file of queries"), ("hello\n", "no file of queries"), (HEADING + "\ntypo\tx\n", "line 2 is no query"),
                                        (HEADING + "\nodd\tx\t1\t-\t1.0000\t1.0000\t1.0000\t1.0000\n", "line 2 is no query")])
def test_a_file_that_is_none_is_named_as_such(server, collection, tmp_path, text, said):
    file = tmp_path / "bad.tsv"
    file.write_text(text)
    done = server.run("bench", "quality", "--user", collection[0], "--queries", str(file))
    assert done.returncode == 65 and said in done.stderr
