# SPDX-License-Identifier: MIT
"""TLS as other implementations see it: OpenSSL's client, curl, and Python's ssl."""
import re
import shutil
import socket
import ssl
import subprocess

import pytest


def s_client_line(server, *options):
    return ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", server.ca,
            "-cipher", "ALL:@SECLEVEL=0", *options]


def s_client(server, *options):
    """What `openssl s_client` prints about a connection to the server."""
    done = subprocess.run(s_client_line(server, *options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=20)
    return done.stdout.decode(errors="replace")


def connect(server, configure=lambda context: None):
    context = ssl.create_default_context(cafile=server.ca)
    configure(context)
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return context.wrap_socket(plain, server_hostname="localhost")


def only(version):
    def configure(context):
        context.minimum_version = context.maximum_version = version
    return configure


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_that_trusts_the_authority_is_served(server, version):
    with connect(server, only(version)) as tls:
        assert tls.version() == version.name.replace("_", ".")
        tls.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert tls.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("old", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused_with_an_alert(server, old):
    assert "alert protocol version" in s_client(server, old)


@pytest.mark.parametrize("cipher", ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-CCM"])
def test_suites_without_forward_secrecy_or_with_weak_modes_are_refused(server, cipher):
    assert "handshake failure" in s_client(server, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384"])
def test_usual_groups_are_spoken(server, group):
    assert "Verify return code: 0 (ok)" in s_client(server, "-groups", group)


@pytest.mark.parametrize("offered,agreed", [("h2,http/1.1", "h2"), ("http/1.1,h2", "h2"), ("http/1.1", "http/1.1")])
def test_protocol_is_agreed_on(server, offered, agreed):
    assert f"ALPN protocol: {agreed}\n" in s_client(server, "-alpn", offered)


def test_unknown_protocol_is_refused_with_an_alert(server):
    assert "alert no application protocol" in s_client(server, "-alpn", "acme-tls/1")


def test_renegotiation_is_refused(server):
    line = s_client_line(server, "-tls1_2", "-alpn", "http/1.1")
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
        client.stdin.write(b"R\n")  # its command for renegotiation; its input stays open, or it would just leave
        client.stdin.flush()
        client.wait(timeout=20)
        assert b"no renegotiation" in client.stdout.read()


def resumptions(server, version):
    """Whether the first connection and a second one with its ticket were resumed."""
    context = ssl.create_default_context(cafile=server.ca)
    only(version)(context)
    session, reused = None, []
    for _ in range(2):
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
            tls.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert tls.recv(12) == b"HTTP/1.1 200"
            reused.append(tls.session_reused)
            session = tls.session
    return reused


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_returning_client_resumes(server, version):
    assert resumptions(server, version) == [False, True]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
@pytest.mark.parametrize("option,version", [("--http1.1", "1.1"), ("--http2", "2")])
def test_curl_is_served_without_switching_off_checks(server, option, version):
    done = subprocess.run(["curl", "-sS", option, "--cacert", server.ca, "-o", "/dev/null", "-w",
                           "%{http_code} %{http_version} %{ssl_verify_result}", f"https://127.0.0.1:{server.port}/healthz"],
                          capture_output=True, text=True, timeout=20)
    assert done.stdout == f"200 {version} 0", done.stderr


def counted(server, metric, **labels):
    """The sum over the family's rows that have these labels."""
    text = server.request("GET", "/metrics")[2].decode()
    rows = re.findall(rf"^{metric}(?:{{(.*)}})? (\d+)$", text, re.MULTILINE)
    assert rows, metric
    wanted = {f'{name}="{value}"' for name, value in labels.items()}
    return sum(int(n) for has, n in rows if wanted <= set(has.split(",")))


def test_handshakes_are_counted_by_version_resumption_and_reason_of_failure(server):
    def numbers():
        return [counted(server, "recordd_tls_handshakes_total", version="1.2", resumed="yes"),
                counted(server, "recordd_tls_handshakes_total", version="1.3", resumed="yes"),
                counted(server, "recordd_tls_handshakes_total", version="1.2", resumed="no"),
                counted(server, "recordd_tls_handshake_failures_total", reason="version"),
                counted(server, "recordd_tls_handshake_failures_total")]
    before = numbers()
    s_client(server, "-tls1_1")
    resumptions(server, ssl.TLSVersion.TLSv1_2)
    resumptions(server, ssl.TLSVersion.TLSv1_3)
    assert [now - was for now, was in zip(numbers(), before)] == [1, 1, 1, 1, 1]
