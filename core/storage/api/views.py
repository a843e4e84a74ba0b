"""How much is stored, and may be, over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.response import Response

from core.access.models import Project
from core.access.people import require_administrator
from core.files.models import Space
from core.rest.pagination import Pages
from core.rest.request import Request
from core.rest.views import ViewSet
from core.storage import queries, services


class SpaceSerializer(serializers.ModelSerializer[Space]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True, allow_null=True)
    organisation = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    limit = serializers.IntegerField(read_only=True, allow_null=True, help_text="Bytes that count; null: no end.")

    class Meta:
        model = Space
        fields = ["id", "project", "organisation", "used", "files", "quota", "limit"]
        read_only_fields = fields


class QuotaSerializer(serializers.Serializer[None]):
    quota = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=services.MOST, help_text="Bytes; null: the usual limit."
    )


class SpaceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ViewSet):
    """What the caller's projects store; for who runs the instance, every project and organisation."""

    queryset = Space.objects.none()
    serializer_class = SpaceSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Space]:
        if getattr(self, "swagger_fake_view", False):
            return Space.objects.none()
        return queries.spaces(self.request.user)

    @extend_schema(request=QuotaSerializer, responses=SpaceSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Say how much it may store. Only who runs the instance."""
        space = self.get_object()
        require_administrator(request.user, services.MANAGE)
        form = QuotaSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(services.set_quota(request.user, space, form.validated_data["quota"])).data)
