"""The events of a project XML with their forms, each once per arm."""

from __future__ import annotations

from collections.abc import Iterator

from ecrf.engine.exchange.xml import tag
from ecrf.engine.redcap.layout import Layout


def events(layout: Layout, language: str) -> Iterator[str]:
    """Each event once per arm, as REDCap has them."""
    shape, text = layout.shape, layout.shape.definition.text
    references: list[str] = []
    definitions: list[str] = []
    for key, names in layout.event_names.items():
        event = shape.events[key]
        for arm, unique in names.items():
            oid, title = f"Event.{unique}", text(event["title"], language)
            number = layout.arm_numbers[arm]
            arm_title = text(shape.arms[arm]["title"], language) if arm in shape.arms else f"Arm {number}"
            order = str(len(references) + 1)
            references.append(tag("StudyEventRef", {"StudyEventOID": oid, "OrderNumber": order, "Mandatory": "No"}))
            attributes: dict[str, str | None] = {
                "OID": oid,
                "Name": f"{title} (Arm {number}: {arm_title})",
                "Type": "Common",
                "Repeating": "No",
                "redcap:EventName": title,
                "redcap:CustomEventLabel": event.get("source", {}).get("redcap.label", ""),
                "redcap:UniqueEventName": unique,
                "redcap:ArmNum": number,
                "redcap:ArmName": arm_title,
                "redcap:DayOffset": str(event.get("day", 0)),
                "redcap:OffsetMin": str(event.get("before", 0)),
                "redcap:OffsetMax": str(event.get("after", 0)),
            }
            forms = [
                tag(
                    "FormRef",
                    {
                        "FormOID": f"Form.{page}",
                        "OrderNumber": str(place),
                        "Mandatory": "No",
                        "redcap:FormName": page,
                    },
                )
                for place, page in enumerate(event["pages"], start=1)
            ]
            definitions.append(tag("StudyEventDef", attributes, *forms))
    if references:
        yield "\t" + tag("Protocol", {}, *references) + "\n"
    yield from (f"\t{one}\n" for one in definitions)
