"""The OpenAPI document of the API."""

from __future__ import annotations

import functools
import hashlib
import json

from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.rest.views import View

MEDIA_TYPE = "application/vnd.oai.openapi+json"


@functools.cache
def document(language: str) -> tuple[bytes, str]:
    """The whole document and its ETag: it is the same for everybody, and making it takes a second or more."""
    with translation.override(language or None):
        schema = SchemaGenerator().get_schema(request=None, public=True)
        text = json.dumps(schema, ensure_ascii=False, default=str).encode()
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


class AsItIs(BaseContentNegotiation):
    """There is one form of it, whatever is asked for."""

    def select_renderer(self, request, renderers, format_suffix=None):  # type: ignore[no-untyped-def]
        return renderers[0], renderers[0].media_type


class SchemaView(View):
    """The OpenAPI 3.1 document, for strangers too: it tells what there is, and opens none of it."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = AsItIs

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        text, tag = document(get_language() or "")
        headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Disposition": 'inline; filename="openapi.json"'}
        answer = HttpResponse(text, content_type=MEDIA_TYPE, headers=headers)
        return get_conditional_response(request._request, etag=tag, response=answer) or answer
