"""Every kind of row of core/, in one place: what must be known before the ledger can be read whole."""

from __future__ import annotations

import importlib

MODULES = (
    "core.accounts",
    "core.checklists",
    "core.columns",
    "core.comments",
    "core.exchange.imports",
    "core.links",
    "core.projects",
    "core.invitations",
    "core.reading",
    "core.requirements",
    "core.risks.categories",
    "core.risks.register",
    "core.risks.responses",
    "core.risks.scales",
    "core.sessions",
    "core.views",
    "core.visits",
)
"""Modules that register rows. One that is forgotten is found: `accord verify` meets a table that it does not know."""


def load(further: tuple[str, ...] = ()) -> None:
    """Import them all, and `further` ones of layers above."""
    for module in (*MODULES, *further):
        importlib.import_module(module)
