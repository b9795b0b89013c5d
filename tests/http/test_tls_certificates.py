# SPDX-License-Identifier: MIT
"""Several certificates, client certificates, and tickets, with certificates of the tests' own."""
import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from conftest import BIN, Server
from support.client_hello import Hello, server_name
from support.pki import Authority, Pair
from test_tls import counted, only

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BOTH = [V12, V13]
FAILURES = "recordd_tls_handshake_failures_total"


def of_pairs(*pairs, **more):
    return {"tls.cert": ",".join(pair.cert for pair in pairs), "tls.key": ", ".join(pair.key for pair in pairs), **more}


def running(authority, settings):
    server = Server(settings={"log.level": "debug", **settings}).start()
    server.ca = authority.cert
    yield server
    text = server.log_text()
    server.discard()
    assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]


def connect(server, ca, name="localhost", configure=lambda context: None, pair=None, session=None, context=None):
    context = context or ssl.create_default_context(cafile=ca)
    if pair:
        context.load_cert_chain(pair.cert, pair.key)
    configure(context)
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return context.wrap_socket(plain, server_hostname=name, session=session)


def get(tls, path="/healthz"):
    tls.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    text = b""
    while more := tls.recv(65536):
        text += more
    return text.decode()


# ── An ECDSA and an RSA leaf for one name, and others for other names ──

@pytest.fixture(scope="module")
def several(authority):
    pairs = [authority.leaf("localhost", "127.0.0.1"), authority.leaf("localhost", key="rsa2048"),
             authority.leaf("*.shop.example", "shop.example"), authority.leaf("shop.example", key="rsa3072"),
             authority.leaf("p384.example", key="p384")]
    yield from running(authority, of_pairs(*pairs))


def key_shown(server, ca, version, offer, name="localhost"):
    """The kind of key and the names of the certificate that a client with this offer is shown."""
    words = ["-tls1_2" if version == V12 else "-tls1_3", "-sigalgs", offer, "-servername", name]
    if version == V12:
        words += ["-cipher", "ECDHE+AESGCM:ECDHE+CHACHA20"]
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", ca, *words],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    if "-----BEGIN" not in done.stdout:
        return done.stdout + done.stderr
    assert "Verify return code: 0 (ok)" in done.stdout
    told = subprocess.run(["openssl", "x509", "-noout", "-text"], input=done.stdout, capture_output=True, text=True).stdout
    return re.search(r"Public-Key: \((\d+) bit\)", told)[1], re.findall(r"DNS:([^,\s]+)", told)


ECDSA, RSA = "ECDSA+SHA256:ECDSA+SHA384", "RSA-PSS+SHA256:RSA+SHA256:RSA+SHA384"


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("offer,bits", [(ECDSA, "256"), (RSA, "2048"), (f"{ECDSA}:{RSA}", "256")])
def test_client_is_shown_a_certificate_that_it_can_verify(several, authority, version, offer, bits):
    # The authority's own signature is ECDSA: a client must always take that as well.
    offer = offer if "ECDSA" in offer else f"{offer}:ECDSA+SHA512"
    if version == V12 and "ECDSA+SHA512" in offer:
        offer = offer.replace(":ECDSA+SHA512", "")
    assert key_shown(several, authority.cert, version, offer) == (bits, ["localhost"])


@pytest.mark.parametrize("cipher,bits", [("ECDHE-RSA-AES128-GCM-SHA256", 2048), ("ECDHE-RSA-AES256-GCM-SHA384", 2048),
                                         ("ECDHE-RSA-CHACHA20-POLY1305", 2048), ("ECDHE-ECDSA-AES256-GCM-SHA384", 256)])
def test_cipher_suite_decides_in_tls_1_2(several, authority, cipher, bits):
    def configure(context):
        only(V12)(context)
        context.set_ciphers(cipher)
    with connect(several, authority.cert, configure=configure) as tls:
        assert tls.cipher()[0] == cipher and "200 OK" in get(tls)
        assert bits == (2048 if "RSA" in tls.cipher()[0].split("-")[1] else 256)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("name,bits,names", [
    ("shop.example", "256", ["*.shop.example", "shop.example"]), ("www.shop.example", "256", ["*.shop.example", "shop.example"]),
    ("WWW.Shop.Example", "256", ["*.shop.example", "shop.example"]), ("p384.example", "384", ["p384.example"])])
