"""Change what a member may do, and end it: nothing is rewritten, one membership ends and another follows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, rules
from core.access.models import Membership, MembershipQuerySet, Project, Role, Site
from core.access.services import delegations, emergencies, granting, invitations
from core.access.services.granting import Place
from core.access.signals import membership_ended, membership_followed
from core.accounts import farewell, sessions
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.notices.services import notify


def lock(place: Place) -> None:
    """Whoever changes the members of a place waits here for the others who do."""
    type(place)._default_manager.select_for_update(of=("self",)).get(pk=place.pk)


def managers(place: Place) -> MembershipQuerySet:
    """The memberships in the place itself by which somebody lastingly manages its members now."""
    if isinstance(place, Project):
        rows = rules.members_holding("access.manage_members", place).filter(project=place)
        return Membership.objects.filter(pk__in=rows.values("pk")).lasting()
    rows = Membership.objects.active().granting(offices.MANAGE).filter(organisation=place, user__is_active=True)
    return rows.lasting()


def require_another(place: Place, user: User) -> None:
    """Raises Conflict where nobody but this person manages the members."""
    if managers(place).exclude(user=user).exists():
        return
    if isinstance(place, Project):
        words = _("Nobody would be left to manage the members. Give somebody else that role first.")
    else:
        words = _("Nobody would be left to administer the organisation. Give somebody else that role first.")
    raise Conflict(words, "last-manager")


@contextmanager
def watched(places: Iterable[Place]) -> Iterator[None]:
    """What is done here may leave places without a manager, and can't be refused: who may name another is told at once.

    Whoever else changes their members waits.
    """
    ordered = sorted(set(places), key=lambda place: (isinstance(place, Project), place.pk))
    for place in ordered:
        lock(place)
    managed = [place for place in ordered if managers(place).exists()]
    yield
    for place in managed:
        if not managers(place).exists():
            tell_that_nobody_manages(place)


def tell_that_nobody_manages(place: Place) -> None:
    """Of a project the administrators of the organisation hear it; of an organisation, who runs the instance."""
    if isinstance(place, Project):
        told = [row.user for row in managers(place.organisation).select_related("user")]
        project, where = place, reverse("access:members", args=[place.slug])
    else:
        told = list(User.objects.filter(is_administrator=True))
        project, where = None, reverse("access:name_administrator", args=[place.slug])
    notify(told, "access.nobody_manages", project=project, url=where, urgent=True, where=str(place))


@transaction.atomic
def end_membership(actor: User, membership: Membership, reason: str = "") -> None:
    """Remove a member now, from all that he is in the project, whichever of his memberships is named.

    His sessions end, what he passed on to others ends, and what listens to `membership_ended` stops his work there.
    A delegated membership is ended alone, and so is one of an emergency. Raises Conflict when nobody would be left to
    manage the members.
    """
    if membership.kind == Membership.Kind.DELEGATED:
        delegations.end_delegation(actor, membership, reason)
        return
    if membership.kind == Membership.Kind.EMERGENCY:
        emergencies.end_emergency(actor, membership.emergency)
        return
    place = membership.place
    granting.require_manage(actor, place, obj=membership)
    lock(place)  # two managers who remove each other wait here
    current = Membership.objects.get(pk=membership.pk)
    if current.ends_at is not None and current.ends_at <= timezone.now():
        return
    if managers(place).filter(user=current.user).exists():
        require_another(place, current.user)
    here = {"project": place} if isinstance(place, Project) else {"organisation": place}
    invitations.end_ways_back(current.user, Q(**here), actor)
    for each in Membership.objects.open().filter(user=current.user, **here):
        finish(each, actor)
        audit.record(actor, "access.member_removed", each, reason=reason, member=str(each.user_id))
        delegations.end_all(each, actor)
        emergencies.end_with(each, actor)
    sessions.end_all(current.user, farewell.Why.REMOVED)
    left(current.user, place)
    if current.user_id != actor.pk:
        notify([current.user], "access.member_removed", project=current.project, where=str(place), who=str(actor))


def finish(membership: Membership, by: User | None) -> None:
    membership.ends_at = max(timezone.now(), membership.starts_at)
    membership.ended_by = by
    membership.save(update_fields=["ends_at", "ended_by"])


def left(user: User, place: Place) -> None:
    """Say to the rooms above that this person may do less here."""
    projects = [place] if isinstance(place, Project) else list(place.projects.all())
    for project in projects:
        membership_ended.send(sender=Membership, user=user, project=project)


@transaction.atomic
def change_membership(
    actor: User,
    membership: Membership,
    roles: Collection[Role],
    sites: Collection[Site] | None = None,
    ends_at: datetime | None = None,
    reason: str = "",
) -> Membership:
    """Give a member these roles, at these sites (None: all), until this date, in place of what he had.

    Raises Invalid where the actor may not give that, Conflict where the membership is over, or the last manager's.
    """
    place = membership.place
    granting.require_manage(actor, place, obj=membership)
    lock(place)
    current = Membership.objects.open().filter(pk=membership.pk).first()
    if current is None or current.kind != Membership.Kind.ORDINARY:
        raise Conflict(_("This membership has ended or changed meanwhile. Look at the list again."), "membership-over")
    if faults := change_faults(actor, current, roles, sites, ends_at):
        raise Invalid(faults)
    if is_as(current, roles, sites, ends_at):
        return current
    user, was_manager = current.user, managers(place).filter(pk=current.pk).exists()
    could, before = granting.held(user, place), offices.lasting_abilities(user, place)
    finish(current, actor)
    follower = Membership.objects.create(
        user=user,
        project=current.project,
        organisation=current.organisation,
        all_sites=sites is None,
        starts_at=max(timezone.now(), current.starts_at),
        member_since=current.member_since,
        ends_at=ends_at,
        given_by=actor,
        follows=current,
        reason=reason,
    )
    follower.roles.set(roles)
    follower.sites.set(sites or [])
    if was_manager and (ends_at is not None or not managers(place).filter(pk=follower.pk).exists()):
        require_another(place, user)
    audit.record(
        actor,
        "access.member_changed",
        follower,
        reason=reason,
        member=str(user.pk),
        roles=sorted(role.key for role in roles),
        former=sorted(role.key for role in current.roles.all()),
    )
    membership_followed.send(sender=Membership, former=current, follower=follower)
    delegations.carry_over(current, follower, actor)
    granting.tell_of_own_grant(actor, user, place, list(roles), before)
    if user.pk != actor.pk:
        notify(
            [user], "access.member_changed", project=current.project, url=url(place), where=str(place), who=str(actor)
        )
    if could - granting.held(user, place) or not covers(follower, current):
        left(user, place)
    return follower


def url(place: Place) -> str:
    """Where a member reads about the place; a member of an organisation may have no page there."""
    return place.get_absolute_url() if isinstance(place, Project) else ""


def change_faults(
    actor: User,
    current: Membership,
    roles: Collection[Role],
    sites: Collection[Site] | None,
    ends_at: datetime | None,
) -> list[Fault]:
    """What is wrong with a change. What he has already may stay, though the actor couldn't give it."""
    here = set(current.roles.all())
    had = set(current.sites.all())
    wider = (not current.all_sites and (sites is None or set(sites) - had)) or (
        current.ends_at is not None and (ends_at is None or ends_at > current.ends_at)
    )
    given = [role for role in roles if wider or role not in here]
    kept = None if sites is None else [site for site in sites if site not in had]
    place = current.place
    faults = granting.grant_faults(actor, place, given or (roles and []), None, ends_at)
    faults = [fault for fault in faults if fault.code != "required"] if roles else faults
    if sites is not None and (not sites or kept):
        faults += [f for f in granting.grant_faults(actor, place, [], kept or [], None) if f.place == "sites"]
    if ends_at is not None and ends_at == current.ends_at:
        faults = [fault for fault in faults if fault.place != "ends_at"]
    return faults


def is_as(
    current: Membership, roles: Collection[Role], sites: Collection[Site] | None, ends_at: datetime | None
) -> bool:
    """Whether nothing would change."""
    return (
        set(current.roles.all()) == set(roles)
        and current.all_sites == (sites is None)
        and set(current.sites.all()) == set(sites or [])
        and current.ends_at == ends_at
    )


def covers(wide: Membership, narrow: Membership) -> bool:
    """Whether one membership counts at each site where the other does."""
    return wide.all_sites or (not narrow.all_sites and set(narrow.sites.all()) <= set(wide.sites.all()))


def history(membership: Membership) -> list[Membership]:
    """What this person was here before, newest first."""
    rows = Membership.objects.filter(
        user=membership.user_id, project=membership.project_id, organisation=membership.organisation_id
    )
    rows = rows.select_related("given_by", "ended_by", "delegated_from__user").prefetch_related("roles", "sites")
    return list(rows.order_by("-starts_at", "-created_at"))
