# SPDX-License-Identifier: MIT
"""recordd call: gRPC for people who have nothing but recordd."""
import json
import os
import subprocess
import time

import pytest

from conftest import BIN
from stubs import clear_address, rpc_server  # noqa: F401

ALBUM = {"artist": "Talk Talk", "name": "Spirit of Eden", "format": "LP"}


@pytest.fixture(params=["tls", "clear"])
def call(rpc_server, request):
    """call(method, what, token) → (exit code, messages, standard error)"""
    address = f"localhost:{rpc_server.port}" if request.param == "tls" else f"http://{clear_address(rpc_server)}"

    def run(method, what, token=None, stdin=None, address=address, env=()):
        words = [BIN, "call", method, what if isinstance(what, str) else json.dumps(what), "--address", address, "--data", rpc_server.data]
        done = subprocess.run([*words, *(["--token", token] if token else [])], input=stdin, capture_output=True, text=True,
                              timeout=60, env={**os.environ, **dict(env)})
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return run


def test_a_session_and_a_record(call, rpc_server):
    rpc_server.register(email := f"{os.urandom(6).hex()}@example.org", "correct horse battery")
    code, (session,), _ = call("auth.AuthService/Authenticate", {"email": email, "password": "correct horse battery"})
    assert code == 0 and session["user"]["email"] == email
    code, (made,), _ = call("records.RecordsService/CreateRecord", {"record": {**ALBUM, "mediaPieces": [{"sides": {"A": "VG+"}}]}}, session["token"])
    assert code == 0 and made["record"]["artist"] == "Talk Talk" and made["record"]["mediaPieces"][0]["sides"] == {"A": "VG+"}
    code, (got,), _ = call("records.RecordsService/GetRecord", {"record_id": made["record"]["id"]}, env={"RECORDD_TOKEN": session["token"]})
    assert code == 0 and got == made
    code, stream, _ = call("records.RecordsService/StreamRecords", {}, session["token"])
    assert code == 0 and stream == [made["record"]]


def test_a_stream_of_questions_from_standard_input(call):
    asked = '{"listServices": ""}\n\n{"file_by_filename": "nobody.proto"}\n'
    code, answers, said = call("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "-", stdin=asked)
    assert code == 0, said
    assert {"name": "records.RecordsService"} in answers[0]["listServicesResponse"]["service"]
    assert answers[1]["errorResponse"]["errorCode"] == 5


def test_an_enumeration_is_told_by_name(call):
    code, answers, _ = call("grpc.health.v1.Health/Check", {"service": "auth.AuthService"})
    assert (code, answers) == (0, [{"status": "SERVING"}])
    code, answers, _ = call("grpc.health.v1.Health/List", {})
    assert answers[0]["statuses"][""] == {"status": "SERVING"}


def test_what_goes_wrong_has_its_exit_code_and_words(call, rpc_server):
    token = rpc_server.register()[0]
    nobody = "00000000-0000-4000-8000-000000000000"
    wanted = [("records.RecordsService/GetRecord", {"recordId": nobody}, token, os.EX_NOINPUT, "NotFound: no such record"),
              ("records.RecordsService/GetRecord", {"recordId": nobody}, None, os.EX_NOPERM, "Unauthenticated"),
              ("records.RecordsService/GetRecord", {"userId": nobody}, token, os.EX_NOPERM, "PermissionDenied"),
              ("records.RecordsService/GetRecord", {"colour": 1}, token, os.EX_DATAERR, "GetRecordRequest has no such field"),
              ("records.RecordsService/GetRecord", "{", token, os.EX_DATAERR, "is not JSON"),
              ("records.RecordsService/Nothing", {}, token, os.EX_USAGE, "has no method Nothing"),
              ("records.Nobody/Nothing", {}, token, os.EX_USAGE, "there is no service records.Nobody"),
              ("records.RecordsService/CreateRecord", {"record": {"recordGrade": "shiny"}}, token, os.EX_DATAERR, "  record_grade: must be a grade")]
    for method, what, with_token, code, words in wanted:
        found, answers, said = call(method, what, with_token)
        assert found == code and words in said and answers == [], (method, found, said)


def test_a_server_that_is_not_there_or_not_trusted(call, rpc_server, tmp_path):
    assert call("auth.AuthService/HealthCheck", {}, address="localhost:1")[0] == os.EX_UNAVAILABLE
    done = subprocess.run([BIN, "call", "auth.AuthService/HealthCheck", "{}", "--address", f"localhost:{rpc_server.port}", "--data", str(tmp_path)],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == os.EX_UNAVAILABLE and "not correctly signed by the trusted CA" in done.stderr


def test_a_watch_prints_each_change_at_once(rpc_server):
    token = rpc_server.register()[0]
    words = [BIN, "call", "records.RecordsService/WatchRecords", "{}", "--address", f"localhost:{rpc_server.port}", "--data", rpc_server.data]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "RECORDD_TOKEN": token}) as watch:
        try:
            for n in range(3):
                time.sleep(0.1)
                assert rpc_server.request("POST", "/api/records", token, json={**ALBUM, "name": str(n)})[0] == 201
                change = json.loads(watch.stdout.readline())
                assert change["record"]["name"] == str(n) and change["version"] == n + 1
        finally:
            watch.terminate()
