"""What a directory may do with people: make accounts, change and close those it made, let go of the others.

Everything is done in the name of nobody: the journal names the directory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from core import audit
from core.access.models import Membership, Organisation
from core.access.people import shut_out
from core.access.services import invitations, members
from core.accounts import mails, sessions
from core.accounts.models import User
from core.scim import granting, rules
from core.scim.engine.errors import INVALID_VALUE, MUTABILITY, UNIQUENESS, Fault
from core.scim.models import Entry, Given, Group

if TYPE_CHECKING:
    from core.scim.models import Directory
    from core.scim.reading import Person

ELSEWHERE = "The person works elsewhere too: the address of the account is changed by the person alone."


def hold(organisation: Organisation) -> None:
    """Of two changes by directories of one organisation, or of its rules, the second waits."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


@transaction.atomic
def create(directory: Directory, wanted: Person) -> User:
    """A new account, or the one again that this organisation's directory had removed. Raises Fault.

    An account that is there already, of whomever, is not taken over.
    """
    hold(directory.organisation)
    if not wanted.email:
        raise Fault(INVALID_VALUE, "An account needs an e-mail address, in “emails” or as “userName”.")
    organisation = directory.organisation
    _refuse_double(directory, wanted, None)
    user = User.objects.filter(email__iexact=wanted.email).first()
    entry = Entry.objects.filter(organisation=organisation, user=user, owned=True).first() if user else None
    if user is not None and (entry is None or entry.removed_at is None or user.is_administrator):
        raise Fault(UNIQUENESS, "This address has an account: invite the person, or find it by a filter.", 409)
    if user is None:
        user = User.objects.create_user(wanted.email, full_name=wanted.full_name, language=language_of(wanted))
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        entry = Entry(organisation=organisation, user=user, owned=True)
    assert entry is not None
    entry.removed_at = None
    _describe(entry, wanted)
    audit.record(None, "scim.account_made", user, directory=directory.name, organisation=organisation.slug)
    _change_account(directory, user, entry, wanted)
    _set_active(directory, user, entry, wanted.active is not False)
    return user


@transaction.atomic
def replace(directory: Directory, user: User, wanted: Person) -> User:
    """What the directory says of a person from now on. Of an account that it didn't make, only its own names.

    Raises Fault.
    """
    hold(directory.organisation)
    user = User.objects.select_for_update().get(pk=user.pk)
    organisation = directory.organisation
    _refuse_double(directory, wanted, user)
    entry = Entry.objects.filter(organisation=organisation, user=user).first()
    entry = entry or Entry(organisation=organisation, user=user)
    entry.removed_at = None
    _describe(entry, wanted)
    audit.record(None, "scim.account_changed", user, directory=directory.name, organisation=organisation.slug)
    if entry.owned:
        _change_account(directory, user, entry, wanted)
    elif wanted.email and wanted.email != user.email.lower():
        raise Fault(MUTABILITY, "This account was not made by the directory: its address is changed by the person.")
    if wanted.active is not None:
        _set_active(directory, user, entry, wanted.active)
    return user


@transaction.atomic
def remove(directory: Directory, user: User) -> None:
    """The directory knows this person no more: closed where it made the account, out of the organisation anyway."""
    hold(directory.organisation)
    entry = Entry.objects.filter(organisation=directory.organisation, user=user).first()
    if entry is not None:
        if entry.owned:
            _set_active(directory, user, entry, active=False)
        entry.removed_at = timezone.now()
        entry.save()
    _let_go(directory, user)
    audit.record(None, "scim.account_removed", user, directory=directory.name, organisation=directory.organisation.slug)


def language_of(wanted: Person) -> str:
    """The one of the suite's languages that comes nearest, for a new account; after that the person chooses it."""
    return "en" if wanted.language.lower().startswith("en") else "fr"


def _refuse_double(directory: Directory, wanted: Person, user: User | None) -> None:
    others = Entry.objects.filter(organisation=directory.organisation, removed_at=None)
    if user is not None:
        others = others.exclude(user=user)
    if others.filter(user_name__iexact=wanted.user_name).exists():
        raise Fault(UNIQUENESS, "Another person has this userName.", 409)
    if wanted.external_id and others.filter(external_id=wanted.external_id).exists():
        raise Fault(UNIQUENESS, "Another person has this externalId.", 409)


def _describe(entry: Entry, wanted: Person) -> None:
    entry.user_name, entry.external_id = wanted.user_name, wanted.external_id
    entry.given_name, entry.family_name = wanted.given_name, wanted.family_name
    entry.display_name, entry.formatted, entry.language = wanted.display_name, wanted.formatted, wanted.language
    entry.email_type, entry.email_primary = wanted.email_type, wanted.email_primary
    entry.changed_at = timezone.now()
    entry.save()


def _change_account(directory: Directory, user: User, entry: Entry, wanted: Person) -> None:
    """Name and address of an account that the directory made."""
    if wanted.full_name and wanted.full_name != user.full_name:
        user.full_name = wanted.full_name
        user.save(update_fields=["full_name"])
    if not wanted.email or wanted.email == user.email.lower():
        return
    if rules.is_elsewhere(user, directory.organisation):
        raise Fault(MUTABILITY, ELSEWHERE)
    if User.objects.filter(email__iexact=wanted.email).exclude(pk=user.pk).exists():
        raise Fault(UNIQUENESS, "This address has another account.", 409)
    former, user.email = user.email, wanted.email
    invitations.follow(former, user.email)
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    sessions.end_all(user)  # whoever had the old mailbox signs in anew
    mails.tell(user, mails.ADDRESS_CHANGED, {}, also=[former])
    audit.record(None, "scim.address_changed", user, directory=directory.name)


def _set_active(directory: Directory, user: User, entry: Entry, active: bool) -> None:
    """Close an account that the directory made, or open it again; end another's memberships here."""
    if not entry.owned:
        if not active:
            _let_go(directory, user)
        return
    if active and not user.is_active:
        if not entry.shut:
            raise Fault(MUTABILITY, "An administrator of the instance has closed this account, and opens it again.")
        User.objects.filter(pk=user.pk).update(is_active=True)
        entry.shut = False
        entry.save(update_fields=["shut"])
        audit.record(None, "scim.account_opened", user, directory=directory.name)
    elif not active and _shut(user):
        entry.shut = True
        entry.save(update_fields=["shut"])
        audit.record(None, "scim.account_closed", user, directory=directory.name)
    user.refresh_from_db()


def _shut(user: User) -> bool:
    with members.watched(granting.places(Membership.objects.open().filter(user=user))):
        return shut_out(user)


def _let_go(directory: Directory, user: User) -> None:
    """Out of the organisation, its projects and its directory's groups, without a way back."""
    here = granting.within(directory.organisation)
    invitations.end_ways_back(user, here, None)
    for group in Group.objects.filter(organisation=directory.organisation, members=user):
        group.members.remove(user)
    granting.take_back(
        Given.objects.filter(membership__user=user, mapping__group__organisation=directory.organisation),
        "",
        directory=directory.name,
    )
    granting.end(Membership.objects.filter(here, user=user), "", directory=directory.name)
