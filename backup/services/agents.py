"""Machines that save their own data: made by a manager, enrolled by a code that counts once, given their key sealed."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from backup.engine.agent import holding
from backup.engine.errors import AlreadyThere, BackupError
from backup.engine.format import cipher, keyfile, layout
from backup.engine.format.keys import Badge, Role
from backup.models import Agent, Plan, Repository, Run
from backup.permissions import MANAGE
from backup.services import objects, plans, runs, stores
from backup.services.checking import validated
from backup.services.refusing import reached
from core import access, audit
from core.errors import Conflict, Fault, Invalid
from core.jobs.services import person

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

PREFIX = "agent_"
LASTS = timedelta(hours=1)
"""How long the code that enrols an agent counts."""
NOTED_EVERY = timedelta(minutes=1)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of Crockford's base 32: none looks like another."""
GROUPS, GROUP = 4, 4
"""Of a code: 80 bits, which nobody guesses."""
ROLE_OF = {Agent.Duty.SAVE: Role.WRITER, Agent.Duty.KEEP: Role.PRUNER, Agent.Duty.CHECK: Role.VERIFIER}
"""The key that each duty works with."""


@dataclass(frozen=True, repr=False)
class Expected:
    """A new agent and the code that enrols it, which exists only here and in the answer to who asked."""

    agent: Agent
    code: str


@dataclass(frozen=True, repr=False)
class Enrolled:
    agent: Agent
    token: str


@transaction.atomic
def make_agent(actor: Actor, project: Project, *, name: str, duty: str, repository: Repository) -> Expected:
    """Expect an agent; give the code that enrols it within an hour. Raises Invalid."""
    access.require(actor, MANAGE, project)
    _check_repository(project, repository)
    agent = Agent(project=project, repository=repository, name=name.strip(), duty=duty, made_by_id=person(actor))
    validated(agent)
    code = _expect(agent)
    agent.save(force_insert=True)
    audit.record(actor, "backup.agent_made", agent, duty=agent.duty)
    return Expected(agent, code)


@transaction.atomic
def renew_code(actor: Actor, agent: Agent) -> Expected:
    """Another code for an agent that was never enrolled; the one before counts no more. Raises Conflict."""
    access.require(actor, MANAGE, agent.project, obj=agent)
    agent = _living(agent)
    if agent.enrolled_at is not None:
        raise Conflict(
            _("This agent is enrolled. To put it on another machine, remove it and make a new one."), "enrolled"
        )
    code = _expect(agent)
    agent.save(update_fields=["code_hash", "code_until"])
    audit.record(actor, "backup.agent_code_renewed", agent)
    return Expected(agent, code)


@transaction.atomic
def enrol(code: str, *, host: str, program: str, seal_to: str) -> Enrolled:
    """Take a code, once, and give the agent its token. Raises Invalid, which tells nothing of the codes there are."""
    faults = [] if _is_public_key(seal_to) else [Fault("seal_to", "invalid", _("This is no public key of X25519."))]
    now = timezone.now()
    expected = Agent.objects.select_for_update(of=("self",)).filter(code_hash=_code_hash(code), removed_at=None)
    agent = expected.filter(code_until__gt=now, enrolled_at=None).select_related("project", "repository").first()
    if agent is None:
        faults.append(Fault("code", "unknown", _("This code is unknown, was used or is over. Have a new one made.")))
    if faults or agent is None:
        raise Invalid(faults)
    secret = secrets.token_urlsafe(32)
    agent.key, agent.secret_hash, agent.seal_to = secrets.token_hex(8), _secret_hash(secret), seal_to.lower()
    agent.code_hash, agent.code_until = "", None
    agent.host, agent.program = host.strip(), program.strip()
    agent.enrolled_at = agent.seen_at = now
    agent.save()
    audit.record(None, "backup.agent_enrolled", agent, duty=agent.duty)
    return Enrolled(agent, f"{PREFIX}{agent.key}.{secret}")


