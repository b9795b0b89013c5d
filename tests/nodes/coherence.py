# SPDX-License-Identifier: MIT
"""Random writes and searches at several nodes, compared with a plain model of a collection, over HTTP only."""
import random
import threading
import time
import urllib.parse

from nodes import User

# Far apart, so that none is found for another one.
WORDS = ["xylophone", "marzipan", "quagmire", "bluebird", "farthing", "obelisks", "wardrobe", "juniper", "κιθάρα", "гитара"]
OTHER_NODE_SECONDS = 1.0
SETTLED_SHARE = 0.01  # of the steps are followed by a second of rest
AROUND = 120  # so many records there are
ANSWERED_BY_SECONDS = 60


class Unsure(Exception):
    """A write without an answer, which may have been done."""


class Collection:
    """One user's. `live` and `trash` are {id: artist}; a record is found by its artist and its aliases."""

    def __init__(self, nodes, seed):
        self.random = random.Random(seed)
        self.user = User(nodes)
        self.n_nodes = len(nodes)
        self.live, self.trash, self.aliases = {}, {}, {}
        self.past = []  # (until, found by each word)
        self.importing = threading.Lock()  # held while an import runs
        self.serial, self.word = 0, WORDS[0]
        self.counts = {"writes": 0, "unanswered writes": 0, "searches": 0, "unanswered searches": 0, "late": 0}
        self.latest = 0.0

    def found(self, word):
        return {i for i, artist in self.live.items() if artist == word or word in self.aliases.get(i, ())}

    def remember(self):
        now = time.monotonic()
        self.past = [(until, was) for until, was in self.past if now - until < 2 * OTHER_NODE_SECONDS]
        self.past.append((now, {word: self.found(word) for word in WORDS}))

    # Writes

    def write(self, node, wanted, method, path, body=None, headers=None):
        status, _, answer = self.user.ask(node, method, path, body, headers)
        if status == 0 or status >= 500:
            raise Unsure
        assert status == wanted, (method, path, status, answer)
        return answer

    def any_word(self):
        return self.word if self.random.random() < 0.5 else self.random.choice(WORDS)

    def any_record(self):
        return self.random.choice(sorted(self.found(self.word) or self.live))

    def title(self):
        self.serial += 1
        return f"no {self.serial}"

    def create(self, node):
        artist = self.any_word()
        made = self.write(node, 201, "POST", "/api/records", {"artist": artist, "name": self.title(), "format": "LP"})
        self.live[made["id"]] = artist

    def edit(self, node):
        record, artist = self.any_record(), self.any_word()
        self.write(node, 200, "PATCH", f"/api/records/{record}", {"artist": artist})
        self.live[record] = artist

    def delete(self, node):
        record = self.any_record()
        self.write(node, 204, "DELETE", f"/api/records/{record}")
        self.trash[record] = self.live.pop(record)

    def restore(self, node):
        record = self.random.choice(sorted(self.trash))
        self.write(node, 200, "POST", f"/api/records/{record}/restore")
        self.live[record] = self.trash.pop(record)

    def alias(self, node):
        record, word = self.any_record(), self.any_word()
        end = time.monotonic() + ANSWERED_BY_SECONDS
        while True:  # twice is as once
            try:
                self.write(node, 200, "POST", f"/api/records/{record}/aliases", {"terms": [word]})
                break
            except Unsure:
                assert time.monotonic() < end, "no answer any more"
                time.sleep(0.05)
        self.aliases.setdefault(record, set()).add(word)

    def batch(self, node):
        """An import. That its job is done is the write's reply."""
        rows = [(self.any_word(), self.title()) for _ in range(self.random.randrange(1, 12))]
        text = "artist,name,format\n" + "".join(f"{artist},{name},LP\n" for artist, name in rows)
        with self.importing:
            job = self.write(node, 202, "POST", "/api/records/import?onDuplicate=add", text.encode(), {"content-type": "text/csv"})
            end = time.monotonic() + ANSWERED_BY_SECONDS
            while job["status"] in ("queued", "running"):
                assert time.monotonic() < end, "an import does not end"
                time.sleep(0.01)
                job = self.write(node, 200, "GET", f"/api/jobs/{job['id']}")
            assert (job["status"], job["added"]) == ("done", len(rows)), job
        listed = self.listed_at_last(node)
        more = {i: artist for i, artist in listed.items() if i not in self.live}
        assert sorted(more.values()) == sorted(artist for artist, _ in rows), "an import is not there when it is done"
        self.live.update(more)

    def listed(self, node):
        records, path = {}, "/api/records?limit=200&sort=createdAt"
        while path:
            status, headers, page = self.user.ask(node, "GET", path)
            if status != 200:
                return None
            records.update((r["id"], r["artist"]) for r in page)
            path = headers["link"].split(">")[0][1:] if "link" in headers else None
        return records

    def listed_at_last(self, node):
        end = time.monotonic() + ANSWERED_BY_SECONDS
        while (listed := self.listed(node)) is None:
            assert time.monotonic() < end, "no answer any more"
            time.sleep(0.1)
        return listed

    def look_up(self):
        """After a write without an answer: what is true now, which is one record's difference at most."""
        time.sleep(1)  # what a killed node has sent may still be running
        listed = self.listed_at_last(self.random.randrange(self.n_nodes))
        different = {i for i in self.live.keys() | listed.keys() if self.live.get(i) != listed.get(i)}
        assert len(different) <= 1, "a write without an answer did more than it should"
        for record in different:
            if record not in listed:
                self.trash[record] = self.live[record]
            elif record in self.trash:
                del self.trash[record]
        self.live = listed

    def choose(self):
        few = len(self.live) < AROUND
        choices = {self.create: 40 if few else 10, self.batch: 2 if few else 0}
        if self.live:
            choices |= {self.edit: 30, self.delete: 8 if few else 40, self.alias: 6}
        if self.trash:
            choices[self.restore] = 10 if few else 0
        return self.random.choices(list(choices), list(choices.values()))[0]

    def change(self, node):
        """True when it was answered."""
        self.counts["writes"] += 1
        self.remember()
        try:
            self.choose()(node)
        except Unsure:
            self.counts["unanswered writes"] += 1
            self.look_up()
            self.past.append((time.monotonic(), self.past[-1][1]))  # it may have been done just now
            return False
        self.past[-1] = (time.monotonic(), self.past[-1][1])
        return True

    # Searches

    def search(self, node, word):
        """Ids, or None without an answer; one that says itself that it is old is none."""
        self.counts["searches"] += 1
        path = f"/api/records/search?limit=200&q={urllib.parse.quote(word)}"
        status, headers, body = self.user.ask(node, "GET", path)
        if status != 200 or "stale" in headers.get("cache-status", ""):
            assert status in (0, 200, 502, 503, 504), (status, body)
            self.counts["unanswered searches"] += 1
            return None
        return {record["id"] for record in body}

    def search_here(self, node, word):
        """The node that was written to last; after a second of rest any."""
        found = self.search(node, word)
        assert found is None or found == self.found(word), self.tell("node", node, word, found)

    def search_there(self, node, word):
        """Another one: what was true within the last second."""
        begin = time.monotonic()
        found = self.search(node, word)
        if found is None or found == self.found(word):
            return
        self.counts["late"] += 1
        until = max((until for until, was in self.past if was[word] == found), default=None)
        assert until is not None and begin - until <= OTHER_NODE_SECONDS, self.tell("the other node", node, word, found)
        self.latest = max(self.latest, begin - until)

    def tell(self, who, node, word, found):
        true = self.found(word)
        return f"{who} ({node}) missed {true - found} and still had {found - true} for {word}, after {self.counts}"

    def step(self):
        node, other = (self.random.randrange(self.n_nodes) for _ in range(2))
        # An answer is kept that the write is likely to make untrue.
        self.word = self.random.choice(WORDS)
        self.search_there(other, self.word)
        if self.change(node):
            self.search_here(node, self.word)
        self.search_there(other, self.word)
        if self.random.random() < SETTLED_SHARE:
            self.search_settled()

    def search_settled(self):
        """A write at one node, and no other within the second: all have what is true now."""
        for node in range(self.n_nodes):
            self.search_there(node, self.word)
        self.change(self.random.randrange(self.n_nodes))
        time.sleep(OTHER_NODE_SECONDS)
        for node in range(self.n_nodes):
            self.search_here(node, self.word)

    def operations(self):
        return self.counts["writes"] + self.counts["searches"]


def run(nodes, n_operations, seed, n_users=2, meanwhile=()):
    """So many writes and searches by a few users at a time. `meanwhile` are functions that get the collections: each runs
    once, when its share of the operations is done. The collections, when all agree with their models."""
    collections = [Collection(nodes, f"{seed}/{i}") for i in range(n_users)]
    failures = []

    def work(mine):
        try:
            while mine.operations() < n_operations / n_users and not failures:
                mine.step()
        except BaseException as failure:  # noqa: B902: of a thread, told by the test
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in collections]
    for thread in threads:
        thread.start()
    for i, event in enumerate(meanwhile):
        share = n_operations * (i + 1) / (len(meanwhile) + 1)
        while sum(c.operations() for c in collections) < share and not failures:
            time.sleep(0.01)
        if not failures:
            event(collections)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    time.sleep(OTHER_NODE_SECONDS)
    for mine in collections:
        for node in range(len(nodes)):
            for word in WORDS:
                assert mine.search(node, word) == mine.found(word), (node, word)
            assert mine.listed(node) == mine.live
        mine.user.close()
    return collections
