"""Subjects over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.access.models import Site
from core.rest.bulk import BulkViewSet
from ecrf import services
from ecrf.api import serializers
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
        """Include a subject at a site: the next number."""
        asked = serializers.NewSubjectSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        sites = Site.objects.filter(project=values["project"])
        site = access.fetch(sites, request.user, code=values["site"])
        subject = services.include_subject(request.user, site)
        return Response(self.get_serializer(subject).data, status=status.HTTP_201_CREATED)
