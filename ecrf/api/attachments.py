"""Files of records over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.files import downloads
from core.rest.views import ProjectViewSet
from ecrf import engine, queries, rights
from ecrf.models import Attachment, Subject
from ecrf.services import attachments

BYTES = "application/octet-stream"


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    """A file of a record; `value` is what its question holds."""

    subject = serializers.SlugRelatedField[Attachment](slug_field="number", read_only=True)
    form = serializers.SlugRelatedField[Attachment](slug_field="key", read_only=True)
    name = serializers.CharField(read_only=True)
    value = serializers.CharField(read_only=True, help_text="`sha256:` and the digest of the content.")
    saved = serializers.SerializerMethodField(help_text="Whether a record names it; otherwise it goes after a day.")

    class Meta:
        model = Attachment
        fields = ["id", "subject", "form", "page", "item", "value", "name", "media_type", "size", "saved", "created_at"]

    def get_saved(self, row: Attachment) -> bool:
        return row.claimed_at is not None


class NewAttachmentSerializer(serializers.Serializer[None]):
    subject = serializers.UUIDField(help_text="Id of the subject.")
    form = serializers.SlugField(help_text="Key of the form.")
    item = serializers.CharField(max_length=100, help_text="Key of the question.")
    event = serializers.CharField(max_length=100, default="", allow_blank=True)
    page = serializers.CharField(max_length=100, default="", allow_blank=True)
    instance = serializers.IntegerField(min_value=1, max_value=99_999, default=1)  # type: ignore[assignment]
    file = serializers.FileField(help_text="Its kind is told by its content; images are made anew from their pixels.")


class AttachmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Files of records: sent first, then named by the value that is saved."""

    parser_classes = [MultiPartParser]
    filterset_fields = {"subject": ["exact"], "form": ["exact"], "item": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = Attachment.objects.filter(removed_at=None).select_related(
        "subject__project", "subject__site", "form", "file__project"
    )
    serializer_class = AttachmentSerializer

    @extend_schema(request={"multipart/form-data": NewAttachmentSerializer}, responses={201: AttachmentSerializer})
    def create(self, request: Request) -> Response:
        """Send a file for a question: 422 in words where it isn't taken. Save its `value` in the record then."""
        asked = NewAttachmentSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        subject = access.fetch(Subject.objects.select_related("project", "site"), request.user, pk=given["subject"])
        form = access.fetch(queries.forms_of(request.user, subject.project), request.user, key=given["form"])
        sheet = engine.Sheet(given["event"], given["page"], given["instance"])
        sent = given["file"]
        made = attachments.upload(request.user, subject, form, given["item"], sent, sent.name or "", sheet=sheet)
        return Response(AttachmentSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, BYTES): OpenApiTypes.BINARY, (206, BYTES): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The file, or the range of it that is asked for. The download is recorded in the audit trail."""
        found: Attachment = self.get_object()
        if not rights.of(request.user, found.form, found.subject.site).reads(found.page):
            raise NotFound
        if downloads.is_new(request._request, found.file):
            audit.record(request.user, "ecrf.file_read", found, form=found.form.key, field=found.item)
        return downloads.send(request._request, found.file, name=found.name, media_type=BYTES)
