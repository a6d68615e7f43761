"""Mails by SMTP, where a server is set (`mail.*` in the settings). Nothing waits for them.

A mail only repeats what a screen shows already, so a failure is told and nothing is lost.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from core.access import open_to_all
from core.errors import Unavailable
from core.invitations import Link
from core.language import day, say, speaking, text
from core.settings import Settings

PATIENCE = 10  # seconds for each answer of the server


@open_to_all("it only reads the settings")
def is_set(settings: Settings) -> bool:
    """Whether a mail server is named."""
    return bool(settings.text("mail.host"))


@open_to_all("the link is the proof: only who has made one holds it")
def send_link(settings: Settings, link: Link, *, site: str, organisation: str) -> None:
    """Mail an invitation or reset link to its person, in the person's language.

    `site` is the address that people type, without a slash at the end. Raises Unavailable.
    """
    with speaking(link.account.language):
        if link.purpose == "invite":
            subject = text("Your invitation to Accord")
            first = text("{organisation} invites you to Accord. Open this link to choose your password:",
                         organisation=organisation)  # fmt: skip
        else:
            subject = text("A new password for Accord")
            first = text("Open this link to choose a new password for Accord:")
        body = "\n\n".join([
            text("Hello {name},", name=link.account.name),
            first,
            f"{site}{link.address}",
            text("The link works once, until {day}. If you did not expect it, you need not do anything.",
                 day=day(link.expires_at)),
        ])  # fmt: skip
    send(settings, link.account.mail, subject, body)


@open_to_all("it goes to the address that the operator has set")
def send_head(settings: Settings, to: str, head: Mapping[str, object], *, organisation: str, language: str) -> None:
    """Mail the day's signed head of the ledger (vault/heads.py). Raises Unavailable."""
    with speaking(language):
        subject = text(
            "Accord of {organisation}: head of the ledger {number}", organisation=organisation, number=head["seq"]
        )
        body = "\n\n".join([
            text("This is the newest head of the ledger. Keep this mail: with it one can tell later that nothing before it was rewritten."),
            "\n".join(f"{name} = {value}" for name, value in head.items()),
            text("To check a proof against it: python verify_proof.py PROOF --fingerprint … --head …"),
        ])  # fmt: skip
    if not is_set(settings):
        raise Unavailable(say("No mail server is set (mail.host), so the head of the day can't be mailed."))
    send(settings, to, subject, body)


@open_to_all("what is said to whom is decided by those who have asked")
def send(settings: Settings, to: str, subject: str, body: str) -> None:
    """Send a mail. Raises Unavailable."""
    host, port = settings.text("mail.host"), settings.count("mail.port")
    sender = settings.text("mail.sender") or settings.text("mail.user")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2] or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body + "\n")
    security = settings.text("mail.security")
    try:
        trust = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=trust)
            if security == "tls"
            else smtplib.SMTP(host, port, timeout=PATIENCE)
        ) as server:
            if security == "starttls":
                server.starttls(context=trust)
            if settings.text("mail.user"):
                server.login(settings.text("mail.user"), settings.text("mail.password"))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(
            say("The mail to {mail} could not be sent: {reason}", mail=to, reason=_reason(error))
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return f"{error.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
    return str(error)
