"""What the parts of a prescription are called and drawn with; and why the reader is unsure, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Kind:
    """How a kind of information is shown: word, icon and colour (rx-<key> in the style sheet)."""

    key: str
    word: _StrPromise | str
    icon: str


KINDS = {
    kind.key: kind
    for kind in (
        Kind("medicine", _("Medicine"), icon="pill"),
        Kind("strength", _("Strength"), icon="weight"),
        Kind("form", _("Pharmaceutical form"), icon="capsule"),
        Kind("dose", _("Dose"), icon="hash"),
        Kind("frequency", _("Frequency"), icon="clock"),
        Kind("duration", _("Duration"), icon="calendar"),
        Kind("need", _("As needed"), icon="help-circle"),
        Kind("limit", _("Limit"), icon="barrier-block"),
        Kind("route", _("Route and site"), icon="route"),
        Kind("supply", _("Dispensing"), icon="package"),
        Kind("remark", _("Remark"), icon="message"),
        Kind("unread", _("Not read"), icon="eye-off"),
    )
}

SOURCES = {
    "official": _("official list of medicines of major interest"),
    "generic group": _("derived from its generic group"),
    "same substances": _("derived from the same substances and route"),
    "own": _("by its name, from our own list"),
    "suggestion": _("suggested by another list"),
}
"""Where an ATC code is from (`engine/reference/atc.py`), in words."""

WHY = {
    "no unit": _("No unit is written."),
    "number understood": _("No number is written: one is understood."),
    "period understood": _("“Per day” is understood, not written."),
    "duration understood": _("Taken for a duration, though no word says so."),
    "misspelt word mended": _("A misspelt word was mended."),
    "a number was not read": _("A number here was not understood: read it yourself."),
    "kept as text": _("Kept as text."),
    "same dose as before": _("No dose is written here: the same as before is understood."),
    "same moments as before": _("No moment is written here: the same as before is understood."),
    "the dose may be for the day or for each moment": _("This dose may be for the whole day or for each moment."),
    "how the daily dose is shared is not said": _("How the daily dose is shared is not written."),
    "the number of times and the moments disagree": _("The number of times and the moments disagree."),
    "name misspelt or misread": _("The name is misspelt or misread: is it this medicine?"),
    "not in the list of medicines": _("This name isn’t in the list of medicines."),
    "strength without a unit": _("The strength has no unit."),
    "a letter was read as a digit": _("A letter was read as a digit."),
    "the strength is taken as the dose": _("No dose is written: the strength is taken for it."),
    "the point may mark thousands": _("The point may mark thousands or decimals."),
    "one or the other": _("One or the other: which one is left open."),
    "which of the days is kept as text": _("Every other day: which of them is kept as text."),
    "no time is written for this dose": _("No time is written for this dose, while others have one."),
    "units or times": _("Units a day or times a day: which one is not written."),
    "the same dose may be said twice": _("This may be the same dose said twice: weighed, then counted."),
    "meals beside a moment": _("Meals and another moment: one time or several is not written."),
    "a number was not kept": _("A number of these words is not in the reading: read them yourself."),
    "a word may take it back": _("A word of the line may take this back (stopped, suspended, instead of)."),
    "two rhythms are written": _("Two rhythms are written: decide which one holds."),
    "hard to read on the page": _("The page is hard to read here: compare with the picture."),
    "told by the dose": _("Told by the unit of the dose."),
    "corrected": _("Corrected by a person."),
    "others of the line are doubted": _("Other parts of this line are doubted, and lines like it are often misread."),
    "read from unsure words": _("The words here are hard to read, or of a kind that is often misread."),
    "a second reader disagrees": _("A second reader disagrees."),
    "implausible dose or strength": _("This dose or strength can hardly be: see the alert."),
}
"""What the engine says of a doubt -> the same in the reader's language. A test holds that none is missing."""
