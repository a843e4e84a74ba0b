"""Who must have a second factor, and hasn't."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Q

from core.access.models import Membership
from core.accounts.models import User


def missing(user: User) -> bool:
    """Whether an organisation that this person works for asks for a second factor that he doesn't have."""
    return not is_mfa_enabled(user) and (
        Membership.objects.active()
        .filter(user=user)
        .filter(Q(organisation__requires_second_factor=True) | Q(project__organisation__requires_second_factor=True))
        .exists()
    )