def refuse_enrolment() -> None:
    """A code that enrols nobody was tried: it is recorded, with the address it came from."""
    audit.record(None, "backup.agent_enrolment_refused", outcome="refused")


def find(text: str) -> Agent | None:
    """The agent that this token is of, or None. Takes the same time whether the secret is nearly right or not."""
    if not text.startswith(PREFIX) or len(text) > 200:
        return None
    key, _dot, secret = text.removeprefix(PREFIX).partition(".")
    living = Agent.objects.filter(removed_at=None).select_related("repository__project", "project")
    found = living.filter(key=key).first()
    expected = found.secret_hash if found else _secret_hash("")
    return found if hmac.compare_digest(expected, _secret_hash(secret)) and found and secret else None


def is_token(text: str) -> bool:
    """Whether a program that proves itself so may send a whole object."""
    return find(text) is not None


def note_seen(agent: Agent) -> None:
    """Remember when it was heard of, to the minute."""
    now = timezone.now()
    if agent.seen_at is None or now - agent.seen_at > NOTED_EVERY:
        Agent.objects.filter(pk=agent.pk).update(seen_at=now)


@transaction.atomic
def deliver_key(actor: Actor, agent: Agent, *, sealed: bytes, badge: bytes) -> Agent:
    """Let a key into the repository and hand it, sealed, to its agent. Raises Invalid, Conflict.

    Who does this has the master key: he signed the badge. What is sealed only the agent's machine opens.
    """
    access.require(actor, MANAGE, agent.project, obj=agent)
    agent = _living(agent)
    if agent.enrolled_at is None:
        raise Conflict(_("The agent isn’t enrolled yet: there is nobody to seal the key to."), "not-enrolled")
    if not cipher.SEAL_OVERHEAD < len(sealed) <= keyfile.LONGEST:
        raise Invalid([Fault("sealed", "size", _("This is no sealed keyfile."))])
    _admit(actor, agent, _fitting(agent, badge))
    agent.sealed_key = sealed
    agent.save(update_fields=["key_id", "sealed_key"])
    return agent


@transaction.atomic
def take_key(agent: Agent, *, badge: bytes, proof: bytes) -> Agent:
    """The agent holds a key that was made or brought to its machine: let it in. Raises Invalid, Conflict.

    Badges can be read by many; the proof is a signature that only who has the key can make, for this agent alone.
    """
    agent = _living(agent)
    fitting = _fitting(agent, badge)
    if not cipher.verifies(fitting.verify, proof, holding.words(agent.pk.bytes)):
        raise Invalid([Fault("proof", "unsigned", _("This isn’t signed with the key of the badge."))])
    _admit(None, agent, fitting)
    agent.sealed_key = b""
    agent.save(update_fields=["key_id", "sealed_key"])
    return agent


@transaction.atomic
def key_fetched(agent: Agent, key_id: str) -> None:
    """The agent has opened and kept what was sealed to it: here it is forgotten. Raises Conflict for another key."""
    agent = _living(agent)
    if key_id != agent.key_id:
        raise Conflict(_("Another key was delivered to this agent since."), "other-key")
    agent.sealed_key = b""
    agent.save(update_fields=["sealed_key"])


@transaction.atomic
def remove_agent(actor: Actor, agent: Agent) -> Agent:
    """From now on its token opens nothing, and what it does is stopped; its plans end. What it saved stays.

    Raises Conflict.
    """
    access.require(actor, MANAGE, agent.project, obj=agent)
    agent = _living(agent)
    for plan in Plan.objects.filter(agent=agent, ended_at=None):
        plans.end_plan(actor, plan)
    return _gone(actor, agent)


@transaction.atomic
def leave(agent: Agent) -> Agent:
    """The machine gives its token back. Its plans stay for people to see that nobody runs them any more."""
    return _gone(None, _living(agent))


