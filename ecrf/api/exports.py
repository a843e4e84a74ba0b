"""Exports of records over REST: ask, list, download, erase. The same services as the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from core.files import downloads
from core.rest.fields import ProjectField
from core.rest.views import ProjectViewSet
from ecrf import messages, services
from ecrf.engine.exports import FORMATS
from ecrf.models import Export
from ecrf.services.exports import levels, read_choices
from ecrf.services.exports.choices import CHANGES, DATASET, STATES

BYTES = "application/octet-stream"


class ExportRowSerializer(serializers.ModelSerializer[Export]):
    """An export and what came of it. Its file is at ``file/``, where the caller may have it."""

    form = serializers.SlugRelatedField[Any](slug_field="key", read_only=True)
    project = serializers.SlugRelatedField[Any](source="form.project", slug_field="slug", read_only=True)
    author = serializers.StringRelatedField[Any]()
    losses = serializers.SerializerMethodField(help_text="What the format can't hold, or holds otherwise.")

    class Meta:
        model = Export
        fields = [
            *("id", "project", "form", "format", "choices", "level", "author", "scheduled", "since", "job"),
            *("created_at", "finished_at", "subjects", "records", "removed", "losses", "file_name", "sha256"),
            *("keep_until", "erased_at"),
        ]

    def get_losses(self, export: Export) -> list[dict[str, Any]]:
        return [{**loss, "message": str(messages.words(loss["code"], loss["params"]))} for loss in export.losses]


class NewExportSerializer(serializers.Serializer[None]):
    """What is to leave, and how."""

    project = ProjectField()
    form = serializers.SlugField(help_text="Key of the form.")
    format = serializers.ChoiceField(choices=[*FORMATS, DATASET])
    language = serializers.CharField(default="en", help_text="Of the labels.")
    labels = serializers.BooleanField(default=False, help_text="Labels of choices instead of codes.")
    statuses = serializers.BooleanField(default=True, help_text="Statuses and comments beside the values.")
    history = serializers.BooleanField(default=False, help_text="Each change of each value.")
    files = serializers.BooleanField(
        default=False, help_text="The files of questions, in formats that have a place for them."
    )
    bom = serializers.BooleanField(default=True, help_text="Text files begin with a byte order mark.")
    level = serializers.ChoiceField(choices=["coded", "deidentified", "full"], default="coded")
    pages = serializers.ChoiceField(choices=STATES, default="all", help_text="Only pages in this state.")
    sites = serializers.ListField(child=serializers.CharField(), default=list)
    events = serializers.ListField(child=serializers.CharField(), default=list)
    only = serializers.ListField(child=serializers.CharField(), default=list, help_text="Keys of pages.")
    since = serializers.CharField(default="", allow_blank=True, help_text="Id of an earlier export, or `last`.")
    changes = serializers.ChoiceField(choices=CHANGES, default="all")
    recipient = serializers.CharField(default="", allow_blank=True, help_text="An age recipient (`age1…`).")
    keep_days = serializers.IntegerField(default=30, min_value=1, max_value=365)


class ExportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, ProjectViewSet):
    """Exports of records."""

    filterset_fields = {"form": ["exact"], "format": ["exact"], "level": ["exact"], "finished_at": ["isnull"]}
    ordering_fields = ("created_at",)
    queryset = Export.objects.select_related("form__project", "form__current", "author", "file").defer("marks")
    serializer_class = ExportRowSerializer

    @extend_schema(request=NewExportSerializer, responses={202: ExportRowSerializer})
    def create(self, request: Request) -> Response:
        """Ask for an export: a job, named in the answer. 422 with every choice that can't be."""
        asked = NewExportSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        form = levels.form_of(request.user, values.pop("project"), key=values.pop("form"))
        made = services.start_export(request.user, form, values.pop("format"), read_choices(values))
        return Response(ExportRowSerializer(made).data, status=status.HTTP_202_ACCEPTED)

    def perform_destroy(self, instance: Export) -> None:
        """Erase the file; the row stays."""
        services.erase_export(self.request.user, instance)

    @extend_schema(responses={(200, BYTES): OpenApiTypes.BINARY, (206, BYTES): OpenApiTypes.BINARY})
    @action(detail=True)
    def file(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The file, or the range of it that is asked for. The download is recorded in the audit trail."""
        export: Export = self.get_object()
        if export.file is None:
            raise NotFound
        told = export.erased_at is None and downloads.is_new(request._request, export.file)
        stored = services.download_export(request.user, export, told=told)
        return downloads.send(request._request, stored, name=export.file_name, media_type=BYTES)
