"""One entry as a row of REDCap's flat CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Record
from ecrf.engine.redcap.flat_columns import EVENT, INSTANCE, INSTRUMENT, SITE, STATUSES, Column
from ecrf.engine.redcap.layout import Layout


class Writer:
    """`arms` gives the arm of a subject, where an event belongs to several; `sites` adds their column.

    `one_line` replaces line breaks, as REDCap does where it is asked to: by two spaces, a break being two signs there.
    """

    def __init__(
        self,
        definition: Definition,
        *,
        sites: bool = False,
        arms: Mapping[str, str] | None = None,
        one_line: bool = False,
    ) -> None:
        self.layout = Layout(definition)
        self.shape = self.layout.shape
        self.sites, self.arms, self.one_line = sites, arms or {}, one_line
        self.fields = list(self.layout.fields())

    @property
    def header(self) -> list[str]:
        own = [self.layout.subject]
        own += [EVENT] if self.shape.events else []
        own += [INSTRUMENT, INSTANCE] if self.shape.anything_repeats else []
        own += [SITE] if self.sites else []
        return [*own, *(column.name for column in self.fields)]

    def row(self, record: Record) -> list[str]:
        cells = [record.subject]
        if self.shape.events:
            names = self.layout.event_names[record.event]
            cells.append(names.get(self.arms.get(record.subject, ""), next(iter(names.values()))))
        if self.shape.anything_repeats:
            repeated = bool(record.page) or self.shape.event_repeats(record.event)
            cells += [record.page, str(record.instance) if repeated else ""]
        if self.sites:
            cells.append(record.site)
        here = {record.page} if record.page else set(self.shape.single_pages(record.event))
        begun = self.begun(record) & here
        return [*cells, *(self.cell(column, record) if column.page in begun else "" for column in self.fields)]

    def begun(self, record: Record) -> set[str]:
        """The pages that somebody saved: others have neither state nor boxes."""
        asked = self.shape.asked
        return set(record.pages) | {asked[key].page for key in (*record.values, *record.notes) if key in asked}

    def cell(self, column: Column, record: Record) -> str:
        if column.kind == "status":
            return str(STATUSES.index(record.pages[column.page])) if column.page in record.pages else ""
        value = record.values.get(column.key)
        if column.kind == "box":
            return str(int(column.code in (value or ())))
        status = record.notes.get(column.key, {}).get("status", "")
        if value is None and status in self.shape.missing_codes:
            return str(status)
        text = record.spelt.get(column.key) or self.layout.spell(column.key, value)
        return re.sub("\r?\n", "  ", text) if self.one_line else text
