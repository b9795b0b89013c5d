# SPDX-License-Identifier: MIT
"""The commands a person or a script runs."""
import csv
import io
import json
import subprocess

from conftest import BIN


def run(*words, **kwargs):
    return subprocess.run([BIN, *words], capture_output=True, text=True, timeout=120, **kwargs)


def test_help_lists_every_command_and_each_teaches_by_an_example():
    listed = run("--help").stdout
    for name in ("serve", "user add", "import", "export", "sample", "config check", "routes", "migrate", "cert init", "version"):
        assert f"  {name} " in listed
        told = run(*name.split(), "--help").stdout
        assert "Example:" in told and f"recordd {name.split()[0]}" in told


def test_unknown_command_or_option_is_a_usage_error():
    assert run("frobnicate").returncode == 64
    assert run("serve", "--frob").returncode == 64
    assert run("user", "add").returncode == 64


def test_help_on_the_first_word_of_commands_lists_them():
    listed = run("user", "--help")
    assert listed.returncode == 0 and "user add" in listed.stdout and "import" not in listed.stdout
    alone = run("user")
    assert alone.returncode == 64 and "recordd user --help" in alone.stderr
    assert run("users", "--help").returncode == 64


def test_version_lists_what_is_linked_with_licences():
    listed = json.loads(run("version", "--licenses", "--json").stdout)
    names = {one["name"].lower() for one in listed["linked"]}
    for part in ("libuv", "nghttp2", "jansson", "llhttp"):
        assert any(part in name for name in names), names
    assert all(one["license"] and one["version"] for one in listed["linked"])


def test_secrets_are_not_printed(tmp_path):
    done = run("config", "print", "--data", str(tmp_path), "--set", "database.url=postgresql://me:hunter2@db/x", "--set", "metrics.token=s3cret")
    assert done.returncode == 0
    assert "hunter2" not in done.stdout and "s3cret" not in done.stdout


def test_environment_wins_over_file_and_command_line_over_both(tmp_path):
    file = tmp_path / "a.conf"
    file.write_text("[cache]\nsize = 1MB\n")
    import os
    base = ["config", "print", "--json", "--config", str(file), "--data", str(tmp_path)]
    read = lambda *more, env=None: json.loads(run(*base, *more, env={**os.environ, **(env or {})}).stdout)["cache"]["size"]
    assert read() == "1MB"
    assert read(env={"RECORDD_CACHE_SIZE": "2MB"}) == "2MB"
    assert read("--set", "cache.size=3MB", env={"RECORDD_CACHE_SIZE": "2MB"}) == "3MB"


def test_example_configuration_is_accepted_as_it_is(tmp_path):
    file = tmp_path / "recordd.conf"
    file.write_text(run("config", "example").stdout)
    done = run("config", "check", "--config", str(file))
    assert done.returncode == 0, done.stderr


def test_every_mistake_in_the_settings_is_told_at_once(tmp_path):
    file = tmp_path / "recordd.conf"
    file.write_text("[server]\nhttps_prot = 443\nhttp_port = x\nwhat is this\n[cache\nsize = 1MB\n[cache]\nsize = 5 apples\n")
    done = run("config", "check", "--config", str(file), "--set", "log.level=loud", "--set", "nothing")
    assert done.returncode == 78 and done.stdout == ""
    told = done.stderr.splitlines()
    for line, (where, what) in zip(told, [("recordd.conf:2", "did you mean 'server.https_port'"), ("recordd.conf:3", "http_port"),
                                          ("recordd.conf:4", "key = value"), ("recordd.conf:5", "']' is missing"),
                                          ("recordd.conf:8", "cache.size"), ("--set", "log.level"), ("--set", "'nothing'")], strict=True):
        assert where in line and what in line, done.stderr
    file.write_text("".join(f"wrong{i}\n" for i in range(70)))
    told = run("config", "check", "--config", str(file)).stderr.splitlines()
    assert len(told) == 51 and "recordd.conf:50:" in told[49] and told[50] == "recordd: and more"


