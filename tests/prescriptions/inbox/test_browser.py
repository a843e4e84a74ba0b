"""The inbox and the review in a real browser: a file is dropped, read, and reviewed with the keyboard alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import jobs
from prescriptions import services
from prescriptions.models import Document, Line
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import OPPOSITES, complaints
from tests.e2e.conftest import Site, apart
from tests.prescriptions.inbox.papers import pdf

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LOOK = os.environ.get("LOOK", "")
ROWS = (
    "Docteur Claire FICTIVE - 12/11/2026",
    "M. Paul FICTIF, ne le 04/05/1961, 72 kg",
    "DOLIPRANE 1000 mg : 1 cp matin et soir pendant 5 jours si douleur",
    "SERESTA 50 : 1/2 cp le soir",
    "LASILIX 40 mg 1 cp le matin KARDEGIC 75 mg 1 sachet par jour",
    "Bandelettes : 1 boite",
)


def address(site: Site, rest: str = "") -> str:
    return f"/projects/{site.world.project.slug}/prescriptions/{rest}"


def picture(page: Page, name: str) -> None:
    if LOOK:
        Path(LOOK).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{LOOK}/{name}.png", full_page=False)


def dropped(site: Site, page: Page, folder: Path) -> None:
    """Choose a file on the inbox, and have it read."""
    file = folder / "ordonnance.pdf"
    file.write_bytes(pdf(*ROWS))
    page.goto(site.address + address(site))
    page.locator("rx-drop input[name=files]").set_input_files(file)
    page.wait_for_url("**/batches/**")
    apart(jobs.run_waiting)
    page.wait_for_url("**/prescriptions/*-*/")  # the page goes there by itself


def test_a_scan_is_reviewed_with_the_keyboard(site: Site, tmp_path: Path) -> None:
    """Dropped, read, then: correct, split, merge, set aside, undo, validate, all by keys; the boxes light up."""
    page = site.open("", "researcher", "fr")
    dropped(site, page, tmp_path)
    expect(page.locator(".rx-box.rx-medicine").first).to_be_visible()
    cards = page.locator("[data-line]")
    expect(page.locator("[data-line] :focus")).to_have_count(1)
    count = cards.count()

    page.locator("[data-line] .rx-dose .rx-input").first.focus()
    expect(page.locator(".rx-box.is-lit").first).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("1/2 cp")
    page.keyboard.press("Enter")
    expect(page.locator("[data-line] .rx-dose .rx-input").first).to_have_value("1/2 comprimé")
    page.keyboard.press("z")
    expect(page.locator("[data-line] .rx-dose .rx-input").first).to_have_value("1 comprimé")
    page.keyboard.press("y")
    expect(page.locator("[data-line] .rx-dose .rx-input").first).to_have_value("1/2 comprimé")

    page.keyboard.press("s")
    expect(page.locator("#rx-split input:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(cards).to_have_count(count + 1)
    expect(page.locator("[data-line] :focus")).to_have_count(1)
    page.keyboard.press("m")
    expect(cards).to_have_count(count)
    page.keyboard.press("z")
    page.keyboard.press("z")
    expect(cards).to_have_count(count)
    expect(page.locator("[data-line] .rx-dose .rx-input").first).to_have_value("1/2 comprimé")

    for position in range(count):
        page.locator("[data-line]").nth(position).locator(".rx-input").first.focus()
        page.keyboard.press("v" if position else "i")
        expect(page.locator("[data-line]").nth(position)).to_have_attribute(
            "data-state", "validated" if position else "unread"
        )
    states = apart(lambda: set(Line.objects.values_list("state", flat=True)))
    assert states == {"validated", "unread"}
    assert apart(lambda: Document.objects.get().file_id) is not None


def test_from_box_to_field(site: Site, tmp_path: Path) -> None:
    """A word on the page leads to the field that was read from it; the page is zoomed, turned and left for its text."""
    page = site.open("", "researcher", "en")
    dropped(site, page, tmp_path)
    page.locator(".rx-box.rx-duration").first.click()
    expect(page.locator(".rx-duration .rx-input").first).to_be_focused()
    before = page.locator(".rx-sheet").bounding_box()
    page.keyboard.press("+")
    expect(page.locator("[data-zoom]")).to_have_text("125 %")
    page.keyboard.press("r")
    page.keyboard.press("0")
    after = page.locator(".rx-sheet").bounding_box()
    assert before
    assert after
    assert after["width"] > after["height"]
    page.keyboard.press("t")
    expect(page.locator("#rx-text")).to_be_visible()
    page.keyboard.press("Shift+?")
    expect(page.locator("#rx-keys")).to_be_visible()


def test_a_page_that_is_not_there_yet(site: Site, tmp_path: Path) -> None:
    """Until a page is drawn, and where it can't be, words say so; they go once it is there."""
    page = site.open("", "researcher", "en")
    dropped(site, page, tmp_path)
    drawing, failed = page.locator("[data-drawing]"), page.locator("[data-failed]")
    expect(drawing).to_be_hidden()
    expect(failed).to_be_hidden()
    page.route("**/pages/1/", lambda route: route.abort())
    page.reload()
    expect(failed).to_be_visible()
    expect(drawing).to_be_hidden()
    page.unroute("**/pages/1/")
    page.reload()
    expect(failed).to_be_hidden()


