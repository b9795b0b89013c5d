# SPDX-License-Identifier: MIT
"""What strangers may send to the QUIC port, and the little they get for it."""
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess
import time

import pytest

import quic_raw as quic
from clients import CLIENTS, curl, needs
from conftest import BIN
from waiting import eventually

RESET_MOST = 43
NO_APPLICATION_PROTOCOL, MISSING_EXTENSION, PROTOCOL_VERSION = 0x178, 0x16D, 0x146
INVALID_TOKEN, CONNECTION_REFUSED = 0x0B, 0x02


@pytest.fixture(scope="module")
def endpoint():
    from conftest import Server
    running = Server(settings={"server.handshake_timeout": "3s"}).start()
    yield running
    text = running.log_text()
    running.discard()
    assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]


def metric(server, name):
    _, _, text = server.request("GET", "/metrics")
    text = text.decode() if isinstance(text, bytes) else text
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])


def resident_mb(server):
    with open(f"/proc/{server.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) / 1024


def peer_of(server, **how):
    return quic.Peer(server.port, **how)


# ── Versions ──

def test_a_client_of_an_unknown_version_learns_which_ones_are_spoken(endpoint):
    with peer_of(endpoint) as peer:
        peer.send(quic.long_header(0x0A1A2A3A, peer.dcid, peer.scid))
        answers = peer.received(0.5)
    assert len(answers) == 1
    head = quic.Head(answers[0])
    assert (head.version, head.dcid, head.scid) == (0, peer.scid, peer.dcid)
    offered = {struct.unpack("!I", answers[0][at:at + 4])[0] for at in range(head.end, len(answers[0]), 4)}
    assert {quic.V1, quic.V2} <= offered


@pytest.mark.parametrize("tried", [0x1A2A3A4A, 0x0A0A0A0A, 0x0A1A2A3A])
def test_versions_told_do_not_include_the_one_that_was_tried(endpoint, tried):
    """The client would have to drop the packet (RFC 9000, 6.2)."""
    with peer_of(endpoint) as peer:
        for _ in range(20):
            peer.send(quic.long_header(tried, peer.dcid, peer.scid))
        answers = peer.received(5, most=20)
    assert len(answers) == 20
    for answer in answers:
        assert tried not in {struct.unpack("!I", answer[at:at + 4])[0] for at in range(quic.Head(answer).end, len(answer), 4)}


def test_ids_of_unknown_versions_may_be_of_any_length(endpoint):
    with peer_of(endpoint) as peer:
        dcid, scid = os.urandom(255), os.urandom(200)
        peer.send(quic.long_header(0x0A1A2A3A, dcid, scid))
        answer, = peer.received(0.5)
    assert (quic.Head(answer).dcid, quic.Head(answer).scid) == (scid, dcid)


@pytest.mark.parametrize("packet", [
    quic.long_header(0x0A1A2A3A, bytes(8), bytes(8), size=1199),
    quic.long_header(0, bytes(8), bytes(8)),
    quic.long_header(quic.V1, bytes(21), bytes(8)),
    quic.long_header(quic.V1, bytes(7), bytes(8)),
    b"\xc0", b"\x00" * 5, b"\xff" * 6, os.urandom(3),
    quic.long_header(quic.V1, bytes(8), bytes(8))[:1199],
], ids=["too small to be told versions", "version negotiation itself", "id too long", "id too short", "1 byte", "5 bytes",
        "6 bytes", "3 bytes", "too small to begin"])
def test_what_cannot_be_meant_is_met_with_silence(endpoint, packet):
    with peer_of(endpoint) as peer:
        peer.send(packet)
        assert peer.received(0.3) == []


# ── Stateless reset ──

@pytest.mark.parametrize("size", [23, 30, 43, 44, 100, 1200])
def test_a_packet_of_a_forgotten_connection_is_answered_by_a_shorter_reset(endpoint, size):
    with peer_of(endpoint) as peer:
        peer.send(quic.short_header(size))
        answer, = peer.received(0.4)
    assert len(answer) < size and len(answer) <= RESET_MOST
    assert answer[0] & 0xC0 == 0x40, "looks like any packet"


def test_the_reset_token_of_an_id_is_always_the_same(endpoint):
    dcid, tokens = os.urandom(10), set()
    with peer_of(endpoint) as peer:
        for _ in range(3):
            peer.send(quic.short_header(60, dcid))
            tokens.add(peer.received(0.4, most=1)[0][-16:])
        peer.send(quic.short_header(60))
        assert peer.received(0.4, most=1)[0][-16:] not in tokens
    assert len(tokens) == 1


def test_the_reset_token_survives_a_restart(make_server):
    """Clients of before must be told that they are forgotten."""
    server = make_server()
    dcid = os.urandom(10)

    def token():
        with peer_of(server) as peer:
            peer.send(quic.short_header(60, dcid))
            return peer.received(0.5, most=1)[0][-16:]

    before = token()
    server.stop()
    server.start()
    assert token() == before


def test_two_servers_that_reset_each_other_fall_silent(endpoint):
    """Whatever it says is thrown back at it, as by another server that forgot: each answer is shorter."""
    with peer_of(endpoint) as peer:
        packet, rounds = quic.short_header(1200), 0
        while packet:
            peer.send(packet)
            packet = next(iter(peer.received(0.3, most=1)), None)
            rounds += 1
            assert rounds < 50
    assert rounds <= RESET_MOST


def test_a_flood_of_short_packets_is_not_answered_one_by_one(endpoint):
    with peer_of(endpoint) as peer:
        began = time.monotonic()
        for _ in range(20000):
            peer.send(quic.short_header(40))
        took = time.monotonic() - began
        answers = peer.received(1.0)
    assert len(answers) <= 100 + 1000 * (took + 1.0), "its burst, and what may be said in that time"


# ── Amplification ──

def test_an_unproven_address_never_gets_more_than_three_times_what_came_from_it(endpoint):
    with peer_of(endpoint) as peer:
        hello = peer.hello()
        peer.send(hello)
        answers = peer.received(3.5)  # all retransmissions until the handshake's deadline
        assert answers and sum(map(len, answers)) <= 3 * len(hello)
    assert eventually(lambda: metric(endpoint, "recordd_quic_half_open") == 0)


def test_a_handshake_that_is_never_finished_is_forgotten(endpoint):
    peers = [peer_of(endpoint) for _ in range(20)]
    for peer in peers:
        peer.send(peer.hello())
    assert eventually(lambda: metric(endpoint, "recordd_quic_half_open") == 20, 2)
    assert eventually(lambda: metric(endpoint, "recordd_quic_connections") == 0, 8)
    for peer in peers:
        peer.socket.close()


# ── ClientHellos that cannot be answered ──

def closed_with(endpoint, **hello):
    with peer_of(endpoint) as peer:
        peer.send(peer.hello(**hello))
        answers = peer.received(1.0, most=1)
        assert answers, "closed without a word"
        return quic.close_code(quic.server_frames(answers[0], peer.dcid))


@pytest.mark.parametrize("hello, code", [
    ({"alpn": None}, NO_APPLICATION_PROTOCOL),
    ({"alpn": ("smtp",)}, NO_APPLICATION_PROTOCOL),
    ({"parameters": False}, MISSING_EXTENSION),
    ({"versions": (0x0303,)}, PROTOCOL_VERSION),
], ids=["no ALPN", "another ALPN", "no transport parameters", "TLS 1.2"])
def test_a_hello_that_cannot_be_answered_is_told_why(endpoint, hello, code):
    assert closed_with(endpoint, **hello) == code


def test_what_comes_after_the_close_hears_it_again_ever_more_rarely(endpoint):
    with peer_of(endpoint) as peer:
        peer.send(peer.hello(alpn=None))
        first, = peer.received(0.6)
        again = 0
        for number in range(1, 65):
            peer.send(quic.initial(peer.dcid, peer.scid, b"\x01", number=number))
        again = peer.received(0.6)
    assert 1 <= len(again) <= 8, "at the 1st, 2nd, 4th, 8th… packet"
    assert all(answer == first for answer in again)
    assert metric(endpoint, "recordd_quic_connections") == 0


# ── Tokens ──

@pytest.fixture(scope="module")
def suspicious():
    """Every address has to be proven."""
    from conftest import Server
    running = Server(settings={"http3.retry_threshold": "0"}).start()
    yield running
    running.discard()


def retried(peer):
    """Sends a hello and takes the Retry: (its token, the id to go on with, the hello's bytes)."""
    hello = quic.client_hello(peer.scid)
    peer.send(quic.initial(peer.dcid, peer.scid, quic.crypto_frame(hello)))
    answer, = peer.received(0.5)
    assert quic.Head(answer).is_retry() and len(answer) < quic.LEAST
    return quic.retry_token(answer), quic.Head(answer).scid, hello


def test_under_pressure_an_address_is_proven_before_anything_is_kept(suspicious):
    with peer_of(suspicious) as peer:
        token, dcid, hello = retried(peer)
        assert metric(suspicious, "recordd_quic_connections") == 0
        peer.send(quic.initial(dcid, peer.scid, quic.crypto_frame(hello), token=token, number=1))
        answers = peer.received(0.6)
    assert not quic.Head(answers[0]).is_retry()
    assert quic.close_code(quic.server_frames(answers[0], dcid)) is None, "the handshake goes on"
    assert sum(map(len, answers)) > 0


def test_a_token_is_of_no_use_to_another_address(suspicious):
    before = metric(suspicious, "recordd_quic_connections")
    with peer_of(suspicious) as peer, peer_of(suspicious, source="127.0.0.9") as thief:
        token, dcid, hello = retried(peer)
        thief.send(quic.initial(dcid, peer.scid, quic.crypto_frame(hello), token=token, number=1))
        answer, = thief.received(0.6)
        assert quic.close_code(quic.server_frames(answer, dcid)) == INVALID_TOKEN
    assert metric(suspicious, "recordd_quic_connections") <= before


@pytest.mark.parametrize("forge", [
    lambda token: token[:-1] + bytes([token[-1] ^ 1]),
    lambda token: token[:20],
    lambda token: token[:1] + os.urandom(len(token) - 1),
], ids=["a bit flipped", "cut", "made up"])
def test_a_forged_token_leaves_no_state(suspicious, forge):
    before = metric(suspicious, "recordd_quic_connections")
    with peer_of(suspicious) as peer:
        token, dcid, hello = retried(peer)
        peer.send(quic.initial(dcid, peer.scid, quic.crypto_frame(hello), token=forge(token), number=1))
        answer, = peer.received(0.6)
        assert quic.close_code(quic.server_frames(answer, dcid)) == INVALID_TOKEN
    assert metric(suspicious, "recordd_quic_connections") <= before


def test_an_unreadable_token_is_as_good_as_none(suspicious):
    with peer_of(suspicious) as peer:
        for token in (b"\x00", b"\x36" + os.urandom(40), os.urandom(500)):
            token = b"\x01" + token[1:] if token[0] == 0xB7 else token
            peer.send(quic.initial(peer.dcid, peer.scid, quic.crypto_frame(quic.client_hello(peer.scid)), token=token))
            answer, = peer.received(0.5)
            assert quic.Head(answer).is_retry()


def test_a_hello_that_comes_end_first_is_no_failure(server):
    """Its second datagram may overtake the first: then the address is to be proven, and nothing has gone wrong."""
    retries, failures = metric(server, "recordd_quic_retries_total"), metric(server, "recordd_quic_handshake_failures_total")
    with quic.Peer(server.port) as peer:
        hello = quic.client_hello(peer.scid)
        peer.send(quic.initial(peer.dcid, peer.scid, quic.crypto_frame(hello[100:], 100)))
        answer, = peer.received(5, most=1)
    assert quic.Head(answer).is_retry()
    assert metric(server, "recordd_quic_retries_total") == retries + 1
    assert metric(server, "recordd_quic_handshake_failures_total") == failures


def visit(server, tokens):
    line = [str(CLIENTS / "gtlsclient"), f"--token-file={tokens}", "--exit-on-all-streams-close", "--quiet", "localhost",
            str(server.port), f"https://localhost:{server.port}/healthz"]
    done = subprocess.run(line, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr[-2000:]


@needs("gtlsclient")
def test_who_comes_back_is_spared_the_proof(suspicious, tmp_path):
    before = metric(suspicious, "recordd_quic_retries_total")
    for _ in range(3):
        visit(suspicious, tmp_path / "tokens")
    assert metric(suspicious, "recordd_quic_retries_total") == before + 1, "the first time only"


@needs("curl")
@pytest.mark.parametrize("congestion", ["cubic", "bbr"])
def test_either_congestion_control_delivers(make_server, congestion):
    server = make_server(settings={"http3.congestion": congestion})
    assert len(curl(server, "--http3-only", "/api/openapi.json").body) > 10000


def test_one_address_cannot_take_all_connections(make_server):
    server = make_server(settings={"server.max_connections_per_address": "3"})
    peers = [peer_of(server) for _ in range(4)]
    codes = []
    for n, peer in enumerate(peers):
        if n == 0:
            peer.send(peer.hello())
            dcid = peer.dcid
        else:  # half of what an address may have is for those that have proved it
            token, dcid, hello = retried(peer)
            peer.send(quic.initial(dcid, peer.scid, quic.crypto_frame(hello), token=token, number=1))
        codes.append(quic.close_code(quic.server_frames(peer.received(1.0, most=1)[0], dcid)))
    assert codes == [None, None, None, CONNECTION_REFUSED]
    with peer_of(server, source="127.0.0.8") as other:
        token, dcid, hello = retried(other)
        other.send(quic.initial(dcid, other.scid, quic.crypto_frame(hello), token=token, number=1))
        assert quic.close_code(quic.server_frames(other.received(1.0, most=1)[0], dcid)) is None
    for peer in peers:
        peer.socket.close()


def reset_for(server, dcid):
    """The token by which that server says that it has forgotten a connection."""
    with peer_of(server) as peer:
        peer.send(quic.short_header(60, dcid))
        return peer.received(1.0, most=1)[0][-16:]


def test_a_node_does_not_tell_how_another_s_connections_are_reset(server, make_server):
    """Nodes of one database have the same keys; who asks one about a connection of another's must not be able to end it."""
    url = f"host={server.socket_dir()} dbname=recordd user=recordd_owner"
    dcid = os.urandom(10)
    one, two = (make_server(settings={"database.url": url}) for _ in range(2))
    assert reset_for(one, dcid) == reset_for(one, dcid) != reset_for(two, dcid)


# ── Broken flights ──

def test_a_hello_in_pieces_out_of_order_is_put_together(endpoint):
    """As browsers send theirs: two datagrams, the later bytes first. It takes a proven address to be waited for."""
    with peer_of(endpoint) as peer:
        hello = quic.client_hello(peer.scid, pad=1200)
        first, second = quic.crypto_frame(hello[:700]), quic.crypto_frame(hello[700:], 700)
        peer.send(quic.initial(peer.dcid, peer.scid, second))
        answer, = peer.received(0.5)
        assert quic.Head(answer).is_retry()
        token, dcid = quic.retry_token(answer), quic.Head(answer).scid
        peer.send(quic.initial(dcid, peer.scid, second, token=token, number=1))
        peer.send(quic.initial(dcid, peer.scid, first, token=token, number=2))
        peer.send(quic.initial(dcid, peer.scid, first, token=token, number=3))
        answers = peer.received(0.8)
    assert sum(map(len, answers)) > 1000, "the server's flight"


def test_a_datagram_that_is_only_half_a_hello_keeps_little(endpoint):
    with peer_of(endpoint) as peer:
        hello = quic.client_hello(peer.scid, pad=1200)
        peer.send(quic.initial(peer.dcid, peer.scid, quic.crypto_frame(hello[:700])))
        assert sum(map(len, peer.received(0.6))) <= 3 * quic.LEAST
    assert eventually(lambda: metric(endpoint, "recordd_quic_half_open") == 0)


# ── Floods ──

def blast(server, packets, sources, good=None):
    """Sends them all from many sockets, as fast as it goes; whatever comes back is read and dropped."""
    sockets = []
    for i in range(sources):
        sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sockets[-1].bind((f"127.{1 + i // 250}.{i % 250}.7", 0))
        sockets[-1].connect(("127.0.0.1", server.port))
        sockets[-1].setblocking(False)
    got = sent = 0
    for i, packet in enumerate(packets):
        out = sockets[i % sources]
        try:
            out.send(packet)
            sent += len(packet)
        except (BlockingIOError, ConnectionRefusedError):
            select.select([], [out], [], 1)
        if i % 64 == 0:
            for ready in select.select(sockets, [], [], 0)[0]:
                try:
                    got += len(ready.recv(65536))
                except (BlockingIOError, ConnectionRefusedError):
                    pass
        if good and i % 4096 == 2048:
            good()
    for each in sockets:
        each.close()
    return sent, got


def a_good_client(server):
    """A client with a real hello gets the server's flight, if need be after a Retry, within a few tries."""
    for _ in range(5):
        with peer_of(server) as peer:
            hello = quic.crypto_frame(quic.client_hello(peer.scid))
            peer.send(quic.initial(peer.dcid, peer.scid, hello))
            answers = peer.received(1.0, most=1)
            if answers and quic.Head(answers[0]).is_retry():
                head = quic.Head(answers[0])
                peer.send(quic.initial(head.scid, peer.scid, hello, token=quic.retry_token(answers[0]), number=1))
                answers = peer.received(1.0, most=1)
            if answers and not quic.Head(answers[0]).is_retry():
                return
    raise AssertionError("a good client was not served")


def test_reload_changes_what_strangers_must_prove(tmp_path, make_server):
    file = tmp_path / "recordd.conf"
    file.write_text("[http3]\nretry_threshold = 100\n")
    running = make_server(args=["--config", str(file)])

    def is_sent_back():
        with peer_of(running) as peer:
            peer.send(quic.initial(peer.dcid, peer.scid, quic.crypto_frame(quic.client_hello(peer.scid))))
            return quic.Head(peer.received(5.0, most=1)[0]).is_retry()

    assert not is_sent_back()
    file.write_text("[http3]\nretry_threshold = 0\n")
    os.kill(running.pid, signal.SIGHUP)
    assert eventually(lambda: "settings reloaded" in running.log_text(), 15)
    assert is_sent_back()


@pytest.mark.parametrize("n", [20000, pytest.param(500000, marks=pytest.mark.full)])
def test_spoofed_initials_cost_little_memory_and_good_clients_are_served(make_server, n):
    # A build with AddressSanitizer keeps what was freed for a while, and pads what was not.
    keep_nothing = ":quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
    server = make_server(env={"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + keep_nothing})
    most_mb = 150 if b"__asan_init" in pathlib.Path(BIN).read_bytes() else 25
    a_good_client(server)
    before = resident_mb(server)
    real = [quic.initial(dcid, dcid, quic.crypto_frame(quic.client_hello(dcid)))
            for dcid in (os.urandom(8) for _ in range(1000))]
    packets = (real[i // 7 % 1000] if i % 7 == 0 else quic.garbled_initial(os.urandom(8), os.urandom(8))
               for i in range(n))
    sent, got = blast(server, packets, 200, good=lambda: a_good_client(server))
    assert got <= sent, "nothing is amplified"
    assert resident_mb(server) - before <= most_mb
    a_good_client(server)
    assert metric(server, "recordd_quic_half_open") <= 200
    assert eventually(lambda: metric(server, "recordd_quic_half_open") == 0, 15)


def test_garbage_is_survived_and_hardly_answered(endpoint):
    def garbage():
        for i in range(10000):
            kind = i % 5
            if kind == 0:
                yield os.urandom(1 + i % 1400)
            elif kind == 1:
                yield quic.short_header(21 + i % 1400)
            elif kind == 2:
                yield quic.long_header(quic.V1, os.urandom(i % 21), os.urandom(i % 21), 50 + i % 1300)
            elif kind == 3:
                yield bytes([0xC0 | i % 64]) + struct.pack("!I", quic.V2) + os.urandom(1200)
            else:
                yield quic.long_header(i, os.urandom(8), os.urandom(8))
    sent, got = blast(endpoint, garbage(), 10)
    assert got < sent / 4
    a_good_client(endpoint)
