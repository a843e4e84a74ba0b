"""A consent in a real browser: read, answered, archived, asked for again, withdrawn; and a casebook as PDF."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from ecrf import services
from ecrf.models import Consent, Draft
from ecrf.models.entries import sheet_url
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.test_casebook import look, saved
from tests.ecrf.conftest import Study
from tests.ecrf.consents import INFORMATION, VISIT, publish
from tests.ecrf.engine.paper.reading import text_of

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


@pytest.mark.parametrize("width", [1440, 390])
def test_a_consent_from_the_sheet_to_its_withdrawal(site: Site, study: Study, width: int) -> None:
    """The sheet stands above its questions; complete, it is archived and held; withdrawn, nothing is added."""
    slug, subject, form = study.world.project.slug, study.subject, study.form
    page = site.open(sheet_url("entry", subject, form.key, VISIT), "member", width=width)
    expect(page.locator(".notice.notice-warning")).to_be_visible()
    expect(page.get_by_role("button", name="Enregistrer", exact=True)).to_have_count(0)
    look(page, f"consent-lacking-{width}")
    page.locator(".notice.notice-warning a").click()
    sheet = page.locator(".consent-sheet")
    expect(sheet).to_contain_text("Vous êtes libre.")
    page.get_by_role("group", name="J’accepte de participer").get_by_text("Oui").click()
    page.get_by_role("textbox", name="Nom").fill("Anne Guivarch")
    page.get_by_label("Date").fill("2026-11-23")
    look(page, f"consent-page-{width}")
    assert_accessible(page)
    page.get_by_role("button", name="Enregistrer et terminer la page").click()
    saved(page)
    page.goto(f"{site.address}{sheet_url('entry', subject, form.key, INFORMATION)}")
    look(page, f"consent-archived-{width}")
    page.locator(".notice.notice-locked a").click()
    look(page, f"consent-{width}")
    assert_accessible(page)
    with page.expect_download() as found:
        page.locator('a[href$="/document/"]').click()
    assert "Anne Guivarch" in text_of(found.value.path().read_bytes())
    page.locator("details", has=page.locator('form[action$="/withdraw/"]')).locator("summary").click()
    page.locator("#withdraw-reason").fill("Par téléphone")
    page.locator('form[action$="/withdraw/"] button').click()
    expect(page.get_by_text("Par téléphone")).to_be_visible()
    assert apart(lambda: Consent.objects.get().state) == "withdrawn"
    page.goto(f"{site.address}{reverse('ecrf:consents', args=[slug])}")
    expect(page.get_by_role("link", name=subject.number)).to_be_visible()
    look(page, f"consents-{width}")
    assert_accessible(page)


def test_a_casebook_as_pdf_and_a_consent_in_the_builder(site: Site, study: Study) -> None:
    """From the subject's page to the PDF; in the builder the sheet is read and its version changed."""
    slug = study.world.project.slug
    page = site.open(reverse("ecrf:subject", args=[slug, study.subject.pk]), "owner", width=1440)
    look(page, "paper-subject")
    page.locator('a[href$="/casebook/"]').click()
    assert_accessible(page)
    look(page, "paper-options")
    with page.expect_download() as found:
        page.locator("form.form button.btn-primary").click()
    assert study.subject.number in text_of(found.value.path().read_bytes())
    page.goto(f"{site.address}{reverse('ecrf:form', args=[slug, study.form.key])}")
    look(page, "paper-form")
    draft = apart(lambda: services.begin_next(study.world.user["owner"], study.form))
    page.goto(f"{site.address}{reverse('ecrf:build', args=[slug, draft.pk])}")
    page.get_by_role("treeitem", name="Consentement", exact=False).first.click()
    expect(page.locator(".consent-sheet")).to_contain_text("Vous êtes libre.")
    properties = page.locator("aside, [role=complementary]").filter(has=page.locator(".prop-passage"))
    expect(properties.locator(".prop-passage textarea").first).to_have_value(
        "Nous étudions le sepsis.\n\nVous êtes libre."
    )
    look(page, "consent-builder")
    version = next(one for one in properties.locator("input.form-control").all() if one.input_value() == "1.0")
    version.fill("2.0")
    expect(page.locator("[data-save-state]")).to_contain_text("Enregistré par")
    kept = apart(lambda: Draft.objects.get(pk=draft.pk).definition["pages"][0]["consent"]["version"])
    assert kept == "2.0"
