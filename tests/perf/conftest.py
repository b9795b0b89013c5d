# SPDX-License-Identifier: MIT
"""A tiny data set for the tools of perf/, made once."""
import json
import pathlib
import shutil
import tempfile

import pytest
from perf_tool import run_tool


@pytest.fixture(scope="session")
def tiny_data():
    """(directory, what perf/dataset said): 1,200 records of three users."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="recordd-test-"))
    path.chmod(0o711)
    try:
        yield path / "data", json.loads(run_tool("dataset", "--data", path / "data", "--scale", 0.001, "--each", 20, "--load", 30))
    finally:
        shutil.rmtree(path)
