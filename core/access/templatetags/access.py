"""What the pages of a project say of the reader's access: ``{% load access %}``."""

from __future__ import annotations

from typing import Any

from django import template

from core.access.models import Project
from core.access.services import emergencies

register = template.Library()


@register.inclusion_tag("access/emergency_banner.html", takes_context=True)
def emergency_banner(context: template.Context, project: Project) -> dict[str, Any]:
    """Says on every page of a project that the reader's emergency access is open there, and ends it."""
    opened = emergencies.open_now(context["request"].user.pk, project.pk)
    return {"emergency": opened, "project": project, "csrf_token": context.get("csrf_token")}
