"""What is wrong with pages as one looks at them: what axe finds, and what is wider than its screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tests.e2e.axe import violations
from tests.e2e.pictures import photograph
from tests.e2e.quiet import visit

if TYPE_CHECKING:
    from tests.e2e.conftest import Site


def complaints(site: Site, pages: Mapping[str, str], ways: Sequence[tuple[str, str, int]], room: str) -> list[str]:
    """Of each page (its name and address) as the owner sees it, in each way: a language, a theme and a width."""
    found: list[str] = []
    for language, theme, width in ways:
        page = site.open("", "owner", language, theme, width)
        for name, address in pages.items():
            visit(page, site.address + address)
            photograph(page, f"{room}-{name}-{width}-{theme}-{language}")
            found += [f"{name} {width} {theme}: {violation}" for violation in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{name} is wider than {width}")
        page.context.close()
        site.contexts.clear()
    return found
