"""Pictures of pages to look at: LOOK names the folder they go to; without it none are taken. `make look` takes them."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

PIECE = 1400
"""A longer page comes in pieces of so many pixels, which can be looked at without being made small."""


def photograph(page: Page, name: str) -> None:
    """The whole page from its top, as it is now."""
    if not (folder := os.environ.get("LOOK")):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    tops = range(0, whole.height, PIECE)
    for number, top in enumerate(tops, 1):
        path = Path(folder) / (f"{name}-{number}.png" if len(tops) > 1 else f"{name}.png")
        whole.crop((0, top, whole.width, min(top + PIECE, whole.height))).save(path)
