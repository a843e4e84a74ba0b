"""The API as a page: a call is tried in one's own session, and one that changes something is asked about first."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ecrf.models import Subject
from tests.e2e.conftest import Site, apart

pytestmark = pytest.mark.e2e


def test_a_reading_is_tried_at_once(site: Site) -> None:
    """Status, headers and formatted JSON are shown, and the focus goes to them; by keyboard alone."""
    page = site.open("/api/operations/ecrf_subjects_list/", language="en")
    page.get_by_label("page_size").fill("1")
    page.keyboard.press("Enter")
    answer = page.locator(".api-answer")
    expect(answer.get_by_role("heading")).to_contain_text("200")
    expect(answer).to_be_focused()
    expect(answer.locator("tbody")).to_contain_text("ratelimit")
    expect(answer.locator("tbody")).to_contain_text("etag")
    expect(answer.locator("code").last).to_contain_text('"results": [')


def test_a_change_is_asked_about(site: Site) -> None:
    """Nothing is sent before one agrees; what is refused shows its faults."""
    page = site.open("/api/operations/ecrf_subjects_create/", language="fr", width=390)
    page.get_by_label("Corps (JSON)").fill('{"project": "etude-sepsis", "site": "BRO"}')
    page.get_by_role("button", name="Envoyer").click()
    asks = page.get_by_role("dialog", name="Envoyer cet appel")
    asks.get_by_role("button", name="Annuler").click()
    assert apart(Subject.objects.count) == 0
    page.get_by_role("button", name="Envoyer").click()
    asks.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".api-answer h3")).to_contain_text("201")
    assert apart(Subject.objects.count) == 1
    page.get_by_label("Corps (JSON)").fill("{}")
    page.get_by_role("button", name="Envoyer").click()
    asks.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".api-answer h3")).to_contain_text("422")
    expect(page.locator(".api-answer code").last).to_contain_text("urn:suite-interhop:problem:invalid")


def test_words_keep_what_is_looked_for(site: Site) -> None:
    """The list follows what is typed, and the address keeps it."""
    page = site.open("/api/", language="en")
    page.get_by_role("searchbox", name="Search in the API").fill("webhooks rotate")
    expect(page.locator(".api-list li")).to_have_count(1)
    expect(page).to_have_url(f"{site.address}/api/?q=webhooks%20rotate")
    page.locator(".api-list a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("/api/v1/webhooks/endpoints/{id}/rotate/")
