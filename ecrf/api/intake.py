"""Imports of data and numbers of subjects over REST: the same services as the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.rest.parsers import JSONParser, MultiPartParser
from core.rest.views import ProjectViewSet
from ecrf import permissions, queries, services
from ecrf.api import intake_shapes as shapes
from ecrf.engine.numbering import Rule
from ecrf.models import DataImport, NumberingRule
from ecrf.services import imports
from ecrf.services.numbering import examples

OPTIONS = ("empty", "signed", "site", "reason")


class DataImportViewSet(mixins.ListModelMixin, ProjectViewSet):
    """Files of data: each is tried by a job, and saved once that is confirmed, whole or not at all."""

    filterset_fields = {"form": ["exact"], "state": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = DataImport.objects.select_related("project", "form", "author", "job")
    serializer_class = shapes.DataImportSerializer
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(responses={200: shapes.DataImportDetailSerializer})
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """How far a file is, with every wrong and every doubtful cell."""
        return Response(shapes.DataImportDetailSerializer(self.get_object()).data)

    @extend_schema(
        request={"multipart/form-data": shapes.NewImportSerializer}, responses={202: shapes.DataImportSerializer}
    )
    def create(self, request: Request) -> Response:
        """Send a file. It is tried first: ask again until its `state` is `ready` or `faulty`."""
        asked = shapes.NewImportSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        form = access.fetch(queries.forms_of(request.user, values["project"]), request.user, key=values["form"])
        options = {name: values[name] for name in OPTIONS} | {"subjects": values["unknown_subjects"]}
        found = imports.begin_import(
            request.user, form, values["file"], values["file"].name, kind=values.get("format", ""), options=options
        )
        return Response(self.get_serializer(found).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: shapes.DataImportSerializer})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: Any = None) -> Response:
        """Try the file again, after the form or the records have changed."""
        return self.told(imports.check_again(request.user, self.get_object()))

    @extend_schema(request=None, responses={202: shapes.DataImportSerializer})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: Any = None) -> Response:
        """Have a file saved that is ready: 409 for another."""
        return self.told(imports.confirm_import(request.user, self.get_object()))

    @extend_schema(request=shapes.UndoSerializer, responses={202: shapes.DataImportSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: Any = None) -> Response:
        """Undo an import: 409 where one of its records has changed since."""
        asked = shapes.UndoSerializer(data=request.data)
        found = self.get_object()
        access.require(request.user, permissions.IMPORT, found.project, obj=found)
        asked.is_valid(raise_exception=True)
        return self.told(imports.undo_import(request.user, found, asked.validated_data["reason"]))

    @extend_schema(request=None, responses={200: shapes.DataImportSerializer})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: Any = None) -> Response:
        """Drop the file, and what was told of it."""
        return self.told(imports.discard_import(request.user, self.get_object()), status.HTTP_200_OK)

    def told(self, found: DataImport, code: int = status.HTTP_202_ACCEPTED) -> Response:
        return Response(self.get_serializer(found).data, status=code)


class NumberingViewSet(mixins.ListModelMixin, ProjectViewSet):
    """How the subjects of each study are numbered; a study without a rule has `{site}-{sequence:03}`."""

    queryset = NumberingRule.objects.select_related("project")
    serializer_class = shapes.NumberingSerializer

    @extend_schema(request=shapes.NewNumberingSerializer, responses={201: shapes.NumberingSerializer})
    def create(self, request: Request) -> Response:
        """Settle the rule of a study, in place of the one it has: 422 with everything that is wrong with it."""
        values = self.asked(request)
        rule = services.set_numbering(request.user, values["project"], rule_of(values))
        return Response(self.get_serializer(rule).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewNumberingSerializer, responses={200: shapes.NumbersSerializer})
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """The next numbers that a rule would give; nothing is settled."""
        values = self.asked(request)
        access.require(request.user, permissions.DESIGN, values["project"])
        return Response({"numbers": examples(values["project"], rule_of(values))})

    def asked(self, request: Request) -> dict[str, Any]:
        asked = shapes.NewNumberingSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)


def rule_of(values: dict[str, Any]) -> Rule:
    per_site = values["per"] == NumberingRule.Per.SITE
    return Rule(values["pattern"], per_site, values["check_digit"], values["typed"], values["typed_pattern"])
