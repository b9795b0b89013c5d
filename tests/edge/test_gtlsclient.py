# SPDX-License-Identifier: MIT
"""ngtcp2's own client, on GnuTLS: versions, ciphers, keys and addresses that change, early data that is not taken."""
import re
import subprocess

import pytest

from clients import CLIENTS, needs

pytestmark = needs("gtlsclient")
SUITE = "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+"
GROUP = "--groups=-GROUP-ALL:+GROUP-"


@pytest.fixture
def visit(server, tmp_path):
    """Asks twice for /healthz on one connection; what the client wrote of it."""
    def do(*options, method="GET"):
        url = f"https://localhost:{server.port}/healthz"
        done = subprocess.run([str(CLIENTS / "gtlsclient"), *options, f"--http-method={method}", f"--download={tmp_path}",
                               "--exit-on-all-streams-close", "--timeout=10s", "127.0.0.1", str(server.port), url, url],
                              capture_output=True, text=True, timeout=30)
        text = done.stderr + done.stdout
        assert done.returncode == 0 and (tmp_path / "healthz").read_bytes() == b'{"ok":true}', text[-3000:]
        return text

    return do


@pytest.mark.parametrize("version, number", [("v1", "0x00000001"), ("v2", "0x6b3343cf")])
def test_both_versions_are_spoken(visit, version, number):
    assert f"the negotiated version is {number}" in visit("-v", version)


def test_a_client_of_a_version_to_come_agrees_on_one_of_today(visit):
    text = visit("-v", "0x1a2a3a4a", "--preferred-versions=v1")
    assert "type=VN" in text and "the negotiated version is 0x00000001" in text


@pytest.mark.parametrize("suite", ["AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"])
def test_each_cipher_is_spoken(visit, suite):
    assert f"Negotiated cipher suite is {suite}" in visit(SUITE + suite)


@pytest.mark.parametrize("group", ["X25519", "SECP256R1", "SECP384R1"])
def test_each_group_is_spoken(visit, group):
    visit(GROUP + group)


def test_keys_may_be_renewed(visit):
    text = visit("--key-update=5ms", "--delay-stream=30ms")
    assert "Initiate key update" in text and re.search(r"pkt rx .* type=1RTT k=1", text)


@pytest.mark.parametrize("how", [[], ["--nat-rebinding"]], ids=["migration", "rebinding"])
def test_a_client_may_move(visit, how):
    """The server tries the new address before it believes it."""
    text = visit("--change-local-addr=5ms", "--delay-stream=30ms", *how)
    assert re.search(r"frm rx .* PATH_CHALLENGE", text[text.index("Local address is now"):])


def test_early_data_is_refused_and_the_request_is_answered_all_the_same(visit, tmp_path):
    kept = [f"--session-file={tmp_path}/session", f"--tp-file={tmp_path}/parameters"]
    visit(*kept, "--wait-for-ticket")
    text = visit(*kept)
    assert "type=0RTT" in text and "Early data was rejected by server" in text
