# SPDX-License-Identifier: MIT
"""Many records changed at once: each for itself, each told, and nothing that is read afterwards is older."""
import concurrent.futures
import uuid

import pytest

PIECES = [{"index": 1, "kind": "VINYL", "sizeInch": 12, "discGrade": "VG+"}]


class Collection:
    def __init__(self, server):
        self.server = server
        self.token, self.user = server.register()

    def ask(self, method, path, **more):
        return self.server.request(method, path, token=self.token, **more)

    def add(self, **fields):
        status, _, body = self.ask("POST", "/api/records", json={"artist": "Can", "name": "Tago Mago", "format": "LP", **fields})
        assert status == 201, body
        return body

    def get(self, record):
        return self.ask("GET", f"/api/records/{record['id']}")[2]

    def batch(self, *operations, **more):
        status, _, body = self.ask("POST", "/api/records/batch", json={"operations": list(operations)}, **more)
        assert status == 200, body
        return body["results"]

    def total(self, query=""):
        return int(self.ask("GET", f"/api/records?{query}")[1]["x-total-count"])


@pytest.fixture
def mine(server):
    return Collection(server)


def update(record, version=None, **fields):
    return {"op": "update", "id": record["id"], "set": fields, **({"version": version} if version else {})}


def test_what_fails_is_told_and_the_others_are_done(server, mine):
    a, b, c, d, gone = (mine.add(name=name) for name in "abcde")
    mine.ask("DELETE", f"/api/records/{gone['id']}")
    foreign = Collection(server).add()
    results = mine.batch(
        update(a, name="A", label="L"), {"op": "delete", "id": b["id"]}, {"op": "restore", "id": gone["id"]},
        update(c, recordGrade="superb", shelf=1), update({"id": str(uuid.uuid4())}, name="x"), update(foreign, name="x"),
        {"op": "delete", "id": "no-id"}, update(a, name="twice"), {"op": "restore", "id": d["id"]}, update(gone, name="x"))
    assert [r["status"] for r in results] == [200, 204, 200, 422, 404, 404, 404, 422, 200, 422]
    assert [r["id"] for r in results][:3] == [a["id"], b["id"], gone["id"]]
    assert results[0]["record"] == mine.get(a) and mine.get(a)["name"] == "A" and mine.get(a)["version"] == 2
    assert results[0]["before"] == {"name": "a", "label": None}
    assert "record" not in results[1] and mine.get(b)["status"] == 404
    assert results[2]["record"] == mine.get(gone) and mine.get(gone)["name"] == "e"
    assert {e["field"] for e in results[3]["errors"]} == {"recordGrade", "shelf"} and mine.get(c) == c
    assert all(r["error"] for r in results[3:8]) and "batch already" in results[7]["error"]
    assert results[8]["record"] == d == mine.get(d)
    assert server.request("GET", f"/api/records/{foreign['id']}", token=mine.token)[0] == 404
    assert mine.total() == 4


def test_somebody_elses_change_is_not_lost(mine):
    a, b = mine.add(name="a"), mine.add(name="b")
    mine.ask("PATCH", f"/api/records/{a['id']}", json={"notes": "theirs"})
    results = mine.batch(update(a, version=1, name="x"), update(b, version=1, name="y"))
    assert [r["status"] for r in results] == [412, 200]
    assert results[0]["record"] == mine.get(a) and mine.get(a)["notes"] == "theirs" and mine.get(a)["name"] == "a"
    assert [r["status"] for r in mine.batch({"op": "delete", "id": a["id"], "version": 1}, {"op": "delete", "id": b["id"], "version": 2})] == [412, 204]
    assert [r["status"] for r in mine.batch({"op": "restore", "id": b["id"], "version": 9}, update(a, version=2, name="x"))] == [412, 200]


