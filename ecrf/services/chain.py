"""The history of an entry: each fragment holds what one save changed and a digest that covers the one before it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from core.accounts.models import User
from ecrf.models import Entry, Fragment, Source


def append(
    entry: Entry,
    author: User | None,
    *,
    values: Mapping[str, Any],
    notes: Mapping[str, Any],
    reason: str = "",
    source: Source = Source.WEB,
    said_at: datetime | None = None,
    scripts: Mapping[str, Any] | None = None,
) -> Fragment:
    """Add what was changed to the history of an entry that is held by this transaction. No author: the participant."""
    before = Fragment.objects.filter(entry=entry).order_by("-number").only("pk", "digest")
    previous = before.first() if entry.revision > 1 else None
    fragment = Fragment(
        entry=entry,
        number=entry.revision,
        previous=previous,
        version=entry.version,
        author=author,
        by_participant=author is None,
        keys=sorted(values),
        noted=sorted(notes),
        values=dict(values),
        notes=dict(notes) or None,
        scripts=dict(scripts or {}) or None,
        reason=reason,
        source=source,
        said_at=said_at,
        salt=secrets.token_hex(16),
        created_at=timezone.now(),
    )
    fragment.digest = digest(fragment, previous.digest if previous else "")
    fragment.save()
    return fragment


def digest(fragment: Fragment, previous: str) -> str:
    """SHA-256 over the canonical JSON of the fragment, its salt and the digest before it; hexadecimal."""
    covered = {
        "previous": previous,
        "entry": str(fragment.entry_id),
        "number": fragment.number,
        "version": str(fragment.version_id),
        "author": "participant" if fragment.by_participant else str(fragment.author_id),
        "at": fragment.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "said_at": fragment.said_at.astimezone(UTC).isoformat(timespec="microseconds") if fragment.said_at else None,
        "source": str(fragment.source),
        "reason": fragment.reason,
        "values": fragment.values,
        "notes": fragment.notes,
        "salt": fragment.salt,
    }
    if fragment.scripts:
        covered["scripts"] = fragment.scripts
    text = json.dumps(covered, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def first_break(fragments: Iterable[Fragment]) -> int | None:
    """The number of the first fragment, in their order, that isn't as it was written; None where all are."""
    previous = ""
    for expected, fragment in enumerate(fragments, start=1):
        if fragment.number != expected or fragment.digest != digest(fragment, previous):
            return expected
        previous = fragment.digest
    return None
