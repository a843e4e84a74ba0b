"""Reconciliations over REST: compare, decide, read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.rest.views import ProjectViewSet
from prescriptions import engine, services
from prescriptions.api.decisions import (
    ComparisonSerializer,
    KeepSerializer,
    PairSerializer,
    ReconciliationDetailSerializer,
    ReconciliationSerializer,
)
from prescriptions.models import Document, Reconciliation
from prescriptions.services.reconciliations import mark_of


class ReconciliationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Two prescriptions compared, with what a person decided of each line. Written once."""

    queryset = Reconciliation.objects.select_related("project", "author")

    def get_queryset(self) -> QuerySet[Reconciliation]:
        rows: QuerySet[Reconciliation] = super().get_queryset()
        return rows.defer("content") if self.action == "list" else rows

    def get_serializer_class(self) -> Any:
        return ReconciliationSerializer if self.action == "list" else ReconciliationDetailSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One reconciliation with its decisions. The reading is recorded in the audit trail."""
        kept = self.get_object()
        audit.record(request.user, "prescriptions.reconciliation_read", kept)
        return Response(self.get_serializer(kept).data)

    @extend_schema(request=KeepSerializer, responses={201: ReconciliationDetailSerializer})
    def create(self, request: Request) -> Response:
        """Keep the decisions: 409 when a prescription has changed since, 422 while a change isn't decided."""
        asked = KeepSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = asked.validated_data
        before, after = self._pair(data)
        decisions = [(one["decision"], one["comment"]) for one in data["decisions"]]
        kept = services.keep_reconciliation(
            request.user, before, after, decisions, seen=data["seen"], note=data["note"]
        )
        return Response(ReconciliationDetailSerializer(kept).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PairSerializer, responses=ComparisonSerializer)
    @action(detail=False, methods=["post"])
    def compare(self, request: Request) -> Response:
        """What became of each line of one prescription in another. Nothing is kept."""
        asked = PairSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        before, after = self._pair(asked.validated_data)
        found = services.compare_documents(request.user, before, after)
        shown = engine.encode(found)
        return Response(
            {
                "seen": mark_of(found),
                "changes": shown.get("changes", []),
                "duplicates": shown.get("duplicates", []),
            }
        )

    def _pair(self, data: dict[str, Any]) -> list[Document]:
        """Both prescriptions, if the caller may see them; else 404."""
        rows = Document.objects.filter(deleted_at=None).select_related("project")
        return [access.fetch(rows, self.request.user, pk=data[name]) for name in ("before", "after")]
