"""Pictures of pages to look at: each at two widths, in both themes and languages.

    LOOK=folder [LOOK_URLS="/ /style-guide/"] [LOOK_AS=owner] pytest -q tests/e2e/look.py

This is no test and pytest doesn't collect it by itself; `make look` runs it.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FloatRect, Page

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

PIECE = 1400
URLS = os.environ.get("LOOK_URLS", "/ /style-guide/ /search/ /accounts/login/").split()
LANGUAGES = os.environ.get("LOOK_LANGUAGES", "fr en").split()
THEMES = os.environ.get("LOOK_THEMES", "light dark").split()


def photograph(page: Page, stem: Path, width: int) -> None:
    """The whole page, a long one in pieces that can be looked at without being made small."""
    page.evaluate("scrollTo(0, 0)")
    height = page.evaluate("document.documentElement.scrollHeight")
    pieces = range(0, height, PIECE)
    for number, top in enumerate(pieces, 1):
        path = stem.with_name(f"{stem.name}-{number}.png" if len(pieces) > 1 else f"{stem.name}.png")
        clip = FloatRect(x=0, y=top, width=width, height=min(PIECE, height - top))
        page.screenshot(path=path, full_page=True, clip=clip)


@pytest.mark.e2e
def test_pictures(site: Site) -> None:
    """Every page of LOOK_URLS is photographed into the folder LOOK; errors in its console fail the run."""
    folder = Path(os.environ["LOOK"])
    folder.mkdir(parents=True, exist_ok=True)
    complaints = []
    for url, width, theme, language in itertools.product(URLS, (1440, 390), THEMES, LANGUAGES):
        who = (
            "anonymous"
            if url.startswith(("/accounts/login", "/accounts/password/reset"))
            else os.environ.get("LOOK_AS", "owner")
        )
        page = site.open("", who, language, theme, width)
        page.on(
            "console",
            lambda message, url=url: complaints.append(f"{url}: {message.text}") if message.type == "error" else None,
        )
        page.goto(site.address + url)
        page.wait_for_load_state("networkidle")
        name = url.strip("/").replace("/", "_") or "home"
        photograph(page, folder / f"{name}-{width}-{theme}-{language}", width)
        page.context.close()
        site.contexts.clear()
    assert not complaints, "\n".join(sorted(set(complaints)))
