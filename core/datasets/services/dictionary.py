"""Edit the dictionary of a version: each edit is a new revision, and none is ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access, audit
from core.datasets.engine.dictionary import entries, exchange
from core.datasets.models import DatasetVersion, DictionaryRevision
from core.datasets.services.holding import hold
from core.datasets.services.levels import OPENS, current, levels_of
from core.db import UNSTORABLE
from core.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor

EDIT = "datasets.edit_dictionary"
Act = DictionaryRevision.Act
FLAWS = {
    "absent": gettext_lazy("The dataset has no such column."),
    "twice": gettext_lazy("This column is described twice."),
    "too_long": gettext_lazy("This is too long."),
    "unknown_level": gettext_lazy("There is no such sensitivity."),
    "too_many_codes": gettext_lazy("A column has 5,000 codes at most."),
    "unstorable": gettext_lazy("This has a character that can’t be kept."),
}
BAD_FILES = {
    "too_large": gettext_lazy("The file is larger than 5 MB."),
    "encoding": gettext_lazy("The file isn’t UTF-8: save it as «CSV UTF-8»."),
    "nul": gettext_lazy("The file holds NUL characters: it is no text."),
    "not_json": gettext_lazy("The file begins like JSON and isn’t JSON."),
    "no_fields": gettext_lazy("A Table Schema has a list named «fields»."),
    "no_heading": gettext_lazy("The first row must name the fields; one of them is «name»."),
    "unknown_field": gettext_lazy("There is no field «%(detail)s»."),
    "twice": gettext_lazy("A field is named twice in the heading."),
    "cells": gettext_lazy("This row has another number of cells than the heading (%(detail)s)."),
    "quotes": gettext_lazy("The quotes of this row don’t match."),
    "bad_codes": gettext_lazy("Codes are written «1 = Yes», one a line, or as JSON."),
    "unknown_level": gettext_lazy("There is no sensitivity «%(detail)s»: it is ordinary, personal or identifying."),
    "not_text": gettext_lazy("This must be a text or a number."),
}


def edit(
    actor: Actor,
    version: DatasetVersion,
    edits: Iterable[Mapping[str, Any]],
    *,
    reason: str,
    revision: int,
    everywhere: bool = False,
    act: Act = Act.EDITED,
) -> DatasetVersion:
    """Say some fields of some columns anew. Nothing is done where nothing differs.

    `revision` is the one that was read: Conflict where there is a newer one. `everywhere` also protects the columns of
    that name in the other versions of the dataset, or opens them. Raises Invalid with every fault.
    """
    edits = [dict(given) for given in edits]
    with transaction.atomic():
        old = begin(actor, version, reason, revision)
        check([{**blank(given.get("name", "")), **given} for given in edits], version.column_names)
        new = entries.with_edits(old, edits)
        if add(actor, version, old, new, reason, act) and everywhere:
            spread(actor, version, old, new, reason)
    return version


def restore(actor: Actor, version: DatasetVersion, number: int, *, reason: str, revision: int) -> DatasetVersion:
    """Say again what an earlier revision said; 0 is the dictionary as it was published. Raises Conflict, Invalid."""
    with transaction.atomic():
        old = begin(actor, version, reason, revision)
        add(actor, version, old, revision_of(version, number), reason, Act.RESTORED, restored=number)
    return version


def from_file(actor: Actor, version: DatasetVersion, data: bytes, *, reason: str, revision: int) -> DatasetVersion:
    """Say what a CSV file or a Table Schema says; what it doesn't speak of stays. Raises Conflict, Invalid."""
    access.require(actor, EDIT, version.dataset.project, obj=version)
    try:
        edits = exchange.read(data)
    except exchange.BadDictionary as bad:
        place = _("row %(row)s") % {"row": bad.row} if bad.row else "file"
        fault = Fault(place, bad.code, str(BAD_FILES[bad.code]) % {"detail": bad.detail})
        raise Invalid([fault], _("The dictionary can’t be read.")) from None
    return edit(actor, version, edits, reason=reason, revision=revision, act=Act.IMPORTED)


def export(actor: Actor, version: DatasetVersion, form: str) -> bytes:
    """The dictionary as ``csv`` or ``tableschema``: it holds no row, so who may see the dataset may have it."""
    access.require(actor, "datasets.list_datasets", version.dataset.project, obj=version)
    return exchange.as_csv(version.columns) if form == "csv" else exchange.as_table_schema(version.columns)


def revision_of(version: DatasetVersion, number: int) -> list[entries.Entry]:
    """What a revision says of each column, 0 being what was published. Raises Invalid where there is none."""
    if number == 0:
        return [entries.entry(column) for column in version.published]
    found = DictionaryRevision.objects.filter(version=version, number=number).first()
    if found is None:
        raise Invalid([Fault("revision", "unknown", _("There is no such revision."))])
    said = {given["name"]: given for given in found.about["entries"]}
    return [entries.entry(said.get(column["name"], column)) for column in version.published]


@dataclass(frozen=True)
class Known:
    """A column as an earlier version was published with it, and as people left it."""

    number: int
    published: Mapping[str, Any]
    edited: Mapping[str, Any]


