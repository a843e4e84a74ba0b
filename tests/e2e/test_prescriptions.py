"""A prescription in a real browser: pasted, read, corrected and validated from the keyboard; accessible everywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from prescriptions import demo
from prescriptions.models import Document, Line
from tests.e2e.complaints import complaints
from tests.e2e.conftest import Site, apart

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


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


def test_pages_are_accessible(site: Site) -> None:
    """axe finds nothing on any page, the browser refuses nothing, and nothing is wider than the page."""
    places = [address(site), address(site, "new/"), address(site, "deleted/")]
    apart(lambda: demo.load(site.world))
    places += apart(
        lambda: [each.get_absolute_url() for each in Document.objects.select_related("project").order_by("number")]
    )
    pages = {str(number): place for number, place in enumerate(places)}
    assert complaints(site, pages, "prescriptions", "researcher") == []
