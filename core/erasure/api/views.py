"""Erasures over REST: in person, with the same second person and the same time to think."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import audit
from core.access.models import Project
from core.access.people import is_administrator
from core.accounts.fresh import require_fresh
from core.accounts.models import User
from core.erasure import queries, services
from core.erasure.models import Erasure
from core.rest.fields import ProjectField
from core.rest.pagination import Pages
from core.rest.request import Request
from core.rest.views import ViewSet


class ErasureSerializer(serializers.ModelSerializer[Erasure]):
    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True, allow_null=True)
    state = serializers.ChoiceField(choices=queries.STATES, read_only=True)

    class Meta:
        model = Erasure
        fields = [
            "id",
            "project",
            "person",
            "reason",
            "state",
            "asked_by",
            "created_at",
            "confirmed_by",
            "confirmed_at",
            "due_at",
            "withdrawn_at",
            "done_at",
        ]
        read_only_fields = fields


@extend_schema_field(OpenApiTypes.UUID)
class PersonField(serializers.PrimaryKeyRelatedField[User]):
    """A person's account; to all but those who run the instance it doesn't exist."""

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.all() if is_administrator(self.context["request"].user) else User.objects.none()


class NewErasureSerializer(serializers.Serializer[None]):
    """Either a project or a person."""

    project = ProjectField(required=False)
    person = PersonField(required=False)
    reason = serializers.CharField(max_length=services.LONGEST, help_text="It stands on the certificate.")
    confirmation = serializers.CharField(help_text="The slug of the project or the address of the person, once more.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"project", "person"} & attrs.keys()) != 1:
            raise serializers.ValidationError({"project": _("Name either a project or a person.")})
        return attrs


class CertificateSerializer(serializers.Serializer[None]):
    certificate = serializers.JSONField()
    signature = serializers.JSONField()


class ErasureViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ViewSet):
    """The erasures that the caller may decide on."""

    queryset = Erasure.objects.none()
    serializer_class = ErasureSerializer
    pagination_class = Pages

    def get_queryset(self) -> QuerySet[Erasure]:
        if getattr(self, "swagger_fake_view", False):
            return Erasure.objects.none()
        return queries.erasures(self.request.user)

    @extend_schema(request=NewErasureSerializer, responses={201: ErasureSerializer})
    def create(self, request: Request) -> Response:
        """Ask that a project or a person's account be erased for good.

        403 «reauthenticate» where the caller hasn't just said who he is.
        """
        form = NewErasureSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        require_fresh(request._request, request.user)
        ask = services.ask_for_project if "project" in form.validated_data else services.ask_for_person
        asked = ask(request.user, **form.validated_data)
        return Response(self.get_serializer(asked).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ErasureSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: Any = None) -> Response:
        """Confirm what somebody else has asked for. 409 where it was decided already, or by who asked."""
        erasure = self.get_object()
        require_fresh(request._request, request.user)
        return Response(self.get_serializer(services.confirm(request.user, erasure)).data)

    @extend_schema(request=None, responses=ErasureSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: Any = None) -> Response:
        """Erase nothing. 409 once its time has come."""
        return Response(self.get_serializer(services.withdraw(request.user, self.get_object())).data)

    @extend_schema(responses=CertificateSerializer)
    @action(detail=True, methods=["get"])
    def certificate(self, request: Request, pk: Any = None) -> Response:
        """The signed certificate of what was erased; 404 before."""
        erasure = self.get_object()
        if erasure.certificate is None:
            raise Http404
        audit.record(request.user, "erasure.certificate_read", erasure, project=erasure.project, form="json")
        return Response(erasure.certificate)
