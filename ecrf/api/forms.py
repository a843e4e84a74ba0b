"""Forms, subjects, records and exports over REST. What changes something calls the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.jobs.models import Job
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet
from ecrf import permissions, queries, services
from ecrf.api import serializers
from ecrf.api.printing import BlankMixin
from ecrf.models import Form, FormVersion


class FormViewSet(BlankMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
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
                kind=values.get("format"),
                language=values["language"],
                translations={other: values["translation"].read()} if values.get("translation") else None,
                ranges=values["ranges"],
                form=form,
            )
            version = services.publish_draft(request.user, draft)
        return Response(
            serializers.VersionDetailSerializer(version, context=self.get_serializer_context()).data,
            status=status.HTTP_201_CREATED,
        )

    @extend_schema(request=serializers.ExportSerializer, responses={202: serializers.JobSerializer})
    @action(detail=True, methods=["post"])
    def export(self, request: Request, pk: Any = None) -> Response:
        """Export the records of the form as a dataset: a job, whose result names the version."""
        asked = serializers.ExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        level = "full" if asked.validated_data["identifiers"] else "coded"
        job = Job.objects.get(pk__in=[services.start_export(request.user, self.get_object(), level=level).job])
        return Response(serializers.JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)


class VersionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Every published version of every form, for good."""

    queryset = FormVersion.objects.select_related("form__current", "form__project", "published_by")

    def get_serializer_class(self) -> Any:
        return serializers.VersionSerializer if self.action == "list" else serializers.VersionDetailSerializer
