"""The audit trail over REST."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.access.models import Project
from core.audit.models import Event
from core.files import streams
from core.jobs.api.serializers import JobSerializer
from core.journal import export as files
from core.journal import queries, services
from core.journal.api.serializers import EventSerializer, VerificationSerializer
from core.journal.telling import Teller
from core.rest.filters import Moment, words_asked
from core.rest.pagination import Pages
from core.rest.views import ViewSet


class EventPages(Pages):
    ordering = "-id"


class EventFilter(filters.FilterSet):
    project = filters.CharFilter(method="of_project", help_text="The slug of a project.")
    actor = filters.UUIDFilter("actor_id")
    outcome = filters.ChoiceFilter(choices=Event.Outcome.choices)
    family = filters.CharFilter(method="of_family", help_text="A part of the suite: the beginning of the action.")
    reason = filters.CharFilter(method="with_reason", help_text="Words of the reason.")
    address = filters.CharFilter(method="of_address", help_text="An address, or a network as 10.2.0.0/16.")
    emergency = filters.BooleanFilter(method="of_emergency", help_text="Only access in an emergency.")
    since = Moment("at", lookup_expr="gte")
    until = Moment("at", lookup_expr="lt")

    class Meta:
        model = Event
        fields = ["action", "object_type", "object_id", "request_id", "channel"]

    def of_project(self, events: QuerySet[Event], _name: str, slug: str) -> QuerySet[Event]:
        return events.filter(project_id__in=Project.objects.filter(slug=slug).values("pk"))

    def of_family(self, events: QuerySet[Event], _name: str, family: str) -> QuerySet[Event]:
        return queries.of_family(events, family)

    def with_reason(self, events: QuerySet[Event], _name: str, words: str) -> QuerySet[Event]:
        return queries.with_reason(events, words)

    def of_address(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """An address that is none is refused, not overlooked."""
        try:
            return events.filter(address__within=str(ipaddress.ip_network(value.strip(), strict=False)))
        except ValueError:
            raise ValidationError({"address": _("This is no address and no network.")}) from None

    def of_emergency(self, events: QuerySet[Event], _name: str, only: bool) -> QuerySet[Event]:
        return queries.of_emergency(events) if only else events


class EventViewSet(ViewSet):
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
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        self._record(request, sorted(request.query_params.keys() - {"cursor", "page_size"}))
        return self.get_paginated_response(self._shown(page))

    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One event."""
        event = self.get_object()
        project = Project.objects.filter(pk=event.project_id).first() if event.project_id else None
        audit.record(request.user, "audit.journal_read", project, project=project, filters=[])
        return Response(self._shown([event])[0])

    @extend_schema(
        filters=True,
        parameters=[OpenApiParameter("as", enum=[*files.FORMATS], description="csv, json, syslog or fhir.")],
        responses={(200, form.media_type.partition(";")[0]): OpenApiTypes.BINARY for form in files.FORMATS.values()},
    )
    @action(detail=False)
    def export(self, request: Request) -> StreamingHttpResponse:
        """What the filters leave, newest first, as a file that is sent while it is made. It stands in the journal."""
        form = files.FORMATS.get(request.query_params.get("as", "json"))
        if form is None:
            raise ValidationError({"as": _("There is no such format.")})
        events = self.filter_queryset(self.get_queryset()).order_by("-pk")
        newest = events.values_list("pk", flat=True).first() or 0
        events = events.filter(pk__lte=newest)
        asked = sorted(request.query_params.keys() - {"as"})
        self._record(request, asked, "audit.journal_exported", format=form.key, events=events.count())
        lines = form.render(files.records(events.iterator(chunk_size=files.PAGE), Teller(request.user)))
        return streams.send(request, files.blocks(lines), name=f"audit.{form.suffix}", media_type=form.media_type)

    @extend_schema(request=VerificationSerializer, responses={202: JobSerializer}, filters=False)
    @action(detail=False, methods=["post"])
    def verify(self, request: Request) -> Response:
        """Have the whole chain proven; the job's result says whether it is intact, and how many events were proven."""
        form = VerificationSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        job = services.verify_journal(request.user, form.validated_data["project"])
        shown = JobSerializer(job, context=self.get_serializer_context())
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)

    def _record(self, request: Request, asked: Sequence[str], act: str = "audit.journal_read", **details: Any) -> None:
        """In the journal of the project that was asked for, or of all that the caller reads, the instance's too."""
        projects = Project.objects.visible_to(request.user, queries.READ)
        slug = words_asked(request, EventFilter, "project")
        read: list[Project | None] = list(projects.filter(slug=slug) if slug else projects)
        if not slug and queries.reads_instance(request.user):
            read.append(None)
        for project in read:
            audit.record(request.user, act, project, project=project, filters=[*asked], **details)

    def _shown(self, events: Sequence[Event]) -> Any:
        teller = Teller(self.request.user)
        teller.learn(events)
        context = {**self.get_serializer_context(), "teller": teller}
        return EventSerializer(events, many=True, context=context).data
