"""Access reviews over REST."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access, audit
from core.access import offices
from core.access.models import Project
from core.errors import Conflict, Fault, Invalid
from core.files import streams
from core.rest.request import Request
from core.rest.views import ProjectViewSet
from core.reviews import evidence as proof
from core.reviews import queries, services
from core.reviews.api import serializers
from core.reviews.models import Campaign, Line
from core.reviews.services import Verdict
from core.reviews.services.campaigns import require_oversee
from core.web.export import csv_file


class CampaignViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The access reviews that the caller oversees or judges in."""

    queryset = Campaign.objects.select_related("organisation", "project__organisation", "opened_by")
    search_fields = ("name",)
    ordering_fields = ("due_on", "name")

    def get_queryset(self) -> Any:
        return queries.counted(super().get_queryset(), self.request.user)

    def get_serializer_class(self) -> Any:
        return serializers.CampaignSerializer if self.action == "list" else serializers.CampaignDetailSerializer

    @extend_schema(request=serializers.NewCampaignSerializer, responses={201: serializers.CampaignDetailSerializer})
    def create(self, request: Request) -> Response:
        """Open a review over an organisation with all its projects, or over one project."""
        values = self.read(serializers.NewCampaignSerializer)
        named = [key for key in ("organisation", "project") if values.get(key)]
        if len(named) != 1:
            raise Invalid([Fault("organisation", "required", _("Name an organisation or a project."))])
        place = (
            access.fetch(Project.objects.select_related("organisation"), request.user, slug=values["project"])
            if named == ["project"]
            else offices.fetch(request.user, values["organisation"])
        )
        campaign = services.open_campaign(request.user, place, values["name"], values["due_on"])
        return self.shown(campaign, status.HTTP_201_CREATED)

    @extend_schema(request=serializers.VerdictsSerializer, responses=serializers.LineSerializer(many=True))
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: Any = None) -> Response:
        """Confirm or revoke up to 1,000 accesses, all or none. What is revoked ends at once."""
        campaign = self.get_object()
        given = self.read(serializers.VerdictsSerializer)["verdicts"]
        lines = services.decide(request.user, campaign, [Verdict(**each) for each in given])
        return Response(serializers.LineSerializer(lines, many=True).data)

    @extend_schema(request=None, responses=serializers.CampaignDetailSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: Any = None) -> Response:
        """Close it and have its evidence made; what nobody has decided is listed as such."""
        return self.shown(services.close(request.user, self.get_object()))

    @extend_schema(request=None, responses=serializers.CampaignDetailSerializer)
    @action(detail=True, methods=["post"], url_path="evidence/make")
    def make_evidence(self, request: Request, pk: Any = None) -> Response:
        """Have the evidence of a closed review made once more, where its job has failed. 409 otherwise."""
        return self.shown(services.make_evidence(request.user, self.get_object()))

    @extend_schema(
        responses={(200, proof.MEDIA_TYPE): OpenApiTypes.BINARY, (200, "text/csv"): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("form", OpenApiTypes.STR, enum=["pdf", "csv"], description="pdf by default.")],
    )
    @action(detail=True, pagination_class=None)
    def evidence(self, request: Request, pk: Any = None) -> HttpResponse | StreamingHttpResponse:
        """For who oversees it: the PDF that was kept when it was closed, or all lines as they are now as CSV."""
        campaign = self.get_object()
        require_oversee(request.user, campaign.place)
        name = proof.file_name(campaign)
        form = request.query_params.get("form", "pdf")
        if form == "csv":
            audit.record(request.user, "reviews.evidence_downloaded", campaign, format="csv")
            return csv_file(name, *proof.table(campaign, proof.ordered(campaign)))
        if form != "pdf":
            raise Invalid([Fault("form", "unknown", _("The evidence is had as pdf or as csv."))])
        if campaign.evidence is None:
            raise Conflict(_("The evidence isn’t there yet: it is made when the review is closed."), "no-evidence")
        pieces = proof.download(request.user, campaign)
        return streams.send(request, pieces, name=f"{name}.pdf", media_type=proof.MEDIA_TYPE)

    def read(self, kind: Any) -> dict[str, Any]:
        form = kind(data=self.request.data)
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values

    def shown(self, campaign: Campaign, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=campaign.pk)).data, status=code)


class LineViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The accesses in the reviews, of the places whose members the caller manages or oversees."""

    queryset = Line.objects.select_related("project", "campaign__organisation")
    serializer_class = serializers.LineSerializer
    filterset_fields = ("campaign", "reviewer", "decision", "origin", "second_factor")
    search_fields = ("name", "email")
    ordering_fields = ("name",)
