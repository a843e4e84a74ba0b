"""Every widget in a real browser, on a desk and on a phone; and a page of Goupile that runs as it was written."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from ecrf import services
from ecrf.models import Attachment, Entry, Form, ScriptDraw, Subject
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.test_casebook import look
from tests.ecrf import every_widget, test_scripts
from tests.ecrf.visits import publish

pytestmark = pytest.mark.e2e


def begun(site: Site, make: Any) -> tuple[Form, Subject, str]:
    """A published form, a subject, and the address of his record."""

    def build() -> tuple[Form, Subject]:
        world = site.world
        return make(world), services.include_subject(world.user["member"], world.site_a)

    form, subject = apart(build)
    return form, subject, reverse("ecrf:entry", args=[site.world.project.slug, subject.pk, form.key])


def field(page: Page, key: str) -> Locator:
    return page.locator(f"[data-key='{key}']")


def accessible(page: Page) -> None:
    """The page passes axe, with its bar where it ends: as it floats it hides a part of what is under it."""
    page.evaluate("scrollTo(0, 0)")
    page.locator(".entry-bar").evaluate("bar => (bar.style.position = 'static')")
    assert_accessible(page)
    page.locator(".entry-bar").evaluate("bar => (bar.style.position = '')")


def stroke(page: Page, canvas: Locator) -> None:
    """Draw a line with the mouse."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.6)
    page.mouse.down()
    for part in (0.4, 0.5, 0.7):
        page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * (part - 0.1))
    page.mouse.up()


@pytest.mark.parametrize("width", [1440, 390])
def test_every_widget(site: Site, width: int) -> None:
    """Each question is answered by its own widget, by mouse and by keyboard; files are sent; all of it is saved."""
    _form, _subject, address = begun(site, lambda world: publish(world, every_widget.FORM, key="champs"))
    page = site.open(address, "member", "en", width=width)
    look(page, f"widgets-empty-{width}")
    page.get_by_label("Initials").fill("ABCD")
    keypad = field(page, "code").get_by_role("group", name="Keypad")
    for digit in "1205":
        keypad.get_by_role("button", name=digit, exact=True).click()
    keypad.get_by_role("button", name="Erase the last digit").click()
    page.get_by_label("Story").fill("Tombée\ndans l’escalier")
    page.get_by_label("Weight").fill("61.5")
    expect(field(page, "pain").locator("output")).to_have_text("not answered")
    field(page, "pain").get_by_role("slider").press("ArrowRight")
    field(page, "pain").get_by_role("button", name="Type the number").click()
    field(page, "pain").get_by_role("textbox").fill("7")
    field(page, "pain").get_by_role("button", name="Use the slider").click()
    expect(field(page, "pain").locator("output")).to_have_text("7")
    field(page, "mood").get_by_role("slider").press("End")
    page.get_by_label("Ill since", exact=True).fill("2024")
    page.get_by_label("Month, Ill since").select_option(label="May")
    expect(field(page, "since")).to_contain_text("The day is not known.")
    page.get_by_label("Time of the sample").fill("9:05:07")
    field(page, "agreed").get_by_role("radio", name="Yes").check()
    expect(field(page, "agreed").get_by_role("button", name="Clear")).to_have_count(0)
    field(page, "stage").get_by_role("radio").first.focus()
    page.keyboard.press("3")
    expect(field(page, "stage").get_by_role("radio", name="3rd")).to_be_checked()
    page.keyboard.press("3")
    expect(field(page, "stage").get_by_role("radio", name="3rd")).not_to_be_checked()
    page.keyboard.press("2")
    field(page, "view").get_by_role("radio", name="Entirely").check()
    field(page, "signs").get_by_role("checkbox", name="Fever").check()
    field(page, "signs").get_by_role("checkbox", name="None").check()
    expect(field(page, "signs").get_by_role("checkbox", name="Fever")).not_to_be_checked()
    field(page, "quick").get_by_role("checkbox", name="Cough").check()
    search = field(page, "home").get_by_role("combobox")
    search.fill("evr")
    expect(field(page, "home").get_by_role("option")).to_have_text(["Évry"])
    search.press("Enter")
    expect(search).to_have_value("Évry")
    worries = page.locator("table.matrix")
    worries.get_by_label("Sleep: 1st").check()
    worries.get_by_label("Work: 1st").check()
    expect(worries.get_by_label("Sleep: 1st")).not_to_be_checked()
    attach(page)
    accessible(page)
    look(page, f"widgets-{width}")
    page.get_by_role("button", name="Save and complete the page").click()
    expect(page.locator("[data-save-state]")).to_contain_text("Saved by")
    entry = apart(lambda: Entry.objects.select_related("subject__project").get())
    values = apart(lambda: entry.values)
    files = {key: values.pop(key) for key in ("photo", "body", "clock", "consent")}
    assert values == {
        "initials": "ABCD",
        "code": "120",
        "story": "Tombée\ndans l’escalier",
        "weight": "61.5",
        "pain": "7",
        "mood": "100",
        "since": "2024-05",
        "at": "09:05:07",
        "agreed": "1",
        "stage": "2",
        "view": "5",
        "signs": ["0"],
        "quick": ["2"],
        "home": "evry",
        "work": "1",
    }
    assert all(value.startswith("sha256:") for value in files.values())
    assert apart(lambda: Attachment.objects.exclude(claimed_at=None).count()) == 4
    page.reload()
    expect(field(page, "consent").get_by_role("img")).to_be_visible()
    assert field(page, "consent").get_by_role("img").evaluate("image => image.complete && image.naturalWidth > 0")
    look(page, f"widgets-saved-{width}")


