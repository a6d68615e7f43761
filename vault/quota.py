"""How much a project and a person may keep: asked before an upload and after it.

What counts are the bytes of every version in clear, in the trash too, until it is disposed of. A file that
does not fit is refused in words and nothing of it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import db
from core.access import Actor, in_organisation, in_project
from core.db import Rows
from core.errors import Invalid, NotFound
from core.language import Message, number, say
from core.rows import entity
from vault.inspection import FileRefused, Reason

MEGABYTE = 1024 * 1024
MOST = 100_000_000  # megabytes
NEARLY = 0.8  # of a limit, from which it is said
KINDS = {"project": ("project", "project_id"), "person": ("account", "author_id")}
"""Kind -> the table of those who have a quota, and the column of a version that counts for them."""


@entity("quota")
@dataclass(frozen=True)
class Quota:
    """What a project or a person (`kind`; the id is theirs) may keep."""

    id: str
    kind: str
    megabytes: int
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Usage:
    """What somebody keeps, in bytes, and what they may; None is without a limit."""

    id: str
    kind: str
    name: str
    used: int
    most: int | None

    @property
    def share(self) -> float:
        """How full it is: 1.0 is full."""
        return self.used / self.most if self.most else 0.0


@in_organisation("quota.manage")
def limit(actor: Actor, kind: str, id_: str, megabytes: int | None) -> None:
    """Say how many megabytes a project or person may keep; None takes the limit away.

    What is there already stays, above a lower limit too. Raises NotFound, Invalid for a number that is none.
    """
    if kind not in KINDS:
        raise Invalid(say("A quota is for a project or a person."), field="kind")
    if megabytes is not None and not 1 <= megabytes <= MOST:
        raise Invalid(say("A quota is 1 MB or more."), field="megabytes")
    with db.write(actor) as tx:
        if not tx.value(f"SELECT COUNT(*) FROM {KINDS[kind][0]} WHERE id = ?", [id_]):
            raise NotFound(db.GONE)
        found = tx.all_of(Quota, "WHERE id = ?", [id_])
        about = {"project": id_} if kind == "project" else {}
        if megabytes is None:
            for one in found:
                tx.delete(one, action="limit lifted", **about)
        elif found:
            tx.update(found[0], action="limit changed", about=dict(about), megabytes=megabytes)
        else:
            tx.insert(Quota(id_, kind, megabytes, tx.at, 1), action="limit set", **about)


@in_organisation("quota.manage")
def usage(actor: Actor) -> list[Usage]:
    """What every project keeps and every person, the largest first."""
    found = []
    for kind, (table, column) in KINDS.items():
        found += [
            Usage(r["id"], kind, r["name"], int(r["used"]), None if r["most"] is None else r["most"] * MEGABYTE)
            for r in db.rows(
                f"""
                SELECT t.id, t.name, COALESCE(v.used, 0) AS used, q.megabytes AS most
                FROM {table} t
                LEFT JOIN (
                    SELECT {column} AS id, SUM(size) AS used
                    FROM document_version
                    WHERE wrapped_key <> ''
                    GROUP BY {column}
                ) v ON v.id = t.id
                LEFT JOIN quota q ON q.id = t.id
                ORDER BY used DESC, t.name
                """
            )
        ]
    return found


@in_project("document.write")
def nearly(actor: Actor, project: str) -> tuple[Message, ...]:
    """Which limits the actor's uploads into a project come near to: the project's, their own.

    How much the project keeps is not told in numbers: they would count what does not exist for the actor.
    """
    return tuple(_said(one) for one in _limits(db.rows, actor, project) if one.share >= NEARLY)


@in_project("document.write")
def look(actor: Actor, project: str, size: int) -> None:
    """See whether a file of this size would fit before its bytes are taken. Raises FileRefused."""
    require_room(db.rows, actor, project, size)


def require_room(rows: Rows, actor: Actor, project: str, size: int) -> None:
    """Raise FileRefused when `size` more bytes are above the project's limit or the person's."""
    for one in _limits(rows, actor, project):
        if one.most is not None and one.used + size > one.most:
            raise FileRefused(Reason(f"quota-{one.kind}", _full(one)))


def _said(one: Usage) -> Message:
    most = number((one.most or 0) / MEGABYTE, 0)
    if one.kind == "project":
        return say("The project's {most} MB are nearly used up.", most=most)
    return say("You keep {used} of your {most} MB.", used=number(one.used / MEGABYTE, 0), most=most)


def _full(one: Usage) -> Message:
    most = number((one.most or 0) / MEGABYTE, 0)
    if one.kind == "project":
        return say(
            "It does not fit into the project's {most} MB any more. Dispose of something, or ask an administrator for more.",
            most=most,
        )
    return say("It does not fit into your {most} MB any more. Ask an administrator for more.", most=most)


def _limits(rows: Rows, actor: Actor, project: str) -> list[Usage]:
    return [
        Usage(r["id"], r["kind"], "", int(r["used"]), int(r["megabytes"]) * MEGABYTE)
        for r in rows(
            """
            SELECT q.id, q.kind, q.megabytes, COALESCE(SUM(v.size), 0) AS used
            FROM quota q
            LEFT JOIN document_version v
              ON v.wrapped_key <> ''
             AND ((q.kind = 'project' AND v.project_id = q.id) OR (q.kind = 'person' AND v.author_id = q.id))
            WHERE q.id IN (?, ?)
            GROUP BY q.id, q.kind, q.megabytes
            ORDER BY q.kind
            """,
            [project, actor.id],
        )
    ]
