"""An analysis made in the browser, by keyboard and by hand, kept, drawn, exported; readable by everybody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from core.audit.models import Event
from lowcode.models import Analysis
from lowcode.services import analyses, running
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import OPPOSITES, complaints
from tests.e2e.conftest import apart
from tests.lowcode.conftest import BY_SEX, HOSTILE, publish

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def ready(site: Site) -> str:
    """The address of an analysis that was run."""

    def make() -> str:
        publish(site.world)
        analysis = analyses.create(site.world.user["researcher"], site.world.project, "Lactate par sexe", BY_SEX)
        running.read_saved(site.world.user["researcher"], analysis)
        return analysis.get_absolute_url()

    return apart(make)


def listening(page: Page) -> list[str]:
    """What the browser complains of, refusals of the content policy among it."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def drawn(page: Page) -> None:
    expect(page.locator(".chart-drawing svg")).to_be_visible(timeout=20_000)
    expect(page.locator(".outcome")).to_have_attribute("aria-busy", "false")


def test_a_question_is_built_by_keyboard_alone(site: Site) -> None:
    """From the list to a drawn answer without a mouse: name, column, G, M, undo; then the page is loaded again."""
    apart(lambda: publish(site.world))
    page = site.open("/projects/etude-sepsis/analyses/new/", "researcher")
    complaints = listening(page)
    page.get_by_label("Nom", exact=True).fill("Âge par service")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/analyses/[0-9a-f-]{36}/$"))
    page.locator(".figures dd").wait_for()
    assert page.locator(".figures dd").inner_text() == "60"
    page.get_by_role("searchbox", name="Chercher une colonne").focus()
    page.keyboard.type("service")
    page.keyboard.press("Tab")
    page.keyboard.press("g")
    drawn(page)
    expect(page.locator("[data-said]")).to_have_text("4 lignes de résultat.")
    page.get_by_role("searchbox", name="Chercher une colonne").fill("lactate")
    page.locator('[data-column-name="lactate"]').focus()
    page.keyboard.press("m")
    expect(page.get_by_role("combobox", name="Mesure de Lactate")).to_be_visible()
    page.locator("#tab-chart").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".result-table th")).to_have_text(
        ["Service", "Nombre de lignes", "Moyenne de Lactate (mmol/L)"]
    )
    page.keyboard.press("Control+z")
    expect(page.locator(".result-table th")).to_have_count(2)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(".result-table th")).to_have_count(3)
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré à")
    page.reload()
    drawn(page)
    expect(page.get_by_role("combobox", name="Mesure de Lactate")).to_be_visible()
    assert complaints == []


def test_a_filter_reads_like_a_sentence(site: Site) -> None:
    """Values are ticked from those there are, with their counts; the answer follows, and says what it does."""
    page = site.open(ready(site), "researcher")
    complaints = listening(page)
    drawn(page)
    page.locator("#add-filter").select_option("ward")
    page.get_by_text("Choisir des valeurs").click()
    page.get_by_role("checkbox", name="Urgences").check()
    expect(page.locator(".explanation")).to_contain_text("Garde celles où")
    expect(page.locator(".explanation")).to_contain_text("Urgences")
    page.locator("#tab-table").click()
    expect(page.locator(".result-table td").nth(1)).to_have_text("15")
    page.locator("#tab-code").click()
    expect(page.locator(".code-text")).to_contain_text("isin(['Urgences'])")
    page.get_by_role("button", name="SQL (DuckDB)").click()
    expect(page.locator(".code-text")).to_contain_text("SELECT")
    assert complaints == []


def test_a_number_is_typed_as_it_is_written(site: Site) -> None:
    """A new condition takes the value typed, and a decimal stays as it is typed, also as a width and a quantile."""
    page = site.open(ready(site), "researcher")
    complaints = listening(page)
    drawn(page)
    page.locator("#add-filter").select_option("lactate")
    typed(page, page.get_by_label("Valeur pour Lactate"), "1.05")
    expect(page.locator(".explanation")).to_contain_text("1,05")
    typed(page, page.get_by_label("Valeur pour Lactate"), "0.005")
    expect(page.locator(".explanation")).to_contain_text("0,005")
    page.get_by_role("combobox", name="Mesure de Lactate").select_option("quantile")
    typed(page, page.get_by_label("Quel quantile, en pourcentage"), "2.05")
    page.locator("#add-group").select_option("lactate")
    typed(page, page.get_by_label("Largeur des classes"), "0.05")
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré à")
    kept = apart(lambda: Analysis.objects.get().query)
    assert kept["where"]["items"][0]["value"] == 0.005
    assert [key["bin"]["width"] for key in kept["by"] if "bin" in key] == [0.05]
    assert [measure["at"] for measure in kept["measures"] if "at" in measure] == [pytest.approx(0.0205)]
    assert complaints == []


