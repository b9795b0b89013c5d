# SPDX-License-Identifier: MIT
"""Running the tools of perf/ as people do."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "perf"))
os.environ.setdefault("RECORDD_BIN", str(ROOT / "build" / "dev" / "recordd"))


def run_tool(name, *words, code=0):
    """Its standard output."""
    done = subprocess.run(["/usr/bin/python3", "-B", str(ROOT / "perf" / name), *map(str, words)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout
