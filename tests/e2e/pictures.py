"""Pictures of pages to look at: LOOK names the folder they go to; without it none are taken. `make look` takes them."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import FloatRect, Page

PIECE = 1400
"""A longer page comes in pieces of so many pixels, which can be looked at without being made small."""


def photograph(page: Page, name: str) -> None:
    """The whole page from its top, as it is now."""
    if not (folder := os.environ.get("LOOK")):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    pieces = range(0, height, PIECE)
    for number, top in enumerate(pieces, 1):
        path = Path(folder) / (f"{name}-{number}.png" if len(pieces) > 1 else f"{name}.png")
        clip = FloatRect(x=0, y=top, width=width, height=min(PIECE, height - top))
        page.screenshot(path=path, full_page=True, clip=clip)
