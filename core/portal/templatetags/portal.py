"""Tags of the portal's own templates: ``{% load portal %}``."""

from __future__ import annotations

from typing import Any

from django import template

from core.access.models import Project
from core.context import current
from core.portal import home, navigation

register = template.Library()


@register.simple_tag(takes_context=True)
def navigation_of(context: template.Context, project: Project) -> list[navigation.Link]:
    """The tools and rooms of a project that the reader may open."""
    return navigation.of_project(context["request"].user, project)


@register.inclusion_tag("portal/cards.html", takes_context=True)
def project_cards(context: template.Context, project: Project) -> dict[str, Any]:
    """What needs the reader in one project, tool by tool."""
    return {"cards": home.cards_of(context["request"].user, [project])}


@register.simple_tag
def request_id() -> str:
    """The reference of this request, which its log lines and audit events carry."""
    return current.get().request_id


BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Version/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser_name(user_agent: str) -> str:
    """«Firefox 128, Windows» out of what a browser says of itself; as it is where we don't know it."""
    for mark, name in BROWSERS:
        if mark in user_agent:
            version = user_agent.partition(mark)[2].partition(".")[0]
            system = next((word for known, word in SYSTEMS if known in user_agent), "")
            return f"{name} {version}" + (f", {system}" if system else "")
    return user_agent[:60]