def test_what_was_before_undoes_a_batch(mine):
    records = [mine.add(name="a", label="Old", pricePaid=9.5, notes="n"), mine.add(name="b", mediaPieces=PIECES),
               mine.add(name="c", recordGrade="G", mediaPieces=PIECES), mine.add(name="d", extra={"shelf": "3"})]
    changes = [{"label": None, "pricePaid": 12, "format": "CD"}, {"mediaPieces": [{**PIECES[0], "discGrade": "P"}]},
               {"recordGrade": None}, {"extra": {"shelf": "4"}, "purchasedAt": "2020-01-01"}]
    done = mine.batch(*(update(r, **c) for r, c in zip(records, changes)))
    assert [r["status"] for r in done] == [200] * 4
    assert done[0]["before"] == {"label": "Old", "pricePaid": 9.5, "format": "LP"}
    assert "recordGrade" not in done[1]["before"] and done[1]["record"]["recordGrade"] == "P"
    assert done[2]["before"] == {"recordGrade": "G"} and done[2]["record"]["recordGrade"] == "VG+"
    undone = mine.batch(*({"op": "update", "id": r["id"], "set": r["before"], "version": r["record"]["version"]} for r in done))
    assert [r["status"] for r in undone] == [200] * 4
    for was, now in zip(records, (r["record"] for r in undone)):
        for record in (was, now):
            record["mediaPieces"] = [{**piece, "id": 0} for piece in record["mediaPieces"]]
        assert {**now, "version": 0, "updatedAt": 0} == {**was, "version": 0, "updatedAt": 0}


def test_a_piece_that_stays_is_the_same_after_undoing(mine):
    record = mine.add(mediaPieces=[*PIECES, {"index": 2, "kind": "CD"}])
    first, second = record["mediaPieces"]
    done = mine.batch(update(record, mediaPieces=[{**first, "discGrade": "P"}]))[0]
    assert [p["id"] for p in done["before"]["mediaPieces"]] == [first["id"], None]
    undone = mine.batch(update(record, **done["before"]))[0]["record"]["mediaPieces"]
    assert undone[0] == first and undone[1] == {**second, "id": undone[1]["id"]}


def test_a_grade_that_was_derived_is_derived_again_by_undoing(mine):
    record = mine.add(mediaPieces=PIECES)
    assert record["recordGradeDerived"]
    done = mine.batch(update(record, recordGrade="F"))[0]
    assert done["before"] == {"recordGrade": None} and not done["record"]["recordGradeDerived"]
    undone = mine.batch(update(record, **done["before"]))[0]["record"]
    assert undone["recordGrade"] == "VG+" and undone["recordGradeDerived"]


def test_what_changes_nothing_is_not_written(mine):
    record = mine.add(label="L")
    result = mine.batch(update(record, label="L", name="Tago Mago"))[0]
    assert result == {"id": record["id"], "status": 200, "record": record, "before": {}} and mine.get(record)["version"] == 1


def test_five_hundred_are_done_and_one_more_is_refused(mine):
    lines = ["artist,name,format,label"] + [f"a{i % 7},n{i},LP,l{i % 3}" for i in range(501)]
    status, headers, job = mine.ask("POST", "/api/records/import", data="\n".join(lines).encode(), headers={"content-type": "text/csv"})
    while job["status"] in ("queued", "running"):
        job = mine.ask("GET", headers["location"])[2]
    ids = [r["id"] for offset in range(0, 501, 100) for r in mine.ask("GET", f"/api/records?sort=name&offset={offset}")[2]]
    assert len(set(ids)) == 501
    operations = [{"op": "update", "id": i, "set": {"format": "CD", "label": f"new {n % 2}"}} for n, i in enumerate(ids)]
    status, _, body = mine.ask("POST", "/api/records/batch", json={"operations": operations})
    assert status == 422 and body["errors"][0]["field"] == "operations" and "500" in body["errors"][0]["message"]
    assert mine.total("format=CD") == 0
    assert {r["status"] for r in mine.batch(*operations[:500])} == {200}
    assert mine.total("format=CD") == 500 and mine.total("label=new+1") == 250
    facets = mine.ask("GET", "/api/records/search/facets")[2]
    assert {f["value"]: f["count"] for f in facets["format"]} == {"CD": 500, "LP": 1}
    changes = mine.ask("GET", "/api/records/changes?since=501&limit=1000")[2]
    assert [c["version"] for c in changes] == list(range(502, 1002)) and {c["record"]["format"] for c in changes} == {"CD"}
    assert {r["status"] for r in mine.batch(*({"op": "delete", "id": i} for i in ids[:500]))} == {204}
    assert mine.total() == 1 and mine.ask("GET", "/api/records/search/facets")[2]["format"] == [{"value": "LP", "count": 1}]
    assert {r["status"] for r in mine.batch(*({"op": "restore", "id": i} for i in ids[:500]))} == {200}
    assert mine.total() == 501 and mine.total("format=CD") == 500