def test_the_panels(site: Site, tmp_path: Path) -> None:
    """The divider moves by the arrows and stays where it was left; the page is gone to, moved and left by keys."""
    page = site.open("", "researcher", "en")
    dropped(site, page, tmp_path)

    def width() -> float:
        box = page.locator("#rx-source").bounding_box()
        assert box
        return box["width"]

    ready = page.locator("[data-line] :focus")
    expect(ready).to_have_count(1)
    divider, usual = page.locator("rx-divider"), width()
    divider.focus()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    expect(divider).to_have_attribute("aria-valuenow", "52")
    assert width() > usual + 100
    page.reload()
    expect(divider).to_have_attribute("aria-valuenow", "52")
    assert width() > usual + 100
    divider.press("Enter")
    expect(divider).to_have_attribute("aria-valuenow", "42")
    assert width() == pytest.approx(usual, abs=1)

    field = page.locator("[data-line] .rx-dose .rx-input").first
    field.focus()
    page.keyboard.press("p")
    pages = page.locator(".rx-pages")
    expect(pages).to_be_focused()
    page.keyboard.press("+")
    expect(page.locator("[data-zoom]")).to_have_text("125 %")
    page.keyboard.press("End")
    expect(pages).not_to_have_js_property("scrollTop", 0)
    page.keyboard.press("Escape")
    expect(field).to_be_focused()


def lying() -> str:
    """Make the only prescription one whose page was scanned on its side; gives its address."""
    document = Document.objects.select_related("project").get()
    [sheet] = document.scan
    sheet |= {"width": sheet["height"], "height": sheet["width"], "turned": 270.0}
    sheet["words"] = [
        [start, end, top, 1 - right, bottom, 1 - left, sure]
        for start, end, left, top, right, bottom, sure in sheet["words"]
    ]
    document.save(update_fields=["scan"])
    return document.get_absolute_url()


def test_a_page_that_was_read_turned(site: Site, tmp_path: Path) -> None:
    """It is shown as it was read, upright, and the word of the first field is in sight, where it stands on the page."""
    page = site.open("", "researcher", "en")
    dropped(site, page, tmp_path)
    expect(page.locator(".rx-box.is-lit").first).to_be_visible()
    before = page.locator(".rx-box.is-lit").first.bounding_box()
    page.goto(site.address + apart(lying))
    lit = page.locator(".rx-box.is-lit").first
    expect(lit).to_be_in_viewport()
    after, frame = lit.bounding_box(), page.locator(".rx-pages").bounding_box()
    assert before
    assert after
    assert frame
    assert frame["y"] < after["y"] < frame["y"] + frame["height"]
    for side in ("x", "y", "width", "height"):
        assert after[side] == pytest.approx(before[side], abs=3)


def test_a_line_of_selected_words(site: Site, tmp_path: Path) -> None:
    """Words selected in the text become a line of their own."""
    page = site.open("", "researcher", "en")
    dropped(site, page, tmp_path)
    count = page.locator("[data-line]").count()
    page.locator(".rx-others button").first.click()
    expect(page.locator("[data-line]")).to_have_count(count + 1)


def test_pages(site: Site, tmp_path: Path) -> None:
    """Inbox, batch and review are accessible, complain of nothing, and are no wider than the screen."""
    page = site.open("", "researcher")
    dropped(site, page, tmp_path)
    review = page.url.removeprefix(site.address)
    pages = {
        "inbox": address(site),
        "batch": apart(lambda: failed(site)),
        "review": review,
        "doubts": f"{review}?order=doubts",
        "new": address(site, "new/"),
        "deleted": address(site, "deleted/"),
    }
    assert complaints(site, pages, "inbox", "researcher") == []
    for language, theme, width in OPPOSITES[0]:
        page = site.open(review, "researcher", language, theme, width)
        page.locator("[data-line] [data-split]").first.evaluate("link => link.click()")
        expect(page.locator("#rx-split")).to_be_visible()
        picture(page, f"split-{language}-{theme}-{width}")
        page.keyboard.press("Escape")
        page.locator("[data-keys]").click()
        picture(page, f"keys-{language}-{theme}-{width}")
        assert_accessible(page)


def failed(site: Site) -> str:
    """A batch with a file that can't be read, one that is there already, and one that is ready."""
    import io

    who = site.world.user["researcher"]
    batch = services.start_batch(who, site.world.project)
    sent = {"scan.pdf": b"%PDF-1.4 nothing %%EOF", "deux.pdf": pdf(*ROWS), "texte.txt": b"LASILIX 40 mg 1 cp le matin"}
    services.add_files(who, batch, [(name, io.BytesIO(data)) for name, data in sent.items()])
    services.read_batch(who, batch)
    jobs.run_waiting()
    return batch.get_absolute_url()
