"""What OPTIONS answers: what an address is for. What it takes is in the OpenAPI document, for everybody alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.metadata import BaseMetadata

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Metadata(BaseMetadata):
    """Its name and its words, without trying what could be done with it."""

    def determine_metadata(self, request: Request, view: APIView) -> dict[str, Any]:
        return {"name": view.get_view_name(), "description": view.get_view_description()}
