"""Quality rules, their runs and what they find, over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.rest.views import ProjectViewSet
from ecrf import permissions, rights, services
from ecrf.api import review_serializers as serializers
from ecrf.api.queries import entry_of, form_of
from ecrf.models import QualityExclusion, QualityResult, QualityRule, QualityRun


class QualityRuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The study's own rules; the built-in ones go by their letters, A to I."""

    filterset_fields = {"form": ["exact"], "retired_at": ["isnull"]}
    queryset = QualityRule.objects.select_related("current", "form__current", "form__project")
    serializer_class = serializers.RuleSerializer

    def get_queryset(self) -> Any:
        """Those that read nothing of pages that the caller doesn't see."""
        rows = super().get_queryset()
        ruled = rows.filter(form__page_rules__isnull=False).distinct()
        known = {rule.pk for rule in rights.known_rules(self.request.user, ruled)}
        return rows.exclude(pk__in=[rule.pk for rule in ruled if rule.pk not in known])

    @extend_schema(request=serializers.NewRuleSerializer, responses={201: serializers.RuleSerializer})
    def create(self, request: Request) -> Response:
        """Write a rule: 422 with every fault of it."""
        asked = serializers.NewRuleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {**asked.validated_data}
        form = form_of(request, values.pop("form"))
        needed = {"name": "", "text": "", "message": ""}
        rule = services.save_rule(request.user, form, **{**needed, **values})
        return Response(serializers.RuleSerializer(rule).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ChangedRuleSerializer, responses={200: serializers.RuleSerializer})
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """The next version of a rule."""
        asked = serializers.ChangedRuleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        rule = self.get_object()
        names = ("text", "message", "item", "severity", "at_save")
        held = {"name": rule.name, **{name: getattr(rule.text, name) for name in names}}
        rule = services.save_rule(request.user, rule.form, rule=rule, **{**held, **asked.validated_data})
        return Response(serializers.RuleSerializer(rule).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Retire a rule: it is run no more, and what it found stays."""
        services.retire_rule(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=serializers.CheckSerializer, responses={200: serializers.RuleFindingSerializer(many=True)})
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """Run every rule on one record, now."""
        asked = serializers.CheckSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = services.check_record(request.user, entry_of(request, asked.validated_data["entry"]))
        return Response(serializers.RuleFindingSerializer(found, many=True).data)


class QualityRunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Runs of rules over all records of a form."""

    filterset_fields = {"form": ["exact"], "finished_at": ["isnull"]}
    queryset = QualityRun.objects.select_related("form__project", "author")
    serializer_class = serializers.RunSerializer

    @extend_schema(request=serializers.NewRunSerializer, responses={202: serializers.RunSerializer})
    def create(self, request: Request) -> Response:
        """Run rules over all records: a job."""
        asked = serializers.NewRunSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {**asked.validated_data}
        run = services.start_run(request.user, form_of(request, values.pop("form")), values.pop("rules"), **values)
        return Response(serializers.RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        request=serializers.ResultQueriesSerializer, responses={200: serializers.ResultQueriesAnswerSerializer}
    )
    @action(detail=True, methods=["post"])
    def queries(self, request: Request, pk: Any = None) -> Response:
        """Open a query for each of these findings."""
        run = self.get_object()
        access.require(request.user, permissions.OPEN, run.form.project, obj=run)
        asked = serializers.ResultQueriesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        related = ("entry__subject__site", "entry__subject__project", "entry__form", "entry__version")
        rows = QualityResult.objects.visible_to(request.user).filter(run=run, pk__in=asked.validated_data["results"])
        opened, left = services.query_results(
            request.user, run, rows.select_related(*related), asked.validated_data["text"]
        )
        return Response({"opened": opened, "left": left})


class QualityResultViewSet(mixins.ListModelMixin, ProjectViewSet):
    """What runs found: keys only, no value."""

    filterset_fields = {"run": ["exact"], "rule": ["exact"], "entry": ["exact"], "item": ["exact"], "aside": ["exact"]}
    queryset = QualityResult.objects.select_related("entry__subject").defer("entry__values")
    serializer_class = serializers.ResultSerializer


class QualityExclusionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Findings that are no issue, and why."""

    filterset_fields = {"entry": ["exact"], "rule": ["exact"], "withdrawn_at": ["isnull"]}
    queryset = QualityExclusion.objects.select_related(
        "entry__subject__project", "entry__subject__site", "entry__form", "by"
    ).defer("entry__values")
    serializer_class = serializers.ExclusionSerializer

    @extend_schema(request=serializers.NewExclusionSerializer, responses={201: serializers.ExclusionSerializer})
    def create(self, request: Request) -> Response:
        """Put a finding aside; it comes back with another value."""
        asked = serializers.NewExclusionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {**asked.validated_data}
        made = services.put_aside(request.user, entry_of(request, values.pop("entry")), **values)
        return Response(serializers.ExclusionSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Take it back: it is a finding again."""
        services.take_back(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
