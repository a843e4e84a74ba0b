"""Let people in by mail: an offer of membership whose link works once, until it expires."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.access import offices, people
from core.access.models import Invitation, Membership, Organisation, Role, Site
from core.access.services import granting
from core.access.services.granting import Place
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid

LASTS, LONGEST = 7, 30
"""Days that an invitation works, unless somebody says otherwise, and at most."""
REMIND_BEFORE = timedelta(days=2)


@transaction.atomic
def invite(
    actor: User,
    place: Place,
    email: str,
    roles: Collection[Role],
    sites: Collection[Site] | None = None,
    ends_at: datetime | None = None,
    days: int = LASTS,
) -> Invitation:
    """Offer a membership of a project or an organisation by mail. `sites` None means all of them.

    Raises Invalid when the roles, sites or dates don't fit the place, or open more than the actor may give.
    """
    if not names_administrator(actor, place):
        granting.require_manage(actor, place)
    granting.require_open(place)
    faults = granting.grant_faults(actor, place, roles, sites, ends_at)
    if not email.strip():
        faults.append(Fault("email", "required", _("Say whom to invite.")))
    faults += day_faults(days)
    if faults:
        raise Invalid(faults)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email.strip().lower(),
        **{"organisation" if isinstance(place, Organisation) else "project": place},
        all_sites=sites is None,
        membership_ends_at=ends_at,
        secret_hash=fingerprint(secret),
        invited_by=actor,
        expires_at=timezone.now() + timedelta(days=days),
    )
    invitation.roles.set(roles)
    invitation.sites.set(sites or [])
    audit.record(actor, "access.member_invited", invitation, roles=sorted(role.key for role in roles), days=days)
    transaction.on_commit(lambda: send_invitation(invitation, secret), robust=True)
    return invitation


def names_administrator(actor: User, place: Place) -> bool:
    """Who runs the instance names the administrators of organisations, who read no health data."""
    return isinstance(place, Organisation) and people.is_administrator(actor)


def day_faults(days: int) -> list[Fault]:
    if 1 <= days <= LONGEST:
        return []
    message = _("An invitation works for 1 to %(most)s days.")
    return [Fault("days", "out-of-range", message % {"most": LONGEST})]


def send_invitation(invitation: Invitation, secret: str) -> None:
    link = settings.PUBLIC_URL + reverse("access:accept", args=[secret])
    user = User.objects.filter(email=invitation.email).first()
    with translation.override(user.language if user else invitation.invited_by.language):
        text = render_to_string("access/mail/invitation.txt", {"invitation": invitation, "link": link})
        send_mail(_("You are invited to work together"), text, None, [invitation.email])


def open_invitations(secret: str) -> QuerySet[Invitation]:
    """The invitation that a link's secret opens, if it still does."""
    return waiting().filter(secret_hash=fingerprint(secret), expires_at__gt=timezone.now())


def waiting() -> QuerySet[Invitation]:
    """Those without an answer; also where the link has expired and may be sent again."""
    ends = Q(membership_ends_at=None) | Q(membership_ends_at__gt=timezone.now())
    return Invitation.objects.filter(ends, accepted_at=None, revoked_at=None)


def still_stands(invitation: Invitation) -> bool:
    """Whether who offered this may still offer it."""
    inviter, place = invitation.invited_by, invitation.place
    if isinstance(place, Organisation) and names_administrator(inviter, place):
        return True
    if not granting.may_manage(inviter, place):
        return False
    sites = None if invitation.all_sites else list(invitation.sites.all())
    return not granting.grant_faults(inviter, place, list(invitation.roles.all()), sites, None)