def attach(page: Page) -> None:
    """A photo, marks on the body, a drawing by keyboard, a signature by hand."""
    content = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(content, "JPEG")
    photo = field(page, "photo")
    photo.locator("input[type=file]").set_input_files(
        {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )
    expect(photo.locator(".field-error")).to_be_visible()
    photo.locator("input[type=file]").set_input_files(
        {"name": "main.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}
    )
    expect(photo.get_by_role("link", name="main.jpg")).to_be_visible()
    expect(photo.locator(".field-error")).to_have_count(0)
    field(page, "body").get_by_role("button", name="Mark the image").click()
    stroke(page, field(page, "body").locator("canvas"))
    field(page, "body").get_by_role("button", name="Keep the drawing").click()
    expect(field(page, "body").get_by_role("img")).to_be_visible()
    field(page, "clock").get_by_role("button", name="Make a drawing").click()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press(key)
    field(page, "clock").get_by_role("button", name="Keep the drawing").click()
    expect(field(page, "clock").get_by_role("img")).to_be_visible()
    consent = field(page, "consent")
    consent.get_by_role("button", name="Sign Signature").click()
    expect(consent.get_by_role("button", name="Keep the signature")).to_be_disabled()
    stroke(page, consent.locator("canvas"))
    consent.get_by_role("button", name="Clear", exact=True).click()
    consent.get_by_label("Or type your name").fill("Nolwenn Kerbrat")
    look(page, "widgets-signing")
    consent.get_by_role("button", name="Keep the signature").click()
    expect(consent.get_by_role("img")).to_be_visible()


LOOP = """
form.text("stop", "Boucle")
if (values.stop == "oui") for (;;) {}
form.tabs("tabs", () => {
  form.tab("Premier", () => form.text("one", "Un"))
  form.tab("Second", () => form.slider("two", "Deux", { ticks: true }))
})
form.section("Repliée", () => {
  form.output(html`<p>Bonjour <b>vous</b></p><img src=x onerror=alert(1)>`)
}, { deploy: false })
form.errorList("À corriger")
"""


@pytest.mark.parametrize("width", [390])
def test_a_script_page(site: Site, width: int) -> None:
    """A page of Goupile is filled in as it was written: conditions, rows, numbers drawn; a loop stops nothing else."""
    _form, _subject, address = begun(site, lambda world: test_scripts.published(world, incl=test_scripts.INCL + LOOP))
    page = site.open(address, "member", "en", width=width)
    expect(page.get_by_label("Consentement")).not_to_have_value("")
    expect(page.get_by_role("link", name=re.compile("Suivi"))).to_have_count(0)
    page.get_by_label("Systolique").fill("120")
    page.get_by_label("Diastolique").fill("80")
    expect(page.locator("#item-map")).to_have_text("93.33")
    page.get_by_label("Systolique").fill("300")
    page.get_by_label("Enfants").fill("1")
    expect(page.get_by_text("between 60 and 260").first).to_be_visible()
    page.get_by_label("Systolique").fill("120")
    page.get_by_label("Enfant 1").fill("Ada")
    page.get_by_role("button", name="Add a row").click()
    page.get_by_label("Médicament").fill("Aspirine")
    page.get_by_role("tab", name="Second").click()
    expect(page.get_by_role("slider")).to_be_visible()
    accessible(page)
    page.get_by_label("Boucle").fill("oui")
    expect(page.get_by_text("The script of this page was stopped")).to_be_visible()
    look(page, f"script-stopped-{width}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-faults]")).to_contain_text("was stopped")
    assert apart(Entry.objects.count) == 0
    page.get_by_label("Boucle").fill("non")
    expect(page.get_by_text("The script of this page was stopped")).to_have_count(0)
    page.get_by_role("radio", name="Yes").check()
    look(page, f"script-{width}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-save-state]")).to_contain_text("Saved by")
    expect(page.locator("#item-rank")).to_have_text("1")
    entry = apart(lambda: Entry.objects.select_related("subject__project").get())
    values = apart(lambda: entry.values)
    assert (values["child_0"], values["drugs"]) == ("Ada", [{"drugs_drug": "Aspirine"}])
    assert apart(ScriptDraw.objects.count) == 2
    page.get_by_role("button", name="Save, complete and go on").click()
    expect(page.get_by_role("heading", name="Suivi")).to_be_visible()
    expect(page.get_by_text("Tension de départ : 93")).to_be_visible()
    look(page, f"script-next-{width}")
