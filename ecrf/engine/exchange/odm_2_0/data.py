"""ClinicalData of ODM 2.0: forms are groups of groups, an item may have several values, remarks come last."""

from __future__ import annotations

from ecrf.engine.exchange.odm.data import DataWriter
from ecrf.engine.exchange.xml import tag, words


class Writer(DataWriter):
    def value(self, oid: str, values: list[str] | None, inside: str, transaction: str | None) -> str:
        found = [
            tag("Value", {"SeqNum": str(number)}, words(value)) for number, value in enumerate(values or (), start=1)
        ]
        attributes: dict[str, str | None] = {"ItemOID": oid, "TransactionType": transaction}
        attributes |= {"IsNull": "Yes"} if values is None else {}
        return tag("ItemData", attributes, *found, inside)

    def comment(self, text: str) -> str:
        return tag("Comment", {}, tag("TranslatedText", {"Type": "text/plain"}, words(text)))

    def form(self, oid: str, number: str, about: str, groups: list[str]) -> str:
        return tag("ItemGroupData", {"ItemGroupOID": oid, "ItemGroupRepeatKey": number}, *groups, about)

    def event(self, oid: str, number: str, about: str, forms: list[str]) -> str:
        return tag("StudyEventData", {"StudyEventOID": oid, "StudyEventRepeatKey": number}, *forms, about)
