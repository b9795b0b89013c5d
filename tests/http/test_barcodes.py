# SPDX-License-Identifier: MIT
"""A scanned barcode finds the record that it is on, however either was written down."""
import csv
import io

import pytest

EAN, UPC = "5012394144777", "074643811224"


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


def test_a_barcode_is_kept_as_its_digits(mine):
    made = add(mine, barcode=" 5 012394-144777")
    assert made["barcode"] == EAN and mine("GET", f"/api/records/{made['id']}")[2]["barcode"] == EAN
    assert mine("PATCH", f"/api/records/{made['id']}", json={"barcode": None})[2]["barcode"] is None
    assert add(mine)["barcode"] is None
    assert add(mine, barcode="12345")["barcode"] == "12345"


@pytest.mark.parametrize("barcode, why", [("5012394144778", "check digit"), ("07464381122" + "5", "check digit"), ("12345678", "check digit"),
                                          ("5012394x44777", "digits"), ("1" * 33, "32"), (5012394144777, "text")])
def test_a_misread_barcode_is_refused(mine, barcode, why):
    status, _, body = mine("POST", "/api/records", json={"artist": "a", "name": "n", "format": "LP", "barcode": barcode})
    assert status == 422 and body["errors"][0]["field"] == "barcode" and why in body["errors"][0]["message"]


@pytest.mark.parametrize("scanned", [EAN, "5 012394 144777", "5-012394-144777", "50123941"])
def test_a_search_finds_it_by_what_was_scanned_or_typed(mine, scanned):
    made = add(mine, name="with", barcode=EAN)
    add(mine, name="without", catalogNumber="144777")
    assert [r["id"] for r in mine("GET", f"/api/records/search?q={scanned.replace(' ', '%20')}")[2]] == [made["id"]]


def test_a_upc_and_its_ean_are_the_same(mine):
    short, long = add(mine, name="short", barcode=UPC), add(mine, name="long", barcode="0" + UPC)
    assert (short["barcode"], long["barcode"]) == (UPC, "0" + UPC)
    for scanned in (UPC, "0" + UPC, "0 74643-81122 4".replace(" ", "%20")):
        assert {r["id"] for r in mine("GET", f"/api/records?barcode={scanned}")[2]} == {short["id"], long["id"]}
        assert {r["id"] for r in mine("GET", f"/api/records/search?q={scanned}")[2]} == {short["id"], long["id"]}


def test_a_changed_barcode_is_no_longer_found_by_the_old_one(mine):
    made = add(mine, barcode=EAN)
    assert len(mine("GET", f"/api/records?barcode={EAN}")[2]) == 1
    mine("PATCH", f"/api/records/{made['id']}", json={"barcode": UPC})
    assert mine("GET", f"/api/records?barcode={EAN}")[2] == [] and mine("GET", f"/api/records/search?q={EAN}")[2] == []
    assert len(mine("GET", f"/api/records?barcode={EAN}&barcode={UPC}")[2]) == 1


def test_barcodes_leave_and_come_back_as_csv(server, mine):
    add(mine, barcode=EAN, purchasedAt="2020-02-03")
    text = mine("GET", "/api/records/export.csv")[2].decode()
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["barcode"] == EAN
    token, _ = server.register()
    other = "artist,name,format,EAN\nNeu!,Neu! 75,LP,5 012394 144777\nNeu!,Neu! 2,LP,5012394144778\n"
    for body in (text, other):
        status, headers, job = server.request("POST", "/api/records/import", token=token, data=body.encode(), headers={"content-type": "text/csv"})
        assert status == 202, job
        while job["status"] in ("queued", "running"):
            job = server.request("GET", headers["location"], token=token)[2]
    assert job["added"] == 1 and job["failed"] == 1
    status, headers, found = server.request("GET", f"/api/records?barcode={EAN}&sort=-purchasedAt", token=token)
    assert [r["name"] for r in found] == ["Tago Mago", "Neu! 75"] and headers["x-total-count"] == "2"
