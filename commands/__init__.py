"""What `accord …` can do: a thin mirror of the domain, one function a command (docs/cli.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from commands import documents, files, projects, risks, vault
from commands.asked import Answer, Asked


@dataclass(frozen=True)
class Command:
    """What does a command, whether it needs the store (`setup` only with --sample), and whether a data folder
    has to stand already.
    """

    run: Callable[[Asked], Answer]
    store: bool = False
    standing: bool = False


COMMANDS = {
    "setup": Command(projects.setup),
    "user add": Command(projects.user_add),
    "member add": Command(projects.member_add, standing=True),
    "client add": Command(projects.client_add),
    "project add": Command(projects.project_add),
    "import trello": Command(projects.import_trello, standing=True),
    "import undo": Command(projects.import_undo, standing=True),
    "list requirements": Command(projects.list_requirements, standing=True),
    "list documents": Command(projects.list_documents, standing=True),
    "list risks": Command(risks.list_risks, standing=True),
    "list events": Command(projects.list_events, standing=True),
    "put": Command(files.put, store=True, standing=True),
    "get": Command(files.get, store=True, standing=True),
    "redline": Command(files.redline, store=True, standing=True),
    "search": Command(files.search, store=True, standing=True),
    "index rebuild": Command(files.index_rebuild, store=True, standing=True),
    "why": Command(documents.why, standing=True),
    "document classify": Command(documents.document_classify, standing=True),
    "document restore": Command(documents.document_restore, store=True, standing=True),
    "document discard": Command(documents.document_discard, standing=True),
    "document hold": Command(documents.document_hold, standing=True),
    "completeness": Command(files.completeness, store=True, standing=True),
    "template new": Command(files.template_new, standing=True),
    "verify": Command(vault.verify, store=True, standing=True),
    "proof": Command(vault.proof, standing=True),
    "keys show": Command(vault.keys_show, store=True, standing=True),
    "keys rotate": Command(vault.keys_rotate, store=True, standing=True),
    "keys sheet": Command(vault.keys_sheet, store=True, standing=True),
    "keys restore": Command(vault.keys_restore, standing=True),
    "vault move": Command(vault.vault_move, store=True, standing=True),
}

ON_A_FILE = {"risk simulate-model": risks.risk_simulate_model, "risk emv": risks.risk_emv}
"""Commands on a file alone."""
