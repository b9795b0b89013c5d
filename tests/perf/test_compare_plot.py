# SPDX-License-Identifier: MIT
"""A regression is told from noise; charts are drawn from what was measured."""
import importlib.machinery
import importlib.util
import json
import random
import xml.etree.ElementTree

import pytest
from perf_tool import ROOT, run_tool


def tool(name):
    loader = importlib.machinery.SourceFileLoader(f"perf_{name}", str(ROOT / "perf" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def line(what, samples, better="higher", **more):
    return {"part": "p", "what": what, "unit": "requests/s", "better": better, "measured": sorted(samples)[len(samples) // 2], "samples": samples,
            "target": None, "met": None, "beside": None, "detail": None, **more}


def write(path, *lines):
    path.write_text(json.dumps({"run_id": "x", "rows": lines}))
    return path


def noisy(dice, middle, n=8):
    return [middle * dice.uniform(0.95, 1.05) for _ in range(n)]


def test_worse_better_and_the_same_are_told_apart(tmp_path):
    dice = random.Random(1)
    a = write(tmp_path / "a.json", line("rate", noisy(dice, 100)), line("same", noisy(dice, 100)), line("time", noisy(dice, 10), "lower"), line("few", [1, 2]))
    b = write(tmp_path / "b.json", line("rate", noisy(dice, 80)), line("same", noisy(dice, 100)), line("time", noisy(dice, 7), "lower"), line("few", [3, 4]))
    said = {each["what"]: each["said"] for each in json.loads(run_tool("compare", a, b, "--json", code=1))}
    assert said == {"rate": "WORSE", "same": "no change", "time": "better", "few": "too few rounds"}
    assert "WORSE" not in run_tool("compare", a, a)


def test_noise_alone_is_seldom_a_change():
    compare, dice = tool("compare"), random.Random(2)
    told = [compare.judge(noisy(dice, 100), noisy(dice, 100), "higher", 0.05, 0)["said"] for _ in range(300)]
    assert told.count("no change") > 270


@pytest.mark.parametrize("a, b, p", [([1, 2, 3, 4], [5, 6, 7, 8], 2 / 70), ([1, 3, 5, 7], [2, 4, 6, 8], 0.6857), ([1, 2, 3], [4, 5, 6], 0.1)])
def test_the_exact_test_agrees_with_tables(a, b, p):
    assert tool("compare").p_value(a, b) == pytest.approx(p, abs=1e-4)
    assert tool("compare").p_value(b, a) == pytest.approx(p, abs=1e-4)


def test_charts_are_well_formed_and_show_the_figures(tmp_path):
    detail = {"p50_ms": 1.5, "p95_ms": 2.5, "p99_ms": 4.25, "p999_ms": 9.0, "max_ms": 20.0}
    run = write(tmp_path / "r.json", *(line(f"uncached random mix, HTTP/2, {n} clients", [1000.0 * n]) for n in (4, 16)),
                line("a <row> & more", [5.0], "lower", target="≤ 10", met=True, detail=detail))
    sweep = tmp_path / "s.csv"
    sweep.write_text("variant,clients,tps\ntrgm,1,20\ntrgm,64,25\nnoop,1,10000\n")
    told = tmp_path / "q.json"
    told.write_text(json.dumps({"kinds": {"typo": {"recordd": {"hit@10": 0.98}, "bound": {"hit@10": 1.0}}, "nothing": {"recordd": {"hit@10": 0}, "bound": {"hit@10": 0}}}}))
    drawn = run_tool("plot", run, "--sweep", sweep, "--quality", told, "--out", tmp_path / "charts").split()
    assert [path.rsplit("/", 1)[1] for path in drawn] == ["searches-by-clients.svg", "times.svg", "quality.svg", "rows.svg"]
    texts = ["".join(xml.etree.ElementTree.parse(path).getroot().itertext()) for path in drawn]
    assert "recordd, HTTP/2" in texts[0] and "classic, trgm" in texts[0] and "noop" not in texts[0]
    assert "a <row> & more" in texts[1] and "4.25 ms" in texts[1]
    assert "typo" in texts[2] and "0.98" in texts[2] and "2 ×" in texts[3]
    run_tool("plot", write(tmp_path / "empty.json"), code=1)
