# SPDX-License-Identifier: MIT
"""Covers and links on several servers: what is given at one is there at the others, and so is what is taken away."""
import os
import pathlib

from nodes import User, make_node, metric, postgres  # noqa: F401
from waiting import eventually

PICTURES = pathlib.Path(__file__).resolve().parent.parent / "fuzz" / "corpus" / "image"


def put(user, node, record, name, kind):
    data = (PICTURES / name).read_bytes()
    status, _, body = user.ask(node, "PUT", f"/api/records/{record['id']}/cover", data, {"content-type": kind})
    assert status == 200, body
    return body["cover"]


def file_of(node, address):
    return pathlib.Path(node.data, "covers", address[8:10], address[8:])


def test_a_cover_given_at_one_node_is_served_by_the_others(postgres, make_node):
    one, two = make_node(), make_node()
    user = User([one, two])
    record = user.create(0, "La Düsseldorf")
    address = put(user, 0, record, "lossy.webp", "image/webp")
    assert not file_of(two, address).exists()
    answers = [two.request("GET", address) for _ in range(3)]
    assert [a[0] for a in answers] == [200] * 3 and {a[2] for a in answers} == {(PICTURES / "lossy.webp").read_bytes()}
    assert file_of(two, address).exists() and metric(two, "recordd_covers_fetched_total") == 1
    assert eventually(lambda: user.ask(1, "GET", f"/api/records/{record['id']}")[2]["cover"] == address)
    assert two.request("GET", "/covers/" + "0" * 32)[0] == 404

    # A node that lost its disk has it again; one that joins later, too.
    file_of(one, address).unlink()
    assert [node.request("GET", address)[0] for node in (one, make_node())] == [200, 200]

    # Taken back at another node than it was taken away at.
    assert user.ask(0, "DELETE", f"/api/records/{record['id']}/cover")[0] == 200
    assert user.ask(1, "PATCH", f"/api/records/{record['id']}", {"cover": address})[0] == 200
    user.close()


def test_a_cover_that_is_collected_is_gone_from_every_node(postgres, make_node):
    one, two = make_node(), make_node()
    user = User([one, two])
    record = user.create(0, "Michael Rother")
    first = put(user, 0, record, "palette.png", "image/png")
    second = put(user, 1, record, "alpha.png", "image/png")
    for node in (one, two):
        for address in (first, second):
            assert node.request("GET", address)[0] == 200
            os.utime(file_of(node, address), (1, 1))
    postgres.sql(f"update records.cover set unused_since = now() - interval '9 days' where user_id = '{user.me['id']}'")
    user.close()
    for node in (one, two):
        node.stop()
        node.start()
        assert eventually(lambda: not file_of(node, first).exists())  # noqa: B023
    kept = postgres.sql(f"""select c.id, b.id from records.cover_content b full join records.cover c on c.id = b.id
                            where c.user_id = '{user.me['id']}' or b.id in ('{first[8:]}', '{second[8:]}')""")
    assert kept == [(second[8:], second[8:])]
    assert [node.request("GET", first)[0] for node in (one, two)] == [404, 404]
    assert [node.request("GET", second)[0] for node in (one, two)] == [200, 200]


def test_a_link_revoked_at_one_node_is_dead_at_the_others_at_once(postgres, make_node):
    user = User([make_node(), make_node()])
    user.create(0, "Popol Vuh")
    for _ in range(20):
        share = user.ask(0, "POST", "/api/shares", {"kind": "collection"})[2]
        assert user.ask(1, "GET", f"/api/shared/{share['token']}/records")[2][0]["artist"] == "Popol Vuh"
        assert user.ask(0, "DELETE", f"/api/shares/{share['id']}")[0] == 204
        assert user.ask(1, "GET", f"/api/shared/{share['token']}")[0] == 404
    user.close()


def test_covers_are_served_while_the_database_is_away(postgres, make_node):
    one = make_node()
    user = User([one])
    address = put(user, 0, user.create(0, "Guru Guru"), "grey.jpg", "image/jpeg")
    unread = put(user, 0, user.create(0, "Amon Düül"), "cmyk.jpg", "image/jpeg")
    file_of(one, unread).unlink()
    postgres.stop()
    try:
        assert one.request("GET", address)[::2] == (200, (PICTURES / "grey.jpg").read_bytes())
        assert one.request("GET", unread)[0] == 503
    finally:
        postgres.start()
    assert eventually(lambda: one.request("GET", unread)[0] == 200)
    user.close()
