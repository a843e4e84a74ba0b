"""The codes of texts, as long as the texts are those that were coded: for lists, the entry page and exports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from django.utils.crypto import salted_hmac

from ecrf import engine
from ecrf.engine import coding
from ecrf.engine.dictionaries import normalised
from ecrf.engine.exchange.records import Code
from ecrf.models import Coded


def digest(project: Any, text: str) -> str:
    """Tells whether two texts of a project say the same, without saying what; keyed, so that nobody guesses it."""
    return salted_hmac(f"ecrf.coding.{project}", normalised(text), algorithm="sha256").hexdigest()


def place(item: str, row: str) -> str:
    """``term``, or ``drug[0].name`` in rows, as notes name places."""
    return f"{row}.{item}" if row else item


class Texts(Protocol):
    """An entry, or the row of one as exports read it."""

    @property
    def pk(self) -> UUID: ...
    @property
    def subject(self) -> Any: ...
    @property
    def values(self) -> dict[str, Any]: ...


def live(entries: Iterable[Texts]) -> Mapping[UUID, dict[tuple[str, str], Coded]]:
    """The codes that were given and not taken back, by record, whatever their texts say now."""
    found: defaultdict[UUID, dict[tuple[str, str], Coded]] = defaultdict(dict)
    rows = Coded.objects.filter(entry__in=[entry.pk for entry in entries], ended_at=None)
    for one in rows.select_related("dictionary", "by", "approved_by"):
        found[one.entry_id][one.item, one.row] = one
    return found


def of_entries(entries: Iterable[Texts], definition: engine.Definition) -> dict[UUID, dict[str, Coded]]:
    """By record and place, the codes whose text is still what was coded. One query, whatever their number."""
    entries = list(entries)
    if not coding.coded_items(definition):
        return {}
    held = live(entries)
    return {
        entry.pk: {
            place(item, row): one
            for item, row, text in coding.texts(definition, entry.values)
            if (one := held[entry.pk].get((item, row))) and one.digest == digest(entry.subject.project_id, text)
        }
        for entry in entries
        if entry.pk in held
    }


def for_records(entries: Iterable[Texts], definition: engine.Definition) -> dict[UUID, dict[str, Code]]:
    """The same as records of exports carry it (`Record.codes`): what is decided and, where that is asked, approved."""
    return {
        pk: {
            at: Code(one.dictionary.key, one.dictionary.version, one.code, one.label, tuple(map(tuple, one.path)))
            for at, one in found.items()
            if one.state == Coded.State.CODED
        }
        for pk, found in of_entries(entries, definition).items()
    }
