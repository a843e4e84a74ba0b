"""What an agent asks and says. It is never a person: its token opens this, and its repository within its duty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from backup import queries
from backup.api import protocol_forms as forms
from backup.api.machine import AgentAuthentication, IsAgent, Limit, agent_of
from backup.models import Agent, Run
from backup.services import agents, runs
from core.errors import Invalid
from core.rest import limits
from core.rest.request import Request
from core.rest.views import View

ASK_AGAIN, ASK_SOON = 20, 3
"""Seconds after which an agent asks what is to be done: usually, and while somebody waits for it.

Each asking takes a few milliseconds and holds nothing. A call that waits for news instead would hold one of the few
threads of the server, and six silent agents would stop everybody.
"""
GUESSES = 60
"""Units in a minute for codes from one address."""
GUESS = 6


class EnrolView(View):
    """Where a program becomes an agent."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    @extend_schema(request=forms.EnrolSerializer, responses={201: forms.EnrolledSerializer})
    def post(self, request: Request) -> Response:
        """Enrol by a code that counts once, within its hour. The answer holds the token, which is kept nowhere."""
        self.taken = limits.take([limits.Bucket("enrol", limits.address().owner, GUESSES)], GUESS)
        if self.taken and self.taken.wait:
            raise limits.TooMany(self.taken.wait)
        form = forms.EnrolSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = agents.enrol(**form.validated_data)
        answer = {**introduced(made.agent), "token": made.token}
        headers = {"Cache-Control": "no-store"}
        return Response(forms.EnrolledSerializer(answer).data, status=status.HTTP_201_CREATED, headers=headers)

    def handle_exception(self, error: Exception) -> Response:
        """A code that enrols nobody is recorded once all else is undone, whatever headers came with it."""
        if isinstance(error, Invalid):
            agents.refuse_enrolment()
        return super().handle_exception(error)


class AgentView(View):
    """What every address for agents alone has in common."""

    authentication_classes = (AgentAuthentication,)
    permission_classes = (IsAgent,)
    throttle_classes = (Limit,)

    def agent(self, request: Request) -> Agent:
        agent = agent_of(request)
        assert agent is not None
        return agent


class StateView(AgentView):
    @extend_schema(responses=forms.StateSerializer)
    def get(self, request: Request) -> Response:
        """Who the agent is, the key that was sealed to it, and its plans with their coming turns. Ask with the ETag."""
        agent = self.agent(request)
        due = queries.to_do(agent)
        waits = any(each.run is not None for each in due) or not agent.key_id or agent.sealed_key
        answer = {
            **introduced(agent),
            "key_id": agent.key_id,
            "sealed_key": bytes(agent.sealed_key),
            "ask_again": ASK_SOON if waits else ASK_AGAIN,
            "plans": due,
        }
        return Response(forms.StateSerializer(answer).data, headers={"Cache-Control": "no-store"})


class KeyView(AgentView):
    @extend_schema(request=forms.HeldKeySerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Say that the key which was sealed to it is kept, or bring the badge of one that was made on the machine."""
        form = forms.HeldKeySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        if given["badge"]:
            agents.take_key(self.agent(request), badge=given["badge"], proof=given["proof"])
        else:
            agents.key_fetched(self.agent(request), given["key_id"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class RunsView(AgentView):
    @extend_schema(request=forms.BeginSerializer, responses={201: forms.HeardSerializer})
    def post(self, request: Request) -> Response:
        """Begin a run, under an id of the agent's own or of one that waits. 409 where the plan has ended or runs."""
        form = forms.BeginSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        with found():
            run = runs.begin(
                self.agent(request), plan_id=given["plan"], run_id=given["id"], started_at=given["started_at"]
            )
        return Response(heard(run), status=status.HTTP_201_CREATED)


class ProgressView(AgentView):
    cost = limits.READ

    @extend_schema(request=forms.ReportSerializer, responses=forms.HeardSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Say how far a run is; the answer says whether it is to stop. What is said twice counts once."""
        form = forms.ReportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with found():
            return Response(heard(runs.report(self.agent(request), pk, forms.report(form.validated_data))))


class EndView(AgentView):
    @extend_schema(request=forms.EndSerializer, responses=forms.HeardSerializer)
    def post(self, request: Request, pk: UUID) -> Response:
        """Say how a run ended, with the snapshot that it made. 422 where the repository holds no such snapshot."""
        form = forms.EndSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        with found():
            run = runs.end(self.agent(request), pk, forms.report(given), forms.outcome(given))
        return Response(heard(run))


class LeaveView(AgentView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """The agent goes for good: its token opens nothing from now on."""
        agents.leave(self.agent(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


@contextmanager
def found() -> Iterator[None]:
    """What the agent has no part in is as unknown to it as what isn't there."""
    try:
        yield
    except runs.NotYours:
        raise Http404 from None


def introduced(agent: Agent) -> dict[str, Any]:
    repository = agent.repository
    return {
        "id": agent.pk,
        "name": agent.name,
        "duty": agent.duty,
        "project": agent.project.name,
        "repository": {
            "id": repository.pk,
            "name": repository.name,
            "number": repository.repository_id,
            "url": f"suite+{settings.PUBLIC_URL}/{repository.pk}",
        },
    }


def heard(run: Run) -> dict[str, Any]:
    """What an agent hears of its run."""
    stop = run.stop_asked_at is not None or not run.is_live
    return {"id": run.pk, "state": run.state, "stop": stop}
