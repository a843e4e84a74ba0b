"""The pictograms of the plan, and what a reader may do, in pages."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import access
from core.access.models import Project
from prescriptions.engine.schedule import pictures

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=64)
def picture(name: str) -> SafeString:
    """One of our own drawings, which no user can change; words stand beside it."""
    return format_html('<span class="rxp-picture">{}</span>', SafeString(pictures.svg(name)))


@register.simple_tag(takes_context=True)
def may(context: template.Context, permission: str, project: Project) -> bool:
    """Whether the reader holds a permission in the project."""
    return access.can(context["request"].user, permission, project)


@register.filter
def at(found: dict[str, object], key: str) -> object:
    """The value of a key, or nothing."""
    return found.get(key, ())
