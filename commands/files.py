"""Files into the vault and out of it, and what is found and told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from commands.asked import Answer, Asked, cell, file_to_be, opened, project_of_document, write


def put(asked: Asked) -> Answer:
    """Store files as documents, or as next versions of one."""
    from core.errors import AccordError

    project, items = asked.project, list[dict[str, Any]]()
    for name in asked["files"]:
        try:
            items.append(_put(asked, project, name))
        except AccordError as error:
            # What was stored before it stands and has to be told.
            if not items:
                raise
            items.append(_refused(name, error.kind, str(error)))
    lines = [
        f"{one['file']}: {one['outcome']}"
        + (f" {one['document']} v{one['version']}" if one["document"] else "")
        + "".join(f"\n  {reason['message']}" for reason in one["reasons"])
        for one in items
    ]
    return Answer({"items": items}, "\n".join(lines), ok=all(one["outcome"] != "refused" for one in items))


def _put(asked: Asked, project: str, name: str) -> dict[str, Any]:
    from vault import documents
    from vault.documents import FileRefused

    known = documents.get(asked.actor, project, asked["document"]) if asked["document"] else None
    with opened(asked.path(name)) as source:
        try:
            stored = documents.put(
                asked.actor, project, source, file_name=Path(name).name, title=asked["title"],
                class_=known.class_id if known else asked["class"], clearance=asked["clearance"],
                document=known.id if known else None, note=asked["note"],
            )  # fmt: skip
        except FileRefused as error:
            return _refused(name, error.reason.code, error.reason.message.text())
    return {
        "file": name, "outcome": stored.outcome, "document": stored.document, "version": stored.version,
        "sha256": stored.sha256, "size": stored.size,
        "reasons": [{"code": r.code, "message": r.message.text()} for r in stored.reasons],
    }  # fmt: skip


def _refused(name: str, code: str, message: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("document", "version", "sha256", "size"))
    return {"file": name, "outcome": "refused", **nothing, "reasons": [{"code": code, "message": message}]}


def get(asked: Asked) -> Answer:
    """Fetch a version; the file stands whole under its name or not at all."""
    from vault import documents

    project = project_of_document(asked)
    out = file_to_be(asked)
    found = documents.fetch(asked.actor, project, asked["document"], asked["version"])
    write(out, found.chunks)
    return Answer(
        {"document": found.document, "version": found.version, "sha256": found.sha256, "size": found.size},
        f"{out}: v{found.version}, {found.size} B, sha256 {found.sha256}",
    )


def redline(asked: Asked) -> Answer:
    """Write what changed between two versions as a Word file with tracked changes."""
    from core.errors import Invalid
    from core.language import say, text
    from vault import documents
    from vault import redline as redlines

    old, new = redlines.named(asked["old"]), redlines.named(asked["new"])
    if asked["project"]:
        project = asked.project
    else:
        project = documents.project_of(asked.actor, old[0])
        if documents.project_of(asked.actor, new[0]) != project:
            raise Invalid(say("The two documents belong to different projects."))
    out = file_to_be(asked)
    found = redlines.tracked(asked.actor, project, old, new)
    write(out, [found.content])
    counts, notes = found.counts, [note.text() for note in found.notes]
    lines = [
        text("{file}: {insertions} inserted, {deletions} deleted, {moved} moved.", file=str(out),
             insertions=counts.insertions, deletions=counts.deletions, moved=counts.moved),
        *notes,
    ]  # fmt: skip
    data = {"insertions": counts.insertions, "deletions": counts.deletions, "moved": counts.moved, "notes": notes}
    return Answer(data, "\n".join(lines))


def template_new(asked: Asked) -> Answer:
    """Write the template of a class, filled from the project."""
    from vault import templates

    project, out = asked.project, file_to_be(asked)
    made = templates.make(
        asked.actor,
        project,
        asked["class"],
        title=asked["title"],
        clearance=asked["clearance"],
        spoken=asked["language"],
    )
    write(out, iter([made.content]))
    data = {"file": str(out), "class": made.class_id, "title": made.title, "clearance": made.clearance,
            "size": len(made.content)}  # fmt: skip
    return Answer(data, f"{out}: {made.title}, {len(made.content)} B")


def completeness(asked: Asked) -> Answer:
    """What documents still lack, and which documents the phases need."""
    from vault import completeness as complete
    from vault import documents, phases

    project = asked.project
    found = complete.listed(asked.actor, project)
    papers = [one.document for one in documents.listed(asked.actor, project, sort="code") if one.document.id in found]
    items: list[dict[str, Any]] = [
        {
            "document": paper.id, "code": paper.code, "title": paper.title, "class": paper.class_id,
            "version": found[paper.id].version, "percent": found[paper.id].percent,
            "missing": [one.message.text() for one in found[paper.id].findings],
            "findings": [
                {"kind": one.kind, "what": one.what, "place": one.place.text() if one.place else None, "count": one.count}
                for one in found[paper.id].findings
            ],
        }
        for paper in papers
    ]  # fmt: skip
    required = [
        {
            "phase": one.phase.code if one.phase.code in phases.NAMES else one.phase.name, "class": one.need.class_id,
            "state": one.need.state, "present": one.present, "approved": one.approved, "due": one.due,
            "title": one.title, "document": one.document.id if one.document else None, "lacks": one.lacks or None,
        }
        for one in phases.standings(asked.actor, project)
    ]  # fmt: skip
    lines = [
        f"{item['code']}  {item['percent']} %  {item['title']}" + "".join(f"\n  {m}" for m in item["missing"])
        for item in items
    ]
    lines += [f"{one['phase']}: {one['title']}  {one['lacks'] or '+'}  {cell(one['due'])}" for one in required]
    return Answer({"documents": items, "required": required}, "\n".join(lines))


def search(asked: Asked) -> Answer:
    """The documents that hold the words, as far as they exist for the one who asks."""
    from vault import search as searching
    from vault import search_index

    project = asked.project
    searching.find(asked.actor, project, "")  # who may not ask shall not have the index made
    search_index.settle()
    found = searching.find(asked.actor, project, " ".join(asked["words"]), limit=asked["limit"] or searching.PAGE)
    items = [
        {
            "document": hit.item.document.id, "version": hit.item.version.number, "title": hit.item.document.title,
            "snippet": "".join(piece for piece, _marked in hit.snippet),
        }
        for hit in found.hits
    ]  # fmt: skip
    lines = [f"{hit.item.document.code}  {one['title']}\n    {one['snippet']}".rstrip()
             for hit, one in zip(found.hits, items, strict=True)]  # fmt: skip
    return Answer(
        {"items": items, "total": found.total}, "\n".join([*(str(remark) for remark in found.remarks), *lines])
    )


def index_rebuild(asked: Asked) -> Answer:
    """Read every document anew for the search."""
    from core.language import text
    from vault import search_index

    def progress(done: int, count: int) -> None:
        if done % 10 == 0 or done == count:
            asked.tell(text("{done} of {count} read", done=done, count=count) + "\n")

    found = search_index.rebuild(asked.actor, progress)
    return Answer(
        {
            "documents": found.documents, "with_text": found.with_text, "characters": found.characters,
            "seconds": round(found.seconds, 3),
        },
        text("{documents} documents read, {with_text} of them with text.", documents=found.documents,
             with_text=found.with_text),
    )  # fmt: skip
