"""The sample engagement, played once a language and copied for each test that looks at it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from core import accounts, db, projects
from core.access import Actor
from core.language import LANGUAGES
from tests.conftest import OPERATOR, Engagement, build_engagement
from tests.vault.conftest import store_of, vault_of
from vault.sample import engagement, story

# One worker for each language: it is played once, not once a worker.
SPOKEN = [pytest.param(one, marks=pytest.mark.xdist_group(f"sample-{one}")) for one in LANGUAGES]


@dataclass(frozen=True)
class Harbour:
    """The sample engagement as it stands: its project, its people by the keys of the plot, what `progress` heard."""

    id: str
    language: str
    people: dict[str, Actor]
    heard: tuple[float, ...]

    def __getattr__(self, key: str) -> Actor:
        try:
            return self.people[key]
        except KeyError as error:
            raise AttributeError(key) from error


@pytest.fixture
def engagement_of_others(home) -> Engagement:
    """Other people's project beside the sample engagement."""
    return build_engagement("OTHERS")


@pytest.fixture(scope="session", params=SPOKEN)
def played(request: pytest.FixtureRequest, running, tmp_path_factory) -> tuple[Path, Harbour]:
    """The data folder in which the sample was played in a language, closed again."""
    folder = tmp_path_factory.mktemp("played") / "data"
    heard: list[float] = []
    db.open_home(folder)
    try:
        with vault_of(folder, store_of(running)):
            project = engagement.add(OPERATOR, language=request.param, progress=heard.append)
        told = story.told(projects.get(OPERATOR, project.id).language)
        people = {key: accounts.by_mail(person["mail"]).actor for key, person in told.people.items()}
    finally:
        db.close()
    return folder, Harbour(project.id, project.language, people, tuple(heard))


@pytest.fixture
def harbour(played, tmp_path, store):
    """The sample engagement in a data folder of the test's own."""
    folder, found = played
    shutil.copytree(folder, tmp_path / "data")
    db.open_home(tmp_path / "data")
    with vault_of(tmp_path / "data", store):
        yield found
    db.close()
