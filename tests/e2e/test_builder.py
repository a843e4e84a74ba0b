"""Building a form in a real browser: by mouse and keyboard, live, undone and redone, saved by itself, published."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from ecrf import services
from ecrf.models import Draft, Form
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.ecrf.conftest import publish

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


def test_the_form_as_text(site: Site) -> None:
    """What is typed in the text is the form at once; what can't be read is said with its line, and changes nothing."""
    draft = begun(site)
    page = site.open(address(site, "build", draft.pk), "owner", "en")
    page.get_by_role("button", name="Text", exact=True).click()
    editor = page.get_by_role("textbox", name="The form as text")
    expect(editor).to_contain_text("question_1")
    page.keyboard.press("Tab")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("      weight: {type: number, label: Weight, unit: kg}\n")
    expect(row(page, "Weight")).to_be_visible()
    page.keyboard.type("      height: {type: nothing}\n")
    expect(page.get_by_role("alert")).to_contain_text("Line")
    saved(page)
    items = definition(draft)["pages"][0]["groups"][0]["items"]
    assert [item["key"] for item in items] == ["question_1", "weight"]


def test_moving_by_keyboard_and_by_pointer(site: Site) -> None:
    """Alt and arrows move a question across sections and pages, said aloud; dragging puts it where it is let go."""
    draft = begun(site, "observational")
    page = site.open(address(site, "build", draft.pk), "owner", "en")
    row(page, "Date of consent").click()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-say]")).to_have_text("2 of 3 on page Inclusion")
    for _ in range(2):
        page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-say]")).to_have_text("1 of 5 on page Demographics")
    page.keyboard.press("Control+d")
    expect(row(page, "Date of consent")).to_have_count(2)
    page.keyboard.press("Delete")
    expect(row(page, "Date of consent")).to_have_count(1)
    grip = row(page, "Date of consent").locator("[data-grip]")
    grip.hover()
    page.mouse.down()
    box = row(page, "All criteria").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 8, steps=4)
    page.mouse.move(box["x"] + 60, box["y"] + 4, steps=4)
    page.mouse.up()
    expect(page.locator("[data-say]")).to_have_text("1 of 3 on page Inclusion")
    saved(page)
    assert definition(draft)["pages"][0]["groups"][0]["items"][0]["key"] == "consent_date"


def test_two_people_at_once(site: Site) -> None:
    """Who saves on an old state is told by whom it was changed, and chooses; a reload loses nothing."""
    draft = begun(site)
    page = site.open(address(site, "build", draft.pk), "owner", "en")
    row(page, "First question").click()
    world = site.world
    theirs = definition(draft)
    theirs["pages"][0]["title"] = {"en": "Theirs", "fr": "Leur"}
    apart(lambda: services.save_draft(world.user["owner"], Draft.objects.get(pk=draft.pk), theirs, 1))
    page.keyboard.press("F2")
    page.keyboard.type("Mine")
    dialog = page.get_by_role("dialog", name="Somebody else saved")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Take theirs").click()
    expect(row(page, "Theirs")).to_be_visible()
    expect(row(page, "Mine")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_pane_is_accessible(site: Site, width: int) -> None:
    """Outline, live form, properties, visits, translations and the dialog pass axe, wide and on a phone."""
    draft = begun(site, "observational")
    page = site.open(address(site, "build", draft.pk), "owner", "en", width=width)
    assert_accessible(page)
    for name in ("Visits", "Translations", "Text"):
        page.get_by_role("button", name=name, exact=True).click()
        assert_accessible(page)
    if width < 900:
        page.get_by_role("button", name="Outline", exact=True).click()
        assert_accessible(page)
    row(page, "Date of consent").click()
    if width < 900:
        page.get_by_role("button", name="Properties", exact=True).first.click()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_around_the_builder_are_accessible(site: Site, width: int) -> None:
    """Beginning a form, its next version, its draft with impact and faults, and the comparison pass axe."""
    world = site.world

    def make() -> list[str]:
        owner = world.user["owner"]
        form = publish(world)
        subject = services.include_subject(world.user["member"], world.site_a)
        services.save_entry(world.user["member"], subject, form, 0, {"weight": "80", "height": "170"})
        draft = services.begin_next(owner, form)
        changed = copy.deepcopy(draft.definition)
        bmi = next(item for item in changed["pages"][0]["groups"][0]["items"] if item["key"] == "bmi")
        bmi["calc"] = ["+", bmi["calc"], ["number", "1"]]
        services.save_draft(owner, draft, changed, 1)
        faulty = services.begin_draft(owner, world.project, "Faulty", ["en"])
        broken = copy.deepcopy(faulty.definition)
        broken["pages"][0]["groups"][0]["items"] = []
        services.save_draft(owner, faulty, broken, 1)
        drafts = [address(site, "draft", one.pk) for one in (draft, faulty)]
        return [address(site, name, form.key) for name in ("build_next", "compare", "form")] + drafts

    page = site.open("", "owner", "en", width=width)
    for one in [*apart(make), address(site, "new_form"), address(site, "forms")]:
        page.goto(site.address + one)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), one
