# SPDX-License-Identifier: MIT
"""Searching a collection: what a collector types finds the record that was meant, first."""
import concurrent.futures
import urllib.parse

import pytest

COLLECTION = [
    {"artist": "Miles Davis", "name": "Kind of Blue", "format": "LP", "label": "Columbia", "catalogNumber": "CS 8163",
     "releaseYear": 1959, "recordGrade": "VG+", "pricePaid": 10.10},
    {"artist": "Miles Davis", "name": "Kind of Blue Sessions", "format": "CD", "label": "Columbia", "releaseYear": 1997},
    {"artist": "Various", "name": "Songs Miles Davis Liked", "format": "CD", "label": "Blue Note", "pricePaid": 0.10},
    {"artist": "Metallica", "name": "Load", "format": "LP", "label": "Vertigo", "releaseYear": 1996, "pricePaid": 20.20},
    {"artist": "Metallica", "name": "Metallica", "format": "2xLP", "label": "Vertigo", "releaseYear": 1991, "pricePaid": 0.20},
    {"artist": "Apocalyptica", "name": "Plays Metallica", "format": "CD"},
    {"artist": "Björk", "name": "Post", "format": "LP", "label": "One Little Indian", "catalogNumber": "TPLP51"},
    {"artist": "AC/DC", "name": "Back in Black", "format": "LP", "label": "Atlantic", "catalogNumber": "SD-16018"},
    {"artist": "R.E.M.", "name": "Automatic for the People", "format": "LP", "notes": "first pressing, lyric sheet"},
    {"artist": "The The", "name": "Soul Mining", "format": "LP", "label": "Epic"},
    {"artist": "Кино", "name": "Группа крови", "format": "LP", "label": "Мелодия"},
    {"artist": "東京事変", "name": "教育", "format": "CD"},
    {"artist": "Χάρις Αλεξίου", "name": "Το Παιχνίδι της Αγάπης", "format": "LP"},
    {"artist": "Ed Sheeran", "name": "÷", "format": "LP"},
    {"artist": "Guns N' Roses", "name": "Don’t Cry", "format": "7\""},
]


@pytest.fixture(scope="module")
def collection(server):
    token, user = server.register()
    for record in COLLECTION:
        status, _, body = server.request("POST", "/api/records", token=token, json=record)
        assert status == 201, body
    return token, user


def get(server, token, path, **query):
    return server.request("GET", f"/api/records/search{path}?{urllib.parse.urlencode(query)}", token=token)


def names(server, collection, q, **more):
    status, _, body = get(server, collection[0], "", q=q, **more)
    assert status == 200, body
    return [record["name"] for record in body]


@pytest.mark.parametrize("q, first", [
    ("kind of blue", "Kind of Blue"),
    ("miles davis kind of blue", "Kind of Blue"),
    ("blue kind", "Kind of Blue"),
    ("kind of bl", "Kind of Blue"),
    ("metallica", "Metallica"),
    ("metallica load", "Load"),
    ("bjork", "Post"), ("BJÖRK post", "Post"), ("Bjo\u0308rk", "Post"),
    ("ac/dc", "Back in Black"), ("acdc", "Back in Black"), ("ac dc back", "Back in Black"),
    ("rem", "Automatic for the People"), ("R.E.M.", "Automatic for the People"),
    ("the the", "Soul Mining"),
    ("кино", "Группа крови"), ("ГРУППА КРОВИ", "Группа крови"),
    ("東京", "教育"), ("事変", "教育"), ("東京事変", "教育"), ("教", "教育"),
    ("χαρισ αλεξιου", "Το Παιχνίδι της Αγάπης"), ("Χάρις", "Το Παιχνίδι της Αγάπης"),
    ("CS 8163", "Kind of Blue"), ("cs8163", "Kind of Blue"), ("cs-8163", "Kind of Blue"), ("8163", "Kind of Blue"),
    ("cs 81", "Kind of Blue"), ("tplp 51", "Post"), ("TPLP51", "Post"), ("sd16018", "Back in Black"),
    ("dont cry", "Don’t Cry"), ("don't cry", "Don’t Cry"), ("÷", "÷"),
    ("lyric sheet", "Automatic for the People"), ("epic soul", "Soul Mining"), ("miles davis 1959", "Kind of Blue"),
])
def test_the_obviously_right_record_is_first(server, collection, q, first):
    assert names(server, collection, q)[:1] == [first]


@pytest.mark.parametrize("q, first, corrected", [
    ("metalica", "Metallica", "metallica"),      # a letter missing
    ("mettallica", "Metallica", "metallica"),    # one too many
    ("mitallica", "Metallica", "metallica"),     # another one
    ("meatllica", "Metallica", "metallica"),     # two swapped
    ("milse davis kind", "Kind of Blue", "miles davis kind"),
    ("групра крови", "Группа крови", "%D0%B3"),
])
def test_a_slip_of_the_finger_is_forgiven_and_told(server, collection, q, first, corrected):
    status, headers, body = get(server, collection[0], "", q=q)
    assert status == 200 and body[0]["name"] == first
    assert headers["x-search-corrected"].startswith(corrected)
    assert "x-search-corrected" in get(server, collection[0], "", q=q)[1]  # from memory too


