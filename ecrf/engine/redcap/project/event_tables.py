"""REDCap's tables of arms and events, and of the forms at each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap import dictionary_file
from ecrf.engine.redcap.pages import key_of
from ecrf.engine.redcap.project.events import arm, event, schedule


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
