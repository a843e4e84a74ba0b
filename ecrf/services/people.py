"""Who acts, as the account that rows refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.accounts.models import User

if TYPE_CHECKING:
    from core.access.scope import Actor


def account(actor: Actor) -> User:
    """The person behind an actor who was granted a permission, and so is somebody."""
    assert isinstance(actor, User)
    return actor
