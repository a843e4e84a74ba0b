"""A subject's casebook in a real browser: visits, copies of a page, rows, statuses, signatures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from ecrf import services
from ecrf.models import Entry, Signature
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.ecrf.conftest import Study
from tests.ecrf.visits import publish

pytestmark = pytest.mark.e2e


@pytest.fixture
def study(site: Site) -> Study:
    def build() -> Study:
        world = site.world
        return Study(
            world,
            publish(world),
            services.include_subject(world.user["member"], world.site_a),
            services.include_subject(world.user["other_site"], world.site_b),
        )

    return apart(build)


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré par")


def look(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_visit_from_the_casebook_to_the_signature(site: Site, study: Study, width: int) -> None:
    """From the grid of visits into one, a reason in place of a value, the page signed, the grid told."""
    subject = reverse("ecrf:subject", args=[study.world.project.slug, study.subject.pk])
    page = site.open(subject, "member", width=width)
    assert_accessible(page)
    look(page, f"casebook-{width}")
    page.get_by_role("link", name="Examen, Inclusion").click()
    page.get_by_label("Poids").fill("80,5")
    look(page, f"visit-begun-{width}")
    page.get_by_role("button", name="Statut et commentaire Lactate").click()
    look(page, f"visit-note-{width}")
    page.get_by_label("Statut", exact=True).select_option(label="Prélèvement perdu")
    page.get_by_label("Commentaire").fill("Tube cassé")
    page.get_by_label("Malade depuis").fill("05/2026")
    look(page, f"visit-{width}")
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer et terminer la page").click()
    saved(page)
    entry = apart(lambda: Entry.objects.select_related("subject").get())
    assert apart(lambda: entry.notes) == {"lactate": {"status": "lost", "comment": "Tube cassé"}}
    assert apart(lambda: entry.values["since"]) == "2026-05"
    page.get_by_role("button", name="Signer cette page").click()
    expect(page.locator(".signature")).to_contain_text("Signé par")
    assert apart(Signature.objects.count) == 1
    look(page, f"signed-{width}")
    page.goto(site.address + subject)
    expect(page.locator(".casebook")).to_contain_text("Complet")


def test_rows_and_sums(site: Site, study: Study) -> None:
    """Rows are added and taken away, each with its own remarks, and a sum follows them."""
    address = reverse("ecrf:entry", args=[study.world.project.slug, study.subject.pk, study.form.key])
    page = site.open(f"{address}?event=month_1&page=drugs", "member")
    page.get_by_role("radio", name="Oui").check()
    for name, dose in (("Aspirine", "75"), ("Metformine", "1000"), ("Erreur", "1")):
        page.get_by_role("button", name="Ajouter une ligne").click()
        row = page.locator("[data-row]").last
        row.get_by_label("Médicament").fill(name)
        row.get_by_label("Dose").fill(dose)
    expect(page.locator("#item-total")).to_have_text("1076 mg")
    page.get_by_role("button", name="Retirer Erreur").click()
    expect(page.locator("#item-total")).to_have_text("1075 mg")
    assert_accessible(page)
    look(page, "rows")
    page.locator("[data-row]").first.get_by_label("Médicament").fill("")
    page.get_by_role("button", name="Enregistrer et terminer la page").click()
    expect(page.locator("[data-faults]").get_by_role("link", name="Médicament")).to_be_visible()
    page.locator("[data-row]").first.get_by_label("Médicament").fill("Aspirine")
    page.get_by_role("button", name="Enregistrer et terminer la page").click()
    saved(page)
    values = apart(lambda: Entry.objects.select_related("subject").get().values)
    assert values["drug"] == [{"name": "Aspirine", "dose": "75"}, {"name": "Metformine", "dose": "1000"}]


def test_copies_of_a_page(site: Site, study: Study) -> None:
    """An adverse event is added from the casebook, named by its term, and the next one follows."""
    subject = reverse("ecrf:subject", args=[study.world.project.slug, study.subject.pk])
    page = site.open(subject, "member")
    page.get_by_role("link", name="Ajouter Événement indésirable").click()
    page.get_by_label("Terme").fill("Chute dans l’escalier")
    page.get_by_role("button", name="Enregistrer et terminer la page").click()
    saved(page)
    page.goto(site.address + subject)
    expect(page.get_by_role("link", name="Chute dans l’escalier")).to_be_visible()
    page.get_by_role("link", name="Ajouter Événement indésirable").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Événement indésirable 2")
    look(page, "copy")