def _gone(actor: Actor | None, agent: Agent) -> Agent:
    for run in Run.objects.filter(agent=agent, state__in=Run.LIVE).select_for_update(of=("self",)):
        runs.close(run, Run.State.STOPPED, error=_("The agent was removed."))
    agent.removed_at = timezone.now()
    agent.secret_hash = agent.code_hash = ""
    agent.code_until, agent.sealed_key = None, b""
    agent.save()
    audit.record(actor, "backup.agent_removed", agent)
    return agent


def _fitting(agent: Agent, raw: bytes) -> Badge:
    """A badge that the master signed, of a key that fits the agent's duty. Raises Invalid."""
    try:
        badge = objects.verified_badge(agent.repository, raw)
    except BackupError as error:
        message = _("This badge isn’t signed by the master key of the repository.")
        raise Invalid([Fault("badge", "unsigned", message)]) from error
    wanted = ROLE_OF[Agent.Duty(agent.duty)]
    if badge.role is not wanted:
        message = _("This is a %(role)s key; the duty of the agent takes a %(wanted)s key.")
        names = {"role": badge.role.name.lower(), "wanted": wanted.name.lower()}
        raise Invalid([Fault("badge", "role", message % names)])
    return badge


def _admit(actor: Actor | None, agent: Agent, badge: Badge) -> None:
    """Let a key into the repository, for this agent alone. Raises Invalid."""
    Repository.objects.select_for_update(no_key=True).get(pk=agent.repository_id)  # of two agents, one gets it
    raw, key_id = badge.raw, badge.key_id.hex()
    if Agent.objects.filter(repository=agent.repository, key_id=key_id, removed_at=None).exclude(pk=agent.pk).exists():
        raise Invalid([Fault("badge", "taken", _("Another agent works with this key: each needs its own."))])
    name = layout.badge_name(badge.key_id)
    with reached():
        store = stores.store_of(agent.repository)
        try:
            store.create(name, [raw])
        except AlreadyThere:
            if store.read(name) != raw:
                raise Invalid([Fault("badge", "taken", _("The repository has another badge of this key."))]) from None
        else:
            objects.count(agent.repository, len(raw))
    agent.key_id = key_id
    audit.record(actor, "backup.agent_key_delivered", agent, key=key_id)


def _expect(agent: Agent) -> str:
    """A new code, of which only the hash is kept."""
    code = "-".join("".join(secrets.choice(LETTERS) for _letter in range(GROUP)) for _group in range(GROUPS))
    agent.code_hash, agent.code_until = _code_hash(code), timezone.now() + LASTS
    return code


def _check_repository(project: Project, repository: Repository) -> None:
    if repository.project_id != project.pk:
        raise Invalid([Fault("repository", "unknown", _("Choose a repository of this project."))])
    if not repository.is_confirmed:
        message = _("Confirm first that the key of this repository is kept: without it nothing can be restored.")
        raise Invalid([Fault("repository", "unconfirmed", message)])


def _living(agent: Agent) -> Agent:
    rows = Agent.objects.select_for_update(of=("self",)).select_related("project", "repository")
    agent = rows.get(pk=agent.pk)
    if agent.removed_at is not None:
        raise Conflict(_("This agent was removed."), "agent-removed")
    return agent


def _is_public_key(text: str) -> bool:
    """Whether something can be sealed to it: 32 bytes in hex, and no point that gives everybody the same secret."""
    try:
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(text)))
    except ValueError:
        return False
    return True


def _code_hash(code: str) -> str:
    """A code is read aloud and typed: hyphens, spaces and capitals don't count, nor do letters that look alike."""
    typed = code.upper().replace("-", "").replace(" ", "").replace("O", "0").replace("I", "1").replace("L", "1")
    return salted_hmac("backup.agent.code", typed, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()


def _secret_hash(secret: str) -> str:
    return salted_hmac("backup.agent.token", secret, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