@transaction.atomic
def accept(secret: str, user: User | None, full_name: str = "", password: str = "", language: str = "") -> Membership:
    """Become a member through an invitation's link, making the account first where there is none.

    A new account speaks the language in which the invitation is read, otherwise that of who sent it.

    The link went to the invited address, so following it proves the address. Raises Conflict when the link was used,
    has expired, or is another person's.
    """
    invitation = open_invitations(secret).select_for_update(of=("self",)).first()
    if invitation is None or not still_stands(invitation):
        raise Conflict(_("This invitation was used, withdrawn or has expired. Ask for a new one."), "invitation-over")
    place = invitation.place
    granting.require_open(place)
    if user is None:
        if User.objects.filter(email=invitation.email).exists():
            raise Conflict(_("This address has an account: sign in first."), "sign-in-first")
        language = language or invitation.invited_by.language
        user = User.objects.create_user(invitation.email, password, full_name=full_name, language=language)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        audit.record(user, "access.account_created", user, project=invitation.project)
    elif user.email != invitation.email:
        raise Conflict(_("This invitation was sent to another address."), "another-address")
    before = offices.lasting_abilities(user, place)
    membership = Membership.objects.create(
        user=user,
        project=invitation.project,
        organisation=invitation.organisation,
        all_sites=invitation.all_sites,
        ends_at=invitation.membership_ends_at,
        given_by=invitation.invited_by,
    )
    membership.roles.set(invitation.roles.all())
    membership.sites.set(invitation.sites.all())
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    audit.record(user, "access.invitation_accepted", membership)
    granting.tell_of_own_grant(invitation.invited_by, user, place, list(membership.roles.all()), before)
    return membership


@transaction.atomic
def revoke_invitation(actor: User, invitation: Invitation) -> None:
    """The link works no more."""
    if not names_administrator(actor, invitation.place):
        granting.require_manage(actor, invitation.place)
    _withdraw(invitation, actor)


def _withdraw(invitation: Invitation, by: User | None) -> None:
    if waiting().filter(pk=invitation.pk).update(revoked_at=timezone.now()):
        audit.record(by, "access.invitation_revoked", invitation)


def end_ways_back(user: User, here: Q, by: User | None) -> None:
    """Withdraw what was sent to him or by him here, before he is removed: one that is being accepted is waited for."""
    for invitation in Invitation.objects.filter(here, Q(email=user.email) | Q(invited_by=user), accepted_at=None):
        _withdraw(invitation, by)


@transaction.atomic
def send_again(actor: User, invitation: Invitation, days: int = LASTS) -> Invitation:
    """A new link for the same offer, by mail, in the name of who sends it; the former link works no more.

    Raises Conflict where it was answered or withdrawn meanwhile, Invalid where the actor may not offer this.
    """
    if not names_administrator(actor, invitation.place):
        granting.require_manage(actor, invitation.place)
    granting.require_open(invitation.place)
    row = waiting().select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    if row is None:
        raise Conflict(_("This invitation was answered or withdrawn meanwhile."), "invitation-over")
    sites = None if row.all_sites else list(row.sites.all())
    faults = granting.grant_faults(actor, row.place, list(row.roles.all()), sites, row.membership_ends_at)
    if faults := faults + day_faults(days):
        raise Invalid(faults)
    row.invited_by, row.expires_at, row.reminded_at = actor, timezone.now() + timedelta(days=days), None
    renew(row)
    audit.record(actor, "access.invitation_sent_again", row, days=days)
    return row


def renew(row: Invitation) -> None:
    secret = secrets.token_urlsafe(32)
    row.secret_hash = fingerprint(secret)
    row.save(update_fields=["secret_hash", "invited_by", "expires_at", "reminded_at"])
    transaction.on_commit(lambda: send_invitation(row, secret), robust=True)


def remind() -> int:
    """Write once more to who hasn't answered two days before the link expires. Gives how many.

    Only the hash of a link is kept, so the reminder brings a new link in place of the former.
    """
    now = timezone.now()
    due = waiting().filter(
        reminded_at=None,
        expires_at__gt=now,
        expires_at__lte=now + REMIND_BEFORE,
        created_at__lt=F("expires_at") - REMIND_BEFORE * 2,
    )
    reminded = 0
    for key in due.values_list("pk", flat=True):
        with transaction.atomic():
            row = due.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
            if row is not None and still_stands(row):
                row.reminded_at = now
                renew(row)
                audit.record(None, "access.invitation_reminded", row)
                reminded += 1
    return reminded


def fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def forget(person: User, _name: str, address: str) -> None:
    """What an erased person accepted stays, without his address."""
    follow(person.email, address)


def follow(former: str, address: str) -> None:
    """Accepted invitations go with the address of who accepted them: by it one finds that they are his."""
    Invitation.objects.filter(email__iexact=former).exclude(accepted_at=None).update(email=address.lower())


def on_address_changed(from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_signal: Any) -> None:
    if from_email_address is not None:
        follow(from_email_address.email, to_email_address.email)
