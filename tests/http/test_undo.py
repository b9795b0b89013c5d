# SPDX-License-Identifier: MIT
"""Undoing an import: what it did is taken back, what its owner did since is not."""
import pathlib
import time

import psycopg2
import pytest

from test_import import FILE, Importer, big_file, counts, expect
from waiting import eventually


class Undoer(Importer):
    def undo(self, job, **kwargs):
        return self.ask("POST", f"/api/jobs/{job['id']}/undo", **kwargs)

    def undone(self, job):
        status, headers, undo = self.undo(job)
        assert status == 202 and headers["location"] == f"/api/jobs/{undo['id']}", undo
        assert (undo["kind"], undo["importId"]) == ("undo", job["id"])
        undo = self.wait(undo)
        assert undo["status"] == "done" and undo["done"] == undo["total"], undo
        return undo["result"]

    def job(self, job):
        return self.ask("GET", f"/api/jobs/{job['id']}")[2]

    def count(self):
        return int(self.ask("GET", "/api/records?limit=1")[1]["x-total-count"])

    def found(self, q):
        return self.ask("GET", f"/api/records/search?fuzzy=0&limit=200&q={q}")[2]

    def sql(self, text):
        return self.server.sql(text.replace("ME", f"'{self.user['id']}'"))

    def counted(self):
        """What is counted is what would be, if it were counted anew."""
        tables = {"facet": "n, kind, val, folded", "completion": "kind, tail, val"}
        uid = self.sql("select uid from records.user_state where user_id = ME")[0][0]
        derived = lambda: {table: sorted(self.sql(f"select {columns} from records.{table} where uid = {uid}"), key=str)
                           for table, columns in tables.items()}
        kept, n = derived(), self.sql("select n_records, (select count(*) from records.record where user_id = ME and deleted_at is null) "
                                      "from records.user_state where user_id = ME")[0]
        self.sql("select records.recount(ME)")
        assert kept == derived() and n[0] == n[1]
        return n[0]

    def remembered(self):
        return [self.sql(f"select count(*) from ops.{table} where user_id = ME")[0][0] for table in ("import_part", "import_former")]


@pytest.fixture
def mine(server):
    return Undoer(server)


def essence(record):
    return {key: value for key, value in record.items() if key not in ("version", "updatedAt")}


def test_ten_thousand_records_go_but_for_those_that_were_changed_since(mine):
    own = mine.add(name="my own")
    job = mine.load(big_file(10000))
    assert job["undoable"] and job["undoneBy"] is None
    by_name = {record["name"]: record for record in mine.all()}
    edited, deleted, restored, renamed = (by_name[f"Title {n}"] for n in (17, 4711, 8000, 9999))
    assert mine.change(edited["id"], notes="mine")[0] == 200
    assert mine.ask("DELETE", f"/api/records/{deleted['id']}")[0] == 204
    assert mine.ask("DELETE", f"/api/records/{restored['id']}")[0] == 204
    assert mine.ask("POST", f"/api/records/{restored['id']}/restore")[0] == 200
    assert mine.ask("POST", f"/api/records/{renamed['id']}/aliases", json={"terms": ["the good one"]})[0] < 300
    assert mine.undone(job) == {"removed": 9996, "restored": 0, "kept": 3}
    assert {record["id"] for record in mine.all()} == {own["id"], edited["id"], restored["id"], renamed["id"]}
    assert mine.counted() == 4
    assert mine.found("Title%2018") == [] and edited["id"] in {r["id"] for r in mine.found("Title%2017")}
    after = mine.job(job)
    assert not after["undoable"] and after["undoneBy"] and counts(after) == counts(job)
    assert mine.remembered() == [0, 0]
    gone = mine.ask("GET", "/api/records/trash?limit=1")[2][0]
    assert mine.ask("POST", f"/api/records/{gone['id']}/restore")[0] == 200 and mine.count() == 5


def test_copies_are_told_of_what_went(mine):
    """Each record that went has a change version of its own, later than all before."""
    mine.load(FILE)
    job = mine.load(big_file(300))
    before = mine.sql("select version from records.user_state where user_id = ME")[0][0]
    mine.undone(job)
    changes = mine.ask("GET", f"/api/records/changes?since={before}&limit=1000")[2]
    assert len(changes) == 300 and all(change["deleted"] for change in changes)
    assert [change["version"] for change in changes] == list(range(before + 1, before + 301))


