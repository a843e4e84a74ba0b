"""Tags of the portal's own templates: ``{% load portal %}``."""

from __future__ import annotations

from typing import Any

from django import template

from core.access.models import Project
from core.accounts.devices import device
from core.context import current
from core.portal import activity, home, navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation_of(context: template.Context, project: Project) -> list[navigation.Link]:
    """The tools and rooms of a project that the reader may open."""
    return navigation.of_project(context["request"].user, project)


@register.inclusion_tag("portal/cards.html", takes_context=True)
def project_cards(context: template.Context, project: Project) -> dict[str, Any]:
    """What needs the reader in one project, tool by tool."""
    return {"cards": home.cards_of(context["request"].user, [project])}


@register.inclusion_tag("web/activity.html", takes_context=True)
def project_activity(context: template.Context, project: Project) -> dict[str, Any]:
    """Who did what in a project, as far as the reader may know."""
    return {"activity": activity.of_project(context["request"].user, project)}


@register.simple_tag
def request_id() -> str:
    """The reference of this request, which its log lines and audit events carry."""
    return current.get().request_id


register.filter("browser_name", device)
