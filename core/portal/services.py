"""What a person sets for himself in the portal."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.errors import Fault, Invalid


def choose_language(actor: User | AnonymousUser, code: str) -> None:
    """Keep the language a signed-in person reads in. Raises Invalid for one the suite doesn't speak."""
    if code not in dict(settings.LANGUAGES):
        raise Invalid([Fault("language", "unknown", _("The suite speaks French and English."))])
    if isinstance(actor, User):
        User.objects.filter(pk=actor.pk).update(language=code)
