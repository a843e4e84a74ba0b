"""Agents and their runs over REST, for the people who look after them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backup.api import agent_serializers as serializers
from backup.api.filters import RunFilters
from backup.models import Agent, Run, RunLine
from backup.services import agents, runs
from core.rest import limits
from core.rest.views import ProjectViewSet

NO_STORE = {"Cache-Control": "no-store"}


class AgentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Machines that save their own data or look after a repository."""

    queryset = Agent.objects.select_related("project", "repository")
    serializer_class = serializers.AgentSerializer
    filterset_fields = ["repository", "duty"]
    search_fields = ("name", "host")
    lookup_value_converter = "uuid"

    @extend_schema(request=serializers.NewAgentSerializer, responses={201: serializers.ExpectedAgentSerializer})
    def create(self, request: Request) -> Response:
        """Expect an agent. The answer holds the code that enrols it within an hour, which is kept nowhere."""
        form = serializers.NewAgentSerializer(data=request.data, context=self.get_serializer_context())
        form.is_valid(raise_exception=True)
        made = agents.make_agent(request.user, **form.validated_data)
        return self.expected(made, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: serializers.ExpectedAgentSerializer})
    @action(detail=True, methods=["post"])
    def code(self, request: Request, pk: Any = None) -> Response:
        """Another code, for an agent that was never enrolled. 409 once it is."""
        return self.expected(agents.renew_code(request.user, self.get_object()), status.HTTP_200_OK)

    @extend_schema(request=serializers.SealedKeySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def key(self, request: Request, pk: Any = None) -> Response:
        """Hand the agent its keyfile, sealed to `seal_to` (HPKE of suite 1, use `keyfile`, context its id, 16 bytes).

        The badge is let into the repository: the master signed it. 422 for another role than the duty takes.
        """
        form = serializers.SealedKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        agents.deliver_key(request.user, self.get_object(), **form.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Remove an agent: its token opens nothing, its runs stop, its plans end. What it saved stays."""
        agents.remove_agent(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def expected(self, made: agents.Expected, code: int) -> Response:
        shown = {**self.get_serializer(made.agent).data, "code": made.code}
        return Response(shown, status=code, headers=NO_STORE)


class RunViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What agents do and did, newest first."""

    queryset = Run.objects.select_related("project", "plan", "agent", "asked_by", "snapshot")
    serializer_class = serializers.RunSerializer
    filterset_class = RunFilters
    costs = {"lines": limits.EXPORT}
    lookup_value_converter = "uuid"

    @extend_schema(request=None, responses=serializers.RunSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: Any = None) -> Response:
        """Stop a run: at once if it waits, at its next report if it goes on. 409 once it has ended."""
        return Response(self.get_serializer(runs.ask_stop(request.user, self.get_object())).data)

    @extend_schema(responses=serializers.RunLineSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def lines(self, request: Request, pk: Any = None) -> Response:
        """What a run has said so far; it may name files."""
        rows = RunLine.objects.filter(run=self.get_object()).order_by("number")
        return Response(serializers.RunLineSerializer(rows, many=True).data)
