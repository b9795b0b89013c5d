# SPDX-License-Identifier: MIT
"""Starting, reloading, surviving and stopping: what an operator relies on."""
import os
import pathlib
import random
import re
import resource
import signal
import socket
import ssl
import subprocess
import time

import pytest

from conftest import BIN, Server


def refused(data, *sets, args=()):
    """Runs serve where it must refuse: its exit code and what it said."""
    line = [BIN, "serve", "--data", str(data), "--set", "server.https_port=auto", *args]
    for one in sets:
        line += ["--set", one]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


def wait_for(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_ready_line_names_address_directory_and_process(server):
    assert re.fullmatch(r"recordd ready https://127\.0\.0\.1:\d+ data=/\S+ pid=\d+ http3=(on|off)", server.ready_line)
    assert server.request("GET", "/readyz")[0] == 200


def test_second_server_on_one_data_directory_is_refused_and_first_lives_on(server):
    code, said = refused(server.data)
    assert code == 69
    assert server.data in said and f"pid {server.pid}" in said
    assert server.request("GET", "/readyz")[0] == 200


def test_port_in_use_says_who_to_look_for(server, data_dir):
    code, said = refused(data_dir, f"server.https_port={server.port}", "server.listen=127.0.0.1")
    assert code == 69
    assert str(server.port) in said and "in use" in said


def udp(port):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", port))
    return made


def test_port_in_use_for_http_3_is_told_too(data_dir):
    with udp(0) as other:
        port = other.getsockname()[1]
        code, said = refused(data_dir, f"server.https_port={port}", "server.listen=127.0.0.1")
    assert code == 69
    assert str(port) in said and "in use" in said


def test_any_free_port_is_one_that_is_free_for_http_3_too(make_server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    low, high = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    if hard < (high - low) // 2 + 1000:
        pytest.skip("too few sockets are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    taken = []
    try:
        for port in random.Random(1).sample(range(low, high), (high - low) // 2):
            try:
                taken.append(udp(port))
            except OSError:
                pass  # somebody else has it
        for _ in range(2):
            assert make_server().ready_line.endswith("http3=on")
    finally:
        for one in taken:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_data_directory_of_a_newer_version_is_not_touched(data_dir):
    (data_dir / "format").write_text("99\n")
    before = sorted(os.listdir(data_dir))
    code, said = refused(data_dir)
    assert code == 65
    assert "newer" in said
    assert sorted(os.listdir(data_dir)) == before


@pytest.mark.parametrize("setting,part", [
    ("server.https_prot=1", "server.https_port"),
    ("cache.size=lots", "cache.size"),
    ("server.https_port=70000", "65535"),
    ("log.format=xml", "auto|text|json"),
])
def test_a_mistaken_setting_is_named_with_what_would_be_right(data_dir, setting, part):
    code, said = refused(data_dir, setting)
    assert code == 78
    assert part in said


@pytest.mark.parametrize("way", ["auto", "mbedtls"])
def test_either_aes_gcm_carries_large_answers(way, make_server):
    running = make_server(settings={"tls.aes_gcm": way})
    used = re.search(r"AES-GCM.*by\W+([a-z0-9-]+)", running.log_text()).group(1)
    assert used == "mbedtls" or way == "auto"
    fetched = [subprocess.run(["curl", "-sS", "--cacert", running.ca, "--tls-max", version, f"{running.base}/api/openapi.json"],
                              check=True, capture_output=True).stdout for version in ("1.2", "1.3")]
    assert len(fetched[0]) > 10000 and fetched[0] == fetched[1]


def test_a_mistake_in_the_file_is_named_by_file_and_line(tmp_path):
    file = tmp_path / "my.conf"
    file.write_text("[server]\nhttps_port = auto\n\n[cahce]\nsize = 1MB\n")
    code, said = refused(tmp_path / "data", args=["--config", str(file)])
    assert code == 78
    assert "my.conf:5" in said and "cache.size" in said


def test_fake_identity_is_refused_on_a_public_address(data_dir):
    code, said = refused(data_dir, "auth.debug_fake_auth=true", "server.listen=0.0.0.0")
    assert code == 78
    assert "debug_fake_auth" in said


def test_certificate_and_key_that_do_not_match_are_named(server, data_dir, make_server):
    other = make_server()
    code, said = refused(data_dir, f"tls.cert={server.data}/tls/server.pem", f"tls.key={other.data}/tls/server-key.pem")
    assert code == 78
    assert "server.pem" in said and "server-key.pem" in said


def test_unreadable_certificate_is_named(data_dir):
    code, said = refused(data_dir, "tls.cert=/nowhere/cert.pem", "tls.key=/nowhere/key.pem")
    assert code == 78
    assert "/nowhere/cert.pem" in said


def test_reload_takes_a_good_file_and_ignores_a_bad_one(tmp_path, make_server):
    file = tmp_path / "recordd.conf"
    file.write_text("[log]\nlevel = info\n")
    running = make_server(args=["--config", str(file)])
    file.write_text("[log]\nlevel = debug\n")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "settings reloaded" in running.log_text())
    file.write_text("[log]\nlevel = loud\n")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "settings not reloaded" in running.log_text())
    assert running.request("GET", "/readyz")[0] == 200


def test_reload_says_what_takes_a_restart_and_leaves_it(tmp_path, make_server):
    file = tmp_path / "recordd.conf"
    file.write_text("[database]\npool_size = 3\n[grpc]\nlisten =\n")
    running = make_server(args=["--config", str(file)])
    file.write_text("[database]\npool_size = 5\n[grpc]\nlisten = 127.0.0.1:0\n")
    for n in (1, 2):  # the second time, too: it has not become true meanwhile
        os.kill(running.pid, signal.SIGHUP)
        assert wait_for(lambda: running.log_text().count("settings reloaded") == n)
        told = [line for line in running.log_text().splitlines() if "takes a restart" in line]
        assert len(told) == 2 * n and "pool_size" in told[-2] and "grpc" in told[-1]
    assert running.request("GET", "/readyz")[0] == 200


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_reload_does_not_begin_to_believe_clients(tmp_path, make_server):
    file = tmp_path / "recordd.conf"
    file.write_text("[auth]\ndebug_fake_auth = false\n")
    running = make_server(args=["--config", str(file)])
    file.write_text("[auth]\ndebug_fake_auth = true\n")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "debug_fake_auth can be switched on at the start only" in running.log_text())
    believed = {"x-user-id": "0190f0f0-0000-7000-8000-000000000001"}
    assert running.request("GET", "/api/records", headers=believed)[0] == 401


def test_redirecting_port_outlives_a_reload(make_server):
    port = free_port()
    running = make_server(settings={"server.http_port": str(port), "server.cors_origins": "https://a.example,https://b.example"})
    for n in (1, 2):
        os.kill(running.pid, signal.SIGHUP)
        assert wait_for(lambda: running.log_text().count("settings reloaded") == n)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\norigin: https://b.example\r\nconnection: close\r\n\r\n")
        assert plain.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert "AddressSanitizer" not in running.log_text()


def test_reload_serves_a_renewed_certificate(tmp_path, make_server):
    def issue(name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                       check=True, capture_output=True)

    issue("first.example")
    running = make_server(settings={"tls.cert": tmp_path / "cert.pem", "tls.key": tmp_path / "key.pem"})
    before = ssl.get_server_certificate(("127.0.0.1", running.port))
    issue("second.example")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "settings reloaded" in running.log_text())
    renewed = ssl.get_server_certificate(("127.0.0.1", running.port))
    assert renewed != before and renewed.strip() == (tmp_path / "cert.pem").read_text().strip()
    (tmp_path / "key.pem").write_text("none")
    os.kill(running.pid, signal.SIGHUP)
    assert wait_for(lambda: "certificate refused" in running.log_text())
    assert ssl.get_server_certificate(("127.0.0.1", running.port)) == renewed


