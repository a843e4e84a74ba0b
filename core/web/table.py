"""Lists: search, filters, order and place in the address; selection with acts; export; one page or its fragment.

A view makes a `Table` from a queryset that is already limited to what the actor may see, and answers with
``table.respond(template, context)``. The template includes ``web/table.html``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date

from core.web.export import csv_file
from core.web.views import wants_fragment

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

    Words = _StrPromise | str


@dataclass(frozen=True)
class Column:
    """One column: where its value comes from, how it is shown, and the fields it sorts by."""

    key: str
    label: Words
    value: str | Callable[[Any], Any] = ""
    """A lookup from the row (``site.name``) or a function of it; the key where nothing is said."""
    sort: Sequence[str] = ()
    template: str = ""
    """A template that shows the cell; gets `row`, `value` and everything the page has."""
    html: Callable[[Any], SafeString] | None = None
    """A function of the row that shows the cell: for columns of which a page has many, a template each is slow."""
    numeric: bool = False
    link: bool = False
    """The name of the row: leads to ``row.get_absolute_url()``. It is shown whatever columns one chooses."""
    fixed: bool = False
    """Shown whatever columns one chooses, as the name of the row is."""

    def __post_init__(self) -> None:
        if self.link:
            object.__setattr__(self, "fixed", True)

    def of(self, row: Any) -> Any:
        if callable(self.value):
            return self.value(row)
        for part in (self.value or self.key).split("."):
            row = getattr(row, part, None)
            row = row() if callable(row) and not isinstance(row, type) else row
        return row


@dataclass(frozen=True)
class Filter:
    """One choice that narrows the list, kept in the address as ``?key=value``."""

    key: str
    label: Words
    choices: Sequence[tuple[str, Words]] = ()
    lookup: str | Callable[[QuerySet[Any], str], QuerySet[Any]] = ""
    is_day: bool = False
    """A date that is entered, instead of one of the choices."""
    is_text: bool = False
    """Words that are entered."""
    rare: bool = False
    """Shown only where somebody asks for more filters, or uses it."""

    def accepts(self, value: str) -> bool:
        """Whether the address asks for something that there is."""
        if self.is_day:
            try:
                return bool(parse_date(value))
            except ValueError:
                return False
        if self.is_text:
            return bool(value.strip()) and len(value) <= 200
        return value in {str(choice) for choice, _label in self.choices}


@dataclass(frozen=True)
class BulkAct:
    """Something done to the selected rows, posted as ``selected`` to an address."""

    label: Words
    url: str
    icon: str = ""
    danger: bool = False


@dataclass
class Table:
    pager: ClassVar[str] = "web/pager.html"
    """The template of its pages: a list that is read by a key instead of by numbers has another."""

    request: HttpRequest
    rows: QuerySet[Any]
    columns: Sequence[Column]
    name: str = "list"
    caption: Words = ""
    search: Sequence[str | Callable[[str], Q]] = ()
    """Lookups tried with each word: ``name__icontains``, or a function of the word."""
    filters: Sequence[Filter] = ()
    acts: Sequence[BulkAct] = ()
    order: Sequence[str] = ()
    per_page: int = 50
    export: str = ""
    """Name of the exported file; where it is empty there is no export."""
    empty: dict[str, Any] = field(default_factory=dict)
    """What `web/empty_state.html` says where there are no rows at all: icon, title, text, url, action."""

    @property
    def id(self) -> str:
        return f"table-{self.name}"

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()[:200]

    @cached_property
    def shown(self) -> list[Column]:
        """The columns that the address asks for, all where it names none; never without the fixed ones."""
        asked = {key for part in self.request.GET.getlist("columns") for key in part.split(",")}
        if not any(column.key in asked for column in self.columns):
            return list(self.columns)
        return [column for column in self.columns if self.is_fixed(column) or column.key in asked]

    def is_fixed(self, column: Column) -> bool:
        """The first one too: without it nobody knows what a row is."""
        return column.fixed or column is self.columns[0]

    def choices(self) -> list[tuple[Column, bool, bool]]:
        """Each column, whether it is shown, and whether it always is."""
        return [(column, column in self.shown, self.is_fixed(column)) for column in self.columns]

    @property
    def chosen_columns(self) -> str:
        """The columns one chose, for the address; nothing where all are shown."""
        return ",".join(c.key for c in self.shown) if len(self.shown) < len(self.columns) else ""

    @property
    def choosable(self) -> bool:
        """Whether there are columns to choose among."""
        return sum(not self.is_fixed(column) for column in self.columns) > 1

    @cached_property
    def sorting(self) -> tuple[Column, bool] | None:
        """The column that the address sorts by, and whether downwards."""
        asked = self.request.GET.get("sort", "")
        by_key = {column.key: column for column in self.columns if column.sort}
        column = by_key.get(asked.removeprefix("-"))
        return (column, asked.startswith("-")) if column else None

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The filters in use: those of the address whose value is one of the choices."""
        asked = ((choice, self.request.GET.get(choice.key, "")) for choice in self.filters)
        return {choice.key: value for choice, value in asked if value and choice.accepts(value)}

    @cached_property
    def matching(self) -> QuerySet[Any]:
        """The rows that the search and the filters leave, in order."""
        rows = self.rows
        for word in self.words.split() if self.search else ():
            anywhere = Q()
            for lookup in self.search:
                anywhere |= lookup(word) if callable(lookup) else Q(**{lookup: word})
            rows = rows.filter(anywhere)
        for choice in self.filters:
            if value := self.chosen.get(choice.key):
                if callable(choice.lookup):
                    rows = choice.lookup(rows, value)
                else:
                    rows = rows.filter(**{choice.lookup or choice.key: value})
        return rows.order_by(*self._order())

    def _order(self) -> list[str]:
        """The fields to sort by; the key last, so that no row is on two pages."""
        if self.sorting:
            column, down = self.sorting
            fields = [_turned(name) if down else name for name in column.sort]
        else:
            fields = [
                str(name) for name in self.order or self.rows.query.order_by or self.rows.model._meta.ordering or ()
            ]
        return [*fields, "pk"]

    @cached_property
    def page(self) -> Page[Model]:
        return Paginator(self.matching, self.per_page).get_page(self.request.GET.get("page"))

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def usual(self) -> list[Filter]:
        return [choice for choice in self.filters if not choice.rare]

    @property
    def rare(self) -> list[Filter]:
        return [choice for choice in self.filters if choice.rare]

    @property
    def rare_chosen(self) -> bool:
        return any(choice.key in self.chosen for choice in self.rare)

    @property
    def narrowed(self) -> bool:
        return bool(self.words or self.chosen)

    def heads(self) -> Iterator[dict[str, Any]]:
        """Each column with the order it is in now and the one a click asks for."""
        current, down = self.sorting or (None, False)
        for column in self.shown:
            sorted_by = column is current
            yield {
                "column": column,
                "direction": ("descending" if down else "ascending") if sorted_by else "",
                "next": f"-{column.key}" if sorted_by and not down else column.key,
            }

    @property
    def exporting(self) -> bool:
        """Whether the address asks for the file: a view records the export before it answers."""
        return bool(self.export) and self.request.GET.get("export") == "csv"

    def csv(self) -> HttpResponse:
        """Every matching row as CSV, with the columns that are shown."""
        labels = [str(column.label) for column in self.shown]
        return csv_file(self.export, labels, ([column.of(row) for column in self.shown] for row in self.matching))

    def respond(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """The whole page, or only the list where htmx asks for it; the view it opens with where nothing is asked."""
        if not self.request.GET and start is not None and (address := start(self)):
            return redirect(address)
        fragment = wants_fragment(self.request, self.id)
        context = {**context, "table": self}
        return render(self.request, "web/table_results.html" if fragment else template, context)


start: Callable[[Table], str] | None = None
"""Gives the address of the saved view with which a list opens for its reader; core.desk, which keeps them, sets it."""


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
