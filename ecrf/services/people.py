"""Who acts, as the account that rows refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser

from core.accounts.models import User

if TYPE_CHECKING:
    from core.access.scope import Actor


def account(actor: Actor) -> User:
    """The person behind an actor who was granted a permission, and so is somebody."""
    assert isinstance(actor, User)
    return actor


class Respondent(AnonymousUser):
    """A participant who answers for himself: nobody to the suite, with no permission anywhere."""


def author_of(actor: Actor) -> User | None:
    """Who wrote something, as the account that rows refer to; nobody for a participant."""
    return None if isinstance(actor, Respondent) else account(actor)
