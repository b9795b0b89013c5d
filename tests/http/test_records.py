# SPDX-License-Identifier: MIT
"""Records as clients keep them: every line of the contract's section on records, over a real connection."""
import csv
import io
import threading
import time
import uuid

import pytest

ALBUM = {"artist": "Can", "name": "Tago Mago", "format": "2xLP"}
FIELDS = ("id userId artist name format catalogNumber label labelCode releaseYear releaseDate pressingYear recordGrade "
          "sleeveGrade hasInsert insertGrade hasBooklet bookletGrade hasObiStrip obiStripGrade hasFactorySleeve "
          "factorySleeveGrade isPromo notes purchasedAt pricePaid mediaPieces createdAt updatedAt version").split()
COLUMNS = ("id,artist,name,format,catalogNumber,recordGrade,sleeveGrade,hasInsert,insertGrade,hasBooklet,bookletGrade,"
           "hasObiStrip,obiStripGrade,hasFactorySleeve,factorySleeveGrade,isPromo,purchasedAt,pricePaid,notes,"
           "mediaPieces,createdAt,updatedAt").split(",")


class Collection:
    """A fresh account and short words for what is done with it."""

    def __init__(self, server):
        self.server = server
        self.token, self.user = server.register()

    def ask(self, method, path, **kwargs):
        return self.server.request(method, path, token=self.token, **kwargs)

    def add(self, **fields):
        status, headers, body = self.ask("POST", "/api/records", json={**ALBUM, **fields})
        assert status == 201, body
        return body

    def get(self, record_id):
        status, _, body = self.ask("GET", f"/api/records/{record_id}")
        assert status == 200, body
        return body

    def change(self, record_id, method="PATCH", headers=None, **fields):
        return self.ask(method, f"/api/records/{record_id}", json=fields, headers=headers)


@pytest.fixture
def mine(server):
    return Collection(server)


def wrong_fields(body):
    return {error["field"] for error in body["errors"]}


# ── Adding ──

def test_a_record_that_is_added_is_there_as_it_was_sent(mine):
    status, headers, made = mine.ask("POST", "/api/records", json={
        **ALBUM, "catalogNumber": "UAS 29 211", "label": "United Artists", "releaseYear": 1971, "releaseDate": "1971-02-28",
        "recordGrade": "vg plus", "hasInsert": True, "purchasedAt": "2024-05-01", "pricePaid": 19.9, "notes": "Höhenflug"})
    assert status == 201
    assert headers["location"] == f"/api/records/{made['id']}"
    assert headers["etag"] == f'"{made["id"]}-v1"'
    assert [name for name in made if name in FIELDS] == FIELDS
    assert made["userId"] == mine.user["id"]
    assert made["recordGrade"] == "VG+"
    assert made["purchasedAt"] == "2024-05-01T00:00:00.000Z"
    assert made["pricePaid"] == 19.9
    assert made["releaseDate"] == "1971-02-28"
    assert made["createdAt"] == made["updatedAt"] and made["createdAt"].endswith("Z") and len(made["createdAt"]) == 24
    assert uuid.UUID(made["id"]).version == 7
    assert mine.get(made["id"]) == made


def test_everything_wrong_with_a_record_is_named(mine):
    status, headers, body = mine.ask("POST", "/api/records", json={
        "artist": " ", "format": 3, "recordGrade": "superb", "pricePaid": 1.234, "releaseYear": "1971", "shelf": "A"})
    assert status == 422
    assert headers["content-type"].startswith("application/problem+json")
    assert wrong_fields(body) == {"artist", "name", "format", "recordGrade", "pricePaid", "releaseYear", "shelf"}
    assert body["status"] == 422 and body["error"] and body["requestId"]


@pytest.mark.parametrize("body, status", [
    (b"{", 400), (b"", 400), (b'{"artist":"a","artist":"b"}', 400), (b'{"artist":"\\ud800"}', 400),
    (b'{"artist":"a\\u0000b"}', 400), (b"[" * 100000, 400), (b"[]", 422), (b'{"id":"x"}', 422)])
def test_a_broken_body_is_refused_and_the_server_lives(mine, body, status):
    got, _, answer = mine.ask("POST", "/api/records", data=body, headers={"content-type": "application/json"})
    assert got == status, answer
    mine.add()


