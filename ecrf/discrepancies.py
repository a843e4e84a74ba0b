"""Reads of queries: lists, what waits for whom, counts by state, ages by site, threads; limited to what one may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, When
from django.db.models import IntegerField as Whole
from django.utils import timezone

from core.access.models import Project, Site
from ecrf import engine, permissions
from ecrf.engine import queries as rules
from ecrf.models import Entry, Form, Query, QueryMessage
from ecrf.models.forms import reader_language

if TYPE_CHECKING:
    from core.access.scope import Actor

ENDED = sorted(rules.ENDED)
ACTIVE = sorted(rules.ACTIVE)
RIGHT_OF = {"site": permissions.ANSWER, "monitors": permissions.CLOSE, "managers": permissions.ASSIGN}


def queries_of(actor: Actor, *projects: Project) -> QuerySet[Query]:
    """The queries of these projects that the actor may see; values of records stay sealed."""
    rows = Query.objects.visible_to(actor).filter(entry__subject__project__in=projects)
    return rows.select_related(
        "entry__subject__site", "entry__subject__project", "entry__form", "assigned_to", "opened_by", "closed_by"
    ).defer("entry__values")


def with_threads(rows: QuerySet[Query]) -> QuerySet[Query]:
    messages = QueryMessage.objects.select_related("author").order_by("created_at")
    return rows.prefetch_related(Prefetch("messages", messages))


def waiting_for(actor: Actor, *projects: Project) -> QuerySet[Query]:
    """The queries with which this person is to go on: open ones given to him or to a group that he is of, and answered
    ones, where he may close them. Who closes queries is not of those who answer them."""
    rows = queries_of(actor, *projects)
    may: dict[str, QuerySet[Query]] = {
        group: Query.objects.visible_to(actor, code).order_by() for group, code in RIGHT_OF.items()
    }
    groups = Q()
    for group, seen in may.items():
        here = Q(assigned_group=group, pk__in=seen.values("pk"))
        groups |= here & ~Q(pk__in=may["monitors"].values("pk")) if group == "site" else here
    mine = Q(assigned_to=actor.pk) | Q(assigned_to=None) & groups
    answered = Q(state__in=(Query.State.ANSWERED, Query.State.RESOLVED), pk__in=may["monitors"].values("pk"))
    return rows.filter(Q(state=Query.State.OPEN) & mine | answered)


def counts_by_state(rows: QuerySet[Query]) -> dict[str, int]:
    """How many there are in each state, and in all that are not ended."""
    found = dict.fromkeys(Query.State.values, 0)
    found |= dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {"active": sum(found[state] for state in ACTIVE), **found}


@dataclass(frozen=True)
class AgeRow:
    """The active queries of one site by age, a count for each of the BANDS."""

    site: Site
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


def between(first: int, last: int | None) -> Q:
    """Queries that are so many whole days old."""
    now = timezone.now()
    kept = Q(created_at__lte=now - timedelta(days=first))
    return kept if last is None else kept & Q(created_at__gt=now - timedelta(days=last + 1))


def ages_by_site(rows: QuerySet[Query]) -> list[AgeRow]:
    """Active queries by site and age, in one query."""
    bands = Case(
        *(When(between(*band), then=place) for place, band in enumerate(rules.BANDS)), output_field=Whole(), default=0
    )
    counted = (
        rows.filter(state__in=ACTIVE)
        .order_by()
        .annotate(band=bands, site=F("entry__subject__site"))
        .values_list("site", "band")
        .annotate(Count("pk"))
    )
    found: dict[UUID, list[int]] = {}
    for site, band, count in counted:
        found.setdefault(site, [0] * len(rules.BANDS))[band] = count
    sites = Site.objects.filter(pk__in=found).order_by("code")
    return [AgeRow(site, tuple(found[site.pk])) for site in sites]


class Labels:
    """What items and pages are called, in the reader's language; the forms of a list are opened once."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self.language = reader_language()
        self.definitions: Mapping[UUID, engine.Definition] = {form.pk: form.published.loaded for form in forms}

    def item(self, form: UUID, key: str) -> str:
        definition = self.definitions.get(form)
        if definition is None:
            return key
        if key in definition.items:
            return definition.text(definition.items[key].spec["label"], self.language) or key
        return self.group(definition, key) or key

    def group(self, definition: engine.Definition, key: str) -> str:
        """The title of a repeat by its key."""
        for page in definition.data["pages"]:
            for group in page["groups"]:
                if group.get("repeat", {}).get("key") == key:
                    return definition.text(group.get("title"), self.language)
        return ""

    def page(self, form: UUID, key: str) -> str:
        definition = self.definitions.get(form)
        title = next((page.title for page in definition.pages if page.key == key), None) if definition else None
        return (definition.text(title, self.language) if definition else "") or key

    def place(self, query: Query) -> str:
        """What a query is about: an item, a page, or the whole record."""
        form = query.entry.form_id
        if query.item:
            number = query.row.rpartition(".")[2]
            suffix = f" ({int(number) + 1})" if query.row and number.isdecimal() else ""
            return self.item(form, query.item) + suffix
        return self.page(form, query.page) if query.page else str(query.entry.form)


def threads_of(entry: Entry) -> list[Query]:
    """Every query of a record with its thread, the oldest first."""
    rows = Query.objects.filter(entry=entry).select_related("assigned_to", "opened_by", "closed_by")
    found = list(with_threads(rows).order_by("created_at"))
    for query in found:
        query.entry = entry
    return found
