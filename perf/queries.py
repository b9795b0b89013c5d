# SPDX-License-Identifier: MIT
"""Queries as people type them, of seven kinds, each with the record that is meant; and the best that any ranking could do.

A query is drawn by choosing a record by chance, then a way of asking for it. Often many records are as good an answer:
every copy of an artist who is asked for. So each query carries bounds: how often the record meant would be among the
first 1, 10 and 50 if a ranking knew all the ways of asking and how likely each is.
"""
import collections
import random
import re
import unicodedata

KINDS = ("exact", "prefix", "typo", "several", "short", "catalog", "nothing")
DEPTHS = (1, 10, 50)
COLUMNS = ("kind", "query", "rid", "id", *(f"bound{k}" for k in DEPTHS), "bound_mrr")
SCRIPTS = {"cyrillic": "CYRILLIC", "greek": "GREEK", "kana": "KATAKANA", "kanji": "CJK", "hangul": "HANGUL", "arabic": "ARABIC"}

WORD = re.compile(r"[a-z]+")
PLAIN = re.compile(r"[a-z ]+")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FILLERS = {"the", "of", "and", "in", "from", "vol"}
ARTIST, NAME, CATALOG = 0, 1, 2  # of the folded fields


def plain_words(text):
    """Words of letters only, those that a person would type."""
    return [word for word in re.findall(r"\w+", text.replace("'", "")) if WORD.fullmatch(word)]


# ── Ways of asking: {query: how likely} for a record ──

def ways_exact(row):
    words = [word for field in (ARTIST, NAME) for word in plain_words(row["folded"][field]) if len(word) >= 4]
    return {word: n / len(words) for word, n in collections.Counter(words).items()}


def ways_prefix(row):
    """What stands in the box while artist or title is being typed, from the fourth letter on."""
    ways = collections.Counter()
    texts = [text for text in (row["folded"][ARTIST], row["folded"][NAME]) if PLAIN.fullmatch(text) and len(text) > 4]
    for text in texts:
        cuts = [at for at in range(4, len(text)) if text[at - 1] != " " and text[at] != " "]
        for at in cuts:
            ways[text[:at]] += 1 / len(texts) / len(cuts)
    return ways


def ways_several(row):
    """The words of artist and title; every other time one of them is left out, but something of each remains. Sorted."""
    artist, name = ({*plain_words(row["folded"][field])} for field in (ARTIST, NAME))
    words = sorted(artist | name)
    if not tells_both(words, artist, name) or len(words) > 7:
        return {}
    fewer = [words[:i] + words[i + 1:] for i in range(len(words))]
    fewer = [" ".join(some) for some in fewer if tells_both(some, artist, name)]
    return {" ".join(words): 0.5 if fewer else 1, **{some: 0.5 / len(fewer) for some in fewer}}


def tells_both(words, artist, name):
    """Whether two different words that are no fillers tell of artist and title, one of them long enough to be misspelt."""
    telling = {word for word in words if word not in FILLERS}
    return len(telling) >= 2 and bool(telling & artist) and bool(telling & name) and any(len(word) >= 4 for word in telling)


def ways_short(row):
    """The first two or three letters of a word."""
    words = [word for field in (ARTIST, NAME) for word in plain_words(row["folded"][field]) if len(word) >= 3]
    ways = collections.Counter()
    for word in words:
        for n in (2, 3):
            ways[word[:n]] += 1 / len(words) / 2
    return ways


def way_catalog(row):
    return row["folded"][CATALOG] if re.search(r"\d", row["folded"][CATALOG]) else None


# ── Slips of the finger ──

def misspelt(word, dice):
    """One edit anywhere: a letter more, less, other, or two neighbours swapped; never the word itself."""
    while True:
        at = dice.randrange(len(word))
        edit = dice.choice(("insert", "delete", "substitute", "transpose"))
        if edit == "insert":
            at = dice.randrange(len(word) + 1)
            made = word[:at] + dice.choice(LETTERS) + word[at:]
        elif edit == "delete":
            made = word[:at] + word[at + 1:]
        elif edit == "substitute":
            made = word[:at] + dice.choice(LETTERS) + word[at + 1:]
        else:
            made = word[:at] + word[at:at + 2][::-1] + word[at + 2:]
        if made != word:
            return made


def with_typo(text, dice):
    words = text.split()
    at = dice.choice([i for i, word in enumerate(words) if len(word) >= 4])
    words[at] = misspelt(words[at], dice)
    return " ".join(words)


def deletions(word):
    return {word, *(word[:i] + word[i + 1:] for i in range(len(word)))}


# ── Bounds ──

def bounds_of(weights):
    """[first 1, 10, 50, mean reciprocal rank] of the best ranking, if records are meant as likely as they weigh."""
    ordered, total = sorted(weights, reverse=True), sum(weights)
    return [*(sum(ordered[:k]) / total for k in DEPTHS), sum(weight / i for i, weight in enumerate(ordered[:DEPTHS[-1]], 1)) / total]


