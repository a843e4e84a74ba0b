"""Analyses: a text or files in, lines out; at once where that is quick, else as a job; kept for review or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.errors import Fault, Invalid
from core.rest.fields import ProjectField
from core.rest.parsers import MultiPartParser
from core.rest.views import View
from prescriptions import blinding, engine, services
from prescriptions.api.serializers import DocumentDetailSerializer, ReadingSerializer, reading_of
from prescriptions.models import Document, Item
from prescriptions.services.batches import MOST


class AnalysisRequestSerializer(serializers.Serializer[None]):
    project = ProjectField(help_text="Slug of the project.")
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=engine.LONGEST,
        trim_whitespace=False,
        help_text="One prescription, as it is written; or else `file` or `files`.",
    )
    file = serializers.FileField(required=False, help_text="One file.")
    files = serializers.ListField(
        child=serializers.FileField(),
        required=False,
        max_length=MOST,
        help_text="PDF, PNG, JPEG, TIFF, HEIC or text, one prescription a file; or ZIP archives of them.",
    )
    keep = serializers.BooleanField(
        default=True, help_text="Keep what is read for review. Otherwise nothing of it stays on the server."
    )


class AnalysisSerializer(serializers.Serializer[Any]):
    """One analysis. Its `id` stays the same: that of the prescription once it is ready."""

    id = serializers.UUIDField(allow_null=True, help_text="None where nothing was kept.")
    state = serializers.ChoiceField(choices=Item.State.choices)
    fault = serializers.CharField(allow_blank=True, help_text="Why it failed, and what to do.")
    same_as = serializers.UUIDField(allow_null=True, help_text="The analysis that the same file was before.")
    prescription = DocumentDetailSerializer(allow_null=True, help_text="What was kept, with its lines.")
    reading = ReadingSerializer(allow_null=True, help_text="What was read, where nothing is kept.")


class AnsweredSerializer(serializers.Serializer[Any]):
    """What was asked for, one analysis a file, and the job that does it where it takes longer."""

    job = serializers.UUIDField(allow_null=True, help_text="Follow it below /api/v1/jobs/.")
    analyses = AnalysisSerializer(many=True)


def answer_of(
    *,
    pk: UUID | None = None,
    state: str = Item.State.READY,
    fault: str = "",
    same_as: UUID | None = None,
    prescription: Document | None = None,
    reading: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "id": pk,
        "state": state,
        "fault": fault,
        "same_as": same_as,
        "prescription": prescription,
        "reading": reading,
    }


def answer_of_item(item: Item) -> dict[str, Any]:
    twice = item.state == Item.State.TWICE
    return answer_of(pk=item.pk, state=item.state, fault=item.fault, same_as=item.document_id if twice else None)


class AnalysesView(View):
    parser_classes = (JSONParser, MultiPartParser)
    cost = 25

    @extend_schema(
        operation_id="prescriptions_analyses_create",
        request={"application/json": AnalysisRequestSerializer, "multipart/form-data": AnalysisRequestSerializer},
        responses={201: AnsweredSerializer, 200: AnsweredSerializer, 202: AnsweredSerializer},
    )
    def post(self, request: Request) -> Response:
        """Read a prescription, from its text or from a file.

        201 with the prescription that was kept; 200 with the reading of which nothing is kept (`keep=false`); 202 with
        a job for several files, archives and what takes longer; 422 with why a file can't be read.
        """
        asked = AnalysisRequestSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        sent = [*([data["file"]] if "file" in data else []), *data.get("files", ())]
        files = [(str(file.name), file) for file in sent]
        if bool(files) == bool(data.get("text")):
            raise Invalid([Fault("text", "one_of_both", "Send either `text`, or `file` or `files`.")])
        if not data["keep"]:
            return self.unkept(request, data["project"], data.get("text", ""), files)
        if not files:
            document = services.structure_text(request.user, data["project"], data["text"])
            return self.kept(request, document)
        items, job = services.analyse_files(request.user, data["project"], files)
        if job is None:
            return self.one(request, items[0])
        return answered(request, [answer_of_item(item) for item in items], status.HTTP_202_ACCEPTED, job.pk)

    def unkept(self, request: Request, project: Any, text: str, files: list[tuple[str, Any]]) -> Response:
        if len(files) > 1:
            raise Invalid([Fault("files", "one", "Without being kept, one file is read at a time.")])
        name, found = (
            services.analyse_only(request.user, project, *files[0])
            if files
            else services.structure_only(request.user, project, text)
        )
        return answered(request, [answer_of(reading=reading_of(name, found))], status.HTTP_200_OK)

    def one(self, request: Request, item: Item) -> Response:
        if item.state == Item.State.FAILED:
            raise Invalid([Fault("files", "unreadable", item.fault)])
        if item.state == Item.State.TWICE:
            return answered(request, [answer_of_item(item)], status.HTTP_200_OK)
        assert item.document is not None  # ready: a prescription
        return self.kept(request, item.document)

    def kept(self, request: Request, document: Document) -> Response:
        found = [answer_of(pk=document.pk, prescription=document)]
        return answered(request, found, status.HTTP_201_CREATED)


def answered(request: Request, analyses: list[dict[str, Any]], code: int, job: UUID | None = None) -> Response:
    body = {"job": job, "analyses": analyses}
    return Response(AnsweredSerializer(body, context={"request": request}).data, status=code)


class AnalysisView(View):
    @extend_schema(operation_id="prescriptions_analyses_get", responses=AnalysisSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """One analysis: still waiting, failed and why, or the prescription with its lines. The reading is recorded."""
        documents = Document.objects.visible_to(request.user).select_related("project", "author", "assigned_to")
        document = documents.filter(pk=pk, deleted_at=None).first()
        if document is not None:
            blinding.require_open(request.user, document)
            audit.record(request.user, "prescriptions.document_read", document)
            body = answer_of(pk=document.pk, prescription=document)
        else:
            items = Item.objects.visible_to(request.user).exclude(state=Item.State.READY)
            body = answer_of_item(get_object_or_404(items, pk=pk))
        return Response(AnalysisSerializer(body, context={"request": request}).data)
