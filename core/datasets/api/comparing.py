"""Comparisons of two versions over REST."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.datasets.api import serializers
from core.datasets.models import Comparison, DatasetVersion
from core.datasets.services import comparing
from core.rest.views import ProjectViewSet


class ComparisonViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What differs between versions of your projects' datasets."""

    queryset = Comparison.objects.select_related(
        "before__dataset__project", "before__file", "after__dataset__project", "after__file"
    )
    serializer_class = serializers.ComparisonSerializer
    filterset_fields = ("before", "after")
    lookup_value_converter = "uuid"

    @extend_schema(request=serializers.CompareSerializer, responses={201: serializers.ComparisonSerializer})
    def create(self, request: Request) -> Response:
        """Compare two versions: counted at once where they are small, by a job otherwise."""
        form = serializers.CompareSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        versions = DatasetVersion.objects.select_related("dataset__project", "file")
        said = form.validated_data
        before, after = (access.fetch(versions, request.user, pk=said[side]) for side in ("before", "after"))
        made = comparing.compare(request.user, before, after, said["key"])
        return Response(serializers.ComparisonSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=serializers.DifferenceSerializer)
    @action(detail=True, pagination_class=None, filterset_fields=())
    def differences(self, request: Request, pk: uuid.UUID) -> Response:
        """What differs, small counts hidden from who doesn't read the rows. 409 while it is being counted."""
        return Response(comparing.read(request.user, self.get_object()))