def test_files_that_a_start_would_miss_are_told_by_the_check(tmp_path):
    def check(**settings):
        words = [word for name, value in settings.items() for word in ("--set", f"{name.replace('_', '.', 1)}={value}")]
        return run("config", "check", "--data", str(tmp_path / "data"), *words)

    none, folder, text = tmp_path / "none.pem", tmp_path, tmp_path / "text.pem"
    text.write_text("no certificate")
    for settings in ({"tls_client_ca": none}, {"tls_client_ca": folder}, {"tls_client_ca": text}, {"tls_client_cert": "required"},
                     {"tls_cert": none, "tls_key": none}, {"tls_cert": none}, {"server_web_dir": none}, {"server_web_dir": text}):
        done = check(**settings)
        assert done.returncode == 78 and done.stdout == "" and done.stderr, settings
        named = [str(value) for value in settings.values() if value is not folder and value != "required"]
        assert not named or named[0] in done.stderr or "go together" in done.stderr, done.stderr
    both = check(tls_client_ca=none, server_web_dir=none)
    assert both.returncode == 78 and len(both.stderr.splitlines()) == 2
    assert run("cert", "init", "--data", str(tmp_path / "made")).returncode == 0
    tls = tmp_path / "made" / "tls"
    good = check(tls_client_ca=tls / "ca.pem", tls_cert=tls / "server.pem", tls_key=tls / "server-key.pem", server_web_dir=folder)
    assert good.returncode == 0, good.stderr
    assert check(tls_client_ca=tls / "ca.pem", tls_client_cert="required").returncode == 0
    assert not (tmp_path / "data").exists()


def test_account_made_on_the_command_line_can_sign_in(server):
    done = server.run("user", "add", "cli@example.org", "--password-stdin", stdin="a good long password\n")
    assert done.returncode == 0, done.stderr
    status, _, _ = server.request("POST", "/api/auth/login", json={"email": "cli@example.org", "password": "a good long password"})
    assert status == 200
    again = server.run("user", "add", "CLI@example.org", "--password-stdin", stdin="a good long password\n")
    assert again.returncode != 0 and "already" in again.stderr
    assert "cli@example.org" in server.run("user", "list").stdout


def test_sample_and_export_work_beside_the_running_server(server, tmp_path):
    server.run("user", "add", "sample@example.org", "--password-stdin", stdin="a good long password\n")
    done = server.run("sample", "--user", "sample@example.org", "--n", "500", "--seed", "7")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "all.csv"
    done = server.run("export", "--user", "sample@example.org", "--format", "csv", str(out))
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 500
    done = server.run("export", "--user", "sample@example.org", "--format", "json", "-")
    assert len(json.loads(done.stdout)) == 500


def test_commands_work_while_no_server_runs(data_dir):
    data = ["--data", str(data_dir / "d")]
    done = run("user", "add", "alone@example.org", "--password-stdin", *data, input="a good long password")
    assert done.returncode == 0, done.stderr
    done = run("sample", "--user", "alone@example.org", "--n", "50", *data)
    assert done.returncode == 0, done.stderr
    assert not (data_dir / "d" / "pg" / "data" / "postmaster.pid").exists()


def test_unknown_account_is_named(server):
    done = server.run("sample", "--user", "nobody@example.org", "--n", "1")
    assert done.returncode == 67
    assert "nobody@example.org" in done.stderr


def test_missing_file_is_named_before_anything_is_opened(data_dir):
    done = run("import", "--data", str(data_dir), "--user", "ann@example.org", "no-such.csv")
    assert done.returncode == 66
    assert "no-such.csv" in done.stderr and done.stdout == ""


def test_local_certificates_are_made_shown_and_kept(data_dir):
    data = ["--data", str(data_dir)]
    assert run("cert", "init", *data).returncode == 0
    shown = json.loads(run("cert", "show", "--json", *data).stdout)
    assert "localhost" in shown[0]["names"]
    assert run("cert", "init", *data).returncode == 0
    assert json.loads(run("cert", "show", "--json", *data).stdout) == shown
    assert (data_dir / "tls" / "server-key.pem").stat().st_mode & 0o777 == 0o600
    assert (data_dir / "tls" / "ca-key.pem").stat().st_mode & 0o777 == 0o600
