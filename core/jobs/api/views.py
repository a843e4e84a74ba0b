"""Long work over REST: look at it, stop it, try it again."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.jobs import services
from core.jobs.api import serializers
from core.jobs.models import Job
from core.rest.views import ProjectViewSet


class JobFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=Job.State.choices)

    class Meta:
        model = Job
        fields = ["state", "task", "subject_type", "subject_id"]


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Your jobs, and those of others in the projects where you may see them."""

    queryset = Job.objects.select_related("owner", "project")
    serializer_class = serializers.JobSerializer
    filterset_class = JobFilter

    def get_queryset(self) -> QuerySet[Job]:
        rows: QuerySet[Job] = super().get_queryset()
        return rows.prefetch_related("lines") if self.action == "retrieve" else rows

    def get_serializer_class(self) -> Any:
        return serializers.JobSerializer if self.action == "list" else serializers.JobDetailSerializer

    @extend_schema(request=None, responses=serializers.JobDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: Any = None) -> Response:
        """Stop a job: at once while it waits, at its next report while it runs. 409 when it has ended."""
        return Response(self.get_serializer(services.cancel(request.user, self.get_object())).data)

    @extend_schema(request=None, responses=serializers.JobDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:
        """Do a failed or cancelled job again. 409 when it lives or is done."""
        return Response(self.get_serializer(services.retry(request.user, self.get_object())).data)
