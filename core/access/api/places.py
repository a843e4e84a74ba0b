"""Organisations, projects, sites, roles and accounts over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access
from core.access import offices, people, queries, services
from core.access.api import serializers
from core.access.models import Organisation, Project, Role, Site
from core.access.services import roles as editing
from core.accounts.fresh import require_fresh
from core.accounts.models import User
from core.rest.request import Request
from core.rest.views import ProjectViewSet


class ProjectsViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The projects that the caller may open."""

    search_fields = ("name", "slug", "description")
    ordering_fields = ("name", "slug")
    queryset = Project.objects.select_related("organisation").prefetch_related("sites")
    lookup_field = "slug"

    def get_serializer_class(self) -> Any:
        return serializers.ProjectSerializer if self.action == "list" else serializers.ProjectDetailSerializer

    @extend_schema(request=serializers.NewProjectSerializer, responses={201: serializers.ProjectDetailSerializer})
    def create(self, request: Request) -> Response:
        """A new project, whose manager and data controller the caller becomes."""
        form = serializers.NewProjectSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        organisation = offices.fetch(request.user, values.pop("organisation"))
        project = services.create_project(request.user, organisation, **values)
        return Response(self.get_serializer(project).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.ProjectChangeSerializer, responses=serializers.ProjectDetailSerializer)
    def partial_update(self, request: Request, slug: Any = None) -> Response:
        """Rename or describe it, or say whether it can be found; what isn't named stays."""
        project = self.get_object()
        access.require(request.user, "access.manage_project", project)
        form = serializers.ProjectChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        now = {"name": project.name, "description": project.description, "listed": project.listed}
        services.change_project(request.user, project, **{**now, **form.validated_data})
        return Response(self.get_serializer(project).data)

    @extend_schema(request=None, responses=serializers.ProjectDetailSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: Any = None) -> Response:
        """Close it for work: from now on nothing in it is entered or changed."""
        project = self.get_object()
        services.archive_project(request.user, project)
        return Response(self.get_serializer(project).data)

    @extend_schema(request=None, responses=serializers.ProjectDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, slug: Any = None) -> Response:
        """Bring it back from the archive."""
        project = self.get_object()
        services.restore_project(request.user, project)
        return Response(self.get_serializer(project).data)

    @extend_schema(responses=serializers.FindableSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=[])
    def findable(self, request: Request) -> Response:
        """The projects that the caller isn't a member of, and may ask to join."""
        return Response(serializers.FindableSerializer(queries.findable_projects(request.user), many=True).data)


class SiteViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The sites that the caller may see."""

    queryset = Site.objects.select_related("project__organisation")
    serializer_class = serializers.ProjectSiteSerializer

    @extend_schema(request=serializers.NewSiteSerializer, responses={201: serializers.ProjectSiteSerializer})
    def create(self, request: Request) -> Response:
        """One more site of a project."""
        form = serializers.NewSiteSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values = form.validated_data
        site = services.add_site(request.user, values["project"], values["code"], values["name"])
        return Response(self.get_serializer(site).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.SiteNameSerializer, responses=serializers.ProjectSiteSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Another name; the code stays."""
        site = self.get_object()
        access.require(request.user, "access.manage_project", site.project)
        form = serializers.SiteNameSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        services.rename_site(request.user, site, form.validated_data["name"])
        return Response(self.get_serializer(site).data)

    @extend_schema(request=None, responses=serializers.ProjectSiteSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: Any = None) -> Response:
        """Offer it to nobody any more."""
        return self._switched(request, services.retire_site)

    @extend_schema(request=None, responses=serializers.ProjectSiteSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """Offer it again."""
        return self._switched(request, services.reopen_site)

    def _switched(self, request: Request, act: Any) -> Response:
        site = self.get_object()
        act(request.user, site)
        site.refresh_from_db()
        return Response(self.get_serializer(site).data)


class OrganisationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The organisations in which the caller holds a role; all of them for who runs the instance."""

    queryset = Organisation.objects.all()
    serializer_class = serializers.OrganisationSerializer
    lookup_field = "slug"
    filter_backends = ()

    def get_queryset(self) -> QuerySet[Organisation]:
        return (queries.all_organisations(self.request.user) | offices.of(self.request.user)).distinct()

    @extend_schema(request=serializers.NewOrganisationSerializer, responses={201: serializers.OrganisationSerializer})
    def create(self, request: Request) -> Response:
        """A new organisation, whose first administrator is invited. Only by who runs the instance."""
        people.require_administrator(request.user, "access.manage_instance")
        form = serializers.NewOrganisationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        organisation, _invitation = services.create_organisation(request.user, **form.validated_data)
        return Response(self.get_serializer(organisation).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.OrganisationChangeSerializer, responses=serializers.OrganisationSerializer)
    def partial_update(self, request: Request, slug: Any = None) -> Response:
        """Rename it, or say whether its people need a second factor."""
        organisation = self.get_object()
        offices.require(request.user, offices.MANAGE, organisation)
        form = serializers.OrganisationChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        now = {"name": organisation.name, "requires_second_factor": organisation.requires_second_factor}
        services.change_organisation(request.user, organisation, **{**now, **form.validated_data})
        return Response(self.get_serializer(organisation).data)


class RoleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The built-in roles, and those of the organisations whose roles the caller edits."""

    queryset = Role.objects.all()
    serializer_class = serializers.RoleSerializer
    filter_backends = ()
    pagination_class = None

    def get_queryset(self) -> QuerySet[Role]:
        return queries.editable_roles(self.request.user)

    @extend_schema(request=serializers.NewRoleSerializer, responses={201: serializers.RoleSerializer})
    def create(self, request: Request) -> Response:
        """A new role of an organisation."""
        form = serializers.NewRoleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        organisation = offices.fetch(request.user, values["organisation"])
        role = services.make_role(request.user, organisation, self.draft(values, values["level"]))
        return Response(self.get_serializer(role).data, status=status.HTTP_201_CREATED)

    def draft(self, values: dict[str, Any], level: str) -> editing.Draft:
        return editing.Draft(values["name"], frozenset(values["permissions"]), level, values["requires_second_factor"])

    @extend_schema(request=serializers.RoleChangeSerializer, responses=serializers.RoleSerializer)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Change it for all who hold it; 409 «effects-not-seen» where its effects weren't asked for first."""
        role = self.get_object()
        editing.require_manage(request.user, editing.own(role))
        form = serializers.RoleChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        changed = services.change_role(
            request.user, role, self.draft(values, role.level), values["reason"], values["seen"]
        )
        return Response(self.get_serializer(changed).data)

    @extend_schema(request=serializers.RoleChangeSerializer, responses=serializers.EffectsSerializer)
    @action(detail=True, methods=["post"])
    def effects(self, request: Request, pk: Any = None) -> Response:
        """Who would gain and lose what by this change; nothing is saved."""
        role = self.get_object()
        editing.require_manage(request.user, editing.own(role))
        form = serializers.RoleChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        draft = self.draft(form.validated_data, role.level)
        found = editing.effects(role, draft.permissions)
        shown = [
            {
                "membership": effect.membership.pk,
                "person": str(effect.membership.user),
                "place": str(effect.membership.place),
                "gains": [permission.code for permission in effect.gains],
                "loses": [permission.code for permission in effect.loses],
            }
            for effect in found
        ]
        return Response({"seen": editing.fingerprint(role, found, draft), "effects": shown})

    @extend_schema(request=None, responses=serializers.RoleSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: Any = None) -> Response:
        """Give it to nobody any more."""
        role = self.get_object()
        services.retire_role(request.user, role)
        role.refresh_from_db()
        return Response(self.get_serializer(role).data)


class PeopleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Every account, for who runs the instance; to others there is none."""

    queryset = User.objects.all()
    serializer_class = serializers.AccountSerializer
    filter_backends = ()

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.all() if people.is_administrator(self.request.user) else User.objects.none()

    @extend_schema(request=serializers.ReasonSerializer, responses=serializers.AccountSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: Any = None) -> Response:
        """This person signs in no more; all he has open ends now."""
        return self._switched(request, people.close_account)

    @extend_schema(request=serializers.ReasonSerializer, responses=serializers.AccountSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """This person may sign in again."""
        return self._switched(request, people.reopen_account)

    def _switched(self, request: Request, act: Any) -> Response:
        user = self.get_object()
        require_fresh(request._request, request.user)
        form = serializers.ReasonSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        act(request.user, user, form.validated_data["reason"])
        user.refresh_from_db()
        return Response(self.get_serializer(user).data)
