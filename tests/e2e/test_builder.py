"""Building a form in a real browser: by mouse and keyboard, live, undone and redone, saved by itself, published."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from ecrf import services
from ecrf.models import Draft, Form
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
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
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré par")


def definition(draft: Draft | None = None) -> dict[str, Any]:
    return apart(lambda: dict(Draft.objects.get(**({"pk": draft.pk} if draft else {})).definition))


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name, exact=False)


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Propriétés")


def add(page: Page, kind: str, label: str) -> None:
    """Add a part through the dialog; the label is ready to be typed."""
    page.get_by_role("button", name="Ajouter", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name=kind, exact=True).click()
    page.keyboard.type(label)


def test_from_nothing_to_a_filled_in_form(site: Site) -> None:
    """Three pages, choices, a condition and a calculation are built by mouse and keyboard, published, and filled in."""
    page = site.open(address(site, "new_form"), "owner")
    page.get_by_label("Titre du formulaire").fill("Consultation")
    page.get_by_role("button", name="Commencer le formulaire").click()
    live = page.locator("ecrf-preview")

    row(page, "Première question").click()
    page.keyboard.press("F2")
    page.keyboard.type("Date de visite")
    panel(page).get_by_label("Type").select_option("date")
    add(page, "Choix unique", "Fume")
    lines = panel(page).get_by_role("button", name="Coller des lignes")
    lines.click()
    page.get_by_label("Un choix par ligne").fill("0, Non\n1, Oui\n2, A arrêté")
    page.get_by_role("button", name="Prendre ces choix").click()
    expect(live.get_by_label("A arrêté")).to_be_visible()

    add(page, "Nombre entier", "Cigarettes par jour")
    panel(page).get_by_role("button", name="Ajouter une condition").click()
    rule = panel(page).get_by_role("group", name="Affiché si")
    rule.get_by_label("Champ").select_option("fume")
    rule.get_by_label("Valeur").select_option("1")
    expect(live.get_by_role("button", name="Cigarettes par jour")).to_be_visible()
    live.get_by_label("Oui").check()
    expect(live.get_by_label("Cigarettes par jour")).to_be_visible()

    add(page, "Page", "Mesures")
    add(page, "Nombre", "Poids")
    add(page, "Nombre", "Taille")
    add(page, "Calcul", "IMC")
    formula = panel(page).get_by_label("Calcul", exact=True)
    formula.fill("")
    formula.press_sequentially("poi")
    expect(panel(page).get_by_role("option", name="poids")).to_be_visible()
    page.keyboard.press("Enter")
    formula.press_sequentially(" / (tai")
    page.keyboard.press("Enter")
    formula.press_sequentially(" / 100) ^ 2")
    page.keyboard.press("Escape")
    saved(page)
    live.get_by_label("Poids").fill("80")
    live.get_by_label("Taille").fill("200")
    expect(live.get_by_role("status").or_(live.locator("output")).last).to_have_text("20")

    add(page, "Page", "Fin")
    add(page, "Texte long", "Remarques")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(row(page, "Remarques")).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    expect(row(page, "Remarques")).to_have_count(1)
    saved(page)
    assert complaints(page) == []
    assert [one["key"] for one in definition()["pages"]] == ["premiere_page", "mesures", "fin"]

    page.get_by_role("link", name="Vérifier et publier").click()
    page.get_by_role("button", name="Publier le formulaire").click()
    expect(page.get_by_role("heading", name="Consultation")).to_be_visible()
    form = apart(lambda: Form.objects.select_related("current").get())
    items = {
        item["key"]: item
        for one in form.published.definition["pages"]
        for group in one["groups"]
        for item in group["items"]
    }
    assert items["cigarettes_par_jour"]["visible_if"] == ["=", ["var", "fume"], ["text", "1"]]
    assert list(items) == ["date_de_visite", "fume", "cigarettes_par_jour", "poids", "taille", "imc", "remarques"]
    subject = apart(lambda: services.include_subject(site.world.user["member"], site.world.site_a))
    entry = site.open(address(site, "entry", subject.pk, form.key), "member")
    entry.get_by_label("Oui").check()
    entry.get_by_label("Cigarettes par jour").fill("10")
    entry.get_by_role("button", name="Enregistrer, terminer et continuer").click()
    expect(entry.get_by_role("heading", name="Mesures")).to_be_visible()
