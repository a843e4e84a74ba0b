"""The plan de prise and the reconciliation in a real browser: accessible, at every width, decided from the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.access.demo import World
from prescriptions import services
from prescriptions.models import Document, Line, Reconciliation
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph

pytestmark = pytest.mark.e2e

BEFORE = """Le 12/11/2026
LEVOTHYROX 75 µg : 1 cp le matin 30 min avant le petit déjeuner QSP 3 mois
METFORMINE 1 g : 1 cp matin, midi et soir au cours des repas
KARDEGIC 75 mg : 1 sachet le midi
SERESTA 50 mg : 1/2 cp au coucher pendant 7 jours
LANTUS : 12 UI à 22h
SOLUPRED 20 mg : 3 cp le matin pendant 3 jours puis 2 cp le matin pendant 3 jours puis 1 cp le matin pendant 3 jours
METHOTREXATE 2,5 mg : 4 cp le lundi
DOLIPRANE 1 g : 1 cp si douleur, max 4 cp par jour, espacés d'au moins 6 h
PARACETAMOL 500 mg : 1 à 2 cp 3 fois par jour
Arrêt : Ramipril"""
AFTER = """Le 20/11/2026
LEVOTHYROX 100 µg : 1 cp le matin 30 min avant le petit déjeuner
METFORMINE 1 g : 1 cp matin et soir au cours des repas
KARDEGIC 75 mg : 1 sachet le midi
DAFALGAN 1 g : 1 cp si douleur, max 3 cp par jour
AMOXICILLINE 1 g : 1 gélule matin et soir pendant 7 jours
Arrêt : Seresta"""


def made(world: World) -> tuple[Document, Document]:
    """Two prescriptions, of which the first is reviewed."""
    actor = world.user["researcher"]
    before, after = (services.structure_text(actor, world.project, text) for text in (BEFORE, AFTER))
    for line in Line.objects.filter(document=before).select_related("document__project"):
        services.settle_line(actor, line, Line.State.VALIDATED, line.revision)
    return services.validate_document(actor, before), after


def address(site: Site, rest: str = "") -> str:
    return f"/projects/{site.world.project.slug}/prescriptions/{rest}"


@pytest.mark.parametrize(("language", "width"), [("fr", 1440), ("en", 1440), ("fr", 390), ("en", 390)])
def test_the_plan_at_every_width(site: Site, language: str, width: int) -> None:
    """Nothing is too wide, axe finds nothing, and each dose keeps the name of its part of the day."""
    before, after = apart(lambda: made(site.world))
    page = site.open(address(site, f"{before.pk}/plan/?start=2026-11-12"), "researcher", language, width=width)
    photograph(page, f"plan-{language}-{width}")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{site.address}{address(site, f'{after.pk}/plan/')}")
    expect(page.locator(".rxp-draft")).to_be_visible()
    dose = page.locator(".rxp-cell:not(:empty)").first.bounding_box()
    assert dose is not None
    assert dose["width"] > (110 if width > 640 else 250), "the words of a dose have room"
    photograph(page, f"plan-draft-{language}-{width}")


@pytest.mark.parametrize(("language", "width"), [("fr", 1440), ("en", 390)])
def test_a_reconciliation_from_the_keyboard(site: Site, language: str, width: int) -> None:
    """Choose two, compare, decide each line with the keyboard alone, keep: an undecided line is led to."""
    before, after = apart(lambda: made(site.world))
    page = site.open(address(site, "reconciliations/compare/"), "researcher", language, width=width)
    page.locator("#id_before").select_option(str(before.pk))
    page.locator("#id_after").select_option(str(after.pk))
    page.locator("#id_after").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".rxc-table")).to_be_visible()
    photograph(page, f"compare-{language}-{width}")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("textarea[name=note]").press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-faults]")).to_be_visible()
    photograph(page, f"compare-faults-{language}-{width}")
    for choice in page.locator(".rxc-choice").all():
        first = choice.locator("input").first
        first.focus()
        first.press("Space")
    page.locator("textarea[name=note]").press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reconciliations/*-*/")
    assert_accessible(page)
    photograph(page, f"reconciliation-{language}-{width}")
    assert apart(Reconciliation.objects.count) == 1


def test_export_from_the_page_of_a_prescription(site: Site) -> None:
    """The menu of a prescription gives its FHIR file; the page of exports and the list of reconciliations pass axe."""
    before, _after = apart(lambda: made(site.world))
    page = site.open(address(site, f"{before.pk}/"), "researcher", "fr")
    photograph(page, "document-actions")
    page.get_by_text("Plus", exact=True).click()
    with page.expect_download() as download:
        page.locator("a[href*='/files/fhir/']").click()
    assert download.value.suggested_filename.endswith(".fhir.json")
    for rest, name in (("files/", "export"), ("reconciliations/", "reconciliations-empty")):
        page.goto(f"{site.address}{address(site, rest)}")
        photograph(page, name)
        assert_accessible(page)
