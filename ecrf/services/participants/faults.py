"""Why a participant doesn't get in or his answers aren't taken, in words for him."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "unknown": _("This link is not one of ours. Copy it whole from the message that you got."),
    "revoked": _("This link was withdrawn by the study team. Ask them for another."),
    "answered": _("You have already sent your answers. Thank you."),
    "expired": _("The time to answer this questionnaire is over."),
    "planned": _("This questionnaire isn’t open yet. You will find it here when its time has come."),
    "closed": _("This questionnaire is closed."),
    "full": _("This questionnaire has all the participants that it needs. Thank you for coming."),
    "ended": _("Your visit has ended. Open your link again: what was saved is there."),
    "code": _("This code is not the right one, or it is too old. Have another sent."),
    "too_many_codes": _("Too many codes were asked for or tried. Wait an hour, or call the study team."),
    "no_way": _("We can’t send you a code: the study team has no address for it. Call them."),
    "return": _("No questionnaire goes with this code. Look at it again: it has ten letters and digits."),
    "locked": _("The study team has closed this part: your last changes can’t be taken any more. Call them."),
}
GONE = frozenset({"revoked", "answered", "expired", "closed", "full", "ended", "locked"})


class Shut(Exception):
    """A participant isn't let in, or nothing more is taken from him; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def words(self) -> str:
        return str(WORDS[self.code])


class TooOften(Exception):
    """Somebody tries too much; `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__("too often")
        self.wait = wait


class WrongPin(Exception):
    """The PIN of a tablet isn't right; `left` tries remain."""

    def __init__(self, left: int) -> None:
        super().__init__("wrong PIN")
        self.left = left
