"""From XML to the model of a study, for both versions. What the model has no room for is reported."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from ecrf.engine.exchange.odm.formulas import CONTEXT
from ecrf.engine.exchange.odm.grammar import at
from ecrf.engine.exchange.odm.model import (
    Arm,
    Check,
    CodeList,
    Event,
    Form,
    Formula,
    Group,
    Item,
    Part,
    Study,
    Texts,
    Use,
)
from ecrf.engine.exchange.xml import Element, child, children, local, text_of
from ecrf.engine.faults import Fault

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
READ = {
    "OID",
    "Name",
    "Repeating",
    "Type",
    "DataType",
    "Length",
    "SignificantDigits",
    "StudyName",
    "ProtocolName",
}
"""Attributes that the model has a place for; others are kept."""
MAX_EXTRA = 20_000
AnyPart = TypeVar("AnyPart", bound=Part)


class Parsing:
    def __init__(self, study: Element, version: str) -> None:
        self.element, self.version = study, version
        self.metadata = child(study, "MetaDataVersion")
        self.faults: list[Fault] = []
        self.remarks: list[Fault] = []
        self.study = self.opening()

    def result(self) -> Study:
        for element in children(self.metadata):
            reader = getattr(self, f"read_{local(element).lower()}", None)
            if reader is not None:
                reader(element)
            elif local(element) not in IGNORED and not element.get("OID", "").startswith(OWN_WORKFLOW):
                self.remarks.append(at(element, "xml_element_not_carried", name=local(element)))
        if len(list(children(self.element, "MetaDataVersion"))) > 1:
            self.remarks.append(at(self.element, "only_first_version"))
        return self.study

    def opening(self) -> Study:
        study = self.element
        variables = child(study, "GlobalVariables")
        if variables is not None:
            name, protocol = text_of(child(variables, "StudyName")), text_of(child(variables, "ProtocolName"))
            description = text_of(child(variables, "StudyDescription"))
        else:
            name, protocol = study.get("StudyName", ""), study.get("ProtocolName", "")
            description = next(iter(texts(child(study, "Description")).values()), "")
        found = Study(study.get("OID", ""), name, study.line, description=description, protocol=protocol)
        if self.metadata is not None:
            found.version, found.version_name = self.metadata.get("OID", ""), self.metadata.get("Name", "")
        for unit in children(child(study, "BasicDefinitions"), "MeasurementUnit"):
            found.units[unit.get("OID", "")] = (unit.get("Name", ""), texts(child(unit, "Symbol")))
        return found

    def part(self, kind: type[AnyPart], element: Element, known: dict[str, AnyPart]) -> AnyPart:
        """A part with its texts, its aliases and what other systems say about it; twice the same OID is a fault."""
        found = kind(element.get("OID", ""), element.get("Name", ""), element.line)
        if found.oid in known:
            self.faults.append(at(element, "oid_twice", name=found.oid[:80], first=known[found.oid].line))
        found.help = texts(child(element, "Description"))
        self.extras(found, element)
        known[found.oid] = found
        return found

    def extras(self, part: Part, element: Element) -> None:
        for name, value in element.attrib.items():
            if name not in READ and "}" not in name and len(value) <= MAX_EXTRA:
                part.extra[f"odm.{name}"] = value
        for alias in children(element, "Alias"):
            context, name = alias.get("Context", ""), alias.get("Name", "")
            if context == CONTEXT:
                part.patch = self.patch(alias, name)
            elif len(name) <= MAX_EXTRA:
                part.extra[f"odm.alias.{context}"] = name

    def patch(self, alias: Element, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if (
            isinstance(found, dict)
            and isinstance(found.get("set", {}), dict)
            and isinstance(found.get("unset", []), list)
        ):
            return found
        self.faults.append(at(alias, "bad_alias"))
        return {}

    def read_protocol(self, element: Element) -> None:
        self.extras(self.study, element)
        self.study.order = [use.oid for use in self.uses(element, "StudyEventRef", "StudyEventOID")]
        for arm in children(child(element, "StudyStructure"), "Arm"):
            self.part(Arm, arm, self.study.arms)
        for other in children(element):
            if local(other) not in ("StudyEventRef", "StudyEventGroupRef", "StudyStructure", "Alias", "WorkflowRef"):
                self.remarks.append(at(other, "xml_element_not_carried", name=local(other)))

    def read_studyeventgroupdef(self, element: Element) -> None:
        events = [use.oid for use in self.uses(element, "StudyEventRef", "StudyEventOID")]
        self.study.order += [oid for oid in events if oid not in self.study.order]
        arm = element.get("ArmOID", "")
        if arm in self.study.arms:
            self.study.arms[arm].events += events

    def read_studyeventdef(self, element: Element) -> None:
        event = self.part(Event, element, self.study.events)
        event.kind, event.repeats = element.get("Type", ""), element.get("Repeating") == "Yes"
        event.forms = self.uses(element, "FormRef", "FormOID") + self.uses(element, "ItemGroupRef", "ItemGroupOID")

    def read_formdef(self, element: Element) -> None:
        form = self.part(Form, element, self.study.forms)
        form.repeats = element.get("Repeating") == "Yes"
        form.groups = [(use, 1) for use in self.uses(element, "ItemGroupRef", "ItemGroupOID")]

    def read_itemgroupdef(self, element: Element) -> None:
        repeats = element.get("Repeating", "No") != "No"
        groups = self.uses(element, "ItemGroupRef", "ItemGroupOID")
        items = self.uses(element, "ItemRef", "ItemOID")
        if self.version == "2.0" and (element.get("Type") == "Form" or groups):
            form = self.part(Form, element, self.study.forms)
            form.repeats, form.groups = repeats, [(use, 1) for use in groups]
            if items:  # items that stand beside the groups of a form, or right in it
                self.study.groups[form.oid] = Group(form.oid, form.name, element.line, items=items)
                form.groups.insert(0, (Use(form.oid, element.line), 1))
            return
        group = self.part(Group, element, self.study.groups)
        group.repeats, group.items = repeats, items

    def read_itemdef(self, element: Element) -> None:
        item = self.part(Item, element, self.study.items)
        item.kind = element.get("DataType", "")
        item.length, item.digits = whole(element.get("Length")), whole(element.get("SignificantDigits"))
        item.label = texts(child(element, "Question"))
        item.units = [one.get("MeasurementUnitOID", "") for one in children(element, "MeasurementUnitRef")]
        reference = child(element, "CodeListRef")
        item.codes = reference.get("CodeListOID", "") if reference is not None else ""
        item.checks = [
            Check(
                check.get("Comparator", ""),
                [text_of(value) for value in children(check, "CheckValue")],
                expressions(check),
                check.get("SoftHard", "Soft") == "Hard",
                texts(child(check, "ErrorMessage")),
                check.line,
            )
            for check in children(element, "RangeCheck")
        ]
        box = item.patch.get("box")
        if isinstance(box, list) and len(box) == 2:
            item.box = (str(box[0]), str(box[1]))
        for other in children(element):
            if local(other) in NOT_OF_ITEM:
                self.remarks.append(at(other, "xml_element_not_carried", name=local(other)))

    def read_codelist(self, element: Element) -> None:
        codes = self.part(CodeList, element, self.study.lists)
        codes.kind = element.get("DataType", "text")
        codes.external = child(element, "ExternalCodeList") is not None
        found = in_order(children(element, "CodeListItem", "EnumeratedItem"))
        codes.items = [(one.get("CodedValue", ""), texts(child(one, "Decode"))) for one in found]

    def read_conditiondef(self, element: Element) -> None:
        self.part(Formula, element, self.study.conditions).expressions = expressions(element)

    def read_methoddef(self, element: Element) -> None:
        method = self.part(Formula, element, self.study.methods)
        method.expressions, method.kind = expressions(element), element.get("Type", "")

    def uses(self, element: Element, name: str, attribute: str) -> list[Use]:
        return [
            Use(
                one.get(attribute, ""),
                one.line,
                one.get("Mandatory") == "Yes",
                one.get("CollectionExceptionConditionOID", ""),
                one.get("MethodOID", ""),
                one.get("Repeat") == "Yes",
            )
            for one in in_order(children(element, name))
        ]


IGNORED = frozenset({"Description"})
OWN_WORKFLOW = "WF.suite."
"""Workflows that we write follow from the order of the events: nothing is lost with them."""
NOT_OF_ITEM = frozenset(
    {"ExternalQuestion", "Definition", "Prompt", "CRFCompletionInstructions", "ImplementationNotes", "CDISCNotes"}
    | {"ValueListRef", "Role", "Coding"}
)


def in_order(elements: Iterable[Element]) -> list[Element]:
    """By OrderNumber; those without one keep their places behind."""
    return sorted(elements, key=lambda one: whole(one.get("OrderNumber")) or 10**9)


def texts(element: Element | None) -> Texts:
    return {one.get(LANG, ""): text_of(one) for one in children(element, "TranslatedText") if text_of(one)}


def expressions(element: Element) -> list[tuple[str, str]]:
    return [(one.get("Context", ""), text_of(one)) for one in children(element, "FormalExpression")]


def whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
