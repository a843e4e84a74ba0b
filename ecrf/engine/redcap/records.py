"""Records in REDCap's flat layout: ``race___1`` columns of 0 and 1 become one list; its own columns are set apart."""

from __future__ import annotations

from collections.abc import Mapping

from ecrf.engine.definition import Definition
from ecrf.engine.values import Stored

OWN = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group")


def read_record(definition: Definition, row: Mapping[str, str]) -> tuple[dict[str, Stored], list[str]]:
    """The values of one row, empty cells left out, and the columns that belong to no item."""
    values: dict[str, Stored] = {}
    ticked: dict[str, list[str]] = {}
    columns = {
        f"{key}___{code.lower()}": (key, code)
        for key, item in definition.items.items()
        if item.kind == "choices"
        for code in item.codes
    }
    statuses = {f"{page.key}_complete" for page in definition.pages}
    strangers: list[str] = []
    for column, cell in row.items():
        if column in columns:
            key, code = columns[column]
            if cell not in ("", "0", "1"):
                strangers.append(column)
            elif cell == "1":
                ticked.setdefault(key, []).append(code)
        elif column in definition.items:
            if cell != "":
                values[column] = cell
        elif column not in OWN and column not in statuses:
            strangers.append(column)
    return values | ticked, strangers