def test_money_is_exact(mine):
    cents = [0, 1, 10, 99, 100, 1999, 123456789005, 999999999999]
    for amount in cents:
        made = mine.add(pricePaid=amount / 100)
        assert round(made["pricePaid"] * 100) == amount
    stored = mine.server.sql(f"select sum(price_paid) from records.record where user_id = '{mine.user['id']}'")
    assert int(stored[0][0] * 100) == sum(cents)


def test_a_limit_counts_characters(mine):
    assert mine.add(artist="é" * 256)["artist"] == "é" * 256
    status, _, body = mine.ask("POST", "/api/records", json={**ALBUM, "artist": "é" * 257})
    assert status == 422 and wrong_fields(body) == {"artist"}


# ── Media pieces and grades ──

def test_pieces_give_the_record_its_grade_and_their_sides_are_lettered_on(mine):
    made = mine.add(mediaPieces=[{"kind": "LP", "discGrade": "Near Mint"},
                                 {"kind": "LP", "sides": {"A": "EX", "B": "v.g.+"}}])
    assert made["recordGrade"] == "VG+"
    first, second = made["mediaPieces"]
    assert (first["index"], first["kind"], first["sizeInch"], first["speedRpm"]) == (1, "VINYL", 12, 33)
    assert second["index"] == 2 and second["sides"] == {"C": "EX", "D": "VG+"}

    changed = mine.change(made["id"], mediaPieces=[{"kind": "CD", "discGrade": "M"}])[2]
    assert changed["recordGrade"] == "M" and len(changed["mediaPieces"]) == 1
    assert mine.change(made["id"], mediaPieces=[])[2]["recordGrade"] is None
    rows = mine.server.sql(f"select count(*) from records.media_piece where record_id = '{made['id']}'")
    assert rows == [(0,)]


def test_a_grade_the_owner_gave_stays_until_it_is_cleared(mine):
    made = mine.add(recordGrade="G", mediaPieces=[{"discGrade": "NM"}])
    assert made["recordGrade"] == "G"
    assert mine.change(made["id"], mediaPieces=[{"discGrade": "EX"}])[2]["recordGrade"] == "G"
    assert mine.change(made["id"], recordGrade=None)[2]["recordGrade"] == "EX"


def test_a_piece_keeps_its_id_when_it_is_sent_back(mine):
    made = mine.add(mediaPieces=[{"kind": "LP"}, {"kind": "CD"}])
    pieces = made["mediaPieces"]
    pieces[0]["discGrade"] = "VG"
    changed = mine.change(made["id"], mediaPieces=pieces)[2]
    assert [piece["id"] for piece in changed["mediaPieces"]] == [piece["id"] for piece in pieces]
    assert changed["mediaPieces"][0]["discGrade"] == "VG"


def test_a_seven_inch_needs_no_format(mine):
    status, _, made = mine.ask("POST", "/api/records", json={"artist": "Can", "name": "Spoon", "mediaPieces": [{"kind": '7"'}]})
    assert status == 201 and made["format"] == "EP"
    assert (made["mediaPieces"][0]["sizeInch"], made["mediaPieces"][0]["speedRpm"]) == (7, 45)


def test_two_pieces_cannot_have_one_index(mine):
    status, _, body = mine.ask("POST", "/api/records", json={**ALBUM, "mediaPieces": [{"index": 1}, {"index": 1}]})
    assert status == 422 and wrong_fields(body) == {"mediaPieces[1].index"}


# ── Changing ──

