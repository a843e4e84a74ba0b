"""The audit trail over REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core import audit
from core.access.models import Project
from core.audit.models import Event
from core.db import read_only
from core.jobs.api.serializers import JobSerializer
from core.journal import queries, services
from core.journal.api.serializers import EventSerializer, VerificationSerializer
from core.journal.telling import Teller
from core.rest.pagination import Pages


class EventPages(Pages):
    ordering = "-id"


class EventFilter(filters.FilterSet):
    project = filters.CharFilter(method="of_project", help_text="The slug of a project.")
    actor = filters.UUIDFilter("actor_id")
    outcome = filters.ChoiceFilter(choices=Event.Outcome.choices)
    since = filters.IsoDateTimeFilter("at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter("at", lookup_expr="lt")

    class Meta:
        model = Event
        fields = ["action", "object_type", "object_id", "request_id", "channel"]

    def of_project(self, events: QuerySet[Event], _name: str, slug: str) -> QuerySet[Event]:
        return events.filter(project_id__in=Project.objects.filter(slug=slug).values("pk"))


class EventViewSet(GenericViewSet[Event]):
    """What was done in the projects whose audit trail you may read. Reading it stands in it."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    pagination_class = EventPages

    def get_queryset(self) -> QuerySet[Event]:
        if getattr(self, "swagger_fake_view", False):
            return Event.objects.none()
        return queries.readable(self.request.user)

    def list(self, request: Request) -> Response:
        """Events, newest first."""
        with read_only():
            page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
            self._record(request, sorted(request.query_params.keys() - {"cursor", "page_size"}))
            return self.get_paginated_response(self._shown(page))

    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One event."""
        with read_only():
            event = self.get_object()
            project = Project.objects.filter(pk=event.project_id).first() if event.project_id else None
            audit.record(request.user, "audit.journal_read", project, project=project, filters=[])
            return Response(self._shown([event])[0])

    @extend_schema(request=VerificationSerializer, responses={202: JobSerializer}, filters=False)
    @action(detail=False, methods=["post"])
    def verify(self, request: Request) -> Response:
        """Have the whole chain proven; the job's result says whether it is intact, and how many events were proven."""
        form = VerificationSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        job = services.verify_journal(request.user, form.validated_data["project"])
        shown = JobSerializer(job, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)

    def _record(self, request: Request, asked: Sequence[str]) -> None:
        """In the journal of the project that was asked for, or of all that the caller reads, the instance's too."""
        projects = Project.objects.visible_to(request.user, queries.READ)
        slug = request.query_params.get("project")
        read: list[Project | None] = list(projects.filter(slug=slug) if slug else projects)
        if not slug and queries.reads_instance(request.user):
            read.append(None)
        for project in read:
            audit.record(request.user, "audit.journal_read", project, project=project, filters=list(asked))

    def _shown(self, events: Sequence[Event]) -> Any:
        teller = Teller(self.request.user)
        teller.learn(events)
        context = {**self.get_serializer_context(), "teller": teller}
        return EventSerializer(events, many=True, context=context).data
