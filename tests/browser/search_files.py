"""What the tests of the search arrange in the app."""

from __future__ import annotations

import io
import time

from core import accounts, comments, requirements
from core.requirements import Draft
from tests.browser.document_files import filed
from vault import documents, search_index

TIDE = (
    "# Scope\n\nThe gates of the harbour line stand open between two tides.\n\n"
    "# Timing\n\nThe barrier answers within two seconds, or the keeper is called. {more}"
)


def shelf(project: str, mail: str) -> list[str]:
    """Documents in both languages, of several classes and clearances, read to the end; their ids."""
    ids = filed(
        project, mail,
        [
            {"name": "Gate design.md", "class_": "design", "clearance": "public", "text": TIDE.format(more="")},
            {"name": "Barrier test plan.md", "class_": "test", "text": "# Cases\n\nRaise and lower a thousand times."},
            {"name": "Price of the barrier.txt", "class_": "plan", "clearance": "restricted", "text": "barrier: 12 000"},
            {"name": "需求变更流程.md", "class_": "requirements", "clearance": "public",
             "text": "# 变更\n\n需求变更须经客户书面确认，方可进入设计阶段。闸门的需求变更由项目经理登记。"},
        ],
    )  # fmt: skip
    actor = accounts.by_mail(mail).actor
    requirements.create(actor, project, Draft(title="The barrier opens by itself"))
    comments.add(actor, project, ids[0], "The keeper wants a lantern on it", internal=True)
    settled(ids)
    return ids


def settled(ids: list[str]) -> None:
    """Wait until these are read; other tests leave documents in the shared server that have no content."""
    search_index.index().follow()
    until = time.monotonic() + 60
    while set(ids) & set(search_index.index().unread()) and time.monotonic() < until:
        time.sleep(0.05)


def hide(project: str, mail: str, document: str) -> None:
    """Make a document confidential."""
    actor = accounts.by_mail(mail).actor
    found = documents.get(actor, project, document)
    documents.reclassify(actor, project, document, revision=found.revision, clearance="confidential", reason="prices")


def scan(project: str, mail: str) -> None:
    """A picture, read to the end."""
    content = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(100))
    stored = documents.put(accounts.by_mail(mail).actor, project, content, file_name="scan.png", class_="test")
    settled([stored.document])
