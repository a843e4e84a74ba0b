"""Take a sealed file piece by piece: each is kept once, and a broken transfer goes on where it was."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from backup.engine.errors import Damaged
from backup.engine.sealing import layout
from backup.models import Send, SendPiece
from backup.models.sends import PIECE
from backup.services import sends
from backup.services.contents import SEALED
from core import files
from core.errors import Conflict, Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.files.models import StoredFile


def put(actor: Actor, send: Send, number: int, data: bytes) -> bool:
    """Take a piece from its owner; whether it is new. Raises Invalid, Conflict."""
    sends.require_own(actor, send)
    return taken(send, number, data)


def taken(send: Send, number: int, data: bytes) -> bool:
    """Keep a piece unless it is there already; whether it is new.

    Raises Invalid for what is no piece of this file and where there is no room, Conflict for another content under its
    number and once no more is taken.
    """
    if send.state != "uploading":
        raise sends.not_uploading()
    check(send, number, data)
    digest = hashlib.sha256(data).hexdigest()
    if is_there(send, number, digest):
        return False
    stored = files.store(None, send.project, [data], name=str(number), kind=SEALED, limit=PIECE)
    try:
        new = kept(send, SendPiece(send=send, number=number, digest=digest, file=stored), data)
    except BaseException:
        files.discard(stored)
        raise
    if not new:
        files.discard(stored)
    return new


@transaction.atomic
def kept(send: Send, piece: SendPiece, data: bytes) -> bool:
    """Of two who send the same piece at once, the second finds it there."""
    row = sends.uploading(send)
    if is_there(row, piece.number, piece.digest):
        return False
    piece.save(force_insert=True)
    if piece.number == 0 and (protected := header(data).protected):
        Send.objects.filter(pk=row.pk).update(is_protected=protected)
    return True


def is_there(send: Send, number: int, digest: str) -> bool:
    """Raises Conflict where the piece that is there has another content: one key serves one content."""
    known = SendPiece.objects.filter(send=send, number=number).values_list("digest", flat=True).first()
    if known is not None and known != digest:
        raise Conflict(_("Another content is there under this number: the file has changed. Send it anew."), "differs")
    return known is not None


def check(send: Send, number: int, data: bytes) -> None:
    """Raises Invalid for a piece of another number, length or form than the file has."""
    if not 0 <= number < send.piece_count:
        raise Invalid([Fault("number", "range", _("The file has no piece of this number."))])
    if len(data) != send.length_of(number):
        message = _("The piece has %(length)d bytes instead of %(due)d.")
        raise Invalid([Fault("piece", "length", message % {"length": len(data), "due": send.length_of(number)})])
    if number == 0:
        try:
            is_whole = header(data).size == send.size
        except Damaged:
            is_whole = False
        if not is_whole:
            raise Invalid([Fault("piece", "not_sealed", _("This isn’t the beginning of a sealed file of this size."))])


def header(data: bytes) -> layout.Header:
    return layout.read_header(data[: layout.HEADER])


def erase(pieces: list[SendPiece]) -> None:
    """Remove pieces and their bytes; what a crash leaves of them, upkeep finds."""
    stored: list[StoredFile] = [piece.file for piece in pieces]
    SendPiece.objects.filter(pk__in=[piece.pk for piece in pieces]).delete()
    for each in stored:
        files.discard(each)
