# SPDX-License-Identifier: MIT
"""Load at a rate, so that waiting counts (perf/load_plan.h), over HTTP/1.1, 2 and 3: programs, files of paths, what they count."""
import functools
import json
import math
import random
import urllib.parse

from edge_servers import OUT, h3load_program
from load import header_options
from programs import CLIENT_CORE, ROOT, ran

PROTOCOLS = ("h1", "h2", "h3")
GRACE_SECONDS = 60


@functools.cache
def tlsload_program():
    """perf/tlsload.c, built with the nghttp2 of recordd itself."""
    source, program, prefix = ROOT / "perf" / "tlsload.c", OUT / "tlsload", ROOT / "build" / "vendor" / "prefix"
    newest = max(path.stat().st_mtime for path in (source, ROOT / "perf" / "load_plan.h"))
    if not program.exists() or program.stat().st_mtime < newest:
        OUT.mkdir(parents=True, exist_ok=True)
        ran("cc", "-std=gnu17", "-O2", "-flto=auto", "-Wall", "-Wextra", f"-I{prefix}/include", str(source), "-o", str(program),
            str(prefix / "lib" / "libnghttp2.a"), "-lgnutls")
    return str(program)


def search_path(query, limit=50):
    return f"/api/records/search?q={urllib.parse.quote(query)}&limit={limit}"


def write_paths(file, paths):
    file.write_text("".join(f"{path}\n" for path in paths), encoding="ascii")
    return file


def zipf_order(paths, n, seed, hits):
    """n draws of them, so that about the share `hits` of them was drawn before: the first few often, most of them once or twice."""
    fresh = max(1, min(len(paths), round(n * (1 - hits))))
    dice, flat = random.Random(seed), 8
    tail = math.log(fresh / flat + 1)
    drawn = [paths[min(fresh - 1, int(flat * (math.exp(tail * dice.random()) - 1)))] for _ in range(n - fresh)] + paths[:fresh]
    dice.shuffle(drawn)
    return drawn


def load(protocol, port, file, seconds, headers=(), clients=1, streams=1, rate=0, warm=0, pinned=False):
    """One run; what it counted, as a dict. Every answer was 200."""
    program = [h3load_program(), "-f"] if protocol == "h3" else [tlsload_program(), *(["-1"] if protocol == "h1" else [])]
    line = [*program, "-c", clients, "-m", streams, "-d", seconds, "-w", warm, *(["-r", rate] if rate else []), *header_options(dict(headers)),
            "localhost", port, file]
    pin = ["taskset", "-c", CLIENT_CORE] if pinned else []
    return json.loads(ran(*map(str, pin + line), stdin="", timeout=seconds + warm + GRACE_SECONDS + 30))
