"""A longitudinal project from REDCap's CSV files: dictionary, arms, events, and which forms are filled in at which."""

from __future__ import annotations

from collections.abc import Mapping

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault
from ecrf.engine.redcap import dictionary_file
from ecrf.engine.redcap.from_rows import from_rows
from ecrf.engine.redcap.project.event_tables import event_tables, table


def read_tables(
    dictionary: bytes,
    arms: bytes,
    events: bytes,
    mapping: bytes | None = None,
    *,
    title: Mapping[str, str] | None = None,
    language: str = "en",
    ranges: str = "warn",
) -> tuple[Definition, list[Fault]]:
    """The definition and the warnings. Raises Refused with every fault."""
    complete, keys, remarks = event_tables(arms, events, mapping, language)
    rows, warnings = dictionary_file.table(dictionary)
    one_arm = len(table(arms, "arms", ("arm_num", "name"))) == 1
    definition, found = from_rows(
        rows,
        warnings,
        title=title,
        language=language,
        ranges=ranges,
        complete=complete,
        events=keys,
        one_arm=one_arm,
    )
    return definition, [*found, *remarks]
