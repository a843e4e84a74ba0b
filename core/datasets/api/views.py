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
from core.datasets.models import Dataset, DatasetVersion
from core.datasets.services import uploads
from core.datasets.services.exporting import export
from core.errors import Fault, Invalid
from core.files import streams
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet

ROWS, MOST_ROWS = 100, 1000
CURSOR = re.compile(r"r[0-9]{1,15}")


class DatasetViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The tables of your projects."""

    queryset = Dataset.objects.select_related("project")
    serializer_class = serializers.DatasetSerializer
    filterset_fields = ("name",)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Dataset]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return queries.listed(self.request.user)

    @extend_schema(request={"multipart/form-data": serializers.UploadSerializer}, responses={
        201: serializers.UploadedSerializer, 202: serializers.UploadedSerializer
    })  # fmt: skip
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def upload(self, request: Request) -> Response:
        """Publish a CSV file as the next version of a dataset.

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
        answer = serializers.UploadedSerializer({"version": made.version, "job": made.job_id}).data
        return Response(answer, status=status.HTTP_201_CREATED if made.version else status.HTTP_202_ACCEPTED)


class VersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The versions of your projects' datasets; ``?dataset=<id>`` keeps those of one."""

    queryset = DatasetVersion.objects.select_related("dataset__project", "file")
    serializer_class = serializers.VersionSerializer
    filterset_fields = ("dataset", "number")
    lookup_value_converter = "uuid"

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
        if after + len(found) < version.row_count:
            here = request.build_absolute_uri(request.path)
            following = f"{here}?cursor={cursor_of(after + len(found))}&page_size={limit}"
        answer = {
            "columns": version.column_names,
            "rows": [[plain(value) for value in row] for row in found],
            "next": following,
        }
        return Response(answer)

    @extend_schema(
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        },
        parameters=[
            OpenApiParameter("form", OpenApiTypes.STR, enum=["csv", "parquet"], description="parquet by default.")
        ],
    )
    @action(detail=True, pagination_class=None, filterset_fields=())
    def download(self, request: Request, pk: uuid.UUID) -> StreamingHttpResponse:
        """The whole version as a file: Parquet as it is kept, or CSV that no spreadsheet runs."""
        form = request.query_params.get("form", "parquet")
        if form not in ("csv", "parquet"):
            raise Invalid([Fault("form", "unknown", _("This can't be chosen."))])
        made = export(request.user, self.get_object(), form)
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


def plain(value: Any) -> Any:
    """A value as JSON has it: dates as ISO 8601, no infinities."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
