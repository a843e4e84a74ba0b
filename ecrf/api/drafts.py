"""Drafts over REST: begin, read, save on a revision, look at the faults, have it approved, publish."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.rest.views import ProjectViewSet
from ecrf import messages, permissions, queries, services
from ecrf.api.draft_shapes import (
    ApprovalSerializer,
    DraftChangesSerializer,
    DraftDetailSerializer,
    DraftImpactSerializer,
    DraftProblemSerializer,
    DraftSerializer,
    NewDraftSerializer,
    ReviewSerializer,
)
from ecrf.api.serializers import VersionDetailSerializer
from ecrf.engine import Fault
from ecrf.engine.versions import changes
from ecrf.models import Draft
from ecrf.services.impact import becoming, impact_now, kept_impact


class DraftViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Forms on the way to a version; seen by who designs forms."""

    search_fields = ("key", "title")
    ordering_fields = ("updated_at",)
    queryset = Draft.objects.select_related("project", "form__current", "author", "updated_by", "base")

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.defer("definition") if self.action == "list" else rows

    def get_serializer_class(self) -> Any:
        return DraftSerializer if self.action == "list" else DraftDetailSerializer

    def answer(self, draft: Draft, code: int = status.HTTP_200_OK) -> Response:
        return Response(DraftDetailSerializer(draft).data, status=code)

    @extend_schema(request=NewDraftSerializer, responses={201: DraftDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin a draft: of a new form, or of the next version of one."""
        asked = NewDraftSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        if key := values.get("form"):
            form = access.fetch(queries.forms_of(request.user, values["project"]), request.user, key=key)
            return self.answer(services.begin_next(request.user, form), status.HTTP_201_CREATED)
        access.require(request.user, permissions.DESIGN, values["project"])
        draft = services.begin_draft(
            request.user,
            values["project"],
            values.get("title", ""),
            values.get("languages", []),
            template=values["template"],
        )
        return self.answer(draft, status.HTTP_201_CREATED)

    @extend_schema(request=DraftChangesSerializer, responses={200: DraftDetailSerializer})
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Save the definition on the revision that was read: 409 where somebody saved in between."""
        draft = self.get_object()
        asked = DraftChangesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        return self.answer(services.save_draft(request.user, draft, values["definition"], values["base_revision"]))

    @extend_schema(responses={200: DraftProblemSerializer(many=True)})
    @action(detail=True)
    def problems(self, request: Request, pk: Any = None) -> Response:
        """What keeps the draft from being published, by place."""
        found = [
            messages.of_definition(Fault(one["place"], one["code"], one["params"]))
            for one in self.get_object().problems
        ]
        return Response(DraftProblemSerializer(found, many=True).data)

    @extend_schema(responses={200: DraftImpactSerializer})
    @action(detail=True)
    def impact(self, request: Request, pk: Any = None) -> Response:
        """What publishing would change, and for how many records; counts for who reads the records only."""
        draft = self.get_object()
        if draft.form is None or draft.form.current is None or not draft.is_sound:
            return Response(DraftImpactSerializer({"changes": [], "counts": None}).data)
        before = draft.form.current.loaded
        found, counts = changes(before, becoming(draft, before)), None
        if access.can(request.user, permissions.READ, draft.project):
            now = impact_now(draft)
            counts = now.as_data() if now else kept_impact(draft)
        return Response(DraftImpactSerializer({"changes": found.details, "counts": counts}).data)

    @extend_schema(request=None, responses={201: VersionDetailSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: Any = None) -> Response:
        """Make the draft the current version of its form: 409 while it has faults or lacks an approval it needs."""
        version = services.publish_draft(request.user, self.get_object())
        return Response(
            VersionDetailSerializer(version, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED
        )

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: Any = None) -> Response:
        """Throw the draft away; what is published stays as it is."""
        services.discard_draft(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ApprovalSerializer, responses={201: ReviewSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: Any = None) -> Response:
        """Approve exactly the state that was read: 409 where it changed, or is the caller's own work."""
        draft = self.get_object()
        asked = ApprovalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review = services.approve_draft(request.user, draft, **asked.validated_data)
        return Response(ReviewSerializer(review).data, status=status.HTTP_201_CREATED)
