"""Prove that the journal is what it was: recompute the chain, compare it with every signed head, look for strays."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.audit import anchors, chain, sealing, signing
from core.audit.archive import Seal
from core.audit.chain import Texts
from core.audit.models import Checkpoint, Link, Segment
from core.audit.signing import Signed, Unreadable

SHOWN = 200
"""How many findings are told one by one; all are counted."""

CHAIN = f"""
SELECT l.sequence, l.event_id, l.hash, {chain.COLUMNS}
FROM audit_link l LEFT JOIN audit_event e ON e.id = l.event_id ORDER BY l.sequence
"""  # noqa: S608  (made of constants)
STRAYS = """
SELECT e.id, e.xid < %s FROM audit_event e
WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.event_id = e.id) ORDER BY e.id
"""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written."""

    kind: str
    sequence: int | None
    event: int | None
    place: str = ""
    """Where it is in a file of heads."""

    @property
    def words(self) -> str:
        return {
            "changed": _("The event was changed after it was sealed."),
            "reordered": _("The event stands in the place of another."),
            "deleted": _("An event or its link was deleted."),
            "inserted": _("The event was slipped in behind the seal."),
            "rewritten": _("The chain differs from its signed head: it was computed anew."),
            "cut": _("The chain ends before its signed head: its end was cut off."),
            "forged": _("The head is not signed by a key that we trust."),
            "unreadable": _("No signed head can be read at %(place)s: the line was cut short or damaged."),
        }[self.kind] % {"place": self.place}


@dataclass
class Report:
    """What a verification found."""

    sealed: int = 0
    archived: int = 0
    """Events that have left the database in signed segments, before the first that is there."""
    unsealed: int = 0
    heads: int = 0
    head: str = ""
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_intact(self) -> bool:
        return self.faults == 0

    def add(self, kind: str, sequence: int | None = None, event: int | None = None, place: str = "") -> None:
        self.faults += 1
        if len(self.findings) < SHOWN:
            self.findings.append(Finding(kind, sequence, event, place))

    def as_json(self) -> dict[str, Any]:
        findings = [asdict(finding) | {"words": finding.words} for finding in self.findings]
        return asdict(self) | {"intact": self.is_intact, "findings": findings, "seconds": round(self.seconds, 3)}


@dataclass(frozen=True)
class Mismatch:
    """A link whose hash does not fit its event."""

    sequence: int
    previous: bytes
    hash: bytes
    event: Texts


def verify(
    public_keys: Iterable[str] = (),
    elsewhere: Collection[Signed | Unreadable] = (),
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Read the whole journal. `public_keys` are more older keys to trust, `elsewhere` heads that were kept outside.

    `progress` is called with the number of links read now and then.
    """
    started = time.monotonic()
    report = Report()
    heads = trusted_heads(report, signing.trusted(*public_keys), elsewhere)
    mismatches: list[Mismatch] = []
    previous, expected = start(report, signing.trusted(*public_keys), heads)
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(CHAIN)
        for sequence, event_id, stored, *event in rows(cursor):
            digest = bytes(stored)
            if sequence != expected:
                report.add("deleted", expected)
            elif event[0] is None:
                report.add("deleted", sequence, event_id)
            elif chain.link(previous, sequence, event) != digest:
                mismatches.append(Mismatch(sequence, previous, digest, event))
            if any(signed.head.hash != digest for signed in heads.pop(sequence, ())):
                report.add("rewritten", sequence, event_id)
            previous, expected = digest, sequence + 1
            report.sealed += 1
            if progress and report.sealed % 5000 == 0:
                progress(report.sealed)
    report.head = previous.hex() if report.sealed else ""
    diagnose(report, mismatches)
    for sequence in sorted(heads):
        report.add("cut", sequence)
    count_strays(report)
    report.seconds = time.monotonic() - started
    return report


def start(report: Report, keys: dict[str, Any], heads: dict[int, list[Signed]]) -> tuple[bytes, int]:
    """The hash before the first link that is kept, and its number: behind the segments that were signed and pruned.

    What is missing without a signed segment that says so was deleted.
    """
    first = Link.objects.order_by("sequence").values_list("sequence", flat=True).first() or 1
    previous, expected = chain.START, 1
    for segment in Segment.objects.order_by("number"):
        if segment.first >= first:
            break
        seal = Seal.from_row(segment)
        if not seal.is_signed_by(keys, segment.key, bytes(segment.signature)):
            report.add("forged", segment.last)
        elif (segment.first, bytes(segment.previous)) != (expected, previous):
            report.add("rewritten", segment.first)
        previous, expected = bytes(segment.hash), segment.last + 1
        if any(signed.head.hash != previous for signed in heads.get(segment.last, ())):
            report.add("rewritten", segment.last)
    if expected > first:
        report.add("deleted", first)
    report.archived = expected - 1
    for sequence in [sequence for sequence in heads if sequence < expected]:
        del heads[sequence]
    return previous, expected


def rows(cursor: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of a server-side cursor, a few thousand at a time."""
    while page := cursor.fetchmany(5000):
        yield from page


def trusted_heads(
    report: Report, keys: dict[str, Any], elsewhere: Collection[Signed | Unreadable]
) -> dict[int, list[Signed]]:
    """Every signed head by its place in the chain: from the table, from the file outside, and those handed in."""
    heads: dict[int, list[Signed]] = defaultdict(list)
    table = (Signed.from_row(row) for row in Checkpoint.objects.all().iterator())
    for signed in {*table, *signing.kept_outside(), *anchors.dropped(), *elsewhere}:
        if isinstance(signed, Unreadable):
            report.add("unreadable", place=signed.place)
        elif signed.is_signed_by(keys):
            heads[signed.head.sequence].append(signed)
        else:
            report.add("forged", signed.head.sequence)
    report.heads = len(heads)
    return heads


def diagnose(report: Report, mismatches: list[Mismatch]) -> None:
    """Tell events that only changed places from those whose content changed."""
    candidates = mismatches[:SHOWN]
    for wrong in mismatches:
        swapped = any(
            chain.link(wrong.previous, wrong.sequence, other.event) == wrong.hash
            for other in candidates
            if other is not wrong
        )
        kind = "reordered" if swapped else "changed"
        report.add(kind, wrong.sequence, int(wrong.event[0] or 0))


def count_strays(report: Report) -> None:
    """Events without a link: the tail that waits for its seal, or something slipped in behind it."""
    with connection.cursor() as cursor:
        _sequence, _hash, floor = sealing.last_link(cursor)
        cursor.execute(STRAYS, [floor])
        for event_id, is_behind in cursor.fetchall():
            if is_behind:
                report.add("inserted", event=event_id)
            else:
                report.unsealed += 1
