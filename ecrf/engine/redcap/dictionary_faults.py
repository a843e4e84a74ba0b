"""What is wrong with a data dictionary as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ecrf.engine.definition import Definition, load
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.columns import Row
from ecrf.engine.redcap.fields import NAME, Field
from ecrf.engine.redcap.pages import key_of


def checked(data: dict[str, Any], fields: Sequence[Field]) -> Definition:
    """Load it; what only the whole form shows (circles, columns of the same name) is said at the row it comes from."""
    try:
        return load(data)
    except Refused as refused:
        rows = {field.key: field.row for field in fields}
        placed: list[Fault] = []
        for one in refused.faults:
            found = re.match(r"pages\.(\d+)\.groups\.(\d+)\.items\.(\d+)", one.place)
            if found is None:
                placed.append(one)
                continue
            page, group, item = map(int, found.groups())
            key = data["pages"][page]["groups"][group]["items"][item]["key"]
            placed.append(rows[key].fault(COLUMN_OF.get(one.place.rsplit(".", 1)[-1], "name"), one.code, **one.params))
        raise Refused(placed) from None


COLUMN_OF = {"visible_if": "branching", "calc": "choices", "choices": "choices", "min": "min", "max": "max"}


def names(rows: Sequence[Row]) -> list[Fault]:
    """Names that are no names, or come twice."""
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for row in rows:
        name = row["name"].lower()
        if not NAME.fullmatch(name) or len(name) > 100:
            faults.append(row.fault("name", "bad_name", name=row["name"][:80]))
        elif name in seen:
            faults.append(row.fault("name", "name_twice", name=name, first=seen[name]))
        seen.setdefault(name, row.line)
        if not row["form"]:
            faults.append(row.fault("form", "cell_empty"))
        elif not key_of(row["form"]):
            faults.append(row.fault("form", "bad_name", name=row["form"][:80]))
    return faults