def test_server_name_chooses_the_certificate(several, authority, version, name, bits, names):
    assert key_shown(several, authority.cert, version, f"{ECDSA}:{RSA}", name) == (bits, names)


@pytest.mark.parametrize("version", BOTH)
def test_server_name_comes_before_the_kind_of_key(several, authority, version):
    offer = RSA if version == V12 else f"{RSA}:ECDSA+SHA512"
    assert key_shown(several, authority.cert, version, offer, "shop.example") == ("3072", ["shop.example"])
    assert "handshake failure" in key_shown(several, authority.cert, version, offer, "p384.example")


@pytest.mark.parametrize("name", ["unknown.example", "a.b.shop.example", "example"])
@pytest.mark.parametrize("version", BOTH)
def test_name_that_nobody_has_gets_the_first_certificate(several, authority, version, name):
    assert key_shown(several, authority.cert, version, ECDSA, name) == ("256", ["localhost"])
    offer = RSA if version == V12 else f"{RSA}:ECDSA+SHA512"
    assert key_shown(several, authority.cert, version, offer, name) == ("2048", ["localhost"])


def test_certificate_is_chosen_again_after_hello_retry_request(several, authority):
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{several.port}", "-CAfile", authority.cert,
                           "-groups", "P-521:P-384", "-servername", "p384.example", "-msg"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    assert done.stdout.count("ClientHello") == 2 and re.search("CN ?= ?p384.example", done.stdout)


# ── Pairs that cannot be served ──