def test_transport_security_is_told_for_names_only(tmp_path, make_server):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=a.example", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    running = make_server(settings={"tls.cert": tmp_path / "cert.pem", "tls.key": tmp_path / "key.pem"})
    for host, told in (("a.example", True), ("localhost", False), ("127.0.0.1:8443", False)):
        said = subprocess.run(["curl", "-ksi", "--max-time", "10", "-H", f"host: {host}", f"https://127.0.0.1:{running.port}/healthz"],
                              capture_output=True, text=True, check=True).stdout
        assert ("strict-transport-security" in said) == told, host


def test_stop_ends_with_zero_and_leaves_no_process_behind(make_server):
    running = make_server()
    postmaster = int(open(f"{running.data}/pg/data/postmaster.pid").readline())
    assert running.stop() == 0
    assert not os.path.exists(f"/proc/{postmaster}")
    assert not os.path.exists(f"{running.data}/pg/data/postmaster.pid")


def test_killed_server_takes_its_database_along_and_starts_again_with_all_data(make_server):
    running = make_server()
    token, _ = running.register("kept@example.org")
    status, _, made = running.request("POST", "/api/records", token, {"artist": "Can", "name": "Future Days", "format": "LP"})
    assert status == 201
    postmaster = int(open(f"{running.data}/pg/data/postmaster.pid").readline())
    running.kill()
    assert wait_for(lambda: not os.path.exists(f"/proc/{postmaster}"))
    running.start()
    status, _, body = running.request("POST", "/api/auth/login", json={"email": "kept@example.org", "password": "correct horse battery"})
    assert status == 200
    status, _, got = running.request("GET", f"/api/records/{made['id']}", body["token"])
    assert (status, got["name"]) == (200, "Future Days")