def test_a_word_that_is_right_is_not_corrected(server, collection):
    assert "x-search-corrected" not in get(server, collection[0], "", q="metallica")[1]


def test_one_wrong_word_does_not_hide_the_record(server, collection):
    assert names(server, collection, "metallica xyzzyq load")[0] == "Load"
    assert "Load" in names(server, collection, "load crying")
    assert names(server, collection, "xyzzyq") == []


def test_plain_containment_takes_the_text_as_it_is(server, collection):
    assert set(names(server, collection, "ind of blu", fuzzy=0)) == {"Kind of Blue", "Kind of Blue Sessions"}
    assert names(server, collection, "C/D", fuzzy=0) == ["Back in Black"]
    assert names(server, collection, "BJÖR", fuzzy=0) == ["Post"]
    assert names(server, collection, "8163", fuzzy=0) == ["Kind of Blue"]
    assert names(server, collection, "metalica", fuzzy=0) == []
    assert names(server, collection, "%", fuzzy=0) == []
    assert names(server, collection, "Davis\nKind", fuzzy=0) == []


def test_nothing_typed_finds_nothing(server, collection):
    for q in ("", "   ", "\u200b", "\u0301"):
        assert names(server, collection, q) == []
        assert names(server, collection, q, fuzzy=0) == []


def test_pages_follow_each_other(server, collection):
    everything = names(server, collection, "metallica")
    assert len(everything) == 3
    assert [names(server, collection, "metallica", limit=1, offset=i) for i in range(4)] == [[n] for n in everything] + [[]]
    assert get(server, collection[0], "", q="metallica")[1]["x-total-count"] == "3"


def test_limits_are_clamped_or_refused(server, collection):
    token = collection[0]
    assert get(server, token, "", q="metallica", limit=100000)[0] == 200
    for wrong in ({"limit": 0}, {"limit": "x"}, {"offset": -1}, {"fuzzy": 2}, {"q": "x" * 1001}):
        status, _, body = get(server, token, "", **{"q": "a", **wrong})
        assert status == 422 and body["errors"][0]["field"] == next(iter(wrong))
    assert get(server, token, "/autocomplete", field="shoe", q="a")[0] == 422
    assert get(server, token, "/autocomplete", field="artist", q="a", k=0)[0] == 422


def test_a_stranger_finds_nothing(server, collection, user):
    token = user[0]
    assert names(server, (token,), "metallica") == []
    assert get(server, token, "/autocomplete", field="artist", q="met")[2] == []
    assert get(server, token, "/facets")[2] == {"format": [], "label": [], "year": [], "decade": [], "artist": [], "grade": []}
    assert get(server, token, "/price-stats")[2] == {"n": 0, "min": None, "p50": None, "avg": None, "p90": None, "max": None}


def test_autocomplete_knows_what_is_there(server, collection):
    def complete(field, q, **more):
        status, _, body = get(server, collection[0], "/autocomplete", field=field, q=q, **more)
        assert status == 200
        return [(row["term"], row["hits"], row["dist"]) for row in body]

    assert complete("artist", "met") == [("Metallica", 2, 0)]
    assert complete("artist", "dav") == [("Miles Davis", 2, 0)]
    assert complete("artist", "BJÖ") == [("Björk", 1, 0)]
    assert complete("artist", "metalica") == [("Metallica", 2, 1)]
    assert complete("label", "col") == [("Columbia", 2, 0)]
    assert complete("catalog", "tplp") == [("TPLP51", 1, 0)]
    assert complete("catalog", "cs-8") == [("CS 8163", 1, 0)]
    assert complete("artist", "m", k=1) == [("Metallica", 2, 0)]
    assert complete("artist", "") == []


def test_facets_count_what_a_query_finds(server, collection):
    status, _, facets = get(server, collection[0], "/facets")
    assert status == 200
    assert facets["format"][0] == {"value": "LP", "count": 9}
    assert {"value": 1959, "count": 1} in facets["year"]
    assert {"value": "VG+", "count": 1} in facets["grade"]
    assert facets["label"][0]["count"] == 2
    facets = get(server, collection[0], "/facets", q="miles davis")[2]
    assert facets["artist"] == [{"value": "Miles Davis", "count": 2}, {"value": "Various", "count": 1}]
    assert get(server, collection[0], "/facets", q="÷÷")[2]["format"] == []


def test_prices_are_exact(server, collection):
    assert get(server, collection[0], "/price-stats")[2] == {
        "n": 4, "min": 0.1, "p50": 5.15, "avg": 7.65, "p90": 17.17, "max": 20.2}
    assert get(server, collection[0], "/price-stats", q="metallica")[2] == {
        "n": 2, "min": 0.2, "p50": 10.2, "avg": 10.2, "p90": 18.2, "max": 20.2}


