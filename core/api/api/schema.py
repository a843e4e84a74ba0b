"""The OpenAPI document of the API."""

from __future__ import annotations

import functools
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request


@functools.cache
def document(language: str) -> Any:
    """The whole document: it is the same for everybody, and making it takes half a second."""
    return SchemaGenerator().get_schema(request=None, public=True)


class SharedDocument(SchemaGenerator):
    def get_schema(self, request: Request | None = None, public: bool = False) -> Any:
        return document(get_language() or "")


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 document, for strangers too: it tells what there is, and opens none of it."""

    generator_class = SharedDocument
    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2]
    permission_classes = [AllowAny]
    authentication_classes = []
