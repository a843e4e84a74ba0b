"""Datasets over REST: list, read, download, upload."""

from __future__ import annotations

import base64
import math
import re
import uuid
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.datasets import queries
from core.datasets.api import serializers
from core.datasets.api.dictionary import DictionaryActions
from core.datasets.engine.formats.leaving import WRITE
from core.datasets.models import Dataset, DatasetVersion
from core.datasets.services import preparing, profiling, uploads
from core.datasets.services.exporting import MEDIA_TYPES, export
from core.datasets.services.lineage import lineage
from core.errors import Fault, Invalid
from core.files import streams
from core.rest.limits import EXPORT
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet

ROWS, MOST_ROWS = 100, 1000
CURSOR = re.compile(r"r[0-9]{1,15}")


class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The tables of your projects."""

    search_fields = ("name", "title")
    ordering_fields = ("name",)
    queryset = Dataset.objects.select_related("project")
    serializer_class = serializers.DatasetSerializer
    filterset_fields = ("name",)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Dataset]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return queries.listed(self.request.user)

    @extend_schema(responses=serializers.LineageSerializer)
    @action(detail=True, pagination_class=None, filterset_fields=())
    def lineage(self, request: Request, pk: uuid.UUID) -> Response:
        """What the dataset came from and what came of it, within your rights."""
        return Response(serializers.LineageSerializer(lineage(request.user, self.get_object())).data)

    @extend_schema(request={"multipart/form-data": serializers.UploadSerializer}, responses={
        201: serializers.UploadedSerializer, 202: serializers.UploadedSerializer
    })  # fmt: skip
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def upload(self, request: Request) -> Response:
        """Publish a file as the next version of a dataset.

        201 with the version; 202 with a job for a file over 5 MB; 422 with every fault of the file, by row and column.
        """
        form = serializers.UploadSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        given = form.validated_data
        access.require(request.user, "datasets.upload_data", given["project"])
        made = uploads.receive(
            request.user,
            given["project"],
            given["file"],
            name=given["name"],
            title=given["title"],
            sensitivity=given["sensitivity"],
            file_name=given["file"].name,
        )
        try:
            made = uploads.accept(request.user, uploads.arrange(request.user, made, given))
        except Exception:  # whatever it was: a file that isn't published doesn't stay
            uploads.drop(request.user, made)
            raise
        told = {"version": made.version, "job": made.job_id}
        answer = serializers.UploadedSerializer(told, context=self.get_serializer_context()).data
        return Response(answer, status=status.HTTP_201_CREATED if made.version else status.HTTP_202_ACCEPTED)


class VersionViewSet(DictionaryActions, mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The versions of your projects' datasets; ``?dataset=<id>`` keeps those of one."""

    queryset = DatasetVersion.objects.select_related("dataset__project", "file")
    serializer_class = serializers.VersionSerializer
    filterset_fields = ("dataset", "number")
    lookup_value_converter = "uuid"
    costs = {"prepared": EXPORT}

    @extend_schema(
        responses=serializers.RowsSerializer,
        parameters=[
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` of the rows before."),
            OpenApiParameter(
                "page_size", OpenApiTypes.INT, description=f"Rows, {ROWS} by default, {MOST_ROWS} at most."
            ),
            OpenApiParameter("purpose", OpenApiTypes.STR, description="What for; kept in the audit trail."),
        ],
    )
    @action(detail=True, pagination_class=None, filterset_fields=())
    def rows(self, request: Request, pk: uuid.UUID) -> Response:
        """Rows of the version, page by page. Each page is a reading in the audit trail."""
        version = self.get_object()
        limit, after = size_of(request), start_of(request)
        found = queries.first_rows(request.user, version, request.query_params.get("purpose", "")[:200], limit, after)
        following = None
        if after + len(found.rows) < version.row_count:
            here = request.build_absolute_uri(request.path)
            following = f"{here}?cursor={cursor_of(after + len(found.rows))}&page_size={limit}"
        answer = {
            "columns": [column["name"] for column in found.columns],
            "hidden": found.hidden,
            "rows": [[plain(value) for value in row] for row in found.rows],
            "next": following,
        }
        return Response(answer)

    @extend_schema(responses=serializers.ProfileSerializer)
    @action(detail=True, pagination_class=None, filterset_fields=())
    def profile(self, request: Request, pk: uuid.UUID) -> Response:
        """What the columns hold, small counts hidden. 409 where nobody has had it counted yet."""
        found = profiling.read(request.user, self.get_object())
        return Response({"columns": [plain_deep(column) for column in found]})

    @extend_schema(request=None, responses={202: serializers.JobSerializer})
    @profile.mapping.post
    def ask_profile(self, request: Request, pk: uuid.UUID) -> Response:
        """Have the version counted, or counted anew."""
        job = profiling.ask(request.user, self.get_object())
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        responses={(200, media_type.partition(";")[0]): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()},
        parameters=[
            OpenApiParameter("form", OpenApiTypes.STR, enum=list(MEDIA_TYPES), description="parquet by default.")
        ],
    )
    @action(detail=True, pagination_class=None, filterset_fields=())
    def download(self, request: Request, pk: uuid.UUID) -> StreamingHttpResponse:
        """The whole version as a file, with labels where the format has room; no spreadsheet runs what is in it."""
        made = export(request.user, self.get_object(), request.query_params.get("form", "parquet"))
        return streams.send(request, made.pieces, name=made.name, media_type=made.media_type)

    @extend_schema(request=serializers.FormSerializer, responses={202: serializers.JobSerializer})
    @action(detail=True, methods=["post"])
    def prepare(self, request: Request, pk: uuid.UUID) -> Response:
        """Have a file of SPSS, Stata or SAS made that is too large to be waited for."""
        version = self.get_object()
        form = serializers.FormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        job = preparing.ask(request.user, version, form.validated_data["form"])
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        responses={(200, MEDIA_TYPES[form]): OpenApiTypes.BINARY for form in WRITE},
        parameters=[OpenApiParameter("job", OpenApiTypes.UUID, OpenApiParameter.PATH, description="That made it.")],
    )
    @action(detail=True, url_path="prepared/<uuid:job>", pagination_class=None, filterset_fields=())
    def prepared(self, request: Request, pk: uuid.UUID, job: uuid.UUID) -> StreamingHttpResponse:
        """The file that your job has made; 409 while it isn't ready, and after a week."""
        made = preparing.fetch(request.user, self.get_object(), job)
        return streams.send(request, made.pieces, name=made.name, media_type=made.media_type)


def size_of(request: Request) -> int:
    text = request.query_params.get("page_size", str(ROWS))
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ROWS:
        message = _("A page has 1 to %(most)s rows.") % {"most": MOST_ROWS}
        raise Invalid([Fault("page_size", "range", message)])
    return int(text)


def cursor_of(after: int) -> str:
    """Where to go on; opaque, so that it may become something else."""
    return base64.urlsafe_b64encode(f"r{after}".encode()).decode().rstrip("=")


def start_of(request: Request) -> int:
    text = request.query_params.get("cursor", "")
    if not text:
        return 0
    try:
        start = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        start = ""
    if not CURSOR.fullmatch(start):
        raise Invalid([Fault("cursor", "unknown", _("This isn't a cursor of these rows."))])
    return int(start[1:])


def plain_deep(value: Any) -> Any:
    """The same of what is in lists and mappings."""
    if isinstance(value, dict):
        return {key: plain_deep(inner) for key, inner in value.items()}
    return [plain_deep(inner) for inner in value] if isinstance(value, list) else plain(value)


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO 8601, no infinities."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
