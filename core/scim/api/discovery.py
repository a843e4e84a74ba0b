"""What is done here and what people and groups consist of (RFC 7644, section 4)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from core.scim.api.protocol import Call, answer, call
from core.scim.api.rendering import base
from core.scim.api.resources import MOST
from core.scim.engine import schemas
from core.scim.engine.errors import Fault


@call("GET", "HEAD")
def config(request: Call) -> HttpResponse:
    return answer(schemas.config(base(), MOST))


@call("GET", "HEAD")
def all_schemas(request: Call) -> HttpResponse:
    return _listed(request, list(schemas.published(base())))


@call("GET", "HEAD")
def one_schema(request: Call, pk: str) -> HttpResponse:
    return _one(list(schemas.published(base())), pk)


@call("GET", "HEAD")
def resource_types(request: Call) -> HttpResponse:
    return _listed(request, list(schemas.resource_types(base())))


@call("GET", "HEAD")
def one_resource_type(request: Call, pk: str) -> HttpResponse:
    return _one(list(schemas.resource_types(base())), pk)


@call("POST")
def search(request: Call) -> HttpResponse:
    raise Fault("", "People and groups are searched apart: /Users/.search, /Groups/.search.", 501)


@call("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
def nothing(request: Call, rest: str = "") -> HttpResponse:
    """Whatever else is asked for isn't here."""
    raise Http404


def _listed(request: Call, found: list[dict[str, Any]]) -> HttpResponse:
    """RFC 7644, section 4: these aren't filtered."""
    if request.GET.get("filter"):
        raise Fault("", "This isn't filtered.", 403)
    return answer(
        {
            "schemas": [schemas.LIST],
            "totalResults": len(found),
            "startIndex": 1,
            "itemsPerPage": len(found),
            "Resources": found,
        }
    )


def _one(found: list[dict[str, Any]], pk: str) -> HttpResponse:
    for each in found:
        if each["id"].lower() == pk.lower():
            return answer(each)
    raise Http404
