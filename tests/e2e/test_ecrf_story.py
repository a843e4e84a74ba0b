"""One study from an empty page to its data, in a browser: built, published, entered, asked about, signed, locked."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from ecrf.models import Entry, Form, Subject
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e


def address(site: Site, name: str, *args: object) -> str:
    return reverse(f"ecrf:{name}", args=[site.world.project.slug, *args])


def build(page: Page) -> None:
    """A form of one page: a date, a weight with a unit and a limit."""
    page.get_by_label("Titre du formulaire").fill("Suivi du poids")
    page.get_by_role("button", name="Commencer le formulaire").click()
    page.get_by_role("treeitem", name="Première question").click()
    page.keyboard.press("F2")
    page.keyboard.type("Date de la visite")
    panel = page.get_by_role("complementary", name="Propriétés")
    panel.get_by_label("Type", exact=True).select_option("date")
    page.get_by_role("button", name="Ajouter", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Nombre", exact=True).click()
    page.keyboard.type("Poids")
    panel.get_by_label("Unité").fill("kg")
    panel.get_by_label("Obligatoire", exact=True).check()
    page.get_by_role("treeitem", name="Première page").click()
    panel.get_by_text("Plus", exact=True).click()
    panel.get_by_label("Sens de la signature").first.fill("Relu et conforme au dossier.")
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré par")
    page.get_by_role("link", name="Vérifier et publier").click()
    page.get_by_role("button", name="Publier le formulaire").click()
    expect(page.get_by_role("heading", name="Suivi du poids", level=1)).to_be_visible()


def test_a_study_from_nothing_to_its_data(site: Site) -> None:
    """Whoever builds, enters, monitors and signs finds what the others did, and the locked record stays as it is."""
    build(site.open(address(site, "new_form"), "owner"))

    clinician = site.open(address(site, "include"), "member")
    clinician.get_by_role("button", name="Inclure").click()
    expect(clinician.get_by_role("heading", level=1)).to_contain_text("BRO-")
    subject = apart(lambda: Subject.objects.latest("created_at"))
    form = apart(lambda: Form.objects.get(title="Suivi du poids"))
    sheet = address(site, "entry", subject.pk, form.key)
    clinician.goto(site.address + sheet)
    clinician.get_by_label("Date de la visite").fill("12/11/2026")
    clinician.get_by_label("Poids").fill("808")
    clinician.get_by_role("button", name="Enregistrer et terminer la page").click()
    expect(clinician.locator("[data-save-state]")).to_contain_text("Enregistré par")

    monitor = site.open(sheet, "monitor")
    monitor.locator('[data-key="poids"] .query-sign').click()
    monitor.get_by_label("Ce que vous demandez au centre").fill("808 kg ?")
    monitor.get_by_role("button", name="Ouvrir la requête").click()
    expect(monitor.locator(".query-panel .thread-text")).to_have_text("808 kg ?")

    clinician.reload()
    clinician.get_by_label("Poids").fill("80,8")
    clinician.locator('[data-key="poids"] .query-sign').click()
    clinician.get_by_label("Votre message").fill("Erreur de frappe.")
    clinician.get_by_role("button", name="Enregistrer la correction et répondre").click()
    expect(clinician.get_by_text("avec une correction")).to_be_visible()
    monitor.reload()
    monitor.locator('[data-key="poids"] .query-sign').click()
    monitor.locator(".query-panel").get_by_role("button", name="Fermer la requête").click()
    expect(monitor.locator(".query-panel .state-done")).to_be_visible()

    clinician.reload()
    clinician.get_by_role("button", name="Signer cette page").click()
    expect(clinician.locator(".signature")).to_contain_text("Signé par")

    owner = site.open(sheet, "owner")
    owner.get_by_role("button", name="Verrouiller").click()
    clinician.reload()
    expect(clinician.get_by_label("Poids")).to_be_disabled()
    entry = apart(lambda: Entry.objects.select_related("subject").get(subject=subject))
    assert apart(lambda: entry.values) == {"date_de_la_visite": "2026-11-12", "poids": "80.8"}
    assert entry.locked_at is not None
