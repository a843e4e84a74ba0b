"""Alerts of unusual reading over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.access.models import Project
from core.journal import queries, services
from core.journal.models import Alert, Kind, Rule
from core.journal.watching import USUAL
from core.rest.fields import ProjectField
from core.rest.filters import words_asked
from core.rest.pagination import Pages
from core.rest.views import ViewSet


class AlertSerializer(serializers.ModelSerializer[Alert]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    person_name = serializers.CharField(source="person.__str__", read_only=True)

    class Meta:
        model = Alert
        fields = [
            "id",
            "project",
            "kind",
            "person",
            "person_name",
            "window_at",
            "count",
            "threshold",
            "created_at",
            "acknowledged_at",
            "acknowledged_by",
            "comment",
        ]
        read_only_fields = fields


class AnswerSerializer(serializers.Serializer[None]):
    comment = serializers.CharField(max_length=2000, help_text="What you found; no patient's name.")


class RuleSerializer(serializers.Serializer[None]):
    kind = serializers.ChoiceField(choices=Kind.choices)
    is_on = serializers.BooleanField()
    threshold = serializers.IntegerField(
        allow_null=True, min_value=1, max_value=services.MOST, help_text="From how many on; null: the usual."
    )
    usual = serializers.IntegerField(read_only=True)


class NewRuleSerializer(RuleSerializer):
    project = ProjectField()


class AlertFilter(filters.FilterSet):
    project = filters.CharFilter("project__slug", help_text="The slug of a project.")
    answered = filters.BooleanFilter("acknowledged_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Alert
        fields = ["kind", "person"]


class AlertViewSet(ViewSet):
    """What was unusual in the projects whose audit trail you may read. Looking at it stands in that trail."""

    queryset = Alert.objects.none()
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Alert]:
        if getattr(self, "swagger_fake_view", False):
            return Alert.objects.none()
        return Alert.objects.visible_to(self.request.user).select_related("project", "person")

    def list(self, request: Request) -> Response:
        """Alerts, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        projects = Project.objects.visible_to(request.user, queries.READ)
        slug = words_asked(request, AlertFilter, "project")
        for project in projects.filter(slug=slug) if slug else projects:
            services.open_alerts(request.user, project)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One alert."""
        alert = access.fetch(Alert.objects.select_related("project", "person"), request.user, pk=pk)
        services.open_alerts(request.user, alert.project)
        return Response(self.get_serializer(alert).data)

    @extend_schema(request=AnswerSerializer, responses=AlertSerializer, filters=False)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: Any = None) -> Response:
        """Say that you have looked at it, and what you found. 409 where somebody else has, or where it is about you."""
        alert = access.fetch(Alert.objects.select_related("project", "person"), request.user, pk=pk)
        form = AnswerSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(
            self.get_serializer(services.acknowledge(request.user, alert, form.validated_data["comment"])).data
        )

    @extend_schema(
        parameters=[OpenApiParameter("project", required=True, description="The slug of a project.")],
        responses=RuleSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def rules(self, request: Request) -> Response:
        """What is looked for in a project, and from how many on."""
        project = access.fetch(Project.objects.all(), request.user, slug=request.query_params.get("project", ""))
        access.require(request.user, services.ANSWER, project)
        said = {rule.kind: rule for rule in Rule.objects.filter(project=project)}
        return Response([self._rule(kind, said.get(kind)) for kind in Kind])

    @extend_schema(request=NewRuleSerializer, responses=RuleSerializer, filters=False)
    @rules.mapping.put
    def set_rule(self, request: Request) -> Response:
        """Switch a rule on or off, and say from how many on."""
        form = NewRuleSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        said = form.validated_data
        rule = services.set_rule(
            request.user, said["project"], said["kind"], is_on=said["is_on"], threshold=said["threshold"]
        )
        return Response(self._rule(Kind(rule.kind), rule))

    def _rule(self, kind: Kind, rule: Rule | None) -> dict[str, Any]:
        return {
            "kind": kind,
            "is_on": rule.is_on if rule else True,
            "threshold": rule.threshold if rule else None,
            "usual": USUAL[kind],
        }
