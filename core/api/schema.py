"""How the OpenAPI document speaks of tokens and of errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from core import tool
from core.api import permissions
from core.rest.views import Resource

PROBLEM = {
    "type": "object",
    "description": "RFC 9457: what went wrong, in the language asked for, with the place of every fault.",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri", "example": "urn:suite-interhop:problem:invalid"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["place", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("place", "code", "message")},
            },
        },
    },
}
ERRORS = {
    "400": "The call can’t be read, or has a query parameter that isn’t described here.",
    "4XX": "The call was refused; nothing was changed.",
}


KEY = "Makes it safe to send the call again: within a day it is done once, and answered again. A UUID, for example."


def header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, required=required)


class Schema(AutoSchema):
    """Names each schema for its room, since rooms don't know of each other's: EcrfVersion, DatasetsVersion."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        kind = type(serializer)
        room = next((room.label for room in tool.rooms() if kind.__module__.startswith(f"{room.name}.")), "")
        return f"{room.capitalize()}{kind.__name__.removeprefix(room.capitalize())}"

    def get_override_parameters(self) -> list[Any]:
        """The headers that every call of its kind understands."""
        if not isinstance(self.view, Resource):
            return []
        if self.method in SAFE_METHODS:
            return [header("If-None-Match", "The ETag that you have: 304 while it is the newest."), *self.fields()]
        parameters = [header("Idempotency-Key", KEY)]
        if self.path.endswith("}/") and getattr(self.view, "detail", False):
            needed = getattr(self.view, "action", "") in getattr(self.view, "if_match_required", ())
            said = "The ETag of what you read: 412 where it has changed since."
            parameters.append(header("If-Match", said, required=needed))
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """With the permissions that it asks for; one of them may suffice, where a thing decides which."""
        operation = super().get_operation(*args, **kwargs)
        if operation and (codes := permissions.asked_by(self.view, str(self.method))):
            operation["x-permissions"] = codes
        return operation

    def fields(self) -> list[OpenApiParameter]:
        if getattr(self.view, "action", "") not in ("list", "retrieve"):
            return []
        return [OpenApiParameter("fields", str, description="Only these fields, separated by commas: id,user.email")]

    def is_paged(self) -> bool:
        """Only a list has filters and pages; another action that answers several things gives them all at once."""
        action = getattr(self.view, "action", "list")
        own = getattr(getattr(self.view, str(action), None), "kwargs", {})
        return action == "list" or bool(own.get("pagination_class"))

    def get_filter_backends(self) -> list[Any]:
        return list(super().get_filter_backends()) if self.is_paged() else []

    def _get_paginator(self) -> Any:
        return super()._get_paginator() if self.is_paged() else None  # type: ignore[no-untyped-call]


DESCRIPTION = "A token made in the portal, suite_<key>.<secret>, or the access token of a service with the scope api."


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": DESCRIPTION}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say for each operation that its errors are problem+json."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                if method == "get":
                    operation["responses"].setdefault("304", {"description": "It is what you have: see If-None-Match."})
                for status, description in ERRORS.items():
                    operation["responses"].setdefault(status, {"description": description, "content": content})
    return result


def simplify(result: Any, generator: Any = None, request: Any = None, public: bool = False) -> Any:
    """«Anything, or null» is anything: said as a choice of two, null would be both of them, and so neither."""
    if isinstance(result, dict):
        if {} in result.get("oneOf", ()):
            del result["oneOf"]
        for inner in result.values():
            simplify(inner)
    elif isinstance(result, list):
        for inner in result:
            simplify(inner)
    return result
