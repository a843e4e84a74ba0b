"""One story through the five tools, as three people live it in a browser, in French and in English."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import trial
from tests.e2e.story import PROJECT, Story

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PRESCRIPTION = "DOLIPRANE 1000 mg : 1 comprimé 3 fois par jour pendant 5 jours"
STRUCTURED = {
    "medicine": "DOLIPRANE",
    "strength": "1000 mg",
    "dose": "1 comprimé",
    "frequency": "3 fois par jour",
    "duration": "5 jours",
}
SOON = 180_000
"""Milliseconds that a job may take on a busy machine."""
WORDS = {
    "fr": {"home": "Ce qui vous attend", "intact": "Le journal d’audit est intègre"},
    "en": {"home": "What needs you now", "intact": "The audit trail is intact"},
}


def test_story(story: Story, tmp_path: Path) -> None:
    """A form is imported and filled in, its entries become a dataset, which is counted, drawn and saved."""
    owner = story.sign_in("owner")
    expect(owner.locator("#needs")).to_have_text(WORDS[story.language]["home"])
    form = import_dictionary(story, owner)

    clinician = story.sign_in("member")
    fill_in(story, clinician, form)

    dataset = export(story, owner, form)

    researcher = story.sign_in("researcher")
    count_and_draw(story, researcher, dataset)
    structure(story, researcher)
    compute(story, researcher, dataset)

    back_up_and_restore(story, owner, dataset, tmp_path)
    verify_the_trail(story, owner)
    remove(story, owner, clinician)


def import_dictionary(story: Story, page: Page) -> str:
    """The project manager uploads a REDCap data dictionary, looks at what was read, and publishes it."""
    story.go(page, "/forms/library/import/")
    page.fill("main [name=title]", f"Longitudinal {story.mark}")
    page.set_input_files("[name=file]", trial.dictionary())
    page.select_option("select[name=language]", "en")
    page.click("main form button.btn-primary")
    expect(page).to_have_url(containing("/library/drafts/"), timeout=SOON)
    page.click("form[action$='/publish/'] button")
    expect(page).to_have_url(containing("/library/form/"), timeout=SOON)
    return page.url.rstrip("/").rpartition("/")[2]


def fill_in(story: Story, page: Page, form: str) -> None:
    """The clinician includes a subject and fills in a page; what is stale or crafted is refused, every error named."""
    story.go(page, "/forms/subjects/include/")
    page.click("main form button.btn-primary")
    page.click(f"a[href*='/{form}/'] >> nth=0")
    entry = page.url.split("?")[0]
    page.fill("#item-first_name", "Anna")
    page.fill("#item-weight", "70")
    page.fill("#item-height", "175")
    expect(page.locator("#item-bmi")).to_contain_text("22")
    page.locator("input[name=item-sex]").first.check()
    page.keyboard.press("Control+s")
    expect(page.locator("button[aria-keyshortcuts='Control+S']")).to_be_disabled()
    expect(page.locator("[data-save-state]")).to_contain_text(":")

    crafted = post(page, f"{entry}save/", {"base": 1, "values": {"weight": "heavy", "sex": "9", "no_such": 1}})
    assert crafted["status"] == 422
    assert {"weight", "sex", "no_such"} <= {error["place"] for error in crafted["body"]["errors"]}
    stale = post(page, f"{entry}save/", {"base": 0, "values": {"weight": 71}})
    assert stale["status"] == 409
    page.reload()
    expect(page.locator("#item-weight")).to_have_value("70")


def post(page: Page, address: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a hand-made request from this browser gets."""
    answer: dict[str, Any] = page.evaluate(
        """async ([address, body]) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const answer = await fetch(address, {method: "POST", body: JSON.stringify(body),
                headers: {"X-CSRFToken": token, "Content-Type": "application/json"}});
            return {status: answer.status, body: await answer.json()};
        }""",
        [address, body],
    )
    return answer


def export(story: Story, page: Page, form: str) -> str:
    """The entries become a dataset."""
    story.go(page, f"/forms/library/form/{form}/")
    page.click("form[action$='/export/'] button")
    done(page)
    story.go(page, "/datasets/")
    link = page.locator(f".table a[href*='/datasets/']:has-text('Longitudinal {story.mark}')")
    link.click()
    return page.url.rstrip("/").rpartition("/")[2]


def done(page: Page) -> None:
    """The job that the page shows ends well."""
    expect(page.locator("job-progress, .state-done").first).to_be_visible()
    expect(page.locator(".state-done").first).to_be_visible(timeout=SOON)


def count_and_draw(story: Story, page: Page, dataset: str) -> None:
    """The researcher counts by sex and draws the mean weight."""
    story.go(page, "/analyses/new/")
    page.fill("[name=name]", f"Weight by sex {story.mark}")
    page.check(f"[name=dataset][value='{dataset}']")
    page.click("main form button.btn-primary")
    page.click("[data-column-name=sex]")
    page.focus("[data-column-name=weight]")
    page.keyboard.press("m")
    expect(page.locator("[data-drawing] svg")).to_be_visible(timeout=SOON)
    page.click("#tab-code")
    page.get_by_text("SQL (DuckDB)").click()
    expect(page.locator("#outcome-panel")).to_contain_text("SELECT")


