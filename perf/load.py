# SPDX-License-Identifier: MIT
"""The load generators, each on the client's core, and medians of rounds in which those that are compared take turns."""
import re
import statistics
import subprocess

from programs import CLIENT_CORE, cpu_seconds, found, ran

FIGURES_SAID = 4  # of each, while it runs


def on_client_core(*line):
    return ["taskset", "-c", CLIENT_CORE, *map(str, line)]


def header_options(headers):
    return [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]


def wrk(url, seconds, headers=(), connections=64, script=None, pinned=True):
    """HTTP/1.1: (requests, requests a second)."""
    line = [found("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", *header_options(dict(headers)), *(["-s", script] if script else []), url]
    out = ran(*(on_client_core(*line) if pinned else map(str, line)), timeout=seconds + 60)
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    return int(re.search(r"(\d+) requests in", out)[1]), float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def h2load(url, seconds, headers=(), clients=32, streams=16, data=None):
    """HTTP/2, by POST of a file when there is one: (requests, requests a second)."""
    body = ["-d", data] if data else []
    out = ran(*on_client_core(found("h2load"), "-t1", f"-c{clients}", f"-m{streams}", f"-D{seconds}", *body, *header_options(dict(headers)), url),
              timeout=seconds + 60)
    done = re.search(r"requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed", out)
    if not done or int(done[1]) == 0 or int(done[2]) > 0:
        raise RuntimeError(out)
    return int(done[1]), float(re.search(r"finished in [^,]+, ([\d.]+) req/s", out)[1])


def cost(pid, load):
    """One round: {rate, cpu_us}, the latter for each request and all of the process's threads."""
    before = cpu_seconds(pid)
    requests, rate = load()
    return {"rate": rate, "cpu_us": (cpu_seconds(pid) - before) * 1e6 / requests}


def medians(rows):
    """Of the figures that all rows have."""
    return {name: statistics.median(row[name] for row in rows) for name in rows[0] if all(name in row for row in rows)}


def interleaved(rounds, say, **takes):
    """Each `take()` gives a row of figures; {name: medians, and the rows as `samples`}, so that the machine's moods hit all alike."""
    rows = {name: [] for name in takes}
    for turn in range(rounds):
        for name, take in takes.items():
            rows[name].append(take())
        say(f"  round {turn + 1} of {rounds}: " + "; ".join(
            f"{name} " + ", ".join(f"{key} {value:.1f}" for key, value in list(got[-1].items())[:FIGURES_SAID]) for name, got in rows.items()))
    return {name: {**medians(got), "samples": got} for name, got in rows.items()}


def h2load_at_once(url, headers, clients, streams):
    """Starts clients × streams requests, all at the same time; the process."""
    line = on_client_core(found("h2load"), "-t1", f"-n{clients * streams}", f"-c{clients}", f"-m{streams}", *header_options(headers), url)
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
