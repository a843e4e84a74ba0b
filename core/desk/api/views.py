"""Settings and views of lists over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from core.api.api.views import InPerson
from core.desk import services
from core.desk.api.serializers import SettingsSerializer, ViewSerializer
from core.desk.models import Start, View
from core.rest import views
from core.rest.request import Request


class SettingsView(views.View):
    """How the pages look and behave for you. In person, not by a token."""

    permission_classes = (IsAuthenticated, InPerson)

    @extend_schema(responses=SettingsSerializer)
    def get(self, request: Request) -> Response:
        return Response(SettingsSerializer(services.settings_of(request.user), context={"request": request}).data)

    @extend_schema(request=SettingsSerializer, responses=SettingsSerializer)
    def patch(self, request: Request) -> Response:
        asked = SettingsSerializer(data=request.data, partial=True, context={"request": request})
        asked.is_valid(raise_exception=True)
        row = services.change_settings(request.user, **asked.validated_data)
        return Response(SettingsSerializer(row, context={"request": request}).data)


class ViewViewSet(views.ProjectViewSet, ModelViewSet[View]):
    """The views of lists that you keep, and those shared in your projects. Changed in person, not by a token."""

    queryset = View.objects.select_related("project", "user")
    serializer_class = ViewSerializer
    filterset_fields = ("table", "shared")
    http_method_names = ("get", "head", "options", "post", "patch", "delete")

    def get_permissions(self) -> Any:
        return [IsAuthenticated()] if self.request.method in ("GET", "HEAD") else [IsAuthenticated(), InPerson()]

    def get_queryset(self) -> QuerySet[View]:
        rows: QuerySet[View] = super().get_queryset()
        return rows.annotate(first=Exists(Start.objects.filter(view=OuterRef("pk"), user=self.request.user.pk)))

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        first = asked.validated_data.pop("first", False)
        view = services.save_view(request.user, **asked.validated_data)
        services.start_with(request.user, view, first)
        return Response(self.get_serializer(self.get_queryset().get(pk=view.pk)).data, status.HTTP_201_CREATED)

    def partial_update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        view = self.get_object()
        asked = self.get_serializer(view, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changes = {key: value for key, value in asked.validated_data.items() if key in ("name", "query", "shared")}
        if changes:
            services.change_view(request.user, view, **changes)
        if "first" in asked.validated_data:
            services.start_with(request.user, view, asked.validated_data["first"])
        return Response(self.get_serializer(self.get_queryset().get(pk=view.pk)).data)

    def perform_destroy(self, instance: View) -> None:
        services.delete_view(self.request.user, instance)
