"""Notebooks over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core.rest.request import Request
from core.rest.views import ProjectViewSet
from datahub import queries
from datahub.api import serializers
from datahub.models import Notebook
from datahub.services import notebooks, reading, runs


class NotebookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Notebooks: cells of Python that run on a project's datasets in a sandbox without network."""

    search_fields = ("title",)
    ordering_fields = ("title",)
    queryset = Notebook.objects.all()

    def get_queryset(self) -> QuerySet[Notebook]:
        rows = super().get_queryset().filter(deleted_at=None)
        return rows.select_related("project", "owner").prefetch_related("datasets")

    def get_serializer_class(self) -> Any:
        return serializers.NotebookSerializer if self.action == "list" else serializers.NotebookDetailSerializer

    @extend_schema(request=serializers.NewNotebookSerializer, responses={201: serializers.NotebookDetailSerializer})
    def create(self, request: Request) -> Response:
        """Make a notebook."""
        values = self.read(serializers.NewNotebookSerializer)
        project = values["project"]
        datasets = serializers.chosen(project, values["datasets"], request.user)
        notebook = notebooks.create_notebook(request.user, project, values["title"], values["cells"], datasets)
        return Response(self.get_serializer(notebook).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.SavedNotebookSerializer, responses=serializers.NotebookDetailSerializer)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Save a notebook: 409 when somebody saved since the revision that was read."""
        notebook = self.get_object()
        values = self.read(serializers.SavedNotebookSerializer)
        datasets = serializers.chosen(notebook.project, values["datasets"], request.user)
        saved = notebooks.save_notebook(
            request.user, notebook, values["revision"], values["title"], values["cells"], datasets
        )
        return Response(self.get_serializer(saved).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Delete a notebook; people bring it back in the portal."""
        notebooks.delete_notebook(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=serializers.RunRequestSerializer, responses={202: serializers.RunSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: Any = None) -> Response:
        """Run the notebook; follow the job, then read the results."""
        values = self.read(serializers.RunRequestSerializer)
        run = runs.run_notebook(request.user, self.get_object(), values.get("cells"))
        return Response(serializers.RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=serializers.RunSerializer)
    @action(detail=True, methods=["get"])
    def results(self, request: Request, pk: Any = None) -> Response:
        """What came out of the last run. 404 where it never ran."""
        notebook = self.get_object()
        run = queries.last_run(request.user, notebook)
        if run is None:
            raise Http404
        reading.read_results(request.user, notebook, run)
        return Response(serializers.RunSerializer(run).data)

    def read(self, kind: Any) -> dict[str, Any]:
        form = kind(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values
