"""What happens to accounts and memberships elsewhere, and changes what a directory may do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.scim.models import Entry, Given

if TYPE_CHECKING:
    from core.access.models import Membership, Project
    from core.accounts.models import User


def on_account_closed(user: User, project: Project | None, **_signal: Any) -> None:
    """Whoever closes an account, no directory has closed it but the one that says so afterwards."""
    if project is None:
        Entry.objects.filter(user=user, shut=True).update(shut=False)


def on_membership_followed(former: Membership, follower: Membership, **_signal: Any) -> None:
    """A membership that somebody changed is still the group's, and ends with it."""
    Given.objects.filter(membership=former).update(membership=follower)
