"""The phases of a project, and which documents each needs, in what state, by when.

Seven phases ship with the documents they usually need; they become rows of a project when somebody
changes one. A need is met by a document of its class in the state asked for, with nothing lacking
(vault/completeness.py), as far as documents exist for the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core import access, comments, db, projects
from core.access import Actor, in_project, open_to_all
from core.errors import Conflict, Invalid, NotFound
from core.ids import new_id
from core.language import Message, say
from core.rows import entity
from vault import classes, completeness, documents, metadata
from vault.class_rules import RESPONSIBLE
from vault.completeness import Completeness
from vault.documents import Document, Listed

NAMES: dict[str, Message] = {
    "initiation": say("Initiation"),
    "requirements": say("Requirements"),
    "design": say("Design"),
    "build": say("Build"),
    "test": say("Test"),
    "delivery": say("Delivery"),
    "closing": say("Closing"),
}
NEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    "initiation": (("plan", "approved"),),
    "requirements": (("requirements", "approved"),),
    "design": (("design", "approved"),),
    "build": (("progress", "draft"),),
    "test": (("test", "approved"),),
    "delivery": (("progress", "draft"),),
    "closing": (("summary", "approved"),),
}
"""Shipped phase -> the classes it usually needs, each with the state."""

STATES = ("draft", "in_review", "approved")
"""What can be asked of a document, the least first; what was withdrawn or superseded is not there."""


@entity("phase")
@dataclass(frozen=True)
class Phase:
    """A stretch of a project. `code` is a shipped one's, `name` empty for its word; `gated`: see `close`."""

    id: str
    project_id: str
    code: str
    name: str
    position: int
    begins: date | None
    ends: date | None
    gated: bool
    closed_at: datetime | None
    archived: bool
    created_at: datetime
    revision: int

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.name or (NAMES[self.code].text() if self.code in NAMES else self.code)


@entity("phase_document")
@dataclass(frozen=True)
class Need:
    """A document that a phase needs; without a title any of the class, without a day by the phase's end."""

    id: str
    project_id: str
    phase_id: str
    class_id: str
    title: str
    state: str
    due: date | None
    created_at: datetime
    revision: int


@dataclass(frozen=True)
class Standing:
    """How far a need is met. `lacks` is empty when it is, else missing, state or content."""

    phase: Phase
    need: Need
    class_name: str
    document: Document | None
    complete: Completeness | None
    responsible: str
    due: date | None
    lacks: str

    @property
    def title(self) -> str:
        """The document's title, else what is asked for."""
        return self.document.title if self.document else self.need.title or self.class_name

    @property
    def present(self) -> bool:
        """Whether there is such a document."""
        return self.document is not None

    @property
    def approved(self) -> bool:
        """Whether its current version is approved."""
        return self.document is not None and self.document.state == "approved"

    def overdue(self, today: date) -> bool:
        """Whether it should be there by now and is not."""
        return bool(self.lacks and self.due and self.due < today)

    @property
    def message(self) -> Message:
        """What is lacking, in a sentence."""
        if self.lacks == "missing":
            return say("{title} is missing", title=self.title)
        if self.lacks == "state":
            return (
                say("{title} lacks approval", title=self.title)
                if self.need.state == "approved"
                else say("{title} is not in review", title=self.title)
            )
        if self.lacks == "content":
            return say("{title} is not complete", title=self.title)
        return say("{title} is there", title=self.title)


@dataclass(frozen=True)
class Figure:
    """How far the documents are that were needed until now: in percent, and what is lacking first."""

    percent: int
    first: Standing | None


@dataclass(frozen=True)
class Pending:
    """What is still needed now: the phase that is under way, the one that begins next, and what is lacking."""

    phase: Phase | None
    following: Phase | None
    lacking: tuple[Standing, ...]


@in_project("document.read")
def listed(actor: Actor, project: str) -> list[Phase]:
    """The phases in their order; the shipped ones until somebody changes one."""
    return _phases(project) or _shipped(project)