@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_touches_only_what_it_names(mine, method):
    made = mine.add(label="UA", notes="x", pricePaid=5)
    status, headers, changed = mine.change(made["id"], method=method, name="Ege Bamyası", label=None)
    assert status == 200 and headers["etag"] == f'"{made["id"]}-v2"'
    assert changed == {**made, "name": "Ege Bamyası", "label": None, "version": 2, "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] >= made["updatedAt"]
    assert mine.get(made["id"]) == changed


def test_what_was_got_can_be_put(mine):
    made = mine.add(mediaPieces=[{"kind": "LP", "discGrade": "VG"}], extra={"Shelf": "A 3"})
    status, _, again = mine.change(made["id"], method="PUT", **made)
    assert status == 200, again
    assert again == {**made, "version": 2, "updatedAt": again["updatedAt"]}


@pytest.mark.parametrize("field, value", [
    ("id", str(uuid.uuid4())), ("userId", str(uuid.uuid4())), ("createdAt", "2020-01-01"), ("version", 7)])
def test_what_is_the_servers_to_set_is_refused_by_name(mine, field, value):
    made = mine.add()
    status, _, body = mine.change(made["id"], **{field: value})
    assert status == 422 and wrong_fields(body) == {field}
    assert mine.get(made["id"]) == made


def test_a_stale_change_does_not_overwrite_a_newer_one(mine):
    made = mine.add()
    old = f'"{made["id"]}-v1"'
    assert mine.change(made["id"], headers={"if-match": old}, name="first")[0] == 200
    status, _, body = mine.change(made["id"], headers={"if-match": old}, name="second")
    assert status == 412 and body["error"]
    assert mine.change(made["id"], headers={"if-match": f'W/"{made["id"]}-v2"'}, name="weak")[0] == 412
    assert mine.ask("DELETE", f"/api/records/{made['id']}", headers={"if-match": old})[0] == 412
    assert mine.get(made["id"])["name"] == "first"
    assert mine.change(made["id"], headers={"if-match": f'"x", "{made["id"]}-v2"'}, name="third")[0] == 200
    assert mine.change(made["id"], headers={"if-match": "*"}, name="fourth")[0] == 200


def test_of_many_writers_at_once_none_is_lost(mine):
    made = mine.add(extra={})
    fields = ["label", "labelCode", "catalogNumber", "notes"]
    got = []

    def write(field):
        got.append(mine.change(made["id"], **{field: field})[0])

    threads = [threading.Thread(target=write, args=(field,)) for field in fields]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record = mine.get(made["id"])
    for field, status in zip(fields, got):
        assert status == 200
        assert record[field] == field
    assert record["version"] == 1 + len(fields)


def test_a_copy_that_is_still_good_is_not_sent_again(mine):
    made = mine.add()
    path = f"/api/records/{made['id']}"
    etag = mine.ask("GET", path)[1]["etag"]
    status, headers, body = mine.ask("GET", path, headers={"if-none-match": f'"other", W/{etag}'})
    assert (status, body) == (304, b"") and headers["etag"] == etag
    mine.change(made["id"], name="x")
    assert mine.ask("GET", path, headers={"if-none-match": etag})[0] == 200


def test_a_kept_record_is_never_older_than_the_last_write(mine):
    made = mine.add()
    path = f"/api/records/{made['id']}"
    assert mine.ask("GET", path)[1]["x-cache"] == "MISS"
    status, headers, _ = mine.ask("GET", path)
    assert headers["x-cache"] == "HIT" and headers["cache-status"].startswith("recordd; hit; ttl=")
    for i in range(20):
        mine.change(made["id"], name=f"name {i}")
        assert mine.get(made["id"])["name"] == f"name {i}"


# ── Whose it is ──

def test_anothers_record_is_not_there(server, mine):
    made = mine.add()
    other = Collection(server)
    path = f"/api/records/{made['id']}"
    assert other.ask("GET", path)[0] == 404
    assert other.change(made["id"], name="x")[0] == 404
    assert other.ask("DELETE", path)[0] == 404
    assert other.ask("POST", path + "/aliases", json={"terms": ["x"]})[0] == 404
    mine.ask("DELETE", path)
    assert other.ask("POST", path + "/restore")[0] == 404
    assert other.ask("GET", "/api/records/trash")[2] == []
    assert other.ask("GET", "/api/records")[2] == []
    assert other.ask("GET", "/api/records/changes?since=0")[2] == []


@pytest.mark.parametrize("record_id", ["x", "00000000-0000-0000-0000-00000000000", str(uuid.uuid4())])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_id_that_is_none_is_not_found(mine, record_id, method):
    json = {"name": "x"} if method == "PATCH" else None
    assert mine.ask(method, f"/api/records/{record_id}", json=json)[0] == 404


def test_nobody_gets_in_without_a_token(server):
    for method, path in [("GET", "/api/records"), ("POST", "/api/records"), ("GET", "/api/records/export.csv"),
                         ("POST", "/api/records/import"), ("GET", f"/api/records/{uuid.uuid4()}"),
                         ("GET", f"/api/jobs/{uuid.uuid4()}")]:
        status, headers, _ = server.request(method, path)
        assert status == 401 and headers["www-authenticate"].startswith("Bearer")


# ── The trash ──

def test_a_deleted_record_can_be_restored(mine):
    made = mine.add()
    path = f"/api/records/{made['id']}"
    mine.get(made["id"])
    assert mine.ask("DELETE", path)[0] == 204
    assert mine.ask("GET", path)[0] == 404
    assert mine.ask("DELETE", path)[0] == 404
    assert mine.change(made["id"], name="x")[0] == 404
    assert mine.ask("GET", "/api/records")[2] == []
    trash = mine.ask("GET", "/api/records/trash")[2]
    assert [record["id"] for record in trash] == [made["id"]] and trash[0]["deletedAt"]
    status, headers, restored = mine.ask("POST", path + "/restore")
    assert status == 200 and restored == made and headers["etag"]
    assert mine.ask("POST", path + "/restore")[0] == 200
    assert mine.get(made["id"]) == made
    assert mine.ask("GET", "/api/records/trash")[2] == []


# ── Lists ──

def test_the_newest_change_comes_first(mine):
    ids = [mine.add(name=f"n{i}")["id"] for i in range(5)]
    mine.change(ids[1], notes="touched")
    listed = [record["id"] for record in mine.ask("GET", "/api/records")[2]]
    assert listed == [ids[1], ids[4], ids[3], ids[2], ids[0]]
    status, headers, recent = mine.ask("GET", "/api/records/recent?limit=2")
    assert [record["id"] for record in recent] == listed[:2]
    assert mine.ask("GET", "/api/records")[1]["x-total-count"] == "5"
    assert [r["id"] for r in mine.ask("GET", "/api/records?limit=2&offset=1")[2]] == listed[1:3]


def next_path(headers):
    link = headers.get("link")
    return link and link[link.index("<") + 1:link.index(">")]


@pytest.mark.parametrize("sort", ["", "updatedAt", "createdAt", "-createdAt", "artist", "-artist", "name", "year", "-year", "price", "-price"])
def test_pages_hold_every_record_once_whatever_the_order(mine, sort):
    for i in range(7):
        mine.add(artist="ÄaÄzbB"[i % 6] + "x", name=f"n{i % 3}", **({"releaseYear": 1960 + i % 4, "pricePaid": i % 3 + 0.5} if i % 2 else {}))
    whole = [r["id"] for r in mine.ask("GET", f"/api/records?sort={sort}" if sort else "/api/records")[2]]
    path, seen = f"/api/records?limit=2{'&sort=' + sort if sort else ''}", []
    for _ in range(10):
        status, headers, page = mine.ask("GET", path)
        assert status == 200 and len(page) <= 2
        seen += [record["id"] for record in page]
        path = next_path(headers)
        if not path:
            break
        assert path.startswith("/api/records?limit=2&")
    assert seen == whole and len(set(seen)) == 7


def test_a_list_goes_on_behind_a_name_that_folds_to_something_long(mine):
    added = {mine.add(name="\ufdfa" * 256)["id"] for _ in range(3)}
    path, read = "/api/records?sort=name&limit=1", []
    while path:
        status, headers, page = mine.ask("GET", path)
        assert status == 200, page
        read += [record["id"] for record in page]
        path = next_path(headers)
    assert len(read) == 3 and set(read) == added


def test_a_page_goes_on_where_it_stood_while_others_write(mine):
    ids = [mine.add(name=f"n{i}")["id"] for i in range(6)]
    _, headers, first = mine.ask("GET", "/api/records?limit=3&sort=-createdAt")
    mine.add(name="new")
    second = mine.ask("GET", next_path(headers))[2]
    assert [record["id"] for record in first + second] == ids[::-1]


def test_a_cursor_is_good_for_its_list_and_user_only(server, mine):
    for i in range(3):
        mine.add(name=f"n{i}")
    path = next_path(mine.ask("GET", "/api/records?limit=1")[1])
    assert mine.ask("GET", path)[0] == 200
    cursor = path.split("cursor=")[1]
    swapped = cursor[:5] + ("A" if cursor[5] != "A" else "B") + cursor[6:]
    for bad in [swapped, cursor[:-1], cursor + "x", "x", "", "."]:
        assert mine.ask("GET", f"/api/records?cursor={bad}")[0] == 400, bad
    assert mine.ask("GET", f"/api/records?sort=artist&cursor={cursor}")[0] == 400
    assert Collection(server).ask("GET", path)[0] == 400


def test_a_list_is_narrowed_by_what_is_asked(mine):
    mine.add(artist="Björk", name="Homogenic", format="LP", label="One Little Indian", releaseYear=1997, recordGrade="NM")
    mine.add(artist="Björk", name="Post", format="CD", label="One Little Indian", releaseYear=1995, recordGrade="VG")
    mine.add(artist="Can", name="Future Days", format="lp", label="UA", releaseYear=1973)
    for query, names in [("artist=bjork", {"Homogenic", "Post"}), ("artist=BJ%C3%96RK&format=lp", {"Homogenic"}),
                         ("format=LP", {"Homogenic", "Future Days"}), ("label=one%20little%20indian", {"Homogenic", "Post"}),
                         ("grade=near+mint", {"Homogenic"}), ("year=1973", {"Future Days"}), ("artist=bjo", set()),
                         ("q=bjork%20post", {"Post"}), ("q=indian&year=1997", {"Homogenic"}), ("q=zzz", set()),
                         ("q=", {"Homogenic", "Post", "Future Days"})]:
        status, _, page = mine.ask("GET", f"/api/records?{query}")
        assert status == 200 and {record["name"] for record in page} == names, query


@pytest.mark.parametrize("query, field", [
    ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("offset=-1", "offset"), ("sort=shelf", "sort"),
    ("grade=superb", "grade"), ("year=x", "year")])
def test_a_nonsensical_question_is_refused_by_name(mine, query, field):
    status, _, body = mine.ask("GET", f"/api/records?{query}")
    assert status == 422 and wrong_fields(body) == {field}


def test_a_limit_above_the_maximum_is_the_maximum(mine):
    mine.add()
    assert len(mine.ask("GET", "/api/records?limit=100000")[2]) == 1
    assert len(mine.ask("GET", "/api/records/recent?limit=100000")[2]) == 1


# ── What changed ──

def test_a_copy_is_kept_up_by_changes_alone(mine):
    first = mine.add(name="one")
    second = mine.add(name="two")
    copy, since = {}, 0

    def follow():
        nonlocal since
        path = f"/api/records/changes?since={since}&limit=1"
        while path:
            status, headers, changes = mine.ask("GET", path)
            assert status == 200
            for change in changes:
                assert change["version"] > since
                since = change["version"]
                if change["deleted"]:
                    assert change["record"] is None
                    copy.pop(change["id"], None)
                else:
                    copy[change["id"]] = change["record"]
            assert int(headers["x-change-version"]) >= since
            path = next_path(headers)

    follow()
    assert copy == {first["id"]: first, second["id"]: second}
    mine.ask("DELETE", f"/api/records/{first['id']}")
    changed = mine.change(second["id"], notes="x")[2]
    follow()
    assert copy == {second["id"]: changed}
    mine.ask("POST", f"/api/records/{first['id']}/restore")
    follow()
    assert copy == {first["id"]: first, second["id"]: changed}
    assert mine.ask("GET", f"/api/records/changes?since={since}")[2] == []


def test_a_copy_from_the_future_or_too_old_is_told_to_begin_anew(mine):
    mine.add()
    assert mine.ask("GET", "/api/records/changes?since=99")[0] == 410
    assert mine.ask("GET", "/api/records/changes?since=x")[0] == 422


def test_a_copy_can_begin_anew_after_the_trash_was_emptied(make_server):
    """The deletion that ends for good is newer than what is read first, and than everything that is left."""
    server = make_server()
    mine = Collection(server)
    kept = [mine.add(name=f"kept {i}")["id"] for i in range(4)]
    gone = mine.add(name="gone")["id"]
    assert mine.ask("DELETE", f"/api/records/{gone}")[0] == 204
    server.sql("update records.record set deleted_at = now() - interval '31 days' where deleted_at is not null")
    server.stop()
    server.start()
    for _ in range(200):
        if not server.sql("select from records.record where deleted_at is not null"):
            break
        time.sleep(0.05)
    assert mine.ask("GET", f"/api/records/{gone}")[0] == 404
    assert mine.ask("GET", "/api/records/trash")[2] == []
    assert mine.ask("GET", "/api/records/changes?since=1")[0] == 410
    path, read = "/api/records/changes?since=0&limit=1", []
    while path:
        status, headers, changes = mine.ask("GET", path)
        assert status == 200, changes
        read += [change["id"] for change in changes]
        path = next_path(headers)
    assert read == kept
    assert mine.ask("GET", f"/api/records/changes?since={headers['x-change-version']}")[0::2] == (200, [])


def test_a_huge_trash_is_emptied_in_parts(make_server):
    """However much it is, no statement has to end all of it, and nobody waits for all of it."""
    server = make_server()
    mine = Collection(server)
    kept = mine.add(name="kept")
    n = 12000
    server.run("sample", "--user", mine.user["email"], "--n", str(n))
    server.sql(f"update records.record set deleted_at = now() - interval '31 days' where id <> '{kept['id']}'")
    server.sql("create table purged (n int8); create function note_purged() returns trigger language plpgsql security definer "
               "set search_path = public as 'begin insert into purged select count(*) from gone; return null; end'; "
               "create trigger note_purged after delete on records.record referencing old table as gone "
               "for each statement execute function note_purged()")
    server.stop()
    server.start()
    for _ in range(400):
        if server.sql("select coalesce(sum(n), 0) from purged")[0][0] == n:
            break
        time.sleep(0.05)
    parts = [part for (part,) in server.sql("select n from purged")]
    assert sum(parts) == n and len(parts) == 3 and max(parts) <= 5000
    for table in ("record", "record_doc"):
        assert server.sql(f"select count(*) from records.{table}") == [(1,)]
    assert mine.ask("GET", f"/api/records/{kept['id']}")[0] == 200


# ── Aliases ──

def test_aliases_are_counted_once(mine):
    made = mine.add()
    path = f"/api/records/{made['id']}/aliases"
    assert mine.ask("POST", path, json={"terms": ["The German One", "krautrock"]})[2] == {"added": 2}
    assert mine.ask("POST", path, json={"terms": ["KRAUTROCK", "köln"]})[2] == {"added": 1}
    changes = mine.ask("GET", "/api/records/changes?since=2")
    assert [change["id"] for change in changes[2]] == [made["id"]], "other servers must hear of it"
    assert mine.ask("POST", path, json={"terms": ["Köln"]})[2] == {"added": 0}
    assert mine.ask("GET", f"/api/records/changes?since={changes[1]['x-change-version']}")[2] == []
    for body, field in [({}, "terms"), ({"terms": []}, "terms"), ({"terms": "x"}, "terms"), ({"terms": [1]}, "terms[0]"),
                        ({"terms": ["ok", "!?"]}, "terms[1]"), ({"terms": ["x"], "more": 1}, "more")]:
        status, _, answer = mine.ask("POST", path, json=body)
        assert status == 422 and field in wrong_fields(answer)


def test_a_record_has_room_for_so_many_aliases(mine):
    path = f"/api/records/{mine.add()['id']}/aliases"
    lots = [[f"other name {lot} {n}" for n in range(50)] for lot in range(4)]
    for lot in lots:
        assert mine.ask("POST", path, json={"terms": lot})[2] == {"added": 50}
    status, _, answer = mine.ask("POST", path, json={"terms": ["one more", *lots[0][:5]]})
    assert status == 422 and wrong_fields(answer) == {"terms"}
    assert mine.ask("POST", path, json={"terms": lots[3]})[2] == {"added": 0}
    assert mine.server.sql(f"select count(*) from records.alias where user_id = '{mine.user['id']}'") == [(200,)]


# ── Export ──

def rows_of(body):
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))


