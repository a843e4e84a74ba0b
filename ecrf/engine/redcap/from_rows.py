"""A definition made of the rows of a data dictionary, wherever they were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.columns import Row
from ecrf.engine.redcap.dictionary_faults import checked, names
from ecrf.engine.redcap.dictionary_file import table
from ecrf.engine.redcap.fields import Field
from ecrf.engine.redcap.formulas import convert_logic
from ecrf.engine.redcap.pages import layout
from ecrf.engine.redcap.translation import translate
from ecrf.engine.redcap.writing import keep_originals


def from_rows(
    rows: Sequence[Row],
    warnings: list[Fault],
    *,
    title: Mapping[str, str] | None = None,
    language: str = "en",
    translations: Mapping[str, bytes | str] | None = None,
    ranges: str = "warn",
    complete: Callable[[dict[str, Any]], None] = lambda data: None,
    events: Sequence[str] = (),
    one_arm: bool = False,
) -> tuple[Definition, list[Fault]]:
    """The same of rows that were read already; `complete` adds to the data what a dictionary doesn't say.

    `events` are their keys in order, of which formulas may speak.
    """
    faults: list[Fault] = [*names(rows)]
    fields = [Field(row, language, ranges) for row in rows]
    for field in fields:
        faults += field.faults
        warnings += field.warnings
    for code, text in (translations or {}).items():
        try:
            warnings += translate(fields, code, *table(text))
        except Refused as refused:
            faults += [Fault(f"{code}: {one.place}", one.code, one.params) for one in refused.faults]
    record_id(fields)
    wrong, remarks = convert_logic(fields, frozenset(events), tuple(events) if one_arm else ())
    faults, warnings = faults + wrong, warnings + remarks
    if faults:
        raise Refused(sorted(faults, key=lambda one: one.params.get("row", 0)))
    pages = layout(fields, language, warnings)
    data: dict[str, Any] = {
        "format": 1,
        "title": dict(title or {language: ""}),
        "languages": [language, *(code for code in translations or {} if code != language)],
        "pages": pages,
    }
    keep_originals(data, rows, language)
    complete(data)
    return checked(data, fields), warnings


def record_id(fields: Sequence[Field]) -> None:
    """REDCap's first field names the record: here it is the subject's number, and nobody types it again."""
    first = fields[0]
    if first.row["type"] == "text" and not first.row["validation"]:
        first.item["calc"] = ["subject"]
