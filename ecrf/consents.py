"""Reads of consents: those that the actor may see, which versions of the sheets hold now, who is to be asked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.access.models import Project
from ecrf import rights
from ecrf.models import Consent, Form, Subject

if TYPE_CHECKING:
    from core.access.scope import Actor

Sheets = Mapping[tuple[Any, str], Mapping[str, Any]]
"""The consents of published forms, by form and page."""


def with_consents(project: Project) -> QuerySet[Form]:
    """The published forms that hold one."""
    rows: QuerySet[Form] = Form.objects.filter(project=project, current__definition__pages__contains=[{"consent": {}}])
    return rows


def sheets_of(forms: Iterable[Form]) -> Sheets:
    return {
        (form.pk, page["key"]): page["consent"]
        for form in forms
        for page in form.published.definition["pages"]
        if "consent" in page
    }


def consents_of(actor: Actor, project: Project, forms: Iterable[Form]) -> QuerySet[Consent]:
    """Those on pages that the actor may read."""
    rows = Consent.objects.visible_to(actor).filter(subject__project=project, entry__removed_at=None)
    related = ("subject__site", "subject__project", "form", "obtained_by", "withdrawn_by")
    return readable(actor, rows, forms).select_related(*related)


def readable(actor: Actor, rows: QuerySet[Consent], forms: Iterable[Form]) -> QuerySet[Consent]:
    for form in forms:
        if hidden := rights.of(actor, form).hidden:
            rows = rows.exclude(form=form, page__in=hidden)
    return rows


VALID = Q(superseded_by=None, is_given=True, withdrawn_at=None)


def outdated(sheets: Sheets) -> Q:
    """Valid consents to another version of the sheet than that of now, where the form asks those people again."""
    found = Q(pk=None)
    for (form, page), consent in sheets.items():
        if consent.get("again", True):
            found |= Q(form=form, page=page) & ~Q(version=consent["version"])
    return VALID & found


@dataclass(frozen=True)
class SiteLine:
    """One site: how many subjects it has, and how their consents stand."""

    site: str
    subjects: int
    valid: int
    again: int
    refused: int
    withdrawn: int

    @property
    def none(self) -> int:
        """Subjects of whom nothing is known."""
        return self.subjects - self.valid - self.refused - self.withdrawn


def by_site(actor: Actor, project: Project, form: Form, page: str, sheets: Sheets) -> list[SiteLine]:
    """The subjects of each site by the state of their consent on a page."""
    present = Consent.objects.filter(
        subject=OuterRef("pk"), form=form, page=page, superseded_by=None, entry__removed_at=None
    )
    own = {key: consent for key, consent in sheets.items() if key == (form.pk, page)}
    subjects = Subject.objects.visible_to(actor).filter(project=project)
    marked = subjects.annotate(
        valid=Exists(present.filter(VALID)),
        again=Exists(present.filter(outdated(own))),
        withdrawn=Exists(present.filter(withdrawn_at__isnull=False)),
        refused=Exists(present.filter(is_given=False)),
    ).values_list("site__name", "valid", "again", "refused", "withdrawn")
    counts: dict[str, list[int]] = {}
    for site, *states in marked.order_by("site__code"):
        line = counts.setdefault(site, [0] * 5)
        line[0] += 1
        for place, holds in enumerate(states, start=1):
            line[place] += bool(holds)
    return [SiteLine(site, *line) for site, line in counts.items()]
