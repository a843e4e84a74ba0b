"""The list of the grid: read by a key instead of page numbers, so that the last page costs what the first does and
none moves while subjects are included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from core.web import table
from core.web.table import Table
from core.web.views import wants_fragment
from ecrf.models import Subject


@dataclass(frozen=True)
class Leaf:
    """The subjects of one page, and the keys from which its neighbours go on."""

    object_list: list[Subject]
    before: UUID | None
    """There are others in front of this one."""
    after: UUID | None
    """There are more behind this one."""
    count: int

    @property
    def has_other_pages(self) -> bool:
        return self.before is not None or self.after is not None


@dataclass
class GridTable(Table):
    pager: ClassVar[str] = "ecrf/grid/pager.html"

    @property
    def choosable(self) -> bool:
        """Its columns are opened and closed by event."""
        return False

    def key(self, name: str) -> UUID | None:
        try:
            return UUID(self.request.GET.get(name, ""))
        except ValueError:
            return None

    def beyond(self, key: UUID, fields: Sequence[str], *, forward: bool) -> Q | None:
        """What comes after a subject in this order, or before it; nothing where he is gone."""
        names = [name.removeprefix("-") for name in fields]
        values = self.rows.filter(pk=key).values_list(*names).first()
        if values is None:
            return None
        found, same = Q(), Q()
        for field, name, value in zip(fields, names, values, strict=True):
            up = field.startswith("-") != forward
            found |= same & Q(**{f"{name}__{'gt' if up else 'lt'}": value})
            same &= Q(**{name: value})
        return found

    @cached_property
    def leaf(self) -> Leaf:
        fields = self._order()
        after, before = self.key("after"), self.key("before")
        backward = before is not None and after is None
        edge = self.beyond(key, fields, forward=not backward) if (key := before if backward else after) else None
        rows = self.matching if edge is None else self.matching.filter(edge)
        if backward and edge is not None:
            found = list(rows.reverse()[: self.per_page + 1])
            shown = found[: self.per_page][::-1]
            return self._leaf(shown, front=len(found) > self.per_page, behind=True)
        found = list(rows[: self.per_page + 1])
        return self._leaf(found[: self.per_page], front=edge is not None, behind=len(found) > self.per_page)

    def _leaf(self, shown: list[Subject], *, front: bool, behind: bool) -> Leaf:
        count = self.matching.order_by().count() if front or behind else len(shown)
        return Leaf(
            shown,
            before=shown[0].pk if front and shown else None,
            after=shown[-1].pk if behind and shown else None,
            count=count,
        )

    @property
    def page(self) -> Any:
        return self.leaf

    @property
    def count(self) -> int:
        return self.leaf.count

    def respond(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """The whole page, or only the grid; the view it opens with where nothing is asked."""
        if not self.request.GET and table.start is not None and (address := table.start(self)):
            return redirect(address)
        fragment = wants_fragment(self.request, self.id)
        return render(self.request, "ecrf/grid/results.html" if fragment else template, {**context, "table": self})
