"""How much of the persons somebody may export, of which pages and at which sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core import access
from core.access.models import Project, Site
from ecrf import permissions, rights
from ecrf.engine.exports.leaving import LEVELS, Level, least
from ecrf.models import Entry, Export, Form

if TYPE_CHECKING:
    from core.access.scope import Actor

GIVES: Mapping[str, Level] = {
    permissions.EXPORT_IDENTIFIERS: "full",
    permissions.EXPORT: "coded",
    permissions.EXPORT_DEIDENTIFIED: "deidentified",
}
NEEDS: dict[str, str] = {level: code for code, level in GIVES.items()}


def ceiling(actor: Actor, project: Project, site: Site | None = None) -> Level:
    """The most that he may export in the project, or at a site; ``none`` for who may export nothing."""
    held = access.abilities(actor, project, site)
    return next((level for code, level in GIVES.items() if code in held), "none")


def reaches(level: str, wanted: str) -> bool:
    return LEVELS.index(level) >= LEVELS.index(wanted)


def require_level(actor: Actor, form: Form, wanted: Level) -> None:
    """Raises Refused, naming the permission that is wanting."""
    if not reaches(ceiling(actor, form.project), wanted):
        raise access.Refused(actor, NEEDS[wanted], form.project, form)


def of_pages(actor: Actor, form: Form, site: Site, wanted: Level) -> dict[str, Level]:
    """What leaves of each page at a site: what was asked, as far as he may."""
    most = least(wanted, ceiling(actor, form.project, site))
    allowed = rights.of(actor, form, site)
    return {page.key: least(most, allowed.exported(page.key)) for page in form.published.loaded.pages}


def sites_of(actor: Actor, form: Form) -> list[Site]:
    """The sites whose records he may export, at any level."""
    sites = Site.objects.filter(project=form.project)
    return [site for site in sites if ceiling(actor, form.project, site) != "none"]


def may_download(actor: Actor, export: Export) -> bool:
    """Whether he might have made this very export: at each site in it, each page at the level that it was left at."""
    form = export.form
    if ceiling(actor, form.project) == "none":
        return False
    sites = {str(site.pk): site for site in Site.objects.filter(project=form.project, pk__in=list(export.held))}
    for pk, pages in export.held.items():
        if pk not in sites:
            return False
        most = ceiling(actor, form.project, sites[pk])
        allowed = rights.of(actor, form, sites[pk])
        if not all(reaches(least(most, allowed.exported(page)), level) for page, level in pages.items()):
            return False
    return bool(export.held) or reaches(ceiling(actor, form.project), export.level)


def sees_all(actor: Actor, form: Form) -> bool:
    """Whether he may export the records of every site: only then what he publishes is the form's dataset."""
    everything = Entry.objects.filter(form=form, removed_at=None)
    seen = Entry.objects.visible_to(actor, permissions.EXPORT).filter(form=form, removed_at=None)
    return not everything.exclude(pk__in=seen.values("pk")).exists()


def form_of(actor: Actor, project: Project, **lookup: Any) -> Form:
    """A published form, for who may read its records or export something of them; 404 for others."""
    rows = Form.objects.filter(current__isnull=False, project=project).select_related("current", "project")
    for code in permissions.EXPORTS:
        if (found := rows.visible_to(actor, code).filter(**lookup).first()) is not None:
            return found
    fetched: Form = access.fetch(rows, actor, **lookup)
    return fetched


def forms_of(actor: Actor, project: Project) -> list[Form]:
    """The published forms of which he may export something."""
    if ceiling(actor, project) == "none":
        return []
    return list(Form.objects.filter(current__isnull=False, project=project).select_related("current", "project"))
