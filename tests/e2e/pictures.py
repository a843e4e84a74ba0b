"""Pictures of pages to look at: LOOK names the folder they go to; without it none are taken. `make look` takes them."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

PIECE = 1400
"""A longer page comes in pieces of so many pixels, which can be looked at without being made small."""


def photograph(page: Page, name: str, whole: bool = True) -> None:
    """The whole page from its top, or what one sees of it, as it is now."""
    if not (folder := os.environ.get("LOOK")):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    if whole:
        page.evaluate("scrollTo(0, 0)")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
    tops = range(0, picture.height, PIECE)
    for number, top in enumerate(tops, 1):
        path = Path(folder) / (f"{name}-{number}.png" if len(tops) > 1 else f"{name}.png")
        picture.crop((0, top, picture.width, min(top + PIECE, picture.height))).save(path)
