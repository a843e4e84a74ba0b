"""Tags of the guided tours: ``{% load help %}``."""

from __future__ import annotations

from django import template

from core.desk.models import Settings
from core.help import tours

register = template.Library()


@register.filter
def offered_to(tour: tours.Tour, settings: Settings) -> bool:
    """Whether the tour begins on this page, and its reader has neither begun nor declined it yet."""
    return tour.begins_here and tour.app not in settings.tours_seen


@register.simple_tag(takes_context=True)
def tour_here(context: template.Context) -> tours.Tour | None:
    """The guided tour that fits the page, for whoever has signed in; none on one that tells what went wrong."""
    request = context.get("request")
    return tours.of_page(request, context.get("project")) if request else None