def line(kind, query, row=None, weights=(1,)):
    return dict(zip(COLUMNS, (kind, query, row["rid"] if row else 0, row["id"] if row else "-", *bounds_of(weights))))


# ── Drawing ──

class Drawer:
    """Draws queries for the records of one user."""

    def __init__(self, rows, seed):
        self.rows, self.dice = rows, random.Random(seed)

    def _draw(self, n, ask):
        """n of (query, record), each query once as long as there are other ones."""
        found = {}
        for _ in range(40 * n + 1000):
            if len(found) == n:
                break
            row = self.dice.choice(self.rows)
            if query := ask(row):
                found.setdefault(query, row)
        return list(found.items())

    def _by_ways(self, kind, n, ways):
        def ask(row):
            choices = ways(row)
            return self.dice.choices(list(choices), list(choices.values()))[0] if choices else None
        drawn = self._draw(n, ask)
        weights = {query: [] for query, _ in drawn}
        for row in self.rows:
            for query, weight in ways(row).items():
                if query in weights:
                    weights[query].append(weight)
        return [line(kind, query, row, weights[query]) for query, row in drawn]

    def exact(self, n):
        return self._by_ways("exact", n, ways_exact)

    def prefix(self, n):
        return self._by_ways("prefix", n, ways_prefix)

    def short(self, n):
        return self._by_ways("short", n, ways_short)

    def typo(self, n):
        """Several words in the order of the record, a letter wrong in one of them."""
        made = self._by_ways("typo", n, ways_several)
        rows = {row["rid"]: row for row in self.rows}
        for each in made:
            row = rows[each["rid"]]
            order = [*plain_words(row["folded"][ARTIST]), *plain_words(row["folded"][NAME])]
            each["query"] = with_typo(" ".join(sorted(each["query"].split(), key=order.index)), self.dice)
        return made

    def several(self, n):
        """In any order."""
        made = self._by_ways("several", n, ways_several)
        for each in made:
            words = each["query"].split()
            self.dice.shuffle(words)
            each["query"] = " ".join(words)
        return made

    def catalog(self, n):
        """As it is printed, or without the blanks."""
        squeezed = collections.Counter(re.sub(r"\W", "", number) for number in map(way_catalog, self.rows) if number)
        return [line("catalog", number if self.dice.random() < 0.5 else number.replace(" ", ""), row, [1] * squeezed[re.sub(r"\W", "", number)])
                for number, row in self._draw(n, way_catalog)]

    def nothing(self, n):
        """Words that nobody has, nor the beginning of one, by more than one edit; half of them can be pronounced."""
        vocabulary = {word for row in self.rows for field in row["folded"] for word in re.findall(r"\w+", field)}
        begins = {word[:n] for word in vocabulary for n in range(1, len(word) + 1)}
        near = {form for word in begins if len(word) >= 3 for form in deletions(word)}
        made = {}
        while len(made) < n:
            word = ("".join(self.dice.choice("bcdfgklmnprstvz") + self.dice.choice("aeiou") for _ in range(self.dice.choice((3, 4, 5))))
                    if len(made) % 2 else "".join(self.dice.choice(LETTERS) for _ in range(self.dice.choice((7, 9, 11)))))
            if word not in begins and not deletions(word) & near:
                made[word] = None
        return [line("nothing", word) for word in made]

    def mix(self, each):
        """The seven kinds in equal parts."""
        return [made for kind in KINDS for made in getattr(self, kind)(each)]

    def scripts(self, each):
        """Names that are not Latin: the artist, or artist and title, by script."""
        def script_of(text):
            letters = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
            return next((name for name, begins in SCRIPTS.items() if letters and all(letter.startswith(begins) for letter in letters)), None)

        made, copies = [], collections.Counter((row["artist"], row["name"]) for row in self.rows)
        artists = collections.Counter(row["artist"] for row in self.rows)
        kinds = {artist: script_of(artist) for artist in artists}
        for name in SCRIPTS:
            own = [row for row in self.rows if kinds[row["artist"]] == name]
            for i in range(each if own else 0):
                row = self.dice.choice(own)
                whole = i % 2 == 1
                query = f"{row['artist']} {row['name']}" if whole else row["artist"]
                made.append(line(name, query, row, [1] * (copies[row["artist"], row["name"]] if whole else artists[row["artist"]])))
        return made


# ── Files ──

def number(value):
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def write(path, lines):
    """As tab-separated values with a heading; no query holds a tab or a line's end."""
    rows = ["\t".join(COLUMNS), *("\t".join(number(each[column]) for column in COLUMNS) for each in lines)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def read(path):
    heading, *rows = path.read_text(encoding="utf-8").splitlines()
    if tuple(heading.split("\t")) != COLUMNS:
        raise ValueError(f"{path} is no file of queries")
    made = [dict(zip(COLUMNS, row.split("\t"))) for row in rows]
    for each in made:
        each.update({column: float(each[column]) for column in COLUMNS[4:]}, rid=int(each["rid"]))
    return made
