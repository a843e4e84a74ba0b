"""The page that works without a network, its service worker and its manifest: no patient's data in any of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import access
from core.web import assets
from core.web.views import reads
from ecrf import permissions
from ecrf.web.places import project_of

WORKER = Path(__file__).parents[3] / "core/static/build/ecrf-offline-worker.js"
BUILT = ("portal.js", "portal.css", "portal-theme.js", "ecrf-offline.js", "ecrf.css", "icons.svg")
ICONS = (("ecrf-icon.svg", "any"), ("ecrf-icon-192.png", "192x192"), ("ecrf-icon-512.png", "512x512"))


@reads
def page(request: HttpRequest, project: str) -> HttpResponse:
    """The page: it shows nothing by itself, what the browser holds is opened there with the offline code."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.TAKE_OFFLINE, found)
    names = ("offline_state", "offline_register", "offline_take", "offline_give_back", "offline_sync")
    data = {
        "project": found.slug,
        "title": str(found),
        "language": get_language(),
        "worker": reverse("ecrf:offline_worker", args=[found.slug]),
        "scope": reverse("ecrf:offline", args=[found.slug]),
        "urls": {name.removeprefix("offline_"): reverse(f"ecrf:{name}", args=[found.slug]) for name in names},
        "may_manage": access.can(request.user, permissions.LOCK, found),
    }
    return render(request, "ecrf/offline/page.html", {"project": found, "data": data})


@reads
def worker(request: HttpRequest, project: str) -> HttpResponse:
    """The service worker, with the list of what the page loads; it changes when any of that does."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.TAKE_OFFLINE, found)
    kept = [*assets.needed_by(*BUILT), static("core/mark.svg"), f"{reverse('javascript-catalog')}?l={get_language()}"]
    code = WORKER.read_text()
    version = hashlib.sha256("\n".join([*kept, code]).encode()).hexdigest()[:16]
    shell = {"version": version, "page": reverse("ecrf:offline", args=[found.slug]), "assets": kept}
    text = f"const SHELL = {json.dumps(shell)};\n{code}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@reads
def manifest(request: HttpRequest, project: str) -> JsonResponse:
    """What makes the page an app that can be installed."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.TAKE_OFFLINE, found)
    address = reverse("ecrf:offline", args=[found.slug])
    return JsonResponse(
        {
            "id": address,
            "name": _("Forms offline: %(project)s") % {"project": found},
            "short_name": _("Forms"),
            "lang": get_language(),
            "start_url": address,
            "scope": address,
            "display": "standalone",
            "background_color": "#0b4f55",
            "theme_color": "#0b4f55",
            "icons": [
                {"src": assets.address(name), "sizes": size, "purpose": "any maskable"}
                | ({"type": "image/svg+xml"} if name.endswith("svg") else {"type": "image/png"})
                for name, size in ICONS
            ],
        },
        content_type="application/manifest+json",
    )
