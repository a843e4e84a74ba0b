"""The front door of the API: where everything is."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.views import View


class RootView(View):
    """The lists that the API offers, by name, and its description."""

    permission_classes = (AllowAny,)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Where each resource and the OpenAPI document are."""
        lists = {name: request.build_absolute_uri(reverse(f"api:{name}")) for name in list_names()}
        return Response({"schema": request.build_absolute_uri(reverse("api:api:schema")), "resources": lists})


def list_names() -> list[str]:
    """The names of all routes that list something and need no argument, sorted."""
    resolvers = [entry for entry in get_resolver().url_patterns if isinstance(entry, URLResolver)]
    api = next(entry for entry in resolvers if entry.namespace == "api")
    rooms = [room for room in api.url_patterns if isinstance(room, URLResolver)]
    found = [
        f"{room.namespace}:{pattern.name}"
        for room in rooms
        for pattern in room.url_patterns
        if isinstance(pattern, URLPattern) and (pattern.name or "").endswith("-list")
    ]
    return sorted(set(found))
