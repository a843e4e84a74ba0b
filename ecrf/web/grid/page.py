"""The grid of one form: its table, its columns, what stands under each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project, Site
from core.web.table import BulkAct, Column
from ecrf import overview, permissions, queries, rights
from ecrf.models import Entry, Form, Subject
from ecrf.models.forms import reader_language
from ecrf.overview import Group
from ecrf.web.grid.cells import row_cells
from ecrf.web.grid.filters import filters
from ecrf.web.grid.table import GridTable
from ecrf.web.sites import at_site

PER_PAGE = 50
WIDE = 16
"""A grid with more columns than that opens with its events closed."""


@dataclass(frozen=True)
class Head:
    """One event of the heading: its pages where it is open, the way to open or close it."""

    group: Group
    is_open: bool
    toggle: str
    columns: list[tuple[str, str]]
    """Of each of its columns (of the event where it is closed): its title, and the key of its count."""

    @property
    def span(self) -> int:
        return len(self.group.columns) if self.is_open else 1


class Grid:
    """All that the page of a form shows."""

    def __init__(self, request: HttpRequest, project: Project, form: Form, sites: list[Site]) -> None:
        self.request, self.project, self.form, self.sites = request, project, form, sites
        definition, language = form.published.loaded, reader_language()
        hidden = [rights.of(request.user, form, site).hidden for site in sites]
        nowhere = frozenset.intersection(*hidden) if hidden else frozenset()
        self.groups = overview.groups_of(definition, str(form), language, nowhere)
        self.opened = self.open_events()
        self.table = self.made_table()

    def open_events(self) -> frozenset[str]:
        """The events that the address opens; all of them where they fit."""
        known = frozenset(group.event for group in self.groups)
        if "open" in self.request.GET:
            return known & frozenset(self.request.GET["open"].split(","))
        fits = sum(len(group.columns) for group in self.groups) <= WIDE
        return known if fits or len(known) == 1 else frozenset()

    def made_table(self) -> GridTable:
        request, found = self.request, self.project
        arms = [arm for arm in self.form.published.loaded.arms if arm]
        return GridTable(
            request,
            self.subjects(),
            [
                Column("number", _("Subject"), "number", sort=("site__code", "sequence"), link=True),
                Column("included", _("Inclusion"), "created_at", sort=("created_at",)),
                Column("activity", _("Last activity"), sort=("activity",)),
            ],
            name="subjects",
            caption=_("Subjects and their forms"),
            search=("number__icontains",),
            filters=filters(request.GET, self.form, self.groups, self.sites, arms),
            acts=acts(request, found),
            order=("site__code", "sequence"),
            per_page=PER_PAGE,
        )

    def subjects(self) -> QuerySet[Subject]:
        """The last activity is looked up for all of them only where they are sorted by it."""
        seen = queries.subjects_of(self.request.user, self.project)
        rows: QuerySet[Subject] = at_site(self.request, self.project, seen, "site")
        if self.request.GET.get("sort", "").lstrip("-") != "activity":
            return rows
        last = Entry.objects.filter(subject=OuterRef("pk")).order_by("-updated_at").values("updated_at")[:1]
        sortable: QuerySet[Subject] = rows.annotate(activity=Coalesce(Subquery(last), "created_at"))
        return sortable

    @property
    def heads(self) -> list[Head]:
        return [self.head(group) for group in self.groups]

    def head(self, group: Group) -> Head:
        is_open = group.event in self.opened
        columns = [(column.title, f"{column.event}-{column.page}") for column in group.columns]
        shown = columns if is_open else [(group.title, group.event)]
        return Head(group, is_open, ",".join(sorted(self.opened ^ {group.event})) or "-", shown)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """By the key of each column, of how many subjects it is complete; of a closed event, its least complete page.

        They go over every record, so they come after the grid.
        """
        found = overview.counts_of(self.form, self.table.matching)

        def done(column: overview.Column) -> int:
            words = found.get((column.event, column.page), {})
            return words.get("complete", 0) + words.get("locked", 0)

        shown: list[tuple[str, int]] = []
        for group in self.groups:
            columns = [(f"{column.event}-{column.page}", done(column)) for column in group.columns]
            is_open = group.event in self.opened
            shown += columns if is_open else [(group.event, min((count for _key, count in columns), default=0))]
        return shown

    @property
    def rows(self) -> list[tuple[overview.Row, SafeString]]:
        laid = [(group, group.event in self.opened) for group in self.groups]
        rows = overview.rows_of(self.request.user, self.form, self.table.leaf.object_list)
        return [(row, row_cells(self.form, self.project.slug, row, laid)) for row in rows]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the search must not lose of the address."""
        asked: Any = self.request.GET
        return [(name, asked[name]) for name in ("form", "open", "sort") if asked.get(name)]


def locking(request: HttpRequest, project: Project) -> Iterator[BulkAct]:
    """Signing is not offered beside it: a signature is for a page as its signer read it."""
    if access.can(request.user, permissions.LOCK, project):
        yield BulkAct(_("Lock"), url=reverse("ecrf:bulk_lock", args=[project.slug]), icon="lock")


ACTS: list[Callable[[HttpRequest, Project], Iterable[BulkAct]]] = [locking]
"""What may be done to the ticked subjects; what other parts of the tool do with them is added here."""


def acts(request: HttpRequest, project: Project) -> tuple[BulkAct, ...]:
    return tuple(act for offered in ACTS for act in offered(request, project))
