# SPDX-License-Identifier: MIT
"""Certificates that change under a running server: what is served, what is refused, what is kept, who still trusts it."""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

from conftest import BIN, Server
from test_protocol_http2 import DATA, END_HEADERS, END_STREAM, HEADERS, Frames, head

WITHIN = 1.0  # what is promised: seconds from the change to the first handshake that sees it
SLACK = 4.0   # what the tests allow on a machine that is busy with other things
QUIET = 2.6   # longer than a pair may stay half written until it is told


def openssl(*words, **more):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, text=True, timeout=60, **more).stdout


def issue(folder, name="a.example", days=90, stem=""):
    """A self-signed pair in the folder: (certificate, key)."""
    cert, key = folder / f"{stem}fullchain.pem", folder / f"{stem}privkey.pem"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days, "-subj", f"/CN={name}",
            "-addext", f"subjectAltName=DNS:{name},DNS:localhost", "-keyout", key, "-out", cert)
    return cert, key


def signed_by_local(running, folder, start, end):
    """A leaf of the server's own authority for its own key, valid from start to end (YYYYMMDDhhmmssZ)."""
    folder.mkdir()
    (folder / "index").write_text("")
    (folder / "serial").write_text("1000\n")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=x\n[x]\nnew_certs_dir={folder}\ndatabase={folder}/index\nserial={folder}/serial\npolicy=p\n"
        "default_md=sha256\nunique_subject=no\n[p]\ncommonName=supplied\n[v]\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n")
    tls = f"{running.data}/tls"
    openssl("req", "-new", "-key", f"{tls}/server-key.pem", "-subj", "/CN=localhost", "-out", folder / "csr")
    openssl("ca", "-batch", "-notext", "-config", folder / "ca.cnf", "-extensions", "v", "-cert", f"{tls}/ca.pem", "-keyfile", f"{tls}/ca-key.pem",
            "-in", folder / "csr", "-out", folder / "leaf.pem", "-startdate", start, "-enddate", end)
    return folder / "leaf.pem"


