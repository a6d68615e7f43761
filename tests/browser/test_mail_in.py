"""A mail is dropped on the screen; its attachments stand beside it."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import accessible, calm, picture

pytestmark = pytest.mark.browser


def test_a_mail_that_is_dropped_becomes_documents_beside_each_other(open_as, project):
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Prices", "ana@example.com", "ben@example.com"
    mail.set_content("As agreed.")
    mail.add_attachment(b"4711 per gate", maintype="text", subtype="plain", filename="price list.txt")
    mail.add_attachment(b"", maintype="text", subtype="plain", filename="empty.txt")
    page = open_as("manager", "/documents")
    page.locator("input[type=file]").first.set_input_files(
        [{"name": "Prices.eml", "mimeType": "message/rfc822", "buffer": mail.as_bytes()}]
    )
    page.get_by_label("Class of Prices.eml").select_option(label="Progress")
    page.get_by_role("button", name="Send 1").click()
    expect(page.get_by_text("price list.txt is DOC-02.")).to_be_visible()
    picture(page, "mail-in")
    page.get_by_role("link", name="Prices", exact=True).first.click()
    calm(page)
    page.get_by_role("link", name="DOC-02 price list").click()
    expect(page.get_by_role("heading", name="price list")).to_be_visible()
    expect(page.get_by_text("Came with")).to_be_visible()
    calm(page)
    picture(page, "mail-in-attachment")
    accessible(page)
    page.get_by_role("link", name="DOC-01 Prices").click()
    expect(page.get_by_role("heading", name="Prices", exact=True)).to_be_visible()
