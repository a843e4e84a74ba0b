"""What the tests of access stand on besides the world's people."""

from __future__ import annotations

from core.access.models import Membership, Role

LONG = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example"
"""An address of 316 characters: it may be one, and no column here keeps it."""


def role(key: str) -> Role:
    """A built-in role."""
    return Role.objects.get(organisation=None, key=key)


def notices_of(user: object) -> list[str]:
    """The kinds of what a person was told."""
    return list(user.notices.order_by("created_at").values_list("kind", flat=True))  # type: ignore[attr-defined]


def current(user: object, project: object) -> Membership:
    """The one ordinary membership of a person in a project."""
    return Membership.objects.active().lasting().get(user=user, project=project)