def zulu(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


def first_of(path):
    text = open(path).read()
    return text[:text.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"


def served(running):
    return ssl.get_server_certificate(("127.0.0.1", running.port))


def wait_for(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def assert_served(running, path):
    assert wait_for(lambda: served(running) == first_of(path), SLACK), running.log_text()[-2000:]


def metric(running, name):
    line = ["curl", "-sSk", "--max-time", "10", f"https://127.0.0.1:{running.port}/metrics"]  # whatever is served
    text = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return int(re.search(rf"^{name} (\d+)", text, re.MULTILINE)[1])


def refusals(running):
    return running.log_text().count("certificate refused")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def h1(running, cafile=None):
    context = ssl.create_default_context(cafile=cafile or running.ca)
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            yield tls


def ask(tls, path="/healthz"):
    tls.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = tls.recv(65536)
        assert more, "closed"
        answer += more
    head, body = answer.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
    while len(body) < length:
        body += tls.recv(65536)
    return int(head.split()[1])


def rotate(running, *options):
    done = running.run("cert", "rotate", *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def own(tmp_path, make_server):
    """A server with a pair of its own in files: (server, certificate, key)."""
    cert, key = issue(tmp_path)
    running = make_server(settings={"tls.cert": cert, "tls.key": key})
    running.ca = str(cert)
    return running, cert, key


# ── cert rotate ──


def test_rotation_is_seen_by_new_handshakes_and_by_no_open_connection(make_server):
    running = make_server()
    leaf = f"{running.data}/tls/server.pem"
    before = served(running)
    with h1(running) as kept:
        assert ask(kept) == 200
        began = time.monotonic()
        rotate(running)
        assert first_of(leaf) != before
        assert_served(running, leaf)
        print(f"served {time.monotonic() - began:.3f} s after the command began")
        assert ask(kept) == 200
        assert ssl.DER_cert_to_PEM_cert(kept.getpeercert(True)) == before
    assert metric(running, "recordd_tls_cert_rotations_total") == 1
    said = openssl("s_client", "-connect", f"127.0.0.1:{running.port}", "-CAfile", running.ca, stdin=subprocess.DEVNULL)
    assert "Verify return code: 0 (ok)" in said


def test_rotation_without_a_server_is_served_at_the_next_start(data_dir):
    words = [BIN, "cert", "rotate", "--data", str(data_dir)]
    subprocess.run([BIN, "cert", "init", "--data", str(data_dir)], check=True, capture_output=True)
    leaf = first_of(data_dir / "tls" / "server.pem")
    assert subprocess.run(words, capture_output=True).returncode == 0
    assert first_of(data_dir / "tls" / "server.pem") != leaf
    running = Server(data=data_dir).start()
    try:
        assert served(running) == first_of(data_dir / "tls" / "server.pem")
    finally:
        assert running.stop() == 0


@pytest.mark.parametrize("command", ["show", "trust", "rotate"])
def test_forgotten_data_directory_is_told_of_and_not_made(tmp_path, command):
    elsewhere = tmp_path / "elsewhere"
    done = subprocess.run([BIN, "cert", command, "--data", elsewhere], capture_output=True, text=True)
    assert done.returncode == 66 and f"no certificate in {elsewhere}: name the server's data directory by --data" in done.stderr
    assert not elsewhere.exists()


def test_body_on_its_way_over_http2_arrives_across_a_rotation(make_server):
    running = make_server()
    frames = Frames(running)
    body = json.dumps({"email": "kept@example.org", "password": "correct horse battery"}).encode()
    fields = head(b"/api/auth/register", b"POST", (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()))
    frames.send(HEADERS, END_HEADERS, 1, fields)
    frames.send(DATA, 0, 1, body[:20])
    before = served(running)
    rotate(running)
    assert wait_for(lambda: served(running) != before, SLACK)
    frames.send(DATA, END_STREAM, 1, body[20:])
    frames.until(HEADERS, 1)
    account = json.loads(frames.until(DATA, 1)[3])
    assert account["user"]["email"] == "kept@example.org"
    frames.close()


def test_download_under_way_over_http2_is_whole_across_rotations(make_server):
    running = make_server()
    token, user = running.register()
    assert running.run("sample", "--user", user["email"], "--n", "3000").returncode == 0
    url = f"https://localhost:{running.port}/api/records/export.csv"
    line = ["curl", "-sS", "--http2", "--cacert", running.ca, "-H", f"authorization: Bearer {token}", url]
    whole = subprocess.run(line, capture_output=True, timeout=60).stdout
    slow = subprocess.Popen([*line, "--limit-rate", str(len(whole) // 3)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(3):
        time.sleep(0.4)
        rotate(running)
    got, error = slow.communicate(timeout=60)
    assert slow.returncode == 0 and got == whole, error
    assert wait_for(lambda: metric(running, "recordd_tls_cert_rotations_total") == 3, SLACK)


def test_clients_of_the_former_authority_stay_through_a_change_of_it(make_server, tmp_path):
    running = make_server()
    before = shutil.copy(running.ca, tmp_path / "before.pem")
    assert "need do nothing" in rotate(running, "--ca")
    assert_served(running, f"{running.data}/tls/server.pem")
    first, second = open(running.ca).read().split("-----END CERTIFICATE-----\n")[:2]
    (tmp_path / "new.pem").write_text(first + "-----END CERTIFICATE-----\n")
    assert second + "-----END CERTIFICATE-----\n" == open(before).read()
    for trusted in (before, running.ca, tmp_path / "new.pem"):
        with h1(running, trusted) as tls:
            assert ask(tls) == 200
        done = subprocess.run(["curl", "-sS", "--cacert", trusted, f"https://localhost:{running.port}/healthz"], capture_output=True)
        assert done.returncode == 0, done.stderr
    said = openssl("s_client", "-connect", f"127.0.0.1:{running.port}", "-CAfile", before, "-verify_return_error",
                   "-x509_strict", stdin=subprocess.DEVNULL)
    assert "Verify return code: 0 (ok)" in said


def test_authority_that_may_not_vouch_for_another_is_told_of(data_dir):
    tls = data_dir / "tls"
    tls.mkdir()
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 900, "-subj", "/CN=early CA",
            "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-keyout", tls / "ca-key.pem", "-out", tls / "ca.pem")
    line = [BIN, "cert", "rotate", "--ca", "--data", str(data_dir)]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0 and "clients must be given the new ca.pem" in done.stdout
    openssl("verify", "-CAfile", tls / "ca.pem", "-untrusted", tls / "server.pem", tls / "server.pem")
    assert "need do nothing" in subprocess.run(line, capture_output=True, text=True).stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a server that becomes somebody else")
def test_rotation_by_root_is_taken_by_a_server_that_has_become_somebody_else(make_server):
    running = make_server(settings={"server.user": "nobody"})
    for options in ([], ["--ca"]):
        rotate(running, *options)
        assert_served(running, f"{running.data}/tls/server.pem")
    assert refusals(running) == 0 and oct(os.stat(f"{running.data}/tls/server-key.pem").st_mode & 0o777) == "0o600"


def test_rotations_at_the_same_time_leave_one_whole_pair(make_server):
    running = make_server()
    line = running.command("cert", "rotate")
    commands = [subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(5)]
    assert [one.wait(60) for one in commands] == [0] * 5
    assert_served(running, f"{running.data}/tls/server.pem")
    assert refusals(running) == 0
    assert oct(os.stat(f"{running.data}/tls/server-key.pem").st_mode & 0o777) == "0o600"
    assert not [name for name in os.listdir(f"{running.data}/tls") if name.endswith(".new")]


def test_local_certificate_renews_itself_before_its_end(make_server, tmp_path):
    running = make_server()
    before = served(running)
    short = signed_by_local(running, tmp_path / "ca", zulu(-1), zulu(20))
    shutil.copy(short, f"{running.data}/tls/draft")
    os.replace(f"{running.data}/tls/draft", f"{running.data}/tls/server.pem")
    assert wait_for(lambda: served(running) not in (before, first_of(short)), SLACK)
    assert metric(running, "recordd_tls_cert_not_after_seconds") > time.time() + 390 * 86400
    assert "ends soon" not in running.log_text() and refusals(running) == 0


# ── Files of one's own ──


def test_pair_renamed_into_place_is_taken(own, tmp_path):
    running, cert, key = own
    with h1(running) as kept:
        new_cert, new_key = issue(tmp_path, "b.example", stem="new-")
        os.replace(new_key, key)
        os.replace(new_cert, cert)
        assert_served(running, cert)
        assert ask(kept) == 200
    assert refusals(running) == 0


def test_pair_written_in_place_is_taken_when_both_are_there(own, tmp_path):
    running, cert, key = own
    before = served(running)
    new_cert, new_key = (path.read_text() for path in issue(tmp_path, "b.example", stem="new-"))
    cert.write_text(new_cert)
    time.sleep(1)
    assert served(running) == before
    key.write_text(new_key)
    assert_served(running, cert)
    assert refusals(running) == 0


def test_chain_that_is_half_written_is_not_taken(own, tmp_path):
    running, cert, key = own
    before = served(running)
    new_cert, new_key = (path.read_text() for path in issue(tmp_path, "b.example", stem="new-"))
    above = issue(tmp_path, "above.example", stem="above-")[0].read_text()
    key.write_text(new_key)
    with open(cert, "w") as file:
        for part in (new_cert[:200], new_cert[200:] + above[:100], above[100:]):
            assert served(running) == before
            file.write(part)
            file.flush()
            time.sleep(0.6)
    assert_served(running, cert)
    with h1(running) as tls:
        assert ask(tls) == 200
    shown = openssl("s_client", "-showcerts", "-connect", f"127.0.0.1:{running.port}", stdin=subprocess.DEVNULL)
    assert shown.count("BEGIN CERTIFICATE") >= 2 and refusals(running) == 0


def lay_like_certbot(root, name, n, pair):
    """What certbot does: the files into archive/, then the links of live/ one by one."""
    live, archive = root / "live" / name, root / "archive" / name
    live.mkdir(parents=True, exist_ok=True)
    archive.mkdir(parents=True, exist_ok=True)
    for kind, source in zip(("fullchain", "privkey"), pair):
        shutil.copy(source, archive / f"{kind}{n}.pem")
    for kind in ("privkey", "fullchain"):
        link = live / f"{kind}.pem"
        if link.is_symlink():
            link.unlink()
            time.sleep(0.05)
        link.symlink_to(f"../../archive/{name}/{kind}{n}.pem")
    return live


def test_certbots_links_are_followed_when_they_turn(make_server, tmp_path):
    live = lay_like_certbot(tmp_path, "a.example", 1, issue(tmp_path))
    running = make_server(settings={"tls.cert": live / "fullchain.pem", "tls.key": live / "privkey.pem"})
    for n in (2, 3):
        lay_like_certbot(tmp_path, "a.example", n, issue(tmp_path))
        assert_served(running, live / "fullchain.pem")
    assert refusals(running) == 0


def stays(running, before, reason):
    """The pair on disk is refused for that reason, once, and the one before is served."""
    assert wait_for(lambda: refusals(running) == 1, SLACK + QUIET), running.log_text()[-2000:]
    time.sleep(QUIET)
    line = next(line for line in running.log_text().splitlines() if "certificate refused" in line)
    assert reason in line and refusals(running) == 1
    assert served(running) == before
    assert metric(running, "recordd_tls_cert_refused_total") == 1 and metric(running, "recordd_tls_cert_stale") == 1


def test_key_of_another_certificate_is_refused_and_a_right_one_taken_later(own, tmp_path):
    running, cert, key = own
    before = served(running)
    new_cert, new_key = issue(tmp_path, "b.example", stem="new-")
    os.replace(new_cert, cert)
    stays(running, before, "does not belong to the certificate")
    os.replace(new_key, key)
    assert_served(running, cert)
    assert metric(running, "recordd_tls_cert_stale") == 0


def test_expired_certificate_is_refused(make_server, tmp_path):
    running = make_server()
    before = served(running)
    shutil.copy(signed_by_local(running, tmp_path / "ca", zulu(-30), zulu(-1)), f"{running.data}/tls/server.pem")
    stays(running, before, "expired on")


def test_file_that_is_gone_is_refused(own):
    running, cert, key = own
    before = served(running)
    os.remove(key)
    stays(running, before, "No such file or directory")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files that the server may not read")
def test_key_that_may_not_be_read_is_refused_and_taken_once_it_may(make_server, data_dir):
    cert, key = issue(data_dir)
    shutil.chown(key, "nobody")
    running = make_server(settings={"tls.cert": cert, "tls.key": key, "server.user": "nobody"})
    before = served(running)
    new_cert, new_key = issue(data_dir, "b.example", stem="new-")
    os.chmod(new_key, 0o600)
    os.replace(new_key, key)
    os.replace(new_cert, cert)
    stays(running, before, "Permission denied")
    shutil.chown(key, "nobody")
    assert_served(running, cert)


def test_reload_refuses_at_once_and_keeps_serving(own):
    running, cert, key = own
    before = served(running)
    cert.write_text("hello")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "settings reloaded" in running.log_text(), SLACK)
    assert refusals(running) == 1 and served(running) == before
    assert "is not in PEM format" in running.log_text()


def test_reload_watches_the_files_that_are_named_now(make_server, tmp_path):
    cert, key = issue(tmp_path)
    conf = tmp_path / "recordd.conf"
    conf.write_text("")
    running = make_server(args=["--config", str(conf)])
    conf.write_text(f"[tls]\ncert = {cert}\nkey = {key}\n")
    os.kill(running.pid, signal.SIGHUP)
    assert_served(running, cert)
    assert running.run("cert", "rotate").returncode == 0  # of the local one, which is not served any more
    for path, fresh in zip((cert, key), issue(tmp_path, "b.example", stem="new-")):
        os.replace(fresh, path)
    assert_served(running, cert)


def test_end_of_a_certificate_is_announced(own, tmp_path):
    running, cert, key = own
    announced = []
    for days in (40, 20, 5):
        for path, fresh in zip((cert, key), issue(tmp_path, "b.example", days, "new-")):
            os.replace(fresh, path)
        assert_served(running, cert)
        time.sleep(0.5)
        announced.append(running.log_text().count("the certificate ends soon"))
    assert announced == [0, 1, 2], running.log_text()[-2000:]


def test_the_certificate_that_ends_first_is_announced(make_server, tmp_path):
    pairs = [issue(tmp_path, "a.example", 60, "a-"), issue(tmp_path, "b.example", 6, "b-")]
    running = make_server(settings={"tls.cert": ",".join(str(cert) for cert, _ in pairs), "tls.key": ",".join(str(key) for _, key in pairs)})
    assert wait_for(lambda: "ends soon" in running.log_text(), SLACK)
    assert "b-fullchain.pem" in next(line for line in running.log_text().splitlines() if "ends soon" in line)


def test_reload_makes_a_local_certificate_for_added_names(make_server, tmp_path):
    conf = tmp_path / "recordd.conf"
    conf.write_text("")
    running = make_server(args=["--config", str(conf)])
    conf.write_text("[tls]\nnames = records.example\n")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "settings reloaded" in running.log_text(), SLACK)
    pem = tmp_path / "served.pem"
    pem.write_text(served(running))
    assert "DNS:records.example" in openssl("x509", "-in", pem, "-noout", "-ext", "subjectAltName")


# ── ACME ──


@pytest.fixture
def facing(make_server):
    """A server with a plain port: (server, a function that asks there: status, headers, body)."""
    port = free_port()
    running = make_server(settings={"server.http_port": str(port)})

    def get(path):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            plain.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: plain.recv(65536), b""))
        head, body = answer.split(b"\r\n\r\n", 1)
        return int(head.split()[1]), head.decode().lower(), body

    return running, get


def put_challenge(running, token, answer):
    """As certbot and lego do with --webroot DIR/acme."""
    folder = f"{running.data}/acme/.well-known/acme-challenge"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{token}", "w") as file:
        file.write(answer)
    return f"{folder}/{token}"


def test_challenge_is_answered_on_the_plain_port_and_over_https(facing):
    running, get = facing
    assert os.path.isdir(f"{running.data}/acme")
    put_challenge(running, "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA", "evaGxf.thumbprint")
    path = "/.well-known/acme-challenge/evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA"
    status, _, body = get(path)
    assert (status, body) == (200, b"evaGxf.thumbprint")
    status, _, body = running.request("GET", path)
    assert (status, body) == (200, b"evaGxf.thumbprint")
    assert get("/.well-known/acme-challenge/other")[0] == 404
    assert get("/api/healthz")[0] == 308


def test_challenge_directory_cannot_be_left(facing):
    running, get = facing
    os.makedirs(f"{running.data}/acme/.well-known/acme-challenge/a")
    for name in ("format", ".hidden", "a.b", "a/b", "a" * 200):
        put_challenge(running, name, "secret")
    for path in ("../../../format", "..%2f..%2f..%2fformat", "%2e%2e", ".hidden", "a%00b", "a.b", "a/b", "a%2fb", "", "a" * 200):
        status, _, body = get(f"/.well-known/acme-challenge/{path}")
        assert status in (308, 400, 404) and b"secret" not in body, path


def test_challenge_that_is_no_small_file_of_its_own_is_not_served(facing):
    running, get = facing
    link = put_challenge(running, "link", "")
    os.remove(link)
    os.symlink(f"{running.data}/tls/server-key.pem", link)
    os.mkfifo(os.path.join(os.path.dirname(link), "pipe"))
    os.mkdir(os.path.join(os.path.dirname(link), "folder"))
    put_challenge(running, "large", "x" * 5000)
    for name in ("link", "pipe", "folder", "large"):
        assert get(f"/.well-known/acme-challenge/{name}")[0] == 404, name


def deploy(running, **told):
    """The deploy hook, with what an ACME client tells it."""
    return subprocess.run(running.command("cert", "install"), env={**os.environ, **told}, capture_output=True, text=True, timeout=60)


def test_deploy_hook_installs_the_certificate_and_removal_brings_the_local_one_back(facing, tmp_path):
    running, get = facing
    local = served(running)
    os.chmod(tmp_path, 0o700)
    live = lay_like_certbot(tmp_path, "a.example", 1, issue(tmp_path))
    done = deploy(running, RENEWED_LINEAGE=str(live))
    assert done.returncode == 0 and "installed" in done.stdout, done.stderr
    assert_served(running, live / "fullchain.pem")
    assert oct(os.stat(f"{running.data}/tls/server-key.pem").st_mode & 0o777) == "0o600"
    assert get("/ca.crt")[0] == 404

    for n, word in ((2, "LEGO_CERT"), (3, "LEGO_HOOK_CERT")):
        lay_like_certbot(tmp_path, "a.example", n, issue(tmp_path))
        done = deploy(running, **{f"{word}_PATH": str(live / "fullchain.pem"), f"{word}_KEY_PATH": str(live / "privkey.pem")})
        assert done.returncode == 0, done.stderr
        assert_served(running, live / "fullchain.pem")
    refused = running.run("cert", "rotate")
    assert refused.returncode == 73 and "is not of the local authority" in refused.stderr

    for name in ("server.pem", "server-key.pem"):
        os.remove(f"{running.data}/tls/{name}")
    assert running.run("cert", "init").returncode == 0
    assert_served(running, f"{running.data}/tls/server.pem")
    assert served(running) != local and get("/ca.crt")[0] == 200 and refusals(running) == 0


def test_useless_pair_is_not_installed(make_server, tmp_path):
    running = make_server()
    before = served(running)
    cert, key = issue(tmp_path)
    other = issue(tmp_path, stem="other-")[1]
    for pair, reason in (((cert, other), "does not belong"), ((cert, tmp_path / "none"), "cannot be read"), ((key, key), "no certificate")):
        done = running.run("cert", "install", *map(str, pair))
        assert done.returncode == 73 and reason in done.stderr, done.stderr
    assert running.run("cert", "install", str(cert)).returncode == 64
    assert running.run("cert", "install").returncode == 64
    assert served(running) == before and refusals(running) == 0


# ── The authority for clients ──


def test_phone_can_download_the_authority_and_then_trusts_us(facing, tmp_path):
    running, get = facing
    rotate(running, "--ca")
    assert_served(running, f"{running.data}/tls/server.pem")
    status, head, der = get("/ca.crt")
    assert status == 200 and "content-type: application/x-x509-ca-cert" in head
    pem = tmp_path / "phone.pem"
    pem.write_text(ssl.DER_cert_to_PEM_cert(der))
    with h1(running, pem) as tls:
        assert ask(tls) == 200
    assert first_of(running.ca) == pem.read_text()
    status, _, bundle = get("/ca.pem")
    assert status == 200 and bundle.decode() == open(running.ca).read() and bundle.count(b"BEGIN CERTIFICATE") == 2
    assert b"KEY" not in bundle
    assert running.request("GET", "/ca.crt")[2] == der


def test_command_says_where_phones_get_the_authority(facing):
    running, _ = facing
    port = running.settings["server.http_port"]
    shown = running.run("cert", "show", "--set", f"server.http_port={port}").stdout
    assert f"http://HOST:{port}/ca.crt" in shown
    fingerprint = openssl("x509", "-in", running.ca, "-noout", "-fingerprint", "-sha256").split("=")[1].strip()
    assert fingerprint in shown and fingerprint in running.run("cert", "trust").stdout


def test_instructions_for_trust_name_no_port_that_is_none(facing):
    running, _ = facing
    said = running.run("cert", "trust", "--set", "server.https_port=auto").stdout
    assert "https://localhost:PORT/healthz" in said and "https://HOST:PORT/ca.crt" in said and ":-1" not in said
    assert "https://localhost:9443/healthz" in running.run("cert", "trust", "--set", "server.https_port=9443").stdout


def test_instructions_for_trust_hold_with_a_former_authority(make_server, tmp_path):
    running = make_server()
    rotate(running, "--ca")
    said = running.run("cert", "trust").stdout
    assert "It replaces 1 former one, which vouches for it" in said
    line = re.search(r"sudo (openssl x509 -in \S+ -out )(\S+)", said)
    system = tmp_path / "system.crt"
    subprocess.run(line[1].split() + [str(system)], check=True)
    assert_served(running, f"{running.data}/tls/server.pem")
    with h1(running, system) as tls:
        assert ask(tls) == 200
