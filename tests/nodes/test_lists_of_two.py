# SPDX-License-Identifier: MIT
"""Orders that one server keeps are not older than what another has just written, whether or not it was heard of."""
from nodes import User, make_node, postgres  # noqa: F401

QUERIES = ["/api/records?sort=name", "/api/records?format=LP&sort=-name", "/api/records/search?q=can&sort=name",
           "/api/records/search?q=can&format=LP&limit=200"]


def test_a_list_at_one_has_what_was_just_written_at_the_other(make_node):
    user = User([make_node(), make_node()])
    written = {}

    def read(node, wanted):
        for path in QUERIES:
            status, headers, page = user.ask(node, "GET", path)
            assert status == 200 and {r["id"]: r["label"] for r in page} == wanted, path
            assert int(headers["x-total-count"]) == len(wanted)

    for turn in range(12):
        here, there = turn % 2, 1 - turn % 2
        read(there, written)  # kept there from now on
        made = user.ask(here, "POST", "/api/records", {"artist": "Can", "name": f"n{turn:02}", "format": "LP"})[2]
        written[made["id"]] = None
        read(there, written)
        operations = [{"op": "update", "id": i, "set": {"label": f"turn {turn}"}} for i in written]
        status, _, body = user.ask(here, "POST", "/api/records/batch", {"operations": operations})
        assert status == 200 and {r["status"] for r in body["results"]} == {200}
        written = dict.fromkeys(written, f"turn {turn}")
        read(there, written)
    user.close()
