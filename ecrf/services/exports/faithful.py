"""Records as the files told them that they came from: for formats of others, who know their own ways again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import PageStatus
from ecrf.services import keeping
from ecrf.services.exports.rows import Row


def as_it_came(definition: Definition, row: Row) -> dict[str, Any]:
    """What the file held: hidden values too, and no calculation that it left empty."""
    empty = set(row.trace.get("uncomputed", ()))
    return {key: value for key, value in keeping.known(definition, row.values).items() if key not in empty}


def told_pages(
    definition: Definition, row: Row, values: Mapping[str, Any], kept: Mapping[str, PageStatus]
) -> dict[str, PageStatus]:
    """The pages that somebody began, and the state that they have, or had in the file."""
    told: Mapping[str, PageStatus] = row.trace.get("pages", {})
    places = (*values, *row.notes)
    begun = {keeping.page_of(definition, place.partition("[")[0]) for place in places} | set(told)
    return {
        page: state if state == "complete" else told.get(page, "incomplete")
        for page, state in kept.items()
        if state == "complete" or page in begun
    }