def refusal(settings, data):
    """What the program says when it does not start."""
    line = [BIN, "serve", "--data", str(data)]
    for key, value in {"server.https_port": "auto", **settings}.items():
        line += ["--set", f"{key}={value}"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78, done.stderr
    return done.stderr


BAD_PAIRS = {
    "mismatch": (lambda ca: Pair(ca.leaf("x").cert, ca.leaf("x").key), "the key in {key} does not belong to the certificate in {cert}"),
    "expired": (lambda ca: ca.leaf("x", days=-1), "the certificate in {cert} expired on "),
    "no file": (lambda ca: Pair("/nonexistent.pem", "/nonexistent.key"), "{cert} cannot be read: No such file or directory"),
    "swapped": (lambda ca: Pair(*reversed(ca.leaf("x"))), "{cert} holds no certificate that can be read"),
    "a client's": (lambda ca: ca.leaf("x", usage="clientAuth"), "the certificate in {cert} is not one for servers"),
    "short RSA": (lambda ca: ca.leaf("x", key="rsa1024"), "the key in {key} is RSA of 1024 bits; 2048 are the fewest"),
    "P-521": (lambda ca: ca.leaf("x", key="p521"), "the key in {key} is of a kind that recordd does not speak"),
    "Ed25519": (lambda ca: ca.leaf("x", key="ed25519"), "holds no"),
}


@pytest.mark.parametrize("what", BAD_PAIRS)
@pytest.mark.parametrize("place", ["first", "second"])
def test_pair_that_cannot_be_served_is_told_by_file_and_cause(authority, data_dir, what, place):
    make, words = BAD_PAIRS[what]
    good, bad = authority.leaf("localhost"), make(authority)
    pairs = (bad, good) if place == "first" else (good, bad)
    assert words.format(cert=bad.cert, key=bad.key) in refusal(of_pairs(*pairs), data_dir)


def test_pairs_must_be_whole(authority, data_dir):
    one, two = authority.leaf("localhost"), authority.leaf("localhost")
    said = refusal({"tls.cert": f"{one.cert},{two.cert}", "tls.key": one.key}, data_dir)
    assert "tls.cert and tls.key go together: 2 and 1 files are set" in said


def test_required_client_certificates_need_their_authorities(data_dir):
    assert "no file of their authorities is given" in refusal({"tls.client_cert": "required", "tls.cert": "x", "tls.key": "x"}, data_dir)


def test_authorities_that_cannot_be_read_are_told(authority, data_dir):
    said = refusal(of_pairs(authority.leaf("localhost"), **{"tls.client_ca": "/nonexistent-ca.pem"}), data_dir)
    assert "/nonexistent-ca.pem cannot be read" in said


# ── Client certificates ──

@pytest.fixture(scope="module")
def clients(folder):
    """The authority of client certificates, which is not the server's."""
    return Authority(folder, "Clients")


@pytest.fixture(scope="module")
def optional(authority, clients):
    yield from running(authority, of_pairs(authority.leaf("localhost"), **{"tls.client_ca": clients.cert}))


@pytest.fixture(scope="module")
def required(authority, clients):
    yield from running(authority, of_pairs(authority.leaf("localhost"), **{"tls.client_ca": clients.cert, "tls.client_cert": "required"}))


@pytest.fixture(scope="module")
def till(clients):
    return clients.leaf(usage="clientAuth", subject="/C=GB/O=Shop/CN=till 1")


SUBJECT = "C=GB, O=Shop, CN=till 1"


def subject_logged(server, path):
    """The client's subject in the log's line of the request for this path."""
    for _ in range(100):
        lines = [line for line in server.log_text().splitlines() if '"event":"request"' in line and f'"path":"{path}"' in line]
        if lines:
            found = re.search(r'"subject":(null|"([^"]*)")', lines[-1])
            return found[2]
        time.sleep(0.05)
    raise AssertionError("the request was not logged")


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("which", ["optional", "required"])
def test_client_certificate_names_the_client(request, which, version, authority, till):
    server, path = request.getfixturevalue(which), f"/healthz?{which}-{version.name}".replace("?", "/")
    with connect(server, authority.cert, configure=only(version), pair=till) as tls:
        get(tls, path)
    assert subject_logged(server, path) == SUBJECT


@pytest.mark.parametrize("version", BOTH)
def test_client_without_certificate_is_served_when_it_is_optional(optional, authority, version):
    path = f"/nobody/{version.name}"
    with connect(optional, authority.cert, configure=only(version)) as tls:
        assert get(tls, path).startswith("HTTP/1.1 ")
    assert subject_logged(optional, path) is None


def alert_of(server, ca, version, pair=None):
    """The alert that ends the handshake, or the first read (in TLS 1.3 the client is done before the server is)."""
    with pytest.raises(ssl.SSLError) as caught:
        with connect(server, ca, configure=only(version), pair=pair) as tls:
            get(tls)
    return caught.value.reason


@pytest.mark.parametrize("version,alert", [(V12, "SSLV3_ALERT_HANDSHAKE_FAILURE"), (V13, "TLSV13_ALERT_CERTIFICATE_REQUIRED")])
def test_client_without_certificate_is_refused_when_it_is_required(required, clients, authority, till, version, alert):
    before = counted_by(required, till, authority, "client_certificate_missing")
    assert alert_of(required, authority.cert, version) == alert
    assert counted_by(required, till, authority, "client_certificate_missing") == before + 1
    assert "the client has no certificate, and one is required" in required.log_text()


def counted_by(server, pair, authority, reason):
    """As `counted`, of a server that wants a client certificate."""
    with connect(server, authority.cert, pair=pair) as tls:
        text = get(tls, "/metrics")
    return int(re.search(rf'^{FAILURES}{{reason="{reason}"}} (\d+)', text, re.MULTILINE)[1])


BAD_CLIENTS = {
    "of another authority": (lambda clients, other: other.leaf(usage="clientAuth", subject="/CN=till 1"), "UNKNOWN_CA"),
    "expired": (lambda clients, other: clients.leaf(usage="clientAuth", subject="/CN=till 1", days=-1), "CERTIFICATE_EXPIRED"),
    "a server's": (lambda clients, other: clients.leaf("x", usage="serverAuth"), "UNSUPPORTED_CERTIFICATE"),
    "of a name too long to tell": (lambda clients, other: clients.leaf(usage="clientAuth", subject="".join(
        f"/OU={c * 60}" for c in "abcdefghij") + "/CN=x"), "BAD_CERTIFICATE"),
}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("which", ["optional", "required"])
@pytest.mark.parametrize("what", BAD_CLIENTS)
def test_bad_client_certificate_is_refused(request, which, version, what, clients, authority, till):
    server = request.getfixturevalue(which)
    make, alert = BAD_CLIENTS[what]
    before = counted_by(server, till, authority, "client_certificate_refused")
    assert alert_of(server, authority.cert, version, make(clients, authority)).endswith("ALERT_" + alert)
    assert counted_by(server, till, authority, "client_certificate_refused") == before + 1


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("which", ["optional", "required"])
def test_resumption_keeps_the_client(request, which, version, authority, till):
    server, session = request.getfixturevalue(which), None
    context = ssl.create_default_context(cafile=authority.cert)
    context.load_cert_chain(till.cert, till.key)
    for turn in range(3):
        path = f"/again/{which}/{version.name}/{turn}"
        with connect(server, None, configure=only(version), session=session, context=context) as tls:
            get(tls, path)
            assert tls.session_reused == (turn > 0)
            session = tls.session
        assert subject_logged(server, path) == SUBJECT


def test_client_certificates_are_not_asked_for_unless_set(several, authority, till):
    with connect(several, authority.cert, pair=till) as tls:
        get(tls, "/unasked")
    assert subject_logged(several, "/unasked") is None


# ── Tickets ──

@pytest.fixture(scope="module")
def hasty(authority):
    yield from running(authority, of_pairs(authority.leaf("localhost"), **{"tls.ticket_rotation": "3s"}))


def resumed(server, context, session):
    with connect(server, None, context=context, session=session) as tls:
        assert "200 OK" in get(tls)
        return tls.session_reused, tls.session


@pytest.mark.parametrize("version", BOTH)
def test_ticket_is_good_for_a_period_across_a_rotation_and_no_longer(hasty, authority, version):
    context = ssl.create_default_context(cafile=authority.cert)
    only(version)(context)
    began = time.monotonic()
    _, old = resumed(hasty, context, None)
    assert old.ticket_lifetime_hint == 3
    if time.monotonic() - began < 2:  # else the machine was too busy to tell
        assert resumed(hasty, context, old)[0]
    time.sleep(max(0, began + 4 - time.monotonic()))
    refused = counted(hasty, "recordd_tls_tickets_refused_total")
    assert not resumed(hasty, context, old)[0]
    # OpenSSL itself does not offer a ticket whose lifetime is over; where it does, it is refused.
    assert counted(hasty, "recordd_tls_tickets_refused_total") >= refused


@pytest.mark.parametrize("version", BOTH)
def test_tickets_of_a_former_certificate_lead_to_full_handshakes(authority, folder, version):
    first, second = authority.leaf("localhost"), authority.leaf("localhost")
    live = Pair(str(folder / f"live-{version.name}.pem"), str(folder / f"live-{version.name}-key.pem"))
    for source, to in zip(first, live):
        shutil.copy(source, to)
    for server in running(authority, of_pairs(live)):
        context = ssl.create_default_context(cafile=authority.cert)
        only(version)(context)
        _, session = resumed(server, context, None)
        assert resumed(server, context, session)[0]
        for source, to in zip(second, live):
            shutil.copy(source, to)
        for _ in range(100):
            if "certificate taken into service" in server.log_text():
                break
            time.sleep(0.1)
        assert not resumed(server, context, session)[0]
        assert counted(server, "recordd_tls_tickets_refused_total") >= 1


def test_forged_tickets_are_refused_and_the_handshake_goes_on(several):
    before = counted(several, "recordd_tls_tickets_refused_total")
    for ticket in (b"x", bytes(200), b"\xff" * 4000):
        hello = Hello().only_tls12().extended(35, ticket)
        with socket.create_connection(("127.0.0.1", several.port), timeout=10) as plain:
            plain.sendall(hello.extended(Hello.SERVER_NAME, server_name(b"localhost")).records())
            assert plain.recv(6)[5] == 2
    assert counted(several, "recordd_tls_tickets_refused_total") == before + 3
