"""Prescriptions as FHIR, CSV and PN13-like JSON; the plan de prise; datasets of all of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.fields import ProjectField
from core.rest.views import View
from prescriptions import engine, services
from prescriptions.api.serializers import JobSerializer
from prescriptions.engine.exchange import fhir
from prescriptions.formats import DATASETS
from prescriptions.models import Document

UNREVIEWED = OpenApiParameter(
    "unreviewed", OpenApiTypes.BOOL, description="Also where nobody has reviewed it: marked as a draft. Default: 422."
)
LANGUAGE = OpenApiParameter("lang", OpenApiTypes.STR, enum=["fr", "en"], description="Language of the plan: fr, en.")
START = OpenApiParameter("start", OpenApiTypes.DATE, description="First day of the treatment; without it no dates.")


class PlanQuery(serializers.Serializer[None]):
    lang = serializers.ChoiceField(choices=["fr", "en"], default="fr")
    start = serializers.DateField(required=False, default=None)


class UnreviewedQuery(serializers.Serializer[None]):
    unreviewed = serializers.BooleanField(default=False)


class DatasetSerializer(serializers.Serializer[None]):
    project = ProjectField(help_text="Slug of the project.")
    form = serializers.ChoiceField(choices=[*DATASETS], help_text="What the dataset holds.")
    unreviewed = serializers.BooleanField(default=False, help_text="With those that nobody has reviewed.")


class ExchangeActions:
    """What a prescription gives: mixed into its resource."""

    @extend_schema(
        operation_id="prescriptions_documents_fhir", parameters=[UNREVIEWED],
        responses={(200, fhir.MEDIA_TYPE): OpenApiTypes.OBJECT},
    )  # fmt: skip
    @action(detail=True, methods=["get"])
    def fhir(self, request: Request, pk: Any = None) -> HttpResponse:
        """A FHIR R4 bundle of the French ePrescription guide; nobody is named in it."""
        return self._file(request, "fhir")

    @extend_schema(
        operation_id="prescriptions_documents_csv", parameters=[UNREVIEWED],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )  # fmt: skip
    @action(detail=True, methods=["get"])
    def csv(self, request: Request, pk: Any = None) -> HttpResponse:
        """A table with one row for each dosage, with heads in the caller's language."""
        return self._file(request, "csv")

    @extend_schema(
        operation_id="prescriptions_documents_pn13", parameters=[UNREVIEWED],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )  # fmt: skip
    @action(detail=True, methods=["get"])
    def pn13(self, request: Request, pk: Any = None) -> HttpResponse:
        """JSON with the element names of PN13, for who maps it to a message of his own."""
        return self._file(request, "pn13")

    @extend_schema(
        operation_id="prescriptions_documents_plan", parameters=[LANGUAGE, START],
        responses={200: OpenApiTypes.OBJECT},
    )  # fmt: skip
    @action(detail=True, methods=["get"])
    def plan(self, request: Request, pk: Any = None) -> Response:
        """The plan de prise in plain words: columns, medicines with their doses, what is taken only if needed."""
        asked = PlanQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        made = services.make_plan(request.user, self._document(), data["lang"], data["start"])
        start = made.start.isoformat() if made.start else None
        shown = {name: engine.encode(getattr(made, name)) for name in PLANNED}
        return Response(shown | {"language": made.language, "start": start, "toCheck": made.to_check})

    @extend_schema(
        operation_id="prescriptions_documents_plan_pdf", parameters=[LANGUAGE, START],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )  # fmt: skip
    @action(detail=True, methods=["get"], url_path="plan-pdf")
    def plan_pdf(self, request: Request, pk: Any = None) -> HttpResponse:
        """The plan de prise as PDF, A4."""
        asked = PlanQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        content = services.print_plan(request.user, self._document(), data["lang"], data["start"])
        return HttpResponse(content, content_type="application/pdf")

    def _document(self) -> Document:
        found: Document = self.get_object()  # type: ignore[attr-defined]
        return found

    def _file(self, request: Request, form: str) -> HttpResponse:
        asked = UnreviewedQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        document = self._document()
        made = services.export_documents(
            request.user, document.project, [document], form, unreviewed=asked.validated_data["unreviewed"]
        )
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return HttpResponse(made.content, content_type=made.media_type, headers=headers)


PLANNED = ("columns", "regular", "changing", "certain_days", "needs", "stopped", "words")


class DatasetView(View):
    @extend_schema(
        operation_id="prescriptions_export_dataset", request=DatasetSerializer, responses={202: JobSerializer}
    )
    def post(self, request: Request) -> Response:
        """Publish every prescription of a project as FHIR, OMOP `drug_exposure` or PN13-like JSON, as a job."""
        asked = DatasetSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        job = services.start_dataset(request.user, data["project"], data["form"], unreviewed=data["unreviewed"])
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)
