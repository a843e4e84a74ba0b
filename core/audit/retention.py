"""How long the journal stays in the database: older segments are written to signed files, whole, then pruned."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.audit import archive, chain, sealing, signing
from core.audit.archive import Seal
from core.audit.models import Checkpoint, Event, Link, Segment
from core.audit.signing import Signed
from core.audit.verification import rows
from core.errors import Conflict
from core.tool import Finding, Level

LARGEST = 100_000
"""Events of one segment, where the signed heads stand close enough."""
SHORT, LONG = 180, 1095
"""Days: less is too little evidence, more needs a reason."""
LINKS = f"""
SELECT l.sequence, l.hash, {chain.COLUMNS} FROM audit_link l JOIN audit_event e ON e.id = l.event_id
WHERE l.sequence BETWEEN %s AND %s ORDER BY l.sequence
"""  # noqa: S608  (made of constants)
KEEP_LOCK = sealing.LOCK + 2


@dataclass(frozen=True)
class Stretch:
    """What would become a segment."""

    number: int
    first: int
    last: int
    signed_at: datetime

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def folder() -> Path:
    return Path(settings.DATA_DIR) / "audit" / "archive"


def cutoff() -> datetime:
    return timezone.now() - timedelta(days=settings.AUDIT_KEEP_DAYS)


def plan() -> Iterator[Stretch]:
    """The stretches that are old enough, oldest first; what was written to a file and not pruned yet isn't among them.

    A head is signed after the events below it happened: where it is old enough, they all are. The last link stays.
    """
    before = Segment.objects.order_by("-number").first()
    number, first = (before.number + 1, before.last + 1) if before else (1, 1)
    newest = Link.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    heads = Checkpoint.objects.filter(at__lt=cutoff(), sequence__gte=first, sequence__lt=newest).order_by("sequence")
    end: tuple[int, datetime] | None = None
    for sequence, at in heads.values_list("sequence", "at").iterator():
        if end is not None and sequence - first + 1 > LARGEST:
            yield Stretch(number, first, *end)
            number, first = number + 1, end[0] + 1
        end = (sequence, at)
    if end is not None:
        yield Stretch(number, first, *end)


def unpruned() -> Iterator[Segment]:
    """Segments that have their file and are in the database still: a crash came between."""
    first = Link.objects.order_by("sequence").values_list("sequence", flat=True).first()
    if first is not None:
        yield from Segment.objects.filter(last__gte=first).order_by("number")


def due() -> list[Segment | Stretch]:
    """All that is to leave the database now, oldest first."""
    return [*unpruned(), *plan()]


def keep(most: int = 1, told: Callable[[int, int], None] | None = None) -> int:
    """Archive and prune up to so many segments. Says how many events left the database.

    `told` is called with how many are done and how many there are to do.
    """
    work = due()[:most]
    total = sum(each.count for each in work)
    done = 0
    for each in work:
        if told:
            told(done, total)
        done += prune(each if isinstance(each, Segment) else write(each))
    if told:
        told(done, total)
    return done


def hourly() -> None:
    """The scheduler's share: one segment, so that sealing doesn't wait."""
    keep(1)


@transaction.atomic
def write(stretch: Stretch) -> Segment:
    """Write a stretch to its signed file and note it. Raises Conflict where it doesn't prove right."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEEP_LOCK])
    if (same := Segment.objects.filter(number=stretch.number).first()) is not None:
        return same
    before = Segment.objects.filter(number=stretch.number - 1).first()
    previous = bytes(before.hash) if before else chain.START
    path = folder() / f"segment-{stretch.number:06d}-{stretch.first}-{stretch.last}.jsonl.gz"
    if not path.exists():
        archive.write(path, _lines(stretch, previous))
    proof = archive.verify(path, signing.trusted())
    seal = proof.seal
    if not proof.is_intact or seal is None or (seal.first, seal.last) != (stretch.first, stretch.last):
        raise Conflict(_("%(file)s is no intact archive of these events.") % {"file": path.name}, "archive")
    segment = Segment.objects.create(
        number=seal.number,
        first=seal.first,
        last=seal.last,
        previous=bytes.fromhex(seal.previous),
        hash=bytes.fromhex(seal.hash),
        since=datetime.fromisoformat(seal.since),
        until=datetime.fromisoformat(seal.until),
        digest=bytes.fromhex(seal.digest),
        file=path.name,
        size=path.stat().st_size,
        at=datetime.fromisoformat(seal.at),
        key=proof.key,
        signature=proof.signature,
    )
    audit.record(None, "audit.segment_archived", events=segment.count, segment=segment.number, file=path.name)
    return segment


