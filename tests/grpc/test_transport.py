# SPDX-License-Identifier: MIT
"""gRPC's own client (python3-grpcio) on the transport."""
import concurrent.futures
import re
import threading
import time
import urllib.request

import grpc
import pytest
from google.protobuf import any_pb2
from grpc_echo import Echo, echo  # noqa: F401

WAIT = 20


@pytest.fixture(scope="module")
def channel(echo):
    with grpc.insecure_channel(echo.target) as made:
        yield made


def unary(channel, method, request=b"", **options):
    return channel.unary_unary(f"/test.Echo/{method}")(request, **{"timeout": WAIT, **options})


def metrics(echo):
    text = urllib.request.urlopen(f"http://127.0.0.1:{echo.port}/metrics", timeout=WAIT).read().decode()
    return {name: int(value) for name, value in re.findall(r"^(grpc_server_\S+) (\d+)$", text, re.MULTILINE)}


def test_messages_of_every_kind_of_call_arrive(channel):
    messages = [bytes([i % 256]) * i for i in range(0, 3000, 7)]
    assert unary(channel, "Unary", b"hello") == b"hello"
    assert list(channel.unary_stream("/test.Echo/Down")(b"300 99", timeout=WAIT)) == [b"d" * 99] * 300
    assert channel.stream_unary("/test.Echo/Up")(iter(messages), timeout=WAIT) == b"%d %d" % (len(messages), sum(map(len, messages)))
    assert list(channel.stream_stream("/test.Echo/Both")(iter(messages), timeout=WAIT)) == messages


def test_large_messages_pass_up_to_the_limit(channel):
    body = bytes(1000000)
    assert unary(channel, "Unary", body) == body
    with pytest.raises(grpc.RpcError) as refused:
        unary(channel, "Unary", bytes(4 * 1024 * 1024 + 1))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    with pytest.raises(grpc.RpcError) as refused:
        unary(channel, "Unary", bytes(2 * 1024 * 1024))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, "the route's own limit holds too"
    assert channel.stream_unary("/test.Echo/Up")(iter([bytes(4 * 1024 * 1024)] * 3), timeout=WAIT) == b"3 %d" % (12 * 1024 * 1024)


def test_bidirectional_streams_talk_in_turns(channel):
    """Each answer is there before the next question is asked."""
    asked, answered = threading.Semaphore(1), []

    def questions():
        for i in range(50):
            assert asked.acquire(timeout=WAIT)
            yield b"%d" % i

    for answer in channel.stream_stream("/test.Echo/Both")(questions(), timeout=WAIT):
        answered.append(int(answer))
        asked.release()
    assert answered == list(range(50))


def test_metadata_goes_both_ways(channel):
    answer, call = channel.unary_unary("/test.Echo/Metadata").with_call(
        b"", metadata=[("x-in", "a b"), ("x-in-bin", b"\0\xff\x01"), ("x-request-id", "mine-1")], timeout=WAIT)
    head, trailers = dict(call.initial_metadata()), dict(call.trailing_metadata())
    assert answer == b"\0\xff\x01" and head["x-head"] == "a b" and head["x-head-bin"] == b"\0\xff\x01"
    assert trailers["x-trailer"] == "a b" and trailers["x-trailer-bin"] == b"\0\xff\x01" and head["x-request-id"] == "mine-1"


def test_an_invalid_field_is_named_in_the_details(channel):
    with pytest.raises(grpc.RpcError) as refused:
        unary(channel, "Unary", b"invalid")
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    details = dict(refused.value.trailing_metadata())["grpc-status-details-bin"]
    packed = any_pb2.Any()  # google.rpc.Status{code=1, message=2, details=3}, google.rpc.BadRequest{field_violations=1{field=1, description=2}}
    fields = proto_fields(details)
    assert fields[1] == 3 and fields[2].decode() == refused.value.details()
    packed.ParseFromString(fields[3])
    assert packed.type_url == "type.googleapis.com/google.rpc.BadRequest"
    assert proto_fields(proto_fields(packed.value)[1]) == {1: b"media_pieces[1].disc_grade", 2: b"is no grade"}


def proto_fields(data):
    """The fields of a message of small numbers and short texts."""
    fields, at = {}, 0
    while at < len(data):
        number, kind, value = data[at] >> 3, data[at] & 7, data[at + 1]
        at += 2
        if kind == 2:
            value, at = data[at:at + value], at + value
        fields[number] = value
    return fields


