"""Building a form in a real browser: by mouse and keyboard, live, undone and redone, saved by itself, published."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from ecrf import services
from ecrf.models import Draft, Form
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e


def address(site: Site, name: str, *args: Any) -> str:
    return reverse(f"ecrf:{name}", args=[site.world.project.slug, *args])


def begun(site: Site, template: str = "empty") -> Draft:
    world = site.world

    def make() -> Draft:
        return services.begin_draft(world.user["owner"], world.project, "Suivi", ["fr", "en"], template=template)

    return apart(make)


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("Saved by")


def definition(draft: Draft | None = None) -> dict[str, Any]:
    return apart(lambda: dict(Draft.objects.get(**({"pk": draft.pk} if draft else {})).definition))


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name, exact=False)


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Properties")


def add(page: Page, kind: str, label: str) -> None:
    """Add a part through the dialog; the label is ready to be typed."""
    page.get_by_role("button", name="Add", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name=kind, exact=True).click()
    page.keyboard.type(label)


def test_from_nothing_to_a_filled_in_form(site: Site) -> None:
    """Three pages, choices, a condition and a calculation are built by mouse and keyboard, published, and filled in."""
    page = site.open(address(site, "new_form"), "owner", "en")
    page.get_by_label("Title of the form").fill("Consultation")
    page.get_by_role("button", name="Begin the form").click()
    live = page.locator("ecrf-preview")

    row(page, "First question").click()
    page.keyboard.press("F2")
    page.keyboard.type("Visit date")
    panel(page).get_by_label("Type", exact=True).select_option("date")
    add(page, "One choice", "Smokes")
    lines = panel(page).get_by_role("button", name="Paste lines")
    lines.click()
    page.get_by_label("One choice per line").fill("0, Never\n1, Daily\n2, Stopped")
    page.get_by_role("button", name="Take these choices").click()
    expect(live.get_by_label("Stopped")).to_be_visible()

    add(page, "Whole number", "Cigarettes a day")
    panel(page).get_by_role("button", name="Add a condition").click()
    rule = panel(page).get_by_role("group", name="Shown if")
    rule.get_by_label("Field").select_option("smokes")
    rule.get_by_label("Value").select_option("1")
    expect(live.get_by_role("button", name="Cigarettes a day")).to_be_visible()
    live.get_by_label("Daily").check()
    expect(live.get_by_label("Cigarettes a day")).to_be_visible()

    add(page, "Page", "Measures")
    add(page, "Number", "Weight")
    add(page, "Number", "Height")
    add(page, "Calculation", "BMI")
    formula = panel(page).get_by_label("Calculation", exact=True)
    formula.fill("")
    formula.press_sequentially("wei")
    expect(panel(page).get_by_role("option", name="weight")).to_be_visible()
    page.keyboard.press("Enter")
    formula.press_sequentially(" / (hei")
    page.keyboard.press("Enter")
    formula.press_sequentially(" / 100) ^ 2")
    page.keyboard.press("Escape")
    saved(page)
    live.get_by_label("Weight").fill("80")
    live.get_by_label("Height").fill("200")
    expect(live.locator("output.calculation")).to_have_text("20")

    add(page, "Page", "End")
    add(page, "Long text", "Remarks")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(row(page, "Remarks")).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    expect(row(page, "Remarks")).to_have_count(1)
    saved(page)
    assert_accessible(page)
    assert [one["key"] for one in definition()["pages"]] == ["page_1", "measures", "end"]

    page.get_by_role("link", name="Check and publish").click()
    page.get_by_role("button", name="Publish the form").click()
    expect(page.get_by_role("heading", name="Consultation")).to_be_visible()
    form = apart(lambda: Form.objects.select_related("current").get())
    items = {
        item["key"]: item
        for one in form.published.definition["pages"]
        for group in one["groups"]
        for item in group["items"]
    }
    assert items["cigarettes_a_day"]["visible_if"] == ["=", ["var", "smokes"], ["text", "1"]]
    assert list(items) == ["visit_date", "smokes", "cigarettes_a_day", "weight", "height", "bmi", "remarks"]
    subject = apart(lambda: services.include_subject(site.world.user["member"], site.world.site_a))
    entry = site.open(address(site, "entry", subject.pk, form.key), "member", "en")
    entry.get_by_label("Daily").check()
    entry.get_by_label("Cigarettes a day").fill("10")
    entry.get_by_role("button", name="Save, complete and go on").click()
    expect(entry.get_by_role("heading", name="Measures")).to_be_visible()
