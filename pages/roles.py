"""The table of roles and permissions, as the program uses it."""

from __future__ import annotations

from html import escape

from core import access
from core.access import CLEARANCES, MEANINGS, PERMISSIONS, ROLE_MEANINGS, ROLES
from core.language import text as _
from pages.kit import here, parts

ORGANISATION = ("account.", "client.", "project.create", "ledger.")


def table(names: list[str]) -> None:
    """Each permission in words, and a mark for each role that holds it."""
    mark, none = f'<b class="ac-yes" role="img" aria-label="{escape(_("yes"))}">✓</b>', ""
    parts.table(
        [_("May"), *(access.role_name(role).text() for role in ROLES)],
        [
            [
                f"{escape(MEANINGS[name].text())} <code>{name}</code>",
                *(mark if role in PERMISSIONS[name] else none for role in ROLES),
            ]
            for name in names
        ],
    )


here.person_here()
with parts.head(_("Roles"), _("Who may do what. This table is the one that is asked at every click.")):
    pass
with parts.panel(
    "project", _("In a project"), _("Everybody has one role and one clearance in each of their projects.")
):
    table([name for name in PERMISSIONS if not name.startswith(ORGANISATION)])
with parts.panel("organisation", _("In the organisation"), _("Administrators also hold their role in every project.")):
    table([name for name in PERMISSIONS if name.startswith(ORGANISATION)])
with parts.panel("roles", _("What the roles are meant for")):
    parts.table(
        [_("Role"), ""],
        [[f"<b>{escape(access.role_name(role).text())}</b>", escape(ROLE_MEANINGS[role].text())] for role in ROLES],
    )
with parts.panel("clearances", _("Clearance")):
    parts.table(
        [_("Clearance"), _("Reads")],
        [
            [parts.lock(name), " ".join(parts.lock(lower) for lower in CLEARANCES[: rank + 1])]
            for rank, name in enumerate(CLEARANCES)
        ],
    )
    parts.note(
        _("What is above somebody's clearance does not exist for them: not in lists, counts or search."),
        _("Nobody gives a clearance above their own."),
    )
