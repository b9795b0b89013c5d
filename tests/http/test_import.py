# SPDX-License-Identifier: MIT
"""Imports: a collector's file comes over whole, once, and says what was wrong with which row."""
import csv
import io
import json
import pathlib
import time
import urllib.parse

import pytest

from test_records import Collection, next_path

DISCOGS = ("Catalog#,Artist,Title,Label,Format,Rating,Released,release_id,CollectionFolder,Date Added,"
           "Collection Media Condition,Collection Sleeve Condition,Collection Notes")


class Importer(Collection):
    def start(self, data, query="", content_type="text/csv"):
        if isinstance(data, str):
            data = data.encode()
        return self.ask("POST", f"/api/records/import{query}", data=data, headers={"content-type": content_type})

    def wait(self, job):
        deadline = time.monotonic() + 60
        while job["status"] in ("queued", "running"):
            assert time.monotonic() < deadline, job
            time.sleep(0.02)
            status, _, job = self.ask("GET", f"/api/jobs/{job['id']}")
            assert status == 200, job
        return job

    def load(self, data, query=""):
        status, headers, job = self.start(data, query)
        assert status == 202, job
        assert headers["location"] == f"/api/jobs/{job['id']}"
        job = self.wait(job)
        assert job["status"] == "done", job
        return job

    def report(self, job):
        status, headers, body = self.ask("GET", f"/api/jobs/{job['id']}/report.csv")
        assert status == 200 and headers["content-type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(body.decode(), newline="")))

    def all(self):
        records, path = [], "/api/records?limit=200&sort=createdAt"
        while path:
            _, headers, page = self.ask("GET", path)
            records += page
            path = next_path(headers)
        return records


@pytest.fixture
def mine(server):
    return Importer(server)


def counts(job):
    return {name: job[name] for name in ("rows", "added", "merged", "skipped", "failed")}


def expect(rows=0, added=0, merged=0, skipped=0, failed=0):
    return {"rows": rows, "added": added, "merged": merged, "skipped": skipped, "failed": failed}


# ── What comes in ──

def test_a_discogs_export_comes_over_whole(mine):
    job = mine.load(DISCOGS + ",Shelf\r\n"
                    'SHVL 804,Pink Floyd,The Dark Side Of The Moon,Harvest,"LP, Album, Gat",5,1973-03-00,1873013,Uncategorized,'
                    '2021-04-05 12:13:14,Very Good Plus (VG+),Near Mint (NM or M-),"two\r\nlines, ""quoted""",B 2\r\n'
                    'none,Nirvana (2),Bleach,Sub Pop,"2xLP, Album + CD",,1989,99,,,Mint (M),Generic,\r\n'
                    "ILPS 9184,Nick Drake,Pink Moon,Island,LP,,1972,370246\r\n")
    assert job["format"] == "auto" and counts(job) == expect(rows=3, added=3)
    assert job["bytesDone"] == job["bytesTotal"] > 0
    found = {record["artist"]: record for record in mine.all()}
    floyd, nirvana, drake = found["Pink Floyd"], found["Nirvana"], found["Nick Drake"]
    assert floyd["catalogNumber"] == "SHVL 804" and floyd["format"] == "LP" and floyd["discogsReleaseId"] == 1873013
    assert (floyd["recordGrade"], floyd["sleeveGrade"], floyd["releaseYear"], floyd["releaseDate"]) == ("VG+", "NM", 1973, None)
    assert floyd["notes"] == 'two\r\nlines, "quoted"'
    assert floyd["extra"]["Shelf"] == "B 2" and floyd["extra"]["Rating"] == "5" and floyd["extra"]["Format"] == "LP, Album, Gat"
    assert nirvana["catalogNumber"] is None and nirvana["recordGrade"] == "M"
    assert [piece["kind"] for piece in nirvana["mediaPieces"]] == ["VINYL", "VINYL", "CD"]
    assert nirvana["extra"]["Collection Sleeve Condition"] == "Generic"
    assert drake["recordGrade"] is None and drake["label"] == "Island"
    assert mine.ask("GET", "/api/records?q=pink%20moon")[2][0]["id"] == drake["id"]


@pytest.mark.parametrize("encoding, bom", [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("latin-1", b"")])
def test_accents_survive_any_encoding(mine, encoding, bom):
    mine.load(bom + "artist,name,format\nBjörk,Début,LP\n".encode(encoding))
    assert [(r["artist"], r["name"]) for r in mine.all()] == [("Björk", "Début")]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_are_recognised(mine, delimiter):
    mine.load(delimiter.join(["artist", "name", "format"]) + "\n" + delimiter.join(["Can", "Ege, Bamyası", "LP"]) + "\n")
    assert mine.all()[0]["name"] == "Ege, Bamyası"


def test_an_export_comes_back_as_it_was(server, mine):
    for i in range(12):
        mine.add(name=f"=n{i}", notes='"a",\n\'b', label="-L", pricePaid=i / 4, releaseDate="1971-02-28", isPromo=i % 2 == 0,
                 purchasedAt="2020-01-02", extra={"Shelf": "+A"}, discogsReleaseId=100 + i,
                 mediaPieces=[{"kind": "LP", "discGrade": "VG", "notes": "warped"}, {"kind": "LP", "sides": {"A": "NM"}}])
    mine.add(name="own grade", recordGrade="P", mediaPieces=[{"discGrade": "M"}])
    csv_file = mine.ask("GET", "/api/records/export.csv")[2]
    other = Importer(server)
    assert counts(other.load(csv_file)) == expect(rows=13, added=13)

    def essence(record):
        own = ("id", "userId", "updatedAt", "version")
        pieces = [{k: v for k, v in piece.items() if k != "id"} for piece in record["mediaPieces"]]
        return {**{k: v for k, v in record.items() if k not in own}, "mediaPieces": pieces}

    by_name = lambda records: {record["name"]: essence(record) for record in records}
    assert by_name(other.all()) == by_name(mine.all())
    derived = next(record for record in other.all() if record["name"] == "=n1")
    assert other.change(derived["id"], mediaPieces=[{"discGrade": "F"}])[2]["recordGrade"] == "F"


def test_everything_comes_out_as_json(mine):
    assert mine.ask("GET", "/api/records/export.json")[2] == []
    for n in range(300):
        mine.add(name=f"n{n} „quoted“", notes='"\n\\', mediaPieces=[{"kind": "LP", "discGrade": "VG"}] if n % 9 == 0 else [])
    status, headers, body = mine.ask("GET", "/api/records/export.json")
    assert status == 200 and headers["content-disposition"] == 'attachment; filename="records.json"'
    by_id = lambda records: sorted(records, key=lambda record: record["id"])
    assert body == by_id(mine.all()) and len(body) == 300


def test_a_browsers_form_may_carry_the_file(mine):
    body = ("--XX\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--XX\r\nContent-Disposition: form-data; "
            "name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nartist,name,format\r\nCan,Landed,LP\r\n--XX--\r\n")
    status, _, job = mine.start(body, content_type='multipart/form-data; boundary="XX"')
    assert status == 202 and counts(mine.wait(job)) == expect(rows=1, added=1)
    status, _, body = mine.start("--XX--\r\n", content_type="multipart/form-data; boundary=XX")
    assert status == 400 and "file" in body["error"]


# ── Columns by hand ──

ODD = ("\ufeffNr.;Interpret;Titel;Tonträger;Jahr;Bezahlt;Gekauft am;Zustand;Regal\r\n"
       '1;Can;"Ege; Bamyası";LP;℗ 1972;"1.234,50 €";28.2.2004;Very Good Plus (VG+);B 2\r\n'
       "2;Neu!;Neu! 75;;1975-03-01;12 EUR;;;\r\n"
       "3;Cluster;Zuckerzeit;LP;?;gratis;irgendwann;schön;\r\n")
BY_HAND = {"Interpret": "artist", "Titel": "name", "Tonträger": "format", "Jahr": "releaseYear", "Bezahlt": "pricePaid",
           "Gekauft am": "purchasedAt", "Zustand": "recordGrade", "Nr.": None}


def by_hand(mapping, more=""):
    return "?" + urllib.parse.urlencode({"columns": json.dumps(mapping)}) + more


def look(mine, data, content_type="text/csv"):
    data = data.encode() if isinstance(data, str) else data
    return mine.ask("POST", "/api/records/import/preview", data=data, headers={"content-type": content_type})


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_file_of_anybody_s_comes_over_with_its_columns_mapped(mine, encoding):
    text = ODD if encoding == "utf-8" else ODD.lstrip("\ufeff").replace("ı", "i").replace("℗", "P")
    job = mine.load(text.encode(encoding), by_hand(BY_HAND))
    assert job["format"] == "mapped" and counts(job) == expect(rows=3, added=2, failed=1)
    found = {record["artist"]: record for record in mine.all()}
    can, neu = found["Can"], found["Neu!"]
    assert can["name"].startswith("Ege; Bamyas") and (can["format"], can["releaseYear"], can["pricePaid"]) == ("LP", 1972, 1234.5)
    assert can["purchasedAt"].startswith("2004-02-28") and can["recordGrade"] == "VG+" and can["extra"] == {"Regal": "B 2"}
    assert (neu["format"], neu["releaseYear"], neu["pricePaid"], neu["recordGrade"]) == ("Other", 1975, 12, None)
    assert {fault["field"] for fault in mine.report(job)} == {"releaseYear", "pricePaid", "purchasedAt", "recordGrade"}
    assert mine.ask("GET", f"/api/jobs/{job['id']}")[2]["undoable"]


def test_a_mapping_that_cannot_be_is_refused_before_anything_is_read(mine):
    for mapping, words in [({"a": "artist"}, "name"), ({"a": "artist", "b": "name", "c": "name"}, "twice"), ([], "object"),
                           ({"a": "artist", "b": "name", "c": "version"}, "version"), ({"a": "artist", "b": "name", "c": 1}, "field"),
                           ({"a": "artist", "b": "name", "c": "mediaPieces"}, "mediaPieces"), ({"a": "artist", "b": "name", "c": "cover"}, "cover")]:
        status, _, body = mine.start("a,b,c\n1,2,3\n", by_hand(mapping))
        assert status == 422 and body["errors"][0]["field"] == "columns" and words in body["errors"][0]["message"], (mapping, body)
    assert mine.start("a,b\n", "?columns=%7B")[0] == 422
    assert mine.ask("GET", "/api/jobs")[2] == []


def test_a_mapped_column_that_is_not_there_is_told(mine):
    job = mine.wait(mine.start("a,b\nCan,Landed\n", by_hand({"a": "artist", "b": "name", "Regal": "notes"}))[2])
    assert job["status"] == "failed" and "Regal" in job["error"] and mine.all() == []


def test_a_mapping_survives_a_restart(make_server):
    server = make_server()
    mine = Importer(server)
    n = 20000
    _, _, job = mine.start("A;B;C\n" + "".join(f"Artist {i % 7};Title {i};kept {i}\n" for i in range(n)), by_hand({"A": "artist", "B": "name"}))
    while job["added"] == 0:
        job = mine.ask("GET", f"/api/jobs/{job['id']}")[2]
    server.kill()
    server.start()
    job = mine.wait(mine.ask("GET", f"/api/jobs/{job['id']}")[2])
    assert job["status"] == "done" and job["added"] == n
    assert mine.ask("GET", "/api/records?limit=1")[2][0]["extra"]["C"].startswith("kept")


def test_a_preview_tells_what_a_discogs_export_is(mine):
    status, headers, seen = look(mine, DISCOGS + ",Shelf\nV 2041,Can,Landed,Virgin,LP,,1975,7,,2021-01-01,Mint (M),,,B\n")
    assert status == 200 and headers["cache-control"] == "no-store"
    assert (seen["format"], seen["delimiter"]) == ("discogs", ",")
    columns = {column["name"]: column for column in seen["columns"]}
    assert columns["Artist"] == {"name": "Artist", "field": "artist", "samples": ["Can"]}
    assert columns["Shelf"] == {"name": "Shelf", "field": None, "samples": ["B"]} and columns["Rating"]["samples"] == []
    assert columns["release_id"]["field"] == "discogsReleaseId"


def test_a_preview_knows_our_own_export(mine):
    for n in range(5):
        mine.add(name=f"=n{n}", notes="two\nlines")
    seen = look(mine, mine.ask("GET", "/api/records/export.csv")[2])[2]
    assert seen["format"] == "recordd"
    fields = {column["name"]: column["field"] for column in seen["columns"]}
    assert fields["artist"] == "artist" and fields["mediaPieces"] == "mediaPieces" and fields["id"] is None
    assert len(next(column for column in seen["columns"] if column["name"] == "name")["samples"]) == 3


def test_a_preview_of_something_else_shows_what_is_there_to_be_mapped(mine):
    seen = look(mine, ODD)[2]
    assert (seen["format"], seen["delimiter"]) == ("unknown", ";")
    assert [column["name"] for column in seen["columns"]] == ODD.splitlines()[0].lstrip("\ufeff").split(";")
    assert seen["columns"][2]["samples"] == ["Ege; Bamyası", "Neu! 75", "Zuckerzeit"]
    assert seen["required"] == ["artist", "name"] and {"artist", "pricePaid", "barcode", "createdAt"} <= set(seen["fields"])
    assert not {"id", "version", "mediaPieces", "extra", "cover", "userId"} & set(seen["fields"])
    assert seen == look(mine, ODD.encode()[:-3])[2] == look(mine, ODD.encode()[:-2])[2]


def test_a_preview_of_a_form_is_one_of_its_file(mine):
    body = ('--XX\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nartist,name,format\r\nCan,Landed,LP\r\n--XX--\r\n')
    assert look(mine, body, "multipart/form-data; boundary=XX")[2]["format"] == "recordd"
    assert look(mine, "--XX--\r\n", "multipart/form-data; boundary=XX")[0] == 400


@pytest.mark.parametrize("data, status, words", [
    (b"", 400, "empty"), (b"\xef\xbb\xbf", 422, "empty"), (b"\n\r\n\n", 422, "empty"), ("artist,name".encode("utf-16"), 422, "UTF-16"),
    (b"PK\x03\x04\x14\x00\x06\x00xl/workbook.xml", 422, "CSV"), (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 422, "CSV"),
    (b"%PDF-1.7\n%\x01\x02\x03", 422, "CSV"), (b'"never closed', 422, "header"), (b",".join(b"x" for _ in range(300)), 422, "header")])
def test_a_preview_of_what_is_no_csv_says_so(mine, data, status, words):
    got, _, body = look(mine, data)
    assert got == status and words in body["error"], body


def test_a_preview_takes_the_beginning_of_a_file_wherever_it_is_cut(mine):
    beginning = "artist,name,format\n" + "".join(f"Björk {i},Début,LP\n" for i in range(5000))
    for size in range(128 * 1024 - 40, 128 * 1024 + 1):
        status, _, seen = look(mine, beginning.encode()[:size])
        assert status == 200 and seen["columns"][0]["samples"][0] == "Björk 0"
    assert look(mine, b"x" * (133 * 1024))[0] == 413


# ── What is wrong ──

def test_one_bad_row_never_stops_the_rest(mine):
    good = [f"Can,n{i},LP,VG+,1" for i in range(5)]
    lines = ["artist,name,format,recordGrade,pricePaid", good[0], ",no artist,LP,VG,1", good[1], "Can,bad grade,LP,superb,cheap",
             good[2], 'Can,open "quote,LP,VG,1', good[3], "Can,too,many,VG,1,2,3", good[4], ""]
    job = mine.load("\n".join(lines))
    assert job["rows"] == 9 and job["failed"] >= 3 and job["added"] == 9 - job["failed"]
    names = {record["name"] for record in mine.all()}
    assert {f"n{i}" for i in range(5)} <= names
    report = mine.report(job)
    assert [fault["row"] for fault in report][:3] == ["3", "5", "5"]
    assert (report[0]["line"], report[0]["field"], report[0]["message"]) == ("3", "artist", "is required")
    assert {fault["field"] for fault in report if fault["row"] == "5"} == {"recordGrade", "pricePaid"}


@pytest.mark.parametrize("data, words", [
    ("date,amount\n1,2\n", "artist"), ("artist,name\nCan,x\n", "format"),
    ("artist,name,format".encode("utf-16"), "UTF-16"), (b"\xef\xbb\xbf", "empty")])
def test_a_file_that_is_no_collection_says_why(mine, data, words):
    status, _, job = mine.start(data)
    assert status == 202
    job = mine.wait(job)
    assert job["status"] == "failed" and words in job["error"]
    assert mine.all() == []


def test_an_empty_upload_and_a_wrong_question_are_refused(mine):
    assert mine.start(b"")[0] == 400
    for query, field in [("?onDuplicate=maybe", "onDuplicate"), ("?format=xls", "format"), ("?dryRun=perhaps", "dryRun")]:
        status, _, body = mine.start("artist,name,format\n", query)
        assert status == 422 and body["errors"][0]["field"] == field


# ── What is there already ──

FILE = "artist,name,format,catalogNumber,label,notes\nCan,Landed,LP,V 2041,Virgin,mint copy\nCan,Flow Motion,LP,V 2071,Virgin,\n"


def test_the_same_file_twice_adds_nothing(mine):
    assert counts(mine.load(FILE)) == expect(rows=2, added=2)
    assert counts(mine.load(FILE)) == expect(rows=2, skipped=2)
    assert len(mine.all()) == 2
    assert counts(mine.load(FILE, "?onDuplicate=add")) == expect(rows=2, added=2)
    assert len(mine.all()) == 4


def test_spelling_does_not_hide_a_duplicate(mine):
    mine.add(artist="Björk", name="Début", format="LP", catalogNumber="TPLP 31")
    job = mine.load("artist,name,format,catalogNumber\nBJORK,  debut,lp,tplp 31\nBjörk,Debut,CD,TPLP 31\n")
    assert counts(job) == expect(rows=2, added=1, skipped=1)


def test_a_duplicate_within_the_file_is_found(mine):
    job = mine.load("artist,name,format,discogsReleaseId,label\nCan,Landed,LP,7,\nCan,Landed (reissue),LP,7,Virgin\nCan,landed,LP,,UA\n",
                    "?onDuplicate=merge")
    assert counts(job) == expect(rows=3, added=1, merged=2)
    assert [(r["name"], r["label"]) for r in mine.all()] == [("Landed", "Virgin")]


def test_merging_fills_what_is_empty_and_keeps_what_the_owner_entered(mine):
    made = mine.add(artist="Can", name="Landed", format="LP", catalogNumber="V 2041", notes="from my aunt", recordGrade="G",
                    extra={"Shelf": "A"})
    job = mine.load("artist,name,format,catalogNumber,label,notes,recordGrade,sleeveGrade,Shelf,Box,mediaPieces\n"
                    'Can,LANDED,LP,V 2041,Virgin,mint copy,M,VG,B,7,"[{""kind"":""LP""}]"\n', "?onDuplicate=merge")
    assert counts(job) == expect(rows=1, merged=1)
    record = mine.get(made["id"])
    assert (record["notes"], record["recordGrade"], record["name"]) == ("from my aunt", "G", "Landed")
    assert (record["label"], record["sleeveGrade"], record["version"]) == ("Virgin", "VG", 2)
    assert record["extra"] == {"Shelf": "A", "Box": "7"} and len(record["mediaPieces"]) == 1
    again = mine.load("artist,name,format,catalogNumber,label\nCan,Landed,LP,V 2041,Other\n", "?onDuplicate=merge")
    assert counts(again) == expect(rows=1, merged=1) and mine.get(made["id"])["version"] == 2


def test_the_same_release_is_a_duplicate_whatever_it_is_called(mine):
    made = mine.add(discogsReleaseId=249504)
    job = mine.load(DISCOGS + "\nX,Can,Tago Mago (Remastered),Spoon,CD,,2004,249504\n", "?onDuplicate=merge")
    assert counts(job) == expect(rows=1, merged=1)
    assert mine.get(made["id"])["label"] == "Spoon"


def test_a_dry_run_tells_and_does_nothing(mine):
    made = mine.add(artist="Can", name="Landed", format="LP", catalogNumber="V 2041")
    bad = FILE + ",x,LP,,,\n" + "Can,Flow Motion,LP,V 2071,,\n"
    job = mine.load(bad, "?onDuplicate=merge&dryRun=true")
    assert job["dryRun"] is True and counts(job) == expect(rows=4, added=1, merged=2, failed=1)
    assert [fault["row"] for fault in mine.report(job)] == ["4"]
    assert mine.all() == [made]
    done = mine.load(bad, "?onDuplicate=merge")
    assert counts(done) == counts(job)


def test_what_was_imported_is_found_and_counted_like_what_was_typed(mine):
    """Counts are the same as if they were taken anew, and the terms of a record as if it had been typed."""
    mine.add(artist="Björk", name="Début", format="LP", label="One Little Indian", releaseYear=1993, recordGrade="NM")
    mine.load(DISCOGS + "\n" + "".join(
        f'CAT {i % 7},"{artist}",{title},"Label {i % 3}","{fmt}",,{1970 + i % 5},{i + 1},,,{grade},,note {i}\n'
        for i, (artist, title, fmt, grade) in enumerate([
            ("Björk", "Debut", "CD", "Mint (M)"), ("The The", "The The", "LP", ""), ("坂本龍一", "千のナイフ", "LP", "Mint (M)"),
            ("AC/DC", "R.E.M. '74", "2xLP", "Good (G)"), ("Кино", "Группа крови", "LP", ""), ("The The", "Soul Mining", "LP", "")])))
    user = mine.user["id"]
    uid = mine.server.sql(f"select uid from records.user_state where user_id = '{user}'")[0][0]
    tables = {"facet": "n, kind, val, folded", "completion": "kind, tail, val"}

    def derived():
        return {table: sorted(mine.server.sql(f"select {columns} from records.{table} where uid = {uid}"))
                for table, columns in tables.items()}

    before = derived()
    mine.server.sql(f"select records.recount('{user}')")
    assert before == derived() and all(before.values())

    def terms(owner):
        return sorted(mine.server.sql(f"select r.search_text, d.terms from records.record r join records.user_state s using (user_id) "
                                      f"join records.record_doc d on d.uid = s.uid and d.rid = r.rid where r.user_id = '{owner}'"))

    typed = Importer(mine.server)
    for record in mine.all():
        typed.add(**{field: record[field] for field in ("artist", "name", "format", "label", "catalogNumber", "releaseYear", "notes")})
    assert terms(user) == terms(typed.user["id"]) and all(found for _, found in terms(user))
    rows = mine.server.sql(f"select version, release_year, price_paid, deleted_at, changed from records.record where user_id = '{user}'")
    assert len({row[4] for row in rows}) == len(rows) == 7
    stored = mine.server.sql(f"select count(*) from records.record r join records.user_state s using (user_id) join records.record_doc d "
                             f"on d.uid = s.uid and d.rid = r.rid and (d.doc::jsonb ->> 'id')::uuid = r.id and d.doc::jsonb ->> 'artist' = r.artist "
                             f"and (d.doc::jsonb ->> 'createdAt')::timestamptz = r.created_at where r.user_id = '{user}'")
    assert stored == [(7,)]


# ── Jobs ──

def test_a_job_is_its_owners_alone(server, mine):
    job = mine.load(FILE)
    other = Importer(server)
    assert other.ask("GET", f"/api/jobs/{job['id']}")[0] == 404
    assert other.ask("GET", f"/api/jobs/{job['id']}/report.csv")[0] == 404
    assert other.ask("DELETE", f"/api/jobs/{job['id']}")[0] == 404
    assert mine.ask("GET", "/api/jobs/x")[0] == 404
    assert mine.ask("DELETE", f"/api/jobs/{job['id']}")[2]["status"] == "done"


def big_file(n):
    return "artist,name,format,catalogNumber\n" + "".join(f"Artist {i % 97},Title {i},LP,CAT {i}\n" for i in range(n))


def test_a_cancelled_job_stops_and_keeps_what_it_did(mine):
    n = 40000
    _, _, job = mine.start(big_file(n))
    while job["status"] == "queued" or (job["status"] == "running" and job["added"] == 0):
        job = mine.ask("GET", f"/api/jobs/{job['id']}")[2]
    assert mine.ask("DELETE", f"/api/jobs/{job['id']}")[2]["status"] == "cancelled"
    time.sleep(0.5)
    count = lambda: int(mine.ask("GET", "/api/records?limit=1")[1]["x-total-count"])
    first = count()
    assert 0 < first < n
    time.sleep(1)
    assert count() == first
    job = mine.ask("GET", f"/api/jobs/{job['id']}")[2]
    assert job["status"] == "cancelled" and job["added"] == first


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_an_interrupted_job_goes_on_at_the_next_start_and_adds_nothing_twice(make_server, how):
    server = make_server()
    mine = Importer(server)
    n = 20000
    _, _, job = mine.start(big_file(n), "?onDuplicate=add")
    while job["added"] == 0:
        job = mine.ask("GET", f"/api/jobs/{job['id']}")[2]
    if how == "stop":
        server.stop()
    else:
        server.kill()
    server.start()
    job = mine.ask("GET", f"/api/jobs/{job['id']}")[2]
    job = mine.wait(job)
    assert job["status"] == "done" and counts(job) == expect(rows=n, added=n)
    assert mine.ask("GET", "/api/records?limit=1")[1]["x-total-count"] == str(n)


def test_a_start_removes_what_a_killed_server_had_received(make_server):
    server = make_server()
    server.kill()
    spool = pathlib.Path(server.data) / "spool"
    (spool / "body-aB3xYz").write_bytes(b"half an upload")
    (spool / "notes").write_bytes(b"not a body")
    server.start()
    assert [path.name for path in spool.iterdir()] == ["notes"]


def test_what_was_imported_is_seen_at_once(mine):
    mine.add(name="before")
    mine.all()
    mine.load(FILE)
    assert {record["name"] for record in mine.all()} == {"before", "Landed", "Flow Motion"}
    versions = [change["version"] for change in mine.ask("GET", "/api/records/changes?since=0")[2]]
    assert versions == sorted(set(versions)) and len(versions) == 3


def test_a_file_over_the_configured_size_is_refused_before_it_is_read(make_server):
    running = make_server(settings={"import.max_file": "4KB"})
    token, _ = running.register()
    status, _, body = running.request("POST", "/api/records/import", token, data=b"artist,name,format\n" + b"x" * 8192,
                                      headers={"content-type": "text/csv"})
    assert status == 413, body
