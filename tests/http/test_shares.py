# SPDX-License-Identifier: MIT
"""Links by which others may look: what they show and to whom, and that nothing else can be had by them."""
import datetime
import pathlib
import re
import time
import uuid

import pytest

PRIVATE = {"userId", "purchasedAt", "version", "extra"}


class Owner:
    def __init__(self, server):
        self.server = server
        self.token, self.me = server.register()

    def ask(self, method, path, **more):
        return self.server.request(method, path, self.token, **more)

    def record(self, artist="Neu!", name="Neu! 75", **fields):
        status, _, body = self.ask("POST", "/api/records", json={"artist": artist, "name": name, "format": "LP", **fields})
        assert status == 201, body
        return body

    def share(self, **fields):
        status, _, body = self.ask("POST", "/api/shares", json={"kind": "collection", **fields})
        assert status == 201, body
        return body

    def shares(self):
        return self.ask("GET", "/api/shares")[2]


@pytest.fixture
def ann(server):
    return Owner(server)


def look(server, share, rest=""):
    """What somebody without an account gets."""
    return server.request("GET", f"/api/shared/{share['token']}{rest}")


def later(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


SECRETIVE = {"notes": "bought drunk", "pricePaid": 98765.43, "purchasedAt": "2026-01-02", "extra": {"shelf": "by the door"},
             "mediaPieces": [{"index": 1, "kind": "VINYL", "discGrade": "VG+", "notes": "skips"}]}


# ── What is shown ──

def test_a_link_to_a_record_shows_it_without_what_is_private(server, ann):
    record = ann.record(**SECRETIVE)
    share = ann.share(kind="record", recordId=record["id"], title="  For sale ")
    assert share == {"id": share["id"], "kind": "record", "recordId": record["id"], "title": "For sale", "showPrices": False,
                     "showNotes": False, "token": share["token"], "url": f"/s/{share['token']}", "views": 0,
                     "createdAt": share["createdAt"], "expiresAt": None}
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", share["token"])
    status, headers, body = look(server, share)
    assert status == 200 and headers["x-robots-tag"] == "noindex"
    shown = body.pop("record")
    assert body == {"kind": "record", "title": "For sale", "showPrices": False, "showNotes": False, "count": 1}
    assert set(shown) == set(record) - PRIVATE - {"pricePaid", "notes"}
    assert shown["mediaPieces"][0]["discGrade"] == "VG+" and shown["mediaPieces"][0]["notes"] is None
    assert shown == look(server, share, f"/records/{record['id']}")[2]
    assert [shown] == look(server, share, "/records")[2]
    for path in ("", "/records", f"/records/{record['id']}"):
        assert not re.search("drunk|skips|98765|door|2026-01-02", str(look(server, share, path)[2]))


@pytest.mark.parametrize("prices, notes", [(True, False), (False, True), (True, True)])
def test_prices_and_notes_are_shown_where_the_owner_says_so(server, ann, prices, notes):
    record = ann.record(**SECRETIVE)
    share = ann.share(kind="record", recordId=record["id"], showPrices=prices, showNotes=notes)
    for shown in (look(server, share)[2]["record"], look(server, share, "/records")[2][0], look(server, share, f"/records/{record['id']}")[2]):
        assert set(shown) == set(record) - PRIVATE - (set() if prices else {"pricePaid"}) - (set() if notes else {"notes"})
        assert shown.get("pricePaid") == (98765.43 if prices else None) and shown.get("notes") == ("bought drunk" if notes else None)
        assert shown["mediaPieces"][0]["notes"] == ("skips" if notes else None)


def test_a_link_to_a_collection_shows_all_of_it_page_by_page_and_nobody_elses(server, ann):
    made = [ann.record(name=f"number {i}", pricePaid=i) for i in range(7)]
    Owner(server).record(name="of somebody else")
    trashed = ann.record(name="in the trash")
    ann.ask("DELETE", f"/api/records/{trashed['id']}")
    share = ann.share()
    assert look(server, share)[2] == {"kind": "collection", "title": None, "showPrices": False, "showNotes": False, "count": 7}
    got, path = [], f"/api/shared/{share['token']}/records?limit=3"
    while path:
        status, headers, page = server.request("GET", path)
        assert status == 200 and headers["x-total-count"] == "7" and len(page) <= 3
        got += [record["id"] for record in page]
        path = headers["link"].split(">")[0][1:] if "link" in headers else None
    assert got == [record["id"] for record in reversed(made)]
    assert look(server, share, "/records?limit=1000")[2][0].keys() & PRIVATE == set()
    assert look(server, share, f"/records/{trashed['id']}")[0] == 404
    assert look(server, share, "/records?limit=0")[0] == 422 and look(server, share, "/records?offset=-1")[0] == 422


def test_a_shared_collection_can_be_searched_by_what_is_shown(server, ann):
    for artist in ("Kraftwerk", "Kraftwerk", "Harmonia", "Cluster"):
        ann.record(artist, "Ruckzück", label="Brain", notes="cost a kidney")
    ann.ask("POST", f"/api/records/{ann.record('Eno', 'Before')['id']}/aliases", json={"terms": ["stolen"]})
    Owner(server).record("Kraftwerk", "of somebody else")
    share = ann.share()
    status, headers, page = look(server, share, "/records?q=KRAFT+ruckz%C3%BC")
    assert status == 200 and headers["x-total-count"] == "2" and {r["artist"] for r in page} == {"Kraftwerk"}
    assert all(not (r.keys() & (PRIVATE | {"notes", "pricePaid"})) for r in page)
    page = look(server, share, "/records?q=brain&limit=1&offset=3")
    assert len(page[2]) == 1 and page[1]["x-total-count"] == "4" and "link" not in page[1]
    assert len(look(server, share, "/records?q=%20")[2]) == 5
    assert look(server, share, "/records?q=brain&offset=9")[1]["x-total-count"] == "4"
    for hidden in ("kidney", "stolen", "%21%3F"):
        assert look(server, share, f"/records?q={hidden}")[2] == []
    assert look(server, share, "/records?q=" + "x" * 1001)[0] == 422


def test_a_shared_record_has_its_cover(server, ann):
    record = ann.record()
    cover = (pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "corpus" / "image" / "alpha.png").read_bytes()
    covered = ann.ask("PUT", f"/api/records/{record['id']}/cover", data=cover, headers={"content-type": "image/png"})[2]
    share = ann.share(kind="record", recordId=record["id"])
    assert server.request("GET", look(server, share)[2]["record"]["cover"])[0] == 200
    assert covered["cover"] == look(server, share)[2]["record"]["cover"]


def test_looks_are_counted(server, ann):
    share = ann.share()
    look(server, share), look(server, share), look(server, share, "/records")
    server.request("HEAD", f"/api/shared/{share['token']}")
    assert ann.shares()[0]["views"] == 2


# ── What is not ──

def test_a_link_to_a_record_leads_to_no_other_one(server, ann):
    record, other, theirs = ann.record(), ann.record(name="another"), Owner(server).record()
    share = ann.share(kind="record", recordId=record["id"])
    for id in (other["id"], theirs["id"], str(uuid.uuid4()), "x"):
        assert look(server, share, f"/records/{id}")[0] == 404
    assert [r["id"] for r in look(server, share, "/records?q=another")[2]] == [record["id"]]
    assert look(server, share, "/records?offset=1")[2] == []


def gone(server, share):
    """Whether nothing is to be had any more, told as of a link that never was."""
    def answer(token, rest):
        status, _, body = server.request("GET", f"/api/shared/{token}{rest}")
        return status, {k: v for k, v in body.items() if k not in ("instance", "requestId")} if isinstance(body, dict) else body
    rests = ("", "/records", "/records?q=x", f"/records/{uuid.uuid4()}")
    return all(answer(share["token"], rest) == answer("A" * 32, rest) and answer("A" * 32, rest)[0] == 404 for rest in rests)


def test_a_revoked_link_is_dead_at_once(server, ann):
    share, other = ann.share(), ann.share()
    assert look(server, share)[0] == 200
    assert ann.ask("DELETE", f"/api/shares/{share['id']}")[0] == 204
    assert gone(server, share) and look(server, other)[0] == 200
    assert ann.ask("DELETE", f"/api/shares/{share['id']}")[0] == 404
    assert [s["id"] for s in ann.shares()] == [other["id"]]


def test_a_link_that_is_over_is_dead_until_it_is_prolonged(server, ann):
    share = ann.share(expiresAt=later(1))
    assert look(server, share)[0] == 200
    time.sleep(1.1)
    assert gone(server, share) and ann.shares()[0]["id"] == share["id"]
    assert ann.ask("PATCH", f"/api/shares/{share['id']}", json={"expiresAt": None})[2]["expiresAt"] is None
    assert look(server, share)[0] == 200


def test_a_link_to_a_record_in_the_trash_is_dead_until_it_is_restored(server, ann):
    record = ann.record()
    share = ann.share(kind="record", recordId=record["id"])
    ann.ask("DELETE", f"/api/records/{record['id']}")
    assert gone(server, share)
    ann.ask("POST", f"/api/records/{record['id']}/restore")
    assert look(server, share)[0] == 200


@pytest.mark.parametrize("token", ["", "x", "A" * 31, "A" * 33, "A" * 300, "%27%3B%20drop%20table%20auth.share%3B--"])
def test_what_is_no_token_is_404(server, token):
    assert server.request("GET", f"/api/shared/{token}")[0] == 404


def test_tokens_are_not_told_to_the_log(make_server):
    server = make_server(settings={"log.level": "debug"})
    ann = Owner(server)
    record = ann.record()
    share = ann.share()
    for path in ("", "/records", f"/records/{record['id']}", "/nothing"):
        look(server, share, path)
    server.request("GET", share["url"])
    server.sql("update records.record_doc set doc = 'broken'")
    assert look(server, share, f"/records/{record['id']}")[0] == 500
    assert share["token"] not in server.log_text() and '"path":"/api/shared/{token}/records/{id}"' in server.log_text()


def test_guessing_is_limited_by_address(make_server):
    server = make_server(settings={"ratelimit.requests_per_minute": "30"})
    answers = [server.request("GET", f"/api/shared/{uuid.uuid4().hex}")[0] for _ in range(40)]
    assert answers[0] == 404 and 429 in answers
    assert server.request("GET", "/api/shared/x")[1]["retry-after"]


# ── Whose ──

def test_links_are_their_owners_to_see_change_and_revoke(server, ann):
    share, eve = ann.share(), Owner(server)
    assert eve.shares() == []
    assert eve.ask("PATCH", f"/api/shares/{share['id']}", json={"showPrices": True})[0] == 404
    assert eve.ask("DELETE", f"/api/shares/{share['id']}")[0] == 404
    assert ann.shares() == [share]


def test_a_link_can_be_changed_but_for_what_it_leads_to(server, ann):
    record = ann.record(pricePaid=3)
    share = ann.share(title="old", expiresAt=later(3600))
    status, _, changed = ann.ask("PATCH", f"/api/shares/{share['id']}", json={"showPrices": True})
    assert status == 200 and changed == {**share, "showPrices": True}
    assert look(server, share, "/records")[2][0]["pricePaid"] == 3
    assert ann.ask("PATCH", f"/api/shares/{share['id']}", json={"title": None})[2]["title"] is None
    assert ann.ask("PATCH", f"/api/shares/{share['id']}", json={})[2] == {**changed, "title": None}
    for field, value in [("kind", "record"), ("recordId", record["id"]), ("token", "A" * 32), ("views", 0)]:
        assert ann.ask("PATCH", f"/api/shares/{share['id']}", json={field: value})[0] == 422
    assert ann.ask("PATCH", f"/api/shares/{uuid.uuid4()}", json={})[0] == 404


def test_what_makes_no_link_is_told_field_by_field(server, ann):
    mine, theirs = ann.record(), Owner(server).record()
    wrong = [
        ({}, "kind"), ({"kind": "shelf"}, "kind"), ({"kind": "record"}, "recordId"), ({"kind": "record", "recordId": "x"}, "recordId"),
        ({"kind": "record", "recordId": theirs["id"]}, "recordId"), ({"kind": "record", "recordId": str(uuid.uuid4())}, "recordId"),
        ({"kind": "collection", "recordId": mine["id"]}, "recordId"), ({"kind": "collection", "showPrices": "yes"}, "showPrices"),
        ({"kind": "collection", "title": "x" * 201}, "title"), ({"kind": "collection", "title": "a\nb"}, "title"),
        ({"kind": "collection", "expiresAt": "soon"}, "expiresAt"), ({"kind": "collection", "expiresAt": "2020-01-01"}, "expiresAt"),
        ({"kind": "collection", "token": "A" * 32}, "token"),
    ]
    for body, field in wrong:
        status, _, answer = ann.ask("POST", "/api/shares", json=body)
        assert status == 422 and field in {error["field"] for error in answer["errors"]}, (body, answer)
    assert ann.ask("POST", "/api/shares", json=[])[0] == 422 and ann.ask("POST", "/api/shares", data=b"{", headers={"content-type": "application/json"})[0] == 400
    assert ann.shares() == []


def test_a_user_has_so_many_links_and_no_more(make_server):
    server = make_server(settings={"shares.max": "2"})
    ann = Owner(server)
    first, _ = ann.share(), ann.share()
    status, _, body = ann.ask("POST", "/api/shares", json={"kind": "collection"})
    assert status == 409 and "2 links" in body["error"]
    Owner(server).share()
    ann.ask("DELETE", f"/api/shares/{first['id']}")
    assert len({s["token"] for s in ann.shares() + [ann.share()]}) == 2
