"""Chain after: seal the events that no other event can come before any more, without holding up anybody who writes."""

from __future__ import annotations

from django.db import connection, transaction

from core.audit import chain

LOCK = 0x5EA1
"""Number of the advisory lock that one sealer holds at a time."""
BATCH = 5000

HEAD = """
SELECT l.sequence, l.hash, e.xid, e.xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
FROM audit_link l LEFT JOIN audit_event e ON e.id = l.event_id
ORDER BY l.sequence DESC LIMIT 1
"""
UNSEALED = f"""
SELECT {chain.COLUMNS} FROM audit_event e
WHERE e.xid >= %s
  AND (e.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
       OR e.xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  AND NOT EXISTS (SELECT FROM audit_link l WHERE l.event_id = e.id)
ORDER BY e.xid, e.id LIMIT %s
"""  # noqa: S608  (made of constants)
WAITING = """
SELECT count(*) FROM audit_event e
WHERE e.xid >= %s AND NOT EXISTS (SELECT FROM audit_link l WHERE l.event_id = e.id)
"""
APPEND = """
INSERT INTO audit_link (sequence, event_id, hash)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])
"""


def seal() -> int:
    """Seal all that can be sealed now. Says how many events; none when another sealer is at it."""
    total = 0
    while count := seal_batch(BATCH):
        total += count
        if count < BATCH:
            break
    return total


@transaction.atomic
def seal_batch(size: int) -> int:
    """Link the next events in the order of their transactions.

    All transactions below the oldest one still running have ended, so their events are all there and no more will come.
    An event numbered above every transaction so far came here with a restored copy of another server: it is as final.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        sequence, previous, floor = last_link(cursor)
        cursor.execute(UNSEALED, [floor, size])
        sequences, events, hashes = [], [], []
        for event in cursor.fetchall():
            sequence += 1
            previous = chain.link(previous, sequence, event)
            sequences.append(sequence)
            events.append(int(event[0]))
            hashes.append(previous)
        if sequences:
            cursor.execute(APPEND, [sequences, events, hashes])
    return len(sequences)


def last_link(cursor: object) -> tuple[int, bytes, int]:
    """Number and hash of the last link, and the transaction before whose events all are sealed.

    Zero after a restore onto another server, whose transactions are numbered anew: then all are looked through.
    """
    cursor.execute(HEAD)  # type: ignore[attr-defined]
    row = cursor.fetchone()  # type: ignore[attr-defined]
    if row is None:
        return 0, chain.START, 0
    sequence, digest, xid, from_elsewhere = row
    return sequence, bytes(digest), 0 if xid is None or from_elsewhere else xid


def waiting() -> int:
    """How many events wait for their seal."""
    with connection.cursor() as cursor:
        _sequence, _hash, floor = last_link(cursor)
        cursor.execute(WAITING, [floor])
        return int(cursor.fetchone()[0])
