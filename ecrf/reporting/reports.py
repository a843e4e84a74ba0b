"""The reports of a study, each a table; one list for the page, the files and the API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project, Site
from ecrf import blinding, discrepancies, overview, permissions, queries, randomised, rights, visiting
from ecrf.models import Entry, Following, Form, Fragment, Subject, Visit
from ecrf.models.entries import THE_PARTICIPANT
from ecrf.models.forms import reader_language
from ecrf.reporting import accrual
from ecrf.reporting.delays import delays_by_site, quantile

if TYPE_CHECKING:
    from core.access.scope import Actor

FEW = 5
"""A share of fewer than that says nothing, and may point at somebody: only the numbers are given."""


@dataclass(frozen=True)
class Report:
    """One table: names of columns, rows of texts, numbers, days and shares (from 0 to 1)."""

    name: str
    title: Any
    about: Any
    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    shares: frozenset[int] = field(default=frozenset())
    """The columns that are shares."""


@dataclass
class Study:
    """What the reader may see of a project; each part is read once."""

    actor: Actor
    project: Project

    @cached_property
    def sites(self) -> dict[UUID, Site]:
        seen = Site.objects.visible_to(self.actor, permissions.READ).filter(project=self.project).order_by("code")
        return {site.pk: site for site in seen}

    @cached_property
    def whole(self) -> bool:
        """Whether he sees every site of the study."""
        return Site.objects.filter(project=self.project).count() == len(self.sites)

    @cached_property
    def forms(self) -> list[Form]:
        return list(queries.forms_of(self.actor, self.project))

    @property
    def subjects(self) -> QuerySet[Subject]:
        return Subject.objects.visible_to(self.actor).filter(project=self.project).order_by()

    @property
    def entries(self) -> QuerySet[Entry]:
        seen = Entry.objects.visible_to(self.actor)
        return seen.filter(subject__project=self.project, removed_at=None).order_by()

    @property
    def visits(self) -> QuerySet[Visit]:
        return visiting.visits_of(self.actor, self.project).select_related(None).order_by()

    def by_site(self, rows: QuerySet[Any], path: str) -> dict[UUID, int]:
        return dict(rows.order_by().values_list(path).annotate(Count("pk")))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole >= FEW else None


def inclusions(study: Study) -> Report:
    months = accrual.months(study.project, study.subjects, study.sites, whole=study.whole)
    return Report(
        "inclusions",
        _("Inclusions by month"),
        _("Subjects included each month and since the beginning, against the targets."),
        [_("Month"), _("Included"), _("Target"), _("Included so far"), _("Target so far")],
        [[one.first, one.included, one.planned, one.all_included, one.all_planned] for one in months],
    )


def sites(study: Study) -> Report:
    included = study.by_site(study.subjects, "site")
    records = study.by_site(study.entries, "subject__site")
    complete = study.by_site(study.entries.filter(is_complete=True), "subject__site")
    active = discrepancies.queries_of(study.actor, study.project).filter(state__in=discrepancies.ACTIVE)
    asked = study.by_site(active.select_related(None), "entry__subject__site")
    last = dict(study.entries.values_list("subject__site").annotate(Max("updated_at")))
    rows = [
        [
            site.name,
            included.get(pk, 0),
            records.get(pk, 0),
            share(complete.get(pk, 0), records.get(pk, 0)),
            asked.get(pk, 0),
            timezone.localdate(last[pk]) if pk in last else None,
        ]
        for pk, site in study.sites.items()
    ]
    columns = [_("Site"), _("Included"), _("Records"), _("Complete"), _("Open queries"), _("Last activity")]
    about = _("What each site has included and entered. Shares of fewer than five are not given.")
    return Report("sites", _("Sites"), about, columns, rows, frozenset({3}))


def completeness(study: Study) -> Report:
    rows: list[list[Any]] = []
    language, total = reader_language(), study.subjects.count()
    for form in study.forms:
        hidden = [rights.of(study.actor, form, site).hidden for site in study.sites.values()]
        nowhere = frozenset[str].intersection(*hidden) if hidden else frozenset[str]()
        counts = overview.counts_of(form, study.subjects)
        for group in overview.groups_of(form.published.loaded, str(form), language, nowhere):
            for column in group.columns:
                found = counts.get((column.event, column.page), {})
                done = found.get("complete", 0) + found.get("locked", 0)
                asked = sum(number for word, number in found.items() if word not in ("empty", "unasked"))
                lacking = found.get("incomplete", 0) + found.get("doubtful", 0)
                rows.append([str(form), group.title, column.title, total, asked, done, lacking, share(done, asked)])
    columns = [_("Form"), _("Event"), _("Page"), _("Subjects"), _("Begun"), _("Complete"), _("Incomplete or to check")]
    about = _("How far each page is. A page counts as complete once somebody has said so, or it is locked.")
    return Report(
        "completeness", _("Completeness"), about, [*columns, _("Complete, of those begun")], rows, frozenset({7})
    )


def open_queries(study: Study) -> Report:
    ages = discrepancies.ages_by_site(discrepancies.queries_of(study.actor, study.project).select_related(None))
    bands = [_("0 to 7 days"), _("8 to 30 days"), _("31 to 90 days"), _("more than 90 days")]
    rows = [[row.site.name, *row.counts, row.total] for row in ages]
    return Report(
        "queries", _("Queries by age"), _("Queries that are not closed."), [_("Site"), *bands, _("All")], rows
    )


def delays(study: Study) -> Report:
    rows = []
    found = delays_by_site(study.visits)
    for pk, counts in found.items():
        rows.append([study.sites[pk].name, counts.total(), quantile(counts, 0.5), quantile(counts, 0.9)])
    if len(rows) > 1:
        every: Counter[int] = sum(found.values(), Counter())
        rows.append([_("All sites"), every.total(), quantile(every, 0.5), quantile(every, 0.9)])
    columns = [_("Site"), _("Visits"), _("Half within (days)"), _("Nine of ten within (days)")]
    about = _("Days from a visit to the first save of its record, for visits whose day is known.")
    return Report("delays", _("From the visit to its entry"), about, columns, rows)


def windows(study: Study) -> Report:
    today, language = timezone.localdate(), reader_language()
    outside = visiting.is_outside()
    counted = (
        study.visits.filter(due__isnull=False, form__in=study.forms)
        .values("form", "event", "place")
        .annotate(
            all=Count("pk"),
            inside=Count("pk", filter=Q(actual__isnull=False) & ~outside),
            outside=Count("pk", filter=outside),
            overdue=Count("pk", filter=visiting.overdue(today)),
            not_done=Count("pk", filter=~Q(not_done_reason="")),
            skipped=Count(
                "pk", filter=Q(passed_over=True, actual=None, is_entered=False, not_done_reason="", closes__lt=today)
            ),
        )
    )
    forms = {form.pk: form for form in study.forms}
    rows = []
    lines: list[dict[str, Any]] = [dict(one) for one in counted]
    for one in sorted(lines, key=lambda one: (str(forms[one["form"]]), one["place"])):
        definition = forms[one["form"]].published.loaded
        event = definition.events.get(one["event"])
        title = definition.text(event.title, language) if event else one["event"]
        names = ("all", "inside", "outside", "overdue", "not_done", "skipped")
        taken = one["inside"] + one["outside"]
        rows.append([title, *(one[name] for name in names), share(one["inside"], taken)])
    columns = [_("Visit"), _("With a day"), _("In its window"), _("Outside"), _("Overdue"), _("Not done"), _("Skipped")]
    about = _("Visits that have a day, and how they went. The share is of those that took place.")
    return Report(
        "windows", _("Windows of visits"), about, [*columns, _("In its window (share)")], rows, frozenset({7})
    )


def people(study: Study) -> Report:
    """Everybody's for who manages the study, one's own for the others."""
    saves = Fragment.objects.filter(entry__in=study.entries.values("pk")).order_by()
    if not access.can(study.actor, permissions.MANAGE_STUDY, study.project):
        saves = saves.filter(author=study.actor.pk)
    counted = saves.values_list("author__full_name", "author__email").annotate(
        Count("pk"), Count("entry", distinct=True), Max("created_at")
    )
    rows = [
        [name or address or str(THE_PARTICIPANT), number, records, timezone.localdate(last)]
        for name, address, number, records, last in counted
    ]
    columns = [_("Person"), _("Number of saves"), _("Records"), _("Last activity")]
    about = _("Who entered what, and when last. Names are shown to who manages the study; others see themselves.")
    return Report("people", _("Activity by person"), about, columns, sorted(rows, key=lambda row: -row[1]))


def volume(study: Study) -> Report:
    saves = Fragment.objects.filter(entry__in=study.entries.values("pk")).order_by()
    counted = saves.annotate(month=TruncMonth("created_at")).values_list("month")
    found = counted.annotate(Count("pk"), Count("entry", distinct=True), Count("author", distinct=True))
    rows = [[month.date(), *numbers] for month, *numbers in sorted(found)]
    columns = [_("Month"), _("Number of saves"), _("Records touched"), _("People")]
    return Report("volume", _("Work by month"), _("Saves of records, by month."), columns, rows)


def steps(study: Study) -> Report:
    """From the inclusion through the steps that the study has settled; randomisation where it isn't blinded."""
    following = Following.objects.filter(project=study.project).first()
    language, total = reader_language(), study.subjects.count()
    forms = {form.key: form for form in study.forms}
    rows: list[list[Any]] = [[_("Included"), total, share(total, total)]]
    for step in following.steps if following else ():
        form = forms.get(step["form"])
        if form is None:
            continue
        title, taken = step_of(study, form, step, language)
        rows.append([title, taken, share(taken, total)])
    for scheme in randomised.schemes_of(study.actor, study.project):
        if blinding.sees_counts(study.actor, scheme):
            taken = randomised.allocations_of(study.actor, scheme).count()
            rows.append([_("Randomised: %(scheme)s") % {"scheme": scheme.name}, taken, share(taken, total)])
    about = _("How many subjects have come to each step that the study has settled.")
    return Report(
        "steps", _("From inclusion to the end"), about, [_("Step"), _("Subjects"), _("Share")], rows, frozenset({2})
    )


def step_of(study: Study, form: Form, step: Mapping[str, str], language: str) -> tuple[str, int]:
    definition = form.published.loaded
    event = definition.events.get(step.get("event", ""))
    page = next((one for one in definition.pages if one.key == step.get("page")), None)
    names = [definition.text(one.title, language) for one in (event, page) if one is not None]
    rows = study.entries.filter(form=form)
    if event is not None:
        rows = rows.filter(event=event.key)
    if page is not None:
        rows = rows.filter(marks__contains=[f"{page.key}=complete"])
    return " · ".join(names) or str(form), rows.values("subject").distinct().count()


REPORTS: Mapping[str, Callable[[Study], Report]] = {
    "inclusions": inclusions,
    "sites": sites,
    "completeness": completeness,
    "queries": open_queries,
    "windows": windows,
    "delays": delays,
    "steps": steps,
    "people": people,
    "volume": volume,
}


def report(actor: Actor, project: Project, name: str) -> Report:
    return REPORTS[name](Study(actor, project))


def reports(actor: Actor, project: Project) -> list[Report]:
    study = Study(actor, project)
    return [make(study) for make in REPORTS.values()]
