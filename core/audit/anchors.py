"""Signed heads that go to places which the owner of the database doesn't rule: a folder, a mailbox, the backups."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import signing
from core.audit.models import Anchor, Checkpoint
from core.audit.signing import Signed, Unreadable
from core.tool import Finding, Level

Place = Anchor.Place
EVERY = {Place.FOLDER: timedelta(hours=1), Place.MAIL: timedelta(days=1)}
AGAIN = timedelta(minutes=30)
"""After a failure."""


def newest() -> Signed | None:
    """The newest signed head, for whoever carries it out of PostgreSQL's reach."""
    row = Checkpoint.objects.order_by("-sequence").first()
    return Signed.from_row(row) if row else None


def remember(signed: Signed, place: str, target: str, error: str = "") -> None:
    """Note that a head has gone somewhere, or failed to."""
    Anchor.objects.create(
        place=place, target=target[:300], sequence=signed.head.sequence, hash=signed.head.hash, error=error[:300]
    )


def targets() -> dict[str, str]:
    """Where heads go of themselves, by the settings."""
    found = {}
    if settings.AUDIT_ANCHOR_DIR:
        found[str(Place.FOLDER)] = str(settings.AUDIT_ANCHOR_DIR)
    if settings.AUDIT_ANCHOR_MAIL:
        found[str(Place.MAIL)] = settings.AUDIT_ANCHOR_MAIL
    return found


def keep() -> int:
    """Anchor the newest head wherever that is due. Says in how many places it was; one that fails stops no other."""
    signed = newest()
    if signed is None:
        return 0
    done = 0
    for place, target in targets().items():
        if is_due(place, target, signed):
            error = ""
            try:
                (drop if place == Place.FOLDER else send)(signed, target)
            except (OSError, ValueError) as fault:  # smtplib's errors are OSErrors
                error = f"{type(fault).__name__}: {getattr(fault, 'strerror', None) or ''}".rstrip(": ")
            remember(signed, place, target, error)
            done += not error
    return done


def is_due(place: str, target: str, signed: Signed) -> bool:
    last = Anchor.objects.filter(place=place).first()
    if last is None or last.target != target[:300]:
        return True
    if last.error:
        return last.at <= timezone.now() - AGAIN
    return last.sequence < signed.head.sequence and last.at <= timezone.now() - EVERY[Place(place)]


def drop(signed: Signed, target: str) -> None:
    """A file of its own, on the disk before we go on; what is there is never written over."""
    folder = Path(target)
    at = signed.head.at.astimezone(UTC)
    path = folder / f"audit-head-{signed.head.sequence:012d}-{at:%Y%m%dT%H%M%SZ}.json"
    unfinished = folder / f".{path.name}.{os.getpid()}"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps(signed.as_json()).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        if signed not in set(signing.kept_outside(path)):
            raise
    finally:
        unfinished.unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def send(signed: Signed, target: str) -> None:
    """A mail with the head on a line of its own, and as a file."""
    line = json.dumps(signed.as_json())
    words = _(
        "This is the signed head of the audit trail of %(address)s. Keep this mail: it proves later that nothing "
        "up to event %(number)d was changed or taken away. It holds nothing about anybody."
    )
    mail = EmailMessage(
        _("Audit trail: signed up to event %(number)d") % {"number": signed.head.sequence},
        f"{words % {'address': settings.PUBLIC_URL, 'number': signed.head.sequence}}\n\n{line}\n",
        to=[target],
    )
    mail.attach(f"audit-head-{signed.head.sequence:012d}.json", line + "\n", "application/json")
    mail.send()


def dropped() -> Iterator[Signed | Unreadable]:
    """The heads in the folder."""
    if settings.AUDIT_ANCHOR_DIR:
        for path in sorted(Path(settings.AUDIT_ANCHOR_DIR).glob("audit-head-*.json")):
            yield from signing.kept_outside(path)


def found_in(text: str, place: str) -> list[Signed | Unreadable]:
    """The heads among the lines of a mail or a file, also quoted ones; a text without any is unreadable."""
    found = []
    for line in text.splitlines():
        start, end = line.find("{"), line.rfind("}")
        if 0 <= start < end and (signed := signing.read(line[start : end + 1].encode(errors="replace"))):
            found.append(signed)
    return [*found] or [Unreadable(place)]


def health() -> Finding:
    """Whether the heads reach the places that the settings name."""
    name = "audit.anchors"
    if not targets():
        text = _("Signed heads stay on this machine: set AUDIT_ANCHOR_DIR or AUDIT_ANCHOR_MAIL.")
        return Finding(name, Level.WARNING, text)
    for place, target in targets().items():
        last = Anchor.objects.filter(place=place).first()
        words = {"place": Place(place).label, "target": target, "error": last.error if last else ""}
        if last is not None and last.error:
            text = _("A signed head didn’t reach the %(place)s %(target)s: %(error)s. It is tried again.")
            return Finding(name, Level.FAILED, text % words)
        late = 3 * EVERY[Place(place)]
        head = newest()
        if head and (last is None or (last.sequence < head.head.sequence and last.at < timezone.now() - late)):
            text = _("No signed head has reached the %(place)s %(target)s lately: is the scheduler running?")
            return Finding(name, Level.WARNING, text % words)
    return Finding(name, Level.GOOD)
