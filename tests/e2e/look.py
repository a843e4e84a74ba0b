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

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

URLS = os.environ.get("LOOK_URLS", "/ /style-guide/ /search/ /accounts/login/").split()
LANGUAGES = os.environ.get("LOOK_LANGUAGES", "fr en").split()
THEMES = os.environ.get("LOOK_THEMES", "light dark").split()


@pytest.mark.e2e
def test_pictures(site: Site) -> None:
    """Every page of LOOK_URLS is photographed into the folder LOOK; errors in its console fail the run."""
    folder = Path(os.environ["LOOK"])
    folder.mkdir(parents=True, exist_ok=True)
    complaints = []
    for url, width, theme, language in itertools.product(URLS, (1440, 390), THEMES, LANGUAGES):
        who = "anonymous" if url.startswith(("/accounts/login", "/accounts/password/reset")) else os.environ.get("LOOK_AS", "owner")
        page = site.open("/healthz", who, language, theme, width)
        page.on("console", lambda message, url=url: complaints.append(f"{url}: {message.text}") if message.type == "error" else None)
        page.goto(site.address + url)
        page.wait_for_load_state("networkidle")
        name = url.strip("/").replace("/", "_") or "home"
        page.screenshot(path=folder / f"{name}-{width}-{theme}-{language}.png", full_page=True)
        page.context.close()
        site.contexts.clear()
    assert not complaints, "\n".join(sorted(set(complaints)))
