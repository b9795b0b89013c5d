# SPDX-License-Identifier: MIT
"""Includes go down a floor or not at all: a folder of src/ sees only what the top CMakeLists.txt lets it see."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z/]+)/[^/"]+"', re.MULTILINE)


def floors():
    """{folder: the folders below it}, from recordd_folder(NAME ON folder… [USES|GENERATED …]). One inside another is
    a floor of its own."""
    below = {}
    for line in (ROOT / "CMakeLists.txt").read_text().splitlines():
        row = re.match(r"recordd_folder\(([\w/]+)([^)]*)\)", line)
        if row:
            on = re.split(r"\b(?:USES|GENERATED)\b", row[2])[0].split()[1:]
            below[row[1]] = set(on).union(*(below[folder] for folder in on))
    return below


FLOORS = floors()


def test_every_folder_stands_on_a_floor():
    folders = {str(path.parent.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*.[ch]")} - {"."}
    assert folders <= FLOORS.keys()


@pytest.mark.parametrize("folder", FLOORS)
def test_includes_go_down(folder):
    upwards = []
    for path in sorted((ROOT / "src" / folder).glob("*.[ch]")):
        for included in INCLUDE.findall(path.read_text()):
            if included in FLOORS and included != folder and included not in FLOORS[folder]:
                upwards.append(f"{path.relative_to(ROOT)} includes {included}/")
    assert not upwards