def test_what_was_filled_becomes_what_it_was(mine):
    made = [mine.add(artist="Can", name=f"n{i}", format="LP", catalogNumber=f"C {i}", notes="x" if i % 2 else None,
                     mediaPieces=[{"kind": "LP", "discGrade": "VG"}] if i == 3 else []) for i in range(8)]
    before = {record["id"]: essence(mine.get(record["id"])) for record in made}
    rows = "".join(f"Can,n{i},LP,C {i},Virgin,note,M,B {i}\n" for i in range(7)) + "Can,new,LP,C 99,UA,,,\n"
    job = mine.load("artist,name,format,catalogNumber,label,notes,sleeveGrade,Shelf\n" + rows, "?onDuplicate=merge")
    assert counts(job) == expect(rows=8, added=1, merged=7)
    filled = mine.get(made[3]["id"])
    assert filled["label"] == "Virgin" and filled["extra"] == {"Shelf": "B 3"}
    changed, dropped = made[5], made[6]
    assert mine.change(changed["id"], isPromo=True)[0] == 200 and mine.ask("DELETE", f"/api/records/{dropped['id']}")[0] == 204
    assert mine.undone(job) == {"removed": 1, "restored": 5, "kept": 1}
    for record in made[:5] + made[7:]:
        assert essence(mine.get(record["id"])) == before[record["id"]]
    assert mine.get(made[0]["id"])["version"] == 3 and mine.get(made[7]["id"])["version"] == 1
    assert mine.get(changed["id"])["label"] == "Virgin" and mine.counted() == 7
    assert [r["id"] for r in mine.ask("GET", "/api/records?q=Virgin&limit=10")[2]] == [changed["id"]]
    assert mine.remembered() == [0, 0]


def test_large_records_are_restored_too(mine):
    """More of them than one step takes in, which are few."""
    pieces = [{"kind": "LP", "notes": "ü" * 2000}] * 50
    made = [mine.add(artist="Can", name=f"n{i}", format="LP", catalogNumber=f"C {i}", mediaPieces=pieces) for i in range(50)]
    rows = "".join(f"Can,n{i},LP,C {i},Virgin\n" for i in range(50))
    job = mine.load("artist,name,format,catalogNumber,label\n" + rows, "?onDuplicate=merge")
    assert mine.get(made[49]["id"])["label"] == "Virgin"
    assert mine.undone(job) == {"removed": 0, "restored": 50, "kept": 0}
    assert all(essence(mine.get(record["id"])) == essence(record) for record in made)


def test_what_one_import_made_and_filled_itself_goes_whole(mine):
    """The second half of the file adds to what the first half made, in other batches."""
    head = "artist,name,format,catalogNumber,label\n"
    first = "".join(f"Can,n{i},LP,C {i},\n" for i in range(2500))
    second = "".join(f"Can,n{i},LP,C {i},Virgin\n" for i in range(2500))
    mine.add(artist="Can", name="n7", format="LP", catalogNumber="C 7")
    job = mine.load(head + first + second, "?onDuplicate=merge")
    assert counts(job) == expect(rows=5000, added=2499, merged=2501)
    touched = next(record for record in mine.all() if record["name"] == "n2000")
    assert touched["label"] == "Virgin" and touched["version"] == 2
    assert mine.change(touched["id"], label="UA")[0] == 200
    assert mine.undone(job) == {"removed": 2498, "restored": 1, "kept": 1}
    assert sorted((r["name"], r["label"]) for r in mine.all()) == [("n2000", "UA"), ("n7", None)]
    assert mine.counted() == 2


def test_a_later_import_is_a_change_and_can_be_undone_first(mine):
    first = mine.load("artist,name,format,catalogNumber\nCan,Landed,LP,V 2041\nCan,Other,LP,V 1\n")
    second = mine.load("artist,name,format,catalogNumber,label\nCan,Landed,LP,V 2041,Virgin\n", "?onDuplicate=merge")
    assert mine.undone(first) == {"removed": 1, "restored": 0, "kept": 1}
    assert mine.undone(second) == {"removed": 0, "restored": 1, "kept": 0}
    assert [(r["name"], r["label"]) for r in mine.all()] == [("Landed", None)]


def test_undone_and_imported_again_it_is_there_again(mine):
    job = mine.load(FILE)
    mine.undone(job)
    again = mine.load(FILE)
    assert counts(again) == expect(rows=2, added=2) and mine.count() == 2
    assert mine.undone(again) == {"removed": 2, "restored": 0, "kept": 0} and mine.count() == 0


def test_only_once(mine):
    job = mine.load(FILE)
    mine.undone(job)
    status, _, body = mine.undo(job)
    assert status == 409 and "already" in body["error"]


def test_an_idempotency_key_gets_the_same_job_again(mine):
    job = mine.load(FILE)
    asked = [mine.undo(job, headers={"idempotency-key": "once"}) for _ in range(2)]
    assert [status for status, _, _ in asked] == [202, 202] and asked[0][2]["id"] == asked[1][2]["id"]
    assert asked[1][1]["idempotency-replayed"] == "true"
    assert mine.wait(asked[0][2])["result"]["removed"] == 2 and mine.count() == 0


