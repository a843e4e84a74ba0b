"""Projects, members and invitations over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, status
from rest_framework.response import Response

from core import access
from core.access import queries, services
from core.access.api import serializers
from core.access.models import Invitation, Membership, Project
from core.accounts.models import User
from core.rest.request import Request
from core.rest.views import ProjectViewSet


class ProjectsViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The projects that the caller may open."""

    queryset = Project.objects.select_related("organisation").prefetch_related("sites")
    lookup_field = "slug"

    def get_serializer_class(self) -> Any:
        return serializers.ProjectSerializer if self.action == "list" else serializers.ProjectDetailSerializer


class MembershipViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The people who have access now, project by project."""

    queryset = Membership.objects.all()
    serializer_class = serializers.MembershipSerializer

    def get_queryset(self) -> QuerySet[Membership]:
        return queries.memberships(self.request.user)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Remove a member: his sessions, tokens, sockets and work in the project end at once."""
        services.end_membership(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Offers of membership that wait for an answer."""

    queryset = Invitation.objects.all()
    serializer_class = serializers.InvitationSerializer

    def get_queryset(self) -> QuerySet[Invitation]:
        return queries.invitations(self.request.user)

    @extend_schema(request=serializers.NewInvitationSerializer, responses={201: serializers.InvitationSerializer})
    def create(self, request: Request) -> Response:
        """Invite somebody by mail."""
        form = serializers.NewInvitationSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        values = form.validated_data
        project = values["project"]
        access.require(request.user, "access.manage_members", project)
        invitation = services.invite(
            request.user,
            project,
            values["email"],
            queries.named_roles(project, values["roles"]),
            queries.named_sites(project, values["sites"]) if "sites" in values else None,
            values.get("ends_at"),
        )
        return Response(self.get_serializer(invitation).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Withdraw an invitation: its link works no more."""
        services.revoke_invitation(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(generics.RetrieveAPIView[User]):
    """The caller himself."""

    request: Request
    serializer_class = serializers.MeSerializer

    def get_object(self) -> User:
        return self.request.user
