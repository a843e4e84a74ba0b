"""Which pages of a form somebody may read, fill in and export: what his memberships say beyond his permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.access.models import Site
from ecrf.models import Form

if TYPE_CHECKING:
    from core.access.scope import Actor

ExportLevel = Literal["full", "coded", "deidentified", "none"]
"""Everything; without what identifies; also without free text and with shifted dates; nothing."""


@dataclass(frozen=True)
class PageRights:
    """`hidden` pages don't exist for the reader, `fixed` ones he reads only; `exports` names those that leave less."""

    hidden: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    exports: Mapping[str, ExportLevel] = field(default_factory=dict)

    def reads(self, page: str) -> bool:
        return page not in self.hidden

    def edits(self, page: str) -> bool:
        return page not in self.hidden and page not in self.fixed

    def exported(self, page: str) -> ExportLevel:
        return "none" if page in self.hidden else self.exports.get(page, "full")


EVERYTHING = PageRights()


def of(actor: Actor, form: Form, site: Site | None = None) -> PageRights:
    """What the actor may do with each page of the form, at this site."""
    return EVERYTHING
