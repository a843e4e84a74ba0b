"""A notebook in the browser: nothing typed is lost, and nothing is said to be saved that isn't."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from datahub.models import Notebook
from datahub.services import notebooks, runs
from tests.datahub.conftest import publish
from tests.e2e.conftest import apart

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def opened(site: Site, *, running: bool = False) -> Page:
    """A notebook of one cell, in its researcher's browser; with `running`, its run waits for a worker."""

    def make() -> str:
        person = site.world.user["researcher"]
        dataset = publish(site.world).dataset
        notebook = notebooks.create_notebook(person, site.world.project, "Lecture", ["a = 1"], [dataset])
        if running:
            runs.run_notebook(person, notebook)
        return notebook.get_absolute_url()

    page = site.open(apart(make), "researcher")
    page.on("dialog", lambda dialog: dialog.accept())
    expect(page.locator("code-cell .cm-content")).to_have_count(1)
    return page


def write(page: Page, code: str, cell: int = 0) -> None:
    page.locator("code-cell .cm-content").nth(cell).click()
    page.keyboard.press("Control+a")
    page.keyboard.type(code)
    expect(state(page)).to_have_text("Pas encore enregistré")


def state(page: Page) -> Locator:
    return page.locator("[data-save-state]")


def save(page: Page) -> None:
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Control+s")


def saved(page: Page) -> None:
    expect(state(page)).to_have_text(re.compile(r"Enregistré \d"))


def codes() -> list[str]:
    return apart(lambda: list(Notebook.objects.get().cells))


def shown(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator("#cells textarea").all()]


def drafts(page: Page) -> int:
    return int(page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length"))


def by_a_colleague(site: Site, code: str) -> None:
    def act() -> None:
        found = Notebook.objects.select_related("project").get()
        notebooks.save_notebook(
            site.world.user["owner"], found, found.revision, found.title, [code], list(found.datasets.all())
        )

    apart(act)


def test_a_draft_goes_with_each_save(site: Site) -> None:
    """Each save sends once and takes the draft away: a colleague's later text is then what a reload shows."""
    page = opened(site)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for code in ("a = 10", "a = 20"):
        write(page, code)
        save(page)
        saved(page)
        assert codes() == [code]
        assert drafts(page) == 0
    assert len(sent) == 2
    by_a_colleague(site, "a = 999")
    page.reload()
    expect(page.locator("code-cell .cm-content")).to_have_text("a = 999")
    expect(page.locator(".notice.notice-warning")).to_have_count(0)


def test_cells_added_come_back(site: Site) -> None:
    """What was typed into cells that the server has never seen is there again after a reload, and can be saved."""
    page = opened(site)
    page.get_by_role("button", name="Ajouter une cellule").click()
    page.keyboard.type("b = 2")
    expect(state(page)).to_have_text("Pas encore enregistré")
    page.reload()
    expect(page.locator("code-cell .cm-content")).to_have_text(["a = 1", "b = 2"])
    expect(state(page)).to_have_text("Pas encore enregistré")
    save(page)
    saved(page)
    assert codes() == ["a = 1", "b = 2"]


@pytest.mark.parametrize(
    ("choice", "expected"), [("Le mettre à la place de ce qui est ici", "a = 10"), ("L’oublier", "a = 999")]
)
def test_an_old_draft_is_offered(site: Site, choice: str, expected: str) -> None:
    """Somebody saved since: what was typed overwrites nothing unless one asks for it."""
    page = opened(site)
    write(page, "a = 10")
    by_a_colleague(site, "a = 999")
    page.reload()
    note = page.locator(".notice.notice-warning")
    expect(note).to_contain_text("enregistré à nouveau")
    assert shown(page) == ["a = 999"]
    note.get_by_role("button", name=choice).click()
    expect(page.locator("code-cell .cm-content")).to_have_text(expected)
    expect(note).to_have_count(0)
    assert drafts(page) == (expected == "a = 10")


def test_what_is_refused_stays_a_draft(site: Site) -> None:
    """Where somebody saved in between, the answer says so and what was typed is kept."""
    page = opened(site)
    by_a_colleague(site, "a = 999")
    write(page, "a = 10")
    save(page)
    expect(page.locator("#answer [role=alert]")).to_be_visible()
    expect(state(page)).to_have_text("Pas encore enregistré")
    assert codes() == ["a = 999"]
    assert drafts(page) == 1


def test_a_run_under_way_says_nothing_of_saving(site: Site) -> None:
    """While a run lives, Ctrl+S saves, and the results that come don't call saved what was typed since."""
    page = opened(site, running=True)
    write(page, "a = 10")
    save(page)
    saved(page)
    assert codes() == ["a = 10"]
    write(page, "a = 11")
    for _ in range(2):
        with page.expect_response(lambda answer: answer.url.endswith("/results/")):
            pass
    expect(state(page)).to_have_text("Pas encore enregistré")
    assert shown(page) == ["a = 11"]