def _lines(stretch: Stretch, previous: bytes) -> Iterator[bytes]:
    """The lines of a file; each event is proven on its way. Raises Conflict at the first that isn't what was sealed."""
    running = sha256()
    head = archive.line(
        format=archive.FORMAT,
        number=stretch.number,
        first=stretch.first,
        last=stretch.last,
        previous=previous.hex(),
        keys=signing.public_keys(),
    )
    running.update(head)
    yield head
    digest, expected = previous, stretch.first
    moments: list[str] = []
    with connection.chunked_cursor() as cursor:
        cursor.execute(LINKS, [stretch.first, stretch.last])
        for sequence, stored, *event in rows(cursor):
            digest = chain.link(digest, sequence, event)
            if sequence != expected or digest != bytes(stored):
                raise Conflict(_("The audit trail does not prove right here: verify it before anything is archived."))
            moments = [min([event[2], *moments[:1]]), max([event[2], *moments[1:]])]
            each = archive.line(sequence=sequence, hash=digest.hex(), event=event)
            running.update(each)
            yield each
            expected += 1
    if expected != stretch.last + 1:
        raise Conflict(_("The audit trail does not prove right here: verify it before anything is archived."))
    for row in Checkpoint.objects.filter(sequence__range=(stretch.first, stretch.last)).order_by("sequence"):
        each = archive.line(head=Signed.from_row(row).as_json())
        running.update(each)
        yield each
    seal = Seal(
        stretch.number,
        stretch.first,
        stretch.last,
        previous.hex(),
        digest.hex(),
        moments[0],
        moments[1],
        running.hexdigest(),
        archive.moment(timezone.now()),
    )
    signature = base64.b64encode(signing.private_key().sign(seal.message())).decode()
    yield archive.line(segment=asdict(seal), key=signing.key_id(signing.public_key()), signature=signature)


@transaction.atomic
def prune(segment: Segment) -> int:
    """Delete what a segment holds, once its file has proven right again. Raises Conflict otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEEP_LOCK])
    keys, seal = signing.trusted(), Seal.from_row(segment)
    proof = archive.verify(folder() / segment.file, keys)
    if not seal.is_signed_by(keys, segment.key, bytes(segment.signature)) or proof.seal != seal or not proof.is_intact:
        raise Conflict(_("%(file)s is no intact archive of these events.") % {"file": segment.file}, "archive")
    if segment.until >= cutoff():
        raise Conflict(_("Segment %(number)d is too young to be pruned.") % {"number": segment.number}, "too-young")
    if not Link.objects.filter(sequence=segment.first).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_prune(%s)", [segment.number])
        count = int(cursor.fetchone()[0])
    audit.record(None, "audit.segment_pruned", events=count, segment=segment.number, file=segment.file)
    return count


def health() -> Finding:
    """Whether the journal is kept as long as it should be, and no longer."""
    name, days = "audit.retention", settings.AUDIT_KEEP_DAYS
    if days < SHORT:
        text = _("AUDIT_KEEP_DAYS is %(days)d: evidence of less than 180 days is too little for most inquiries.")
        return Finding(name, Level.WARNING, text % {"days": days})
    late = Checkpoint.objects.filter(at__lt=cutoff() - timedelta(days=14)).order_by("-sequence").first()
    oldest = Link.objects.order_by("sequence").first()
    if late and oldest and oldest.sequence <= late.sequence and Event.objects.filter(pk=oldest.event_id).exists():
        text = _("Events that are older than AUDIT_KEEP_DAYS are in the database still: see the page «Retention».")
        return Finding(name, Level.WARNING, text)
    return Finding(name, Level.GOOD)
