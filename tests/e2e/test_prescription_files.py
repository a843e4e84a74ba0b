"""Files become prescriptions in a whole instance, by its own worker: a scan, a phone's photo, and many at once."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.files.engine import box
from prescriptions.engine.exchange import rules
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import PHONE
from tests.e2e.pictures import photograph
from tests.e2e.story import Story
from tests.prescriptions.inbox.papers import archive, photo, scan

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SOON = 180_000
"""Milliseconds that a job may take on a busy machine."""
BATCH = int(os.environ.get("BATCH", "60"))
"""Texts of the large batch: `make batch` sends 500."""
PICTURES = 3
ROWS = (
    "Docteur Claire FICTIVE",
    "Le 12/11/2026",
    "DOLIPRANE 1000 mg : 1 comprimé matin et soir pendant 5 jours",
    "SERESTA 50 mg : 1 comprimé le soir",
    "LASILIX 40 mg : 1 comprimé le matin pendant 1 mois",
)
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector("rx-drop").dispatchEvent(event);
  }
}"""

french = pytest.mark.parametrize("story", ["fr"], indirect=True)


def drop(page: Page, name: str, content: bytes) -> None:
    """Let a file fall on the inbox, as the mouse does."""
    page.evaluate(DROP, [name, base64.b64encode(content).decode()])


def tab_to(page: Page, selector: str) -> Locator:
    """Go on with the tab key until this has the focus."""
    for _press in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return page.locator(":focus")
        page.keyboard.press("Tab")
    pytest.fail(f"the tab key never comes to {selector}")


def stands_upright(page: Page) -> None:
    """The page is there, higher than wide, and a word on it is wider than high."""
    expect(page.locator(".rx-sheet img").first).not_to_have_js_property("naturalWidth", 0, timeout=60_000)
    for selector, is_high in ((".rx-sheet", True), (".rx-box.rx-medicine", False)):
        box = page.locator(selector).first.bounding_box()
        assert box
        assert (box["height"] > box["width"]) is is_high


@french
def test_a_scan_from_the_drop_to_fhir(story: Story) -> None:
    """A scanned PDF that lies on its side is dropped and read; then by keys: reviewed whole, finished, had as FHIR."""
    page = story.sign_in("researcher")
    story.go(page, "/prescriptions/")
    drop(page, "ordonnance.pdf", scan(ROWS, turned=90))
    page.wait_for_url("**/prescriptions/*-*/", timeout=SOON)
    address = page.url
    expect(page.locator(".rx-box.rx-medicine").first).to_be_visible()
    stands_upright(page)
    photograph(page, "files-scan")
    lines = page.locator("[data-line]")
    expect(lines).to_have_count(3)
    dose = lines.first.locator(".rx-dose .rx-input")
    expect(dose).to_have_value("1 comprimé")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    for _press in range(10):
        if page.locator(".rx-dose .rx-input:focus").count():
            break
        page.keyboard.press("ArrowRight")
    expect(dose).to_be_focused()
    expect(page.locator(".rx-box.is-lit").first).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("2 cp")
    page.keyboard.press("Control+Enter")
    expect(lines.first).to_have_attribute("data-state", "validated")
    for place in (1, 2):
        page.keyboard.press("v")
        expect(lines.nth(place)).to_have_attribute("data-state", "validated")
    page.keyboard.press("f")
    page.wait_for_url("**/prescriptions/")
    page.goto(address)
    tab_to(page, ".page-actions details summary")
    page.keyboard.press("Enter")
    tab_to(page, "a[href*='/files/fhir/']")
    with page.expect_download() as downloaded:
        page.keyboard.press("Enter")
    bundle = json.loads(Path(downloaded.value.path()).read_text())
    assert [finding for finding in rules.check(bundle) if finding.severity == "error"] == []
    asked = [each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "MedicationRequest"]
    doses = [request["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] for request in asked]
    assert doses == [2, 1, 1]


@french
def test_a_photo_from_a_phone(story: Story, tmp_path: Path) -> None:
    """On a phone a photo is taken, read though it lies on its side, and shown upright over its lines."""
    page = story.sign_in("researcher")
    page.set_viewport_size(PHONE)
    story.go(page, "/prescriptions/")
    taken = tmp_path / "IMG_0001.jpg"
    taken.write_bytes(photo(ROWS))
    page.locator("rx-drop input[capture]").set_input_files(taken)
    page.wait_for_url("**/prescriptions/*-*/", timeout=SOON)
    expect(page.locator("[data-line]")).to_have_count(3)
    stands_upright(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    photograph(page, "files-phone")


@french
def test_a_large_batch(story: Story, tmp_path: Path) -> None:
    """Many texts in an archive, and some pictures beside it, sent together: each is read, and the time is told."""
    texts = {
        f"{number}.txt": f"Le 12/11/2026\nDOLIPRANE 1000 mg : 1 cp matin et soir\nLASILIX {number} mg : 1 cp le matin\n"
        for number in range(1, BATCH + 1)
    }
    sent = [tmp_path / "textes.zip"]
    sent[0].write_bytes(archive({name: text.encode() for name, text in texts.items()}))
    for number in range(PICTURES):
        sent.append(tmp_path / f"scan-{number}.pdf")
        sent[-1].write_bytes(scan([*ROWS, f"Bandelettes : {number + 1} boîtes"]))
    page = story.sign_in("researcher")
    story.go(page, "/prescriptions/")
    page.locator("rx-drop input[name=files]").set_input_files(sent)
    page.wait_for_url("**/batches/**")
    began = time.monotonic()
    counts = page.locator(".rx-counts dd")
    expect(counts.nth(1)).to_have_text("0", timeout=10 * SOON)
    took = time.monotonic() - began
    print(f"\n{BATCH} texts and {PICTURES} scans in {took:.0f} s")
    expect(counts.first).to_have_text(str(BATCH + PICTURES))
    assert_accessible(page)
    photograph(page, "files-batch")


@french
def test_the_worker_is_killed_in_the_middle(story: Story, tmp_path: Path) -> None:
    """kill -9 of the worker and of what it runs, while a batch is read: it goes on by itself, and nothing is lost."""
    texts = {f"{number}.txt": f"SERESTA {number} mg : 1 cp le soir".encode() for number in range(1, 61)}
    file = tmp_path / "textes.zip"
    file.write_bytes(archive(texts))
    page = story.sign_in("researcher")
    story.go(page, "/prescriptions/")
    page.locator("rx-drop input[name=files]").set_input_files(file)
    page.wait_for_url("**/batches/**")
    counts = page.locator(".rx-counts dd")
    while int(counts.first.inner_text()) < 3:
        page.reload()
    for process in list(box.family(story.suite.child("worker"))):
        os.kill(int(process.name), signal.SIGKILL)
    page.reload()
    assert int(counts.first.inner_text()) < len(texts), "the blow must have hit it in its middle"
    expect(counts.nth(1)).to_have_text("0", timeout=SOON)
    expect(counts.first).to_have_text(str(len(texts)))
    expect(counts.nth(2)).to_have_text("0")
