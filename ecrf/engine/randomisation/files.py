"""Allocation tables as CSV: a file is checked whole and refused with every wrong cell by its place."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from ecrf.engine.faults import Fault, Refused
from ecrf.engine.randomisation.limits import MOST_ROWS
from ecrf.engine.randomisation.plan import Plan
from ecrf.engine.randomisation.strata import combinations, name
from ecrf.engine.randomisation.table import Row
from ecrf.engine.redcap.dictionary_file import decoded

MAX_BYTES = 4 * 1024 * 1024
LONGEST_KIT = 30
ARM, KIT = "arm", "kit"


def read(content: bytes, plan: Plan, *, kits: bool = False) -> tuple[list[Row], list[Fault]]:
    """The rows, in order, and remarks on them: strata without a place, a ratio that isn't kept.

    Columns: ``arm`` (its code), one for each factor (its codes), and ``kit``, which is needed where `kits`.
    Raises Refused with every wrong cell.
    """
    header, lines, remarks = _lines(content)
    wanted = [ARM, *([KIT] if kits else []), *(factor.key for factor in plan.factors)]
    faults = [
        *(Fault(f"row 1, {title}", "column_missing") for title in wanted if title not in header),
        *(Fault(f"row 1, {title}", "column_twice") for title in dict.fromkeys(header) if header.count(title) > 1),
        *(Fault(f"row 1, {title[:80]}", "unknown_column") for title in header if title not in (*wanted, KIT)),
    ]
    if faults:
        raise Refused(faults)
    rows: list[Row] = []
    for number, cells in lines:
        if len(cells) != len(header):
            faults.append(Fault(f"row {number}", "cell_count", {"given": len(cells), "wanted": len(header)}))
            continue
        values = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        faults += _wrong_cells(number, values, plan, kits)
        rows.append(Row({f.key: values[f.key] for f in plan.factors}, values[ARM], values.get(KIT, "")))
    faults += _kits_twice(lines, header)
    if not lines:
        faults.append(Fault("file", "table_empty"))
    if faults:
        raise Refused(faults)
    return rows, [*remarks, *_remarks(rows, plan)]


def _lines(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]], list[Fault]]:
    """The titles, and each filled line with its number in a spreadsheet."""
    if len(content) > MAX_BYTES:
        raise Refused([Fault("file", "file_too_large", {"limit": MAX_BYTES // 1024 // 1024})])
    text, remarks = decoded(content)
    if not text.strip():
        raise Refused([Fault("file", "table_empty")])
    first = text.lstrip().splitlines()[0]
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True))
    except csv.Error as error:
        raise Refused([Fault("file", "not_csv", {"detail": str(error)[:200]})]) from error
    filled = [(number, cells) for number, cells in enumerate(lines, 1) if any(cell.strip() for cell in cells)]
    if len(filled) > MOST_ROWS + 1:
        raise Refused([Fault("file", "table_too_long", {"count": len(filled) - 1, "limit": MOST_ROWS})])
    return [title.strip() for title in filled[0][1]], filled[1:], remarks


def _wrong_cells(number: int, values: dict[str, str], plan: Plan, kits: bool) -> Iterator[Fault]:
    allowed = {ARM: {arm.code for arm in plan.arms}} | {factor.key: set(factor.levels) for factor in plan.factors}
    for column, codes in allowed.items():
        if values[column] not in codes:
            code = "cell_empty" if not values[column] else "unknown_arm" if column == ARM else "unknown_level"
            yield Fault(f"row {number}, {column}", code, {"name": values[column][:80]})
    kit = values.get(KIT, "")
    if kits and not kit:
        yield Fault(f"row {number}, {KIT}", "cell_empty")
    if len(kit) > LONGEST_KIT or not kit.isprintable():
        yield Fault(f"row {number}, {KIT}", "bad_kit", {"limit": LONGEST_KIT})


def _kits_twice(lines: Sequence[tuple[int, list[str]]], header: Sequence[str]) -> Iterator[Fault]:
    if KIT not in header:
        return
    place, seen = header.index(KIT), dict[str, int]()
    for number, cells in lines:
        kit = cells[place].strip() if place < len(cells) else ""
        if kit and kit in seen:
            yield Fault(f"row {number}, {KIT}", "kit_twice", {"name": kit[:80], "first": seen[kit]})
        seen.setdefault(kit, number)


def _remarks(rows: Sequence[Row], plan: Plan) -> Iterator[Fault]:
    by_stratum: dict[str, Counter[str]] = {}
    for row in rows:
        by_stratum.setdefault(name(row.levels), Counter())[row.arm] += 1
    for levels in combinations(plan.factors):
        told = ", ".join(f"{key} = {level}" for key, level in levels.items())
        counts = by_stratum.get(name(levels))
        if counts is None:
            yield Fault("file", "stratum_without_rows", {"name": told})
        elif len({counts[arm.code] / arm.ratio for arm in plan.arms}) > 1:
            yield Fault("file", "ratio_not_kept", {"name": told})


def write(rows: Sequence[Row], plan: Plan) -> str:
    """The table as such a file, with the columns that `read` wants."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow([ARM, KIT, *(factor.key for factor in plan.factors)])
    lines.writerows([row.arm, row.kit, *(row.levels[factor.key] for factor in plan.factors)] for row in rows)
    return out.getvalue()
