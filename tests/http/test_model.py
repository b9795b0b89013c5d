# SPDX-License-Identifier: MIT
"""What the server says after thousands of random writes, compared with a plain model of a collection."""
import collections
import csv
import decimal
import http.client
import io
import json
import os
import random

SEED = int(os.environ.get("MODEL_SEED", "20260131"))
STEPS = int(os.environ.get("MODEL_STEPS", "1500"))

ARTISTS = ["Miles Davis", "Björk", "AC/DC", "Кино", "東京事変", "Χάρις Αλεξίου", "Sigur Rós", "The The", "ACDC", "=SUM(A1)",
           "'quoted", "Motörhead", "R.E.M.", "Abba"]
NAMES = ["Kind of Blue", "Post", "Back in Black", "Группа крови", "教育", "Blue", "Greatest Hits", "-1+1", "Acdc Tribute",
         "Ágætis byrjun", "Line less", "\"Heroes\", live"]
FORMATS = ["LP", "2xLP", "CD", "7\"", "lp"]
LABELS = [None, "Columbia", "Blue Note", "Мелодия", "+49 Records"]
GRADES = ["M", "NM", "NM-", "EX+", "EX", "EX-", "VG+", "VG", "VG-", "G+", "G", "G-", "F", "P"]
WORDS = {"miles": "Miles Davis", "bjork": "Björk", "кино": "Кино", "事変": "東京事変", "αλεξιου": "Χάρις Αλεξίου",
         "ros": "Sigur Rós", "motorhead": "Motörhead", "abba": "Abba"}
READ_ONLY = ("id", "version", "createdAt", "updatedAt")


class Client:
    """One user at several nodes, a kept connection to each."""

    def __init__(self, nodes):
        self.token, _ = nodes[0].register()
        self.connections = [node.connect() for node in nodes]

    def ask(self, method, path, body=None, headers=None, node=0):
        headers = {"authorization": f"Bearer {self.token}", **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers.setdefault("content-type", "application/json")
        connection = self.connections[node]
        try:
            connection.request(method, path, body=data, headers=headers)
            response = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError):
            connection.close()
            connection.request(method, path, body=data, headers=headers)
            response = connection.getresponse()
        text = response.read()
        parsed = json.loads(text) if "json" in response.headers.get("content-type", "") and text else text
        return response.status, response.headers, parsed


