"""ClinicalData of ODM 1.3.2: events hold forms, forms hold groups, remarks come before what they are about."""

from __future__ import annotations

from ecrf.engine.exchange.odm.data import DataWriter
from ecrf.engine.exchange.xml import tag, words


class Writer(DataWriter):
    def value(self, oid: str, values: list[str] | None, inside: str, transaction: str | None) -> str:
        """Where there is no value it says so: an empty text is a value too."""
        attributes: dict[str, str | None] = {"ItemOID": oid, "TransactionType": transaction}
        attributes |= {"IsNull": "Yes"} if not values else {"Value": values[0]}
        return tag("ItemData", attributes, inside)

    def comment(self, text: str) -> str:
        return tag("Comment", {}, words(text))

    def form(self, oid: str, number: str, about: str, groups: list[str]) -> str:
        return tag("FormData", {"FormOID": oid, "FormRepeatKey": number}, about, *groups)

    def event(self, oid: str, number: str, about: str, forms: list[str]) -> str:
        return tag("StudyEventData", {"StudyEventOID": oid, "StudyEventRepeatKey": number}, about, *forms)
