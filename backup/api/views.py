"""Backups over REST: repositories, plans, backups."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Sum
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backup.api import serializers
from backup.api.filters import PlanFilters, SnapshotFilters
from backup.models import Plan, Repository, Run, Snapshot
from backup.permissions import MANAGE, VIEW
from backup.services import places, plans, repositories
from backup.services.defaults import set_defaults
from core import access
from core.access.models import Project
from core.rest.views import ProjectViewSet


class RepositoryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The places where backups are kept."""

    queryset = Repository.objects.select_related("project").annotate(
        snapshot_count=Count("snapshots"), stored=Sum("snapshots__added"), last_at=Max("snapshots__finished_at")
    )
    serializer_class = serializers.RepositorySerializer
    search_fields = ("name",)

    @extend_schema(request=serializers.NewRepositorySerializer, responses={201: serializers.RepositorySerializer})
    def create(self, request: Request) -> Response:
        """Register a repository whose keys were made by the caller. 422 for a key that reads: the server takes none."""
        form = serializers.NewRepositorySerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = repositories.register_repository(request.user, **form.values)
        shown = self.get_serializer(self.get_queryset().get(pk=made.pk)).data
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ChangedRepositorySerializer, responses=serializers.RepositorySerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change its name, its quota or its parity."""
        row = self.get_object()
        form = serializers.ChangedRepositorySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        now = {name: getattr(row, name) for name in ("name", "quota", "parity")}
        repositories.change_repository(request.user, row, **{**now, **_only(form)})
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=serializers.DefaultsSerializer, responses=serializers.RepositorySerializer)
    @action(detail=True, methods=["put"])
    def defaults(self, request: Request, pk: Any = None) -> Response:
        """Say what holds for the plans of its agents that say nothing else."""
        form = serializers.DefaultsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        set_defaults(request.user, self.get_object(), **form.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        parameters=[OpenApiParameter("project", str, required=True, description="Slug of the project.")],
        responses=serializers.PlaceSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def places(self, request: Request) -> Response:
        """Where a repository of a project can be made: for who manages its backups."""
        visible = Project.objects.visible_to(request.user, VIEW)
        project = access.fetch(visible, request.user, slug=request.query_params.get("project", ""))
        access.require(request.user, MANAGE, project)
        shown: Any = places.choices()
        return Response(serializers.PlaceSerializer(shown, many=True).data)

    @extend_schema(request=serializers.ConfirmSerializer, responses=serializers.RepositorySerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: Any = None) -> Response:
        """Confirm with the control code of the keyfile that it is kept. 422 for another code."""
        form = serializers.ConfirmSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        repositories.confirm_key(request.user, self.get_object(), form.validated_data["code"])
        return Response(self.get_serializer(self.get_object()).data)


class PlanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What is saved, where to and when."""

    queryset = Plan.objects.select_related("project", "owner", "repository", "agent")
    serializer_class = serializers.PlanSerializer
    filterset_class = PlanFilters
    search_fields = ("name", "source")

    @extend_schema(request=serializers.NewPlanSerializer, responses={201: serializers.PlanSerializer})
    def create(self, request: Request) -> Response:
        """Make a plan, into a repository whose key is confirmed."""
        form = serializers.NewPlanSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        plan = plans.create_plan(request.user, **form.values)
        return Response(self.get_serializer(plan).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.EditedPlanSerializer, responses=serializers.PlanSerializer)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Change a plan. 409 once it has ended."""
        form = serializers.EditedPlanSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(plans.change_plan(request.user, self.get_object(), **form.values)).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """End a plan; what it saved stays. 409 once it has ended."""
        plans.end_plan(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: serializers.StartedSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: Any = None) -> Response:
        """Run it now: as a `job` of this server, or a `run` that its agent begins soon. 409 while one is under way."""
        started = plans.run_plan(request.user, self.get_object())
        shown = {"run": started, "job": None} if isinstance(started, Run) else {"run": None, "job": started}
        return Response(serializers.StartedSerializer(shown).data, status=status.HTTP_202_ACCEPTED)


class SnapshotViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Finished backups, newest first: how much, when, and their digests."""

    queryset = Snapshot.objects.select_related("project")
    serializer_class = serializers.SnapshotSerializer
    filterset_class = SnapshotFilters
    search_fields = ("source", "host", "plan__name")


def _only(form: Any) -> dict[str, Any]:
    """What a valid form holds, as arguments for a service."""
    return dict(form.validated_data)