class Model:
    """The collection as it ought to be; every random choice comes from one seed."""

    def __init__(self, client, seed, nodes=1):
        self.client = client
        self.random = random.Random(seed)
        self.nodes = nodes
        self.live, self.trash = {}, {}
        self.aliases = collections.defaultdict(set)
        self.copy, self.since = {}, 0

    def node(self):
        return self.random.randrange(self.nodes)

    def fields(self):
        pick = self.random.choice
        body = {"artist": pick(ARTISTS), "name": pick(NAMES), "format": pick(FORMATS), "label": pick(LABELS),
                "releaseYear": pick([None, 1959, 1973, 1999]), "recordGrade": pick([None, *GRADES]),
                "pricePaid": pick([None, 0.01, 0.1, 19.99, 1234567890.12]), "notes": pick([None, "x", "=1+1\nsecond, \"line\""]),
                "catalogNumber": pick([None, "CS 8163", "SHVL 804", "@x"])}
        if self.random.random() < 0.3:
            body["mediaPieces"] = [{"kind": "VINYL", "sides": {"A": pick(GRADES), "B": pick(GRADES)}, "notes": pick([None, "-"])}
                                   for _ in range(self.random.randrange(3))]
        return body

    def some(self, of):
        return self.random.choice(sorted(of)) if of else None

    def expect(self, body, before=None):
        """What a record's own fields become."""
        return {**(before or {}), **{k: v for k, v in body.items() if k != "mediaPieces"}}

    def check_record(self, record, wanted):
        for key, value in wanted.items():
            if key == "recordGrade" and value is None:
                sides = [g for p in record["mediaPieces"] for g in p["sides"].values()]
                value = max(sides, key=GRADES.index) if sides else None
            assert record[key] == value, (key, record)

    def create(self):
        body = self.fields()
        headers = {"idempotency-key": f"k{self.random.random()}"} if self.random.random() < 0.2 else None
        node = self.node()
        status, _, made = self.client.ask("POST", "/api/records", body, headers, node)
        assert status == 201, made
        if headers:
            status, got, again = self.client.ask("POST", "/api/records", body, headers, node)
            assert (status, again, got["idempotency-replayed"]) == (201, made, "true")
        self.check_record(made, body if "mediaPieces" not in body else self.expect(body))
        self.live[made["id"]] = made
        return node

    def update(self):
        record_id = self.some(self.live)
        if not record_id:
            return None
        before, body, node = self.live[record_id], self.fields(), self.node()
        body = {k: body[k] for k in body if self.random.random() < 0.4}
        stale = self.random.random() < 0.1
        tag = f'"{record_id}-v{before["version"] + (1 if stale else 0)}"'
        headers = {"if-match": tag} if stale or self.random.random() < 0.5 else None
        status, got, after = self.client.ask(self.random.choice(["PUT", "PATCH"]), f"/api/records/{record_id}", body, headers, node)
        if stale:
            assert status == 412
            return node
        assert status == 200, after
        assert after["version"] == before["version"] + 1 and got["etag"] == f'"{record_id}-v{after["version"]}"'
        for key in before:
            if key not in body and key not in READ_ONLY and not key.startswith("recordGrade"):
                assert after[key] == before[key], key
        self.check_record(after, {k: v for k, v in body.items() if k != "mediaPieces"})
        self.live[record_id] = after
        return node

    def delete(self):
        record_id = self.some(self.live)
        if not record_id:
            return None
        node = self.node()
        assert self.client.ask("DELETE", f"/api/records/{record_id}", node=node)[0] == 204
        assert self.client.ask("DELETE", f"/api/records/{record_id}", node=node)[0] == 404
        assert self.client.ask("PATCH", f"/api/records/{record_id}", {"notes": "y"}, node=node)[0] == 404
        self.trash[record_id] = self.live.pop(record_id)
        return node

    def restore(self):
        record_id = self.some(self.trash)
        if not record_id:
            return None
        node = self.node()
        status, _, record = self.client.ask("POST", f"/api/records/{record_id}/restore", node=node)
        assert (status, record) == (200, self.trash[record_id])
        self.live[record_id] = self.trash.pop(record_id)
        return node

    def alias(self):
        record_id = self.some(self.live)
        if not record_id:
            return None
        node, term = self.node(), self.random.choice(["zebra", "quagga", "Blue", "Żubr"])
        status, _, body = self.client.ask("POST", f"/api/records/{record_id}/aliases", {"terms": [term]}, node=node)
        assert (status, body) == (200, {"added": 0 if term in self.aliases[record_id] else 1})
        self.aliases[record_id].add(term)
        return node

    # What is read at the node that was written to must be what was written, whatever is kept there.

    def read_one(self, node):
        record_id = self.some(self.live.keys() | self.trash.keys())
        if not record_id:
            return
        status, _, body = self.client.ask("GET", f"/api/records/{record_id}", node=node)
        assert (status, body) == (200, self.live[record_id]) if record_id in self.live else status == 404

    def read_list(self, node):
        sort = self.random.choice(["updatedAt", "-createdAt", "artist", "-name", "year", "-price"])
        path, read = f"/api/records?sort={sort}&limit=150", []
        while path:
            status, headers, page = self.client.ask("GET", path, node=node)
            assert status == 200 and int(headers["x-total-count"]) == len(self.live)
            read += page
            path = headers["link"].split(">")[0][1:] if headers["link"] else None
        assert len(read) == len(self.live) and {r["id"]: r for r in read} == self.live
        if sort == "year":
            years = [r["releaseYear"] or 9999 for r in read]
            assert years == sorted(years)

    def read_facets(self, node):
        status, _, facets = self.client.ask("GET", "/api/records/search/facets", node=node)
        assert status == 200
        for kind, key in (("artist", "artist"), ("label", "label"), ("format", "format"), ("year", "releaseYear"),
                          ("grade", "recordGrade")):
            wanted = collections.Counter(r[key] for r in self.live.values() if r[key] is not None)
            assert {f["value"]: f["count"] for f in facets[kind]} == wanted, kind

    def read_prices(self, node):
        status, _, stats = self.client.ask("GET", "/api/records/search/price-stats", node=node)
        prices = sorted(decimal.Decimal(str(r["pricePaid"])) for r in self.live.values() if r["pricePaid"] is not None)
        assert status == 200 and stats["n"] == len(prices)
        if prices:
            mean = (sum(prices) / len(prices)).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
            assert decimal.Decimal(str(stats["avg"])) == mean
            assert (stats["min"], stats["max"]) == (float(prices[0]), float(prices[-1]))

    def read_search(self, node):
        word = self.random.choice(sorted(WORDS))
        found = self.search(word, node)
        assert found == {i for i, r in self.live.items() if r["artist"] == WORDS[word]}, word
        found = self.search("zubr", node)
        assert found == {i for i in self.live if "Żubr" in self.aliases[i]}

    def search(self, q, node, limit=200):
        found, offset = [], 0
        while True:
            path = f"/api/records/search?q={''.join(f'%{b:02x}' for b in q.encode())}&limit={limit}&offset={offset}"
            status, _, page = self.client.ask("GET", path, node=node)
            assert status == 200
            assert all(r == self.live.get(r["id"]) for r in page), q
            found += [r["id"] for r in page]
            offset += limit
            if len(page) < limit:
                assert len(set(found)) == len(found)
                return set(found)

    def read_trash(self, node):
        read, path = [], "/api/records/trash?limit=150"
        while path:
            status, headers, page = self.client.ask("GET", path, node=node)
            assert status == 200
            read += page
            path = headers["link"].split(">")[0][1:] if headers["link"] else None
        for record in read:
            del record["deletedAt"]
        assert {r["id"]: r for r in read} == self.trash

    def read_changes(self, node):
        path = f"/api/records/changes?since={self.since}&limit=50"
        while path:
            status, headers, page = self.client.ask("GET", path, node=node)
            assert status == 200
            for change in page:
                if change["deleted"]:
                    self.copy.pop(change["id"], None)
                else:
                    self.copy[change["id"]] = change["record"]
            self.since = int(headers["x-change-version"])
            path = headers["link"].split(">")[0][1:] if headers["link"] else None
        assert self.copy == self.live

    def step(self):
        write = self.random.choices([self.create, self.update, self.delete, self.restore, self.alias], [30, 35, 12, 8, 6])[0]
        node = write()
        if node is None:
            return
        reads = [self.read_one, self.read_search, self.read_prices, self.read_facets, self.read_list, self.read_trash, self.read_changes]
        self.random.choices(reads, [30, 20, 8, 8, 3, 3, 4])[0](node)

    def read_all(self, node):
        for read in (self.read_list, self.read_facets, self.read_prices, self.read_search, self.read_trash, self.read_changes):
            read(node)