def test_a_client_that_compresses_is_answered_so(echo):
    body = b"again and again " * 5000
    with grpc.insecure_channel(echo.target, compression=grpc.Compression.Gzip) as channel:
        assert unary(channel, "Unary", body) == body
        assert list(channel.unary_stream("/test.Echo/Down")(b"5 10000", timeout=WAIT)) == [b"d" * 10000] * 5
    with grpc.insecure_channel(echo.target, compression=grpc.Compression.Deflate) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            unary(channel, "Unary", body)
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_a_deadline_ends_the_call_at_both_ends(channel):
    before, began = int(unary(channel, "Gone")), time.monotonic()
    with pytest.raises(grpc.RpcError) as late:
        list(channel.unary_stream("/test.Echo/Hang")(b"", timeout=0.2))
    assert late.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() - began < 5
    assert eventually(lambda: int(unary(channel, "Gone")) == before + 1)


def eventually(holds):
    deadline = time.monotonic() + WAIT
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_cancelled_call_ends(channel):
    before = int(unary(channel, "Gone"))
    call = channel.unary_stream("/test.Echo/Hang")(b"")
    assert next(call) == b"here"
    call.cancel()
    assert eventually(lambda: int(unary(channel, "Gone")) == before + 1)


def test_a_hundred_streams_run_at_the_same_time(echo):
    """All have begun before any has ended."""
    with grpc.insecure_channel(echo.target) as channel:
        together = threading.Barrier(100, timeout=WAIT)

        def talk(i):
            def questions():
                yield b"first"
                together.wait()
                for n in range(20):
                    yield b"%d %d" % (i, n)
            return list(channel.stream_stream("/test.Echo/Both")(questions(), timeout=2 * WAIT))

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(talk, range(100)))
    assert answers == [[b"first"] + [b"%d %d" % (i, n) for n in range(20)] for i in range(100)]


def test_a_long_stream_takes_no_memory(monkeypatch):
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=64")
    program = Echo()
    with grpc.insecure_channel(program.target) as channel:
        down = channel.unary_stream("/test.Echo/Down")
        list(down(b"20000 300", timeout=60))
        before = program.peak_kb()
        assert sum(len(message) for message in down(b"100000 300", timeout=120)) == 30000000
        assert program.peak_kb() - before < 2048
    program.stop()


def test_calls_are_counted_by_the_ecosystems_names(echo, channel):
    labels = 'grpc_type="unary",grpc_service="test.Echo",grpc_method="Metadata"'
    before = metrics(echo)
    unary(channel, "Metadata")
    with pytest.raises(grpc.RpcError):
        unary(channel, "Unary", b"fail 403")
    after = metrics(echo)
    for name, more in (("started_total", ""), ("handled_total", ',grpc_code="OK"'), ("msg_received_total", ""), ("msg_sent_total", "")):
        row = f"grpc_server_{name}{{{labels}{more}}}"
        assert after[row] == before.get(row, 0) + 1, row
    denied = 'grpc_server_handled_total{grpc_type="unary",grpc_service="test.Echo",grpc_method="Unary",grpc_code="PermissionDenied"}'
    assert after[denied] == before.get(denied, 0) + 1


def test_running_calls_end_well_when_the_server_drains_and_the_client_comes_back():
    first = Echo()
    channel = grpc.insecure_channel(first.target, options=[("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 300)])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        running = [pool.submit(unary, channel, "Unary", b"sleep 1000") for _ in range(4)]
        time.sleep(0.5)
        first.stop()
        assert [call.result() for call in running] == [b"sleep 1000"] * 4
    with pytest.raises(grpc.RpcError) as away:
        unary(channel, "Unary", b"x")
    assert away.value.code() == grpc.StatusCode.UNAVAILABLE
    channel.close()


def test_many_short_calls_are_no_abuse(channel):
    """The client answers each with frames of its own: window updates, pings."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: unary(channel, "Unary", b"x") == b"x", range(6000)))


def test_a_client_that_keeps_alive_sensibly_is_not_sent_away(echo):
    options = [("grpc.keepalive_time_ms", 1000), ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.max_pings_without_data", 0)]
    with grpc.insecure_channel(echo.target, options=options) as channel:
        assert unary(channel, "Unary", b"sleep 3500") == b"sleep 3500"
        assert unary(channel, "Unary", b"x") == b"x"
