"""What a device sends: read and bounded, without yet asking whether it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core.errors import Fault, Invalid
from ecrf.engine import Sheet
from ecrf.engine.merging import Given

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)
MOST = 200
LONGEST = 100


@dataclass(frozen=True)
class Sent:
    """One piece of work: an inclusion, or what was changed on one sheet."""

    id: str
    kind: str
    previous: str
    """The piece of work on the same sheet that came before it, if any."""
    site: str
    subject: str
    """A subject's key, or the id of the inclusion that made him."""
    form: str
    sheet: Sheet
    is_new: bool
    """Whether this sheet was begun on the device: another with its number may exist by now."""
    version: int
    base: Given
    mine: Given
    complete: Mapping[str, bool]
    reason: str
    said_at: datetime | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def subject_key(self) -> UUID | None:
        try:
            return UUID(self.subject)
        except ValueError:
            return None


def read_batch(raw: Any) -> list[Sent]:
    """The pieces of work of a batch. Raises Invalid with every one that can't be read, and nothing is done."""
    if not isinstance(raw, list) or len(raw) > MOST:
        raise Invalid([Fault("fragments", "bad_shape", _("Send a list of at most %(most)s.") % {"most": MOST})])
    found, faults = [], []
    for number, one in enumerate(raw):
        try:
            found.append(read(one))
        except (KeyError, TypeError, ValueError):
            faults.append(Fault(f"fragments[{number}]", "bad_shape", _("This can’t be read.")))
    if faults:
        raise Invalid(faults)
    return found


def read(raw: Any) -> Sent:
    """Raises KeyError, TypeError or ValueError where it has another shape."""
    kind = text(raw, "kind")
    if not ULID.fullmatch(text(raw, "id")) or kind not in ("subject", "entry"):
        raise ValueError(kind)
    entry = kind == "entry"
    previous = text(raw, "previous")
    if previous and not ULID.fullmatch(previous):
        raise ValueError(previous)
    base = mapping(raw, "base")
    complete = mapping(raw, "complete")
    if not all(isinstance(value, bool) for value in complete.values()):
        raise TypeError(complete)
    instance, version = raw.get("instance", 1), raw.get("version", 0)
    if type(instance) is not int or type(version) is not int or not 1 <= instance < 100_000:
        raise TypeError(instance)
    return Sent(
        id=raw["id"],
        kind=kind,
        previous=previous,
        site="" if entry else text(raw, "site", needed=True),
        subject=text(raw, "subject", needed=entry),
        form=text(raw, "form", needed=entry),
        sheet=Sheet(text(raw, "event"), text(raw, "page"), instance),
        is_new=raw.get("new") is True,
        version=version,
        base=Given(mapping(base, "values"), mapping(base, "notes")),
        mine=Given(mapping(raw, "values"), mapping(raw, "notes")),
        complete=complete,
        reason=text(raw, "reason", most=500),
        said_at=moment(text(raw, "said_at")),
        raw=raw,
    )


def text(raw: Any, name: str, *, needed: bool = False, most: int = LONGEST) -> str:
    value = raw.get(name) if isinstance(raw, Mapping) else raw[name]
    value = "" if value is None else value
    if not isinstance(value, str) or len(value) > most or (needed and not value):
        raise TypeError(name)
    return value


def mapping(raw: Any, name: str) -> Mapping[str, Any]:
    value = raw.get(name) or {}
    if not isinstance(value, Mapping):
        raise TypeError(name)
    return value


def moment(said: str) -> datetime | None:
    """A moment with its zone; anything else is none."""
    try:
        found = parse_datetime(said)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
