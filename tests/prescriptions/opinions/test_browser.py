"""A second opinion in the workbench of a real browser: seen, taken by its key, undone; axe.

The server is the stand-in of `conftest`: no language model is part of these tests.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from core import jobs
from prescriptions import services
from tests.e2e.axe import assert_accessible
from tests.e2e.conftest import Site, apart
from tests.e2e.pictures import photograph
from tests.prescriptions.opinions.conftest import StandIn
from tests.prescriptions.opinions.test_product import OTHER, RAMIPRIL

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(("language", "theme", "width"), [("fr", "light", 1440), ("en", "dark", 390)])
def test_the_key(site: Site, ollama: StandIn, settings: Any, language: str, theme: str, width: int) -> None:
    """What differs stands on the card; O takes it, Z brings it back."""
    settings.OLLAMA_URL, settings.OLLAMA_MODEL = ollama.url, "stand-in"
    ollama.says(OTHER)

    def structured() -> str:
        services.set_rules(site.world.user["owner"], site.world.project, double=False, opinions=True)
        document = services.structure_text(site.world.user["researcher"], site.world.project, RAMIPRIL)
        jobs.run_waiting()
        return document.get_absolute_url()

    page = site.open(apart(structured), "researcher", language, theme, width)
    page.locator("[data-line] .rx-input").first.focus()
    opinion = page.locator(".rx-opinion")
    expect(opinion.locator("dd").first).to_be_visible()
    assert_accessible(page)
    photograph(page, f"opinion-{language}-{width}")
    page.keyboard.press("o")
    expect(opinion.locator("dd")).to_have_count(0)
    page.keyboard.press("z")
    expect(opinion.locator("dd").first).to_be_visible()
    rules = f"/projects/{site.world.project.slug}/prescriptions/statistics/"
    page = site.open(rules, "owner", language, theme, width)
    expect(page.locator("input[name=opinions]")).to_be_checked()
    assert_accessible(page)
    photograph(page, f"rules-{language}-{width}")
