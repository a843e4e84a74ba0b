"""``Authorization: Bearer agent_…``: a program on a machine, which is never a person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backup.models import Agent
from backup.services import agents
from core.db import after_read
from core.rest import limits

RATE = 60_000
"""Units one agent may use a minute: a thousand readings a second, or two hundred objects."""


class Machine(AnonymousUser):
    """Who calls, where it is an agent: nobody, as far as permissions of people go."""

    def __init__(self, agent: Agent) -> None:
        super().__init__()
        self.agent = agent


class AgentAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Machine, None] | None:
        scheme, _space, text = get_authorization_header(request).partition(b" ")
        said = text.decode("ascii", "replace").strip()
        if scheme.lower() != b"bearer" or not said.startswith(agents.PREFIX):
            return None
        agent = agents.find(said)
        if agent is None:
            raise AuthenticationFailed(_("This agent is unknown or was removed. Enrol it again."))
        after_read(lambda: agents.note_seen(agent))
        return Machine(agent), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AgentScheme(OpenApiAuthenticationExtension):
    target_class = "backup.api.machine.AgentAuthentication"
    name = "agent"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        description = "The token that an agent gets when it is enrolled, agent_<key>.<secret>."
        return {"type": "http", "scheme": "bearer", "description": description}


class IsAgent(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return agent_of(request) is not None


class IsAgentOrPerson(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return agent_of(request) is not None or request.user.is_authenticated


class Limit(limits.Limit):
    """Thousands of objects a minute for an agent, from a bucket of its own; for people what they have everywhere."""

    def allow_request(self, request: Request, view: Any) -> bool:
        agent = agent_of(request)
        if agent is None:
            return super().allow_request(request, view)
        bucket = limits.Bucket("agent", str(agent.pk), RATE)
        self.taken = view.taken = limits.take([bucket], limits.cost_of(request, view))
        return self.taken is None or not self.taken.wait


def agent_of(request: Request) -> Agent | None:
    return request.user.agent if isinstance(request.user, Machine) else None
