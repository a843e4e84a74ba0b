"""How much the backups of an organisation may take, over REST, for who administers it or runs the instance."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.response import Response

from backup import queries
from backup.services import allowances
from core.access.models import Organisation
from core.rest.request import Request
from core.rest.views import ViewSet


class PartSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    used = serializers.IntegerField(source="backup_bytes", help_text="Bytes that its repositories take.")


class AllowanceSerializer(serializers.ModelSerializer[Organisation]):
    organisation = serializers.CharField(source="slug", read_only=True)
    bytes = serializers.IntegerField(source="allowance", read_only=True, allow_null=True, help_text="Null: no limit.")
    used = serializers.IntegerField(read_only=True, help_text="Bytes that the repositories of all its projects take.")
    projects = PartSerializer(source="with_backups", many=True, read_only=True)

    class Meta:
        model = Organisation
        fields = ["organisation", "name", "bytes", "used", "projects"]
        read_only_fields = fields


class NewAllowanceSerializer(serializers.Serializer[Any]):
    bytes = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=allowances.MOST, help_text="Null: no limit any more."
    )


class AllowanceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ViewSet):
    """What the backups of organisations take, and may take together; of those whose allowance one may set."""

    queryset = Organisation.objects.none()
    serializer_class = AllowanceSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return Organisation.objects.none()
        return queries.allowances(self.request.user)

    @extend_schema(request=NewAllowanceSerializer, responses=AllowanceSerializer)
    def update(self, request: Request, slug: str) -> Response:
        """Set how much they may take together. What is stored already stays; beyond, nothing more is saved."""
        organisation = self.get_object()
        form = NewAllowanceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        allowances.set_allowance(request.user, organisation, form.validated_data["bytes"])
        return Response(self.get_serializer(self.get_object()).data)
