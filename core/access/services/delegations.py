"""Pass some of one's roles on for a while: a membership of its own that never gives more than the one it comes from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, rules
from core.access.models import Membership, Project, Role
from core.access.scope import limits_of
from core.access.signals import membership_ended
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify

LONGEST = timedelta(days=90)


def candidates(membership: Membership) -> list[User]:
    """To whom somebody may pass on his roles: the people of the organisation, himself excepted."""
    assert membership.project is not None  # only roles in a project are passed on
    found = offices.people(membership.project.organisation).exclude(pk=membership.user_id)
    return list(found.order_by("full_name", "email"))


@transaction.atomic
def delegate(
    actor: User, membership: Membership, to: User, roles: Collection[Role], ends_at: datetime, reason: str
) -> Membership:
    """Pass some roles of one's own membership on to a colleague until a date, at the same sites.

    Raises Invalid that names each fault, Refused for a membership that isn't one's own, Conflict where it is over.
    """
    if membership.project is None:
        raise Conflict(_("Only roles in a project can be passed on."), "not-in-a-project")
    if membership.user_id != actor.pk or limits_of(actor) is not None:
        raise rules.Refused(actor, "access.view_project", membership.project, membership)
    source = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    project = source.project
    assert project is not None
    if source.kind != Membership.Kind.ORDINARY or not Membership.objects.active().filter(pk=source.pk).exists():
        raise Conflict(_("Only a membership of your own that counts now can be passed on."), "not-own")
    if project.archived_at is not None:
        raise Conflict(_("This project is archived. Bring it back first."), "project-archived")
    if faults := faults_of(source, to, roles, ends_at, reason):
        raise Invalid(faults)
    if source.delegations.open().filter(user=to).exists():
        raise Conflict(_("You have already passed roles on to this person. End that first."), "already-delegated")
    passed = Membership.objects.create(
        user=to,
        project=project,
        all_sites=source.all_sites,
        ends_at=ends_at,
        given_by=actor,
        kind=Membership.Kind.DELEGATED,
        delegated_from=source,
        reason=reason.strip(),
    )
    passed.roles.set(roles)
    passed.sites.set(source.sites.all())
    keys = sorted(role.key for role in roles)
    audit.record(actor, "access.role_delegated", passed, reason=reason, member=str(to.pk), roles=keys)
    told = {person.pk: person for person in (to, *offices.overseers(project)) if person.pk != actor.pk}
    notify(
        told.values(),
        "access.role_delegated",
        project=project,
        url=project.get_absolute_url(),
        who=str(actor),
        to=str(to),
        where=str(project),
        until=ends_at.date().isoformat(),
    )
    return passed


def faults_of(source: Membership, to: User, roles: Collection[Role], ends_at: datetime, reason: str) -> list[Fault]:
    faults = []
    if not roles:
        faults.append(Fault("roles", "required", _("Choose at least one role.")))
    if set(roles) - set(source.roles.all()):
        faults.append(Fault("roles", "not-held", _("You can pass on only roles that you hold yourself.")))
    now = timezone.now()
    if not now < ends_at <= now + LONGEST:
        message = _("Choose a day within %(days)s days from now.")
        faults.append(Fault("ends_at", "out-of-range", message % {"days": LONGEST.days}))
    elif source.ends_at is not None and ends_at > source.ends_at:
        faults.append(Fault("ends_at", "beyond-own", _("Your own membership ends before that day.")))
    if not reason.strip():
        faults.append(Fault("reason", "required", _("Say why, for those who look at it later.")))
    if to not in candidates(source):
        faults.append(Fault("to", "unknown", _("Choose somebody else of the project or the organisation.")))
    return faults


@transaction.atomic
def end_delegation(actor: User, passed: Membership, reason: str = "") -> None:
    """Take back what was passed on: by who passed it on, who got it, or who manages the members."""
    assert passed.project is not None  # a delegated membership is of a project
    source = passed.delegated_from
    own = limits_of(actor) is None and actor.pk in (passed.user_id, source.user_id if source else None)
    if not own:
        rules.require(actor, "access.manage_members", passed.project, obj=passed)
    if row := Membership.objects.open().select_for_update(of=("self",)).filter(pk=passed.pk).first():
        _end(row, actor, reason)


def end_all(source: Membership, actor: User | None) -> None:
    """What a membership passed on ends with it."""
    for passed in Membership.objects.open().filter(delegated_from=source):
        _end(passed, actor, "")


def _end(passed: Membership, actor: User | None, reason: str) -> None:
    passed.ends_at, passed.ended_by = max(timezone.now(), passed.starts_at), actor
    passed.save(update_fields=["ends_at", "ended_by"])
    audit.record(actor, "access.delegation_ended", passed, reason=reason, member=str(passed.user_id))
    project: Project | None = passed.project
    membership_ended.send(sender=Membership, user=passed.user, project=project)
    if actor is None or passed.user_id != actor.pk:
        notify([passed.user], "access.delegation_ended", project=project, where=str(project))


def carry_over(former: Membership, follower: Membership, actor: User) -> None:
    """What a changed membership had passed on goes on where the new one still has all of it, and ends elsewhere."""
    roles, sites = set(follower.roles.all()), set(follower.sites.all())
    for passed in Membership.objects.open().filter(delegated_from=former).prefetch_related("roles", "sites"):
        within = follower.all_sites or (not passed.all_sites and set(passed.sites.all()) <= sites)
        outlives = follower.ends_at is not None and (passed.ends_at is None or passed.ends_at > follower.ends_at)
        if set(passed.roles.all()) <= roles and within and not outlives:
            passed.delegated_from = follower
            passed.save(update_fields=["delegated_from"])
        else:
            _end(passed, actor, "")
