"""Sets of worked cases and runs of readers over them, over REST."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.rest.views import ProjectViewSet
from prescriptions import queries, services
from prescriptions.api.evaluation_serializers import (
    CaseSetSerializer,
    NewRunSerializer,
    NewSetSerializer,
    RunCaseSerializer,
    RunDetailSerializer,
    RunSerializer,
    StartedSerializer,
)
from prescriptions.models import CaseSet, Run


class CaseSetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, ProjectViewSet):
    """Sets of worked cases: add, read, delete."""

    queryset = CaseSet.objects.select_related("project", "author")
    serializer_class = CaseSetSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One set, without its texts."""
        held = self.get_object()
        audit.record(request.user, "prescriptions.case_set_read", held)
        return Response(self.get_serializer(held).data)

    @extend_schema(request=NewSetSerializer, responses={201: CaseSetSerializer})
    def create(self, request: Request) -> Response:
        """Keep a set of cases: 422 with every fault, 409 when the name is taken."""
        asked = NewSetSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in data["cases"])
        made = services.add_set(request.user, data["project"], data["name"], lines.encode())
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: CaseSet) -> None:
        services.delete_set(self.request.user, instance)


class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Runs: start one, read its figures and its cases."""

    cost = 25
    filterset_fields = ("case_set", "model")
    queryset = Run.objects.select_related("case_set__project", "author")

    def get_queryset(self) -> QuerySet[Run]:
        rows: QuerySet[Run] = super().get_queryset()
        return rows.defer("report") if self.action == "list" else rows

    def get_serializer_class(self) -> Any:
        return RunSerializer if self.action == "list" else RunDetailSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One run with its figures. The reading is recorded in the audit trail."""
        run = self.get_object()
        audit.record(request.user, "prescriptions.run_read", run)
        return Response(self.get_serializer(run).data)

    @extend_schema(request=NewRunSerializer, responses={202: StartedSerializer})
    def create(self, request: Request) -> Response:
        """Have a reader run over a set, as a job."""
        asked = NewRunSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        held = access.fetch(CaseSet.objects.select_related("project"), request.user, pk=data["case_set"])
        run, job = services.start_run(request.user, held, data["model"], data["threshold"])
        return Response(RunSerializer(run).data | {"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=RunCaseSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_fields=())
    def cases(self, request: Request, pk: Any = None) -> Response:
        """What the run made of each case, with the texts. The reading is recorded in the audit trail."""
        run = self.get_object()
        audit.record(request.user, "prescriptions.run_exported", run, format="api", cases=run.case_set.count)
        return Response(RunCaseSerializer(queries.cases_of(run), many=True).data)
