"""Fields that many resources share."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.serializers import SlugRelatedField


@extend_schema_field(OpenApiTypes.STR)
class ProjectField(SlugRelatedField[Any]):
    """A project by its slug; one that the caller may not see is as unknown as one that doesn't exist."""

    def __init__(self, **options: Any) -> None:
        super().__init__(slug_field="slug", **options)

    def get_queryset(self) -> QuerySet[Any]:
        return apps.get_model("access", "Project").objects.visible_to(self.context["request"].user)
