"""The box that takes files: for new documents, or for the next version of one."""

from __future__ import annotations

from core import access
from core.language import text as _
from pages.documents_view import readable_for, who_reads
from pages.kit import parts
from pages.kit.here import Here
from pages.kit.uploader import uploader
from vault import class_rules, classes, documents, inspection, quota, rights
from vault.documents import Document

NO_LIMIT = 1 << 50  # bytes; while the vault is closed its own answer says so


def box(here: Here, document: Document | None = None, *, class_: str = "") -> None:
    """Draw it for those who may send files; `class_` is proposed for new ones."""
    if not here.may("document.write") or (document and not here.standing.cleared(document.clearance)):
        return  # what one reads by a grant, one adds nothing to
    own = here.standing.clearances
    usual = document.clearance if document else "public" if here.standing.role == "client" else "internal"
    usual = usual if usual in own else own[-1]
    offered = (usual,) if document else own
    limit = documents.vault().limit if documents.is_open() else NO_LIMIT
    for sentence in quota.nearly(here.actor, here.project.id):
        parts.note(sentence.text())
    uploader(
        key=f"uploader-{document.id}" if document else "uploader",
        project=here.project.id,
        classes=classes.names(),
        clearances={c: access.clearance_name(c).text() for c in offered},
        readers=_readers(here, document),
        least={key: {"clearance": level, "words": least_words(level)} for key, level in class_rules.least().items()},
        order=access.CLEARANCES,
        usual=usual,
        limit=limit,
        too_large=inspection.too_large(limit).message.text(),
        document=document.id if document else None,
        class_=document.class_id if document else class_,
        on_stored=lambda: None,
    )


def least_words(clearance: str) -> str:
    """What a class asks for at least, before something is filed in it."""
    return _("The class asks for {clearance} at least, so that is what it gets.",
             clearance=access.clearance_name(clearance).text())  # fmt: skip


def _readers(here: Here, document: Document | None) -> dict[str, str]:
    """Who will read what is sent: by clearance, and by class and clearance where a rule names the class."""
    if document:
        return {document.clearance: who_reads(here, document.clearance, document=document)}
    return {
        f"{class_}/{clearance}" if class_ else clearance: readable_for(found)
        for (class_, clearance), found in rights.audiences(here.actor, here.project.id).items()
    }
