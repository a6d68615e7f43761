"""The clearance that a class asks for at least: what is filed already follows when it is raised.

Of two instructions about a clearance the higher one holds, whichever came first: the class's and whoever
files or classifies a document (vault/documents.py), and two downgrades for one day (vault/downgrades.py).
A least clearance that is lowered or lifted lowers nothing: what a document is, somebody has to change.
"""

from __future__ import annotations

from core import db
from core.access import CLEARANCES, clearance_name
from core.language import say
from vault import planned
from vault.documents import Document


def raise_documents(tx: db.Transaction, class_id: str, least: str) -> list[Document]:
    """Give `least` to the documents of a class that are below it, in every project, the trash included."""
    below = CLEARANCES[: CLEARANCES.index(least)]
    raised = []
    for found in tx.all_of(
        Document, f"WHERE class_id = ? AND clearance IN ({db.marks(below)})", [class_id, *below]
    ) if below else []:  # fmt: skip
        reason = say("Its class asks for {clearance} at least.", clearance=clearance_name(least)).text()
        raised.append(tx.update(found, action="reclassified", about={"note": reason}, clearance=least))
        planned.overtaken(tx, found.id, found.clearance, least)
    return raised
