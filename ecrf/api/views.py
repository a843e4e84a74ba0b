"""Forms, subjects, records and exports over REST. What changes something calls the same services as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.access.models import Site
from core.rest.bulk import BulkViewSet
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet
from ecrf import engine, messages, permissions, queries, services
from ecrf.api import serializers
from ecrf.models import Entry, Form, FormVersion, Subject
from ecrf.models.forms import reader_language
from ecrf.services.entries import context_of


class FormViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The published forms, by id."""

    search_fields = ("key", "title")
    ordering_fields = ("key",)
    queryset = Form.objects.filter(current__isnull=False).select_related("current", "project")

    def get_serializer_class(self) -> Any:
        return serializers.FormSerializer if self.action == "list" else serializers.FormDetailSerializer

    @extend_schema(
        request={"multipart/form-data": serializers.DictionarySerializer},
        responses={201: serializers.VersionDetailSerializer},
    )
    @action(detail=False, methods=["post"], url_path="import", url_name="import", parser_classes=[MultiPartParser])
    def import_(self, request: Request) -> Response:
        """Import a form of any format and publish it: a new form, or the next version of one."""
        asked = serializers.DictionarySerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        project = values["project"]
        access.require(request.user, permissions.DESIGN, project)
        form = None
        if key := values.get("form"):
            form = access.fetch(queries.forms_of(request.user, project), request.user, key=key)
        other = "en" if values["language"] == "fr" else "fr"
        file = values.get("file") or values["dictionary"]
        with transaction.atomic():  # a draft that isn't published is of no use here
            draft = services.read_form(
                request.user,
                project,
                file.read(),
                title=values.get("title", ""),
                source=file.name,
                format=values.get("format"),
                language=values["language"],
                translations={other: values["translation"].read()} if values.get("translation") else None,
                ranges=values["ranges"],
                form=form,
            )
            version = services.publish_draft(request.user, draft)
        return Response(serializers.VersionDetailSerializer(version).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ExportSerializer, responses={202: serializers.JobSerializer})
    @action(detail=True, methods=["post"])
    def export(self, request: Request, pk: Any = None) -> Response:
        """Export the records of the form as a dataset: a job, whose result names the version."""
        asked = serializers.ExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job = services.start_export(request.user, self.get_object(), **asked.validated_data)
        return Response(serializers.JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class VersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Every published version of every form, for good."""

    queryset = FormVersion.objects.select_related("form", "published_by")

    def get_serializer_class(self) -> Any:
        return serializers.VersionSerializer if self.action == "list" else serializers.VersionDetailSerializer


class SubjectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, BulkViewSet):
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


class EntryViewSet(mixins.ListModelMixin, BulkViewSet):
    """Records: what was entered for a subject in a form. Lists tell how far they are; one record tells its values."""

    bulk_acts = ("create", "change")
    filterset_fields = {
        "subject": ["exact"],
        "form": ["exact"],
        "is_complete": ["exact"],
        "updated_at": ["gte", "lt"],
        "locked_at": ["isnull"],
    }
    ordering_fields = ("updated_at",)
    queryset = Entry.objects.select_related("subject__project", "subject__site", "form__current", "version")
    serializer_class = serializers.EntrySerializer

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.defer("values") if self.action == "list" else rows

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
        saved = save(request, subject, form, values)
        return Response(detail(saved.entry, self.get_serializer_context(), saved.state), status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ChangesSerializer, responses={200: serializers.EntryDetailSerializer})
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Save changed values on the revision that was read: 409 where it has moved on, 422 where a value is wrong."""
        asked = serializers.ChangesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry = self.get_object()
        saved = save(request, entry.subject, entry.form, asked.validated_data)
        return Response(detail(saved.entry, self.get_serializer_context(), saved.state))

    @extend_schema(responses={200: serializers.FragmentSerializer(many=True)})
    @action(detail=True)
    def history(self, request: Request, pk: Any = None) -> Response:
        """Every change of every item, newest first."""
        entry = self.get_object()
        audit.record(request.user, "ecrf.history_read", entry, form=entry.form.key, revision=entry.revision)
        found = queries.history(entry, entry.form.published.loaded, reader_language())
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

    def answer(self, entry: Entry) -> Response:
        return Response(serializers.EntrySerializer(entry).data)


def save(request: Request, subject: Subject, form: Form, values: dict[str, Any]) -> services.Saved:
    return services.save_entry(
        request.user,
        subject,
        form,
        values["base_revision"],
        values["values"],
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
        known = {key: value for key, value in entry.values.items() if key in definition.items}
        state = engine.evaluate(definition, known, context_of(entry.subject))
    language = reader_language()
    findings = [
        {
            "place": finding.key,
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
