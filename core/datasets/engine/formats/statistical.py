"""SAS, SPSS and Stata through ReadStat: types by formats and values, labels, value labels and missing codes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyreadstat

from core.datasets.engine.formats.tables import LONGEST_WHOLE, Source, described
from core.files.unreadable import Unreadable

READ: dict[str, Any] = {
    "sav": pyreadstat.read_sav,
    "dta": pyreadstat.read_dta,
    "sas7bdat": pyreadstat.read_sas7bdat,
    "xpt": pyreadstat.read_xport,
}
ARROW = {
    "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "date": pa.date32(),
    "datetime": pa.timestamp("us"), "time": pa.time64("us"),
}  # fmt: skip
LOOKED = 200_000
"""Rows by which a look tells whole numbers from others; a reading goes by all of them."""
CELLS, MOST_ROWS = 2_000_000, 250_000
"""What is read at once: some programs' files are gone through from their beginning to find a row."""
CENTURY = {"sav": 12_219_379_200, "sas7bdat": 315_619_200, "xpt": 315_619_200, "dta": 315_619_200}
"""Seconds from the day that a program counts from (1582-10-14, 1960-01-01) to 1970."""
DAY = 86_400
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""The first and the last day of the calendar, from 1970 on."""
SPSS = {
    "date": "DATE ADATE EDATE JDATE SDATE MOYR QYR WKYR",
    "datetime": "DATETIME YMDHMS",
    "time": "TIME MTIME",
}
SAS = {
    "date": "DATE DAY DDMMYY DDMMYYB DDMMYYC DDMMYYD DDMMYYN DDMMYYP DDMMYYS MMDDYY MMDDYYB MMDDYYC MMDDYYD MMDDYYN "
    "MMDDYYP MMDDYYS YYMMDD YYMMDDB YYMMDDC YYMMDDD YYMMDDN YYMMDDP YYMMDDS MMYY MMYYC MMYYD MMYYN MMYYP MMYYS YYMM "
    "YYMMC YYMMD YYMMN YYMMP YYMMS MONYY YYMON JULIAN WORDDATE WORDDATX WEEKDATE WEEKDATX E8601DA B8601DA IS8601DA "
    "NLDATE NLDATEL NLDATEM NLDATES NLDATEW EURDFDD EURDFDE EURDFDN EURDFDWN EURDFMY EURDFWDX EURDFWKX",
    "datetime": "DATETIME DATEAMPM MDYAMPM DTDATE DTMONYY DTWKDATX DTYEAR DTYYQC E8601DT E8601DN E8601DZ B8601DT "
    "B8601DN B8601DZ IS8601DT IS8601DN IS8601DZ NLDATM NLDATML NLDATMM NLDATMS NLDATMAP NLDATMW EURDFDT",
    "time": "TIME TIMEAMPM HHMM HOUR MMSS TOD E8601TM B8601TM IS8601TM NLTIME NLTIMAP",
}
SHOWN = {
    program: {name: kind for kind, names in kinds.items() for name in names.split()}
    for program, kinds in (("sav", SPSS), ("sas7bdat", SAS), ("xpt", SAS))
}
"""Program -> name of a format in which it shows days and times -> what the column holds."""
_stata = re.compile(r"%-?(?:(?P<date>t?d)|(?P<datetime>t[cC]))")
_unit = re.compile(r"[\[(]([^\[\]()]{1,20})[\])]\s*$")


def opened(source: IO[bytes], kind: str, options: Mapping[str, Any]) -> Source:
    """The table, its types as formats say and values bear out: these programs write whole numbers like any others."""
    path = str(source.name)
    read = READ[kind]
    try:
        told = {"user_missing": True} if kind == "sav" else {}  # only the codes: their values are missing
        _empty, about = read(path, metadataonly=True, output_format="dict", **told)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError, OSError) as error:
        raise Unreadable("not_readable", format=kind) from error
    shown = {name: kind_of(about, name, kind) for name in about.column_names}
    at_once = max(1, min(MOST_ROWS, CELLS // max(1, len(shown))))
    kinds = {**shown, **settled(read, path, shown, at_once, LOOKED if options.get("lenient") else None)}
    columns = [described(name, kinds[name], **said_of(about, name)) for name in about.column_names]
    for column in columns:
        if shown[column["name"]] == "time" != column["type"]:
            column["unit"] = column["unit"] or "s"
    schema = pa.schema([(name, ARROW[kinds[name]]) for name in about.column_names])

    def batches(most: int) -> Iterator[pa.RecordBatch]:
        start = 0
        while True:
            found = piece(read, path, start, most)
            rows = max((len(values) for values in found.values()), default=0)
            if rows:
                yield pa.record_batch(
                    [array(found[name], kinds[name], kind, name) for name in schema.names], schema=schema
                )
            if rows < most:
                return
            start += rows

    return Source(columns, schema, batches, at_once=at_once)


def settled(read: Any, path: str, kinds: Mapping[str, str], at_once: int, most: int | None) -> dict[str, str]:
    """What columns of numbers and of times hold by their values, in the first `most` rows or in all.

    Numbers that are all whole are whole numbers; times of which one is longer than a day are numbers of seconds.
    """
    looked = {name for name, kind in kinds.items() if kind in ("number", "time")}
    whole, clock = set(looked), {name for name in looked if kinds[name] == "time"}
    known: set[str] = set()
    start = 0
    while whole | clock and (most is None or start < most):
        found = piece(read, path, start, at_once, sorted(whole | clock))
        for name, values in found.items():
            numbers = as_numbers(values)
            numbers = numbers[~np.isnan(numbers)]
            if numbers.size:
                known.add(name)
            if not (np.abs(numbers) <= LONGEST_WHOLE).all() or (numbers % 1).any():
                whole.discard(name)
            if not ((numbers >= 0) & (numbers < DAY)).all():
                clock.discard(name)
        rows = max((len(values) for values in found.values()), default=0)
        if rows < at_once:
            break
        start += rows
    return {
        name: "time" if name in clock else "integer" if name in whole & known else "number" for name in sorted(looked)
    }


def piece(read: Any, path: str, start: int, most: int, names: list[str] | None = None) -> dict[str, Any]:
    try:
        found, _about = read(
            path,
            row_offset=start,
            row_limit=most,
            usecols=names,
            output_format="dict",
            disable_datetime_conversion=True,
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError, OSError) as error:
        raise Unreadable("broken_after", row=start) from error
    return dict(found)


def kind_of(about: Any, name: str, program: str) -> str:
    """What the column holds, by its type and the format in which its program shows it; any other format is a number's.

    Names of formats are exact, for users of SAS make formats of any name.
    """
    if about.readstat_variable_types.get(name) == "string":
        return "text"
    shown = str(about.original_variable_types.get(name) or "")
    if program == "dta":
        found = _stata.match(shown)
        return str(found.lastgroup) if found else "number"
    return SHOWN[program].get(shown.upper().rstrip("0123456789."), "number")


def said_of(about: Any, name: str) -> dict[str, Any]:
    """Label, unit in brackets at its end, value labels, and the codes that the program takes for missing."""
    label = str((about.column_names_to_labels or {}).get(name) or "")
    codes = {written(code): str(text) for code, text in (about.variable_value_labels or {}).get(name, {}).items()}
    missing = [
        written(value) for span in (about.missing_ranges or {}).get(name, ()) for value in {span["lo"], span["hi"]}
    ]
    unit = found.group(1) if (found := _unit.search(label)) else ""
    return {"label": label, "unit": unit, "codes": codes, "missing_codes": sorted({*missing})}


def written(code: Any) -> str:
    """A code as text: whole numbers without a point."""
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)


def array(values: Any, kind: str, program: str, name: str) -> pa.Array:
    """The values of a column as Arrow has them; what is no number is missing."""
    if kind == "text":
        return pa.array([None if value is None or value == "" else str(value) for value in values], pa.string())
    numbers = as_numbers(values)
    absent = ~np.isfinite(numbers)
    if kind == "number":
        return pa.array(numbers, pa.float64(), mask=np.isnan(numbers))
    if kind == "integer":
        return pa.array(as_whole(numbers, absent), pa.int64(), mask=absent)
    if kind == "time":
        absent |= (numbers < 0) | (numbers >= DAY)
        return pa.array(as_whole(numbers * 1e6, absent), pa.int64(), mask=absent).cast(pa.time64("us"))
    days, seconds = since_1970(numbers, kind, program)
    absent |= (days < FIRST_DAY) | (days > LAST_DAY)
    if kind == "date":
        return pa.array(as_whole(days, absent).astype(np.int32), pa.int32(), mask=absent).cast(pa.date32())
    return pa.array(as_whole(seconds * 1e6, absent), pa.int64(), mask=absent).cast(pa.timestamp("us"))


def as_numbers(values: Any) -> Any:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def since_1970(numbers: Any, kind: str, program: str) -> tuple[Any, Any]:
    """Days and seconds from 1970 on: SPSS counts seconds, SAS and Stata days for dates, Stata milliseconds."""
    with np.errstate(invalid="ignore", over="ignore"):
        if program == "sav":
            seconds = numbers - CENTURY[program]
        elif kind == "date":
            seconds = numbers * DAY - CENTURY[program]
        else:
            seconds = (numbers / 1000 if program == "dta" else numbers) - CENTURY[program]
        return np.floor(seconds / DAY), seconds


def as_whole(numbers: Any, absent: Any) -> Any:
    return np.where(absent, 0, numbers).round().astype(np.int64)
