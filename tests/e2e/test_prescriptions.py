"""A prescription in a real browser: pasted, read, corrected and validated from the keyboard; accessible everywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from prescriptions import demo
from prescriptions.models import Document, Line
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e


def address(site: Site, rest: str = "") -> str:
    return f"/projects/{site.world.project.slug}/prescriptions/{rest}"


@pytest.mark.parametrize(
    ("language", "read", "finish"),
    [("fr", "Lire l’ordonnance", "Terminer la relecture"), ("en", "Read the prescription", "Finish the review")],
)
def test_review_from_the_keyboard(site: Site, language: str, read: str, finish: str) -> None:
    """Paste, Ctrl+Enter; correct a dose, Ctrl+Enter on each line; finish: no mouse but for the last button."""
    page = site.open(address(site, "new/"), "researcher", language)
    area = page.locator("textarea[name=text]")
    area.fill("DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours\nSERESTA 50 : 1/2 cp le soir")
    expect(page.get_by_role("button", name=read)).to_be_visible()
    area.press("Control+Enter")
    dose = page.locator("[data-line] .rx-dose .rx-input").first
    expect(dose).to_have_value("1 comprimé")
    dose.focus()
    expect(page.locator(".rx-text .rx-mark.is-lit")).to_have_text("1 cp")
    dose.press("Enter")
    dose.fill("beaucoup")
    dose.press("Enter")
    expect(page.locator(".rx-fault")).to_be_visible()
    dose = page.locator("[data-line] .rx-dose .rx-input").first
    dose.fill("1/2 cp")
    dose.press("Control+Enter")
    cards = page.locator("[data-line]")
    expect(cards.first).to_have_attribute("data-state", "validated")
    expect(cards.nth(1).locator(":focus")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(cards.nth(1)).to_have_attribute("data-state", "validated")
    page.get_by_role("button", name=finish).click()
    page.wait_for_url(f"**{address(site)}")
    lines = apart(lambda: [(line.state, line.revision) for line in Line.objects.order_by("position")])
    assert lines == [("validated", 1), ("validated", 0)]


def test_words_and_fields_light_up_together(site: Site) -> None:
    """A word of the text leads to its field; a field lights up its words; an example fills the form."""
    page = site.open(address(site, "new/"), "researcher")
    page.locator("[data-example]").first.click()
    expect(page.locator("textarea[name=text]")).not_to_have_value("")
    page.locator("textarea[name=text]").press("Control+Enter")
    page.locator(".rx-text .rx-duration").first.click()
    expect(page.locator(".rx-duration .rx-input").first).to_be_focused()
    expect(page.locator(".rx-text .is-lit").first).to_have_text("pendant 7 jours")


def look_through(page: Page, site: Site, complaints: list[str]) -> None:
    paths = [address(site), address(site, "new/"), address(site, "deleted/")]
    paths += apart(
        lambda: [each.get_absolute_url() for each in Document.objects.select_related("project").order_by("number")]
    )
    for path in paths:
        page.goto(site.address + path)
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert complaints == []


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("fr", "light", 1440), ("en", "dark", 1440), ("fr", "dark", 390), ("en", "light", 390)],
)
def test_pages_are_accessible(site: Site, language: str, theme: str, width: int) -> None:
    """axe finds nothing on any page, the browser refuses nothing, and nothing is wider than the page."""
    apart(lambda: demo.load(site.world))
    page = site.open("", "researcher", language, theme, width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    look_through(page, site, complaints)
