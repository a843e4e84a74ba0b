"""An access review in a browser: judged by keys, without leaving the list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from core.reviews import services
from core.reviews.models import Campaign
from tests.e2e.axe import violations
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph

pytestmark = pytest.mark.e2e


def opened(site: Site) -> Campaign:
    due = timezone.localdate() + timedelta(days=30)
    administrator = site.world.user["administrator"]
    return services.open_campaign(administrator, site.world.organisation, "Second semestre", due)


def test_a_review_by_keys(site: Site) -> None:
    """J goes to the next access, C confirms it, R asks why it is revoked; one comes back to the list as it was."""
    campaign = apart(lambda: opened(site))
    page = site.open(f"{campaign.get_absolute_url()}?decision=open&whose=mine")
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.get_by_text("1 sur 5 traités")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_text("2 sur 5 traités")).to_be_visible()
    assert violations(page) == []
    photograph(page, "review-by-keys")
    page.keyboard.press("r")
    page.get_by_label("Motif").fill("a quitté le service")
    page.get_by_role("button", name="Révoquer l’accès").click()
    page.wait_for_url("**/reviews/*/?decision=open&whose=mine")
    assert apart(lambda: sorted(campaign.lines.values_list("decision", flat=True))) == [
        "confirmed",
        "confirmed",
        "open",
        "open",
        "open",
        "revoked",
    ]
