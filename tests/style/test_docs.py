# SPDX-License-Identifier: MIT
"""The documents say what the program does: settings, commands, defaults, the example configuration, links."""
import os
import pathlib
import re
import subprocess
import unicodedata

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = os.environ.get("RECORDD_BIN", str(ROOT / "build" / "dev" / "recordd"))
OURS = [ROOT, *(ROOT / folder for folder in ("docs", "vendor", "perf", "tests"))]
DOCUMENTS = sorted(path for folder in OURS if folder.is_dir() for path in folder.glob("*.md"))
MAN = ROOT / "docs" / "recordd.1"

STRING = r'"((?:[^"\\]|\\.)*)"'
IN_CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE_SUFFIX = {"c", "h", "def", "sql", "md", "conf", "sh"}


def rows(table, *kinds):
    """The rows of a .def file outside its comments: [(kind, what stands between the parentheses)]."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "src" / table).read_text(), flags=re.DOTALL)
    found = re.findall(r"^(\w+)\s*\((.*?)\)$", text, flags=re.DOTALL | re.MULTILINE)
    assert found, table
    return [(kind, inside) for kind, inside in found if not kinds or kind in kinds]


def settings():
    """{"section.key": its default}"""
    found = {}
    for _, inside in rows("config.def"):
        section, key, standard = re.match(rf"(\w+), (\w+), {STRING}", inside).groups()
        found[f"{section}.{key}"] = standard
    return found


SETTINGS = settings()
SECTIONS = {name.split(".")[0] for name in SETTINGS}
COMMANDS = [re.match(STRING, inside)[1] for _, inside in rows("cli/commands.def")]
OPTIONS = [re.match(STRING, inside)[1] for _, inside in rows("cli/options.def")]


def named_settings(words):
    """Those words that can only be meant as a setting: section.key, whatever follows."""
    for word in words:
        match = re.match(r"(\w+)\.(\w+)(?=$|[\s=,])", word)
        if match and match[1] in SECTIONS and match[2] not in FILE_SUFFIX:
            yield match[0]


def man_words(macro):
    """The arguments of each line of the manual page that has the macro, as one text a line."""
    lines = []
    for line in MAN.read_text().splitlines():
        line = re.sub(r"^\.It ", ".", line)
        if re.match(rf"\.{macro} ", line):
            lines.append(line.removeprefix(f".{macro} "))
    return lines


def headings(path):
    """The anchors that a Markdown page offers."""
    anchors = set()
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            title = line.lstrip("#").strip().lower().replace("`", "")
            kept = (c for c in title if c in " -_" or unicodedata.category(c)[0] in "LN")
            anchors.add("".join(kept).replace(" ", "-"))
    return anchors


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_setting_that_is_named_exists(path):
    unknown = set(named_settings(IN_CODE.findall(path.read_text()))) - SETTINGS.keys()
    assert not unknown


def test_a_setting_in_the_manual_page_exists():
    named = {word for line in man_words("Cm") for word in named_settings(re.split(r" , Cm | Ns ", line))}
    assert named and named <= SETTINGS.keys()


def test_the_manual_page_tells_which_settings_take_a_restart():
    after = MAN.read_text().partition(".It Dv SIGHUP")[2].partition(".El")[0]
    told = {name for line in re.findall(r"^\.Cm (.+)$", after, re.MULTILINE) for name in named_settings([line])}
    kept = {".".join(inside.split(", ")) for _, inside in rows("cli/at_start.def")}
    assert kept <= SETTINGS.keys() and told == kept


def test_every_command_is_in_the_manual_page():
    lines = man_words("Ic")
    missing = [name for name in COMMANDS if not any(line == name or line.startswith(f"{name} ") for line in lines)]
    assert not missing


def test_the_manual_page_has_no_other_commands():
    names = [re.split(r" (?:Fl|Ar|Op) ", line)[0].rstrip(" ,:.") for line in man_words("Ic")]
    assert not set(names) - set(COMMANDS)


def test_every_option_is_in_the_manual_page():
    documented = {line.split()[0].removeprefix("-") for line in man_words("Fl")}
    assert documented >= set(OPTIONS)


def test_the_manual_page_formats_without_a_warning():
    done = subprocess.run(["groff", "-mandoc", "-ww", "-Tutf8", str(MAN)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    broken = []
    for target in LINK.findall(path.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        page = path.parent / name if name else path
        if not page.exists() or (anchor and anchor not in headings(page)):
            broken.append(target)
    assert not broken


def test_the_readmes_defaults_are_the_programs():
    table = re.findall(r"^\| (`[\w.]+`(?:, `[\w.]+`)*) \| (`[^`]+`|empty) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    told = {name: "" if cell == "empty" else cell.strip("`") for names, cell in table for name in IN_CODE.findall(names)}
    assert len(told) > 10
    assert told == {name: SETTINGS.get(name) for name in told}


def test_the_example_configuration_is_what_the_program_prints():
    done = subprocess.run([BIN, "config", "example"], capture_output=True, text=True, timeout=60, check=True)
    assert (ROOT / "conf" / "recordd.conf").read_text() == done.stdout, "recordd config example > conf/recordd.conf"


def test_the_example_configuration_can_be_used(tmp_path):
    """With every line's ';' taken away too: the defaults as the file spells them are good."""
    text = re.sub(r"^;(\w+ =)", r"\1", (ROOT / "conf" / "recordd.conf").read_text(), flags=re.MULTILINE)
    conf = tmp_path / "recordd.conf"
    conf.write_text(text)
    done = subprocess.run([BIN, "config", "check", "--config", str(conf)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
