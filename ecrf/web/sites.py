"""The site at which somebody works now, of those that are his: lists begin with it. It grants nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core import access
from core.access.models import Project, Site
from core.web.views import writes
from ecrf import permissions
from ecrf.web.places import project_of

KEPT = "ecrf.site"


def sites_of(request: HttpRequest, project: Project) -> list[Site]:
    """The sites whose records the reader sees."""
    return list(Site.objects.visible_to(request.user, permissions.READ).filter(project=project))


def site_now(request: HttpRequest, project: Project) -> Site | None:
    """The one that he chose, as long as it is one of his; none: all of them."""
    code = request.session.get(KEPT, {}).get(str(project.pk), "")
    return next((site for site in sites_of(request, project) if site.code == code), None) if code else None


def switcher(request: HttpRequest, project: Project) -> dict[str, Any] | None:
    """What the choice shows; nothing where there is nothing to choose."""
    sites = sites_of(request, project)
    if len(sites) < 2:
        return None
    return {"sites": sites, "now": site_now(request, project), "back": request.get_full_path()}


def at_site(request: HttpRequest, project: Project, rows: Any, lookup: str) -> Any:
    """The rows of the site at which the reader works now; all that he sees where he chose none."""
    site = site_now(request, project)
    return rows.filter(**{lookup: site}) if site else rows


@writes
def choose(request: HttpRequest, project: str) -> HttpResponse:
    """Work at this site from now on, or at all of them; kept until the session ends."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    code = request.POST.get("site", "")
    known = {site.code for site in sites_of(request, found)}
    request.session[KEPT] = {**request.session.get(KEPT, {}), str(found.pk): code if code in known else ""}
    back = request.POST.get("back", "")
    fine = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return redirect(back if fine else reverse("ecrf:home", args=[found.slug]))
