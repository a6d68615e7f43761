"""How long a write, undo's look and `accord verify` take with many events."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """Verify 100,000 events (10,000 with `quick`), and move one card among them."""
    import vault.verifying  # noqa: F401  (makes its kinds of row known)
    from core import columns, db, ledger, projects, requirements, undo
    from core.access import Actor
    from core.requirements import Draft

    count = 10_000 if quick else 100_000
    operator = Actor("operator", "operator", kind="operator")
    with tempfile.TemporaryDirectory() as folder:
        db.open_home(Path(folder) / "data")
        projects.add_client(operator, name="C")
        project = projects.add_project(operator, code="B", name="B", client="C").id
        first = requirements.create(operator, project, Draft("First"))
        with db.write(operator) as tx:
            state = tx.get(columns.State, first.state_id)
            template = requirements.fresh_requirement(tx, project, state, title="Card", statement="words " * 40)
            tx.insert_many([_story(template, number) for number in range(count // 10)])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        with db.database().transaction() as cursor:
            found = ledger.checked(cursor)
        verified = time.perf_counter() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        states, times = columns.states(operator, project), []
        for number in range(40):
            begun = time.perf_counter()
            requirements.move(operator, project, [first.id], state=states[number % 2 + 1].id)
            times.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        undo.last(operator, project)
        looked = time.perf_counter() - begun
        db.close()
    if not found.ok:
        raise RuntimeError(str(found.problems[:3]))
    return [
        {"name": f"verify {found.events:,} events", "value": verified, "unit": "s", "peer": "", "ratio": None,
         "goal": ""},
        {"name": "memory that verify adds", "value": grown, "unit": "MiB", "peer": "", "ratio": None, "goal": ""},
        {"name": "one move in the domain, p95", "value": sorted(times)[37] * 1000, "unit": "ms", "peer": "",
         "ratio": None, "goal": ""},
        {"name": "what can be undone, asked", "value": looked * 1000, "unit": "ms", "peer": "", "ratio": None,
         "goal": ""},
    ]  # fmt: skip


def _story(template: Any, number: int) -> list[Any]:
    """A card with nine changes."""
    import dataclasses

    from core.ids import new_id

    first = dataclasses.replace(template, id=new_id(), number=number + 2, code=f"REQ-{number + 2}")
    forms = [(first, "created", {})]
    for revision in range(2, 11):
        forms.append((dataclasses.replace(first, title=f"Card, {revision}", revision=revision), "changed", {}))
    return forms
