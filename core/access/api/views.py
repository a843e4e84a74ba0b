"""Members, invitations, delegations and requests to join over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core import access
from core.access import offices, queries, services
from core.access.api import serializers
from core.access.models import Invitation, JoinRequest, Membership, Project
from core.access.services.delegations import candidates
from core.access.services.invitations import names_administrator
from core.accounts.models import User
from core.errors import Fault, Invalid
from core.rest.bulk import BulkViewSet
from core.rest.request import Request
from core.rest.views import ProjectViewSet, View


def grant(project: Project, values: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Roles, sites (None: all) and end, as the services take them."""
    sites = queries.named_sites(project, values["sites"]) if "sites" in values else None
    return queries.named_roles(project, values["roles"]), sites, values.get("ends_at")


class MembershipViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The people who have access now, project by project."""

    queryset = Membership.objects.all()
    serializer_class = serializers.MembershipSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        return queries.memberships(self.request.user)

    @extend_schema(request=serializers.ChangeSerializer, responses=serializers.MembershipSerializer)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Give these roles, at these sites, until this date, in place of what was held: answers the new membership."""
        membership = self.get_object()
        access.require(request.user, "access.manage_members", membership.project, obj=membership)
        form = serializers.ChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        changed = services.change_membership(
            request.user, membership, *grant_held(membership, values), values.get("reason", "")
        )
        return Response(self.get_serializer(changed).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Remove a member: his sessions, tokens, sockets and work in the project end at once."""
        services.end_membership(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


def grant_held(membership: Membership, values: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The same for a change: retired roles that are held may be named too."""
    held = {role.key: role for role in membership.roles.all()}
    roles = [held[key] for key in values["roles"] if key in held]
    others = {**values, "roles": [key for key in values["roles"] if key not in held]}
    named, sites, ends_at = grant(membership.project, others)  # type: ignore[arg-type]
    return [*roles, *named], sites, ends_at


class InvitationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, BulkViewSet):
    """Offers of membership that wait for an answer."""

    bulk_acts = ("create", "delete")
    queryset = Invitation.objects.all()
    serializer_class = serializers.InvitationSerializer

    def get_queryset(self) -> QuerySet[Invitation]:
        return queries.invitations(self.request.user)

    @extend_schema(request=serializers.NewInvitationSerializer, responses={201: serializers.InvitationSerializer})
    def create(self, request: Request) -> Response:
        """Invite somebody by mail, into a project or an organisation."""
        form = serializers.NewInvitationSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values = form.validated_data
        if ("project" in values) == ("organisation" in values):
            raise Invalid([Fault("project", "one-of", _("Name a project or an organisation, not both."))])
        if "project" in values:
            place: Any = values["project"]
            access.require(request.user, "access.manage_members", place)
            roles, sites, ends_at = grant(place, values)
        else:
            place = self.organisation(request, values["organisation"])
            roles, sites, ends_at = queries.named_offices(place, values["roles"]), None, values.get("ends_at")
        invitation = services.invite(request.user, place, values["email"], roles, sites, ends_at, values["days"])
        return Response(self.get_serializer(invitation).data, status=status.HTTP_201_CREATED)

    def organisation(self, request: Request, slug: str) -> Any:
        everywhere = queries.all_organisations(request.user)
        place = everywhere.filter(slug=slug).first() or offices.fetch(request.user, slug)
        if not names_administrator(request.user, place):
            offices.require(request.user, offices.MANAGE, place)
        return place

    @extend_schema(request=serializers.DaysSerializer, responses=serializers.InvitationSerializer)
    @action(detail=True, methods=["post"])
    def again(self, request: Request, pk: Any = None) -> Response:
        """Send a new link for the same offer; the former works no more."""
        form = serializers.DaysSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        row = services.send_again(request.user, self.get_object(), form.validated_data["days"])
        return Response(self.get_serializer(row).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Withdraw an invitation: its link works no more."""
        services.revoke_invitation(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class DelegationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Roles that somebody passed on for a while, in the projects whose members the caller may see."""

    queryset = Membership.objects.all()
    serializer_class = serializers.MembershipSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        return queries.memberships(self.request.user).filter(kind=Membership.Kind.DELEGATED)

    @extend_schema(request=serializers.NewDelegationSerializer, responses={201: serializers.MembershipSerializer})
    def create(self, request: Request) -> Response:
        """Pass some of one's own roles on."""
        form = serializers.NewDelegationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        mine = queries.memberships(request.user).filter(user=request.user)
        membership = get_object_or_404(mine, pk=values["membership"])
        to = next((person for person in candidates(membership) if person.pk == values["to"]), None)
        if to is None:
            raise Invalid([Fault("to", "unknown", _("Choose somebody else of the project or the organisation."))])
        roles = queries.named_roles(membership.project, values["roles"])  # type: ignore[arg-type]
        passed = services.delegate(request.user, membership, to, roles, values["ends_at"], values["reason"])
        return Response(self.get_serializer(passed).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Take it back: by who passed it on, who got it, or who manages the members."""
        services.end_delegation(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class JoinRequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The caller's own requests to join, and those that he answers."""

    queryset = JoinRequest.objects.all()
    serializer_class = serializers.JoinRequestSerializer

    def get_queryset(self) -> QuerySet[JoinRequest]:
        return queries.join_requests(self.request.user)

    @extend_schema(request=serializers.NewJoinRequestSerializer, responses={201: serializers.JoinRequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask to join a project that the caller may find."""
        form = serializers.NewJoinRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        project = get_object_or_404(queries.findable_projects(request.user), slug=form.validated_data["project"])
        asked = services.ask_to_join(request.user, project, form.validated_data["reason"])
        return Response(self.get_serializer(asked).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.GrantSerializer, responses=serializers.MembershipSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: Any = None) -> Response:
        """Make who asked a member with these roles."""
        asked = self.get_object()
        access.require(request.user, "access.manage_members", asked.project, obj=asked)
        form = serializers.GrantSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        membership = services.accept_request(request.user, asked, *grant(asked.project, form.validated_data))
        return Response(serializers.MembershipSerializer(membership).data)

    @extend_schema(request=serializers.AnswerSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: Any = None) -> Response:
        """Say no, with words that the person who asked reads."""
        asked = self.get_object()
        access.require(request.user, "access.manage_members", asked.project, obj=asked)
        form = serializers.AnswerSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        services.decline_request(request.user, asked, form.validated_data["answer"])
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Ask no more."""
        services.withdraw_request(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(View, generics.RetrieveAPIView[User]):
    """The caller himself."""

    serializer_class = serializers.MeSerializer

    def get_object(self) -> User:
        return self.request.user
