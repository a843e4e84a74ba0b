"""Rights on pages over REST: the rules of a form, put as a whole, and what follows for a person."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access
from core.rest.views import ProjectViewSet
from ecrf import permissions, rights, services
from ecrf.api.queries import form_of
from ecrf.models import PageRule
from ecrf.services.page_rights import Line, people_in


class PageRuleSerializer(serializers.ModelSerializer[PageRule]):
    form = serializers.SlugRelatedField[PageRule](slug_field="key", read_only=True)
    role_name = serializers.SerializerMethodField()
    person_name = serializers.SerializerMethodField()

    class Meta:
        model = PageRule
        fields = ["id", "form", "role", "role_name", "person", "person_name", "page", "access", "leaves", "changed_at"]

    def get_role_name(self, rule: PageRule) -> str | None:
        return str(rule.role) if rule.role else None

    def get_person_name(self, rule: PageRule) -> str | None:
        return str(rule.person) if rule.person else None


class LineSerializer(serializers.Serializer[Any]):
    role = serializers.IntegerField(required=False, allow_null=True, help_text="Id of a role held in the project.")
    person = serializers.UUIDField(required=False, allow_null=True, help_text="Id of a member.")
    page = serializers.CharField(max_length=100, required=False, allow_blank=True, help_text="Empty: every other page.")
    access = serializers.ChoiceField(choices=PageRule.Access.choices)
    leaves = serializers.ChoiceField(choices=PageRule.Leaves.choices, required=False, allow_blank=True, default="")


class PageRulesSerializer(serializers.Serializer[Any]):
    form = serializers.UUIDField(help_text="Id of the form.")
    rules = LineSerializer(many=True, help_text="All of them: what isn't here is taken away.")


class EffectiveSerializer(serializers.Serializer[Any]):
    page = serializers.CharField()
    access = serializers.CharField()
    leaves = serializers.CharField()


class PageRuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Who reads, fills in and exports which page: a rule without role and person is for everybody else."""

    filterset_fields = {"form": ["exact"], "page": ["exact"]}
    queryset = PageRule.objects.select_related("form", "role", "person")
    serializer_class = PageRuleSerializer

    @extend_schema(request=PageRulesSerializer, responses={200: PageRuleSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Put the rules of a form, all of them: 422 with every line that is wrong."""
        asked = PageRulesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        form = form_of(request, asked.validated_data["form"])
        lines = [
            Line(
                one["access"],
                one["leaves"],
                one.get("role"),
                str(one["person"]) if one.get("person") else None,
                one.get("page", ""),
            )
            for one in asked.validated_data["rules"]
        ]
        services.set_page_rights(request.user, form, lines)
        rows = PageRule.objects.filter(form=form).select_related("form", "role", "person")
        return Response(PageRuleSerializer(rows, many=True).data, status=status.HTTP_200_OK)

    @extend_schema(
        parameters=[OpenApiParameter("form", str, required=True), OpenApiParameter("person", str, required=True)],
        responses={200: EffectiveSerializer(many=True)},
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def effective(self, request: Request) -> Response:
        """What follows for a member, all his roles together."""
        form = form_of(request, request.query_params.get("form"))
        access.require(request.user, permissions.MANAGE_RIGHTS, form.project, obj=form)
        person = next(
            (one for one in people_in(form.project) if str(one.pk) == request.query_params.get("person")), None
        )
        if person is None:
            return Response([])
        may, held = rights.of(person, form), access.abilities(person, form.project)
        found = [
            {
                "page": page.key,
                "access": "edit"
                if may.edits(page.key) and permissions.SAVE in held
                else "read"
                if may.reads(page.key) and permissions.READ in held
                else "none",
                "leaves": may.exported(page.key) if permissions.EXPORT in held else "none",
            }
            for page in form.published.loaded.pages
        ]
        return Response(EffectiveSerializer(found, many=True).data)
