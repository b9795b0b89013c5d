# SPDX-License-Identifier: MIT
"""What TLS speaks and what it refuses, with the alert it says so by; and the limits of a handshake."""
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from support.client_hello import Hello, in_records, server_name
from test_tls import counted, s_client, s_client_line
from waiting import eventually

SPOKEN_12 = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"]
SPOKEN_13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
HANDSHAKE_FAILURE, ILLEGAL_PARAMETER, DECODE_ERROR, PROTOCOL_VERSION, MISSING_EXTENSION = 40, 47, 50, 70, 109
UNEXPECTED_MESSAGE = 10


def agreed(text):
    """Version and cipher suite that s_client tells of, or nothing."""
    match = re.search(r"^New, (TLSv1\.\d), Cipher is (\S+)$", text, re.MULTILINE)
    return match.groups() if match else None


# ── Suites ──

@pytest.mark.parametrize("cipher", SPOKEN_12)
def test_tls_1_2_speaks_ephemeral_keys_with_authenticated_encryption(server, cipher):
    assert agreed(s_client(server, "-tls1_2", "-cipher", cipher)) == ("TLSv1.2", cipher)


@pytest.mark.parametrize("suite", SPOKEN_13)
def test_tls_1_3_speaks_its_three_suites(server, suite):
    assert agreed(s_client(server, "-tls1_3", "-ciphersuites", suite)) == ("TLSv1.3", suite)


def test_all_that_openssl_can_offer_besides_is_refused(server):
    """One hello with every other suite of TLS 1.2: RSA key exchange, CBC, CCM, finite fields, PSK, no encryption…"""
    everything = subprocess.run(["openssl", "ciphers", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], check=True,
                                capture_output=True, text=True).stdout.strip().split(":")
    spoken = set(SPOKEN_12 + SPOKEN_13 + [name.replace("ECDSA", "RSA") for name in SPOKEN_12])
    others = [name for name in everything if name not in spoken]
    assert len(others) > 80
    assert "alert handshake failure" in s_client(server, "-tls1_2", "-cipher", ":".join(others) + ":@SECLEVEL=0")


def test_ccm_of_tls_1_3_is_refused(server):
    assert "alert handshake failure" in s_client(server, "-tls1_3", "-ciphersuites",
                                                 "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256")


# ── Groups and signatures ──

@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("group,told", [("X25519", "X25519"), ("P-256", "prime256v1"), ("P-384", "secp384r1")])
def test_groups_that_are_spoken(server, version, group, told):
    # TLS 1.2 knows one list for keys and certificates, and this server's has P-256.
    groups = f"{group}:P-256" if version == "-tls1_2" and group != "P-256" else group
    text = s_client(server, version, "-groups", groups)
    assert agreed(text) and re.search(rf"^(?:Server|Peer) Temp Key: .*{told if version == '-tls1_3' else ''}", text, re.MULTILINE)


@pytest.mark.parametrize("version,groups", [
    ("-tls1_3", "P-521"), ("-tls1_3", "X448"), ("-tls1_3", "ffdhe2048"), ("-tls1_3", "P-521:X448:ffdhe3072"),
    ("-tls1_2", "P-521"), ("-tls1_2", "X448"), ("-tls1_2", "secp256k1"), ("-tls1_2", "brainpoolP256r1")])
def test_other_groups_are_refused(server, version, groups):
    assert "alert handshake failure" in s_client(server, version, "-groups", groups)


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
def test_client_with_the_wrong_key_share_is_asked_again(server, group):
    """The share is for the first group, which is not spoken: HelloRetryRequest."""
    text = s_client(server, "-tls1_3", "-groups", f"P-521:{group}", "-msg")
    assert agreed(text) and text.count("ClientHello") == 2


@pytest.mark.parametrize("version,algorithms", [
    ("-tls1_2", "ECDSA+SHA1:RSA+SHA1"), ("-tls1_2", "ECDSA+SHA224"), ("-tls1_2", "ECDSA+SHA512"), ("-tls1_2", "ed25519"),
    ("-tls1_2", "RSA-PSS+SHA256"), ("-tls1_3", "RSA+SHA256"), ("-tls1_3", "ECDSA+SHA512"), ("-tls1_3", "ed25519"),
    ("-tls1_3", "RSA-PSS+SHA256")])
def test_signatures_that_are_not_spoken_are_refused(server, version, algorithms):
    assert "alert handshake failure" in s_client(server, version, "-sigalgs", algorithms)


def test_signature_is_never_by_sha1(server):
    text = s_client(server, "-tls1_2", "-sigalgs", "ECDSA+SHA1:ECDSA+SHA256")
    assert "Peer signing digest: SHA256" in text


