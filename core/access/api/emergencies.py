"""Emergency access over REST: opened only in a session that has just shown its second factor."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access
from core.access import second_factor, services
from core.access.api import serializers
from core.access.models import Emergency
from core.access.scope import limits_of
from core.access.services import emergencies
from core.errors import NotFresh
from core.rest.request import Request
from core.rest.views import ProjectViewSet


class EmergencyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What was opened in the projects whose access the caller oversees."""

    queryset = Emergency.objects.select_related("user", "project", "seen_by")
    serializer_class = serializers.EmergencySerializer

    @extend_schema(request=serializers.NewEmergencySerializer, responses={201: serializers.EmergencySerializer})
    def create(self, request: Request) -> Response:
        """Open it; 403 «reauthenticate» where the second factor wasn't shown just now. A token never does."""
        form = serializers.NewEmergencySerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values = form.validated_data
        access.require(request.user, emergencies.OPEN, values["project"])
        if limits_of(request.user) is None and not second_factor.confirmed(request._request):
            raise NotFresh
        opened = services.open_emergency(request.user, values["project"], values["reason"])
        return Response(self.get_serializer(opened).data, status=status.HTTP_201_CREATED)

    def get_queryset(self) -> QuerySet[Emergency]:
        """Who ends what he has opened himself needn't oversee it."""
        rows = super().get_queryset()
        if self.action == "end" and limits_of(self.request.user) is None:
            return rows | self.queryset.filter(user=self.request.user.pk)
        return rows

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: Any = None) -> Response:
        """End it before its time: by who opened it, or who oversees it."""
        services.end_emergency(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=serializers.CommentSerializer, responses=serializers.EmergencySerializer)
    @action(detail=True, methods=["post"])
    def seen(self, request: Request, pk: Any = None) -> Response:
        """Say what one found."""
        opened = self.get_object()
        form = serializers.CommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        services.see_emergency(request.user, opened, form.validated_data["comment"])
        opened.refresh_from_db()
        return Response(self.get_serializer(opened).data)
