"""A dictionary as a table: a code and a label on each line, and what the term belongs to in the columns after them.

Columns: ``code``, ``label``, if wanted ``synonyms`` (parted by |) and ``current`` (0 or no: no longer given). Every
other column is a level above the term, the highest first: ``chapter``, with its code in ``chapter_code``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

from ecrf.engine.dictionaries.terms import Term
from ecrf.engine.faults import Fault

OWN = {"code", "label", "synonyms", "current"}
NO = {"0", "n", "no", "non", "false"}
ATC_LENGTHS = (1, 3, 4, 5)
"""Of the codes above a code of the ATC classification."""


def read(content: bytes) -> tuple[list[Term], tuple[str, ...], list[Fault]]:
    rows, levels, faults = lines(content)
    terms = [
        Term(
            row["code"].strip(),
            " ".join(row["label"].split()),
            tuple((row.get(f"{level}_code", "").strip(), row[level].strip()) for level in levels if row[level].strip()),
            tuple(" ".join(one.split()) for one in row.get("synonyms", "").split("|") if one.strip()),
            row.get("current", "").strip().lower() not in NO,
        )
        for row in rows
    ]
    return terms, levels, faults


def lines(content: bytes) -> tuple[list[dict[str, str]], tuple[str, ...], list[Fault]]:
    """The rows by the names of their columns, and the names of the levels."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], (), [Fault("", "not_utf8")]
    head = text.partition("\n")[0]
    separator = max(";,\t", key=head.count)
    try:
        rows = [
            {str(name or "").strip().lower(): value or "" for name, value in row.items() if not isinstance(value, list)}
            for row in csv.DictReader(io.StringIO(text), delimiter=separator)
        ]
    except csv.Error:
        return [], (), [Fault("", "not_a_table")]
    columns = [name.strip().lower() for name in next(csv.reader([head], delimiter=separator), [])]
    missing = [name for name in ("code", "label") if name not in columns]
    if missing:
        return [], (), [Fault("row 1", "column_missing", {"name": name}) for name in missing]
    names = [name for name in columns if name and name not in OWN]
    levels = tuple(name for name in names if not (name.endswith("_code") and name.removesuffix("_code") in names))
    full = [row for row in rows if any(value.strip() for value in row.values())]
    return full, levels, []


def read_atc(content: bytes) -> tuple[list[Term], tuple[str, ...], list[Fault]]:
    """The ATC classification: what a code belongs to are its beginnings."""
    terms, _levels, faults = read(content)
    above = nested(terms, lambda code: [code[:length] for length in ATC_LENGTHS if length < len(code)])
    return above, ("anatomical", "therapeutic", "pharmacological", "chemical"), faults


def read_icd(content: bytes) -> tuple[list[Term], tuple[str, ...], list[Fault]]:
    """ICD-10 as a table of codes: ``A00.1`` belongs to ``A00``; levels in further columns stand above."""
    terms, levels, faults = read(content)
    above = nested(terms, lambda code: [code.partition(".")[0]] if "." in code else [])
    return above, (*levels, "category"), faults


def nested(terms: list[Term], above: Callable[[str], list[str]]) -> list[Term]:
    labels: Mapping[str, str] = {term.code: term.label for term in terms}
    return [
        Term(
            term.code,
            term.label,
            (*term.path, *((code, labels[code]) for code in above(term.code) if code in labels)),
            term.synonyms,
            term.current,
        )
        for term in terms
    ]
