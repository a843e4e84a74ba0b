"""A definition as a REDCap data dictionary: 18 columns, one row per item, and what they can't say.

Where a cell that was imported still says what the item says, it is written as it came, markup and spelling included.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.columns import COLUMNS, Row
from ecrf.engine.redcap.dictionary_rows import dictionary_rows

PAGE_PROPERTIES = ("repeats", "row_title", "summary", "lock", "sign", "script", "help", "consent")
STUDY_PROPERTIES = ("arms", "events", "missing_codes", "modules")
"""What belongs to the project, not to its dictionary: the project XML says it."""


def write_dictionary(definition: Definition, *, language: str = "") -> tuple[bytes, list[Fault]]:
    """The file, and what isn't in it."""
    rows, remarks = dictionary_rows(definition.data, language or definition.languages[0])
    remarks += [
        Fault(name, "not_in_format", {"name": name, "property": name})
        for name in STUDY_PROPERTIES
        if definition.data.get(name)
    ]
    for number, page in enumerate(definition.data["pages"]):
        remarks += [
            Fault(f"pages.{number}.{name}", "not_in_format", {"name": page["key"], "property": name})
            for name in PAGE_PROPERTIES
            if page.get(name)
        ]
    return table(rows), remarks


def table(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS.values())
    writer.writerows([row[column] for column in COLUMNS] for row in rows)
    return text.getvalue().encode()


def keep_originals(data: dict[str, Any], rows: Sequence[Row], language: str) -> None:
    """Put into `source` each cell that an export wouldn't write in the same way."""
    written = {row["name"]: row for row in dictionary_rows(data, language, originals=False)[0]}
    imported = {row["name"].lower(): row for row in rows}
    for page in data["pages"]:
        for group in page["groups"]:
            for item in group["items"]:
                here, there = imported[item["key"]], written[item["key"]]
                different = {
                    column: (here[column], there[column]) for column in COLUMNS if here[column] != there[column]
                }
                for column, (original, derived) in different.items():
                    if len(original) <= 20_000 and len(derived) <= 20_000:
                        item.setdefault("source", {}).update(
                            {f"redcap.{column}": original, f"redcap.{column}.of": derived}
                        )
