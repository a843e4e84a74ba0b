"""The metadata of a study as ODM 2.0: forms are groups of groups, arms have their events and their workflow."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ecrf.engine.exchange.odm.model import Arm, Check, CodeList, Event, Form, Formula, Group, Item, Study, Use
from ecrf.engine.exchange.odm.parsing import OWN_WORKFLOW
from ecrf.engine.exchange.odm.writing import aliases, kept, lines, order, reference, yes_no
from ecrf.engine.exchange.odm.writing import block as any_block
from ecrf.engine.exchange.xml import tag, words

NAMESPACE = "http://www.cdisc.org/ns/odm/v2.0"
PLAIN = "text/plain"
TYPES = {"float": "decimal"}
LIST_TYPES = {"float": "decimal"}
RESULT = {"ConditionDef": "boolean", "MethodDef": "text"}


def block(name: str, found: dict[str, str], fallback: str = "") -> str:
    return any_block(name, found, fallback, Type=PLAIN)


def study_text(study: Study) -> Iterator[str]:
    """The element Study, in pieces."""
    attributes: dict[str, str | None] = {"OID": study.oid, "StudyName": study.name, "ProtocolName": study.protocol}
    yield tag("Study", attributes, " ").removesuffix(" </Study>") + "\n"
    yield block("Description", {"": study.description}) + "\n"
    yield (
        tag("MetaDataVersion", {"OID": study.version, "Name": study.version_name}, " ").removesuffix(
            " </MetaDataVersion>"
        )
        + "\n"
    )
    yield protocol(study) + "\n"
    yield lines(workflow(arm, events) for arm, events in workflows(study))
    yield lines(event_groups(study))
    yield lines(map(event_def, study.events.values()))
    yield lines(map(form_def, study.forms.values()))
    yield lines(map(group_def, study.groups.values()))
    yield lines(map(item_def, study.items.values()))
    yield lines(map(code_list, study.lists.values()))
    yield lines(formula("ConditionDef", one) for one in study.conditions.values())
    yield lines(formula("MethodDef", one) for one in study.methods.values())
    yield "</MetaDataVersion>\n</Study>\n"


def protocol(study: Study) -> str:
    with_workflow = {arm.oid for arm, _ in workflows(study)}
    arms = [
        tag(
            "Arm",
            {"OID": arm.oid, "Name": arm.name},
            tag("WorkflowRef", {"WorkflowOID": f"{OWN_WORKFLOW}{arm.oid}"}) if arm.oid in with_workflow else "",
        )
        for arm in study.arms.values()
    ]
    groups = [
        tag("StudyEventGroupRef", {"StudyEventGroupOID": oid, "OrderNumber": order(place), "Mandatory": "No"})
        for place, oid in enumerate(group_oids(study))
    ]
    return tag("Protocol", {}, tag("StudyStructure", {}, *arms) if arms else "", *groups, aliases(study))


def group_oids(study: Study) -> list[str]:
    return [f"SEG.{oid}" for oid in study.arms] or ["SEG.all"]


def event_groups(study: Study) -> Iterator[str]:
    """The events of each arm, or of the study."""
    arms: list[Arm | None] = [*study.arms.values()] or [None]
    for oid, arm in zip(group_oids(study), arms, strict=True):
        events = arm.events if arm else study.order
        inside = [
            tag("StudyEventRef", {"StudyEventOID": event, "OrderNumber": order(place), "Mandatory": "No"})
            for place, event in enumerate(events)
        ]
        attributes: dict[str, str | None] = {"OID": oid, "Name": arm.name if arm else study.name}
        yield tag("StudyEventGroupDef", {**attributes, "ArmOID": arm.oid if arm else None}, *inside)


def workflows(study: Study) -> Iterator[tuple[Arm, list[Event]]]:
    """Arms with at least two visits: the order of those that are planned is their workflow."""
    for arm in study.arms.values():
        events = [study.events[oid] for oid in arm.events if study.events[oid].kind == "Scheduled"]
        if len(events) > 1:
            yield arm, events


def workflow(arm: Arm, events: list[Event]) -> str:
    oid = f"{OWN_WORKFLOW}{arm.oid}"
    steps = [
        tag(
            "Transition",
            {
                "OID": f"{oid}.{place}",
                "Name": f"{before.name} - {after.name}",
                "SourceOID": before.oid,
                "TargetOID": after.oid,
            },
        )
        for place, (before, after) in enumerate(pairwise(events), start=1)
    ]
    start, end = tag("WorkflowStart", {"StartOID": events[0].oid}), tag("WorkflowEnd", {"EndOID": events[-1].oid})
    return tag("WorkflowDef", {"OID": oid, "Name": arm.name}, start, *steps, end)


def event_def(event: Event) -> str:
    forms = (reference("ItemGroupRef", "ItemGroupOID", use, place) for place, use in enumerate(event.forms))
    attributes = {"OID": event.oid, "Name": event.name, "Repeating": yes_no(event.repeats), "Type": event.kind}
    own = kept(event, "Category")
    return tag("StudyEventDef", {**attributes, **own}, block("Description", event.help), *forms, aliases(event))


def repeating(flag: bool) -> str:
    return "Simple" if flag else "No"


def form_def(form: Form) -> str:
    groups = (reference("ItemGroupRef", "ItemGroupOID", use, place) for place, (use, _) in enumerate(form.groups))
    attributes = {"OID": form.oid, "Name": form.name, "Repeating": repeating(form.repeats), "Type": "Form"}
    return tag("ItemGroupDef", dict(attributes), block("Description", form.help), *groups, aliases(form))


def group_def(group: Group) -> str:
    attributes = {"OID": group.oid, "Name": group.name, "Repeating": repeating(group.repeats), "Type": "Section"}
    own = kept(group, "IsReferenceData", "Domain", "Purpose", "Structure", "DatasetName")
    items = (item_ref(use, place) for place, use in enumerate(group.items))
    return tag("ItemGroupDef", {**attributes, **own}, block("Description", group.help), *items, aliases(group))


def item_ref(use: Use, place: int) -> str:
    more = {"MethodOID": use.method or None, "Repeat": "Yes" if use.repeats else None}
    return reference("ItemRef", "ItemOID", use, place, **more)


def item_def(item: Item) -> str:
    attributes: dict[str, str | None] = {
        "OID": item.oid,
        "Name": item.name,
        "DataType": TYPES.get(item.kind, item.kind),
        "Length": str(item.length) if item.length else None,
        **kept(item, "DisplayFormat", "VariableSet"),
    }
    inside = [block("Description", item.help), block("Question", item.label, item.name)]
    inside += map(range_check, item.checks)
    inside += [tag("CodeListRef", {"CodeListOID": item.codes})] if item.codes else []
    return tag("ItemDef", attributes, *inside, aliases(item))


def expression(context: str, text: str) -> str:
    return tag("FormalExpression", {"Context": context}, tag("Code", {}, words(text)))


def range_check(check: Check) -> str:
    attributes: dict[str, str | None] = {"Comparator": check.comparator or None}
    attributes["SoftHard"] = "Hard" if check.hard else "Soft"
    values = [tag("CheckValue", {}, words(value)) for value in check.values]
    values += [expression(context, text) for context, text in check.expressions]
    return tag("RangeCheck", attributes, *values, block("ErrorMessage", check.message))


def code_list(codes: CodeList) -> str:
    kind = LIST_TYPES.get(codes.kind, codes.kind)
    attributes: dict[str, str | None] = {"OID": codes.oid, "Name": codes.name, "DataType": kind}
    items = (
        tag("CodeListItem", {"CodedValue": code, "OrderNumber": order(place)}, block("Decode", label, code or "-"))
        for place, (code, label) in enumerate(codes.items)
    )
    return tag("CodeList", attributes, *items)


def formula(name: str, one: Formula) -> str:
    """A signature is obligatory: what comes out of a condition is true or false, of a method some value."""
    attributes: dict[str, str | None] = {"OID": one.oid, "Name": one.name, "Type": one.kind or None}
    result = tag("ReturnValue", {"Name": "result", "DataType": RESULT[name]})
    inside = [expression(context, text) for context, text in one.expressions]
    signature = tag("MethodSignature", {}, result)
    return tag(name, attributes, block("Description", one.help, one.name), signature, *inside)