@in_project("document.read")
def standings(actor: Actor, project: str, *, patience: float | None = None) -> list[Standing]:
    """Every need with how far it is met, phase by phase. `patience` as in completeness.listed."""
    phases = listed(actor, project)
    needs = _needs(project) if _phases(project) else _shipped_needs(project)
    visible = [item for item in documents.listed(actor, project, sort="code") if item.document.state in STATES]
    order = {phase.id: place for place, phase in enumerate(phases)}
    needs = sorted((n for n in needs if n.phase_id in order), key=lambda n: (order[n.phase_id], n.created_at, n.id))
    met = _assigned(needs, visible)
    found = completeness.listed(actor, project, list(met.values()), patience=patience)
    responsible = _responsible(actor, project, list(met.values()))
    names = classes.names()
    return [
        _standing(phases[order[n.phase_id]], n, names.get(n.class_id, n.class_id), met.get(n.id), found, responsible)
        for n in needs
    ]


@in_project("document.read")
def pending(actor: Actor, project: str, today: date, *, patience: float | None = None) -> Pending:
    """What has to be there before the next phase begins: all that is lacking in phases that have begun."""
    return _pending(listed(actor, project), standings(actor, project, patience=patience), today)


@in_project("document.read")
def figure(actor: Actor, project: str, today: date, *, patience: float | None = None) -> Figure:
    """The documents needed until now, as one number."""
    every = standings(actor, project, patience=patience)
    found = _pending(listed(actor, project), every, today)
    counted = [one for one in every if found.phase is None or one.phase.position <= found.phase.position]
    met = sum(1 for one in counted if not one.lacks)
    return Figure(met * 100 // len(counted) if counted else 100, found.lacking[0] if found.lacking else None)


@in_project("phase.edit")
def add(actor: Actor, project: str, name: str) -> Phase:
    """Add a phase at the end. Raises Invalid without a name, Conflict when it is taken."""
    with db.write(actor) as tx:
        phases = _stand(tx, project)
        _check_name(phases, name)
        fresh = new_id()
        return tx.insert(
            Phase(fresh, project, fresh, name.strip(), len(phases) + 1, None, None, False, None, False, tx.at, 1)
        )


@in_project("phase.edit")
def change(
    actor: Actor, project: str, phase: str, *, revision: int, name: str, begins: date | None, ends: date | None,
    gated: bool, at: datetime | None = None,
) -> Phase:  # fmt: skip
    """Rename a phase, date it, set its gate. Raises Invalid, Conflict for a name that is taken, Stale, NotFound."""
    with db.write(actor, at=at) as tx:
        phases = _stand(tx, project)
        found = _named(phases, phase)
        if begins and ends and ends < begins:
            raise Invalid(say("A phase ends after it begins."), field="ends")
        name = "" if found.code in NAMES and name.strip() == NAMES[found.code].text() else name.strip()
        if name or found.code not in NAMES:
            _check_name([one for one in phases if one.id != found.id], name)
        return tx.update(found, revision=revision, name=name, begins=begins, ends=ends, gated=gated)


@in_project("phase.edit")
def move(actor: Actor, project: str, phase: str, *, position: int) -> list[Phase]:
    """Put a phase at a place (1 is the first); the others make room."""
    with db.write(actor) as tx:
        phases = _stand(tx, project)
        found = _named(phases, phase)
        rest = [one for one in phases if one.id != found.id]
        rest.insert(min(max(position, 1), len(phases)) - 1, found)
        return [tx.update(one, position=place) for place, one in enumerate(rest, 1)]


@in_project("phase.edit")
def remove(actor: Actor, project: str, phase: str, *, revision: int) -> None:
    """Take a phase out; what it needed is needed no more. Raises Conflict for the last one, Stale, NotFound."""
    with db.write(actor) as tx:
        phases = _stand(tx, project)
        found = _named(phases, phase)
        if len(phases) == 1:
            raise Conflict(say("A project has one phase at least."))
        tx.update(found, revision=revision, archived=True)
        for need in tx.all_of(Need, "WHERE phase_id = ?", [found.id]):
            tx.delete(need)


@in_project("phase.edit")
def need(
    actor: Actor, project: str, phase: str, class_: str, *,
    state: str = "approved", title: str = "", due: date | None = None, at: datetime | None = None,
) -> Need:  # fmt: skip
    """Say that a phase needs a document. Raises Invalid for a class or state that there is not, NotFound."""
    class_id = classes.named(class_)
    _check_state(state)
    with db.write(actor, at=at) as tx:
        found = _named(_stand(tx, project), phase)
        return tx.insert(Need(new_id(), project, found.id, class_id, title.strip(), state, due, tx.at, 1))


@in_project("phase.edit")
def change_need(
    actor: Actor, project: str, need_id: str, *,
    revision: int, state: str, title: str, due: date | None, at: datetime | None = None,
) -> Need:  # fmt: skip
    """Ask for another state, title or day. Raises Invalid, Stale, NotFound."""
    _check_state(state)
    with db.write(actor, at=at) as tx:
        _stand(tx, project)
        return tx.update(_need(tx, project, need_id), revision=revision, state=state, title=title.strip(), due=due)


@in_project("phase.edit")
def unneed(actor: Actor, project: str, need_id: str) -> None:
    """Need it no more. Raises NotFound."""
    with db.write(actor) as tx:
        _stand(tx, project)
        tx.delete(_need(tx, project, need_id))


@in_project("phase.edit")
def close(actor: Actor, project: str, phase: str, *, at: datetime | None = None) -> Phase:
    """Close a phase. Raises Conflict naming what is lacking when it is gated and its documents are not there."""
    found = _named(listed(actor, project), phase)
    if found.gated:
        lacking = [one for one in standings(actor, project) if one.phase.code == found.code and one.lacks]
        if lacking:
            raise Conflict(
                say("“{phase}” can't be closed yet: {lacking}.", phase=found.title,
                    lacking="; ".join(one.message.text() for one in lacking))
            )  # fmt: skip
    with db.write(actor, at=at) as tx:
        # The revision: whoever set the gate or closed it meanwhile is not passed over.
        current = _named(_stand(tx, project), phase)
        if current.gated != found.gated:
            raise Conflict(say("The gate of “{phase}” was changed meanwhile. Look again.", phase=found.title))
        if current.closed_at:
            return current
        return tx.update(current, action="closed", closed_at=tx.at)


@in_project("phase.edit")
def reopen(actor: Actor, project: str, phase: str) -> Phase:
    """Open a closed phase again."""
    with db.write(actor) as tx:
        return tx.update(_named(_stand(tx, project), phase), action="reopened", closed_at=None)


@in_project("comment.write")
def remind(actor: Actor, project: str, document: str) -> str:
    """Mention whoever is responsible for a document in a comment to it; their name. Raises NotFound, Conflict."""
    found = documents.get(actor, project, document)
    one = next((s for s in standings(actor, project) if s.document and s.document.id == found.id and s.lacks), None)
    if one is None:
        raise Conflict(say("{code} lacks nothing that a phase needs.", code=found.code))
    members = {member.name: member for member in projects.members(actor, project) if member.active}
    if one.responsible not in members:
        raise Conflict(say("Nobody of the project is responsible for {code}. Name somebody first.", code=found.code))
    asked = say("@{name} {phase} needs this: {what}.", name=one.responsible, phase=one.phase.title, what=one.message)
    client = members[one.responsible].role == "client"
    internal = not client and access.may(actor, "note.write", project)
    comments.add(actor, project, found.id, asked.text(projects.get(actor, project).language), internal=internal)
    return one.responsible


@open_to_all("the words of states tell nothing of any project")
def state_name(state: str) -> Message:
    """A state that can be asked for, as a word."""
    return {"draft": say("draft"), "in_review": say("in review"), "approved": say("approved")}[state]


def _pending(phases: Sequence[Phase], every: Sequence[Standing], today: date) -> Pending:
    open_ = [phase for phase in phases if not phase.closed_at]
    begun = [phase for phase in open_ if phase.begins and phase.begins <= today]
    current = begun[-1] if begun else (open_[0] if open_ else None)
    if current is None:
        return Pending(None, None, ())
    following = next((phase for phase in open_ if phase.position > current.position), None)
    lacking = [one for one in every if one.lacks and not one.phase.closed_at and one.phase.position <= current.position]
    lacking.sort(key=lambda one: (one.due or date.max, one.phase.position))
    return Pending(current, following, tuple(lacking))


def _standing(
    phase: Phase, need_: Need, name: str, item: Listed | None, found: dict[str, Completeness], responsible: dict[str, str]
) -> Standing:  # fmt: skip
    due = need_.due or phase.ends
    if item is None:
        return Standing(phase, need_, name, None, None, "", due, "missing")
    document, complete = item.document, found.get(item.document.id)
    lacks = ""
    if STATES.index(document.state) < STATES.index(need_.state):
        lacks = "state"
    # Incomplete comes first: what still lacks sections is not sent to review.
    if complete and not complete.complete:
        lacks = "content"
    return Standing(phase, need_, name, document, complete, responsible.get(document.id, ""), due, lacks)


def _assigned(needs: Sequence[Need], visible: Sequence[Listed]) -> dict[str, Listed]:
    """Need -> the document that meets it best: one of its title first; a document meets one need of a class."""
    found: dict[str, Listed] = {}
    free = list(visible)
    for exact in (True, False):
        for one in needs:
            if one.id in found or (one.title and not exact):
                continue
            fitting = [
                item for item in free
                if item.document.class_id == one.class_id
                and (not exact or (one.title and one.title.casefold() == item.document.title.casefold()))
            ]  # fmt: skip
            if fitting:
                best = max(fitting, key=lambda item: (STATES.index(item.document.state), -item.document.number))
                found[one.id] = best
                free.remove(best)
    return found


def _responsible(actor: Actor, project: str, items: Sequence[Listed]) -> dict[str, str]:
    """Document -> who is responsible, else who brought its current version."""
    people = {member.account_id: member.name for member in projects.members(actor, project)}
    entries = metadata.entries_of([item.document.id for item in items])
    return {
        item.document.id: people.get(
            entries.get(item.document.id, {}).get(RESPONSIBLE.key, ""), item.version.author_name
        )
        for item in items
    }


def _phases(project: str) -> list[Phase]:
    return db.all_of(Phase, "WHERE project_id = ? AND NOT archived ORDER BY position, created_at", [project])


def _needs(project: str) -> list[Need]:
    return db.all_of(Need, "WHERE project_id = ?", [project])


def _begun(project: str) -> datetime:
    """When the project was made: as old are the phases that nobody has written down."""
    found: datetime = db.value("SELECT created_at FROM project WHERE id = ?", [project])
    return found


def _shipped(project: str) -> list[Phase]:
    moment = _begun(project)
    return [
        Phase(code, project, code, "", place, None, None, False, None, False, moment, 1)
        for place, code in enumerate(NAMES, 1)
    ]


def _shipped_needs(project: str) -> list[Need]:
    moment = _begun(project)
    return [
        Need(f"{code}:{class_id}", project, code, class_id, "", state, None, moment, 1)
        for code, some in NEEDS.items()
        for class_id, state in some
    ]


def _stand(tx: db.Transaction, project: str) -> list[Phase]:
    """The phases as rows; the shipped ones are written down when there are none."""
    where = "WHERE project_id = ? AND NOT archived ORDER BY position, created_at"
    found = tx.all_of(Phase, where, [project])
    if found:
        return found
    for code in NAMES:
        phase = tx.insert(
            Phase(new_id(), project, code, "", list(NAMES).index(code) + 1, None, None, False, None, False, tx.at, 1)
        )
        for class_id, state in NEEDS[code]:
            tx.insert(Need(new_id(), project, phase.id, class_id, "", state, None, tx.at, 1))
    return tx.all_of(Phase, where, [project])


def _named(phases: Sequence[Phase], phase: str) -> Phase:
    for one in phases:
        if phase in (one.id, one.code):
            return one
    raise NotFound(say("There is no such phase."))


def _need(tx: db.Transaction, project: str, need_id: str) -> Need:
    """A need by its id; of a shipped one also `test:test`, which a screen may have shown before there were rows."""
    code, _, class_id = need_id.partition(":")
    found = tx.all_of(
        Need,
        """
        WHERE project_id = ? AND (id = ? OR (class_id = ? AND phase_id IN (
            SELECT id FROM phase WHERE project_id = ? AND code = ? AND NOT archived
        )))
        ORDER BY created_at
        """,
        [project, need_id, class_id, project, code],
    )
    if not found:
        raise NotFound(say("This does not exist (any more)."))
    return found[0]


def _check_name(others: Sequence[Phase], name: str) -> None:
    if not name.strip():
        raise Invalid(say("A phase needs a name."), field="name")
    if name.strip().casefold() in {one.title.casefold() for one in others}:
        raise Conflict(say("There is a phase “{name}” already.", name=name.strip()))


def _check_state(state: str) -> None:
    if state not in STATES:
        raise Invalid(say("A document can be asked for as draft, in_review or approved."), field="state")
