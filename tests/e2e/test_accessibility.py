"""The portal's pages pass axe in both themes, both languages and at phone width, and obey their content policy."""

from __future__ import annotations

import pytest

from tests.e2e.axe import assert_accessible, violations
from tests.e2e.complaints import OPPOSITES
from tests.e2e.conftest import Site
from tests.e2e.quiet import visit

pytestmark = pytest.mark.e2e
PAGES = [("/style-guide/", "owner"), ("/", "owner"), ("/accounts/login/", "anonymous"), ("/search/?q=sepsis", "owner")]


@pytest.mark.parametrize(
    ("path", "who", "language", "theme", "width"),
    [(*page, *way) for page, ways in zip(PAGES, OPPOSITES, strict=True) for way in ways],
)
def test_pages_are_accessible(site: Site, path: str, who: str, language: str, theme: str, width: int) -> None:
    """axe finds nothing, the browser refuses nothing, and nothing is wider than the page."""
    page = site.open("", who, language, theme, width)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    visit(page, site.address + path)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints == []


def test_axe_finds_what_is_wrong(site: Site) -> None:
    """The check itself: a picture without words and a field without a label are found."""
    page = site.open("")
    page.set_content('<html lang="fr"><title>x</title><main><h1>x</h1><img src="x.png"><input></main></html>')
    found = " ".join(violations(page))
    assert "image-alt" in found
    assert "label" in found


def test_open_menus_and_dialogs_are_accessible(site: Site) -> None:
    """What opens over the page passes axe too: the account menu, the palette, the confirmation of a dangerous act."""
    page = site.open("/style-guide/")
    page.locator(".account-menu summary").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.locator("#palette-results .hit").first.wait_for()
    assert_accessible(page)
    page.keyboard.press("Escape")
    page.locator("[data-open-dialog='g-confirm']").click()
    assert_accessible(page)