def test_not_while_it_runs_but_once_it_is_cancelled(mine):
    _, _, job = mine.start(big_file(40000))
    while job["status"] == "queued" or job["added"] == 0:
        job = mine.job(job)
        assert job["status"] in ("queued", "running")
    status, _, body = mine.undo(job)
    assert status == 409 and "cancel" in body["error"]
    assert mine.ask("DELETE", f"/api/jobs/{job['id']}")[2]["status"] == "cancelled"
    result = mine.undone(job)
    job = mine.job(job)
    assert result == {"removed": job["added"], "restored": 0, "kept": 0} and job["added"] > 0
    time.sleep(1)
    assert mine.count() == 0 and mine.counted() == 0


def test_what_changed_nothing_cannot_be_undone(server, mine):
    dry = mine.load(FILE, "?dryRun=true")
    assert not dry["undoable"] and mine.undo(dry)[0] == 409
    job = mine.load(FILE)
    assert Undoer(server).undo(job)[0] == 404 and mine.undo({"id": "x"})[0] == 404
    undo = mine.undo(job)[2]
    mine.wait(undo)
    status, _, body = mine.undo(undo)
    assert status == 409 and "import" in body["error"]


def test_an_undoing_that_is_cancelled_can_be_done_again(mine):
    job = mine.load(big_file(30000))
    _, _, undo = mine.undo(job)
    assert mine.ask("DELETE", f"/api/jobs/{undo['id']}")[2]["status"] == "cancelled"
    assert eventually(lambda: mine.job(job)["undoable"])
    removed = mine.job(undo)["result"]["removed"]
    again = mine.undone(job)
    assert removed + again["removed"] == 30000 and mine.count() == 0


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_interrupted_undoing_goes_on_at_the_next_start(make_server, how):
    server = make_server()
    mine = Undoer(server)
    own = [mine.add(artist="Artist 1", name="Title 1", format="LP", catalogNumber="CAT 1")]
    head = "artist,name,format,catalogNumber,label\n"
    job = mine.load(head + "".join(f"Artist {i % 97},Title {i},LP,CAT {i},Some\n" for i in range(20000)), "?onDuplicate=merge")
    assert counts(job) == expect(rows=20000, added=19999, merged=1)
    _, _, undo = mine.undo(job)
    while undo["done"] == 0:
        undo = mine.job(undo)
    assert undo["status"] == "running"
    server.stop() if how == "stop" else server.kill()
    server.start()
    undo = mine.wait(mine.job(undo))
    assert undo["status"] == "done" and undo["result"] == {"removed": 19999, "restored": 1, "kept": 0}
    assert [(r["id"], r["label"]) for r in mine.all()] == [(own[0]["id"], None)] and mine.counted() == 1


def test_what_undoing_needs_is_forgotten_with_the_job(make_server):
    server = make_server()
    mine = Undoer(server)
    mine.add(artist="Can", name="Landed", format="LP", catalogNumber="V 2041")
    mine.load(FILE, "?onDuplicate=merge")
    assert mine.remembered() == [1, 1]
    mine.sql("update ops.job set finished_at = now() - interval '31 days'")
    server.stop()
    server.start()
    assert eventually(lambda: mine.remembered() == [0, 0])
    assert pathlib.Path(server.data).exists() and mine.ask("GET", "/api/jobs")[2] == []


@pytest.mark.parametrize("what", ["import", "undo"])
def test_a_job_whose_client_hangs_up_is_done_all_the_same(make_server, what):
    server = make_server(settings={"database.cancel_after": "60s"})
    mine = Undoer(server)
    job = mine.load(FILE)
    path = {"import": "/api/records/import?onDuplicate=add", "undo": f"/api/jobs/{job['id']}/undo"}[what]
    body = FILE.encode() if what == "import" else b""
    holder = psycopg2.connect(f"host={server.socket_dir()} dbname=recordd user=recordd_owner")
    holder.cursor().execute("lock table events.feed in exclusive mode")
    try:
        client = server.connect(timeout=30)
        client.request("POST", path, body, {"authorization": f"Bearer {mine.token}", "content-type": "text/csv"})
        assert eventually(lambda: server.sql("select count(*) from pg_locks where not granted")[0][0])
        client.close()
        time.sleep(0.5)
    finally:
        holder.close()
    newest = lambda: mine.ask("GET", "/api/jobs")[2][0]
    assert eventually(lambda: newest()["id"] != job["id"])
    assert mine.wait(newest())["status"] == "done"
