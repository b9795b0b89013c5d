# SPDX-License-Identifier: MIT
"""A database that is away for a while ends nothing that it could go on with."""
import time

from nodes import make_node, postgres  # noqa: F401
from waiting import eventually

AWAY_SECONDS = 6


def test_an_import_goes_on_when_the_database_is_back(postgres, make_node):  # noqa: F811
    node = make_node()
    token, _ = node.register()
    rows = 60000
    data = "artist,name,format\n" + "".join(f"Sun Ra,Number {n},LP\n" for n in range(rows))

    def job(method="GET", path=None, **more):
        return node.request(method, path, token=token, **more)[2]

    path = "/api/jobs/" + job("POST", "/api/records/import?onDuplicate=add", data=data.encode(), headers={"content-type": "text/csv"})["id"]
    assert eventually(lambda: job(path=path)["added"] > 0, 30)
    postgres.stop()
    time.sleep(AWAY_SECONDS)
    postgres.start()
    assert eventually(lambda: job(path=path).get("status") == "done", 60), job(path=path)
    assert job(path=path)["added"] == rows
    assert node.request("GET", "/api/records?limit=1", token=token)[1]["x-total-count"] == str(rows)
