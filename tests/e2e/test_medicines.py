"""Medicines looked up from the keyboard, and the editions that an administrator looks after, in Chromium."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from prescriptions import services
from prescriptions.engine.reference.building import assemble
from prescriptions.engine.reference.catalogue import Reference
from prescriptions.engine.reference.starting import starter
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_medicine_is_found_from_the_keyboard(site: Site, width: int) -> None:
    """What is typed finds products at once; the arrows go through them, Enter opens one, Escape comes back."""
    address = reverse("prescriptions:medicines", args=[site.world.project.slug])
    page = site.open(address, "researcher", width=width)
    page.keyboard.type("levothrox")
    first = page.locator("#rx-found a").first
    expect(first).to_contain_text("LEVOTHYROX")
    expect(page.locator("#rx-found [role=status]")).not_to_be_empty()
    photograph(page, f"medicines-{width}")
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#rx-found a").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#rx-words")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/medicines/\d{8}/$"))
    expect(page.locator("h1")).to_contain_text("LEVOTHYROX")
    expect(page.locator("main")).to_contain_text("H03AA01")
    photograph(page, f"medicine-{width}")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1440, 390])
def test_editions(site: Site, width: int) -> None:
    """Every edition with where it is from; another one is chosen with a button."""
    for edition in ("ici", "là"):
        apart(lambda edition=edition: services.keep_reference(None, named(edition), edition))  # type: ignore[misc]
    page = site.open(reverse("medicines:editions"), "administrator", width=width)
    assert_accessible(page)
    photograph(page, f"editions-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("form[action$='/use'] button").first.click()
    expect(page.locator("main")).to_contain_text("starter ici")


def named(edition: str) -> Reference:
    """A few of the starter's products, as an edition."""
    whole = starter()
    return assemble(replace(whole.about, edition=edition), list(whole.products[:20]), whole.terms)
