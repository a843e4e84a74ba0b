"""Ask to become a member of a project of one's organisation, and be answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, queries, rules
from core.access.models import JoinRequest, Membership, Project, Role, Site
from core.access.services import granting, members
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify

LONGEST_REASON = 2000


@transaction.atomic
def ask_to_join(actor: User, project: Project, reason: str) -> JoinRequest:
    """Ask the managers of a project that one may find. Raises Invalid without a reason, Conflict if asked already."""
    if not queries.findable_projects(actor).filter(pk=project.pk).exists():
        raise rules.Refused(actor, "access.view_project", project, project)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid([Fault("reason", "required", _("Say in a few sentences why you want to join."))])
    try:
        with transaction.atomic():
            asked = JoinRequest.objects.create(user=actor, project=project, reason=reason)
    except IntegrityError:
        raise Conflict(_("You have already asked: your request waits for an answer."), "request-waits") from None
    audit.record(actor, "access.join_asked", asked)
    rows = rules.members_holding("access.manage_members", project).select_related("user")
    where = reverse("access:requests", args=[project.slug])
    notify(
        [row.user for row in rows], "access.join_asked", project=project, url=where, who=str(actor), where=str(project)
    )
    return asked


@transaction.atomic
def withdraw_request(actor: User, asked: JoinRequest) -> None:
    """Ask no more. Only by who asked."""
    if asked.user_id != actor.pk:
        raise rules.Refused(actor, "access.manage_members", asked.project, asked)
    row = _waiting(asked)
    row.state = JoinRequest.State.WITHDRAWN
    row.answered_at = timezone.now()
    row.save(update_fields=["state", "answered_at"])
    audit.record(actor, "access.join_withdrawn", row)


@transaction.atomic
def accept_request(
    actor: User,
    asked: JoinRequest,
    roles: Collection[Role],
    sites: Collection[Site] | None = None,
    ends_at: datetime | None = None,
) -> Membership:
    """Make who asked a member. Raises Invalid where the actor may not give these roles, Conflict if answered."""
    project = asked.project
    rules.require(actor, "access.manage_members", project, obj=asked)
    granting.require_open(project)
    members.lock(project)
    row = _waiting(asked)
    if faults := granting.grant_faults(actor, project, roles, sites, ends_at):
        raise Invalid(faults)
    if not row.user.is_active:
        raise Conflict(_("The account of this person is closed."), "account-closed")
    before = offices.lasting_abilities(row.user, project)
    membership = Membership.objects.create(
        user=row.user, project=project, all_sites=sites is None, ends_at=ends_at, given_by=actor, reason=row.reason
    )
    membership.roles.set(roles)
    membership.sites.set(sites or [])
    _answer(actor, row, JoinRequest.State.ACCEPTED, "")
    audit.record(actor, "access.join_accepted", membership, member=str(row.user_id), roles=sorted(r.key for r in roles))
    granting.tell_of_own_grant(actor, row.user, project, list(roles), before)
    notify([row.user], "access.join_accepted", project=project, url=project.get_absolute_url(), where=str(project))
    return membership


@transaction.atomic
def decline_request(actor: User, asked: JoinRequest, answer: str) -> None:
    """Say no, with words that the person who asked reads. Raises Invalid without them, Conflict if it was answered."""
    rules.require(actor, "access.manage_members", asked.project, obj=asked)
    if not 0 < len(answer.strip()) <= LONGEST_REASON:
        raise Invalid([Fault("answer", "required", _("Say in a sentence why not: the person who asked reads it."))])
    row = _waiting(asked)
    _answer(actor, row, JoinRequest.State.DECLINED, answer.strip())
    audit.record(actor, "access.join_declined", row)
    notify([row.user], "access.join_declined", url=reverse("access:organisations"), where=str(row.project))


def _waiting(asked: JoinRequest) -> JoinRequest:
    rows = JoinRequest.objects.select_for_update(of=("self",)).select_related("user", "project")
    row = rows.get(pk=asked.pk)
    if row.state != JoinRequest.State.WAITING:
        raise Conflict(_("This request was answered or withdrawn meanwhile."), "request-over")
    return row


def _answer(actor: User, row: JoinRequest, state: str, answer: str) -> None:
    row.state, row.answer, row.answered_by, row.answered_at = state, answer, actor, timezone.now()
    row.save(update_fields=["state", "answer", "answered_by", "answered_at"])
