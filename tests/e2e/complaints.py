"""What is wrong with pages as one looks at them: what axe finds, and what is wider than its screen."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.e2e.axe import violations
from tests.e2e.pictures import photograph
from tests.e2e.quiet import visit

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

OPPOSITES = (
    (("fr", "light", 1440), ("en", "dark", 390)),
    (("en", "light", 390), ("fr", "dark", 1440)),
    (("fr", "light", 390), ("en", "dark", 1440)),
    (("en", "light", 1440), ("fr", "dark", 390)),
)
"""Pairs of a language, a theme and a width that have nothing in common. Pages take turns with them: each is seen in
both languages, both themes and both widths, and a room's pages together in all that go together."""


def complaints(site: Site, pages: Mapping[str, str], room: str, who: str = "owner") -> list[str]:
    """Of each page (its name and address) as this person sees it, in a pair of OPPOSITES; with LOOK in all of them."""
    pairs = [tuple(itertools.chain(*OPPOSITES))] if "LOOK" in os.environ else OPPOSITES
    turns = list(zip(pages.items(), itertools.cycle(pairs)))
    found: list[str] = []
    for way in itertools.chain(*OPPOSITES):
        language, theme, width = way
        if not (chosen := [page for page, ways in turns if way in ways]):
            continue
        page = site.open("", who, language, theme, width)
        heard: list[str] = []
        page.on("console", lambda message, to=heard: to.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, to=heard: to.append(str(error)))
        for name, address in chosen:
            visit(page, site.address + address)
            photograph(page, f"{room}-{name}-{width}-{theme}-{language}")
            found += [f"{name} {width} {theme}: {violation}" for violation in (*violations(page), *heard)]
            heard.clear()
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{name} is wider than {width}")
        page.context.close()
        site.contexts.remove(page.context)
    return found
