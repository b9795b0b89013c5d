# SPDX-License-Identifier: MIT
"""What a collection amounts to, to the cent; and whether a record is there already."""
import decimal
import urllib.parse

import pytest

D = decimal.Decimal
COLLECTION = [
    {"artist": "Can", "name": "Future Days", "format": "LP", "label": "UA", "releaseYear": 1973, "recordGrade": "VG+", "pricePaid": 0.1,
     "purchasedAt": "2020-01-31T23:59:59Z"},
    {"artist": "Can", "name": "Tago Mago", "format": "2xLP", "label": "UA", "releaseYear": 1971, "recordGrade": "M", "pricePaid": 0.2,
     "purchasedAt": "2020-02-01"},
    {"artist": "Neu!", "name": "Neu! 75", "format": "LP", "label": "Brain \"x\"", "releaseYear": 1975, "pricePaid": 19.99, "purchasedAt": "2020-02-29"},
    {"artist": "Björk", "name": "Post", "format": "LP", "releaseYear": 1995, "recordGrade": "P", "pricePaid": 20, "purchasedAt": "2021-12-01"},
    {"artist": "Björk", "name": "Debut", "format": "CD", "purchasedAt": "2019-05-05"},
    {"artist": "Faust", "name": "So Far", "format": "LP", "label": "Polydor", "releaseYear": 1972, "pricePaid": 9999999999.99, "purchasedAt": "2020-02-10"},
    {"artist": "Cluster", "name": "II", "format": "LP", "releaseYear": 1972, "recordGrade": "VG+", "pricePaid": 0, "purchasedAt": "2020-02-11"},
]


@pytest.fixture
def mine(server):
    token, _ = server.register()

    def ask(method, path, **more):
        return server.request(method, path, token=token, **more)
    return ask


def add(mine, **fields):
    status, _, body = mine("POST", "/api/records", json={"artist": "Can", "name": "Tago Mago", "format": "LP", **fields})
    assert status == 201, body
    return body


def sums(key, rows=COLLECTION):
    found = {}
    for record in rows:
        if key(record) is not None:
            count, spent = found.get(key(record), (0, D(0)))
            found[key(record)] = (count + 1, spent + D(str(record.get("pricePaid", 0))))
    return found


def said(rows):
    return {row["value"]: (row["count"], D(str(row["spent"]))) for row in rows}


