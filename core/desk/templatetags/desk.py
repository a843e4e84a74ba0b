"""Tags of the heads of lists: ``{% load desk %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from core.desk import views

if TYPE_CHECKING:
    from core.web.table import Table

register = template.Library()


@register.inclusion_tag("desk/views_menu.html", takes_context=True)
def views_menu(context: template.Context, table: Table) -> dict[str, Any]:
    """The saved views of a list, and what one does with them."""
    offers = views.offered(table)
    return {
        "table": table,
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "density": portal.settings.density if (portal := context.get("portal")) else "",
        "offers": offers,
        "current": next((offer for offer in offers if offer.is_current), None),
        "key": views.key_of(table),
        "project": views.project_of(table.request),
        "may_share": bool(views.project_of(table.request)),
    }
