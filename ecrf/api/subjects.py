"""Subjects over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.access.models import Site
from core.rest.bulk import BulkViewSet
from ecrf import permissions, services
from ecrf.api import intake_shapes, serializers
from ecrf.api.printing import CasebookMixin
from ecrf.models import Subject


class SubjectViewSet(CasebookMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, BulkViewSet):
    """The subjects that the caller may see, by number only."""

    bulk_acts = ("create",)
    filterset_fields = {"site": ["exact"], "number": ["exact", "in"]}
    ordering_fields = ("number",)
    queryset = Subject.objects.select_related("project", "site")
    serializer_class = serializers.SubjectSerializer

    @extend_schema(request=serializers.NewSubjectSerializer, responses={201: serializers.SubjectSerializer})
    def create(self, request: Request) -> Response:
        """Include a subject at a site: the next number by the study’s rule."""
        asked = serializers.NewSubjectSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        sites = Site.objects.filter(project=values["project"])
        site = access.fetch(sites, request.user, code=values["site"])
        subject = services.include_subject(request.user, site, values["number"], values["arm"])
        return Response(self.get_serializer(subject).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=intake_shapes.SubjectArmSerializer, responses={200: intake_shapes.SubjectArmSetSerializer})
    @action(detail=True, methods=["post"])
    def arm(self, request: Request, pk: Any = None) -> Response:
        """Put a subject into another arm, with a reason: 409 where it comes from his randomisation."""
        subject = self.get_object()
        access.require(request.user, permissions.SET_ARM, subject.project, site=subject.site, obj=subject)
        asked = intake_shapes.SubjectArmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        kept = services.set_arm(request.user, subject, **asked.validated_data)
        return Response({"arm": subject.arm, "entries_kept": [entry.pk for entry in kept]})
