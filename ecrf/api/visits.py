"""Visits, targets and reports over REST."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.access.models import Project, Site
from core.rest.views import ProjectViewSet, View
from ecrf import permissions, queries, reporting, services, visiting
from ecrf.models import Subject, Target, Visit

ACTS = ("plan", "date", "not_done", "back")


class VisitSerializer(serializers.ModelSerializer[Visit]):
    form = serializers.CharField(source="form.key", read_only=True)
    number = serializers.CharField(source="subject.number", read_only=True)
    site = serializers.CharField(source="subject.site.code", read_only=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Visit
        fields = ["id", "subject", "number", "site", "form", "event", "instance", "due", "opens", "closes", "actual"]
        fields += ["planned", "planned_reason", "dated_by_hand", "not_done_reason", "state"]

    def get_state(self, visit: Visit) -> str:
        return str(visiting.state_of(visit, timezone.localdate()))


class NewVisitSerializer(serializers.Serializer[None]):
    subject = serializers.UUIDField()
    form = serializers.SlugField(help_text="Key of the form.")
    event = serializers.CharField(max_length=100)
    day = serializers.DateField(required=False)


class SettleVisitSerializer(serializers.Serializer[None]):
    act = serializers.ChoiceField(choices=ACTS)
    day = serializers.DateField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class VisitViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The visits of subjects: their days, windows and states. Days follow from the form and the records."""

    filterset_fields = {
        "subject": ["exact"],
        "event": ["exact"],
        "due": ["gte", "lte", "isnull"],
        "actual": ["gte", "lte", "isnull"],
    }
    queryset = Visit.objects.select_related("subject__project", "subject__site", "form__current")
    serializer_class = VisitSerializer

    @extend_schema(request=NewVisitSerializer, responses={201: VisitSerializer})
    def create(self, request: Request) -> Response:
        """Add a visit of an event that is unscheduled or repeats."""
        asked = NewVisitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        subjects = Subject.objects.select_related("project", "site")
        subject: Subject = access.fetch(subjects, request.user, pk=values["subject"])
        form = access.fetch(queries.forms_of(request.user, subject.project), request.user, key=values["form"])
        visit = services.add_visit(request.user, subject, form, values["event"], values.get("day"))
        return Response(self.get_serializer(visit).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SettleVisitSerializer, responses={200: VisitSerializer})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: Any = None) -> Response:
        """Set by hand what can't be computed: another day, the day it took place, why it will not."""
        visit = self.get_object()
        asked = SettleVisitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        settled = services.settle_visit(request.user, visit, values["act"], values.get("day"), values["reason"])
        return Response(self.get_serializer(settled).data)


class TargetSerializer(serializers.ModelSerializer[Target]):
    site = serializers.CharField(source="site.code", read_only=True, default="")

    class Meta:
        model = Target
        fields = ["id", "project", "site", "month", "subjects"]


class NewTargetSerializer(serializers.Serializer[None]):
    project = serializers.SlugField()
    site = serializers.CharField(max_length=50, required=False, allow_blank=True, default="")
    first = serializers.DateField(help_text="A day of the first month.")
    last = serializers.DateField(help_text="A day of the last month.")
    subjects = serializers.IntegerField(min_value=0, max_value=100_000, help_text="A month; 0 takes them away.")


class MonthsSerializer(serializers.Serializer[None]):
    months = serializers.IntegerField()


class TargetViewSet(mixins.ListModelMixin, ProjectViewSet):
    """How many subjects are to be included each month, by site or in the study as a whole."""

    filterset_fields = {"month": ["gte", "lte"]}
    queryset = Target.objects.select_related("site")
    serializer_class = TargetSerializer

    @extend_schema(request=NewTargetSerializer, responses={200: MonthsSerializer})
    def create(self, request: Request) -> Response:
        """Set the target of a range of months, in place of what was said of them."""
        asked = NewTargetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        project: Project = access.fetch(Project.objects.all(), request.user, slug=values["project"])
        site = None
        if values["site"]:
            site = access.fetch(Site.objects.filter(project=project), request.user, code=values["site"])
        months = services.set_targets(request.user, project, site, values["first"], values["last"], values["subjects"])
        return Response({"months": months})


class ReportSerializer(serializers.Serializer[reporting.Report]):
    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField(allow_null=True)))


class ReportView(View):
    """One report of a study, as its reader may see it: shares are from 0 to 1, null where they say nothing."""

    @extend_schema(operation_id="ecrf_report_retrieve", responses=ReportSerializer)
    def get(self, request: Request, project: str, name: str) -> Response:
        found: Project = access.fetch(Project.objects.all(), request.user, slug=project)
        access.require(request.user, permissions.READ, found)
        if name not in reporting.REPORTS:
            raise Http404
        report = reporting.report(request.user, found, name)
        return Response(ReportSerializer(report).data)