def test_the_export_holds_the_whole_collection(mine):
    made = [mine.add(name=f"n{i}", notes='say "hi",\nthere' if i == 3 else None, label=f"L{i}") for i in range(7)]
    mine.ask("DELETE", f"/api/records/{made[0]['id']}")
    status, headers, body = mine.ask("GET", "/api/records/export.csv")
    assert status == 200 and headers["content-type"] == "text/csv; charset=utf-8"
    assert "records.csv" in headers["content-disposition"]
    rows = rows_of(body)
    assert list(rows[0])[:len(COLUMNS)] == COLUMNS
    assert {row["id"] for row in rows} == {record["id"] for record in made[1:]}
    noted = next(row for row in rows if row["name"] == "n3")
    assert noted["notes"] == 'say "hi",\nthere' and noted["label"] == "L3" and noted["hasInsert"] == "false"


def test_an_export_cannot_run_in_a_spreadsheet(mine):
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "'=x"]
    for text in evil:
        mine.add(name=text, notes=text)
    for row in rows_of(mine.ask("GET", "/api/records/export.csv")[2]):
        assert row["name"].startswith("'") and row["notes"].startswith("'")
        assert row["name"][1:] in evil


def test_an_empty_collection_exports_its_header(mine):
    body = mine.ask("GET", "/api/records/export.csv")[2]
    assert body.decode().startswith(",".join(COLUMNS)) and body.count(b"\n") == 1


def test_export_to_storage_says_that_there_is_none(mine):
    status, _, body = mine.ask("POST", "/api/records/export", json={})
    assert status == 503 and "export.csv" in body["error"]
