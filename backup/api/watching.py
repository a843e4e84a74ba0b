"""What one watches over REST: the sources with their age and health, and what is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backup import queries
from backup.models import Alert, Snapshot
from backup.queries import Source
from backup.services import alerting
from core.access.models import Project
from core.rest.views import ProjectViewSet


class AlertSerializer(serializers.ModelSerializer[Alert]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    is_severe = serializers.BooleanField(read_only=True)
    details = serializers.DictField(read_only=True, help_text="Numbers and times, by the kind of alert.")
    quieted_by = serializers.SlugRelatedField[Alert](slug_field="email", read_only=True, allow_null=True)

    class Meta:
        model = Alert
        fields = [
            "id",
            "project",
            "repository",
            "plan",
            "source",
            "kind",
            "is_severe",
            "details",
            "created_at",
            "seen_at",
            "told_at",
            "quiet_until",
            "quieted_by",
            "resolved_at",
        ]
        read_only_fields = fields


class QuietSerializer(serializers.Serializer[Alert]):
    days = serializers.IntegerField(min_value=1, max_value=alerting.LONGEST_QUIET.days, default=7)


class AlertFilters(FilterSet):
    is_resolved = django_filters.BooleanFilter(
        "resolved_at", lookup_expr="isnull", exclude=True, label="Whether it is over."
    )
    is_severe = django_filters.BooleanFilter(method="by_severity", label="Whether it is a severe one.")

    class Meta:
        model = Alert
        fields = ["repository", "plan", "source", "kind"]

    def by_severity(self, rows: QuerySet[Alert], _name: str, value: bool) -> QuerySet[Alert]:
        severe = Q(kind__in=Alert.SEVERE)
        return rows.filter(severe if value else ~severe)


class AlertViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What is and what was wrong with backups, newest first."""

    queryset = Alert.objects.select_related("project", "quieted_by")
    serializer_class = AlertSerializer
    filterset_class = AlertFilters

    @extend_schema(request=QuietSerializer, responses=AlertSerializer)
    @action(detail=True, methods=["post"])
    def quiet(self, request: Request, pk: Any = None) -> Response:
        """Hear no more of it for some days, 31 at most. It is listed all the same."""
        form = QuietSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        until = timezone.now() + timedelta(days=form.validated_data["days"])
        return Response(self.get_serializer(alerting.quiet(request.user, self.get_object(), until)).data)


class SourceSerializer(serializers.Serializer[Source]):
    """A source is what its backups are called, in one repository."""

    project = serializers.CharField(source="newest.project.slug")
    repository = serializers.UUIDField(source="newest.repository_id")
    source = serializers.CharField(source="newest.source")  # type: ignore[assignment]
    name = serializers.CharField(help_text="The source, or the plan of backups that have none.")
    host = serializers.CharField(source="newest.host")
    plan = serializers.UUIDField(source="newest.plan_id", allow_null=True)
    health = serializers.ChoiceField(
        choices=queries.LOOKS, source="look", help_text="`failed`: something severe; `warning`: to be looked at."
    )
    alerts = serializers.ListField(child=serializers.CharField(), source="kinds", help_text="Kinds of what is wrong.")
    last_success = serializers.DateTimeField(source="newest.finished_at")
    age = serializers.SerializerMethodField(help_text="Seconds since then.")
    last_snapshot = serializers.UUIDField(source="newest.pk")
    is_whole = serializers.BooleanField(source="newest.is_whole", help_text="Of the last backup.")
    files = serializers.IntegerField(source="newest.files")
    bytes = serializers.IntegerField(source="newest.bytes")
    growth = serializers.IntegerField(
        source="newest.growth",
        allow_null=True,
        help_text="Bytes by which it grew in 30 days; null where it is younger.",
    )
    snapshots = serializers.IntegerField(source="count", help_text="How many backups are kept.")
    stored = serializers.IntegerField(help_text="Bytes that these added.")

    def get_age(self, source: Source) -> int:
        return max(0, int((timezone.now() - source.newest.finished_at).total_seconds()))


class SourceFilters(FilterSet):
    health = django_filters.ChoiceFilter(
        method="by_health", choices=[(look, look) for look in queries.LOOKS], label="How it stands."
    )
    older_than = django_filters.NumberFilter(
        method="by_age", min_value=0, max_value=10**9, label="Seconds since the last backup."
    )

    class Meta:
        model = Snapshot
        fields = ["repository", "plan", "source", "host"]

    def by_health(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(alarm=queries.LOOKS.index(value))

    def by_age(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(finished_at__lte=timezone.now() - timedelta(seconds=int(value)))


class SourceViewSet(ProjectViewSet):
    """What is backed up: each source with the age of its newest backup and what is wrong with it."""

    queryset = Snapshot.objects.none()
    serializer_class = SourceSerializer
    filterset_class = SourceFilters
    search_fields = ("source", "host")

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Snapshot.objects.none()
        return queries.counted(queries.newest(self.request.user))

    def list(self, request: Request) -> Response:
        rows: list[Any] = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        shown = [
            Source(row, row.backups, row.stored, wrong)  # type: ignore[attr-defined]
            for row, wrong in queries.told_of(rows, queries.alerts(request.user))
        ]
        return self.get_paginated_response(self.get_serializer(shown, many=True).data)
