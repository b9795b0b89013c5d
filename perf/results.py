# SPDX-License-Identifier: MIT
"""What a run measured, as JSON, as CSV, and as rows of ops.bench_results in the data set's own database."""
import csv
import io
import json
import subprocess
import time
import uuid

from programs import ROOT

COLUMNS = ("run_id", "measured_at", "git_rev", "machine", "settings", "part", "what", "unit", "better", "measured", "samples", "target", "met", "detail")


def revision():
    """The commit, with `+` where the tree has changes."""
    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout.strip()
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def new_run(machine, settings):
    return {"run_id": str(uuid.uuid4()), "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "git_rev": revision(),
            "machine": machine, "settings": settings, "rows": []}


def write_json(run, path):
    path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def cell(value):
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list, bool)) else value


def write_csv(run, path):
    with open(path, "w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for line in run["rows"]:
            rows.writerow([cell(line.get(name, run.get(name))) for name in COLUMNS])


def store(run, server):
    """Into the database that a server has; its schema has the table."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    for line in run["rows"]:
        both = {**line, "samples": "{" + ",".join(map(repr, line["samples"])) + "}"}
        rows.writerow([cell(both.get(name, run.get(name))) for name in COLUMNS])
    server.sql(f"COPY ops.bench_results ({', '.join(COLUMNS)}) FROM STDIN WITH (FORMAT csv);\n{out.getvalue()}\\.\n")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))