def test_the_counts_are_those_of_the_records(server, mine):
    """What is kept beside the records, after batches of all kinds, is what counting anew gives."""
    records = [mine.add(artist=f"The Ä{i % 4}", name=f"n{i}", label=f"L{i % 3}", releaseYear=1970 + i % 5, mediaPieces=PIECES[: i % 2]) for i in range(30)]
    mine.batch(*(update(r, artist="New", label=None, recordGrade="M", mediaPieces=PIECES) if i % 3 else {"op": "delete", "id": r["id"]}
                 for i, r in enumerate(records)))
    mine.batch(*({"op": "restore", "id": r["id"]} if i % 2 else update(r, releaseYear=None, artist="the ä1") for i, r in enumerate(records)))
    uid = server.sql(f"select uid from records.user_state where user_id = '{mine.user['id']}'")[0][0]

    def derived():
        return [sorted(server.sql(f"select {columns} from records.{table} where uid = {uid}"))
                for table, columns in (("facet", "kind, val, n, folded"), ("completion", "kind, tail, val"))]
    kept = derived()
    server.sql(f"select records.recount('{mine.user['id']}')")
    assert derived() == kept and kept[0]
    assert server.sql(f"select n_records from records.user_state where uid = {uid}")[0][0] == mine.total()
    for r in records:
        now = mine.get(r)
        if "artist" in now:
            pieces = server.sql(f"select index, disc_grade from records.media_piece where record_id = '{r['id']}'")
            assert pieces == [(p["index"], p["discGrade"]) for p in now["mediaPieces"]]


def test_nothing_that_is_kept_is_older_than_a_batch(mine):
    records = [mine.add(name=f"n{i}", label="old") for i in range(5)]
    paths = ["/api/records?sort=name", "/api/records?label=old", "/api/records/search?q=old", "/api/records/search?q=old&sort=name",
             "/api/records/search/facets", "/api/records/search/facets?label=old", f"/api/records/{records[0]['id']}",
             "/api/records/search/price-stats"]
    for turn in range(3):
        before = [mine.ask("GET", path)[2] for path in paths]
        mine.batch(*(update(r, label=f"old {turn}", pricePaid=turn) for r in records))
        after = [mine.ask("GET", path)[2] for path in paths]
        assert all(a != b for a, b in zip(before, after)) or turn == 0
        assert {r["label"] for r in after[0] + after[2] + after[3]} == {f"old {turn}"} and after[6]["pricePaid"] == turn
        mine.batch(*(update(r, label="old", pricePaid=None) for r in records))
        assert mine.ask("GET", paths[1])[1]["x-total-count"] == "5"
    mine.batch(*({"op": "delete", "id": r["id"]} for r in records))
    assert [mine.ask("GET", path)[2] for path in paths[:4]] == [[], [], [], []] and mine.ask("GET", paths[6])[0] == 404


def test_a_repeated_batch_with_its_key_is_done_once(mine):
    a, b = mine.add(name="a"), mine.add(name="b")
    key = {"idempotency-key": "k1"}
    operations = [update(a, version=1, name="x"), {"op": "delete", "id": b["id"]}, update({"id": str(uuid.uuid4())}, name="x")]
    first = mine.batch(*operations, headers=key)
    assert [r["status"] for r in first] == [200, 204, 404]
    assert mine.batch(*operations, headers=key) == first and mine.get(a)["version"] == 2
    assert mine.ask("POST", "/api/records/batch", json={"operations": operations[:1]}, headers=key)[0] == 422
    assert mine.total("sort=name") == 1 and mine.ask("GET", "/api/records/search?q=x")[2][0]["id"] == a["id"]


def test_batches_at_the_same_time_lose_nothing(mine):
    records = [mine.add(name=f"n{i}") for i in range(20)]
    fields = ["label", "catalogNumber", "labelCode", "notes", "format", "artist"]
    with concurrent.futures.ThreadPoolExecutor(len(fields)) as pool:
        done = list(pool.map(lambda field: mine.batch(*(update(r, **{field: f"new {field}"}) for r in records)), fields))
    statuses = [[r["status"] for r in results] for results in done]
    assert all(status in (200, 409) for row in statuses for status in row)
    for i, record in enumerate(records):
        now = mine.get(record)
        for field, row in zip(fields, statuses):
            assert (now[field] == f"new {field}") == (row[i] == 200)
        assert now["version"] == 1 + sum(row[i] == 200 for row in statuses)


