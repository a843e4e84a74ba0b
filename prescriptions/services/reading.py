"""What becomes of one file of a batch: a prescription, the prescription that it was before, or a fault in words."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext as _

from core import files
from core.errors import Invalid
from core.files import taking
from core.files.engine.kinds import Kind
from prescriptions import reading
from prescriptions.engine import LONGEST
from prescriptions.engine.scans.page import Scan
from prescriptions.models import Document, Item
from prescriptions.services.batches import LARGEST, fail, held_batch, same_as
from prescriptions.services.documents import keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.access.scope import Actor

    Fenced = Callable[[], AbstractContextManager[None]]

TAKEN = (Kind.PDF, Kind.PNG, Kind.JPEG, Kind.TIFF, Kind.HEIC, Kind.TEXT)
TRIES = 3
"""Times that the reading of one file may be broken off."""


def scanned(file: IO[bytes], name: str) -> Scan:
    """What is written in a file. Raises Rejected, in words, for what isn't taken or can't be read."""
    if taking.check(file, name, TAKEN) is Kind.TEXT:
        return Scan(text_of(file.read(LARGEST)), ())
    return reading.read_in_box(file)


def text_of(data: bytes) -> str:
    """A text file, in UTF-8 or as older French programs write it."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def legible(scan: Scan) -> str:
    """The text of a scan. Raises Invalid where there is none, or more than a prescription has."""
    text = scan.text.replace("\x00", " ")
    if not text.strip():
        raise Invalid([], _("No writing was found in this file. Scan it again, straight and well lit."))
    if len(text) > LONGEST:
        raise Invalid([], _("This file is too long for a prescription. Send one prescription a file."))
    return text


def begin(item: Item) -> bool:
    """Note that the reading of a file begins, in a transaction of the job. False where it is given up instead."""
    item.tries += 1
    item.state = Item.State.READING if item.tries <= TRIES else Item.State.FAILED
    if item.state == Item.State.FAILED:
        item.fault = _("The reading of this file was broken off several times. Send it as another kind of file.")
    item.save(update_fields=["tries", "state", "fault"])
    return item.state == Item.State.READING


def read_item(actor: Actor, item: Item, fenced: Fenced) -> None:
    """Read one file outside of any transaction; what comes of it is written in one, together with its state."""
    stored = item.file
    assert stored is not None  # a constraint says so of what waits
    batch = item.batch
    try:
        if same := same_as(batch, stored):
            return twice(actor, item, same, fenced)
        with files.open(stored) as file:
            scan = scanned(file, item.name)
        text = legible(scan)
    except Invalid as error:
        with fenced():
            fail(item, error)
        return None
    with fenced():
        if not same_as(held_batch(batch), stored):
            item.state, item.document, item.file = Item.State.READY, became(actor, item, text, scan), None
            item.save(update_fields=["state", "document", "file"])
            return None
    same = same_as(batch, stored)
    assert same is not None  # somebody else's reading of the same bytes was committed first
    return twice(actor, item, same, fenced)


def became(actor: Actor, item: Item, text: str, scan: Scan) -> Document:
    assert item.file is not None
    return keep(
        actor,
        item.batch.project,
        text,
        pk=item.pk,
        file=item.file,
        digest=item.file.digest,
        scan=scan,
    )


def twice(actor: Actor, item: Item, same: Document, fenced: Fenced) -> None:
    stored = item.file
    with fenced():
        item.state, item.document, item.file = Item.State.TWICE, same, None
        item.save(update_fields=["state", "document", "file"])
        if stored is not None:
            files.erase(actor, stored, "twice")
