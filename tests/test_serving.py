"""`accord serve` as people meet it: what it prints, how it ends, and each thing that can be in its way."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import db
from tests.commands import ROOT, accord, app_holding, environment, set_up
from tests.serving import POSIX, begin, failing, free_port, running, serving, until

pytestmark = [
    pytest.mark.store,
    pytest.mark.xdist_group("serving"),
    pytest.mark.skipif(not POSIX, reason="signals of POSIX"),
]
IS_ROOT = POSIX and os.geteuid() == 0


LONGEST_STOP = 15  # seconds for one stop on a machine that does other things; alone it takes three


# what it prints, and how it ends


def test_it_prints_its_address_and_nothing_alarming(tmp_path):
    with serving(tmp_path / "data") as served:
        status, _took, out, err = served.end()
    assert (status, err) == (0, "")
    assert out == f"Accord runs on http://localhost:{served.port}  (Ctrl-C stops it)\n"


def test_a_second_start_and_a_stop_are_quick(tmp_path):
    """The best of four: other work on this machine only makes it slower."""
    starts, stops = [], []
    for _ in range(4):
        began = time.monotonic()
        with serving(tmp_path / "data") as served:
            starts.append(time.monotonic() - began)
            stops.append(served.end()[1])
    assert min(starts[1:]) < 5
    assert min(stops) < 5


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_whatever_is_under_way_and_leaves_nothing(tmp_path, how):
    home = tmp_path / "data"
    with serving(home) as served:
        # An upload starts the child that looks inside, and one that reads for the search; a page is half asked for.
        set_up(home, tmp_path)
        (tmp_path / "a.txt").write_text("what was agreed")
        assert accord(home, "put", tmp_path / "a.txt", "--project", "HARBOUR", "--class", "test").status == 0
        half = socket.create_connection(("127.0.0.1", served.port))
        half.sendall(b"PUT /vault/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nbegin")
        started = served.children()
        words = " ".join(word for one in started for word in _words(one))
        assert "weed" in words, started
        assert "inspection_child.py" in words, started
        status, took, _out, err = served.end(how)
        half.close()
    assert took < LONGEST_STOP
    assert err == ""
    assert status == 0
    until(lambda: not running(started))
    assert not (home / "accord.sock").exists()


def test_it_stops_when_its_store_was_killed(tmp_path):
    with serving(tmp_path / "data") as served:
        served.children()[0].kill()
        status, took, _out, err = served.end()
        left = psutil.process_iter()
        assert (status, err) == (0, "")
        assert took < LONGEST_STOP
        assert [p.pid for p in left if str(tmp_path) in " ".join(_words(p))] == []


def _words(process):
    try:
        return process.cmdline() if process.status() != psutil.STATUS_ZOMBIE else []
    except psutil.Error:
        return []


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends the children on Linux only")
def test_killed_it_leaves_no_store_running_and_starts_again(tmp_path):
    with serving(tmp_path / "data") as served:
        started = served.children()
        served.process.kill()
        served.process.communicate()
        until(lambda: not running(started))
        with serving(tmp_path / "data") as again:
            assert again.ask("/healthz")[0] == 200


# what can be in its way: one sentence each, with the way out


def one_sentence(found):
    status, out, err = found
    assert status == 1
    assert out == ""
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


def test_a_busy_port_is_named_with_another(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = one_sentence(failing(tmp_path / "data", port=port))
    assert str(port) in said
    assert f"--port {port + 1}" in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("port", ["0", "70000", "-1"])
def test_a_port_that_is_none_is_wrong_usage(tmp_path, port):
    done = accord(tmp_path / "data", "serve", "--port", port)
    assert done.status == 2
    assert "--port" in done.err


def test_a_held_data_folder_is_told(tmp_path):
    with app_holding(tmp_path / "data"):
        said = one_sentence(failing(tmp_path / "data"))
    assert "--home" in said
    assert str(tmp_path / "data") in said


@pytest.mark.parametrize("what", ["a file", "below a file"])
def test_a_data_folder_that_cannot_be_is_told(tmp_path, what):
    (tmp_path / "data").write_text("a file")
    said = one_sentence(failing(tmp_path / "data" / ("below" if what == "below a file" else "")))
    assert str(tmp_path / "data") in said


@pytest.mark.skipif(IS_ROOT, reason="root writes everywhere")
def test_a_read_only_data_folder_is_told(tmp_path):
    (tmp_path / "data").mkdir(mode=0o500)
    assert "--home" in one_sentence(failing(tmp_path / "data"))


def test_a_damaged_database_is_told(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / db.FILE_NAME).write_bytes(b"no database" * 1000)
    assert str(tmp_path / "data") in one_sentence(failing(tmp_path / "data"))


def test_a_missing_store_is_told(tmp_path):
    """An environment without the program: its Python is another one's, its PATH has nothing."""
    code = "import sys; sys.executable = '/nowhere/python'; import cli; sys.exit(cli.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "--home", str(tmp_path / "data"), "serve", "--port", str(free_port())],
        cwd=ROOT, env=environment(PATH="/nowhere"), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "make install" in one_sentence((done.returncode, done.stdout, done.stderr))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('tls.certificate = "/nowhere/a.pem"\ntls.key = "/nowhere/b.pem"', "/nowhere/a.pem"),
        ('tls.certificate = "/nowhere/a.pem"', "tls.key"),
        ("prot = 1", "line 1"),
        ('host = "no such host"', "no such host"),
        ('vault.endpoint = "http://127.0.0.1:9"', "document store"),
    ],
)
def test_a_setting_that_cannot_hold_is_told(tmp_path, line, word):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "accord.toml").write_text(line + "\n")
    assert word in one_sentence(failing(tmp_path / "data"))


