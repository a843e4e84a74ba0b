"""Pages of what is and what was wrong: the list, one alert with what to do, and asking for quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backup import queries
from backup.models import Alert
from backup.services import alerting
from backup.web.home import project_of, rights
from backup.web.lists import answer, of_repositories
from backup.web.tabs import tabs
from core import access
from core.access.models import Project
from core.web.table import Column, Filter, Table
from core.web.views import reads, see_other, writes

STATES = (
    ("open", gettext_lazy("Lasting")),
    ("loud", gettext_lazy("Lasting, and nobody asked for quiet")),
    ("resolved", gettext_lazy("Over")),
)
SEVERITIES = (("severe", gettext_lazy("Severe")), ("light", gettext_lazy("Less severe")))
QUIET = (1, 7, 31)
"""Days that one may ask for."""
COLUMNS = (
    Column("what", gettext_lazy("Alert"), "__str__", template="backup/cells/alert.html", fixed=True),
    Column("about", gettext_lazy("About"), "about"),
    Column(
        "state", gettext_lazy("State"), "rank", sort=("rank", "-created_at"), template="backup/cells/alert_state.html"
    ),
    Column("created_at", gettext_lazy("Since"), sort=("created_at",), template="backup/cells/when.html"),
    Column("resolved_at", gettext_lazy("Until"), sort=("resolved_at",), template="backup/cells/when.html"),
    Column("repository", gettext_lazy("Repository"), "repository.name", sort=("repository__name",)),
    Column("quiet", gettext_lazy("Quiet until"), "quiet_until", template="backup/cells/when.html"),
)


def fetch(request: HttpRequest, project: Project, pk: UUID) -> Alert:
    row: Alert = access.fetch(queries.all_alerts(request.user, project), request.user, pk=pk)
    return row


def by_state(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "resolved":
        return rows.filter(resolved_at__isnull=False)
    lasting = rows.filter(resolved_at=None)
    return lasting.exclude(quiet_until__gt=timezone.now()) if value == "loud" else lasting


def by_severity(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    severe = Q(kind__in=Alert.SEVERE)
    return rows.filter(severe if value == "severe" else ~severe)


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request, project)
    table = Table(
        request,
        queries.all_alerts(request.user, found),
        COLUMNS,
        name="alerts",
        caption=_("Alerts"),
        search=("source__icontains", "plan__name__icontains", "repository__name__icontains"),
        filters=(
            Filter("state", _("State"), STATES, by_state),
            Filter("severity", _("Severity"), SEVERITIES, by_severity),
            Filter("kind", _("Kind"), [(kind.value, capfirst(kind.label)) for kind in Alert.Kind], rare=True),
            of_repositories(request, found),
        ),
        order=("rank", "-created_at"),
        export="alerts",
        empty={
            "icon": "bell-check",
            "title": _("Nothing was ever wrong"),
            "text": _(
                "Every five minutes the backups are looked at. What is wrong appears here, and stays when it is over."
            ),
        },
    )
    return answer(request, found, table, title=_("Alerts of the backups"))


@reads
def alert(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    found = project_of(request, project)
    row = fetch(request, found, pk)
    same = {"repository": row.repository, "source": row.source, "plan": row.plan, "kind": row.kind}
    context = {
        "project": found,
        "alert": row,
        "now": timezone.now(),
        "has_source": queries.newest(request.user, found).filter(repository=row.repository, source=row.source).exists(),
        "earlier": queries.all_alerts(request.user, found)
        .filter(**same)
        .exclude(pk=row.pk)
        .order_by("-created_at")[:20],
        "days": QUIET,
        "tabs": tabs(request, found, "alerts"),
        **rights(request, found),
    }
    return render(request, "backup/alert.html", context)


@writes
def quiet(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Hear no more of an alert for a while: a week where nothing else is said."""
    found = project_of(request, project)
    row = fetch(request, found, pk)
    asked = request.POST.get("days", "")
    days = int(asked) if asked in map(str, QUIET) else 7
    alerting.quiet(request.user, row, timezone.now() + timedelta(days=days))
    messages.success(request, _("You will hear no more of it for a while. It is shown all the same."))
    return see_other(row.get_absolute_url(), request)
