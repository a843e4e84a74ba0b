"""Which snapshot is meant: `latest`, the beginning of an id, a source, a source at a time; and a path in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from backup.cli import shown
from backup.cli.failures import Failed
from backup.cli.words import _
from backup.engine.format.snapshots import Snapshot
from backup.engine.repository import Repository

LATEST = "latest"
SHORTEST = 4
_DAY = r"\d{4}-\d\d-\d\d"
_REFERENCE = re.compile(rf"(?P<which>[^:]+?@{_DAY}(?:[T ]\d\d:\d\d(?::\d\d)?)?|[^:]*)(?::(?P<path>.*))?", re.DOTALL)
_AT = re.compile(rf"(?P<source>.+)@(?P<time>{_DAY}.*)", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{4,64}")


def split(reference: str) -> tuple[str, bytes]:
    """A snapshot and a path in it, as bytes; the whole where there is none."""
    found = _REFERENCE.fullmatch(reference)
    assert found is not None
    return found["which"], (found["path"] or "").strip("/").encode(errors="surrogateescape")


def choose(repository: Repository, which: str) -> Snapshot:
    """The snapshot that is meant, of those that aren't forgotten. Raises Failed for none and for several."""
    return among(repository.snapshots(), which)


def among(snapshots: Sequence[Snapshot], which: str) -> Snapshot:
    if not snapshots:
        raise Failed(_("there is no snapshot yet"))
    if which == LATEST:
        return snapshots[-1]
    if found := _AT.fullmatch(which):
        until = _until(found["time"])
        before = [one for one in snapshots if one.source == found["source"] and one.started <= until]
        if not before:
            raise Failed(_("{source} has no snapshot of that time or before").format(source=found["source"]))
        return before[-1]
    named = [one for one in snapshots if one.source == which]
    digits = which.lower() if _HEX.fullmatch(which.lower()) else "-"
    by_id = [one for one in snapshots if one.id.hex().startswith(digits)]
    if len(by_id) + bool(named) > 1:
        candidates = ", ".join(f"{one.id.hex()[:12]} ({one.source})" for one in [*by_id, *named[-1:]])
        raise Failed(_("{which} may be several snapshots: {found}").format(which=which, found=candidates))
    if not named and not by_id:
        raise Failed(
            _("no snapshot is named {which}: `suite-backup snapshots` lists them").format(which=shown.line(which))
        )
    return by_id[0] if by_id else named[-1]


def check_source(name: str) -> None:
    """Raises Failed for a name by which no snapshot could be found again."""
    if not name or name == LATEST or ":" in name or not name.isprintable():
        raise Failed(_("{name} can't be the name of a source").format(name=repr(name)))


def start_of(text: str) -> int:
    """The first moment of a day or a minute, on this machine's clock, in nanoseconds since 1970. Raises Failed."""
    return int(_moment(text).timestamp() * shown.SECOND)


def _until(text: str) -> int:
    """The last moment of a day, or of a minute or second of it."""
    length = {10: timedelta(days=1), 16: timedelta(minutes=1)}.get(len(text), timedelta(seconds=1))
    return int((_moment(text) + length).timestamp() * shown.SECOND) - 1


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise Failed(_("{text} is no time: write 2026-11-01 or 2026-11-01T08:30").format(text=text)) from None
