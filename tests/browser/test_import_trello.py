"""Trello comes in on the screen: a preview first, then the run, then one press takes it back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import import_boards
from tests.browser.conftest import PHONE, WIDE, accessible, calm, pick, picture
from tests.core.exchange.boards import harbour

pytestmark = pytest.mark.browser

FOLDERS = [Path(__file__).parents[n].parent / "shared" / "samples" / "trello" for n in (2, 3)]
SAMPLES = next((folder for folder in FOLDERS if folder.exists()), FOLDERS[0])
FACES = [("en", "light", WIDE), ("zh_CN", "dark", WIDE), ("en", "dark", PHONE), ("zh_CN", "light", PHONE)]


def choose(page, data, name="harbour.json"):
    """Choose a file and wait for what is said of it."""
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/json", "buffer": data})
    expect(page.get_by_text("Nothing is written yet.").or_(page.get_by_text("This file was not taken"))).to_be_visible()
    calm(page)


def sums(page):
    """Kind -> (read, created, updated, unchanged, dropped) of the table on the screen."""
    found = {}
    for row in page.locator(".ac-table").first.locator("tbody tr").all():
        kind, *numbers = row.locator("td").all_inner_texts()
        found[kind] = tuple(0 if n == "–" else int(n.replace(",", "")) for n in numbers)
    return found


def take_in(page):
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="The board is in")).to_be_visible(timeout=60_000)
    calm(page)


def test_a_board_is_previewed_taken_in_and_taken_back(open_as, server, project):
    page = open_as("manager", "/import")
    board, _ids = harbour()
    choose(page, board.data)
    before = sums(page)
    assert before["Cards"] == (3, 3, 0, 0, 0)
    assert server.build(import_boards.cards, project=project.id) == []
    take_in(page)
    assert sums(page) == before
    assert len(server.build(import_boards.cards, project=project.id)) == 3
    accessible(page)
    picture(page, "import-done")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(0)
    assert server.build(import_boards.cards, project=project.id) == []


def test_what_a_person_has_edited_since_is_kept_and_named(open_as, server, project):
    page = open_as("manager", "/import")
    choose(page, harbour()[0].data)
    take_in(page)
    server.build(import_boards.edited, project=project.id, mail=project.people["member"]["mail"], title="Group tickets")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("heading", name="Kept")).to_be_visible()
    expect(
        page.get_by_role("row", name="Cards REQ-01 Group tickets Member One has worked on it since.")
    ).to_be_visible()
    assert server.build(import_boards.cards, project=project.id) == ["Group tickets"]


def test_the_same_file_again_changes_nothing(open_as, server, project):
    page = open_as("manager", "/import")
    for _time in range(2):
        choose(page, harbour()[0].data)
        take_in(page)
        page.get_by_role("button", name="Import another file").click()
        expect(page.get_by_role("heading", name="A board's export")).to_be_visible()
    expect(page.get_by_text("Cards: 3 unchanged")).to_be_visible()


def test_columns_and_people_are_chosen_before_anything_is_written(open_as, server, project):
    page = open_as("manager", "/import")
    choose(page, harbour()[0].data)
    pick(page, "Bo Gone", "Member One")
    pick(page, "Doing", "a new column: agreed")
    take_in(page)
    assert server.build(import_boards.owners, project=project.id)["Group tickets"] == "Member One"
    assert server.build(import_boards.categories, project=project.id)["Doing"] == "agreed"


@pytest.mark.parametrize("name", ["clipkit", "stonekw", "trello-cms"])
def test_a_real_board_adds_up(open_as, server, project, name):
    file = SAMPLES / f"{name}-board.json"
    if not file.exists():
        pytest.skip("the real boards of ../shared/samples are not on this machine")
    page = open_as("manager", "/import")
    choose(page, file.read_bytes(), file.name)
    picture(page, f"import-preview-{name}")
    take_in(page)
    found = sums(page)
    assert all(read == sum(became) for read, *became in found.values())
    assert found["Cards"][0] == len(json.loads(file.read_text(encoding="utf-8"))["cards"])
    dropped = sum(one[-1] for one in found.values())
    if dropped:
        page.get_by_text(f"Left out ({dropped})").click()
        expect(page.locator(".ac-table").nth(1).locator("tbody tr")).to_have_count(dropped)


def test_what_is_no_export_is_refused_in_words(open_as, project):
    page = open_as("manager", "/import")
    choose(page, b"not json")
    expect(page.get_by_text("This is no Trello export: the file is not JSON.")).to_be_visible()
    choose(page, b'{"some": "json"}', "other.json")
    expect(page.get_by_text("This is JSON, but no Trello export")).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)


def test_a_refusal_speaks_chinese(open_as, project):
    page = open_as("manager", "/import", language="zh_CN")
    expect(page.get_by_text("Upload", exact=True).locator("visible=true")).to_have_count(0)
    page.locator("input[type=file]").set_input_files({"name": "a.json", "mimeType": "application/json", "buffer": b"x"})
    expect(page.get_by_text("未接收这个文件")).to_be_visible()


def test_whoever_may_not_import_does_not_see_the_way_and_is_refused(open_as, project):
    page = open_as("member", "/documents")
    expect(page.get_by_role("link", name="Import from Trello")).to_have_count(0)
    page = open_as("member", "/import")
    expect(page.locator("input[type=file]")).to_have_count(0)


@pytest.mark.parametrize(("language", "theme", "size"), FACES, ids=lambda v: str(v))
def test_the_preview_is_accessible(open_as, project, language, theme, size):
    page = open_as("manager", "/import", language=language, theme=theme, size=size)
    page.locator("input[type=file]").set_input_files(
        {"name": "harbour.json", "mimeType": "application/json", "buffer": harbour()[0].data}
    )
    expect(page.locator(".ac-figures")).to_be_visible()
    calm(page)
    picture(page, f"import-preview-{language}-{theme}-{'phone' if size == PHONE else 'wide'}")
    accessible(page)