def test_second_interrupt_stops_at_once_and_cluster_stays_clean(make_server):
    running = make_server()
    token, _ = running.register()
    raw = socket.create_connection((running.host, running.port))
    tls = running.context().wrap_socket(raw, server_hostname="localhost")
    tls.sendall(b"POST /api/records HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer " + token.encode()
                + b"\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
    time.sleep(0.2)
    os.kill(running.pid, signal.SIGINT)
    time.sleep(0.3)
    os.kill(running.pid, signal.SIGINT)
    began = time.monotonic()
    assert running.process.wait(15) == 0
    assert time.monotonic() - began < 8
    running.process = None
    running.log.close()
    running.start()
    assert running.request("GET", "/readyz")[0] == 200
    assert "not properly shut down" not in postgres_log(running)


def postgres_log(running):
    return open(f"{running.data}/pg/log", errors="replace").read()


def test_request_under_way_is_answered_while_stopping(make_server):
    running = make_server()
    token, _ = running.register()
    raw = socket.create_connection((running.host, running.port))
    tls = running.context().wrap_socket(raw, server_hostname="localhost")
    body = b'{"artist":"Neu!","name":"Neu! 75","format":"LP"}'
    tls.sendall(b"POST /api/records HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer " + token.encode()
                + b"\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body) + body[:10])
    time.sleep(0.2)
    os.kill(running.pid, signal.SIGTERM)
    time.sleep(0.2)
    tls.sendall(body[10:])
    assert tls.recv(65536).startswith(b"HTTP/1.1 201")
    tls.close()
    assert running.process.wait(15) == 0


def test_database_killed_under_load_is_back_within_two_seconds_and_nothing_acknowledged_is_lost(make_server):
    running = make_server()
    token, _ = running.register()
    acknowledged, refusals = [], []

    def add(number):
        status, headers, body = running.request("POST", "/api/records", token, {"artist": "Load", "name": f"No {number}", "format": "LP"})
        if status == 201:
            acknowledged.append(body["id"])
        else:
            refusals.append((status, headers.get("retry-after")))
        return status

    for number in range(10):
        add(number)
    postmaster = int(open(f"{running.data}/pg/data/postmaster.pid").readline())
    os.kill(postmaster, signal.SIGKILL)
    for number in range(10, 40):
        add(number)
        time.sleep(0.02)
    assert wait_for(lambda: running.request("GET", "/readyz")[0] == 200, 20)
    back = time.monotonic()
    assert wait_for(lambda: add(1000) == 201, 2)
    assert time.monotonic() - back < 2
    assert all(status == 503 and after for status, after in refusals), refusals
    for one in acknowledged:
        assert running.request("GET", f"/api/records/{one}", token)[0] == 200


def test_writes_stop_before_the_disk_is_full_and_reads_go_on(make_server):
    running = make_server(settings={"data.min_free": "1TB"})
    status, _, _ = running.request("GET", "/healthz")
    assert status == 200
    status, _, body = running.request("POST", "/api/auth/register", json={"email": "full@example.org", "password": "long enough"})
    assert status == 507, body


def test_plain_http_only_redirects(make_server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = make_server(settings={"server.http_port": str(port)})
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(b"GET /a?b=c HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(65536), b"")).decode().lower()
    assert answer.startswith("http/1.1 308")
    assert f"location: https://localhost:{running.port}/a?b=c" in answer


def test_external_database_serves_two_nodes_that_agree(server, make_server):
    address = f"host={server.socket_dir()} dbname=recordd user=recordd_owner"
    one = make_server(settings={"database.url": address})
    two = make_server(settings={"database.url": address})
    token, user = one.register()
    assert two.request("GET", "/api/auth/me", token)[2]["id"] == user["id"]
    assert one.request("POST", "/api/auth/logout", token)[0] == 204
    assert wait_for(lambda: two.request("GET", "/api/auth/me", token)[0] == 401, 5)


def test_data_directory_survives_a_relative_path(data_dir):
    done = subprocess.run([BIN, "config", "print", "--data", "here", "--json"], cwd=data_dir, capture_output=True, text=True)
    assert done.returncode == 0
    running = Server(data=data_dir / "here").start()
    assert running.ready_line.split()[3] == f"data={data_dir}/here"
    assert running.stop() == 0
