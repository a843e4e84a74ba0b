"""The arithmetic of the chain: exactly what is hashed and signed. The README tells it to strangers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

START = bytes(32)
"""What stands before the first link."""

FIELDS = (
    ("id", "e.id::text"),
    ("xid", "e.xid::text"),
    ("at", """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""),
    ("actor_id", "e.actor_id::text"),
    ("action", "e.action"),
    ("outcome", "e.outcome"),
    ("project_id", "e.project_id::text"),
    ("object_type", "e.object_type"),
    ("object_id", "e.object_id"),
    ("reason", "e.reason"),
    ("details", "e.details::text"),
    ("channel", "e.channel"),
    ("request_id", "e.request_id"),
    ("address", "host(e.address)"),
)
"""The fields of an event in the order in which they are hashed, and the text that PostgreSQL gives for each."""

COLUMNS = ", ".join(expression for _name, expression in FIELDS)

Texts = Sequence[str | None]


def canonical(values: Texts) -> bytes:
    """A list of strings and nulls as canonical JSON (RFC 8785): the same bytes in any language."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def link(previous: bytes, sequence: int, event: Texts) -> bytes:
    """The hash of a link: SHA-256 over the hash before it, its number and its event."""
    return sha256(previous + canonical([str(sequence), *event])).digest()


@dataclass(frozen=True)
class Head:
    """The end of the chain at some moment."""

    sequence: int
    hash: bytes
    at: datetime

    def message(self) -> bytes:
        """What is signed."""
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return canonical(["audit-checkpoint-1", str(self.sequence), self.hash.hex(), at])