def test_a_foreign_cover_is_refused_and_the_rest_done(mine):
    a, b = mine.add(name="a"), mine.add(name="b")
    results = mine.batch(update(a, cover="/covers/" + "0" * 32), update(b, name="B"), update(mine.add(), cover="elsewhere"))
    assert [r["status"] for r in results] == [422, 200, 422]
    assert results[0]["errors"][0]["field"] == "cover" == results[2]["errors"][0]["field"]


@pytest.mark.parametrize("body, field", [
    ({}, "operations"), ([], "operations"), ({"operations": []}, "operations"), ({"operations": {}}, "operations"),
    ({"operations": [1]}, "operations[0]"), ({"operations": [{"op": "destroy", "id": "x"}]}, "operations[0].op"),
    ({"operations": [{"op": "delete"}]}, "operations[0].id"), ({"operations": [{"op": "update", "id": "x"}]}, "operations[0].set"),
    ({"operations": [{"op": "update", "id": "x", "set": []}]}, "operations[0].set"),
    ({"operations": [{"op": "delete", "id": "x", "set": {}}]}, "operations[0].set"),
    ({"operations": [{"op": "delete", "id": "x", "version": "1"}]}, "operations[0].version"),
    ({"operations": [{"op": "delete", "id": "x", "version": 0}]}, "operations[0].version"),
    ({"operations": [{"op": "delete", "id": "x", "more": 0}]}, "operations[0]"),
    ({"operations": [{"op": "delete", "id": "x"}], "more": 1}, "body"),
])
def test_a_batch_that_is_none_is_refused_by_name(mine, body, field):
    status, _, got = mine.ask("POST", "/api/records/batch", json=body)
    assert status == 422 and {e["field"] for e in got["errors"]} == {field}


def test_a_broken_batch_changes_nothing(mine):
    record = mine.add()
    assert mine.ask("POST", "/api/records/batch", data=b'{"operations":[', headers={"content-type": "application/json"})[0] == 400
    assert mine.ask("POST", "/api/records/batch", json={"operations": [update(record, name="x"), {"op": "no", "id": "x"}]})[0] == 422
    assert mine.get(record) == record


def test_large_records_are_changed_many_at_once(mine):
    records = [mine.add(name=f"n{i}", notes="ü" * 9000) for i in range(40)]
    results = mine.batch(*(update(r, notes="ö" * 10000) for r in records))
    assert {r["status"] for r in results} == {200} and mine.get(records[-1])["notes"] == "ö" * 10000


def test_a_batch_has_room_for_four_megabytes_and_no_more(mine):
    record = mine.add()
    nobody = [{"op": "update", "id": str(uuid.uuid4()), "set": {"notes": "n" * 8000}} for _ in range(499)]
    results = mine.batch(*nobody, update(record, notes="n" * 8000))
    assert [r["status"] for r in results] == [404] * 499 + [200] and len(results[-1]["record"]["notes"]) == 8000
    nobody[0]["set"]["notes"] = "n" * (1 << 18)
    assert mine.ask("POST", "/api/records/batch", json={"operations": nobody})[0] == 413


def test_a_batch_that_needs_too_much_memory_changes_nothing(mine):
    columns = [f"c{i}" for i in range(40)]
    lines = [",".join(["artist", "name", "format", *columns])] + [",".join(["Can", f"n{i}", "LP", *["x" * 2000] * 40]) for i in range(250)]
    status, headers, job = mine.ask("POST", "/api/records/import", data="\n".join(lines).encode(), headers={"content-type": "text/csv"})
    assert status == 202, job
    while job["status"] in ("queued", "running"):
        job = mine.ask("GET", headers["location"])[2]
    assert job["added"] == 250
    ids = [r["id"] for offset in (0, 100, 200) for r in mine.ask("GET", f"/api/records?sort=name&offset={offset}")[2]]
    operations = [{"op": "update", "id": i, "set": {"label": "new"}} for i in ids]
    status, _, body = mine.ask("POST", "/api/records/batch", json={"operations": operations})
    assert status == 413 and "fewer" in body["error"] and mine.total("label=new") == 0
    assert {r["status"] for r in mine.batch(*operations[:50])} == {200} and mine.total("label=new") == 50