def test_the_second_asker_is_answered_from_memory(server, user):
    token = user[0]
    server.request("POST", "/api/records", token=token, json=COLLECTION[6])
    first = get(server, token, "", q="Björk")
    assert first[1]["x-cache"] == "MISS" and "fwd=miss" in first[1]["cache-status"]
    again = get(server, token, "", q="  bjork ")
    assert again[1]["x-cache"] == "HIT" and "hit; ttl=" in again[1]["cache-status"]
    assert again[2] == first[2]
    assert get(server, token, "", q="bjork", limit=1)[1]["x-cache"] == "MISS"
    assert get(server, token, "", q="bjork", fuzzy=0)[1]["x-cache"] == "MISS"


def test_a_write_is_found_at_once(server, user):
    token = user[0]
    for path in ("", "/facets", "/price-stats"):
        get(server, token, path, q="post")
    _, _, record = server.request("POST", "/api/records", token=token, json={**COLLECTION[6], "pricePaid": 5})
    assert names(server, user, "post") == ["Post"]
    assert get(server, token, "/price-stats", q="post")[2]["n"] == 1
    server.request("PATCH", f"/api/records/{record['id']}", token=token, json={"name": "Homogenic"})
    assert names(server, user, "post") == [] and names(server, user, "homogenic") == ["Homogenic"]
    server.request("DELETE", f"/api/records/{record['id']}", token=token)
    assert names(server, user, "homogenic") == [] and get(server, token, "/facets")[2]["artist"] == []
    server.request("POST", f"/api/records/{record['id']}/restore", token=token)
    assert names(server, user, "homogenic") == ["Homogenic"]


def test_aliases_take_part(server, user):
    token = user[0]
    record = server.request("POST", "/api/records", token=token, json=COLLECTION[0])[2]
    status, _, body = server.request("POST", f"/api/records/{record['id']}/aliases", token=token,
                                     json={"terms": ["Birth of the Modal", "KoB"]})
    assert status in (200, 201) and body == {"added": 2}
    assert names(server, user, "modal") == ["Kind of Blue"] and names(server, user, "kob") == ["Kind of Blue"]
    server.request("PATCH", f"/api/records/{record['id']}", token=token, json={"name": "Blue in Kind"})
    assert names(server, user, "kob") == ["Blue in Kind"]


DERIVED = {
    "facet": "n, kind, val, folded",
    "completion": "kind, tail, val",
}


def derived(server, user):
    where = f"where uid = (select uid from records.user_state where user_id = '{user['id']}')"
    return {table: sorted(server.sql(f"select {columns} from records.{table} {where}"))
            for table, columns in DERIVED.items()}


def test_counts_stay_exact_whatever_is_written(server, user):
    token, me = user
    ids = []
    for record in COLLECTION * 2:
        ids.append(server.request("POST", "/api/records", token=token, json=record)[2]["id"])

    def churn(n):
        path = f"/api/records/{ids[n]}"
        if n % 3 == 0:
            server.request("PATCH", path, token=token, json={"artist": "Miles Metallica", "label": "Verve", "releaseYear": 1960})
        elif n % 3 == 1:
            server.request("DELETE", path, token=token)
            if n % 2:
                server.request("POST", path + "/restore", token=token)
        else:
            server.request("POST", path + "/aliases", token=token, json={"terms": [f"other {n}", "Metallica"]})

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(churn, range(len(ids))))
    kept = derived(server, me)
    assert all(kept.values())
    server.sql(f"select records.recount('{me['id']}')")
    assert derived(server, me) == kept
    for record_id in ids:
        server.request("DELETE", f"/api/records/{record_id}", token=token)
    assert not any(derived(server, me).values())


def test_a_word_can_be_misspelt_whichever_record_had_it_first(server):
    token, _ = server.register()
    for artist in ("AC/DC", "ACDC"):
        assert server.request("POST", "/api/records", token=token, json={"artist": artist, "name": "x", "format": "LP"})[0] == 201
    assert {record["artist"] for record in get(server, token, "", q="acddc")[2]} == {"AC/DC", "ACDC"}


def test_a_total_is_the_number_of_records_or_is_not_told(server, tmp_path):
    email = "totals@example.org"
    token, _ = server.register(email)
    path = tmp_path / "many.csv"
    path.write_text("artist,name,format,releaseYear\n" +
                    "".join(f"A{i % 50},{'Rare ' if i % 5 == 0 else ''}N {i},LP,{1970 + (i % 2)}\n" for i in range(4500)))
    assert server.run("import", "--user", email, str(path)).returncode == 0
    for q, found in (("1970", 2250), ("1970 n", 2250), ("197", 4500), ("n", 4500), ("rare", 900), ("8888", 0)):
        status, headers, _ = get(server, token, "", q=q, limit=1)
        assert status == 200 and headers.get("x-total-count", str(found)) == str(found), q
    assert get(server, token, "", q="rare", limit=1)[1]["x-total-count"] == "900"
