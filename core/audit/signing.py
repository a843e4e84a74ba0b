"""Sign the head of the chain, and keep it also outside PostgreSQL, where its superuser can't reach."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.audit import sealing
from core.audit.chain import Head
from core.audit.models import Checkpoint, Link


@dataclass(frozen=True)
class Signed:
    """A head, and who says so."""

    head: Head
    key: str
    signature: bytes

    def is_signed_by(self, keys: dict[str, Ed25519PublicKey]) -> bool:
        try:
            keys[self.key].verify(self.signature, self.head.message())
        except (KeyError, InvalidSignature):
            return False
        return True

    def as_json(self) -> dict[str, Any]:
        return {
            "sequence": self.head.sequence,
            "hash": self.head.hash.hex(),
            "at": self.head.at.isoformat(),
            "key": self.key,
            "signature": base64.b64encode(self.signature).decode(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        at = datetime.fromisoformat(value["at"]).astimezone(UTC)
        head = Head(int(value["sequence"]), bytes.fromhex(value["hash"]), at)
        return cls(head, str(value["key"]), base64.b64decode(value["signature"]))

    @classmethod
    def from_row(cls, row: Checkpoint) -> Self:
        return cls(Head(row.sequence, bytes(row.hash), row.at), row.key, bytes(row.signature))


@dataclass(frozen=True)
class Unreadable:
    """A line of a file of heads that is no head: cut short when the disk was full, or damaged."""

    place: str
    """The file and the number of the line."""


def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.AUDIT_KEY))


def public_key() -> str:
    """The key that strangers check signatures with, in base64."""
    return base64.b64encode(private_key().public_key().public_bytes_raw()).decode()


def key_id(public: str) -> str:
    return sha256(base64.b64decode(public)).hexdigest()[:16]


def public_keys() -> list[str]:
    """This instance's public key, then the older ones that the setting AUDIT_OLD_KEYS names."""
    return [public_key(), *settings.AUDIT_OLD_KEYS]


def trusted(*others: str) -> dict[str, Ed25519PublicKey]:
    """The public keys of this instance, and others that are named, by their short name."""
    names = (*public_keys(), *others)
    return {key_id(name): Ed25519PublicKey.from_public_bytes(base64.b64decode(name)) for name in names}


def sign() -> Signed | None:
    """Sign the head of the chain. None where it is signed already, or there is nothing yet."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.LOCK + 1])
        last = Link.objects.order_by("-sequence").first()
        if last is None or Checkpoint.objects.filter(sequence__gte=last.sequence).exists():
            return None
        head = Head(last.sequence, bytes(last.hash), timezone.now())
        signed = Signed(head, key_id(public_key()), private_key().sign(head.message()))
        Checkpoint.objects.create(
            sequence=head.sequence, hash=head.hash, at=head.at, key=signed.key, signature=signed.signature
        )
    keep_outside(signed)
    return signed


def heads_file() -> Path:
    return Path(settings.DATA_DIR) / "audit" / "heads.jsonl"


def keep_outside(signed: Signed) -> None:
    """Append a head on a line of its own, also after one that was cut short."""
    path = heads_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        fresh = b"" if file.read(1) in (b"", b"\n") else b"\n"
        file.write(fresh + json.dumps(signed.as_json()).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def kept_outside(path: Path | None = None) -> Iterator[Signed | Unreadable]:
    """The heads written to a file, this machine's own unless another is named, and its lines that are none."""
    path = path or heads_file()
    if path.exists():
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield read(line) or Unreadable(f"{path}:{number}")


def read(line: bytes) -> Signed | None:
    """The head on a line, or None where there is none."""
    try:
        return Signed.from_json(json.loads(line))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
