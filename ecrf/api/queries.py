"""Queries and verification over REST: the same services as the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.accounts.models import User
from core.errors import Fault, Invalid
from core.rest.bulk import BulkViewSet
from core.rest.parsers import MultiPartParser
from ecrf import messages, services
from ecrf.api import review_serializers as serializers
from ecrf.models import Entry, Form, Query, QueryMessage
from ecrf.services.query_files import faults_of

RELATED = ("entry__subject__project", "entry__subject__site", "entry__form", "entry__version")


def entry_of(request: Request, pk: Any) -> Entry:
    related = ("subject__project", "subject__site", "form__current", "form__project", "version")
    found: Entry = access.fetch(Entry.objects.select_related(*related), request.user, pk=pk)
    return found


def form_of(request: Request, pk: Any) -> Form:
    rows = Form.objects.filter(current__isnull=False).select_related("current", "project")
    found: Form = access.fetch(rows, request.user, pk=pk)
    return found


def assignment(values: dict[str, Any]) -> services.Assignment | None:
    """To whom a call gives a query. Raises Invalid for an address that nobody has."""
    if "assigned_group" not in values and "assigned_to" not in values:
        return None
    person = None
    if email := values.get("assigned_to"):
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise Invalid([Fault("assigned_to", "cannot_see", messages.words("assign_unknown", {}))])
    return services.Assignment(values.get("assigned_group", Query.Group.SITE), person)


class QueryViewSet(mixins.ListModelMixin, BulkViewSet):
    """Queries on records. Lists tell where they are and how far; one query tells its thread."""

    bulk_acts = ("create", "change")
    filterset_fields = {
        "entry": ["exact"],
        "entry__subject": ["exact"],
        "entry__subject__site": ["exact"],
        "entry__form": ["exact"],
        "item": ["exact"],
        "page": ["exact"],
        "state": ["exact"],
        "kind": ["exact"],
        "assigned_group": ["exact"],
        "assigned_to": ["exact"],
        "due_on": ["lt"],
    }
    ordering_fields = ("created_at", "changed_at")
    search_fields = ("entry__subject__number",)
    queryset = Query.objects.select_related(*RELATED, "opened_by", "assigned_to")
    serializer_class = serializers.QuerySerializer

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.defer("entry__values", "entry__version__definition") if self.action == "list" else rows

    def told(self, query: Query) -> dict[str, Any]:
        thread = QueryMessage.objects.filter(query=query).select_related("author").order_by("created_at")
        query._prefetched_objects_cache = {"messages": thread}  # type: ignore[attr-defined]
        for message in thread:
            message.query = query
        return dict(serializers.QueryDetailSerializer(query).data)

    @extend_schema(responses={200: serializers.QueryDetailSerializer})
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One query with its thread and the value that stood there when it was opened."""
        query = self.get_object()
        audit.record(request.user, "ecrf.query_read", query, item=query.item)
        return Response(self.told(query))

    @extend_schema(request=serializers.NewQuerySerializer, responses={201: serializers.QueryDetailSerializer})
    def create(self, request: Request) -> Response:
        """Open a query on an item, a page or a whole record."""
        asked = serializers.NewQuerySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        query = services.open_query(
            request.user,
            entry_of(request, values["entry"]),
            values["text"],
            item=values["item"],
            page=values["page"],
            row=values["row"],
            to=assignment(values),
            due=values.get("due_on"),
        )
        return Response(self.told(query), status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.QueryActSerializer, responses={200: serializers.QueryDetailSerializer})
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Answer, resolve, close, reopen, cancel, assign or comment: 409 where its state doesn't allow it."""
        asked = serializers.QueryActSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        query = services.act_on_query(
            request.user,
            self.get_object(),
            values["act"],
            values["text"],
            values=values.get("values"),
            base=values.get("base_revision"),
            to=assignment(values),
            due=values.get("due_on"),
            expected=values.get("expected", ""),
        )
        return Response(self.told(query))

    @extend_schema(
        request={"multipart/form-data": serializers.QueryFileSerializer},
        responses={200: serializers.QueryFileAnswerSerializer},
    )
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def file(self, request: Request) -> Response:
        """Open the queries of a CSV file, many as a job: 422 with every wrong cell; `dry_run` opens nothing."""
        asked = serializers.QueryFileSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        file = values["file"]
        batch = services.read_queries(request.user, values["project"], file.read(), file.name)
        if batch.fault_count or values["dry_run"]:
            faults = faults_of(batch)
            services.discard_batch(request.user, batch)
            if faults:
                raise Invalid(faults)
            return Response({"rows": batch.row_count, "opened": 0, "job": None})
        done: Any = services.open_batch(request.user, batch)
        opened = done if isinstance(done, int) else 0
        return Response({"rows": batch.row_count, "opened": opened, "job": None if opened else str(done.pk)})
