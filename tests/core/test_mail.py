from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core import invitations, mail, settings
from core.errors import Unavailable


class Mailbox:
    """What a real SMTP server on this machine was handed."""

    def __init__(self) -> None:
        self.messages = []
        self.arrived = threading.Event()

    async def handle_DATA(self, server, session, envelope):
        self.messages.append((envelope, message_from_bytes(envelope.content, policy=policy.default), session))
        self.arrived.set()
        return "250 OK"


@pytest.fixture
def server():
    """Start SMTP servers; the function returns (port, mailbox)."""
    running = []

    def start(**options):
        mailbox = Mailbox()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(mailbox, hostname="127.0.0.1", port=port, ready_timeout=30, **options)
        controller.start()
        running.append(controller)
        return port, mailbox

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def configured(home: Path, port: int, security: str = "none", **more: str) -> settings.Settings:
    environ = {
        "ACCORD_MAIL_HOST": "localhost", "ACCORD_MAIL_PORT": str(port), "ACCORD_MAIL_SECURITY": security,
        "ACCORD_MAIL_SENDER": "accord@northwind.example",
        **{f"ACCORD_MAIL_{name.upper()}": value for name, value in more.items()},
    }  # fmt: skip
    return settings.load(home, environ)


def send(engagement, chosen, **about):
    link = invitations.invite(engagement.admin, mail="new@example.com", name="李伟", **about)
    mail.send_link(chosen, link, site="https://accord.example", organisation="Northwind")
    return link


def test_an_invitation_arrives_with_its_link(engagement, home, server):
    port, mailbox = server()
    link = send(engagement, configured(home, port))
    envelope, message, _ = mailbox.messages[0]
    assert envelope.rcpt_tos == ["new@example.com"]
    assert message["Subject"] == "Your invitation to Accord"
    assert f"https://accord.example{link.address}" in message.get_content()
    assert "李伟" in message.get_content()


def test_a_mail_speaks_the_language_of_its_reader(engagement, home, server):
    port, mailbox = server()
    send(engagement, configured(home, port), language="zh_CN")
    assert mailbox.messages[0][1]["Subject"] == "邀请您使用 Accord"


def test_a_mail_goes_encrypted_and_signed_in(engagement, home, server, certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    asked = []

    def authenticator(server, session, envelope, mechanism, credentials):
        asked.append((credentials.login, credentials.password))
        return AuthResult(success=credentials.password == b"letter box")

    port, mailbox = server(tls_context=context, require_starttls=True, authenticator=authenticator, auth_required=True)
    send(engagement, configured(home, port, "starttls", user="accord", password="letter box"))
    assert asked == [(b"accord", b"letter box")]
    assert mailbox.messages[0][2].ssl


def test_a_server_with_a_certificate_nobody_vouches_for_gets_nothing(engagement, home, server, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    port, mailbox = server(tls_context=context)
    with pytest.raises(Unavailable):
        send(engagement, configured(home, port, "starttls"))
    assert not mailbox.messages


def test_a_server_that_does_not_answer_is_told_and_the_link_stands(engagement, home):
    link = invitations.invite(engagement.admin, mail="new@example.com", name="New")
    with pytest.raises(Unavailable):
        mail.send_link(configured(home, 1), link, site="", organisation="N")
    assert invitations.offer(link.token)


def test_no_server_is_the_default(home):
    assert not mail.is_set(settings.load(home, {}))
