"""The field in which REDCap keeps how far a form is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine.redcap.project.fields import FieldXml

COMPLETE = {
    "type": "dropdown",
    "label": "Complete?",
    "section": "Form Status",
    "choices": "0, Incomplete | 1, Unverified | 2, Complete",
}


def status_field(page: str, columns: Mapping[str, Any]) -> FieldXml:
    row = {**dict.fromkeys(columns, ""), **COMPLETE, "name": f"{page}_complete"}
    return FieldXml(row, [("0", "Incomplete"), ("1", "Unverified"), ("2", "Complete")])
