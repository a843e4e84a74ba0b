"""Analyses and questions over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access
from core.rest.request import Request
from core.rest.views import ProjectViewSet, View
from lowcode import presentation, queries
from lowcode.api import serializers
from lowcode.engine.shape import SCHEMA
from lowcode.models import Analysis
from lowcode.permissions import RUN
from lowcode.services import analyses, results, running


def values_of(kind: Any, request: Request) -> dict[str, Any]:
    form = kind(data=request.data, context={"request": request})
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = form.validated_data
    return values


class AnalysisViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Analyses: saved questions to the datasets of a project."""

    search_fields = ("name",)
    ordering_fields = ("name",)
    queryset = Analysis.objects.all()

    def get_queryset(self) -> QuerySet[Analysis]:
        found: QuerySet[Analysis] = super().get_queryset()
        return found.filter(deleted_at=None).select_related("project", "owner", "dataset")

    def get_serializer_class(self) -> Any:
        return serializers.AnalysisSerializer if self.action == "list" else serializers.AnalysisDetailSerializer

    @extend_schema(request=serializers.NewAnalysisSerializer, responses={201: serializers.AnalysisDetailSerializer})
    def create(self, request: Request) -> Response:
        """Make an analysis. 422 names every fault of its query."""
        values = values_of(serializers.NewAnalysisSerializer, request)
        made = analyses.create(request.user, values["project"], values["name"], values["query"], values["chart"])
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.SavedAnalysisSerializer, responses=serializers.AnalysisDetailSerializer)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Save an analysis: 409 when somebody saved since the revision that was read."""
        analysis = self.get_object()
        values = values_of(serializers.SavedAnalysisSerializer, request)
        saved = analyses.save(
            request.user, analysis, values["revision"], values["name"], values["query"], values["chart"]
        )
        return Response(self.get_serializer(saved).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Delete an analysis; people bring it back in the portal."""
        analyses.delete(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={201: serializers.AnalysisDetailSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: Any = None) -> Response:
        """Copy an analysis; the copy is the caller's."""
        copy = analyses.duplicate(request.user, self.get_object())
        return Response(self.get_serializer(copy).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=serializers.AnswerSerializer)
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: Any = None) -> Response:
        """Run an analysis. Who may not read the data gets the last result, with small counts hidden."""
        analysis = self.get_object()
        return Response(presentation.answer(running.read_saved(request.user, analysis), analysis.chart))

    @extend_schema(request=serializers.ExportSerializer, responses={(200, "text/csv"): OpenApiTypes.STR, 204: None})
    @action(detail=True, methods=["post"])
    def export(self, request: Request, pk: Any = None) -> HttpResponse:
        """Export the result as CSV. For a picture, which the client draws, the export is written down: 204."""
        kind = values_of(serializers.ExportSerializer, request)["format"]
        text = results.export(request.user, self.get_object(), kind, presentation.language())
        if kind != "csv":
            return Response(status=status.HTTP_204_NO_CONTENT)
        headers = {"Content-Disposition": 'attachment; filename="result.csv"'}
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)

    @extend_schema(request=serializers.PublicationSerializer, responses={201: serializers.PublishedSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: Any = None) -> Response:
        """Make the result a dataset that other tools read."""
        values = values_of(serializers.PublicationSerializer, request)
        version = results.publish(
            request.user,
            self.get_object(),
            values["name"],
            values["title"],
            values["hide_small_counts"],
            presentation.language(),
        )
        return Response(serializers.PublishedSerializer(version).data, status=status.HTTP_201_CREATED)


class QueryView(View):
    """Questions that are not kept."""

    @extend_schema(
        operation_id="lowcode_query_run",
        request=serializers.QuestionSerializer,
        responses=serializers.AnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        """Ask a dataset a question. 422 names every fault of the query."""
        values = values_of(serializers.QuestionSerializer, request)
        project = values["project"]
        access.require(request.user, RUN, project)
        query = analyses.read_query(values["query"])
        version = queries.version_named(request.user, project, query.source.dataset, query.source.version)
        return Response(presentation.answer(running.ask(request.user, version, query), values["chart"]))


class SchemaView(View):
    """The language of queries."""

    @extend_schema(operation_id="lowcode_query_schema", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """The JSON Schema of a query."""
        return Response(SCHEMA)
