"""Tables as SPSS, Stata and SAS transport files, with labels and value labels, written in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from core.datasets.engine.formats.tables import LONGEST_WHOLE

WRITE: dict[str, Any] = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}
LONGEST_NAME = {"sav": 60, "dta": 32, "xpt": 32}
LONGEST_LABEL = {"sav": 250, "dta": 80, "xpt": 250}
RESERVED = frozenset(
    "all and by eq ge gt le lt ne not or to with _all _b byte _coef _cons double float if in int long _n _pi "  # noqa: SIM905
    "_pred _rc _skip using strl".split(" ")
)
MOST_MISSING = 3
"""Codes of a column that SPSS takes for missing."""


class Unwritable(Exception):
    """The program's format can't hold this table; `column` is one that has too many missing codes, if that is why."""

    def __init__(self, form: str, column: str = "") -> None:
        super().__init__(form)
        self.column = column


def written(table: pa.Table, columns: Sequence[Mapping[str, Any]], form: str) -> int:
    """A memfd with the file, from its beginning; the caller closes it. Raises Unwritable."""
    table, columns = as_text_where_long(table, columns)
    names = names_for([column["name"] for column in columns], LONGEST_NAME[form])
    frame = table.rename_columns(names).to_pandas(date_as_object=True, timestamp_as_object=False)
    for name, column in zip(names, columns, strict=True):
        if column["type"] == "boolean":
            frame[name] = frame[name].astype("Float64").astype("float64")
        elif column["type"] == "text":
            frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    options: dict[str, Any] = {
        "column_labels": {
            name: label_of(column, LONGEST_LABEL[form]) for name, column in zip(names, columns, strict=True)
        }
    }
    if form != "xpt":
        options["variable_value_labels"] = {
            name: labels for name, column in zip(names, columns, strict=True) if (labels := labels_for(column, form))
        }
    else:
        options["file_format_version"] = 8
    if form == "sav":
        options["missing_ranges"] = {
            name: missing for name, column in zip(names, columns, strict=True) if (missing := missing_for(column))
        }
    fd = os.memfd_create("export", os.MFD_CLOEXEC)
    try:
        WRITE[form](frame, f"/proc/self/fd/{fd}", **options)
        os.lseek(fd, 0, os.SEEK_SET)
    except (
        pyreadstat.ReadstatError,
        pyreadstat.PyreadstatError,
        ValueError,
        OverflowError,
        TypeError,
        OSError,
    ) as error:
        os.close(fd)
        raise Unwritable(form) from error
    return fd


def as_text_where_long(
    table: pa.Table, columns: Sequence[Mapping[str, Any]]
) -> tuple[pa.Table, list[Mapping[str, Any]]]:
    """Columns with whole numbers past LONGEST_WHOLE as text, so that no digit changes."""
    made = list(columns)
    for place, column in enumerate(columns):
        values = table.column(place)
        if column["type"] == "integer" and is_long(values):
            table = table.set_column(place, table.field(place).name, values.cast(pa.string()))
            made[place] = {**column, "type": "text"}
    return table, made


def is_long(values: pa.ChunkedArray) -> bool:
    ends = pc.min_max(values).as_py().values()
    return any(end is not None and abs(end) > LONGEST_WHOLE for end in ends)


def label_of(column: Mapping[str, Any], longest: int) -> str:
    """The label, or the name where there is none, with the unit in brackets at its end."""
    label, unit = column["label"] or column["name"], column["unit"]
    if not unit or label.rstrip().endswith((f"[{unit}]", f"({unit})")):
        return str(label[:longest])
    tail = f" [{unit}]"
    return f"{label[: longest - len(tail)]}{tail}"


def missing_for(column: Mapping[str, Any]) -> list[Any]:
    """The missing codes as the column's values are. Raises Unwritable for more than SPSS holds."""
    missing = values_for(column, column["missing_codes"])
    if len(missing) > MOST_MISSING:
        raise Unwritable("sav", column["name"])
    return missing


def names_for(names: Sequence[str], longest: int) -> list[str]:
    """Names that these programs take: letters, digits and underscores, each once, whatever the case."""
    seen: set[str] = set(RESERVED)
    made = []
    for number, name in enumerate(names, 1):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)[:longest].strip("_") or f"v{number}"
        kept = plain if plain[0].isalpha() else f"v{plain}"[:longest]
        if kept.lower() in seen:
            kept = f"{kept[: longest - 6]}_{number}"
        seen.add(kept.lower())
        made.append(kept)
    return made


def values_for(column: Mapping[str, Any], codes: Sequence[str]) -> list[Any]:
    """Codes as the column's values are: numbers, where it holds numbers."""
    if column["type"] == "text":
        return [code for code in codes if len(code) <= 8]
    made = []
    for code in codes if column["type"] in ("integer", "number") else ():
        try:
            made.append(float(code))
        except ValueError:
            continue
    return made


def labels_for(column: Mapping[str, Any], form: str) -> dict[Any, str]:
    """Value labels; Stata has none for text, and none but whole numbers."""
    if form == "dta" and column["type"] == "text":
        return {}
    made = {}
    for code, label in column["codes"].items():
        for value in values_for(column, [code]):
            if form != "dta" or (float(value).is_integer() and abs(value) < 2**31 - 100):
                made[int(value) if form == "dta" else value] = label[:120]
    return made
