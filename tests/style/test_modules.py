# SPDX-License-Identifier: MIT
"""What keeps pytest from collecting all tests at once, which a run of one folder does not show."""
import collections
import pathlib

TESTS = pathlib.Path(__file__).resolve().parent.parent


def test_no_two_modules_have_one_name():
    """pytest puts all folders of tests on one path, where the second of them would be taken for the first."""
    places = collections.defaultdict(list)
    for path in TESTS.rglob("*.py"):
        places[path.name].append(str(path.relative_to(TESTS)))
    assert not [paths for paths in places.values() if len(paths) > 1]
