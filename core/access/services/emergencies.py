"""Break the glass: access for a few hours, with a reason and a second factor, seen by the data controller at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, rules
from core.access.models import Emergency, Membership, Organisation, Project, Role
from core.access.scope import limits_of
from core.access.services import granting
from core.access.signals import membership_ended
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify

OPEN = "access.open_emergency"
LETS_IN = "access.manage_members"
"""What no emergency opens: it would let others in."""
LONGEST_TEXT = 2000


@transaction.atomic
def open_emergency(actor: User, project: Project, reason: str) -> Emergency:
    """Give oneself the role that the organisation has fixed for emergencies, in the whole project, for a few hours.

    Whoever calls has just asked the actor for his second factor. Raises Conflict where the organisation fixed no role,
    or one that was retired or changed since, the actor has no second factor or has opened already; Invalid without a
    reason.
    """
    rules.require(actor, OPEN, project)
    if limits_of(actor) is not None:
        raise rules.Refused(actor, OPEN, project, project)  # a program has no emergencies
    granting.require_open(project)
    role = Organisation.objects.select_related("emergency_role").get(pk=project.organisation_id).emergency_role
    if role is None:
        raise Conflict(_("The organisation has not foreseen emergency access."), "not-foreseen")
    if role.retired_at is not None or LETS_IN in role.permissions:
        words = _("The role for emergencies was retired or lets others in: ask the organisation to choose another.")
        raise Conflict(words, "role-unfit")
    if not is_mfa_enabled(actor):
        raise Conflict(_("Emergency access needs a second factor: set one up in your account."), "no-second-factor")
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_TEXT:
        raise Invalid([Fault("reason", "required", _("Say why it can’t wait, without naming a patient."))])
    close_over(actor)
    until = timezone.now() + timedelta(hours=settings.EMERGENCY_HOURS)
    membership = Membership.objects.create(
        user=actor, project=project, kind=Membership.Kind.EMERGENCY, ends_at=until, given_by=actor, reason=reason
    )
    membership.roles.add(role)
    try:
        with transaction.atomic():
            opened = Emergency.objects.create(
                user=actor, project=project, membership=membership, reason=reason, ends_at=until
            )
    except IntegrityError:
        raise Conflict(_("Your emergency access is open already."), "already-open") from None
    audit.record(actor, "access.emergency_opened", opened, reason=reason, until=until.isoformat(), roles=[role.key])
    told = [person for person in offices.overseers(project) if person.pk != actor.pk]
    where = reverse("access:emergencies", args=[project.slug])
    notify(told, "access.emergency_opened", project=project, url=where, urgent=True, who=str(actor), where=str(project))
    return opened


@transaction.atomic
def end_emergency(actor: User, opened: Emergency) -> None:
    """End it before its time: by who opened it, or who oversees the access of the project."""
    if opened.user_id != actor.pk or limits_of(actor) is not None:
        rules.require(actor, offices.OVERSEE, opened.project, obj=opened)
    row = Emergency.objects.select_for_update(of=("self",)).filter(pk=opened.pk, ended_at=None).first()
    if row is not None:
        _end(row, actor, timezone.now())


def close_over(user: User | None = None) -> int:
    """Write the end of what has run out, and end the work that went on under it. Gives how many.

    That it opens nothing any more needs no writing: its membership has an end.
    """
    over = Emergency.objects.filter(ended_at=None, ends_at__lte=timezone.now())
    if user is not None:
        over = over.filter(user=user)
    closed = 0
    for key in over.values_list("pk", flat=True):
        with transaction.atomic():
            row = over.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
            if row is not None:
                _end(row, None, row.ends_at)
                closed += 1
    return closed


def end_with(membership: Membership, actor: User | None) -> None:
    """What somebody opened ends with his being removed."""
    if row := Emergency.objects.filter(membership=membership, ended_at=None).first():
        _end(row, actor, timezone.now())


def _end(row: Emergency, actor: User | None, at: datetime) -> None:
    row.ended_at, row.ended_by = at, actor
    row.save(update_fields=["ended_at", "ended_by"])
    membership = row.membership
    if membership.ends_at is None or membership.ends_at > at:
        membership.ends_at, membership.ended_by = max(at, membership.starts_at), actor
        membership.save(update_fields=["ends_at", "ended_by"])
    audit.record(actor, "access.emergency_ended", row, member=str(row.user_id))
    membership_ended.send(sender=Membership, user=row.user, project=row.project)


@transaction.atomic
def see_emergency(actor: User, opened: Emergency, comment: str) -> None:
    """The data controller has looked at an opening, and says what he thinks of it. Nobody sees his own.

    Raises Conflict while it is open, or where somebody has done so already.
    """
    rules.require(actor, offices.OVERSEE, opened.project, obj=opened)
    if opened.user_id == actor.pk:
        raise Conflict(_("Somebody else looks at what you opened."), "own-emergency")
    if not 0 < len(comment.strip()) <= LONGEST_TEXT:
        raise Invalid([Fault("comment", "required", _("Say in a sentence what you found."))])
    row = Emergency.objects.select_for_update(of=("self",)).get(pk=opened.pk)
    if row.seen_at is not None or (row.ended_at is None and row.ends_at > timezone.now()):
        raise Conflict(_("It is still open, or somebody has looked at it already."), "not-to-see")
    row.seen_by, row.seen_at, row.comment = actor, timezone.now(), comment.strip()
    row.save(update_fields=["seen_by", "seen_at", "comment"])
    audit.record(actor, "access.emergency_seen", row, reason=row.comment)


@transaction.atomic
def choose_emergency_role(actor: User, organisation: Organisation, role: Role | None) -> None:
    """Fix the role that emergencies open in the organisation's projects; none: emergencies open nothing."""
    offices.require(actor, offices.MANAGE, organisation)
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # whoever changes the role meanwhile waits
    if role is not None:
        role.refresh_from_db()
        here = role.organisation_id in (None, organisation.pk) and role.level == Role.Level.PROJECT
        if not here or role.retired_at is not None:
            raise Invalid([Fault("emergency_role", "not-here", _("Choose a role of a project."))])
        if LETS_IN in role.permissions:
            message = _("An emergency lets nobody else in: choose a role that manages no members.")
            raise Invalid([Fault("emergency_role", "manages", message)])
    if organisation.emergency_role_id != (role.pk if role else None):
        organisation.emergency_role = role
        organisation.save(update_fields=["emergency_role"])
        key = role.key if role else ""
        audit.record(actor, "access.emergency_role_chosen", organisation, roles=[key] if key else [])


def may_open(role: Role) -> bool:
    """Whether an emergency may open this role, or has opened it and is open still."""
    chosen = Organisation.objects.filter(emergency_role=role).exists()
    return chosen or Membership.objects.open().filter(kind=Membership.Kind.EMERGENCY, roles=role).exists()


def open_now(user_id: Any, project_id: Any) -> Emergency | None:
    """What this person has open in the project now."""
    rows = Emergency.objects.filter(user=user_id, project=project_id, ended_at=None, ends_at__gt=timezone.now())
    return rows.first()


def mark(actor_id: UUID, project_id: UUID) -> dict[str, str]:
    """What the journal adds to each event of somebody whose emergency access is open there."""
    opened = open_now(actor_id, project_id)
    return {"emergency": str(opened.pk)} if opened else {}
