"""Openings of repositories over REST: whoever reads with a key says why, and how much he took out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backup.models import Opening, Repository, Snapshot
from backup.services import openings
from core.access.models import Project
from core.rest.views import ProjectViewSet

MOST = 1 << 50
"""Of anything that is taken out at once: sums of it stay within the database's numbers."""


class OpeningSerializer(serializers.ModelSerializer[Opening]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    asked_by = serializers.SlugRelatedField[Opening](slug_field="email", read_only=True)

    class Meta:
        model = Opening
        fields = [
            "id",
            "project",
            "repository",
            "snapshot",
            "asked_by",
            "reason",
            "files",
            "bytes",
            "left_out",
            "took_at",
            "ended_at",
            "created_at",
        ]
        read_only_fields = fields


class NewOpeningSerializer(serializers.Serializer[Opening]):
    repository = serializers.PrimaryKeyRelatedField(queryset=Repository.objects.none())
    snapshot = serializers.PrimaryKeyRelatedField(
        queryset=Snapshot.objects.none(), required=False, allow_null=True, default=None
    )
    reason = serializers.CharField(max_length=500, help_text="The audit trail keeps it. Name no patient.")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if (request := self.context.get("request")) is not None:
            for name, model in (("repository", Repository), ("snapshot", Snapshot)):
                self.fields[name].queryset = model.objects.visible_to(request.user)  # type: ignore[attr-defined]


class TookSerializer(serializers.Serializer[Opening]):
    """Numbers only: names of files stay with who holds the key."""

    files = serializers.IntegerField(min_value=0, max_value=MOST)
    bytes = serializers.IntegerField(min_value=0, max_value=MOST)
    left_out = serializers.IntegerField(
        min_value=0, max_value=MOST, default=0, help_text="How many things were wanted and couldn't be taken out."
    )


class OpeningViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Who opened a repository with its key, why, and how much was taken out."""

    queryset = Opening.objects.select_related("project", "asked_by")
    serializer_class = OpeningSerializer
    filterset_fields = ["repository", "snapshot"]

    @extend_schema(request=NewOpeningSerializer, responses={201: OpeningSerializer})
    def create(self, request: Request) -> Response:
        """Say why, before the objects are read. The key stays where it is: nothing here takes it."""
        form = NewOpeningSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        opening = openings.open_repository(request.user, **form.validated_data)
        return Response(self.get_serializer(opening).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TookSerializer, responses=OpeningSerializer)
    @action(detail=True, methods=["post"])
    def took(self, request: Request, pk: Any = None) -> Response:
        """Add what was taken out. 403 for an opening of somebody else."""
        form = TookSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(self.get_serializer(openings.took(request.user, self.get_object(), **form.validated_data)).data)

    @extend_schema(request=None, responses=OpeningSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: Any = None) -> Response:
        """The key is put away. Harmless to repeat."""
        return Response(self.get_serializer(openings.close(request.user, self.get_object())).data)
