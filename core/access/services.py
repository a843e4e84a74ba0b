"""Let people in and out, and keep the projects they work in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit
from core.access import rules
from core.access.models import Invitation, Membership, Organisation, Project, Role, Site
from core.access.signals import membership_ended
from core.accounts import sessions
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid

RESERVED = {"new"}
"""Addresses below /projects/ that are not projects'."""
INVITATION_LASTS = timedelta(days=7)


@transaction.atomic
def invite(
    actor: User,
    project: Project,
    email: str,
    roles: Collection[Role],
    sites: Collection[Site] | None = None,
    ends_at: datetime | None = None,
) -> Invitation:
    """Offer a membership by mail. `sites` None means all of them.

    Raises Invalid when the roles, sites or dates don't fit the project.
    """
    rules.require(actor, "access.manage_members", project)
    faults = grant_faults(project, roles, sites, ends_at)
    if not email.strip():
        faults.append(Fault("email", "required", _("Say whom to invite.")))
    if faults:
        raise Invalid(faults)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email.strip().lower(),
        project=project,
        all_sites=sites is None,
        membership_ends_at=ends_at,
        secret_hash=fingerprint(secret),
        invited_by=actor,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    invitation.roles.set(roles)
    invitation.sites.set(sites or [])
    audit.record(actor, "access.member_invited", invitation, roles=sorted(role.key for role in roles))
    transaction.on_commit(lambda: send_invitation(invitation, secret), robust=True)
    return invitation


def grant_faults(
    project: Project, roles: Collection[Role], sites: Collection[Site] | None, ends_at: datetime | None
) -> list[Fault]:
    """What is wrong with giving these roles, at these sites, until this date."""
    faults = []
    if not roles:
        faults.append(Fault("roles", "required", _("Choose at least one role.")))
    faults += [
        Fault("roles", "not-here", _("The role «%(role)s» is not one of this project.") % {"role": role})
        for role in roles
        if role.level != Role.Level.PROJECT or role.organisation_id not in (None, project.organisation_id)
    ]
    if sites is not None and (not sites or any(site.project_id != project.pk for site in sites)):
        faults.append(Fault("sites", "required", _("Choose sites of this project, or all of them.")))
    if ends_at is not None and ends_at <= timezone.now():
        faults.append(Fault("ends_at", "past", _("The end is in the past.")))
    return faults


def send_invitation(invitation: Invitation, secret: str) -> None:
    link = settings.PUBLIC_URL + reverse("access:accept", args=[secret])
    user = User.objects.filter(email=invitation.email).first()
    with translation.override(user.language if user else invitation.invited_by.language):
        text = render_to_string("access/mail/invitation.txt", {"invitation": invitation, "link": link})
        send_mail(_("You are invited to work together"), text, None, [invitation.email])


def open_invitations(secret: str) -> QuerySet[Invitation]:
    """The invitation that a link's secret opens, if it still does."""
    now = timezone.now()
    return Invitation.objects.filter(
        Q(membership_ends_at=None) | Q(membership_ends_at__gt=now),
        secret_hash=fingerprint(secret),
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=now,
    )


@transaction.atomic
def accept(secret: str, user: User | None, full_name: str = "", password: str = "") -> Membership:
    """Become a member through an invitation's link, making the account first where there is none.

    The link went to the invited address, so following it proves the address. Raises Conflict when the link was used,
    has expired, or is another person's.
    """
    invitation = open_invitations(secret).select_for_update(of=("self",)).first()
    if invitation is None or not rules.can(invitation.invited_by, "access.manage_members", invitation.project):
        raise Conflict(_("This invitation was used, withdrawn or has expired. Ask for a new one."), "invitation-over")
    if user is None:
        if User.objects.filter(email=invitation.email).exists():
            raise Conflict(_("This address has an account: sign in first."), "sign-in-first")
        user = User.objects.create_user(invitation.email, password, full_name=full_name)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        audit.record(user, "access.account_created", user, project=invitation.project)
    elif user.email != invitation.email:
        raise Conflict(_("This invitation was sent to another address."), "another-address")
    membership = Membership.objects.create(
        user=user, project=invitation.project, all_sites=invitation.all_sites, ends_at=invitation.membership_ends_at
    )
    membership.roles.set(invitation.roles.all())
    membership.sites.set(invitation.sites.all())
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    audit.record(user, "access.invitation_accepted", membership)
    return membership


@transaction.atomic
def revoke_invitation(actor: User, invitation: Invitation) -> None:
    """The link works no more."""
    rules.require(actor, "access.manage_members", invitation.project)
    waiting = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if waiting.update(revoked_at=timezone.now()):
        audit.record(actor, "access.invitation_revoked", invitation)


@transaction.atomic
def end_membership(actor: User, membership: Membership, reason: str = "") -> None:
    """Remove a member now, from all that he is in the project, whichever of his memberships is named.

    His sessions end, and what listens to `membership_ended` stops his work in the project.

    Raises Conflict when nobody would be left to manage the members.
    """
    project = membership.project
    if project is None:
        raise ValueError("memberships of organisations are ended by the administrators")
    rules.require(actor, "access.manage_members", project, obj=membership)
    Project.objects.select_for_update().get(pk=project.pk)  # two managers who remove each other wait here
    current = Membership.objects.get(pk=membership.pk)
    if current.ends_at is not None and current.ends_at <= timezone.now():
        return
    managers = rules.members_holding("access.manage_members", project).filter(project=project)
    if {manager.user_id for manager in managers} == {current.user_id}:
        raise Conflict(
            _("Nobody would be left to manage the members. Give somebody else that role first."), "last-manager"
        )
    ways_back = Invitation.objects.filter(Q(email=current.user.email) | Q(invited_by=current.user), project=project)
    for invitation in ways_back.filter(accepted_at=None, revoked_at=None):
        revoke_invitation(actor, invitation)  # first: one that is being accepted is waited for, and ended below
    now = timezone.now()
    for each in Membership.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), user=current.user, project=project):
        each.ends_at = max(now, each.starts_at)
        each.ended_by = actor
        each.save(update_fields=["ends_at", "ended_by"])
        audit.record(actor, "access.member_removed", each, reason=reason, member=str(each.user_id))
    sessions.end_all(current.user)
    membership_ended.send(sender=Membership, user=current.user, project=project)


@transaction.atomic
def create_project(actor: User, organisation: Organisation, name: str, description: str = "") -> Project:
    """A new project, in which the actor becomes manager and data controller until he names others."""
    membership = (
        Membership.objects.active()
        .granting("access.create_project")
        .filter(user=actor, organisation=organisation)
        .exists()
    )
    if not membership:
        raise rules.Refused(actor, "access.create_project", None, organisation)
    slug = slugify(name)[:60]
    if not slug or slug in RESERVED or Project.objects.filter(slug=slug).exists():
        raise Invalid([Fault("name", "taken", _("Choose another name: this one is empty or taken."))])
    project = Project.objects.create(organisation=organisation, name=name.strip(), slug=slug, description=description)
    audit.record(actor, "access.project_created", project, project=project)
    return project


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
