"""People, clients, projects and what stands in them."""

from __future__ import annotations

from commands.asked import Answer, Asked, listing, opened


def setup(asked: Asked) -> Answer:
    """Name the organisation and make its first administrator; with --sample also the sample engagement."""
    from core import setup as first
    from core.language import text

    if asked["sample"]:
        from vault import documents

        documents.vault()  # without the store nothing is begun
    account = first.setup(
        organisation=asked["organisation"], mail=asked["mail"], name=asked["name"], password=asked["password"],
        language=asked["language"],
    )  # fmt: skip
    if asked["sample"]:
        from vault.sample import engagement

        engagement.add(account.actor, language=account.language)
    return Answer({"account": account.id}, text("Accord is set up. {name} can sign in.", name=account.name))


def user_add(asked: Asked) -> Answer:
    """Add a person with a password."""
    from core import accounts, passwords
    from core.language import text

    passwords.check(asked["password"], about=[asked["mail"], asked["name"]])
    account = accounts.create(asked.actor, mail=asked["mail"], name=asked["name"])
    accounts.give_password(asked.actor, account.id, asked["password"])
    return Answer({"account": account.id}, text("{name} has an account.", name=account.name))


def member_add(asked: Asked) -> Answer:
    """Give a person a role in a project."""
    from core import accounts, projects
    from core.language import text

    project, account = asked.project, accounts.by_mail(asked["mail"])
    membership = projects.add_member(
        asked.actor, project, account=account.id, role=asked["role"], clearance=asked["clearance"]
    )
    return Answer(
        {"membership": membership.id},
        text("{name} belongs to {code}.", name=account.name, code=asked["project"].upper()),
    )


def client_add(asked: Asked) -> Answer:
    """Add a client."""
    from core import projects
    from core.language import text

    client = projects.add_client(asked.actor, name=asked["name"])
    return Answer({"client": client.id}, text("The client “{name}” is added.", name=client.name))


def project_add(asked: Asked) -> Answer:
    """Add a project."""
    from core import projects
    from core.language import text

    project = projects.add_project(asked.actor, code=asked["code"], name=asked["name"], client=asked["client"])
    return Answer(
        {"project": project.id, "code": project.code}, text("The project {code} is added.", code=project.code)
    )


def import_trello(asked: Asked) -> Answer:
    """Take a board's export in."""
    from core.exchange import trello
    from core.language import text

    path = asked.path(asked["file"])
    with opened(path) as source:
        data = source.read()
    found = trello.run(asked.actor, asked.project, data, file_name=path.name)
    counts = {"read": found.read, "created": found.created, "updated": found.updated, "unchanged": found.unchanged}
    dropped = [{"kind": n.kind, "id": n.id, "reason": n.reason.text()} for n in found.dropped]
    lines = [
        f"{kind:16} " + "  ".join(f"{name} {count.get(kind, 0)}" for name, count in counts.items())
        for kind in found.read
    ]
    lines += [f"- {one['kind']} {one['id']}: {one['reason']}" for one in dropped]
    lines.append(text("Undo it with: accord import undo {id}", id=found.id))
    return Answer({"import": found.id, **counts, "dropped": dropped}, "\n".join(lines))


def import_undo(asked: Asked) -> Answer:
    """Take an import back."""
    from core.exchange import imports

    found = imports.undo(asked.actor, imports.project_of(asked.actor, asked["import"]), asked["import"])
    kept = [{"kind": n.kind, "id": n.id, "reason": n.reason.text()} for n in found.kept]
    lines = [f"{kind:16} {count}" for kind, count in found.reversed.items()]
    lines += [f"- {one['kind']} {one['id']}: {one['reason']}" for one in kept]
    return Answer({"reversed": found.reversed, "kept": kept}, "\n".join(lines))


def list_requirements(asked: Asked) -> Answer:
    """The requirements that exist for the one who asks, column by column."""
    from core import board, columns
    from core.board import Filters

    project = asked.project
    names = columns.names(asked.actor, project)
    order = {state: place for place, state in enumerate(names)}
    cards = board.listed(asked.actor, project) + board.listed(asked.actor, project, Filters(archived=True))
    cards.sort(key=lambda c: (c.requirement.archived, order[c.requirement.state_id]))
    items = [
        {
            "id": c.requirement.id, "code": c.requirement.code, "title": c.requirement.title,
            "state": names[c.requirement.state_id], "priority": c.requirement.priority,
            "owner": c.owner_name or None, "labels": list(c.requirement.labels), "due": c.requirement.due,
            "archived": c.requirement.archived, "revision": c.requirement.revision,
        }
        for c in cards
    ]  # fmt: skip
    return listing(items, ("code", "state", "priority", "owner", "due", "title"))


def list_documents(asked: Asked) -> Answer:
    """The documents that exist for the one who asks, in the order of their codes."""
    from vault import documents

    items = [
        {
            "id": one.document.id, "code": one.document.code, "title": one.document.title,
            "class": one.document.class_id, "clearance": one.document.clearance, "version": one.version.number,
            "size": one.version.size, "sha256": one.version.sha256,
        }
        for one in documents.listed(asked.actor, asked.project, sort="code")
    ]  # fmt: skip
    return listing(items, ("id", "code", "class", "clearance", "version", "size", "title"))


def list_events(asked: Asked) -> Answer:
    """What happened, the newest first, as far as it exists for the one who asks."""
    from core import activity

    project = asked.project
    items = [
        {"id": e.id, "at": e.at, "actor": e.on_behalf or e.actor, "entity": e.entity, "action": e.action}
        for e in activity.listed(asked.actor, project, limit=asked["limit"])
    ]
    return listing(items, ("at", "actor", "entity", "action"), total=activity.count(asked.actor, project))
