"""Arms, events, their forms and what repeats, as a project XML says them."""

from __future__ import annotations

import re
from typing import Any

from ecrf.engine.exchange.xml import Element, children
from ecrf.engine.redcap.pages import key_of
from ecrf.engine.redcap.project.attributes import form_name, own

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
