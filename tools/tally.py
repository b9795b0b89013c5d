# SPDX-License-Identifier: MIT
"""Counts the tests of one JUnit file (ctest's or pytest's) for tools/test.

usage: tally.py FILE.xml [AGAIN.xml]    prints "PASSED FAILED", then a line per failed test

With AGAIN, the run of what had failed in FILE, alone: what passed there has passed. A file that is missing, broken or without any test counts as one failure: a suite that did not run has not
passed. Skipped tests count as neither.
"""
import os
import sys
import xml.etree.ElementTree as ET


def tally(path):
    passed, failures = 0, []
    try:
        cases = list(ET.parse(path).getroot().iter("testcase"))
    except (OSError, ET.ParseError) as error:
        return 0, [f"no result: {error}"]
    if not cases:
        return 0, ["no test ran"]
    for case in cases:
        name = case.get("name", "?")
        owner = case.get("classname", "")
        if case.find("failure") is not None or case.find("error") is not None:
            failures.append(name if owner in ("", name) else f"{owner}::{name}")
        elif case.find("skipped") is None and case.get("status", "run") in ("run", "passed"):
            passed += 1
        elif case.get("status") == "notrun":
            failures.append(f"{name} (did not run)")
    return passed, failures


def main():
    passed, failures = tally(sys.argv[1])
    for again in filter(os.path.exists, sys.argv[2:]):
        mended, failures = tally(again)
        passed += mended
    print(passed, len(failures))
    for failure in failures:
        print(failure)


if __name__ == "__main__":
    main()
