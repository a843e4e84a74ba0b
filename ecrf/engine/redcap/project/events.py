"""Arms, events, their forms and what repeats: from a project XML, or from REDCap's CSV files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecrf.engine.exchange.xml import Element, children, local
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.columns import decoded
from ecrf.engine.redcap.dictionary import key_of
from ecrf.engine.redcap.project.metadata import form_name, own

PIPED = re.compile(r"\[([a-z][a-z0-9_]*)\]")
MAX_DAYS = 36_500
MAX_WINDOW = 3_650


def study_events(version: Element, language: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The arms and the events of a longitudinal project; nothing for another."""
    arms: dict[str, dict[str, Any]] = {}
    events: list[dict[str, Any]] = []
    forms = {form.get("OID"): key_of(form_name(form)) for form in children(version, "FormDef")}
    for element in children(version, "StudyEventDef"):
        number = own(element, "ArmNum") or "1"
        arms.setdefault(number, arm(number, own(element, "ArmName"), language))
        unique = own(element, "UniqueEventName") or str(element.get("OID", "")).removeprefix("Event.")
        one = event(unique, own(element, "EventName") or element.get("Name", ""), number, language)
        one["pages"] = [
            *dict.fromkeys(
                forms[reference.get("FormOID")]
                for reference in children(element, "FormRef")
                if reference.get("FormOID") in forms
            )
        ]
        if label := own(element, "CustomEventLabel"):
            one["source"]["redcap.label"] = label
        one |= schedule(own(element, "DayOffset"), own(element, "OffsetMin"), own(element, "OffsetMax"))
        events.append(one)
    return list(arms.values()), events


def arm(number: str, name: str, language: str) -> dict[str, Any]:
    return {
        "key": f"arm_{key_of(number).removeprefix('p_')}",
        "title": {language: name or f"Arm {number}"},
        "source": {"redcap.number": number},
    }


def event(unique: str, title: str, number: str, language: str) -> dict[str, Any]:
    return {
        "key": key_of(unique).replace("p_", "e_", 1) if unique[:1].isdigit() else key_of(unique),
        "title": {language: title or unique},
        "arms": [f"arm_{key_of(number).removeprefix('p_')}"],
        "pages": [],
        "source": {"redcap.event": unique},
    }


def schedule(day: str, before: str, after: str) -> dict[str, int]:
    """REDCap gives each event a day and a window, even where nobody schedules: days that are all 0 say nothing."""
    found = {}
    for name, text, limit in (("day", day, MAX_DAYS), ("before", before, MAX_WINDOW), ("after", after, MAX_WINDOW)):
        if re.fullmatch(r"-?[0-9]{1,5}", text) and abs(int(text)) <= limit and (name == "day" or int(text) > 0):
            found[name] = int(text)
    return found


def repeats(variables: Element, pages: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]]) -> list[Fault]:
    """Mark what repeats, everywhere or at one event. What names no form or event of the project is reported."""
    found: list[Fault] = []
    by_key = {page["key"]: page for page in pages}
    by_name = {one["source"]["redcap.event"]: one for one in events}
    for element in variables.iter():
        if not isinstance(element.tag, str):
            continue
        name = own(element, "UniqueEventName")
        if local(element) == "RepeatingEvent" and name in by_name:
            by_name[name]["repeats"] = True
        if local(element) != "RepeatingInstrument":
            continue
        page = by_key.get(key_of(own(element, "RepeatInstrument")))
        if page is None or (events and name not in by_name):
            found.append(Fault(f"line {element.line}", "repeat_of_nothing", {"name": own(element, "RepeatInstrument")}))
            continue
        if events:
            by_name[name].setdefault("repeating_pages", []).append(page["key"])
        else:
            page["repeats"] = True
        if label := own(element, "CustomLabel"):
            page.setdefault("source", {})["redcap.repeat_label"] = label
            row_title = piped(label, pages)
            if row_title:
                page["row_title"] = row_title
    return found


def piped(label: str, pages: Sequence[Mapping[str, Any]]) -> list[Any]:
    """``[dose] of [drug]`` as a text that is put together; nothing where it names something else than a value."""
    kinds = {item["key"]: item["type"] for page in pages for group in page["groups"] for item in group["items"]}
    parts: list[Any] = []
    place = 0
    for match in PIPED.finditer(label):
        kind = kinds.get(match[1])
        if kind in (None, "choices", "output", "file", "partial_date"):
            return []
        if match.start() > place:
            parts.append(["text", label[place : match.start()]])
        variable = ["var", match[1]]
        parts.append(variable if kind in ("text", "choice") else ["text", variable])
        place = match.end()
    if label[place:]:
        parts.append(["text", label[place:]])
    return (
        ["concat", *parts]
        if parts and "[" not in "".join(p[1] for p in parts if p[0] == "text" and isinstance(p[1], str))
        else []
    )


def event_tables(
    arms: bytes, events: bytes, mapping: bytes | None, language: str
) -> tuple[Callable[[dict[str, Any]], None], list[Fault]]:
    """What REDCap's ``arms.csv``, ``events.csv`` and form-event mapping add to a dictionary. Raises Refused.

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

    return complete, remarks


def table(content: bytes, what: str, needed: Sequence[str]) -> list[dict[str, str]]:
    text, _ = decoded(content)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restval="")
        missing = [name for name in needed if name not in (reader.fieldnames or ())]
        if missing:
            raise Refused([Fault(f"{what}, row 1, {name}", "column_missing") for name in missing])
        return [{key: (cell or "").strip() for key, cell in row.items() if isinstance(key, str)} for row in reader]
    except csv.Error as error:
        raise Refused([Fault(what, "not_csv", {"detail": str(error)[:200]})]) from error
