"""The list of events, read by their numbers: the last page costs as little as the first, and none moves meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from core.audit.models import Event
from core.web.table import Table
from core.web.views import wants_fragment

COUNTED = 10_000
"""More events than that are not counted for a page."""


@dataclass(frozen=True)
class Leaf:
    """The events of one page, and the numbers from which its neighbours go on."""

    object_list: list[Event]
    before: int | None
    """There are more behind this number."""
    after: int | None
    """There are more in front of this number."""
    count: int
    is_more: bool
    """There are more than were counted."""

    def __iter__(self) -> Any:
        return iter(self.object_list)

    @property
    def has_other_pages(self) -> bool:
        return self.before is not None or self.after is not None


class EventTable(Table):
    pager: ClassVar[str] = "journal/pager.html"

    @property
    def is_turned(self) -> bool:
        """Oldest first."""
        return self.sorting is not None and not self.sorting[1]

    def mark(self, key: str) -> int | None:
        """The number of an event in the address, where there is one that PostgreSQL can hold."""
        text = self.request.GET.get(key, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    @cached_property
    def leaf(self) -> Leaf:
        rows: QuerySet[Event] = self.matching.order_by()
        before, after = self.mark("before"), self.mark("after")
        lookup = ("pk__gt", "pk__lt") if self.is_turned else ("pk__lt", "pk__gt")
        down, up = ("pk", "-pk") if self.is_turned else ("-pk", "pk")
        if after is not None and before is None:
            found = list(rows.filter(**{lookup[1]: after}).order_by(up)[: self.per_page + 1])
            more = len(found) > self.per_page
            shown = found[: self.per_page][::-1]
            return self._leaf(shown, behind=bool(shown), front=more)
        here = rows.filter(**{lookup[0]: before}) if before is not None else rows
        found = list(here.order_by(down)[: self.per_page + 1])
        return self._leaf(found[: self.per_page], behind=len(found) > self.per_page, front=before is not None)

    def _leaf(self, shown: list[Event], *, behind: bool, front: bool) -> Leaf:
        """Counting goes as far as `COUNTED`, and is left out where the one page holds all."""
        count = len(shown)
        if behind or front:
            count = self.matching.order_by()[: COUNTED + 1].count()
        return Leaf(
            shown,
            before=shown[-1].pk if behind and shown else None,
            after=shown[0].pk if front and shown else None,
            count=min(count, COUNTED),
            is_more=count > COUNTED,
        )

    @property
    def page(self) -> Any:
        return self.leaf

    @property
    def count(self) -> int:
        return self.leaf.count

    def respond(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """The whole page, or only the list and the chart that goes with it."""
        fragment = wants_fragment(self.request, self.id)
        return render(self.request, "journal/results.html" if fragment else template, {**context, "table": self})
