"""Two people read the same prescription in two browsers, blind to each other; a third look settles what differs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from prescriptions import queries, services
from prescriptions.models import Document
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph

pytestmark = pytest.mark.e2e
TEXT = """DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours
SERESTA 50 mg : 1/2 cp le soir
LASILIX 40 mg 1 cp le matin"""


def two_to_read(site: Site) -> Document:
    owner = site.world.user["owner"]
    services.set_rules(owner, site.world.project, double=True)
    paper = services.structure_text(owner, site.world.project, TEXT)
    services.begin_reading(owner, paper)
    return paper


def correct(page: Page, place: int, field: str, words: str) -> None:
    """Say a field of a line anew, by keys."""
    shown = page.locator("[data-line]").nth(place).locator(f".rx-{field} .rx-input").first
    shown.focus()
    page.keyboard.press("Enter")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator("[data-line]").nth(place).locator(".rx-card-state small")).to_be_visible()


def review(page: Page) -> None:
    """Validate every line and finish, by keys."""
    lines = page.locator("[data-line]")
    for place in range(lines.count()):
        if lines.nth(place).get_attribute("data-state") == "waiting":
            lines.nth(place).locator(".rx-input").first.focus()
            page.keyboard.press("v")
            expect(lines.nth(place)).to_have_attribute("data-state", "validated")
    page.keyboard.press("f")
    page.wait_for_url("**/prescriptions/")


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_two_blind_readers_and_what_differs(site: Site, theme: str, width: int) -> None:
    """Neither sees the other's reading; what they differ in is shown field by field, and settled from the keyboard."""
    paper = apart(lambda: two_to_read(site))
    first = site.open(paper.get_absolute_url(), "owner")
    second = site.open(paper.get_absolute_url(), "researcher")
    expect(second.get_by_text("DOLIPRANE")).to_have_count(0)
    photograph(second, f"double-blind-{width}")
    assert_accessible(second)
    second.locator("form[action$='/begin/'] button").click()
    expect(second.locator("[data-line]")).to_have_count(3)

    correct(first, 0, "dose", "2 cp")
    expect(second.locator("[data-line] .rx-dose .rx-input").first).to_have_value("1 comprimé")
    review(first)
    correct(second, 0, "duration", "7 jours")
    correct(second, 1, "dose", "1 cp")
    second.locator("[data-line]").nth(2).locator(".rx-input").first.focus()
    second.keyboard.press("i")
    expect(second.locator("[data-line]").nth(2)).to_have_attribute("data-state", "unread")
    review(second)

    page = site.open(paper.get_absolute_url(), "owner", "fr", theme, width)
    page.locator("a[href$='/readings/']").click()
    expect(page.locator(".rx-pair")).to_have_count(3)
    photograph(page, f"double-settle-{width}")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[name='pair-0.dose']").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.locator("[name='pair-1.dose']").first.focus()
    page.keyboard.press("ArrowDown")
    page.locator("[name='pair-2']").first.focus()
    page.keyboard.press("Space")
    photograph(page, f"double-settled-{width}")
    page.locator(".rx-pairs .btn-primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{paper.get_absolute_url()}")

    def settled() -> list[tuple[str, float | None]]:
        lines = queries.lines_of(Document.objects.select_related("project").get(pk=paper.pk))
        doses = [line.read.medication.dosage[0].dose for line in lines]
        return [(line.state, dose and dose.value) for line, dose in zip(lines, doses, strict=True)]

    assert apart(settled) == [("validated", 2), ("validated", 1), ("validated", 1)]
    duration = page.locator("[data-line]").first.locator(".rx-duration .rx-value")
    expect(duration).to_have_text("7 jours")
    page.locator("form[action$='/reopen/'] button").click()
    expect(page.locator("[data-line] .rx-input").first).to_be_visible()


def test_all_of_one_reading(site: Site) -> None:
    """One press takes every field of a line from the same reading."""

    def read_twice() -> Document:
        paper = two_to_read(site)
        for who, dose, length in (("owner", "2 cp", "5 jours"), ("researcher", "3 cp", "7 jours")):
            own = services.begin_reading(site.world.user[who], paper)
            line = queries.lines_of(own)[0]
            for field, words in (("dose", dose), ("bounds", length)):
                line = services.correct_line(site.world.user[who], line, f"dosage.0.{field}", words, line.revision)
            for line in queries.lines_of(own):
                services.settle_line(site.world.user[who], line, "validated", line.revision)
            services.validate_document(site.world.user[who], own)
        return paper

    paper = apart(read_twice)
    page = site.open(f"{paper.get_absolute_url()}readings/", "owner", "en")
    page.get_by_role("button", name="All of the second reading").press("Enter")
    expect(page.locator("input[value=second]:checked")).to_have_count(2)
    page.get_by_role("button", name="Settle the differences").press("Enter")
    expect(page.locator("[data-line]").first.locator(".rx-dose .rx-value")).to_have_text("3 comprimés")
