"""Every address of the suite: the pages and the API of each room and tool, found by name.

``web/urls.py`` gives `app_name` and `urlpatterns`; with a `SEGMENT` they lie in a project, otherwise at the root.
``web/public_urls.py`` gives those of a tool whose pages lie in a project, for people who have no place in it.
``api/urls.py`` gives `urlpatterns`, below /api/v1/<app>/ unless it has another `SEGMENT`; named ``api:<app>:<name>``.
"""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

from core import tool
from core.config.parts import part


def pages(room: tool.RoomConfig) -> list[URLResolver]:
    """The pages of a room: in a project, or at the root."""
    if not (urls := part(room, "web.urls")):
        return []
    segment = getattr(urls, "SEGMENT", "")
    found = [path(f"projects/<slug:project>/{segment}/" if segment else "", include(urls))]
    if public := part(room, "web.public_urls"):
        found.append(path("", include(public)))
    return found


def resources(room: tool.RoomConfig) -> list[URLResolver]:
    """The REST resources of a room."""
    if not (urls := part(room, "api.urls")):
        return []
    segment = getattr(urls, "SEGMENT", room.label)
    return [path(f"{segment}/" if segment else "", include((urls.urlpatterns, room.label)))]


handler400 = "core.web.errors.bad_request"
handler429 = "core.accounts.web.views.too_many"  # allauth looks for it here
handler404 = "core.web.errors.not_found"
handler500 = "core.web.errors.failed"
api = [resolver for room in tool.rooms() for resolver in resources(room)]
urlpatterns: list[URLPattern | URLResolver] = [
    *(resolver for room in tool.rooms() for resolver in pages(room)),
    path("api/v1/", include((api, "api"))),
    path("accounts/", include("allauth.urls")),
    path(
        "i18n/catalogue/",
        login_not_required(cache_control(max_age=3600)(JavaScriptCatalog.as_view())),
        name="javascript-catalog",
    ),
]
