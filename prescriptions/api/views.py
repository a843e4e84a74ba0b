"""Structure a text without keeping it; prescriptions, their lines and their export over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.rest.bulk import BulkViewSet
from core.rest.views import ProjectViewSet, View
from prescriptions import blinding, services
from prescriptions.api import serializers
from prescriptions.api.exchange import ExchangeActions
from prescriptions.models import Document, Line


class StructureView(View):
    cost = 25  # some milliseconds of a core: about 240 a minute

    @extend_schema(
        operation_id="prescriptions_structure",
        request=serializers.StructureSerializer,
        responses=serializers.ReadingSerializer,
    )
    def post(self, request: Request) -> Response:
        """Read a French prescription into lines; nothing of the text is kept."""
        asked = serializers.StructureSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        read = services.structure_only(request.user, data["project"], data["text"], data["reference"])
        return Response(serializers.reading_of(*read))


class ExportView(View):
    @extend_schema(
        operation_id="prescriptions_export",
        request=serializers.ProjectOnlySerializer,
        responses={202: serializers.JobSerializer},
    )
    def post(self, request: Request) -> Response:
        """Publish the validated lines of the reviewed prescriptions as a dataset, as a job."""
        asked = serializers.ProjectOnlySerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        job = services.start_export(request.user, asked.validated_data["project"])
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)


class DocumentViewSet(
    ExchangeActions, mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, BulkViewSet
):
    """Prescriptions: structure, read, finish the review, delete, bring back."""

    bulk_acts = ("create", "delete")
    filterset_fields = ("status",)
    queryset = Document.objects.filter(deleted_at=None, twin_of=None).select_related("project", "author", "assigned_to")

    def get_queryset(self) -> QuerySet[Document]:
        rows: QuerySet[Document] = super().get_queryset()
        return rows.defer("text", "reading", "scan") if self.action == "list" else rows

    def get_serializer_class(self) -> Any:
        return serializers.DocumentSerializer if self.action == "list" else serializers.DocumentDetailSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One prescription with its text and its lines. The reading is recorded in the audit trail."""
        document = self.get_object()
        blinding.require_open(request.user, document)
        audit.record(request.user, "prescriptions.document_read", document)
        return Response(self.get_serializer(document).data)

    @extend_schema(request=serializers.TextSerializer, responses={201: serializers.DocumentDetailSerializer})
    def create(self, request: Request) -> Response:
        """Structure a text and keep it for review."""
        asked = serializers.TextSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        document = services.structure_text(request.user, asked.validated_data["project"], asked.validated_data["text"])
        return Response(self.get_serializer(document).data, status=status.HTTP_201_CREATED)

    def perform_destroy(self, instance: Document) -> None:
        services.delete_document(self.request.user, instance)

    @extend_schema(request=None, responses=serializers.DocumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: Any = None) -> Response:
        """Say that the review is finished: 422 while a line is neither validated nor set aside."""
        return Response(self.get_serializer(services.validate_document(request.user, self.get_object())).data)

    @extend_schema(request=None, responses=serializers.DocumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """Take the review up again."""
        return Response(self.get_serializer(services.reopen_document(request.user, self.get_object())).data)

    @extend_schema(request=None, responses=serializers.DocumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: Any = None) -> Response:
        """Take back your last step in its review: 409 when somebody else went on from it."""
        document = self.get_object()
        services.undo(request.user, document)
        return Response(self.get_serializer(document).data)

    @extend_schema(request=None, responses=serializers.DocumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def redo(self, request: Request, pk: Any = None) -> Response:
        """Do again what you took back last."""
        document = self.get_object()
        services.redo(request.user, document)
        return Response(self.get_serializer(document).data)

    @extend_schema(request=serializers.PlaceSerializer, responses={201: serializers.LineSerializer})
    @action(detail=True, methods=["post"])
    def add(self, request: Request, pk: Any = None) -> Response:
        """Read a passage of the text as a line of its own."""
        asked = serializers.PlaceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        place = asked.validated_data
        line = services.add_line(request.user, self.get_object(), place["start"], place["end"])
        return Response(serializers.LineSerializer(line).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=serializers.DocumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Bring a deleted prescription back."""
        deleted = access.fetch(
            Document.objects.exclude(deleted_at=None).select_related("project", "author"), request.user, pk=pk
        )
        return Response(self.get_serializer(services.restore_document(request.user, deleted)).data)


class LineViewSet(mixins.RetrieveModelMixin, ProjectViewSet):
    """Lines of prescriptions: correct a field in words, validate, set aside."""

    queryset = Line.objects.filter(document__deleted_at=None).select_related("document__project")
    serializer_class = serializers.LineSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        line = self.get_object()
        blinding.require_open(request.user, line.document)
        audit.record(request.user, "prescriptions.document_read", line.document, line=line.position)
        return Response(self.get_serializer(line).data)

    @extend_schema(request=serializers.CorrectionSerializer, responses=serializers.LineSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: Any = None) -> Response:
        """Say one field anew: 422 when the words aren't understood, 409 when the line has changed since."""
        asked = serializers.CorrectionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        line = services.correct_line(
            request.user, self.get_object(), data["field"], data["words"], data["revision"], data["seconds"]
        )
        return Response(self.get_serializer(line).data)

    @extend_schema(request=serializers.SettleSerializer, responses=serializers.LineSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: Any = None) -> Response:
        """Validate the line, set it aside, or take it up again."""
        asked = serializers.SettleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        return Response(
            self.get_serializer(
                services.settle_line(request.user, self.get_object(), data["state"], data["revision"], data["seconds"])
            ).data
        )

    @extend_schema(request=serializers.RevisionSerializer, responses=serializers.LineSerializer)
    @action(detail=True, methods=["post"])
    def opinion(self, request: Request, pk: Any = None) -> Response:
        """Put what the second reader says in the place of the line's values: 422 where it says nothing else."""
        asked = serializers.RevisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        line = services.take_opinion(request.user, self.get_object(), data["revision"], data["seconds"])
        return Response(self.get_serializer(line).data)

    @extend_schema(request=serializers.SplitSerializer, responses=serializers.LineSerializer(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def split(self, request: Request, pk: Any = None) -> Response:
        """Make two lines of one: both are read anew and given back."""
        asked = serializers.SplitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        lines = services.split_line(request.user, self.get_object(), data["at"], data["revision"])
        return Response(self.get_serializer(lines, many=True).data)

    @extend_schema(request=serializers.RevisionSerializer, responses=serializers.LineSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: Any = None) -> Response:
        """Make one line of this one and the one above it."""
        asked = serializers.RevisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        line = services.merge_line(request.user, self.get_object(), asked.validated_data["revision"])
        return Response(self.get_serializer(line).data)
