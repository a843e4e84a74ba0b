"""How a study is followed, in a real browser: the grid, a saved view, a visit outside its window, the report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Form, Subject
from tests.e2e.complaints import complaints
from tests.e2e.conftest import Site, apart
from tests.ecrf import visits
from tests.ecrf.test_visits import dated

pytestmark = pytest.mark.e2e


@pytest.fixture
def study(site: Site) -> tuple[Form, Subject]:
    """A subject whose first visit was sixty days ago, and three others."""

    def build() -> tuple[Form, Subject]:
        member, world = site.world.user["member"], site.world
        form = visits.publish(world, dated())
        subject = services.include_subject(member, world.site_a)
        for _number in range(3):
            services.include_subject(member, world.site_a)
        seen = (timezone.localdate() - timedelta(days=60)).isoformat()
        values = {"seen": seen, "weight": "80"}
        services.save_entry(member, subject, form, 0, values, sheet=Sheet("inclusion", "", 1))
        return form, subject

    return apart(build)


def test_a_study_is_followed(site: Site, study: tuple[Form, Subject]) -> None:
    """Filters and arrows in the grid, a view kept under a name, a late visit, the report that says so."""
    _form, subject = study
    project = site.world.project.slug
    page = site.open(reverse("ecrf:home", args=[project]), "member")
    rows = page.locator(".grid-table tbody tr")
    expect(rows).to_have_count(4)
    expect(page.locator("#count-inclusion-exam")).to_contain_text("0")
    rows.first.locator(".grid-name a").focus()
    page.keyboard.press("ArrowRight")
    expect(rows.first.locator(".grid-cell").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator(".grid-cell").first).to_be_focused()
    page.locator("select[name=state]").select_option("missing")
    expect(rows).to_have_count(1)
    page.locator(".table-views summary").click()
    page.locator("[data-open-dialog^=save]").click()
    page.locator("dialog[open] input[name=name]").fill("À compléter")
    page.locator("dialog[open] button.btn-primary").click()
    expect(page.locator(".table-views summary")).to_contain_text("À compléter")
    expect(rows).to_have_count(1)
    rows.first.locator(".grid-name a").click()
    line = page.locator("#visits tbody tr").nth(1)
    expect(line.locator(".state")).to_have_class("state state-failed")
    line.locator("th a").click()
    page.get_by_label("Date de la visite").first.fill(timezone.localdate().strftime("%d/%m/%Y"))
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".save-state")).to_contain_text("Enregistré")
    page.goto(site.address + reverse("ecrf:subject", args=[project, subject.pk]))
    expect(line.locator(".state")).to_have_class("state state-warning")
    page.goto(site.address + reverse("ecrf:reports", args=[project]))
    expect(page.locator("#windows tbody tr").nth(1).locator("td").nth(2)).to_have_text("1")
    expect(page.locator(".accrual-dot").first).to_be_visible()


def test_pages_are_accessible(site: Site, study: tuple[Form, Subject]) -> None:
    """Every page passes axe and fits its screen, on a desk and in a pocket."""
    project = site.world.project.slug
    names = ("home", "visits", "reports", "report_settings", "pending")
    places = {name: reverse(f"ecrf:{name}", args=[project]) for name in names}
    places["month"] = f"{places['visits']}?month=now"
    places["subject"] = reverse("ecrf:subject", args=[project, study[1].pk])
    places["timeline"] = reverse("ecrf:timeline", args=[project, study[1].pk])
    assert complaints(site, places, "monitoring") == []
