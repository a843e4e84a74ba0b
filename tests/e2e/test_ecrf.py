"""Filling in a form in a real browser: live rules, nothing lost, two people at once, everybody's keyboard."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from ecrf import services
from ecrf.models import Entry
from tests.e2e.axe import assert_accessible
from tests.e2e.complaints import complaints
from tests.e2e.conftest import Site, apart
from tests.ecrf.conftest import DICTIONARY, Study, dictionary, publish

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


def path(study: Study) -> str:
    return reverse("ecrf:entry", args=[study.world.project.slug, study.subject.pk, study.form.key])


def entry() -> Entry:
    return apart(lambda: Entry.objects.select_related("subject").get())


def values() -> dict[str, object]:
    return apart(lambda: dict(Entry.objects.select_related("subject").get().values))


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré par")


def test_filling_in(site: Site, study: Study) -> None:
    """Questions appear with the answers that ask them, calculations follow the keys, and a save is said in words."""
    page = site.open(path(study), "member")
    expect(page.get_by_role("group", name="Grossesse")).to_have_count(0)
    page.get_by_label("Femme").check()
    expect(page.get_by_role("group", name="Grossesse")).to_be_visible()
    page.get_by_label("Poids").fill("80,5")
    page.get_by_label("Taille").fill("160")
    expect(page.locator("#item-bmi")).to_have_text("31,4")
    page.get_by_label("Date de visite").fill("05012026")
    page.get_by_label("Fièvre").check()
    page.get_by_label("Aucun").check()
    expect(page.get_by_label("Fièvre")).not_to_be_checked()
    page.keyboard.press("Control+s")
    saved(page)
    found = values()
    assert (found["visit_date"], found["sex"], found["signs"]) == ("2026-01-05", "1", ["0"])
    assert (found["weight"], found["height"], found["bmi"]) == ("80.5", "160", "31.4")


def test_faults_are_listed_and_lead_to_their_fields(site: Site, study: Study) -> None:
    """What is wrong or missing is summed up with links; nothing is sent before it is right."""
    page = site.open(path(study), "member")
    page.get_by_label("Poids").fill("lourd")
    page.get_by_role("button", name="Enregistrer, terminer et continuer").click()
    summary = page.locator("[data-faults]")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_count(3)
    summary.get_by_role("link", name="Poids").click()
    expect(page.get_by_label("Poids")).to_be_focused()
    assert_accessible(page)
    assert apart(Entry.objects.count) == 0


def test_nothing_is_lost_on_reload(site: Site, study: Study) -> None:
    """What was typed and not saved is back after a reload, and gone once it is saved."""
    page = site.open(path(study), "member")
    page.get_by_label("Poids").fill("81")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Poids")).to_have_value("81")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    saved(page)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('ecrf:'))") == []


def test_a_new_version_while_one_types(site: Site, study: Study) -> None:
    """A save on the older version is refused in words; after a reload what is still asked for is back, and saved."""
    page = site.open(path(study), "member")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_label("Poids").fill("81")
    page.get_by_label("Nom").fill("Guivarch")
    shorter = DICTIONARY.replace(b"name,Visite,,text,Nom,,,,,,y,,,,,,,\n", b"")
    apart(lambda: publish(study.world, shorter, form=study.form))
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Une nouvelle version de ce formulaire")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Le formulaire a changé")).to_be_visible()
    expect(page.get_by_label("Poids")).to_have_value("81")
    page.keyboard.press("Control+s")
    saved(page)
    assert values()["weight"] == "81"


def test_emptying_a_default(site: Site, study: Study) -> None:
    """A field with a default is emptied like any other, before its page was ever saved, and stays empty."""
    rows = dictionary(
        "day,Visite,,text,Jour,,,date_ymd,,,,,,,,,,@TODAY", "dose,Visite,,text,Dose,,,,,,,,,,,,,@DEFAULT='2'"
    )
    form = apart(lambda: publish(study.world, rows, title="Défauts"))
    page = site.open(path(Study(study.world, form, study.subject, study.elsewhere)), "member")
    for label in ("Jour", "Dose"):
        expect(page.get_by_label(label).first).not_to_have_value("")
        page.get_by_label(label).first.fill("")
        page.keyboard.press("Tab")
        expect(page.get_by_label(label).first).to_have_value("")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    saved(page)
    assert values() == {"record_id": "BRO-001", "day": None, "dose": None}


def test_two_people_at_once(site: Site, study: Study) -> None:
    """Who comes second sees what the other changed, chooses, and saves: neither loses anything."""
    first, second = site.open(path(study), "member"), site.open(path(study), "owner")
    first.get_by_label("Poids").fill("80")
    first.get_by_label("Taille").fill("160")
    first.keyboard.press("Control+s")
    saved(first)
    second.get_by_label("Poids").fill("90")
    second.get_by_label("Homme").check()
    second.get_by_role("button", name="Enregistrer", exact=True).click()
    panel = second.locator("[data-merge]")
    expect(panel).to_contain_text("Nolwenn Kerbrat")
    expect(panel).to_contain_text("Taille")
    assert_accessible(second)
    panel.get_by_label(re.compile("La vôtre")).check()
    panel.get_by_role("button", name="Reprendre et continuer").click()
    second.get_by_role("button", name="Enregistrer", exact=True).click()
    saved(second)
    found = values()
    assert (found["weight"], found["height"], found["sex"]) == ("90", "160", "2")


def test_two_people_and_a_reload(site: Site, study: Study) -> None:
    """After a reload too, what a colleague saved in the meantime is laid beside what was typed here."""
    first, second = site.open(path(study), "member"), site.open(path(study), "owner")
    second.get_by_label("Poids").fill("90")
    first.get_by_label("Poids").fill("80")
    first.keyboard.press("Control+s")
    saved(first)
    second.on("dialog", lambda dialog: dialog.accept())
    second.reload()
    expect(second.get_by_label("Poids")).to_have_value("90")
    second.get_by_role("button", name="Enregistrer", exact=True).click()
    panel = second.locator("[data-merge]")
    expect(panel.get_by_role("group", name="Poids")).to_contain_text("Nolwenn Kerbrat")
    panel.get_by_label(re.compile("Nolwenn Kerbrat")).check()
    panel.get_by_role("button", name="Reprendre et continuer").click()
    expect(second.get_by_label("Poids")).to_have_value("80")


def test_merge_that_cannot_be_shown(site: Site, study: Study) -> None:
    """When what a colleague saved can't be fetched, the page says so, and goes on once the server is back."""
    first, second = site.open(path(study), "member"), site.open(path(study), "owner")
    first.get_by_label("Poids").fill("80")
    first.keyboard.press("Control+s")
    saved(first)
    second.get_by_label("Poids").fill("90")
    second.route("**/state/**", lambda route: route.abort())
    second.keyboard.press("Control+s")
    expect(second.get_by_text("Le serveur est injoignable").first).to_be_visible()
    expect(second.locator("[data-save-state]")).to_contain_text("non enregistrée")
    expect(second.get_by_label("Poids")).to_be_enabled()
    second.unroute("**/state/**")
    second.keyboard.press("Control+s")
    expect(second.locator("[data-merge]")).to_contain_text("Nolwenn Kerbrat")


