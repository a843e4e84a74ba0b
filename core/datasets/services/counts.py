"""Counts as somebody sees them: small ones are hidden from who reads no rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core import access
from core.datasets.engine.profile.masking import hidden

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.datasets.models import DatasetVersion

Line = Mapping[str, Any]


def least_for(permissions: Collection[str]) -> int:
    """Counts below this are hidden from who holds these permissions; 0 where none is."""
    masked = settings.MASK_FOR_EVERYBODY or "datasets.read_data" not in permissions
    return int(settings.MASK_BELOW) if masked else 0


def described(actor: Actor, version: DatasetVersion, columns: Iterable[Line] | None = None) -> list[dict[str, Any]]:
    """The lines of a dictionary, the newest one's where none are given; `missing` is None where few have a value or few
    have none."""
    least = least_for(access.abilities(actor, version.dataset.project))
    rows = version.row_count
    return [
        {**column, "missing": None} if hidden([column["missing"], rows - column["missing"]], least) else dict(column)
        for column in (version.columns if columns is None else columns)
    ]


def profiled(column: Line, least: int) -> dict[str, Any]:
    """A column of a profile; where few have a value or few have none, neither is told, nor what adds up to them."""
    made = dict(column)
    if "known" not in made or not hidden([made["known"], made["missing"]], least):
        return made
    for name in ("values", "histogram"):
        if name in made:
            made[name] = closed(made[name], column["missing"], least)
    return {**made, "known": None, "missing": None, "distinct": None}


def closed(lines: Sequence[Line], missing: int, least: int) -> list[dict[str, Any]]:
    """The lines with one hidden at least, so that their sum doesn't tell how many are missing."""
    counts = [line["count"] for line in lines]
    found = set() if None in counts else hidden([*counts, missing], least)
    return [{**line, "count": None if place in found else line["count"]} for place, line in enumerate(lines)]
