"""Joins of datasets over REST: suggest keys, say beforehand what will come, publish what came."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access
from core.datasets.api.serializers import JobSerializer
from core.datasets.api.views import plain
from core.datasets.engine.joining import KINDS
from core.datasets.models import DatasetVersion
from core.datasets.services import joining
from core.rest.request import Request
from core.rest.views import ProjectViewSet


class PairField(serializers.ListField):
    """A column of what there is so far, and one of the version that is joined."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.CharField(trim_whitespace=False), min_length=2, max_length=2, **options)


class StepSerializer(serializers.Serializer[Any]):
    version = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    keys = serializers.ListField(child=PairField(), max_length=100, help_text='[["id", "patient_id"]]')


class JoinSerializer(serializers.Serializer[Any]):
    """A first version, and what is joined to it, one after the other."""

    first = serializers.UUIDField()
    steps = serializers.ListField(child=StepSerializer(), max_length=100)


class PublishedJoinSerializer(JoinSerializer):
    name = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=150)


class CountsSerializer(serializers.Serializer[Any]):
    """What a step finds, in rows. Keys that several rows of a side share are `doubled`."""

    matched = serializers.IntegerField()
    left_only = serializers.IntegerField()
    right_only = serializers.IntegerField()
    left_doubled = serializers.IntegerField()
    right_doubled = serializers.IntegerField()
    rows = serializers.IntegerField(help_text="Of the result.")
    multiplies = serializers.BooleanField(help_text="Rows come out more often than they went in.")


class PreviewSerializer(serializers.Serializer[Any]):
    """What will come of a join: counts of each step, the first rows, and the code that does it."""

    counts = CountsSerializer(many=True)
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    sql = serializers.CharField()
    pandas = serializers.CharField()


class SuggestionSerializer(serializers.Serializer[Any]):
    left = serializers.CharField()
    right = serializers.CharField()
    overlap = serializers.FloatField(help_text="Which share of the values of one the other has.")


class JoinViewSet(ProjectViewSet):
    """Versions of a project's datasets, put together by their keys."""

    queryset = DatasetVersion.objects.select_related("dataset__project", "file")
    filter_backends = ()

    @extend_schema(request=PublishedJoinSerializer, responses={202: JobSerializer})
    def create(self, request: Request) -> Response:
        """Publish the result as the next version of a dataset: a job joins the rows."""
        given = self._given(PublishedJoinSerializer)
        first, steps = self._found(given)
        job = joining.ask(request.user, first, steps, name=given["name"], title=given["title"])
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=JoinSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What will come of it: counts, the first rows, the code. Nothing is made; both versions are read."""
        found = joining.preview(request.user, *self._found(self._given(JoinSerializer)))
        rows = [[plain(value) for value in row] for row in found.rows]
        said = {"columns": found.columns, "rows": rows, "sql": found.sql, "pandas": found.pandas}
        return Response({"counts": joining.told(found), **said})

    @extend_schema(
        responses=SuggestionSerializer(many=True),
        parameters=[
            OpenApiParameter("left", OpenApiTypes.UUID, required=True, description="A version."),
            OpenApiParameter("right", OpenApiTypes.UUID, required=True, description="Another one."),
        ],
    )
    @action(detail=False, pagination_class=None)
    def suggestions(self, request: Request) -> Response:
        """Pairs of columns that may be keys, those that share most values first."""
        left, right = (self._version(request.query_params.get(name, "")) for name in ("left", "right"))
        found = joining.suggest(request.user, left, right)
        return Response(SuggestionSerializer(found, many=True).data)

    def _given(self, kind: Any) -> dict[str, Any]:
        form = kind(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values

    def _found(self, given: dict[str, Any]) -> tuple[DatasetVersion, list[joining.Step]]:
        """404 for a version that the caller doesn't see."""
        steps = [
            joining.Step(self._version(each["version"]), each["kind"], [(a, b) for a, b in each["keys"]])
            for each in given["steps"]
        ]
        return self._version(given["first"]), steps

    def _version(self, key: uuid.UUID | str) -> DatasetVersion:
        try:
            found: DatasetVersion = access.fetch(self.queryset.all(), self.request.user, pk=key)
        except ValidationError:
            raise Http404 from None
        return found
