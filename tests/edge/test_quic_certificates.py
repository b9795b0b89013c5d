# SPDX-License-Identifier: MIT
"""The same certificates, client certificates and tickets over QUIC as over TCP."""
import re
import subprocess
import time

import pytest

from clients import CLIENTS, curl, needs
from conftest import Server
from support.pki import Authority

pytestmark = needs("gtlsclient")
SUBJECT = "C=GB, O=Shop, CN=till 1"
CERTIFICATE_REQUIRED, UNKNOWN_CA = 0x100 + 116, 0x100 + 48
NORMAL = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"


@pytest.fixture(scope="module")
def clients_of(folder):
    return Authority(folder, "Clients")


@pytest.fixture(scope="module")
def till(clients_of):
    return clients_of.leaf(usage="clientAuth", subject="/C=GB/O=Shop/CN=till 1")


def serving(authority, **settings):
    pairs = [authority.leaf("localhost"), authority.leaf("localhost", key="rsa2048"), authority.leaf("other.example", key="p384")]
    server = Server(settings={"log.level": "debug", "tls.cert": ",".join(pair.cert for pair in pairs),
                              "tls.key": ",".join(pair.key for pair in pairs), **settings}).start()
    server.ca = authority.cert
    yield server
    text = server.log_text()
    server.discard()
    assert "runtime error:" not in text and "AddressSanitizer" not in text, text[-8000:]


@pytest.fixture(scope="module")
def optional(authority, clients_of):
    yield from serving(authority, **{"tls.client_ca": clients_of.cert})


@pytest.fixture(scope="module")
def required(authority, clients_of):
    yield from serving(authority, **{"tls.client_ca": clients_of.cert, "tls.client_cert": "required"})


def gtlsclient(server, path, *options):
    """Its report of one request; it verifies no certificate, and shows the server's in debug output."""
    line = [str(CLIENTS / "gtlsclient"), "--timeout=5s", "--exit-on-all-streams-close", f"--ciphers={NORMAL}", *options,
            "127.0.0.1", str(server.port), f"https://localhost:{server.port}{path}"]
    done = subprocess.run(line, capture_output=True, timeout=60)
    return (done.stdout + done.stderr).decode(errors="replace")


def subject_logged(server, path):
    for _ in range(100):
        lines = [line for line in server.log_text().splitlines() if '"event":"request"' in line and f'"path":"{path}"' in line]
        if lines:
            return re.search(r'"subject":(null|"([^"]*)")', lines[-1])[2]
        time.sleep(0.05)
    raise AssertionError("the request was not logged")


def closed_with(server, *options):
    text = gtlsclient(server, "/healthz", *options)
    found = re.search(r"CONNECTION_CLOSE\(0x1c\).*error_code=\S*\((0x[0-9a-f]+)\)", text)
    assert found, text[-3000:]
    return int(found[1], 16)


@pytest.mark.parametrize("which", ["optional", "required"])
def test_client_certificate_names_the_client(request, which, till):
    server, path = request.getfixturevalue(which), f"/quic/{which}"
    curl(server, "--http3-only", path, "--cert", till.cert, "--key", till.key)
    assert subject_logged(server, path) == SUBJECT


def test_client_without_certificate_is_served_when_it_is_optional(optional):
    curl(optional, "--http3-only", "/quic/nobody")
    assert subject_logged(optional, "/quic/nobody") is None


def test_client_without_certificate_is_refused_when_it_is_required(required):
    assert closed_with(required) == CERTIFICATE_REQUIRED
    assert "the client has no certificate, and one is required" in required.log_text()


@pytest.mark.parametrize("which", ["optional", "required"])
def test_client_of_another_authority_is_refused(request, which, authority):
    stranger = authority.leaf(usage="clientAuth", subject="/CN=till 1")
    assert closed_with(request.getfixturevalue(which), f"--cert={stranger.cert}", f"--key={stranger.key}") == UNKNOWN_CA


def test_resumption_keeps_the_client(required, till, folder):
    session = f"--session-file={folder}/session"
    gtlsclient(required, "/quic/first", session, f"--cert={till.cert}", f"--key={till.key}")
    assert (folder / "session").exists()
    # Without its certificate: the ticket speaks for it.
    before = resumed(required, till)
    gtlsclient(required, "/quic/again", session, "--disable-early-data")
    assert subject_logged(required, "/quic/again") == SUBJECT
    assert resumed(required, till) == before + 1


def resumed(server, pair):
    text = curl(server, "--http1.1", "/metrics", "--cert", pair.cert, "--key", pair.key).body.decode()
    return int(re.search(r'^recordd_tls_handshakes_total{version="1.3",resumed="yes"} (\d+)', text, re.MULTILINE)[1])


def handshake_bytes(server, *options):
    """How much the server says at the handshake level: its Certificate above all."""
    text = gtlsclient(server, "/healthz", *options)
    assert "[:status: 200]" in text, text[-3000:]
    return max(int(at) + int(size) for at, size in re.findall(r"frm rx \d+ Handshake CRYPTO\(0x06\) offset=(\d+) len=(\d+)", text))


def test_certificate_is_one_that_the_client_can_verify(optional):
    ecdsa = handshake_bytes(optional, f"--ciphers={NORMAL}:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256")
    rsa = handshake_bytes(optional, f"--ciphers={NORMAL}:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-ECDSA-SECP521R1-SHA512")
    assert rsa - ecdsa > 300  # key and signature of RSA are 256 bytes each, those of P-256 some 70


@pytest.mark.parametrize("name,error", [("localhost", 0), ("other.example", 0), ("unknown.example", 60)])
def test_server_name_chooses_the_certificate(optional, name, error):
    """curl verifies the name; 60 is what it ends with when the certificate is another's."""
    done = subprocess.run([str(CLIENTS / "curl"), "-sS", "--http3-only", "--cacert", optional.ca, "--max-time", "20", "--resolve",
                           f"{name}:{optional.port}:127.0.0.1", f"https://{name}:{optional.port}/healthz"], capture_output=True)
    assert done.returncode == error, done.stderr
