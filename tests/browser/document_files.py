"""Documents arranged inside the app for browser tests."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

from core import accounts, comments, links, requirements
from core.requirements import Draft
from vault import documents, grants
from vault.documents import Vault
from vault.store import Store

_aside: list[Vault] = []


def filed(project: str, mail: str, files: list[dict[str, Any]]) -> list[str]:
    """Put files as the person; each is put()'s keywords with `name` and `text`. The ids of the documents."""
    actor = accounts.by_mail(mail).actor
    ids = []
    for file in files:
        name = file.pop("name")
        content = io.BytesIO(file.pop("text", name).encode())
        ids.append(documents.put(actor, project, content, file_name=name, **{"class_": "design"} | file).document)
    return ids


def many(project: str, mail: str, count: int) -> None:
    """`count` small documents in several classes and clearances."""
    kinds = ("requirements", "design", "test", "plan", "progress", "summary")
    levels = ("public", "internal", "confidential")
    files = [
        {"name": f"Report {n:03}.txt", "class_": kinds[n % 6], "clearance": levels[n % 3], "text": f"Report {n}"}
        for n in range(count)
    ]
    filed(project, mail, files)


def reclassified(project: str, mail: str, document: str, changes: dict[str, str]) -> None:
    """Change a document as somebody else would meanwhile."""
    actor = accounts.by_mail(mail).actor
    found = documents.get(actor, project, document)
    documents.reclassify(actor, project, found.id, revision=found.revision, **{"reason": "as agreed"} | changes)


def requirement(project: str, mail: str, title: str) -> str:
    """A requirement; its code."""
    return requirements.create(accounts.by_mail(mail).actor, project, Draft(title=title)).code


def said_to(project: str, mail: str, document: str) -> list[str]:
    """What was said to a document."""
    return [comment.text for comment in comments.listed(accounts.by_mail(mail).actor, project, document)]


def linked_with(project: str, mail: str, document: str) -> list[str]:
    """The codes of the requirements that a document is linked with."""
    return [link.code for link in links.links(accounts.by_mail(mail).actor, project, document)]


def store_gone() -> None:
    """Put a store in the vault's place at whose address nobody answers."""
    held = documents.vault()
    _aside.append(held)
    nobody = Store(endpoint="http://127.0.0.1:9", access_key="a", secret_key="b", bucket="accord", region="us-east-1")
    documents.attach(dataclasses.replace(held, store=nobody))


def store_back() -> None:
    """Undo `store_gone`."""
    documents.attach(_aside.pop())


def granted(project: str, mail: str, document: str, to: str, reason: str) -> None:
    """Grant a document to the account `to`."""
    grants.give(accounts.by_mail(mail).actor, project, document, account=to, kind="grant", reason=reason)
