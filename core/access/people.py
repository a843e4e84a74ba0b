"""Close a person's account, and open it again: at once, everywhere."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.access.models import Membership
from core.access.signals import membership_ended
from core.accounts import farewell, sessions
from core.accounts.models import User
from core.errors import Conflict, Refusal


class NotAdministrator(Refusal):
    """Only administrators of the instance do this."""

    def __init__(self, actor: User, permission: str) -> None:
        self.actor, self.permission = actor, permission
        super().__init__(permission)

    def record(self) -> None:
        audit.record(self.actor, "access.refused", outcome="refused", permission=self.permission)


def is_administrator(actor: User) -> bool:
    """Whether the actor runs the instance and came himself, not by a token of a project."""
    return actor.is_active and actor.is_administrator and actor.limits is None


def require_administrator(actor: User, permission: str) -> None:
    """Go on only if the actor runs the instance. Raises a Refusal."""
    if not is_administrator(actor):
        raise NotAdministrator(actor, permission)


@transaction.atomic
def close_account(actor: User, user: User, reason: str = "") -> None:
    """This person signs in no more; his sessions, tokens, sockets and work end now. His memberships stay as they are.

    Raises Conflict for one's own account, which nobody could open again.
    """
    require_administrator(actor, "access.manage_people")
    if user.pk == actor.pk:
        raise Conflict(_("Nobody closes his own account. Ask another administrator."), "own-account")
    rows = User.objects.select_for_update(no_key=True).filter(is_administrator=True, is_active=True)
    if actor.pk not in {row.pk for row in rows.order_by("pk")}:  # who was closed by the one whom he closes
        raise NotAdministrator(actor, "access.manage_people")
    if shut_out(user):
        audit.record(actor, "access.account_closed", user, reason=reason)


@transaction.atomic
def reopen_account(actor: User, user: User, reason: str = "") -> None:
    """This person may sign in again, with the memberships he has."""
    require_administrator(actor, "access.manage_people")
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        audit.record(actor, "access.account_reopened", user, reason=reason)


def shut_out(user: User) -> bool:
    """End all that a person has open, whoever asked for it and recorded it; False where he was out already."""
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        return False
    sessions.end_all(user, farewell.Why.CLOSED)
    membership_ended.send(sender=Membership, user=user, project=None)
    return True
