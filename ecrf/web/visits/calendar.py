"""The visits of a site as a calendar file, by number and event: nobody is named."""

from __future__ import annotations

import hashlib
from datetime import UTC, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core import access, audit
from core.access.models import Project
from core.web.views import reads
from ecrf import permissions, queries, visiting
from ecrf.engine.icalendar import Day
from ecrf.engine.icalendar import calendar as calendar_text
from ecrf.web.places import project_of
from ecrf.web.visits.titles import Titles

AHEAD = timedelta(days=180)
BEHIND = timedelta(days=30)
CALENDAR_NAME = gettext_lazy("Visits of %(project)s")


@reads
def calendar(request: HttpRequest, project: str) -> HttpResponse:
    """How many visits are due each day at the reader's sites, as a calendar file that names no subject."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    today = timezone.localdate()
    titles = Titles(list(queries.forms_of(request.user, found)))
    rows = visiting.days_of(visiting.visits_of(request.user, found), today - BEHIND, today + AHEAD)
    audit.record(request.user, "ecrf.agenda_exported", project=found, rows=len(rows))
    days = [day_of(request, found, titles, row) for row in rows]
    text = calendar_text(str(CALENDAR_NAME) % {"project": found}, days, timezone.now().astimezone(UTC))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="visits-{found.slug}.ics"'
    return answer


def day_of(request: HttpRequest, project: Project, titles: Titles, row: dict[str, Any]) -> Day:
    same = "|".join(str(row[name]) for name in ("form", "event", "subject__site__code", "due"))
    uid = hashlib.sha256(f"{project.pk}|{same}".encode()).hexdigest()[:32]
    told = {"visit": titles.of(row["form"], row["event"]), "site": row["subject__site__code"], "n": row["count"]}
    address = f"{reverse('ecrf:visits', args=[project.slug])}?month={row['due']:%Y-%m}"
    return Day(
        f"{uid}@suite",
        row["due"],
        f"{told['visit']} × {told['n']} ({told['site']})",
        request.build_absolute_uri(address),
    )
