"""The items of a definition as the rows of a data dictionary, and what they can't say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine.faults import Fault
from ecrf.engine.redcap.cells import Cells
from ecrf.engine.redcap.columns import COLUMNS
from ecrf.engine.redcap.names import Names


def dictionary_rows(
    data: Mapping[str, Any], language: str, *, originals: bool = True
) -> tuple[list[dict[str, str]], list[Fault]]:
    """The cells of each item by the short names of the columns, and what they can't say."""
    rows: list[dict[str, str]] = []
    remarks: list[Fault] = []
    names = Names(data)
    for p, page in enumerate(data["pages"]):
        form = page.get("source", {}).get("redcap.form") or page["key"]
        for g, group in enumerate(page["groups"]):
            remarks += group_remarks(f"pages.{p}.groups.{g}", page, group)
            above = [part["visible_if"] for part in (page, group) if "visible_if" in part]
            for i, item in enumerate(group["items"]):
                cells = Cells(f"pages.{p}.groups.{g}.items.{i}", item, names, language, above)
                row = dict.fromkeys(COLUMNS, "") | cells.row() | {"form": form, "matrix": group.get("matrix", "")}
                row["ranking"] = "y" if group.get("ranked") else row["ranking"]
                if i == 0:
                    row["section"] = cells.text(group.get("title"))
                remarks += cells.remarks
                rows.append(with_originals(row, item.get("source", {})) if originals else row)
    return rows, remarks


def group_remarks(place: str, page: Mapping[str, Any], group: Mapping[str, Any]) -> list[Fault]:
    return [
        Fault(f"{place}.{name}", "not_in_format", {"name": page["key"], "property": name})
        for name in ("repeat", "help", "tab", "columns", "collapsed")
        if name in group
    ]


def with_originals(row: dict[str, str], source: Mapping[str, str]) -> dict[str, str]:
    """The cells as they were imported, where what they were read as hasn't changed since."""
    return {
        column: source[f"redcap.{column}"] if source.get(f"redcap.{column}.of") == cell else cell
        for column, cell in row.items()
    }
