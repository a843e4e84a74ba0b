"""The network goes and comes back: one is told, nothing typed is lost, and nobody else finds it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e


def test_what_was_typed_is_found_again(site: Site) -> None:
    """A bar says that the server is away; the draft left on another page is listed, and gone for the next person."""
    page = site.open("/style-guide/", width=390)
    page.locator("form[data-draft] [name=name]").fill("Inclusion")
    page.context.set_offline(True)
    bar = page.locator("#offline")
    expect(bar).to_contain_text("Le serveur est injoignable")
    page.context.set_offline(False)
    expect(bar).to_be_hidden()
    page.goto(f"{site.address}/notices/")
    found = page.get_by_role("complementary", name="Brouillons retrouvés")
    expect(found.get_by_role("link")).to_have_attribute("href", "/style-guide/")
    found.get_by_role("link").click()
    expect(page.locator("form[data-draft] [name=name]")).to_have_value("Inclusion")
    page.evaluate("document.querySelector('meta[name=user]').content = ''")
    page.evaluate("sessionStorage.setItem('draft:somebody-else:/elsewhere/:x', '{}')")
    page.goto(f"{site.address}/notices/")
    kept = page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('draft:'))")
    assert all(re.match(rf"draft:{site.world.user['owner'].pk}:", name) for name in kept)
    found.get_by_role("button").click()
    expect(found).to_be_hidden()
