"""How the OpenAPI document speaks of tokens and of errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from core import tool

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
ERRORS = {"4XX": "The call was refused; nothing was changed."}


class Schema(AutoSchema):
    """Names each schema for its room, since rooms don't know of each other's: EcrfVersion, DatasetsVersion."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        kind = type(serializer)
        room = next((room.label for room in tool.rooms() if kind.__module__.startswith(f"{room.name}.")), "")
        return f"{room.capitalize()}{kind.__name__.removeprefix(room.capitalize())}"


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "core.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token made in the portal: suite_<key>.<secret>"}


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say for each operation that its errors are problem+json."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                for status, description in ERRORS.items():
                    operation["responses"].setdefault(status, {"description": description, "content": content})
    return result
