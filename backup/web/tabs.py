"""What the backups of a project are divided into."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backup import queries
from backup.permissions import SEND
from core import access
from core.access.models import Project


def tabs(request: HttpRequest, project: Project, current: str) -> list[tuple[str, str, bool, int | None]]:
    """First what one looks at each morning, then what there is, then what is set once."""
    names = {
        "home": _("Overview"),
        "alerts": _("Alerts"),
        "calendar": _("Calendar"),
        "sources": _("Sources"),
        "snapshots": _("All backups"),
        "runs": _("Runs"),
        "plans": _("Plans"),
        "repositories": _("Repositories"),
        "agents": _("Agents"),
    }
    if access.can(request.user, SEND, project):
        names["sends"] = _("Sealed files")
    counts = {"alerts": queries.alerts(request.user, project).count() or None}
    return [
        (word, reverse(f"backup:{name}", args=[project.slug]), name == current, counts.get(name))
        for name, word in names.items()
    ]
