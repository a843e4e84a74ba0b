"""Queries and verification in a real browser: asked at a field, answered with a correction, closed; all by keyboard."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from ecrf import services
from ecrf.models import Entry, Query, Verification
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.ecrf.conftest import Study, publish

pytestmark = pytest.mark.e2e


@pytest.fixture
def study(site: Site) -> Study:
    def build() -> Study:
        world = site.world
        member = world.user["member"]
        made = Study(
            world,
            publish(world),
            services.include_subject(member, world.site_a),
            services.include_subject(world.user["other_site"], world.site_b),
        )
        services.save_entry(member, made.subject, made.form, 0, {"weight": "80", "sex": "1"})
        return made

    return apart(build)


def path(study: Study) -> str:
    return reverse("ecrf:entry", args=[study.world.project.slug, study.subject.pk, study.form.key])


def sign(page: Page, key: str) -> object:
    return page.locator(f'[data-key="{key}"] .query-sign')


def state() -> str:
    return apart(lambda: Query.objects.get().state)


def test_a_query_from_its_opening_to_its_end(site: Site, study: Study) -> None:
    """A monitor asks at a field, the clinician corrects the value with the answer, the monitor closes."""
    monitor = site.open(path(study), "monitor", "en")
    sign(monitor, "weight").click()
    panel = monitor.locator(".query-panel")
    expect(panel.get_by_role("heading", name="Queries")).to_be_focused()
    panel.get_by_label("What you ask the site").fill("Is it 80? The file says 68.")
    panel.get_by_role("button", name="Open the query").click()
    expect(panel.get_by_text("Is it 80? The file says 68.")).to_be_visible()
    monitor.evaluate("scrollTo(0, 0)")
    assert_accessible(monitor)

    clinician = site.open(path(study), "member", "en")
    expect(sign(clinician, "weight")).to_contain_text("1")
    clinician.get_by_label("Poids").fill("68")
    sign(clinician, "weight").click()
    panel = clinician.locator(".query-panel")
    panel.get_by_label("Your words").fill("Mistyped.")
    panel.get_by_role("button", name="Save the correction and answer").click()
    expect(panel.get_by_text("with a correction")).to_be_visible()
    expect(clinician.locator("[data-save-state]")).to_contain_text("Saved by")
    expect(clinician.locator("#item-weight")).to_have_value("68")
    assert apart(lambda: Entry.objects.select_related("subject").get().values["weight"]) == "68"
    assert state() == "resolved"

    monitor.reload()
    sign(monitor, "weight").click()
    monitor.locator(".query-panel").get_by_role("button", name="Close the query").click()
    expect(monitor.locator(".query-panel .state-done")).to_be_visible()
    assert state() == "closed"


def test_a_query_by_keyboard(site: Site, study: Study) -> None:
    """The sign, the panel and its acts are reached and left by keyboard; focus comes back to the sign."""
    page = site.open(path(study), "monitor", "en")
    sign(page, "weight").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".query-panel h2")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Is it 80?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".query-panel .thread-text")).to_have_text("Is it 80?")
    page.locator(".query-panel textarea").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".query-panel")).to_have_count(0)
    expect(sign(page, "weight")).to_be_focused()
    assert state() == "open"


def test_verifying(site: Site, study: Study) -> None:
    """In verify mode a monitor ticks a value, then all that is left on the page."""
    page = site.open(path(study), "monitor", "en")
    page.get_by_role("button", name="Verify against the source").click()
    tick = page.locator('[data-key="weight"] .verify-sign input')
    tick.check()
    expect(page.locator('[data-key="weight"] .verify-sign')).to_contain_text("Verified")
    expect(page.get_by_text("One value to verify on this page")).to_be_visible()
    page.get_by_role("button", name="All of them agree with the source").click()
    expect(page.get_by_text("Nothing left to verify on this page")).to_be_visible()
    assert apart(lambda: sorted(Verification.objects.values_list("item", flat=True))) == ["sex", "weight"]
