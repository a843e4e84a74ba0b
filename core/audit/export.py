"""The sealed chain as text that anybody can verify without us: the README says how, in twenty lines of Python."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.db import connection, transaction

from core.audit import signing
from core.audit.journal import record
from core.audit.models import Checkpoint
from core.audit.signing import Signed
from core.audit.verification import CHAIN, rows


def lines() -> Iterator[str]:
    """The public keys, every link with its event, every signed head, as JSON lines. Exporting is in the journal too."""
    record(None, "audit.journal_exported")
    yield _line(keys=signing.public_keys())
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(CHAIN)
        for sequence, _event_id, digest, *event in rows(cursor):
            yield _line(sequence=sequence, hash=bytes(digest).hex(), event=event)
    for row in Checkpoint.objects.order_by("sequence").iterator():
        yield _line(head=Signed.from_row(row).as_json())


def _line(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)
