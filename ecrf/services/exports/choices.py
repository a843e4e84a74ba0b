"""What one may choose of an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import Fault, Invalid
from ecrf.engine.exports import FORMATS, age
from ecrf.engine.exports.leaving import Level
from ecrf.models import Form

DATASET = "dataset"
"""The format that is none: the records become a dataset of the project."""
STATES = ("all", "complete", "signed", "locked")
CHANGES = ("all", "new", "changed")
LONGEST_KEPT = 365


@dataclass(frozen=True)
class Choices:
    """Everything that a person settles about an export besides the form and the format."""

    language: str = "en"
    labels: bool = False
    statuses: bool = True
    history: bool = False
    files: bool = False
    bom: bool = True
    level: Level = "coded"
    """``full``: with identifiers; ``coded``: without; ``deidentified``: also without free text, dates shifted."""
    pages: str = "all"
    """Only pages that are ``complete``, ``signed`` or ``locked``."""
    sites: Sequence[str] = ()
    """Codes of sites; all that one may export without any."""
    events: Sequence[str] = ()
    only: Sequence[str] = ()
    """Keys of pages."""
    since: str = ""
    """The id of an earlier export, or ``last``: what is new or was changed since then."""
    changes: str = "all"
    """Of what is since then: only what is ``new``, or only what was ``changed``."""
    recipient: str = ""
    """An age recipient (``age1…``) that alone opens the file."""
    keep_days: int = field(default=30)

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def selection(self) -> dict[str, Any]:
        """What decides which records are in it: exports of one selection follow one another."""
        named = {name: self.as_json()[name] for name in ("level", "pages")}
        return named | {name: sorted(self.as_json()[name]) for name in ("sites", "events", "only")}


def read_choices(given: Mapping[str, Any]) -> Choices:
    """Choices from JSON, or as they were kept. Unknown names are left out."""
    known = {name: given[name] for name in Choices.__dataclass_fields__ if name in given}
    for name in ("sites", "events", "only"):
        if name in known:
            known[name] = tuple(known[name])
    return Choices(**known)


def checked(form: Form, format_: str, choices: Choices) -> None:
    """Raises Invalid with everything that can't be done."""
    definition = form.published.loaded
    faults: list[Fault] = []
    if format_ != DATASET and format_ not in FORMATS:
        faults.append(Fault("format", "unknown_format", _("There is no such format.")))
    if choices.language not in {*definition.languages, *dict(settings.LANGUAGES)}:
        faults.append(Fault("language", "unknown_language", _("The form has no texts in this language.")))
    codes = set(form.project.sites.values_list("code", flat=True))
    pages = {page.key for page in definition.pages}
    for name, known, given in (
        ("sites", codes, choices.sites),
        ("events", set(definition.events), choices.events),
        ("only", pages, choices.only),
        ("level", {"full", "coded", "deidentified"}, [choices.level]),
        ("pages", set(STATES), [choices.pages]),
        ("changes", set(CHANGES), [choices.changes]),
    ):
        faults += [
            Fault(name, "unknown_choice", _("“%(name)s” is not a choice here.") % {"name": str(one)[:80]})
            for one in given
            if one not in known
        ]
    if choices.recipient and age.recipient(choices.recipient) is None:
        text = _("This is not a key of age: it begins with age1. Copy it whole.")
        faults.append(Fault("recipient", "bad_recipient", text))
    if choices.recipient and format_ == DATASET:
        faults.append(Fault("recipient", "not_sealed", _("A dataset stays in the project and can’t be sealed.")))
    if not 1 <= choices.keep_days <= LONGEST_KEPT:
        faults.append(
            Fault("keep_days", "bad_number", _("Keep the file between 1 and %(most)s days.") % {"most": LONGEST_KEPT})
        )
    if format_ == DATASET and (choices.since or choices.pages != "all" or choices.sites or choices.events):
        faults.append(Fault("format", "whole", _("A dataset always holds all records.")))
    if choices.changes != "all" and not choices.since:
        faults.append(Fault("since", "required", _("Say since which export.")))
    if faults:
        raise Invalid(faults)
