"""The dictionary of a version over REST: read, edit, import, export, compare, restore."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.datasets.api import serializers
from core.datasets.engine.dictionary import entries
from core.datasets.engine.dictionary.exchange import LARGEST
from core.datasets.models import DatasetVersion, DictionaryRevision
from core.datasets.services import counts, dictionary
from core.errors import Fault, Invalid
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet

FORMS = {"csv": "text/csv; charset=utf-8", "tableschema": "application/json"}


class DictionaryActions(ProjectViewSet):
    """What a version's address offers for its dictionary."""

    @extend_schema(
        responses=serializers.DictionarySerializer,
        parameters=[OpenApiParameter("revision", OpenApiTypes.INT, description="The newest where none is named.")],
    )
    @action(detail=True, pagination_class=None, filterset_fields=())
    def dictionary(self, request: Request, pk: uuid.UUID) -> Response:
        """What a revision says of each column."""
        version: DatasetVersion = self.get_object()
        number = number_of(request, "revision", version.revision)
        types = {column["name"]: column for column in version.published}
        said = [{**types[said["name"]], **said} for said in dictionary.revision_of(version, number)]
        columns = counts.described(request.user, version, said)
        return Response(serializers.DictionarySerializer({"revision": number, "columns": columns}).data)

    @extend_schema(request=serializers.DictionaryEditSerializer, responses=serializers.DictionarySerializer)
    @dictionary.mapping.patch
    def edit_dictionary(self, request: Request, pk: uuid.UUID) -> Response:
        """Say some fields of some columns anew: a new revision. 409 where somebody was faster."""
        given = self.given(serializers.DictionaryEditSerializer)
        version = dictionary.edit(
            request.user,
            self.get_object(),
            given["columns"],
            reason=given["reason"],
            revision=given["revision"],
            everywhere=given["everywhere"],
        )
        return answer(request, version)

    @extend_schema(
        request={"multipart/form-data": serializers.DictionaryFileSerializer},
        responses=serializers.DictionarySerializer,
    )
    @action(detail=True, methods=["post"], url_path="dictionary/import", parser_classes=[MultiPartParser])
    def import_dictionary(self, request: Request, pk: uuid.UUID) -> Response:
        """Say what a CSV file or a Table Schema says; what it doesn't speak of stays."""
        given = self.given(serializers.DictionaryFileSerializer)
        data = given["file"].read(LARGEST + 1)
        version = dictionary.from_file(
            request.user, self.get_object(), data, reason=given["reason"], revision=given["revision"]
        )
        return answer(request, version)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiTypes.BINARY, (200, "application/json"): OpenApiTypes.OBJECT},
        parameters=[OpenApiParameter("form", OpenApiTypes.STR, enum=list(FORMS), description="csv by default.")],
    )
    @action(detail=True, url_path="dictionary/export", pagination_class=None, filterset_fields=())
    def export_dictionary(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """The dictionary as CSV or Table Schema."""
        form = request.query_params.get("form", "csv")
        if form not in FORMS:
            raise Invalid([Fault("form", "unknown", _("This can't be chosen."))])
        return HttpResponse(dictionary.export(request.user, self.get_object(), form), content_type=FORMS[form])

    @extend_schema(responses=serializers.RevisionSerializer(many=True))
    @action(detail=True, url_path="dictionary/revisions", pagination_class=None, filterset_fields=())
    def revisions(self, request: Request, pk: uuid.UUID) -> Response:
        """Every revision, the newest first."""
        rows = DictionaryRevision.objects.visible_to(request.user).filter(version=self.get_object()).defer("about")
        return Response(serializers.RevisionSerializer(rows, many=True).data)

    @extend_schema(
        responses=serializers.ChangeSerializer(many=True),
        parameters=[
            OpenApiParameter("from", OpenApiTypes.INT, description="A revision; 0 as it was published."),
            OpenApiParameter("to", OpenApiTypes.INT, description="Another one; the newest where none is named."),
        ],
    )
    @action(detail=True, url_path="dictionary/compare", pagination_class=None, filterset_fields=())
    def compare_dictionary(self, request: Request, pk: uuid.UUID) -> Response:
        """What two revisions say differently."""
        version: DatasetVersion = self.get_object()
        one, other = number_of(request, "from", 0), number_of(request, "to", version.revision)
        changes = entries.changes(dictionary.revision_of(version, one), dictionary.revision_of(version, other))
        return Response(serializers.ChangeSerializer(changes, many=True).data)

    @extend_schema(request=serializers.DictionaryRestoreSerializer, responses=serializers.DictionarySerializer)
    @action(detail=True, methods=["post"], url_path="dictionary/restore")
    def restore_dictionary(self, request: Request, pk: uuid.UUID) -> Response:
        """Say again what an earlier revision said: a new revision."""
        given = self.given(serializers.DictionaryRestoreSerializer)
        version = dictionary.restore(
            request.user, self.get_object(), given["restore"], reason=given["reason"], revision=given["revision"]
        )
        return answer(request, version)

    def given(self, kind: Any) -> dict[str, Any]:
        """What the caller sends, if it is what `kind` takes."""
        self.get_object()  # 404 before anything is said of the body
        form = kind(data=self.request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values


def answer(request: Request, version: DatasetVersion) -> Response:
    columns = counts.described(request.user, version)
    return Response(serializers.DictionarySerializer({"revision": version.revision, "columns": columns}).data)


def number_of(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 9:
        raise Invalid([Fault(name, "unknown", _("There is no such revision."))])
    return int(text)