def test_a_collection_is_summed_up_to_the_cent(mine):
    for record in COLLECTION:
        add(mine, **record)
    status, headers, got = mine("GET", "/api/records/insights")
    assert status == 200 and headers["x-cache"] == "MISS"
    assert (got["count"], got["priced"], D(str(got["spent"]))) == (7, 6, D("10000000040.28"))
    assert said(got["byFormat"]) == sums(lambda r: r["format"]) and got["byFormat"][0]["value"] == "LP"
    assert said(got["byLabel"]) == sums(lambda r: r.get("label")) and said(got["byArtist"]) == sums(lambda r: r["artist"])
    assert said(got["byDecade"]) == sums(lambda r: r.get("releaseYear") and r["releaseYear"] // 10 * 10)
    assert [row["value"] for row in got["byDecade"]] == [1970, 1990]
    assert [row["value"] for row in got["byGrade"]] == ["M", "VG+", "P"]
    assert [(m["month"], m["added"], m["count"]) for m in got["months"]] == [("2019-05", 1, 1), ("2020-01", 1, 2), ("2020-02", 4, 6), ("2021-12", 1, 7)]
    assert [D(str(m["spent"])) for m in got["months"]] == [D(0), D("0.1"), D("10000000020.18"), D(20)]
    assert [D(str(m["total"])) for m in got["months"]] == [D(0), D("0.1"), D("10000000020.28"), D("10000000040.28")]
    counted = {(p["from"], p["to"]): p["count"] for p in got["prices"] if p["count"]}
    assert counted == {(0, 1): 3, (10, 20): 1, (20, 50): 1, (5000000000, None): 1}
    assert [p["to"] for p in got["prices"][:-1]] == [p["from"] for p in got["prices"][1:]]


def test_an_empty_collection_amounts_to_nothing(mine):
    empty = {"count": 0, "priced": 0, "spent": 0, "byFormat": [], "byLabel": [], "byArtist": [], "byDecade": [], "byGrade": [], "months": [], "prices": []}
    assert mine("GET", "/api/records/insights")[2] == empty
    made = add(mine)
    assert mine("GET", "/api/records/insights")[2]["count"] == 1
    mine("DELETE", f"/api/records/{made['id']}")
    assert mine("GET", "/api/records/insights")[2] == empty


def test_what_was_not_bought_on_a_day_counts_when_it_was_added(mine):
    month = add(mine, pricePaid=5)["createdAt"][:7]
    assert mine("GET", "/api/records/insights")[2]["months"] == [{"month": month, "added": 1, "count": 1, "spent": 5, "total": 5}]


def test_insights_are_kept_until_something_changes(mine):
    made = add(mine, pricePaid=1)
    assert [mine("GET", "/api/records/insights")[1]["x-cache"] for _ in range(2)] == ["MISS", "HIT"]
    mine("PATCH", f"/api/records/{made['id']}", json={"pricePaid": 2})
    status, headers, got = mine("GET", "/api/records/insights")
    assert headers["x-cache"] == "MISS" and got["spent"] == 2
    assert mine("GET", "/api/records/insights", headers={"if-none-match": headers["etag"]})[0] == 304


def test_labels_and_artists_are_the_twenty_most_frequent(mine):
    lines = ["artist,name,format,label"] + [f"a{i:02},n{j},LP,l{i:02}" for i in range(25) for j in range(i + 1)]
    status, headers, job = mine("POST", "/api/records/import", data="\n".join(lines).encode(), headers={"content-type": "text/csv"})
    while job["status"] in ("queued", "running"):
        job = mine("GET", headers["location"])[2]
    got = mine("GET", "/api/records/insights")[2]
    for kind, letter in (("byLabel", "l"), ("byArtist", "a")):
        assert [(row["value"], row["count"]) for row in got[kind]] == [(f"{letter}{i:02}", i + 1) for i in range(24, 4, -1)]
    assert len(got["byFormat"]) == 1 and got["count"] == 325


# ── Is it there already? ──

def likely(mine, **params):
    status, _, found = mine("GET", f"/api/records/duplicates?{urllib.parse.urlencode(params)}")
    assert status == 200, found
    return [record["id"] for record in found]


def test_a_record_that_is_there_already_is_told(mine):
    lp = add(mine, artist="The Beatles", name="Abbey Road", format="LP", catalogNumber="PCS 7088")["id"]
    cd = add(mine, artist="The Beatles", name="Abbey Road", format="CD")["id"]
    add(mine, artist="The Beatles", name="Abbey Road Sessions")
    add(mine, artist="George Benson", name="Abbey Road")
    both = dict(artist="the beatles", name="ABBEY ROAD")
    assert set(likely(mine, **both)) == {lp, cd}
    assert likely(mine, **both, format="lp") == [lp]
    assert likely(mine, **both, format="LP", catalogNumber="pcs-7088") == [lp]
    assert likely(mine, **both, format="LP", catalogNumber="PCS 9999") == []
    assert likely(mine, **both, format="CD", catalogNumber="CDP 7 46446 2") == [cd]  # which of them it is was not said
    for artist in ("Beatles", "Beatles, The", "The Beatles (2)"):
        assert likely(mine, artist=artist, name="Abbey Road", format="LP") == [lp]
    assert likely(mine, artist="The Beatles", name="Abbey") == [] and likely(mine, artist="Beat", name="Abbey Road") == []


def test_a_barcode_alone_tells(mine):
    made = add(mine, barcode="5012394144777")["id"]
    assert likely(mine, barcode="5 012394 144777") == [made]
    assert likely(mine, barcode="074643811224") == []
    assert likely(mine, artist="Somebody", name="Else", barcode="5012394144777") == [made]
    assert likely(mine, artist="Can", name="Tago Mago", barcode="074643811224") == [made]


def test_what_was_just_added_or_deleted_is_known(mine):
    for _ in range(3):
        made = add(mine)["id"]
        assert likely(mine, artist="can", name="tago mago") == [made]
        mine("DELETE", f"/api/records/{made}")
        assert likely(mine, artist="can", name="tago mago") == []


def test_anothers_record_is_no_duplicate(server, mine):
    token, _ = server.register()
    server.request("POST", "/api/records", token=token, json={"artist": "Can", "name": "Tago Mago", "format": "LP", "barcode": "5012394144777"})
    assert likely(mine, artist="Can", name="Tago Mago", barcode="5012394144777") == []


@pytest.mark.parametrize("artist, name", [("東京事変", "教育"), ("Кино", "Группа крови"), ("a" * 256, "word " * 40)])
def test_names_of_any_script_are_compared(mine, artist, name):
    made = add(mine, artist=artist, name=name)["id"]
    assert likely(mine, artist=artist, name=name) == [made]


@pytest.mark.parametrize("query, field", [("", "artist"), ("artist=Can", "artist"), ("name=x&format=LP", "artist"), ("barcode=abc", "barcode"),
                                          ("artist=a&name=b&barcode=" + "1" * 33, "barcode")])
def test_a_question_that_says_too_little_is_refused_by_name(mine, query, field):
    status, _, body = mine("GET", f"/api/records/duplicates?{query}")
    assert status == 422 and {e["field"] for e in body["errors"]} == {field}
