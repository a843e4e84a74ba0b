"""What the backups of a project are divided into."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from core.access.models import Project


def tabs(project: Project, current: str) -> list[tuple[str, str, bool, None]]:
    """The overview, the machines that save their own data, and what they did."""
    names = {"home": _("Overview"), "agents": _("Agents"), "runs": _("Runs")}
    return [
        (word, reverse(f"backup:{name}", args=[project.slug]), name == current, None) for name, word in names.items()
    ]
