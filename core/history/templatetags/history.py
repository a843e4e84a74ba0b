"""The way from a thing to its history: ``{% load history %}{% history_of site %}`` on the thing's page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model
from django.urls import reverse

from core.history import services

register = template.Library()


@register.inclusion_tag("history/button.html", takes_context=True)
def history_of(context: template.Context, thing: Model | None, which: Any = "") -> dict[str, Any]:
    """A button to what changed in this thing, for those who may read it; `which` tells it from others on the page."""
    if thing is None or not services.may_read(context["request"].user, thing):
        return {"url": ""}
    return {"url": reverse("history:thing", args=[thing._meta.label_lower, str(thing.pk)]), "which": which}