def test_session_that_ended(site: Site, study: Study) -> None:
    """When the session has ended, one is asked to sign in over the page; what was typed stays."""
    page = site.open(path(study), "member")
    page.get_by_label("Poids").fill("82")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("dialog").filter(visible=True)).to_be_visible()
    expect(page.get_by_label("Poids")).to_have_value("82")


def test_pages_are_accessible(site: Site, study: Study) -> None:
    """Every page of the forms passes axe and fits its screen, on a desk and in a pocket."""
    owner, project = study.world.user["owner"], study.world.project.slug
    apart(lambda: services.save_entry(owner, study.subject, study.form, 0, {"sex": "1", "weight": "300"}))
    subject = [project, study.subject.pk]
    places = [
        reverse("ecrf:home", args=[project]),
        reverse("ecrf:include", args=[project]),
        reverse("ecrf:subject", args=subject),
        path(study),
        f"{path(study)}?page=suivi",
        reverse("ecrf:history", args=[*subject, study.form.key]),
        reverse("ecrf:forms", args=[project]),
        reverse("ecrf:import", args=[project]),
        study.form.get_absolute_url(),
    ]
    pages = {str(number): place for number, place in enumerate(places)}
    assert complaints(site, pages, "ecrf") == []


def test_on_paper(site: Site, study: Study) -> None:
    """Printed, every page of the form is there, without buttons."""
    page = site.open(path(study), "member")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Suivi")).to_be_visible()
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_be_hidden()
