"""The metadata of a study as ODM 1.3.2."""

from __future__ import annotations

from collections.abc import Iterator

from ecrf.engine.exchange.odm.model import Check, CodeList, Event, Form, Formula, Group, Item, Study, Use
from ecrf.engine.exchange.odm.writing import aliases, block, kept, lines, order, reference, yes_no
from ecrf.engine.exchange.xml import tag, words

NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"


def study_text(study: Study) -> Iterator[str]:
    """The element Study, in pieces."""
    yield tag("Study", {"OID": study.oid}, " ").removesuffix(" </Study>") + "\n"
    names = (("StudyName", study.name), ("StudyDescription", study.description), ("ProtocolName", study.protocol))
    yield tag("GlobalVariables", {}, *(tag(name, {}, words(text)) for name, text in names)) + "\n"
    if study.units:
        yield tag("BasicDefinitions", {}, *map(unit, study.units.items())) + "\n"
    yield (
        tag("MetaDataVersion", {"OID": study.version, "Name": study.version_name}, " ").removesuffix(
            " </MetaDataVersion>"
        )
        + "\n"
    )
    events = [
        tag("StudyEventRef", {"StudyEventOID": oid, "OrderNumber": order(place), "Mandatory": "No"})
        for place, oid in enumerate(study.order)
    ]
    yield tag("Protocol", {}, *events, aliases(study)) + "\n"
    yield lines(map(event_def, study.events.values()))
    yield lines(map(form_def, study.forms.values()))
    yield lines(map(group_def, study.groups.values()))
    yield lines(map(item_def, study.items.values()))
    yield lines(map(code_list, study.lists.values()))
    yield lines(formula("ConditionDef", one) for one in study.conditions.values())
    yield lines(formula("MethodDef", one) for one in study.methods.values())
    yield "</MetaDataVersion>\n</Study>\n"


def unit(one: tuple[str, tuple[str, dict[str, str]]]) -> str:
    oid, (name, symbol) = one
    return tag("MeasurementUnit", {"OID": oid, "Name": name}, block("Symbol", symbol, name))


def event_def(event: Event) -> str:
    forms = (reference("FormRef", "FormOID", use, place) for place, use in enumerate(event.forms))
    attributes = {"OID": event.oid, "Name": event.name, "Repeating": yes_no(event.repeats), "Type": event.kind}
    own = kept(event, "Category")
    return tag("StudyEventDef", {**attributes, **own}, block("Description", event.help), *forms, aliases(event))


def form_def(form: Form) -> str:
    groups = (reference("ItemGroupRef", "ItemGroupOID", use, place) for place, (use, _) in enumerate(form.groups))
    attributes: dict[str, str | None] = {"OID": form.oid, "Name": form.name, "Repeating": yes_no(form.repeats)}
    return tag("FormDef", attributes, block("Description", form.help), *groups, aliases(form))


def group_def(group: Group) -> str:
    attributes: dict[str, str | None] = {"OID": group.oid, "Name": group.name, "Repeating": yes_no(group.repeats)}
    own = kept(group, "IsReferenceData", "SASDatasetName", "Domain", "Origin", "Role", "Purpose", "Comment")
    items = (item_ref(use, place) for place, use in enumerate(group.items))
    return tag("ItemGroupDef", {**attributes, **own}, block("Description", group.help), *items, aliases(group))


def item_ref(use: Use, place: int) -> str:
    return reference("ItemRef", "ItemOID", use, place, MethodOID=use.method or None)


def item_def(item: Item) -> str:
    attributes: dict[str, str | None] = {
        "OID": item.oid,
        "Name": item.name,
        "DataType": item.kind,
        "Length": str(item.length) if item.length else None,
        "SignificantDigits": str(item.digits) if item.digits is not None else None,
        **kept(item, "SASFieldName", "SDSVarName", "Origin", "Comment"),
    }
    inside = [block("Description", item.help), block("Question", item.label, item.name)]
    inside += [tag("MeasurementUnitRef", {"MeasurementUnitOID": oid}) for oid in item.units]
    inside += map(range_check, item.checks)
    inside += [tag("CodeListRef", {"CodeListOID": item.codes})] if item.codes else []
    return tag("ItemDef", attributes, *inside, aliases(item))


def range_check(check: Check) -> str:
    attributes: dict[str, str | None] = {"Comparator": check.comparator or None}
    attributes["SoftHard"] = "Hard" if check.hard else "Soft"
    values = [tag("CheckValue", {}, words(value)) for value in check.values]
    values += [tag("FormalExpression", {"Context": context}, words(text)) for context, text in check.expressions]
    return tag("RangeCheck", attributes, *values, block("ErrorMessage", check.message))


def code_list(codes: CodeList) -> str:
    attributes: dict[str, str | None] = {"OID": codes.oid, "Name": codes.name, "DataType": codes.kind}
    items = (
        tag("CodeListItem", {"CodedValue": code, "OrderNumber": order(place)}, block("Decode", label, code or "-"))
        for place, (code, label) in enumerate(codes.items)
    )
    return tag("CodeList", attributes, *items)


def formula(name: str, one: Formula) -> str:
    attributes: dict[str, str | None] = {"OID": one.oid, "Name": one.name, "Type": one.kind or None}
    inside = [tag("FormalExpression", {"Context": context}, words(text)) for context, text in one.expressions]
    return tag(name, attributes, block("Description", one.help, one.name), *inside)
