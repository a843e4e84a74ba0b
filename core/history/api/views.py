"""The history of settings over REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.response import Response

from core import audit
from core.access import queries as access_queries
from core.access.models import Project
from core.history import services
from core.history.api.serializers import ChangeSerializer
from core.history.models import Change
from core.journal import queries as journal
from core.rest.filters import words_asked
from core.rest.pagination import Pages
from core.rest.request import Request
from core.rest.views import ViewSet


class ChangePages(Pages):
    ordering = "-id"


class ChangeFilter(filters.FilterSet):
    project = filters.CharFilter(method="of_project", help_text="The slug of a project.")
    since = filters.IsoDateTimeFilter("at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter("at", lookup_expr="lt")

    class Meta:
        model = Change
        fields = ["kind", "key", "act", "actor_id", "request_id"]

    def of_project(self, rows: QuerySet[Change], _name: str, slug: str) -> QuerySet[Change]:
        return rows.filter(project_id__in=Project.objects.filter(slug=slug).values("pk"))


class ChangeViewSet(ViewSet):
    """What changed in the settings that decide about access and evidence. Reading it stands in the audit trail."""

    queryset = Change.objects.all()
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    pagination_class = ChangePages

    def get_queryset(self) -> QuerySet[Change]:
        if getattr(self, "swagger_fake_view", False):
            return Change.objects.none()
        return Change.objects.visible_to(self.request.user)

    def list(self, request: Request) -> Response:
        """Changes, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        self._record(sorted(request.query_params.keys() - {"cursor", "page_size"}))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One change."""
        change = self.get_object()
        services.record_reading(request.user, change, filters=["id"])
        return Response(self.get_serializer(change).data)

    def _record(self, asked: Sequence[str]) -> None:
        """In the journal of the project that was asked for, or of all whose history the caller reads.

        What belongs to no project is read by who runs the instance, and by who administers an organisation.
        """
        user = self.request.user
        projects = Project.objects.visible_to(user, journal.READ)
        slug = words_asked(self.request, ChangeFilter, "project")
        for project in projects.filter(slug=slug) if slug else projects:
            audit.record(user, "history.read", project, project=project, filters=[*asked])
        if not slug and (journal.reads_instance(user) or access_queries.administered(user).exists()):
            audit.record(user, "history.read", filters=[*asked])
