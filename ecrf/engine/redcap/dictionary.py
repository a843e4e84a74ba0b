"""Import a REDCap data dictionary: its 18 columns become a form definition, or it is refused whole with every fault.

What REDCap has and this definition can't say is kept on the item as it was written (`unconverted`) and reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecrf.engine.definition import Definition, load
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.columns import Row, table
from ecrf.engine.redcap.fields import NAME, Field
from ecrf.engine.redcap.formulas import convert_logic
from ecrf.engine.redcap.writing import keep_originals


def from_redcap(
    content: bytes | str,
    *,
    title: Mapping[str, str] | None = None,
    language: str = "en",
    translations: Mapping[str, bytes | str] | None = None,
    ranges: str = "warn",
) -> tuple[Definition, list[Fault]]:
    """The definition and the warnings. Raises Refused with every fault.

    `translations` are dictionaries of the same fields in other languages. REDCap's limits only warn; `ranges="block"`
    refuses what is beyond them.
    """
    rows, warnings = table(content)
    return from_rows(
        rows, warnings, title=title, language=language, translations=translations, ranges=ranges
    )


def from_rows(
    rows: Sequence[Row],
    warnings: list[Fault],
    *,
    title: Mapping[str, str] | None = None,
    language: str = "en",
    translations: Mapping[str, bytes | str] | None = None,
    ranges: str = "warn",
    complete: Callable[[dict[str, Any]], None] = lambda data: None,
) -> tuple[Definition, list[Fault]]:
    """The same of rows that were read already; `complete` adds to the data what a dictionary doesn't say."""
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
    wrong, remarks = convert_logic(fields)
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


def key_of(form: str) -> str:
    """``Antécédents médicaux`` is the page `antecedents_medicaux`."""
    ascii_ = unicodedata.normalize("NFKD", form.replace("’", "_")).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", ascii_).strip("_")
    return key if NAME.fullmatch(key) else f"p_{key}" if key else ""


def title_of(form: str) -> str:
    return form if not NAME.fullmatch(form) else form.replace("_", " ").strip().capitalize()


def record_id(fields: Sequence[Field]) -> None:
    """REDCap's first field names the record: here it is the subject's number, and nobody types it again."""
    first = fields[0]
    if first.row["type"] == "text" and not first.row["validation"]:
        first.item["calc"] = ["subject"]


def layout(fields: Sequence[Field], language: str, warnings: list[Fault]) -> list[dict[str, Any]]:
    """Forms become pages; a section header or a matrix opens a group."""
    pages: dict[str, dict[str, Any]] = {}
    last = ""
    for field in fields:
        key = key_of(field.row["form"])
        if key not in pages:
            pages[key] = {
                "key": key,
                "title": {language: title_of(field.row["form"]), **field.form_titles},
                "groups": [],
            }
            if field.row["form"] != key:
                pages[key]["source"] = {"redcap.form": field.row["form"][:20_000]}
        elif key != last:
            warnings.append(field.row.fault("form", "form_interrupted", name=field.row["form"]))
        last = key
        groups = pages[key]["groups"]
        matrix = field.matrix
        current = groups[-1] if groups else None
        if current is None or field.section or (current.get("matrix") or "") != matrix or not fits(current, field):
            current = {"items": []}
            if field.section:
                current["title"] = field.section
            if matrix:
                current["matrix"] = matrix
            groups.append(current)
        current["items"].append(field.item)
    return list(pages.values())


def fits(group: Mapping[str, Any], field: Field) -> bool:
    """A matrix holds fields with the same choices."""
    return "matrix" not in group or group["items"][0].get("choices") == field.item.get("choices")


def translate(fields: Sequence[Field], language: str, rows: list[Row], remarks: list[Fault]) -> list[Fault]:
    """Add another language's texts to the fields of the same names."""
    known = {field.key: field for field in fields}
    warnings = list(remarks)
    for row in rows:
        field = known.pop(row["name"].lower(), None)
        if field is None:
            warnings.append(row.fault("name", "translation_of_nothing", name=row["name"], language=language))
            continue
        warnings += field.translate(row, language, title_of(row["form"]))
    warnings += [
        field.row.fault("name", "translation_missing", name=key, language=language) for key, field in known.items()
    ]
    return warnings

