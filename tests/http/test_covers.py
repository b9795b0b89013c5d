# SPDX-License-Identifier: MIT
"""Covers: given, served, taken back, collected; and what must not become one."""
import concurrent.futures
import os
import pathlib
import re
import struct
import time
import zlib

import pytest
from waiting import eventually

PICTURES = pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "corpus" / "image"
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def picture(name):
    return (PICTURES / name).read_bytes(), TYPES[name.rpartition(".")[2]]


def png(width, height, noise=b""):
    """A true PNG; random pixels, so that it does not shrink."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + os.urandom(3 * width) for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + noise
            + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


class Collector:
    def __init__(self, server):
        self.server = server
        self.token, self.me = server.register()

    def ask(self, method, path, **more):
        return self.server.request(method, path, self.token, **more)

    def record(self, **fields):
        status, _, body = self.ask("POST", "/api/records", json={"artist": "Can", "name": "Ege Bamyasi", "format": "LP", **fields})
        assert status == 201, body
        return body

    def put(self, record, data, kind="image/png", **headers):
        return self.ask("PUT", f"/api/records/{record['id']}/cover", data=data, headers={"content-type": kind, **headers})

    def cover(self, record, data=None, kind="image/png"):
        """The record with a cover of that picture, a new one without."""
        status, _, body = self.put(record, data or png(4, 4), kind)
        assert status == 200, body
        return body

    def shown(self, record):
        return self.ask("GET", f"/api/records/{record['id']}")[2]["cover"]


@pytest.fixture
def ann(server):
    return Collector(server)


def file_of(server, address):
    name = address.removeprefix("/covers/")
    return pathlib.Path(server.data, "covers", name[:2], name)


def covers_of(server, collector):
    return server.sql(f"select id from records.cover where user_id = '{collector.me['id']}'")


# ── Given and served ──

@pytest.mark.parametrize("name", ["camera.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "texts.png", "palette.png", "alpha.png",
                                  "lossy.webp", "lossless.webp", "extended.webp"])
def test_a_cover_of_every_kind_is_shown_by_its_record_and_served(server, ann, name):
    data, kind = picture(name)
    record = ann.cover(ann.record(), data, kind)
    assert re.fullmatch(r"/covers/[0-9a-f]{32}", record["cover"]) and record["version"] == 2
    assert ann.shown(record) == record["cover"]
    status, headers, body = server.request("GET", record["cover"])
    assert status == 200 and headers["content-type"] == kind
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff" and "default-src 'none'" in headers["content-security-policy"]
    assert body == file_of(server, record["cover"]).read_bytes()
    assert b"secret" not in body and b"xmpmeta" not in body


def test_where_a_photo_was_taken_is_gone_and_how_the_camera_was_held_is_not(server, ann):
    data, kind = picture("camera.jpg")
    assert b"Secret Camera" in data and b"where it was taken" in data
    body = server.request("GET", ann.cover(ann.record(), data, kind)["cover"])[2]
    assert b"Secret" not in body and b"taken" not in body
    assert body.count(b"Exif\0\0") == 1 and b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in body
    assert body[body.index(b"\xff\xda"):] == data[data.index(b"\xff\xda"):]


def test_nobody_can_tell_a_cover_by_its_picture(ann, server):
    data, other = png(4, 4), Collector(server)
    mine, same, theirs = (who.cover(who.record(), data)["cover"] for who in (ann, ann, other))
    assert mine == same and mine != theirs
    assert len(covers_of(server, ann)) == 1


def test_a_part_of_a_cover_can_be_had(server, ann):
    data = png(300, 300)
    address = ann.cover(ann.record(), data)["cover"]
    whole = server.request("GET", address)
    assert whole[2] == data and int(whole[1]["content-length"]) == len(data) > 2 * 128 * 1024
    for first, last in [(0, 0), (10, 19), (0, len(data) - 1), (131000, 132000), (200000, len(data) - 1)]:
        status, headers, body = server.request("GET", address, headers={"range": f"bytes={first}-{last}"})
        assert (status, body) == (206, data[first:last + 1])
        assert headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
    assert server.request("GET", address, headers={"range": "bytes=-5"})[2] == data[-5:]
    status, headers, _ = server.request("GET", address, headers={"range": f"bytes={len(data)}-"})
    assert status == 416 and headers["content-range"] == f"bytes */{len(data)}"
    tag = whole[1]["etag"]
    assert server.request("GET", address, headers={"range": "bytes=1-2", "if-range": tag})[2] == data[1:3]
    assert server.request("GET", address, headers={"range": "bytes=1-2", "if-range": '"another"'})[0] == 200


@pytest.mark.parametrize("side", [4, 300])
def test_a_cover_that_a_browser_has_is_not_sent_again(server, ann, side):
    address = ann.cover(ann.record(), png(side, side))["cover"]
    _, headers, body = server.request("GET", address)
    assert server.request("GET", address, headers={"if-none-match": headers["etag"]})[::2] == (304, b"")
    status, told, nothing = server.request("HEAD", address)
    assert (status, nothing) == (200, b"") and told["content-length"] == str(len(body)) and told["etag"] == headers["etag"]


@pytest.mark.parametrize("name", ["0" * 32, "0" * 31, "A" * 32, "..%2f..%2ftls%2fca.pem", "a" * 33, "z" * 32])
def test_what_is_no_covers_address_is_404(server, name):
    assert server.request("GET", f"/covers/{name}")[0] in (400, 404)


def test_covers_are_not_counted_by_the_rate_limit(make_server):
    server = make_server(settings={"ratelimit.requests_per_minute": "20"})
    ann = Collector(server)
    address = ann.cover(ann.record())["cover"]
    assert {server.request("GET", address)[0] for _ in range(40)} == {200}


def test_covers_that_nobody_takes_are_not_read_ahead(make_server):
    server = make_server(settings={"covers.max_file": "8MB", "covers.max_side": "2000"})
    ann = Collector(server)
    address = ann.cover(ann.record(), png(1500, 1500))["cover"]

    def metric(name):
        return float(re.search(rf"^{name} (\S+)$", server.request("GET", "/metrics")[2].decode(), re.M)[1])

    before, lazy = metric("recordd_http_queued_bytes"), [server.connect() for _ in range(30)]
    for connection in lazy:
        connection.request("GET", address)
    assert eventually(lambda: metric("recordd_calls_running") >= 30)
    time.sleep(0.3)
    assert metric("recordd_http_queued_bytes") - before < 30 * 256 * 1024
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        bodies = set(pool.map(lambda connection: connection.getresponse().read(), lazy))
    assert len(bodies) == 1 and len(bodies.pop()) > 6 << 20
    for connection in lazy:
        connection.close()


def test_covers_of_many_are_served_at_once(server, ann):
    pictures = {}
    for _ in range(8):
        data = png(250, 250)
        pictures[ann.cover(ann.record(), data)["cover"]] = data
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = pool.map(lambda address: (address, server.request("GET", address)[2]), list(pictures) * 4)
    assert all(pictures[address] == body for address, body in got)


# ── Whose ──

def test_another_users_record_is_not_there_to_be_covered(server, ann):
    record, eve = ann.cover(ann.record()), Collector(server)
    assert eve.put(record, png(4, 4))[0] == 404
    assert eve.ask("DELETE", f"/api/records/{record['id']}/cover")[0] == 404
    assert covers_of(server, eve) == [] and ann.shown(record) == record["cover"]


def test_another_users_cover_cannot_be_taken_over(server, ann):
    address, eve = ann.cover(ann.record())["cover"], Collector(server)
    theirs = eve.record()
    for method, path in [("PATCH", f"/api/records/{theirs['id']}"), ("PUT", f"/api/records/{theirs['id']}"), ("POST", "/api/records")]:
        status, _, body = eve.ask(method, path, json={"artist": "x", "name": "y", "format": "LP", "cover": address})
        assert status == 422 and body["errors"][0]["field"] == "cover", body
    assert eve.shown(theirs) is None


@pytest.mark.parametrize("cover", ["https://example.org/x.jpg", "/covers/", "/covers/" + "A" * 32, "/covers/" + "0" * 32 + "/..", 5])
def test_a_cover_is_nothing_but_the_address_of_an_uploaded_one(ann, cover):
    status, _, body = ann.ask("PATCH", f"/api/records/{ann.record()['id']}", json={"cover": cover})
    assert status == 422 and body["errors"][0]["field"] == "cover"


# ── What must not become one ──

def test_other_files_are_refused_before_anything_is_stored(server, ann):
    record, (jpeg, _) = ann.record(), picture("camera.jpg")
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    assert ann.put(record, svg, "image/svg+xml")[0] == 415
    assert ann.put(record, b"GIF89a...", "image/gif")[0] == 415
    assert ann.put(record, b"{}", "application/json")[0] == 415
    refused = {
        "declared otherwise": (jpeg, "image/png"), "svg": (svg, "image/png"), "empty": (b"", "image/png"),
        "cut short": (jpeg[:-2], "image/jpeg"), "cut in the middle": (jpeg[:900], "image/jpeg"),
        "animated": picture("animated.webp"), "damaged": (png(4, 4)[:-16] + b"\0" * 16, "image/png"),
    }
    for what, (data, kind) in refused.items():
        status, _, body = ann.put(record, data, kind)
        assert status == 422 and body["errors"][0]["field"] == "cover", (what, body)
    assert ann.shown(record) is None and covers_of(server, ann) == []


def test_what_else_a_file_is_does_not_get_in(server, ann):
    (jpeg, _), script = picture("grey.jpg"), b"<script>alert(document.cookie)</script>PK\x03\x04"
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(script)) + script
    for data in (jpeg + script, jpeg[:2] + comment + jpeg[2:]):
        assert server.request("GET", ann.cover(ann.record(), data, "image/jpeg")["cover"])[2] == jpeg
    text = struct.pack(">I", len(script)) + b"tEXt" + script + struct.pack(">I", zlib.crc32(b"tEXt" + script))
    body = server.request("GET", ann.cover(ann.record(), png(4, 4, text) + script)["cover"])[2]
    assert b"script" not in body and body.endswith(b"IEND\xaeB`\x82")


def test_a_picture_may_be_so_large_and_no_larger(make_server):
    server = make_server(settings={"covers.max_side": "20", "covers.max_file": "4KB"})
    ann = Collector(server)
    record = ann.cover(ann.record(), png(20, 20))
    for width, height in [(21, 4), (4, 21)]:
        status, _, body = ann.put(record, png(width, height))
        assert status == 422 and "20 pixels" in body["errors"][0]["message"]
    just, over = png(4, 4) + b"x" * 4096, png(4, 4) + b"x" * 4097
    assert ann.put(record, just[:4096])[0] == 200
    status, _, body = ann.put(record, over[:4097])
    assert status == 413 and "4096" in body["error"]


def test_all_covers_of_a_user_together_have_a_limit(make_server):
    server = make_server(settings={"covers.quota": "100KB"})
    ann, ben = Collector(server), Collector(server)
    first = ann.cover(ann.record(), png(150, 150))
    status, _, body = ann.put(ann.record(), png(150, 150))
    assert status == 422 and body["errors"][0]["field"] == "cover" and "100 KB" in body["errors"][0]["message"]
    assert len(list(pathlib.Path(server.data, "covers").glob("*/*"))) == 1
    same = server.request("GET", first["cover"])[2]
    assert ann.cover(ann.record(), same)["cover"] == first["cover"]  # nothing new
    ben.cover(ben.record(), png(150, 150))
    assert float(re.search(r"^recordd_covers_refused_total (\d+)", server.request("GET", "/metrics")[2].decode(), re.M)[1]) == 1


def test_the_covers_taken_away_lately_count_until_they_are_collected(make_server):
    server = make_server(settings={"covers.quota": "100KB"})
    ann = Collector(server)
    record = ann.cover(ann.record(), png(150, 150))
    ann.ask("DELETE", f"/api/records/{record['id']}/cover")
    assert ann.put(record, png(150, 150))[0] == 422
    server.sql("update records.cover set unused_since = now() - interval '2 days'")
    server.stop()
    server.start()
    deadline = time.monotonic() + 20
    while ann.put(record, png(150, 150))[0] != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)


# ── Changing a record meanwhile ──

def test_a_cover_for_a_record_that_has_changed_since_is_refused(server, ann):
    record = ann.record()
    tag = ann.ask("GET", f"/api/records/{record['id']}")[1]["etag"]
    ann.ask("PATCH", f"/api/records/{record['id']}", json={"notes": "changed"})
    assert ann.put(record, png(4, 4), **{"if-match": tag})[0] == 412
    assert covers_of(server, ann) == []
    assert ann.ask("DELETE", f"/api/records/{record['id']}/cover", headers={"if-match": tag})[0] == 412
    status, headers, body = ann.put(record, png(4, 4), **{"if-match": "*"})
    assert status == 200 and body["notes"] == "changed"
    assert headers["etag"] == ann.ask("GET", f"/api/records/{record['id']}")[1]["etag"]


def test_a_cover_that_was_taken_away_can_be_taken_back(server, ann):
    record = ann.cover(ann.record())
    status, _, without = ann.ask("DELETE", f"/api/records/{record['id']}/cover")
    assert status == 200 and without["cover"] is None and without["version"] == record["version"] + 1
    assert server.request("GET", record["cover"])[0] == 200
    status, _, back = ann.ask("PATCH", f"/api/records/{record['id']}", json={"cover": record["cover"]})
    assert status == 200 and back["cover"] == record["cover"] == ann.shown(record)
    assert ann.ask("PUT", f"/api/records/{record['id']}", json=back)[0] == 200
    twin = ann.record(cover=record["cover"])
    assert twin["cover"] == record["cover"]
    assert server.sql(f"select n_uses from records.cover where '/covers/' || id = '{record['cover']}'")[0][0] == 2


def test_no_cover_for_a_record_in_the_trash(ann):
    record = ann.cover(ann.record())
    ann.ask("DELETE", f"/api/records/{record['id']}")
    assert ann.put(record, png(4, 4))[0] == 404
    assert ann.ask("DELETE", f"/api/records/{record['id']}/cover")[0] == 404
    assert ann.ask("POST", f"/api/records/{record['id']}/restore")[2]["cover"] == record["cover"]


def test_an_upload_that_is_repeated_gets_the_first_answer(ann):
    record, data, key = ann.record(), png(4, 4), {"idempotency-key": os.urandom(8).hex()}
    first, second = (ann.put(record, data, **key) for _ in range(2))
    assert first[0] == second[0] == 200 and first[2] == second[2]
    assert second[1]["idempotency-replayed"] == "true" and first[2]["version"] == 2
    assert ann.put(record, png(4, 4), **key)[0] == 422


def test_a_cover_is_told_by_export_and_not_taken_from_a_file(server, ann):
    record = ann.cover(ann.record())
    _, _, csv = ann.ask("GET", "/api/records/export.csv")
    assert record["cover"] in csv.decode()
    ben = Collector(server)
    status, _, job = ben.ask("POST", "/api/records/import", data=csv, headers={"content-type": "text/csv"})
    assert status == 202
    while job["status"] in ("queued", "running"):
        time.sleep(0.05)
        job = ben.ask("GET", f"/api/jobs/{job['id']}")[2]
    assert job["status"] == "done", job
    listed = ben.ask("GET", "/api/records")[2]
    assert [(r["name"], r["cover"]) for r in listed] == [("Ege Bamyasi", None)]


# ── Kept and collected ──

def age(*files):
    for file in files:
        os.utime(file, (1, 1))


def test_covers_that_no_record_shows_are_collected_and_all_others_stay(make_server):
    server = make_server(settings={"covers.keep": "1h"})
    ann = Collector(server)
    used, trashed, gone, fresh = (ann.cover(ann.record()) for _ in range(4))
    replaced = ann.cover(used)  # the one before is of no use any more
    ann.ask("DELETE", f"/api/records/{trashed['id']}")
    for record in (gone, fresh):
        ann.ask("DELETE", f"/api/records/{record['id']}/cover")
    every = [r["cover"] for r in (used, trashed, gone, fresh, replaced)]
    over = [used["cover"], gone["cover"]]
    listed = ", ".join(f"'{address[-32:]}'" for address in over + [trashed["cover"], replaced["cover"]])
    server.sql(f"update records.cover set unused_since = now() - interval '2 hours' where id in ({listed})")
    age(*(file_of(server, address) for address in every))
    folder = file_of(server, used["cover"]).parent
    stray = file_of(server, "/covers/" + folder.name + "f" * 30)
    stray.write_bytes(b"of a crash before its row was there")
    (folder / ".upload-0123456789abcdef").write_bytes(b"of a crash before it was whole")
    (folder / "README").write_bytes(b"somebody else's")
    recent = file_of(server, "/covers/" + folder.name + "e" * 30)
    recent.write_bytes(b"of an upload under way")
    age(stray, folder / ".upload-0123456789abcdef", folder / "README")
    server.stop()
    server.start()
    deadline = time.monotonic() + 20
    while any(file_of(server, address).exists() for address in over) or stray.exists():
        assert time.monotonic() < deadline, server.log_text()[-2000:]
        time.sleep(0.05)
    kept = [address for address in every if address not in over]
    assert [server.request("GET", address)[0] for address in kept] == [200] * 3
    assert [server.request("GET", address)[0] for address in over] == [404] * 2
    assert sorted(x[0] for x in covers_of(server, ann)) == sorted(address[-32:] for address in kept)
    assert {p.name for p in folder.iterdir()} >= {"README", recent.name} and not (folder / ".upload-0123456789abcdef").exists()
    assert ann.ask("PATCH", f"/api/records/{gone['id']}", json={"cover": gone["cover"]})[0] == 422
    assert ann.ask("PATCH", f"/api/records/{fresh['id']}", json={"cover": fresh["cover"]})[0] == 200
    assert ann.ask("POST", f"/api/records/{trashed['id']}/restore")[2]["cover"] == trashed["cover"]


def test_a_cover_that_is_wanted_again_while_its_file_is_old_stays(make_server):
    server = make_server()
    ann = Collector(server)
    data = png(4, 4)
    record = ann.cover(ann.record(), data)
    file = file_of(server, record["cover"])
    server.sql("delete from records.cover")  # collected; its file not yet
    age(file)
    assert ann.cover(ann.record(), data)["cover"] == record["cover"]
    assert file.stat().st_mtime > time.time() - 60


def test_a_crash_in_the_midst_of_uploads_leaves_no_record_with_half_a_cover(make_server):
    server = make_server()
    ann = Collector(server)
    records = [ann.record() for _ in range(40)]
    pictures = {r["id"]: png(200, 200) for r in records}

    def upload(record):
        try:
            return ann.put(record, pictures[record["id"]])[0]
        except OSError:
            return 0

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(upload, record) for record in records]
        while sum(a.done() for a in answers) < 8:
            time.sleep(0.005)
        server.process.kill()
        done = [answer.result() for answer in answers]
    server.process.wait()
    assert 0 in done and 200 in done
    server.start()
    for record, status in zip(records, done):
        address = ann.shown(record)
        assert address or status != 200
        if address:
            assert server.request("GET", address)[2] == pictures[record["id"]]
    later = next(record for record, status in zip(records, done) if status == 0)
    assert ann.put(later, pictures[later["id"]])[0] == 200


def test_a_disk_that_takes_nothing_is_told_and_the_record_stays_as_it_is(make_server):
    server = make_server()
    ann = Collector(server)
    record = ann.record()
    pathlib.Path(server.data, "covers").write_text("in the way")
    status, headers, body = ann.put(record, png(4, 4))
    assert status == 503 and "retry-after" in headers and "stored" in body["error"]
    assert ann.shown(record) is None
    pathlib.Path(server.data, "covers").unlink()
    assert ann.put(record, png(4, 4))[0] == 200


def test_addresses_of_covers_are_not_told_to_the_log(make_server):
    server = make_server(settings={"log.level": "debug"})
    ann = Collector(server)
    address = ann.cover(ann.record())["cover"]
    file = file_of(server, address)
    assert server.request("GET", address)[0] == 200
    file.unlink()
    file.symlink_to("elsewhere")
    assert server.request("GET", address)[0] == 503
    assert '"path":"/covers/{id}"' in server.log_text() and address[-32:] not in server.log_text()