def take_over(actor: Actor, version: DatasetVersion) -> None:
    """Keep what people made of each column in the newest version before that had it, also where one came without it."""
    known = last_known(version)
    old = [entries.entry(column) for column in version.published]
    new = [
        entries.taken_over(before.published, before.edited, said, same_type=said["type"] == before.published["type"])
        if (before := known.get(said["name"]))
        else entries.entry(said)
        for said in version.published
    ]
    numbers = sorted({known[change.column].number for change in entries.changes(old, new)})
    words = ngettext("Version %(number)s said so.", "Versions %(number)s said so.", len(numbers))
    reason = (words % {"number": ", ".join(map(str, numbers))})[:500]
    add(actor, version, old, new, reason, Act.TAKEN_OVER, bound=False)


def last_known(version: DatasetVersion) -> dict[str, Known]:
    """Each column of a version that an earlier one has, whatever its case, as the newest of these says it."""
    sought = {name.casefold(): name for name in version.column_names}
    found: dict[str, Known] = {}
    for earlier in version.dataset.versions.filter(number__lt=version.number).iterator(chunk_size=10):
        edited = {column["name"]: column for column in earlier.columns}
        for column in earlier.published:
            if name := sought.pop(column["name"].casefold(), None):
                found[name] = Known(earlier.number, column, edited[column["name"]])
        if not sought:
            break
    return found


def begin(actor: Actor, version: DatasetVersion, reason: str, revision: int) -> list[entries.Entry]:
    """The dictionary as it is, held until the transaction ends. Raises Refused, Invalid without a reason, Conflict."""
    access.require(actor, EDIT, version.dataset.project, obj=version)
    if not reason.strip() or len(reason) > 500 or UNSTORABLE.search(reason):
        raise Invalid([Fault("reason", "required", _("Say why, in 500 characters at most."))])
    hold(version.dataset.project, version.dataset.name)
    columns = current(version)
    if version.revision != revision:
        message = _(
            "Somebody has edited this dictionary since you opened it: read it again, then say your changes anew."
        )
        raise Conflict(message, "dictionary-changed")
    return [entries.entry(column) for column in columns]


def check(given: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Raises Invalid with every fault, each at its column and field."""
    found = list(entries.flaws(given, names))
    found += [entries.Flaw(said["name"], "label", "unstorable") for said in given if UNSTORABLE.search(repr_of(said))]
    if found:
        faults = [Fault(f"{flaw.column}.{flaw.field}", flaw.code, FLAWS[flaw.code]) for flaw in found]
        raise Invalid(faults, _("The dictionary can’t be kept so."))


def repr_of(said: Mapping[str, Any]) -> str:
    """Every text of an entry, one after the other."""
    texts = [said[name] for name in (*entries.TEXTS, "sensitivity")]
    return "\n".join([*texts, *said["codes"], *said["codes"].values(), *said["missing_codes"]])


def blank(name: str) -> entries.Entry:
    return entries.entry({"name": name})


def add(
    actor: Actor,
    version: DatasetVersion,
    old: Sequence[entries.Entry],
    new: Sequence[entries.Entry],
    reason: str,
    act: Act,
    *,
    restored: int | None = None,
    bound: bool = True,
) -> DictionaryRevision | None:
    """The row of a revision, where it says anything new. `bound`: nobody opens what he may not read himself."""
    changed = entries.changes(old, new)
    if not changed:
        return None
    if bound:
        require_levels(actor, version, changed)
    number = version.revision + 1
    made = DictionaryRevision.objects.create(
        version=version,
        number=number,
        about={"number": number, "entries": list(new)},
        act=act,
        restored=restored,
        reason=reason.strip(),
        created_by_id=actor.pk,
    )
    version.__dict__["revised"] = made.about
    protected = [change for change in changed if change.field == "sensitivity"]
    audit.record(
        actor,
        "datasets.dictionary_changed",
        version,
        project=version.dataset.project,
        dataset=version.dataset.name,
        number=version.number,
        revision=number,
        act=act,
        columns=sorted({change.column for change in changed}),
        protection={
            change.column: f"{change.before or 'ordinary'} > {change.after or 'ordinary'}" for change in protected
        },
        reason=made.reason,
    )
    return made


def require_levels(actor: Actor, version: DatasetVersion, changed: Iterable[entries.Change]) -> None:
    """Raises Refused for who would open a column that he may not read."""
    held = levels_of(actor, version.dataset.project)
    for change in changed:
        lowered = change.field == "sensitivity" and entries.level(change.after) < entries.level(change.before)
        if lowered and change.before not in held:
            access.require(actor, OPENS[change.before], version.dataset.project, obj=version)


def spread(
    actor: Actor, version: DatasetVersion, old: Sequence[entries.Entry], new: Sequence[entries.Entry], reason: str
) -> None:
    """Give the other versions the sensitivities that were changed in this one, to columns of the name in any case."""
    changed = [change for change in entries.changes(old, new) if change.field == "sensitivity"]
    levels = {change.column.casefold(): change.after for change in changed}
    if not levels:
        return
    for other in version.dataset.versions.exclude(pk=version.pk).select_related("dataset__project"):
        before = [entries.entry(column) for column in current(other)]
        named = [(said["name"], levels.get(said["name"].casefold())) for said in before]
        edits = [{"name": name, "sensitivity": level} for name, level in named if level is not None]
        add(actor, other, before, entries.with_edits(before, edits), reason, Act.EDITED)
