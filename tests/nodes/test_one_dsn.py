# SPDX-License-Identifier: MIT
"""A node needs nothing but the database's address: what one has given out works at the others."""
import re

from nodes import User, make_node, postgres  # noqa: F401
from waiting import eventually

# Tables that are not of one user's data, and why.
OF_NOBODY = {
    "auth.account": "its key is the user's id, by the name `id`",
    "auth.refresh_token": "found by its digest, before the user is known",
    "auth.revoked": "read whole by every node; an id of a token or session says nothing of the user",
    "auth.setup_link": "before there is any user",
    "auth.share": "found by its token's digest, before the owner is known",
    "auth.cover_key": "of the whole installation",
    "records.cover": "found by its address, of which nobody says whose it is",
    "records.cover_content": "as records.cover",
    "auth.signing_key": "of the whole installation",
    "events.notifying": "of the whole installation",
    "events.change": "a queue over all users, without a key",
    "ops.migration": "of the whole installation",
    "ops.bench_results": "of the whole installation",
}


def setup_link(node):
    return re.search(r"#setup=(\S+)", node.printed)[1]


def test_the_first_account_is_made_at_another_node_than_printed_the_link(make_node):
    one = make_node()
    two = make_node()
    body = {"token": setup_link(two), "email": "first@example.org", "password": "correct horse battery"}
    status, _, account = one.request("POST", "/api/auth/setup", json=body)
    assert status == 201, account
    assert two.request("GET", "/api/auth/me", account["token"])[2]["email"] == "first@example.org"
    assert two.request("POST", "/api/auth/setup", json={**body, "email": "second@example.org"})[0] == 410


def test_tokens_and_cursors_of_one_node_work_at_another_also_after_a_rotation(postgres, make_node):
    user = User([make_node(), make_node()])
    for i in range(5):
        user.create(0, "Zappa", f"number {i}")

    def next_of(node, path):
        status, headers, page = user.ask(node, "GET", path)
        assert status == 200, page
        return headers["link"].split(">")[0][1:], [r["name"] for r in page]

    behind, first = next_of(0, "/api/records?limit=2&sort=createdAt")
    assert first == ["number 0", "number 1"]
    assert next_of(1, behind)[1] == ["number 2", "number 3"]

    before = postgres.sql("select key from auth.signing_key where slot = 0")
    assert user.nodes[0].run("keys", "rotate", "--set", f"database.url={postgres.dsn()}").returncode == 0
    assert postgres.sql("select key from auth.signing_key where slot = 1") == before

    def fresh():
        status, _, pair = user.nodes[0].request("POST", "/api/auth/login", json={"email": user.me["email"], "password": "correct horse battery"})
        assert status == 200
        return pair["token"]

    def signer(token):
        return token.split(".")[0]
    assert eventually(lambda: signer(fresh()) != signer(user.token))
    # The old token and the old cursor still do, and so do new ones at the node that was not told by the command.
    assert next_of(1, behind)[1] == ["number 2", "number 3"]
    user.token = fresh()
    assert eventually(lambda: user.ask(1, "GET", "/api/auth/me")[0] == 200)
    anew, _ = next_of(0, "/api/records?limit=2&sort=createdAt")
    assert anew != behind
    assert next_of(1, anew)[1] == ["number 2", "number 3"]
    assert user.ask(1, "GET", anew[:-1] + ("A" if anew[-1] != "A" else "B"))[0] == 400
    user.close()


def test_every_table_of_users_data_is_kept_by_user(postgres, make_node):
    make_node()
    keys = dict(postgres.sql("""
        select n.nspname || '.' || c.relname, a.attname
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        left join pg_index i on i.indrelid = c.oid and i.indisprimary
        left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'"""))
    assert len(keys) > 10
    wrong = {table: first for table, first in keys.items() if table not in OF_NOBODY and first not in ("user_id", "uid")}
    assert not wrong
    by_uid = {table for table, first in keys.items() if first == "uid"}
    assert by_uid <= {f"records.{t}" for t in ("record_doc", "facet", "completion")}, "docs/scaling.md lists these"
