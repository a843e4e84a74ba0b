"""A longitudinal project from REDCap's CSV files: dictionary, arms, events, and which forms are filled in at which."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap import dictionary_file
from ecrf.engine.redcap.from_rows import from_rows
from ecrf.engine.redcap.pages import key_of
from ecrf.engine.redcap.project.events import arm, event, schedule


def read_tables(
    dictionary: bytes,
    arms: bytes,
    events: bytes,
    mapping: bytes | None = None,
    *,
    title: Mapping[str, str] | None = None,
    language: str = "en",
    ranges: str = "warn",
) -> tuple[Definition, list[Fault]]:
    """The definition and the warnings. Raises Refused with every fault."""
    complete, keys, remarks = event_tables(arms, events, mapping, language)
    rows, warnings = dictionary_file.table(dictionary)
    one_arm = len(table(arms, "arms", ("arm_num", "name"))) == 1
    definition, found = from_rows(
        rows,
        warnings,
        title=title,
        language=language,
        ranges=ranges,
        complete=complete,
        events=keys,
        one_arm=one_arm,
    )
    return definition, [*found, *remarks]


def event_tables(
    arms: bytes, events: bytes, mapping: bytes | None, language: str
) -> tuple[Callable[[dict[str, Any]], None], list[str], list[Fault]]:
    """What REDCap's arms, events and form-event mapping add to a dictionary, and the keys of the events.

    Raises Refused.

    Without a mapping every form is filled in at every event, which is said.
    """
    remarks: list[Fault] = []
    named = {row["arm_num"]: row["name"] for row in table(arms, "arms", ("arm_num", "name"))}
    found = []
    for row in table(events, "events", ("event_name", "arm_num", "unique_event_name")):
        one = event(row["unique_event_name"], row["event_name"], row["arm_num"], language)
        one |= schedule(row.get("day_offset", ""), row.get("offset_min", ""), row.get("offset_max", ""))
        if row.get("custom_event_label"):
            one["source"]["redcap.label"] = row["custom_event_label"]
        found.append(one)
    pairs = None
    if mapping is not None:
        pairs = [
            (row["unique_event_name"], key_of(row["form"]))
            for row in table(mapping, "mapping", ("unique_event_name", "form"))
        ]
    else:
        remarks.append(Fault("mapping", "mapping_missing"))

    def complete(data: dict[str, Any]) -> None:
        pages = [page["key"] for page in data["pages"]]
        for one in found:
            name = one["source"]["redcap.event"]
            here = {form for event_name, form in pairs or () if event_name == name}
            one["pages"] = [page for page in pages if pairs is None or page in here]
        data["arms"] = [arm(number, name, language) for number, name in named.items()]
        data["events"] = found

    return complete, [one["key"] for one in found], remarks


def table(content: bytes, what: str, needed: Sequence[str]) -> list[dict[str, str]]:
    text, _ = dictionary_file.decoded(content)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restval="")
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise Refused([Fault(f"{what}, row 1, {name}", "column_missing") for name in missing])
        return [{key: (cell or "").strip() for key, cell in row.items() if isinstance(key, str)} for row in reader]
    except csv.Error as error:
        raise Refused([Fault(what, "not_csv", {"detail": str(error)[:200]})]) from error