DERIVED = {"facet": "n, kind, val, folded", "completion": "kind, tail, val"}


def derived(server, uid):
    return {table: sorted(server.sql(f"select {columns} from records.{table} where uid = {uid}"), key=repr)
            for table, columns in DERIVED.items()}


def check_derived(server, user_id):
    """Everything derived is what deriving it anew from the source gives."""
    uid = server.sql(f"select uid from records.user_state where user_id = '{user_id}'")[0][0]
    kept = derived(server, uid)
    server.sql(f"select records.recount('{user_id}')")
    anew = derived(server, uid)
    for table in DERIVED:
        assert kept[table] == anew[table], table
    n = server.sql(f"select n_records, (select count(*) from records.record where user_id = '{user_id}' and deleted_at is null) "
                   f"from records.user_state where user_id = '{user_id}'")[0]
    assert n[0] == n[1]


def test_a_thousand_random_writes_leave_what_a_plain_model_has(server):
    client = Client([server])
    model = Model(client, SEED)
    for _ in range(STEPS):
        model.step()
    model.read_all(0)
    user_id = client.ask("GET", "/api/auth/me")[2]["id"]
    check_derived(server, user_id)


def test_two_nodes_on_one_database_keep_one_collection(make_server):
    """A node answers what was written through it at once; the other one as soon as it is told."""
    first = make_server()
    url = f"host={first.socket_dir()} dbname=recordd user=recordd_owner"
    nodes = [make_server(settings={"database.url": url}) for _ in range(2)]
    client = Client(nodes)
    model = Model(client, SEED + 1, nodes=2)
    for _ in range(STEPS // 3):
        model.step()
    for node in (0, 1):
        model.read_all(node)
    check_derived(first, client.ask("GET", "/api/auth/me")[2]["id"])


def test_an_export_that_is_imported_gives_the_same_records(server, tmp_path):
    client = Client([server])
    model = Model(client, SEED + 2)
    for _ in range(60):
        model.create()
    status, _, exported = client.ask("GET", "/api/records/export.csv")
    assert status == 200 and len(list(csv.reader(io.StringIO(exported.decode(), newline="")))) == 61
    path = tmp_path / "records.csv"
    path.write_bytes(exported)
    other_email = f"model{SEED}-{os.getpid()}@example.org"
    other = Client.__new__(Client)
    other.token, _ = server.register(other_email)
    other.connections = [server.connect()]
    done = server.run("import", "--user", other_email, "--on-duplicate", "add", str(path))
    assert done.returncode == 0, done.stderr
    _, _, read = other.ask("GET", "/api/records?limit=200")

    def plain(record):
        pieces = [{k: v for k, v in piece.items() if k != "id"} for piece in record["mediaPieces"]]
        left_out = ("id", "userId", "version", "createdAt", "updatedAt", "mediaPieces")
        return json.dumps([{k: v for k, v in record.items() if k not in left_out}, pieces], sort_keys=True)

    assert sorted(map(plain, read)) == sorted(map(plain, model.live.values()))
    ids = other.ask("GET", "/api/auth/me")[2]["id"]
    check_derived(server, ids)
