"""Records over REST: read, filled in, locked, signed, removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.accounts.fresh import require_fresh
from core.accounts.models import User
from core.rest.bulk import BulkViewSet
from ecrf import engine, messages, permissions, queries, rights, services
from ecrf.api import serializers
from ecrf.models import Entry, Form, Source, Subject
from ecrf.models.forms import reader_language
from ecrf.services.contexts import context_of
from ecrf.services.keeping import known


class EntryViewSet(mixins.ListModelMixin, BulkViewSet):
    """Records: what was entered for a subject in a form. Lists tell how far they are; one record tells its values."""

    bulk_acts = ("create", "change")
    filterset_fields = {
        "subject": ["exact"],
        "form": ["exact"],
        "is_complete": ["exact"],
        "updated_at": ["gte", "lt"],
        "locked_at": ["isnull"],
        "event": ["exact"],
        "page": ["exact"],
        "instance": ["exact"],
    }
    ordering_fields = ("updated_at",)
    queryset = Entry.objects.select_related("subject__project", "subject__site", "form__current", "version").defer(
        "form__current__definition", "version__definition"
    )
    serializer_class = serializers.EntrySerializer

    def get_queryset(self) -> Any:
        """Without the removed ones, which are only there to be restored."""
        rows = super().get_queryset()
        if self.action != "restore":
            rows = rows.filter(removed_at=None)
        return rows.defer("values", "notes", "scripts") if self.action == "list" else rows

    @extend_schema(responses={200: serializers.EntryDetailSerializer})
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One record with its values, and what the form's rules make of them."""
        entry = self.get_object()
        audit.record(request.user, "ecrf.entry_read", entry, form=entry.form.key, revision=entry.revision)
        return Response(detail(entry, self.get_serializer_context()))

    @extend_schema(request=serializers.NewEntrySerializer, responses={201: serializers.EntryDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin a record: refused with 409 where there is one, with 422 and every fault where a value is wrong."""
        asked = serializers.NewEntrySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        subjects = Subject.objects.select_related("project", "site")
        subject = access.fetch(subjects, request.user, pk=values["subject"])
        form = access.fetch(queries.forms_of(request.user, subject.project), request.user, key=values["form"])
        sheet = engine.Sheet(values.get("event", ""), values.get("page", ""), values.get("instance", 1))
        saved = save(request, subject, form, sheet, values)
        return Response(detail(saved.entry, self.get_serializer_context(), saved.state), status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ChangesSerializer, responses={200: serializers.EntryDetailSerializer})
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Save changed values on the revision that was read: 409 where it has moved on, 422 where a value is wrong."""
        asked = serializers.ChangesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry = self.get_object()
        saved = save(request, entry.subject, entry.form, entry.sheet, asked.validated_data)
        return Response(detail(saved.entry, self.get_serializer_context(), saved.state))

    @extend_schema(responses={200: serializers.FragmentSerializer(many=True)})
    @action(detail=True)
    def history(self, request: Request, pk: Any = None) -> Response:
        """Every change of every item, newest first."""
        entry = self.get_object()
        audit.record(request.user, "ecrf.history_read", entry, form=entry.form.key, revision=entry.revision)
        definition = entry.form.published.loaded
        found = queries.history(entry, definition, reader_language())
        found = rights.known_changes(rights.of_entry(request.user, entry), definition, found)
        return Response(serializers.FragmentSerializer(found, many=True).data)

    @extend_schema(request=serializers.ReasonSerializer, responses={200: serializers.EntrySerializer})
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, pk: Any = None) -> Response:
        """From now on nothing of the record changes."""
        return self.answer(services.lock_entry(request.user, self.get_object(), reason(request)))

    @extend_schema(request=serializers.ReasonSerializer, responses={200: serializers.EntrySerializer})
    @action(detail=True, methods=["post"])
    def unlock(self, request: Request, pk: Any = None) -> Response:
        """Let the record be changed again; a reason is needed."""
        return self.answer(services.unlock_entry(request.user, self.get_object(), reason(request)))

    @extend_schema(request=serializers.SignSerializer, responses={201: serializers.SignatureSerializer})
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: Any = None) -> Response:
        """Sign a complete page at the revision that was read; the signer has just said who he is."""
        entry = self.get_object()
        access.require(request.user, permissions.SIGN, entry.subject.project, site=entry.subject.site, obj=entry)
        assert isinstance(request.user, User)
        require_fresh(request._request, request.user)
        asked = serializers.SignSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        signature = services.sign(request.user, entry, **asked.validated_data)
        return Response(serializers.SignatureSerializer(signature).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: serializers.SignatureSerializer(many=True)})
    @action(detail=True)
    def signatures(self, request: Request, pk: Any = None) -> Response:
        """Who signed which page when, and when that was undone."""
        entry = self.get_object()
        may = rights.of_entry(request.user, entry)
        found = entry.signatures.select_related("signer", "undone_by").exclude(page__in=may.hidden)
        return Response(serializers.SignatureSerializer(found, many=True).data)

    @extend_schema(request=serializers.ReasonSerializer, responses={200: serializers.EntrySerializer})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: Any = None) -> Response:
        """Take the record out of the study; a reason is needed, its history stays."""
        return self.answer(services.remove_entry(request.user, self.get_object(), reason(request)))

    @extend_schema(request=serializers.ReasonSerializer, responses={200: serializers.EntrySerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Bring a removed record back; a reason is needed."""
        return self.answer(services.restore_entry(request.user, self.get_object(), reason(request)))

    def answer(self, entry: Entry) -> Response:
        return Response(serializers.EntrySerializer(entry, context=self.get_serializer_context()).data)


def save(request: Request, subject: Subject, form: Form, sheet: engine.Sheet, values: dict[str, Any]) -> services.Saved:
    return services.save_entry(
        request.user,
        subject,
        form,
        values["base_revision"],
        values["values"],
        sheet=sheet,
        notes=values.get("notes"),
        draft=values.get("draft", False),
        source=Source.API,
        complete=values.get("complete"),
        reason=values.get("reason", ""),
        shown=values.get("version"),
    )


def reason(request: Request) -> str:
    asked = serializers.ReasonSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["reason"])


def detail(entry: Entry, context: Mapping[str, Any], state: engine.Evaluated | None = None) -> dict[str, Any]:
    """A record with its values and findings."""
    definition = entry.form.published.loaded
    if state is None:
        context_ = context_of(entry.subject, form=entry.form, definition=definition, sheet=entry.sheet)
        state = engine.evaluate(definition, known(definition, entry.values), context_, notes=entry.notes)
    may = rights.of_entry(context["request"].user, entry)
    state = rights.state_for(may, definition, state)
    language = reader_language()
    findings = [
        {
            "place": finding.place,
            "code": finding.code,
            "severity": finding.severity,
            "message": str(messages.of_finding(finding, definition, language)),
        }
        for finding in state.findings
    ]
    shown: dict[str, Any] = serializers.EntryDetailSerializer(
        entry, context={**context, "state": state, "findings": findings}
    ).data
    return shown
