"""The fields of a project XML, as the rows that its data dictionary would have."""

from __future__ import annotations

from collections.abc import Iterator

from ecrf.engine.exchange.xml import Element, child, children, text_of
from ecrf.engine.redcap.columns import COLUMNS, Row
from ecrf.engine.redcap.project.attributes import form_name, own
from ecrf.engine.redcap.project.field_types import ATTRIBUTES, TYPES, VALIDATIONS


def dictionary(version: Element) -> Iterator[Row]:
    """The fields in the order of the forms; the states of forms are no fields."""
    groups = {group.get("OID"): group for group in children(version, "ItemGroupDef")}
    items = {item.get("OID"): item for item in children(version, "ItemDef")}
    lists = {codes.get("OID"): codes for codes in children(version, "CodeList")}
    line = 1
    for form in children(version, "FormDef"):
        name, seen = form_name(form), set()
        for reference in children(form, "ItemGroupRef"):
            for one in children(groups.get(reference.get("ItemGroupOID")), "ItemRef"):
                item = items.get(one.get("ItemOID"))
                variable = own(one, "Variable") or (own(item, "Variable") if item is not None else "")
                if item is None or variable in seen or variable == f"{name}_complete":
                    continue
                seen.add(variable)
                line += 1
                yield Row(line, {**dict.fromkeys(COLUMNS, ""), **cells(item, lists), "name": variable, "form": name})


def cells(item: Element, lists: dict[str, Element]) -> dict[str, str]:
    kind = own(item, "FieldType").lower()
    validation = own(item, "TextValidationType")
    found = {column: own(item, name) for column, name in ATTRIBUTES.items()}
    found["type"] = TYPES.get(kind, kind)
    found["label"] = text_of(child(child(item, "Question"), "TranslatedText"))
    found["validation"] = VALIDATIONS.get(validation, validation)
    found["choices"] = choices(item, kind, lists)
    for check in children(item, "RangeCheck"):
        column = {"GE": "min", "LE": "max"}.get(check.get("Comparator", ""))
        if column:
            found[column] = text_of(child(check, "CheckValue"))
    return found


def choices(item: Element, kind: str, lists: dict[str, Element]) -> str:
    if kind == "calc":
        return own(item, "Calculation")
    if kind == "slider":
        return own(item, "SliderLabels")
    if kind in ("yesno", "truefalse"):
        return ""
    reference = child(item, "CodeListRef")
    codes = lists.get(reference.get("CodeListOID")) if reference is not None else None
    if codes is None:
        return ""
    if kind == "checkbox":
        return " | ".join(part.strip() for part in own(codes, "CheckboxChoices").split("|"))
    return " | ".join(
        f"{one.get('CodedValue', '')}, {text_of(child(child(one, 'Decode'), 'TranslatedText'))}"
        for one in children(codes, "CodeListItem")
    )
