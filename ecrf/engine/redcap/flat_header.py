"""The header of a file in REDCap's flat layout."""

from __future__ import annotations

from ecrf.engine.exchange.records import Reading, cell_fault
from ecrf.engine.redcap.flat_columns import EVENT, Column
from ecrf.engine.redcap.layout import Layout


def check_header(header: list[str], columns: list[Column | None], layout: Layout, reading: Reading) -> bool:
    """Columns unknown, twice or missing. False where no row can be read."""
    seen: set[str] = set()
    for title, column in zip(header, columns, strict=True):
        name = column.name.lower() if column else title.lower()
        if column is None or (column.key and column.kind == "item" and not title):
            reading.faults.append(cell_fault(1, title[:80], "column_unknown_data", {"name": title[:80]}))
        elif name in seen:
            reading.faults.append(cell_fault(1, title[:80], "column_twice"))
        seen.add(name)
    wanted = [layout.subject, *([EVENT] if layout.shape.events else [])]
    missing = [name for name in wanted if name.lower() not in seen]
    reading.faults += [cell_fault(1, name, "column_missing") for name in missing]
    return not missing