def test_server_order_counts_in_tls_1_2(server):
    text = s_client(server, "-tls1_2", "-cipher", ":".join(reversed(SPOKEN_12)))
    assert agreed(text) == ("TLSv1.2", SPOKEN_12[0])


def test_nothing_is_compressed_or_renegotiated(server):
    text = s_client(server, "-tls1_2", "-comp")
    assert "Compression: NONE" in text and "Secure Renegotiation IS supported" in text


def test_early_data_is_not_offered(server):
    done = subprocess.run(s_client_line(server, "-tls1_3", "-ign_eof", "-alpn", "http/1.1"), capture_output=True, timeout=20,
                          input=b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    tickets = re.findall(r"Max Early Data: (\d+)", done.stdout.decode(errors="replace"))
    assert tickets == ["0", "0"]


# ── Odd ClientHellos, byte by byte ──

def answer(server, *pieces, patience=10):
    """What the server says to these bytes: ("hello",), ("alert", its code), or ("nothing",) when it just closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=patience) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            plain.sendall(piece)
        said = b""
        while len(said) < 7:
            more = plain.recv(4096)
            if not more:
                return ("nothing",)
            said += more
    if said[0] == 0x15 and said[5] == 2:
        return "alert", said[6]
    assert said[0] == 0x16 and said[5] == 2, said
    return ("hello",)


def with_compressions(hello, compressions):
    hello.compressions = compressions
    return hello


def with_version(hello, version):
    hello.version = version
    return hello


def twice(hello, kind):
    hello.extensions.append((kind, b"\xff\xff\xff"))
    return hello


HELLOS = {
    "as it is": (lambda: Hello().records(), ("hello",)),
    "of TLS 1.2": (lambda: Hello().only_tls12().records(), ("hello",)),
    "in many records": (lambda: Hello().records(60), ("hello",)),
    "of TLS 1.2 in many records": (lambda: Hello().only_tls12().records(60), ("hello",)),
    "in records of a byte": (lambda: Hello().records(1), ("alert", DECODE_ERROR)),
    "as large as may be": (lambda: Hello().padded(16300).records(), ("hello",)),
    "too large": (lambda: Hello().padded(17000).records(), ("alert", ILLEGAL_PARAMETER)),
    "far too large": (lambda: Hello().padded(60000).records(2000), ("alert", ILLEGAL_PARAMETER)),
    "a record too large": (lambda: b"\x16\x03\x01\x48\x01" + bytes(18433), ("alert", ILLEGAL_PARAMETER)),
    "of TLS 1.2 without signature algorithms: SHA-1": (
        lambda: Hello().only_tls12().without(Hello.SIGNATURES).records(), ("alert", HANDSHAKE_FAILURE)),
    "without signature algorithms": (
        lambda: Hello().without(Hello.SIGNATURES).records(), ("alert", MISSING_EXTENSION)),
    "without groups": (lambda: Hello().without(Hello.GROUPS).records(), ("alert", MISSING_EXTENSION)),
    "of TLS 1.3 with compression": (
        lambda: with_compressions(Hello(), b"\1\0").records(), ("alert", ILLEGAL_PARAMETER)),
    "of SSL 3": (
        lambda: with_version(Hello().only_tls12(), b"\3\0").records(version=b"\3\0"), ("alert", PROTOCOL_VERSION)),
    "of a TLS 1.3 draft only": (
        lambda: Hello().extended(Hello.VERSIONS, b"\2\x7f\x1c").records(), ("alert", PROTOCOL_VERSION)),
    "of SSL 2": (lambda: b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(60), ("alert", DECODE_ERROR)),
    "that is HTTP": (lambda: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", ("alert", DECODE_ERROR)),
    "that is data": (lambda: b"\x17\x03\x03\x00\x05hello", ("alert", UNEXPECTED_MESSAGE)),
    "that is Finished": (lambda: in_records(b"\x14\0\0\x0c" + bytes(12)), ("alert", UNEXPECTED_MESSAGE)),
    "that is an alert": (lambda: b"\x15\x03\x01\x00\x02\x02\x28", ("nothing",)),
    "with an empty list of names": (lambda: Hello().extended(Hello.SERVER_NAME, b"").records(), ("alert", DECODE_ERROR)),
}


@pytest.mark.parametrize("name", HELLOS)
def test_client_hello(server, name):
    make, wanted = HELLOS[name]
    assert answer(server, make()) == wanted


def test_client_hello_byte_by_byte_is_understood(server):
    assert answer(server, *(bytes([byte]) for byte in Hello().records())) == ("hello",)


@pytest.mark.parametrize("name", [b"", b"a\0b", b"x" * 300, b"127.0.0.1", b"\xff\xfe\n", b".", b"-", b"*"])
@pytest.mark.parametrize("prepare", [lambda hello: hello, lambda hello: hello.only_tls12()], ids=["1.3", "1.2"])
def test_odd_server_name_gets_the_usual_certificate(server, name, prepare):
    assert answer(server, prepare(Hello()).extended(Hello.SERVER_NAME, server_name(name)).records()) == ("hello",)


def test_client_without_server_name_is_served(server):
    assert agreed(s_client(server, "-noservername"))


# ── Limits ──

@pytest.fixture(scope="module")
def narrow():
    """A server with little patience, and room for three handshakes."""
    from conftest import Server
    running = Server(settings={"server.max_handshakes": "3", "server.handshake_timeout": "3s", "tls.max_hello": "4KB",
                               "log.level": "debug"}).start()
    yield running
    text = running.log_text()
    running.discard()
    assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]


def stalled(server):
    """A client that has said hello and then says nothing."""
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    plain.sendall(Hello().records())
    assert plain.recv(5)[0] == 0x16
    return plain


def ends(plain):
    """Reads to the end, however it comes."""
    try:
        while plain.recv(65536):
            pass
    except ConnectionResetError:
        pass
    finally:
        plain.close()


def test_handshakes_that_stand_still_keep_nobody_out(narrow):
    failed = "recordd_tls_handshake_failures_total"
    before = counted(narrow, failed, reason="crowded")
    crowd = [stalled(narrow) for _ in range(9)]
    assert agreed(s_client(narrow))
    assert counted(narrow, failed, reason="crowded") - before >= 6
    for plain in crowd:
        ends(plain)
    assert "more clients than server.max_handshakes were at it" in narrow.log_text()


def test_reload_makes_room_for_fewer_handshakes_or_for_more(tmp_path, make_server):
    file = tmp_path / "recordd.conf"
    file.write_text("[server]\nmax_handshakes = 8\n")
    running = make_server(args=["--config", str(file)], settings={"server.handshake_timeout": "60s"})
    crowd = [stalled(running) for _ in range(8)]

    def reload(room):
        before = running.log_text().count("settings reloaded")
        file.write_text(f"[server]\nmax_handshakes = {room}\n")
        os.kill(running.pid, signal.SIGHUP)
        assert eventually(lambda: running.log_text().count("settings reloaded") > before, 15)

    def gave_way():  # who asks shakes hands for it, in a place that another one must leave
        return counted(running, "recordd_tls_handshake_failures_total", reason="crowded")

    reload(3)
    crowd.append(stalled(running))
    assert gave_way() == 6 + 1
    reload(5)
    crowd += [stalled(running) for _ in range(3)]
    assert gave_way() == 7 + 1
    for plain in crowd:
        plain.close()


def test_handshake_has_a_deadline(narrow):
    before = counted(narrow, "recordd_tls_handshake_failures_total", reason="timeout")
    began = time.monotonic()
    ends(stalled(narrow))
    assert 2 < time.monotonic() - began < 30
    assert counted(narrow, "recordd_tls_handshake_failures_total", reason="timeout") == before + 1
    assert "it took longer than server.handshake_timeout" in narrow.log_text()


def test_client_hello_has_a_limit_of_its_own(narrow):
    before = counted(narrow, "recordd_tls_handshake_failures_total", reason="hello_size")
    assert answer(narrow, Hello().padded(3900).records(500)) == ("hello",)
    assert answer(narrow, Hello().padded(6000).records(500)) == ("alert", ILLEGAL_PARAMETER)
    assert counted(narrow, "recordd_tls_handshake_failures_total", reason="hello_size") == before + 1
    assert "the ClientHello is larger than tls.max_hello" in narrow.log_text()


def test_reasons_of_failure_are_told_in_words(narrow):
    s_client(narrow, "-tls1_1")
    s_client(narrow, "-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0")
    s_client(narrow, "-alpn", "acme-tls/1")
    answer(narrow, b"\x15\x03\x01\x00\x02\x02\x30")
    answer(narrow, b"nonsense, and no TLS")
    text = narrow.log_text()
    for words in ("no version in common", "no cipher suite, group or signature algorithm in common",
                  "no application protocol in common", "the client ended it by an alert: unknown_ca (48)",
                  "what the client sent is not TLS, or not as it should be: SSL - An invalid SSL record was received"):
        assert words in text
