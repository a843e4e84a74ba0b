"""``{% load storage %}``: how much a project stores, on its page."""

from __future__ import annotations

from typing import Any

from django import template

from core.access.models import Project
from core.storage import queries

register = template.Library()


@register.inclusion_tag("storage/space.html", takes_context=True)
def project_space(context: template.Context, project: Project) -> dict[str, Any]:
    """What it stores and may store, for who may open it."""
    return {"space": queries.of_project(context["request"].user, project)}
