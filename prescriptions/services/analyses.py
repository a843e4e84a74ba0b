"""Analyse a text, or files: what is quick to read here and now, several as a job; or one of which nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project
from core.errors import Fault, Invalid
from core.jobs.models import Job
from prescriptions import engine, permissions, reference
from prescriptions.models import Document, Item
from prescriptions.services import opinions, reading
from prescriptions.services.batches import add_files, read_batch, start_batch
from prescriptions.services.documents import check_text, keep

if TYPE_CHECKING:
    from core.access.scope import Actor

ONE_PAGE = frozenset({".png", ".jpg", ".jpeg", ".heic", ".heif", ".txt"})
"""What holds one page, whatever its size."""
QUICK = 1 << 20
"""Bytes of another file that is read while its sender waits."""


def is_quick(name: str, stream: IO[bytes]) -> bool:
    """Whether a file is read at once: a picture or a text, or a short PDF."""
    suffix = PurePath(name).suffix.lower()
    return suffix in ONE_PAGE or (suffix == ".pdf" and (getattr(stream, "size", None) or 0) <= QUICK)


@transaction.atomic
def structure_text(actor: Actor, project: Project, text: str) -> Document:
    """Read the text into lines that wait for review. Raises Invalid for a text that is empty or too long."""
    access.require(actor, permissions.WRITE, project)
    document = keep(actor, project, check_text(text))
    opinions.start(actor, project, [document.pk])
    return document


def analyse_files(
    actor: Actor, project: Project, sent: Sequence[tuple[str, IO[bytes]]]
) -> tuple[list[Item], Job | None]:
    """Keep files and read them: a quick one now, whose item says what came of it; the others by the job given back."""
    quick = len(sent) == 1 and is_quick(*sent[0])
    batch = start_batch(actor, project)
    items = add_files(actor, batch, sent)
    if not quick:
        return items, read_batch(actor, batch)
    [item] = items
    with transaction.atomic():
        begun = reading.begin(item)
    assert begun  # it was never begun before
    reading.read_item(actor, item, transaction.atomic)
    opinions.start(actor, project, [item.pk])
    return items, None


def analyse_only(actor: Actor, project: Project, name: str, stream: IO[bytes]) -> tuple[str, engine.Ordonnance]:
    """(list of medicines, reading) of a file of which nothing is kept. Raises Invalid."""
    access.require(actor, permissions.WRITE, project)
    if not is_quick(name, stream):
        message = _("This file takes longer to be read: send it to be kept, and follow its job.")
        raise Invalid([Fault("files", "too_long", message)])
    scan = reading.scanned(stream, name)
    text = reading.legible(scan)
    edition, found = reference.read(text, scan=scan)
    audit.record(
        actor,
        "prescriptions.text_structured",
        project=project,
        characters=len(text),
        lines=len(found.lines),
        reference=edition,
    )
    return edition, found
