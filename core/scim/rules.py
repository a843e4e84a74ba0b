"""Whom a directory reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from core.access.models import Membership
from core.accounts.models import User
from core.scim.models import Entry

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.access.models import Organisation


def reached(organisation: Organisation) -> QuerySet[User]:
    """The people a directory reaches: accounts it made, and members now of the organisation or one of its projects.

    Never who runs the instance.
    """
    made = Entry.objects.filter(organisation=organisation, owned=True, removed_at=None)
    return User.objects.filter(
        Q(pk__in=made.values("user")) | Q(pk__in=memberships(organisation).values("user")), is_administrator=False
    )


def memberships(organisation: Organisation) -> QuerySet[Membership]:
    """Those that count now, in the organisation and its projects."""
    here = Q(organisation=organisation) | Q(project__organisation=organisation)
    return Membership.objects.active().filter(here)


def is_elsewhere(user: User, organisation: Organisation) -> bool:
    """Whether the person is a member of anything that is not this organisation's."""
    return Membership.objects.active().filter(user=user).exclude(pk__in=memberships(organisation).values("pk")).exists()
