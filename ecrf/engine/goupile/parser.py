"""Where the parser of JavaScript is found: the browser libraries bring acorn, which also runs inside QuickJS."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
PLACES = (ROOT / "core/static/build/acorn.js", ROOT / "node_modules/acorn/dist/acorn.js")
"""What the build put beside the scripts of the browser, else the package itself."""


class NoParser(Exception):
    """Nobody has built the assets on this machine."""


@lru_cache(maxsize=1)
def parser() -> str:
    """Its text: a script that defines `acorn`. Raises NoParser."""
    for place in PLACES:
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise NoParser("acorn is missing. Build the browser assets: npm ci && npm run build")
