"""What the grid of a casebook asks of its data."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from ecrf.web.casebook import Cell

register = template.Library()


@register.simple_tag
def cell_of(cells: Mapping[str, Cell], page: str) -> Cell | None:
    """The cell of a page at a visit, which may not ask it."""
    return cells.get(page)
