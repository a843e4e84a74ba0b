"""Notices over REST: read them, mark them, choose how to be told."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from core.api.api.views import InPerson
from core.inbox.api import serializers
from core.notices import choices, services
from core.notices.models import Notice
from core.rest.request import Request
from core.rest.views import ProjectViewSet, View


class NoticeFilter(filters.FilterSet):
    unread = filters.BooleanFilter(field_name="read_at", lookup_expr="isnull")
    project = filters.UUIDFilter(field_name="project_id")

    class Meta:
        model = Notice
        fields = ["kind", "urgent"]


class NoticeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What you were told. A token sees what belongs to its project."""

    queryset = Notice.objects.none()
    serializer_class = serializers.NoticeSerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = NoticeFilter

    def get_queryset(self) -> QuerySet[Notice]:
        if getattr(self, "swagger_fake_view", False):
            return Notice.objects.none()
        return services.of(self.request.user)

    @extend_schema(request=None, responses=serializers.NoticeSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: Any = None) -> Response:
        """It is read."""
        services.mark_read(request.user, Q(pk=self.get_object().pk))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=serializers.NoticeSerializer)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, pk: Any = None) -> Response:
        """It isn't read after all."""
        services.mark_unread(request.user, Q(pk=self.get_object().pk))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=serializers.MarkedSerializer)
    @action(detail=False, methods=["post"], url_path="read-all", url_name="read-all")
    def read_all(self, request: Request) -> Response:
        """All of them are read."""
        count, _at = services.mark_read(request.user)
        return Response({"read": count})


class ChoicesView(View):
    """How you wish to be told: the rhythm of the summary, and the ways for each kind. In person, not by a token."""

    permission_classes = (IsAuthenticated, InPerson)

    @extend_schema(responses=serializers.ChoicesSerializer)
    def get(self, request: Request) -> Response:
        return Response(shown(request))

    @extend_schema(request=serializers.ChoicesSerializer, responses=serializers.ChoicesSerializer)
    def patch(self, request: Request) -> Response:
        asked = serializers.ChoicesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        kinds = data.pop("kinds", {})
        if kinds:
            choices.choose(request.user, {kind: set(ways) for kind, ways in kinds.items()})
        if data:
            now = choices.rhythm_of(request.user)
            rhythm: dict[str, Any] = {"every": now.every, "hour": now.hour, "weekday": now.weekday}
            choices.set_rhythm(request.user, **(rhythm | data))
        return Response(shown(request))


def shown(request: Request) -> dict[str, Any]:
    rhythm = choices.rhythm_of(request.user)
    made = choices.of(request.user)
    kinds = {kind: [way for way in choices.WAYS if getattr(choice, way)] for kind, choice in made.items()}
    return {"every": rhythm.every, "hour": rhythm.hour, "weekday": rhythm.weekday, "kinds": kinds}