def structure(story: Story, page: Page) -> None:
    """He pastes a prescription and gets its line as medicine, dose, frequency and duration."""
    story.go(page, "/prescriptions/new/")
    page.fill("main textarea", PRESCRIPTION)
    page.click("main form button.btn-primary")
    expect(page).to_have_url(re.compile(r"/prescriptions/[0-9a-f-]{36}/"), timeout=SOON)
    for part, words in STRUCTURED.items():
        expect(page.locator(f".rx-card .rx-{part} .rx-input").first).to_have_value(words)


def compute(story: Story, page: Page, dataset: str) -> None:
    """He runs a cell on the dataset in a box that has no network."""
    story.go(page, f"/spaces/notebooks/new/?dataset={dataset}")
    page.fill("[name=title]", f"Notebook {story.mark}")
    page.click("main form button.btn-primary")
    page.locator("code-cell .cm-content").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "import pandas as pd, socket\n"
        f'print("rows", len(pd.read_parquet("/data/{dataset}.parquet")))\n'
        'socket.create_connection(("127.0.0.1", 80), 2)'
    )
    page.keyboard.press("Shift+Enter")
    result = page.locator("#result-0")
    expect(result).to_contain_text("rows 1", timeout=SOON)
    expect(result).to_contain_text("Error")


def back_up_and_restore(story: Story, page: Page, dataset: str, folder: Path) -> None:
    """A plan encrypts datasets and files; the restored copy is bit-identical to what the project holds."""
    story.go(page, "/backups/repositories/new/")
    page.fill("[name=name]", f"Repository {story.mark}")
    page.click("[data-turn=place] button.btn-primary")
    page.click("[data-turn=make] button.btn-primary")
    with page.expect_download() as keeping:
        page.click("[data-part=download]")
    key = folder / "backup.key"
    keeping.value.save_as(key)
    page.click("[data-part=keep-on]")
    page.set_input_files("#saved", key)
    page.click("[data-turn=prove] button.btn-primary")
    expect(page.locator("#done-title")).to_be_visible(timeout=SOON)

    story.go(page, "/backups/plans/new/")
    page.fill("[name=name]", f"Plan {story.mark}")
    page.select_option("[name=repository]", label=f"Repository {story.mark}")
    page.click("main form button.btn-primary")
    page.click("form[action$='/run/'] button")
    snapshot = page.locator(".table tbody a[href*='/snapshots/']").first
    expect(snapshot).to_be_visible(timeout=SOON)
    snapshot.click()

    page.add_init_script("delete window.showSaveFilePicker")  # its dialog asks a person
    page.locator("a[href$='/files/']").first.click()
    page.set_input_files("#keyfile", key)
    page.fill("#reason", "Drill")
    page.click("[data-part=open]")
    with page.expect_response("**/took/", timeout=SOON), page.expect_download() as fetching:
        page.click("[data-part=zip]")
    expect(page.locator(".notice-done")).to_be_visible(timeout=SOON)
    archive = folder / "restored.zip"
    fetching.value.save_as(archive)
    with zipfile.ZipFile(archive) as restored:
        assert restored.testzip() is None
        copy = restored.read(f"datasets/{dataset}/v1.parquet")
    story.go(page, f"/datasets/{dataset}/")
    with page.expect_download() as fetching:
        choose(page, "a[href$='/parquet/']")
    assert pq.read_table(fetching.value.path()).equals(pq.read_table(io.BytesIO(copy)))  # it also has the labels


def choose(page: Page, link: str) -> None:
    """Open the menu that a link is in, and follow it."""
    page.locator("details", has=page.locator(link)).locator("summary").click()
    page.click(link)


def verify_the_trail(story: Story, page: Page) -> None:
    """The data controller reads what was done, and has the chain verified."""
    story.go(page, "/audit/")
    expect(page.locator(".table-results tbody tr").first).to_be_visible()
    page.locator("form[action$='/verify/'] button").click()
    expect(page.locator(".notice-done")).to_contain_text(WORDS[story.language]["intact"], timeout=SOON)
    with page.expect_download() as fetching:
        choose(page, "a[href*='format=csv']")
    text = Path(fetching.value.path()).read_text(encoding="utf-8-sig")
    acts = {row for line in csv.reader(io.StringIO(text), delimiter=";") for row in line}
    assert acts >= trial.ACTS


def remove(story: Story, owner: Page, clinician: Page) -> None:
    """The removed clinician's open page leaves by itself, and his browser is a stranger's from then on."""
    story.go(owner, "/members/")
    owner.locator("#table-members tr", has_text=story.people["member"]["email"]).locator("[data-open-dialog]").click()
    owner.locator("dialog[open] button.btn-danger").click()
    expect(owner.locator("#table-members")).not_to_contain_text(story.people["member"]["email"])
    expect(clinician).to_have_url(containing("/accounts/login/"), timeout=SOON)
    clinician.goto(f"{story.suite.url}{PROJECT}/forms/")
    expect(clinician).to_have_url(containing("/accounts/login/"))


def containing(part: str) -> re.Pattern[str]:
    """Any address that has this part."""
    return re.compile(re.escape(part))