def _may_mount() -> bool:
    return (
        sys.platform == "linux"
        and subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not _may_mount(), reason="needs the right to mount")
@pytest.mark.parametrize("mount", ["-t tmpfs -o size=64k none", "-t tmpfs -o ro none"], ids=["full", "read-only"])
def test_a_full_or_read_only_disk_is_told(tmp_path, mount):
    home = tmp_path / "data"
    home.mkdir()
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c",
         f"mount {mount} {home} && exec {sys.executable} -m cli --home {home} serve --port {free_port()}"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = one_sentence((done.returncode, done.stdout, done.stderr))
    assert str(home) in said


# where it listens, and by which means


def test_it_listens_to_this_machine_unless_told_otherwise(tmp_path):
    with serving(tmp_path / "data") as served:
        assert listening(served) == {"127.0.0.1"}
    with serving(tmp_path / "data", "--host", "0.0.0.0") as served:
        assert listening(served) == {"0.0.0.0"}


def listening(served):
    found = psutil.Process(served.process.pid).net_connections("inet")
    return {c.laddr.ip for c in found if c.status == psutil.CONN_LISTEN}


def certificate(folder):
    """A self-made certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def test_with_a_certificate_it_speaks_https_and_its_cookies_are_secure(tmp_path):
    certificate(tmp_path)
    served = begin(
        tmp_path / "data",
        ACCORD_TLS_CERTIFICATE=str(tmp_path / "cert.pem"),
        ACCORD_TLS_KEY=str(tmp_path / "key.pem"),
    )
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    try:
        assert served.process.stdout.readline().startswith(f"Accord runs on https://localhost:{served.port}")

        def page():
            plain = socket.create_connection(("127.0.0.1", served.port))
            with plain, trusting.wrap_socket(plain, server_hostname="localhost") as safe:
                safe.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
                found = b""
                while piece := safe.recv(65536):
                    found += piece
                return found

        until(lambda: _answers(page), 20)
        head = page().split(b"\r\n\r\n")[0].decode().lower()
    finally:
        served.end()
    assert head.startswith("http/1.1 200")
    assert "secure" in next(line for line in head.splitlines() if line.startswith("set-cookie"))
    assert "strict-transport-security" not in head  # localhost is everybody's


def _answers(page):
    try:
        return page().startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def test_what_a_proxy_says_is_believed_only_when_set(tmp_path):
    claims = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "203.0.113.9", "Accept": "text/html"}
    with serving(tmp_path / "data") as served:
        _status, headers, _body = served.ask("/", **claims)
        assert "Secure" not in headers["set-cookie"]
        assert "strict-transport-security" not in headers
    with serving(tmp_path / "data", ACCORD_TRUST_PROXY="yes") as served:
        _status, headers, _body = served.ask("/", Host="accord.example.com", **claims)
        assert "Secure" in headers["set-cookie"]
        assert headers["strict-transport-security"] == "max-age=31536000"


def test_nothing_in_the_data_folder_is_for_others_to_read(tmp_path):
    home = tmp_path / "data"
    home.mkdir(mode=0o755)  # made by hand, as people do
    with serving(home):
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
