"""What a study expects of its sites and how it is followed: targets, steps, notices of overdue visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project, Site
from core.errors import Fault, Invalid
from core.notices.services import notify
from ecrf import permissions
from ecrf.models import Following, Form, Target, Visit
from ecrf.overview import AWAITED

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_MONTHS = 240
MOST_STEPS = 12


@transaction.atomic
def set_targets(actor: Actor, project: Project, site: Site | None, first: date, last: date, subjects: int) -> int:
    """So many subjects in each month from the first to the last, in place of what was said of them; none for 0."""
    access.require(actor, permissions.MANAGE_STUDY, project)
    months = list(months_between(first, last))
    if not months or len(months) > MOST_MONTHS:
        raise Invalid([Fault("last", "range", _("Give a last month after the first, twenty years later at most."))])
    if not 0 <= subjects <= 100_000:
        raise Invalid([Fault("subjects", "range", _("Give a number from 0 to 100,000."))])
    Target.objects.filter(project=project, site=site, month__in=months).delete()
    if subjects:
        Target.objects.bulk_create(
            Target(project=project, site=site, month=month, subjects=subjects) for month in months
        )
    told: dict[str, Any] = {"site": site.code} if site else {}
    audit.record(actor, "ecrf.targets_set", project=project, rows=len(months), number=subjects, **told)
    return len(months)


def months_between(first: date, last: date) -> Iterable[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


@transaction.atomic
def follow(
    actor: Actor, project: Project, *, tells_overdue: bool, grace: int, steps: Sequence[Mapping[str, str]]
) -> Following:
    """Settle how the study is followed. Raises Invalid where a step names what no form has."""
    access.require(actor, permissions.MANAGE_STUDY, project)
    forms = {form.key: form for form in Form.objects.filter(project=project, current__isnull=False)}
    faults = []
    for place, step in enumerate(steps):
        form = forms.get(step.get("form", ""))
        event, page = step.get("event", ""), step.get("page", "")
        definition = form.published.loaded if form else None
        known = definition is not None and (not event or event in definition.events)
        if not known or (page and definition and page not in {one.key for one in definition.pages}):
            faults.append(Fault(f"steps.{place}", "unknown", _("No form has this step.")))
    if len(steps) > MOST_STEPS:
        faults.append(Fault("steps", "too_many", _("Twelve steps are enough.")))
    if not 0 <= grace <= 365:
        faults.append(Fault("grace", "range", _("Give a number of days from 0 to 365.")))
    if faults:
        raise Invalid(faults)
    kept = [{name: str(step.get(name, "")) for name in ("form", "event", "page")} for step in steps]
    row, _made = Following.objects.update_or_create(
        project=project, defaults={"tells_overdue": tells_overdue, "grace": grace, "steps": kept}
    )
    audit.record(actor, "ecrf.following_set", project=project, rows=len(kept))
    return row


def tell_overdue() -> None:
    """Tell the people of each site once of the visits that have become overdue; studies choose to be told."""
    for following in Following.objects.filter(tells_overdue=True).select_related("project"):
        with transaction.atomic():
            tell_project(following, timezone.localdate())


def tell_project(following: Following, today: date) -> None:
    last = today - timedelta(days=following.grace)
    rows = Visit.objects.filter(subject__project=following.project, closes__lt=last, told_at=None, **AWAITED)
    held = list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True).select_related("subject__site"))
    counts = Counter(visit.subject.site for visit in held)
    url = f"{reverse('ecrf:visits', args=[following.project.slug])}?state=overdue"
    for site, count in counts.items():
        memberships = access.members_holding(permissions.SAVE, following.project).select_related("user")
        there = [one.user for one in memberships if one.all_sites or one.sites.filter(pk=site.pk).exists()]
        notify(there, "ecrf.visits_overdue", project=following.project, url=url, site=site.code, number=count)
    Visit.objects.filter(pk__in=[visit.pk for visit in held]).update(told_at=timezone.now())


def steps_in(form: Form, language: str) -> list[tuple[dict[str, Any], str]]:
    """What may be a step: an event begun, or one of its pages complete."""
    definition = form.published.loaded
    found: list[tuple[dict[str, Any], str]] = []
    for key in list(definition.events) or [""]:
        event = definition.events.get(key)
        title = definition.text(event.title, language) if event else str(form)
        found.append(({"form": form.key, "event": key, "page": ""}, title))
        found += [
            (
                {"form": form.key, "event": key, "page": page.key},
                f"{title} · {definition.text(page.title, language)}",
            )
            for page in definition.pages_of(key)
        ]
    return found
