"""The GlobalVariables of a project XML: what unites its forms, and the settings kept from an import."""

from __future__ import annotations

from collections.abc import Mapping

from ecrf.engine.exchange.xml import parse, tag, words
from ecrf.engine.faults import Refused
from ecrf.engine.redcap.layout import Layout


def variables(layout: Layout, title: str, source: Mapping[str, str]) -> str:
    parts = [tag("StudyName", {}, words(title)), tag("StudyDescription", {}, words(title))]
    parts.append(tag("ProtocolName", {}, words(title)))
    unique = [key for key, asked in layout.shape.asked.items() if asked.spec.get("unique")]
    if unique:
        parts.append(tag("redcap:SecondaryUniqueField", {}, words(unique[0])))
    codes = layout.shape.missing_codes.values()
    text = " | ".join(f"{one['code']}, {next(iter(one['label'].values()), '')}" for one in codes)
    parts.append(f"<redcap:MissingDataCodes>{words(text)}</redcap:MissingDataCodes>")
    for key, value in source.items():
        if key.startswith("redcap.setting."):
            parts.append(tag(f"redcap:{key.removeprefix('redcap.setting.')}", {}, words(value)))
        elif key.startswith("redcap.group."):
            parts.append(fragment(value))
    parts.append(repeating(layout))
    return "<GlobalVariables>\n" + "".join(f"\t{part}\n" for part in parts if part) + "</GlobalVariables>\n"


def fragment(text: str) -> str:
    """XML kept from an import, if it still is some."""
    try:
        parse(text.encode())
    except Refused:
        return ""
    return text.strip().replace("ns0:", "redcap:").replace("xmlns:ns0=", "xmlns:redcap=")


def repeating(layout: Layout) -> str:
    shape = layout.shape
    inside = []
    events: list[tuple[str, str]] = [
        (key, unique) for key, names in layout.event_names.items() for unique in names.values()
    ] or [("", "event_1_arm_1")]
    for event, unique in events:
        if shape.event_repeats(event):
            inside.append(tag("redcap:RepeatingEvent", {"redcap:UniqueEventName": unique}))
        for page in shape.pages_at(event):
            if shape.repeats(page, event):
                label = shape.pages[page].get("source", {}).get("redcap.repeat_label", "")
                names = {"redcap:UniqueEventName": unique, "redcap:RepeatInstrument": page, "redcap:CustomLabel": label}
                inside.append(tag("redcap:RepeatingInstrument", dict(names)))
    if not inside:
        return ""
    return tag("redcap:RepeatingInstrumentsAndEvents", {}, tag("redcap:RepeatingInstruments", {}, *inside))
