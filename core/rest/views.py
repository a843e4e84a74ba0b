"""What every resource of a project has in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import BaseFilterBackend
from rest_framework.permissions import SAFE_METHODS
from rest_framework.viewsets import GenericViewSet

from core.db import read_only
from core.rest.request import Request

if TYPE_CHECKING:
    from rest_framework import request as framework

    from core.access.scope import ScopedQuerySet


class ProjectFilter(BaseFilterBackend):
    """``?project=<slug>`` keeps the rows of one project."""

    def filter_queryset(self, request: framework.Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not (slug := request.query_params.get("project")):
            return queryset
        scope = getattr(queryset.model, "scope", None)
        path = scope.project if scope else "project"
        return queryset.filter(**{"slug" if path == "pk" else f"{path}__slug": slug})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [{"name": "project", "in": "query", "required": False, "schema": {"type": "string"}}]


class ProjectViewSet(GenericViewSet[Any]):
    """A resource whose rows belong to projects: lists and lookups show what the caller may see, reads can't write.

    Say `queryset`, `serializer_class` and the actions; what changes something calls a service.
    """

    request: Request
    filter_backends: Sequence[type[BaseFilterBackend]] = (DjangoFilterBackend, ProjectFilter)

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return cast("ScopedQuerySet[Any]", queryset).visible_to(self.request.user)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method not in SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with read_only():
            response = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
            return response
