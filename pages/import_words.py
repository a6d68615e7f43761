"""Kinds and outcomes of an import as the reader's words."""

from __future__ import annotations

from core.language import text as _

OUTCOMES = ("created", "updated", "unchanged", "dropped")


def kind_name(kind: str) -> str:
    """A kind of thing on a Trello board."""
    return {
        "lists": _("Lists"), "cards": _("Cards"), "checklists": _("Checklists"),
        "checklist_items": _("Checklist items"), "comments": _("Comments"), "labels": _("Labels"),
        "members": _("Members"), "attachments": _("Attachments"), "moves": _("Moves"),
    }[kind]  # fmt: skip


def outcome_name(outcome: str) -> str:
    """What became of something that was read; one of OUTCOMES."""
    return {
        "created": _("Created"), "updated": _("Updated"), "unchanged": _("Unchanged"), "dropped": _("Dropped"),
    }[outcome]  # fmt: skip