def typed(page: Page, field: Locator, text: str) -> None:
    """Type into a field, as fast as people do, in place of what stands there."""
    field.fill("")
    field.focus()
    page.keyboard.type(text, delay=120)
    expect(field).to_have_value(text)


NOTE_STATES = """() => {
    const place = document.querySelector("[data-save-state]"), said = [];
    const note = () => { said.push(place.textContent.trim()); document.body.dataset.said = said.join("|"); };
    new MutationObserver(note).observe(place, { childList: true, characterData: true, subtree: true });
}"""
"""Keeps what is said of the saving in turn: the first of it stands for less than a second."""


def test_a_change_that_cannot_be_answered_is_kept(site: Site) -> None:
    """The server can't answer now: what was changed is saved all the same, and said not to be until it is."""
    page = site.open(ready(site), "researcher")
    drawn(page)
    page.route("**/lowcode/query/", lambda route: route.fulfill(status=503, body="{}"))
    page.evaluate(NOTE_STATES)
    page.locator("#add-group").select_option("ward")
    expect(page.locator("body")).to_have_attribute(
        "data-said", re.compile("Modifications non enregistrées.*Enregistré à")
    )
    expect(page.get_by_role("alert")).to_be_visible()
    assert apart(lambda: [key["column"] for key in Analysis.objects.get().query["by"]]) == ["sex", "ward"]


def test_what_cannot_be_kept_is_said(site: Site) -> None:
    """Without the network nothing is said to be saved."""
    page = site.open(ready(site), "researcher")
    drawn(page)
    page.route("**/api/v1/lowcode/**", lambda route: route.abort())
    page.locator("#add-group").select_option("ward")
    expect(page.locator("[data-save-state]")).to_have_text("Non enregistré")


def test_exports_are_given_and_written_down(site: Site) -> None:
    """CSV, PNG and SVG arrive as files, and each is in the journal."""
    page = site.open(ready(site), "researcher")
    complaints = listening(page)
    drawn(page)
    for words, kind, start in (("CSV", "csv", b"\xef\xbb\xbf"), ("PNG", "png", b"\x89PNG"), ("SVG", "svg", b"<svg")):
        page.get_by_text("Exporter", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("button", name=words).click()
        file = download.value
        assert file.suggested_filename == f"lactate-par-sexe.{kind}"
        assert file.path().read_bytes().startswith(start)
        page.keyboard.press("Escape")
        if page.locator(".outcome-head details[open]").count():
            page.get_by_text("Exporter", exact=True).click()
    kinds = apart(
        lambda: [
            event.details["format"] for event in Event.objects.filter(action="lowcode.result_exported").order_by("pk")
        ]
    )
    assert kinds == ["csv", "png", "svg"]
    assert complaints == []


def test_a_hostile_column_is_only_its_name(site: Site) -> None:
    """Grouped by a column called like a script, the page shows the name and runs nothing."""
    page = site.open(ready(site), "researcher")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    complaints = listening(page)
    drawn(page)
    page.get_by_role("button", name=f"Grouper par: {HOSTILE}").click()
    expect(page.locator(".chart-title")).to_contain_text(HOSTILE)
    drawn(page)
    assert asked == complaints == []


def test_the_second_of_two_is_told(site: Site) -> None:
    """Somebody saved in between: the state says so, and the other's work is not overwritten."""
    address = ready(site)
    page = site.open(address, "researcher")
    drawn(page)

    def meanwhile() -> None:
        analysis = Analysis.objects.get()
        analyses.save(site.world.user["owner"], analysis, analysis.revision, "Celle de Camille", BY_SEX, {})

    apart(meanwhile)
    page.get_by_label("Nom de l’analyse").fill("La mienne")
    expect(page.locator("[data-save-state]")).to_contain_text("quelqu’un d’autre")
    assert apart(lambda: Analysis.objects.get().name) == "Celle de Camille"


def test_the_pages_are_accessible(site: Site) -> None:
    """Axe finds nothing in the list, the forms and the workbench with each of its tabs, wide or narrow."""
    address = ready(site)
    forms = ("/projects/etude-sepsis/analyses/", "/projects/etude-sepsis/analyses/new/", f"{address}publish/")
    assert complaints(site, dict(zip(("list", "new", "publish"), forms, strict=True)), "lowcode", "researcher") == []
    for language, theme, width in (*OPPOSITES[0], *OPPOSITES[1]):
        page = site.open(address, "researcher", language, theme, width)
        drawn(page)
        for tab in ("chart", "table", "code"):
            page.locator(f"#tab-{tab}").click()
            page.evaluate("scrollTo(0, 0)")  # nothing under the bar that stays at the top
            assert_accessible(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0
        viewer = site.open(address, "monitor", language, theme, width)
        drawn(viewer)
        assert_accessible(viewer)
