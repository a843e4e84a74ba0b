"""Consents over REST: read, withdrawn, asked for again; their documents."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.files import downloads
from core.rest.views import ProjectViewSet
from ecrf import consents, services
from ecrf.api.entries import reason
from ecrf.api.serializers import EntrySerializer, ReasonSerializer
from ecrf.models import Consent, Form


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    subject_number = serializers.CharField(source="subject.number", read_only=True)
    site = serializers.CharField(source="subject.site.code", read_only=True)
    form_key = serializers.CharField(source="form.key", read_only=True)
    state = serializers.ChoiceField(Consent.State.choices, read_only=True)
    asked_again = serializers.SerializerMethodField(help_text="Whether the sheet has a version that asks them again.")

    class Meta:
        model = Consent
        fields = (
            "id",
            "subject",
            "subject_number",
            "site",
            "form",
            "form_key",
            "entry",
            "page",
            "version",
            "language",
            "revision",
            "is_given",
            "state",
            "asked_again",
            "signed_at",
            "obtained_by",
            "sheet",
            "digest",
            "withdrawn_at",
            "withdrawn_by",
            "superseded_by",
        )
        read_only_fields = fields

    def get_asked_again(self, consent: Consent) -> bool:
        """Valid, of another version than that of now."""
        sheet = consents.sheets_of([consent.form]).get((consent.form_id, consent.page))
        is_other = sheet is not None and sheet.get("again", True) and sheet["version"] != consent.version
        return bool(consent.is_valid and is_other)


class ConsentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What participants consented to, and what became of it; why a consent was withdrawn is on its page alone."""

    filterset_fields = {
        "subject": ["exact"],
        "form": ["exact"],
        "page": ["exact"],
        "version": ["exact"],
        "is_given": ["exact"],
        "withdrawn_at": ["isnull"],
        "superseded_by": ["isnull"],
    }
    ordering_fields = ("signed_at",)
    queryset = Consent.objects.select_related("subject__project", "subject__site", "form__current", "entry__form")
    serializer_class = ConsentSerializer

    def get_queryset(self) -> Any:
        """Without those whose record was removed, and those on pages that the caller may not read."""
        rows = super().get_queryset().filter(entry__removed_at=None)
        forms = Form.objects.visible_to(self.request.user).filter(consents__isnull=False).distinct()
        return consents.readable(self.request.user, rows, forms)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True)
    def document(self, request: Request, pk: Any = None) -> HttpResponseBase:
        """The archived PDF, for who manages consents at the site."""
        held = self.get_object()
        stored = services.open_consent(request.user, held)
        return downloads.send(request._request, stored, name=f"{held.pk}.pdf", media_type="application/pdf")

    @extend_schema(request=ReasonSerializer, responses={200: ConsentSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any = None) -> Response:
        """Record a withdrawal; a reason is needed."""
        held = services.withdraw_consent(request.user, self.get_object(), reason(request))
        return Response(self.get_serializer(held).data)

    @extend_schema(request=ReasonSerializer, responses={200: EntrySerializer})
    @action(detail=True, methods=["post"], url_path="ask-again", url_name="ask-again")
    def ask_again(self, request: Request, pk: Any = None) -> Response:
        """Empty and open the page of the consent, to be answered anew; a reason is needed."""
        entry = services.ask_again(request.user, self.get_object(), reason(request))
        return Response(EntrySerializer(entry, context=self.get_serializer_context()).data)
