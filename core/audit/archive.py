"""The file of a segment: its links, its signed heads and a signature over all of it. Verified without a database.

The README says what each line holds.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext as _

from core.audit import chain
from core.audit.models import Segment
from core.audit.signing import Signed

FORMAT = "suite-audit-segment-1"
LONGEST = 1 << 22
"""Bytes of a line: a longer one is none of ours."""


@dataclass(frozen=True)
class Seal:
    """What is signed of a segment."""

    number: int
    first: int
    last: int
    previous: str
    hash: str
    since: str
    until: str
    digest: str
    at: str

    def message(self) -> bytes:
        return chain.canonical(["audit-segment-1", *(str(value) for value in asdict(self).values())])

    @classmethod
    def from_row(cls, row: Segment) -> Self:
        return cls(
            row.number,
            row.first,
            row.last,
            bytes(row.previous).hex(),
            bytes(row.hash).hex(),
            moment(row.since),
            moment(row.until),
            bytes(row.digest).hex(),
            moment(row.at),
        )

    def is_signed_by(self, keys: dict[str, Ed25519PublicKey], key: str, signature: bytes) -> bool:
        try:
            keys[key].verify(signature, self.message())
        except (KeyError, InvalidSignature, TypeError):
            return False
        return True


@dataclass
class Proof:
    """What the verification of a file found."""

    events: int = 0
    heads: int = 0
    seal: Seal | None = None
    key: str = ""
    signature: bytes = b""
    faults: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.faults


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line(**values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def write(path: Path, lines: Iterable[bytes]) -> None:
    """Write a file whole, to the disk, under a name that isn't taken. Raises FileExistsError where it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("xb") as raw:
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
                for each in lines:
                    file.write(each)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.chmod(0o440)
        os.link(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify(path: Path, keys: dict[str, Ed25519PublicKey]) -> Proof:
    """Prove a file alone: its chain, its heads and its signature. Every fault is told in words."""
    proof = Proof()
    try:
        _verify(proof, path, keys)
    except (OSError, EOFError, zlib.error):
        proof.faults.append(_("The file can't be read to its end: it was cut short or damaged."))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        proof.faults.append(_("A line is none of an archive's."))
    return proof


def _verify(proof: Proof, path: Path, keys: dict[str, Ed25519PublicKey]) -> None:
    running, last = sha256(), None
    header: dict[str, Any] | None = None
    hashes: dict[int, str] = {}
    previous, expected = b"", 0
    for raw in _lines(path):
        if proof.seal is not None:
            proof.faults.append(_("Something follows the signature."))
            return
        value = json.loads(raw)
        if header is None:
            header = value
            if value["format"] != FORMAT:
                raise ValueError
            previous, expected = bytes.fromhex(value["previous"]), int(value["first"])
        elif "event" in value:
            digest = chain.link(previous, expected, value["event"])
            if int(value["sequence"]) != expected or digest.hex() != value["hash"]:
                proof.faults.append(_("Event %(number)d is not as it was sealed.") % {"number": expected})
                return
            previous, last = digest, expected
            hashes[expected] = digest.hex()
            expected, proof.events = expected + 1, proof.events + 1
        elif "head" in value:
            _check_head(proof, Signed.from_json(value["head"]), hashes, keys)
        else:
            proof.seal = Seal(**value["segment"])
            proof.key, proof.signature = str(value["key"]), base64.b64decode(value["signature"])
            continue
        running.update(raw)
    if proof.seal is None or header is None:
        proof.faults.append(_("The signature is missing: the file was cut short."))
        return
    told = (proof.seal.number, proof.seal.first, proof.seal.previous)
    if told != (header["number"], header["first"], header["previous"]):
        proof.faults.append(_("The signature is that of another segment."))
    if (proof.seal.last, proof.seal.hash, proof.seal.digest) != (last, previous.hex(), running.hexdigest()):
        proof.faults.append(_("The file is not the one that was signed."))
    if not proof.seal.is_signed_by(keys, proof.key, proof.signature):
        proof.faults.append(_("The file is not signed by a key that we trust."))


def _check_head(proof: Proof, signed: Signed, hashes: dict[int, str], keys: dict[str, Ed25519PublicKey]) -> None:
    proof.heads += 1
    sequence = signed.head.sequence
    if not signed.is_signed_by(keys):
        proof.faults.append(_("Head %(number)d is not signed by a key that we trust.") % {"number": sequence})
    elif hashes.get(sequence) != signed.head.hash.hex():
        proof.faults.append(_("Head %(number)d is that of another chain.") % {"number": sequence})


def _lines(path: Path) -> Iterator[bytes]:
    with gzip.open(path, "rb") as file:
        while raw := file.readline(LONGEST):
            if not raw.endswith(b"\n"):
                raise EOFError
            yield raw
