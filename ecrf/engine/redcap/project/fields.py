"""One row of a data dictionary as the definitions of a project XML: an item, or one per box, and its choices."""

from __future__ import annotations

from collections.abc import Sequence

from ecrf.engine.exchange.xml import tag, words
from ecrf.engine.redcap.flat_columns import box
from ecrf.engine.redcap.project import field_types as known


class FieldXml:
    """`codes` are the choices of an item that has some, with their labels."""

    def __init__(self, row: known.Row, codes: Sequence[tuple[str, str]]) -> None:
        self.row, self.codes, self.name, self.kind = row, codes, row["name"], row["type"]

    @property
    def oids(self) -> list[str]:
        return [box(self.name, code) for code, _ in self.codes] if self.kind == "checkbox" else [self.name]

    @property
    def data_type(self) -> str:
        if self.kind in known.DATA_TYPES:
            return known.DATA_TYPES[self.kind]
        validation = self.row["validation"] if self.kind == "text" else ""
        return next((kind for start, kind in known.BY_VALIDATION if validation.startswith(start)), "text")

    def references(self) -> list[str]:
        return [tag("ItemRef", {"ItemOID": oid, "Mandatory": "No", "redcap:Variable": self.name}) for oid in self.oids]

    def items(self) -> list[str]:
        row = self.row
        attributes: dict[str, str | None] = {
            "DataType": self.data_type,
            "Length": "1" if self.codes else "999",
            "SignificantDigits": "1" if row["validation"].startswith("number_") else None,
            "redcap:Variable": self.name,
            "redcap:FieldType": known.FIELD_TYPES.get(self.kind, self.kind),
            "redcap:TextValidationType": known.VALIDATION_NAMES.get(row["validation"], row["validation"]) or None,
        }
        attributes |= {f"redcap:{name}": row[column] or None for column, name in known.ATTRIBUTES.items()}
        if self.kind in ("calc", "slider"):
            attributes["redcap:Calculation" if self.kind == "calc" else "redcap:SliderLabels"] = row["choices"] or None
        question = tag("Question", {}, tag("TranslatedText", {}, words(row["label"])))
        return [
            tag("ItemDef", {"OID": oid, "Name": oid, **attributes}, question, *self.checks(), *self.reference(oid))
            for oid in self.oids
        ]

    def checks(self) -> list[str]:
        return [
            tag("RangeCheck", {"Comparator": name, "SoftHard": "Soft"}, tag("CheckValue", {}, words(self.row[column])))
            for column, name in known.COMPARATORS.items()
            if self.row[column]
        ]

    def reference(self, oid: str) -> list[str]:
        return [tag("CodeListRef", {"CodeListOID": f"{oid}.choices"})] if self.codes else []

    def lists(self) -> list[str]:
        if not self.codes:
            return []
        attributes: dict[str, str | None] = {
            "DataType": "boolean" if self.data_type == "boolean" else "text",
            "redcap:Variable": self.name,
        }
        codes = self.codes
        if self.kind == "checkbox":
            attributes["redcap:CheckboxChoices"] = " | ".join(f"{code}, {label}" for code, label in codes)
            codes = [("1", "Checked"), ("0", "Unchecked")]
        inside = [
            tag("CodeListItem", {"CodedValue": code}, tag("Decode", {}, tag("TranslatedText", {}, words(label))))
            for code, label in codes
        ]
        return [tag("CodeList", {"OID": f"{oid}.choices", "Name": oid, **attributes}, *inside) for oid in self.oids]
