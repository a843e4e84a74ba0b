"""The way from a thing to its events: ``{% load journal %}{% trail_of entry %}`` on the thing's page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.journal import queries
from core.journal.services import VERIFY

register = template.Library()


@register.inclusion_tag("journal/trail.html", takes_context=True)
def trail_of(context: template.Context, thing: Model) -> dict[str, Any]:
    """A button to who read and changed this thing, for those who read the audit trail of its project."""
    project = getattr(thing, "project", None)
    if project is None or not access.can(context["request"].user, queries.READ, project):
        return {"url": ""}
    return {"url": reverse("audit:thing", args=[project.slug, thing._meta.label_lower, str(thing.pk)])}


@register.inclusion_tag("journal/tabs.html", takes_context=True)
def journal_tabs(context: template.Context, project: Project) -> dict[str, Any]:
    """The parts of a project's audit trail that the reader may open."""
    request = context["request"]
    held = access.abilities(request.user, project)
    parts = (
        ("journal", _("Events"), queries.READ),
        ("alerts", _("Alerts"), queries.READ),
        ("anchors", _("Heads kept outside"), VERIFY),
    )
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "tabs": [
            (words, reverse(f"audit:{name}", args=[project.slug]), name == here, None)
            for name, words, needs in parts
            if needs in held
        ]
    }
