"""What a password must not be: too long to be taken whole, a row of keys, or a word that anybody here would try.

There are no rules of composition, and nobody has to change his password from time to time: both make people choose
worse ones (NIST SP 800-63B, CNIL 2022-100). Length and the list of common passwords are Django's validators.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from core.access.models import Membership, Organisation

if TYPE_CHECKING:
    from core.accounts.models import User

LONGEST = 128
"""Characters, all of which count."""
OWN = 6
"""Characters that a password has at least beside the words of its context."""
DISTINCT = 5
"""Different characters that a password has at least."""
SUITE = ("suite", "interhop", "hopital", "hospital", "password", "motdepasse")


class LengthValidator:
    """The longest password that is taken; nothing of one is ever cut off."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(_("This password is longer than %(n)d characters.") % {"n": LONGEST}, "too-long")

    def get_help_text(self) -> str:
        return _("A sentence is easy to remember. You may paste it from a password manager.")


class SequenceValidator:
    """No single key, no run of the keyboard's numbers or of the alphabet."""

    def validate(self, password: str, user: User | None = None) -> None:
        steps = {ord(later) - ord(former) for former, later in itertools.pairwise(password)}
        if len(set(password)) < DISTINCT or steps <= {1, -9} or steps <= {-1, 9}:
            raise ValidationError(_("This password repeats a few characters, or follows their order."), "sequence")

    def get_help_text(self) -> str:
        return _("Not the same few characters, nor 123456…")


class ContextValidator:
    """Not made of the person's name and address, the suite's name and the organisation's, with little beside."""

    def validate(self, password: str, user: User | None = None) -> None:
        left = plain(password)
        found = False
        for word in sorted(set(self.words(user)), key=len, reverse=True):
            found |= word in left
            left = left.replace(word, "")
        if found and len(re.sub(r"[\W\d_]", "", left)) < OWN:
            raise ValidationError(
                _("This password is little more than your name, your address or a word of this place."), "context"
            )

    def words(self, user: User | None) -> Iterator[str]:
        yield from SUITE
        if user is None:
            return
        texts = [user.full_name, user.email.partition("@")[0], *user.email.partition("@")[2].split(".")[:-1]]
        if user.pk and not user._state.adding:
            mine = Membership.objects.active().filter(user=user)
            of_mine = Q(memberships__in=mine) | Q(projects__memberships__in=mine)
            texts += Organisation.objects.filter(of_mine).values_list("name", flat=True)
        for text in texts:
            yield from (word for word in re.split(r"[\W_]+", plain(text)) if len(word) >= 4)

    def get_help_text(self) -> str:
        return _("Not your name, your address, or the name of the suite or your organisation.")


def plain(text: str) -> str:
    """Without accents and capitals."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
