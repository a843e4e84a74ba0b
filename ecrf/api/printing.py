"""Papers over REST: blank forms, casebooks, what jobs have set."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.files import downloads
from core.rest.views import ProjectViewSet
from ecrf import queries
from ecrf.api.serializers import JobSerializer
from ecrf.models import Form, Printout
from ecrf.services import printing

PDF = "application/pdf"
LANGUAGE = OpenApiParameter("language", OpenApiTypes.STR, description="One of the form’s; its first without.")


class PrintSerializer(serializers.Serializer[Any]):
    form = serializers.SlugField()
    language = serializers.CharField(max_length=12, required=False, default="")
    identifiers = serializers.BooleanField(default=False)
    history = serializers.BooleanField(default=False)


def language_of(form: Form, asked: str) -> str:
    offered = form.published.definition["languages"]
    return asked if asked in offered else str(offered[0])


class BlankMixin:
    """The blank form, on the resource of forms."""

    @extend_schema(parameters=[LANGUAGE], responses={(200, PDF): OpenApiTypes.BINARY})
    @action(detail=True)
    def blank(self, request: Request, pk: Any = None) -> HttpResponse:
        """The form to be filled in by hand, as PDF."""
        form: Form = self.get_object()  # type: ignore[attr-defined]
        content = printing.print_form(request.user, form, language_of(form, request.query_params.get("language", "")))
        return HttpResponse(content, content_type=PDF)


class CasebookMixin:
    """The casebook, on the resource of subjects."""

    @extend_schema(request=PrintSerializer, responses={(200, PDF): OpenApiTypes.BINARY, 202: JobSerializer})
    @action(detail=True, methods=["post"])
    def casebook(self, request: Request, pk: Any = None) -> HttpResponse | Response:
        """What was entered for the subject in a form, as PDF: at once, or as a job (202) where there is much of it."""
        subject = self.get_object()  # type: ignore[attr-defined]
        asked = PrintSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        form = access.fetch(queries.forms_of(request.user, subject.project), request.user, key=values["form"])
        options = {name: values[name] for name in ("identifiers", "history")}
        language = language_of(form, values["language"])
        if printing.is_long(subject, form, history=options["history"]):
            job = printing.start_printing(request.user, subject, form, language=language, **options)
            return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
        content = printing.print_casebook(request.user, subject, form, language=language, **options)
        return HttpResponse(content, content_type=PDF)


class PrintoutSerializer(serializers.ModelSerializer[Printout]):
    class Meta:
        model = Printout
        fields = ("id", "created_at", "subject", "form", "identifiers", "history")
        read_only_fields = fields


class PrintoutViewSet(ProjectViewSet):
    """Casebooks that jobs have set, for who asked for them."""

    queryset = Printout.objects.select_related("subject__project", "subject__site", "form", "file__project")
    serializer_class = PrintoutSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(owner=self.request.user.pk)

    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The PDF."""
        stored = printing.open_printout(request.user, self.get_object())
        return downloads.send(request._request, stored, name="casebook.pdf", media_type=PDF)
