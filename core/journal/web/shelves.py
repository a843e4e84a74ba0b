"""Which part of the journal a page shows: one way to show it, to export it and to say so in the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from core.audit.models import Event
from core.files import streams
from core.journal import export as files
from core.journal import services
from core.journal.telling import Teller
from core.journal.web.chart import chart
from core.journal.web.listing import EventTable
from core.journal.web.tables import journal_table

if TYPE_CHECKING:
    from core.access.models import Project


@dataclass(frozen=True)
class Shelf:
    """Some events, of one project or of none, and what the journal says of who reads them."""

    events: QuerySet[Event]
    template: str
    name: str
    """Of the file that an export makes."""
    project: Project | None = None
    kind: str = ""
    """What part it is, where it isn't all of the project or the instance."""
    own: bool = False
    """One's own acts, for which nobody needs a permission."""
    settled: frozenset[str] = frozenset()
    """Filters that make no sense here."""
    context: dict[str, Any] = field(default_factory=dict)

    def table(self, request: HttpRequest) -> tuple[EventTable, Teller]:
        teller = Teller(request.user)
        return journal_table(request, self.events, teller, self.project, without=self.settled), teller

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """The page; or the file, where the address names a format."""
        return self.send(request) if request.GET.get("format") in files.FORMATS else self.show(request)

    def show(self, request: HttpRequest) -> HttpResponseBase:
        table, teller = self.table(request)
        services.open_journal(request.user, self.project, own=self.own, **self.asked(request, table))
        teller.learn(table.leaf.object_list)
        context = {"project": self.project, "chart": chart(table.matching, table.chosen), "shelf": self, **self.context}
        return table.respond(self.template, context)

    def send(self, request: HttpRequest) -> HttpResponseBase:
        """What the filters leave, as a file."""
        table, teller = self.table(request)
        form = files.FORMATS.get(request.GET.get("format", ""), files.FORMATS["csv"])
        rows = table.matching.order_by("pk" if table.is_turned else "-pk")
        newest = table.matching.order_by("-pk").values_list("pk", flat=True).first() or 0
        rows = rows.filter(pk__lte=newest)  # without the event of this very export
        services.export_journal(
            request.user,
            self.project,
            own=self.own,
            format=form.key,
            events=rows.count(),
            **self.asked(request, table),
        )
        lines = form.render(files.records(rows.iterator(chunk_size=files.PAGE), teller))
        name = f"{self.name}.{form.suffix}"
        return streams.send(request, files.blocks(lines), name=name, media_type=form.media_type)

    def asked(self, request: HttpRequest, table: EventTable) -> dict[str, Any]:
        """What the reader looked for: the filters he chose, and that he searched, but not the words."""
        found: dict[str, Any] = {"filters": sorted(table.chosen)}
        if self.kind:
            found["kind"] = self.kind
        if table.words:
            found["searched"] = True
        if table.mark("before") or table.mark("after"):
            found["turned"] = True
        return found
