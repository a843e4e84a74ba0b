"""Make the file of an export: choose the records, write them, seal them, keep what was handed out."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any, cast

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import files
from core.errors import Fault, Invalid
from ecrf import messages
from ecrf.engine.coding import coded_items
from ecrf.engine.exports import FORMATS, Book, Options, age
from ecrf.engine.faults import Fault as Loss
from ecrf.engine.faults import Refused
from ecrf.models import Entry, Export
from ecrf.services.exports import levels, marks
from ecrf.services.exports.choices import Choices, read_choices
from ecrf.services.exports.selection import Selection
from ecrf.services.exports.spool import RecordSpool

if TYPE_CHECKING:
    from core.access.scope import Actor

MOST_LOSSES = 500
BUFFER = 1 << 20
Report = Callable[[int], None]


def selected(actor: Actor, export: Export) -> tuple[Choices, Selection]:
    """What the export is to hold, by what its author may now. Raises Refused."""
    choices = read_choices(export.choices)
    levels.require_level(actor, export.form, choices.level)
    before = marks.unpack(export.since.marks) if export.since else {}
    if not export.since:
        choices = read_choices(export.choices | {"since": ""})
    made = FORMATS.get(export.format)  # a dataset is none of them
    faithful, codes = (made.faithful, made.codes) if made else (False, True)
    return choices, Selection(actor, export.form, choices, before, faithful=faithful, codes=codes)


def book_of(selection: Selection, spool: RecordSpool, options: Options) -> Book:
    form = selection.form
    try:
        definition = selection.definition
    except Refused:
        text = _("Nothing of this form may leave with these choices: choose other pages, or more of the persons.")
        raise Invalid([Fault("only", "nothing_left", text)]) from None
    return Book(
        definition=definition,
        records=spool.records,
        study=str(form.project),
        key=f"{form.project.slug}-{form.key}",
        exported_at=timezone.localtime(),
        version=form.published.number,
        options=options,
    )


def options_of(choices: Choices) -> Options:
    return Options(choices.language, choices.labels, choices.statuses, choices.history, choices.files, choices.bom)


def write(
    selection: Selection, format_: str, out: IO[bytes], report: Report, writing: Callable[[], None]
) -> list[Loss]:
    """Read all records, then write the file; gives what the format can't say. The records lie encrypted in between."""
    spool = RecordSpool()
    try:
        for record in selection.all(report):
            spool.add(record)
        spool.end()
        writing()
        with translation.override(selection.choices.language):
            losses = FORMATS[format_].write(book_of(selection, spool, options_of(selection.choices)), out)
            if coded_items(selection.source) and not selection.codes:
                losses.append(Loss("", "export_without_codes"))
            if selection.choices.files and not FORMATS[format_].files:
                losses.append(Loss("", "export_without_files"))
            return losses
    except Refused as refused:
        raise Invalid([messages.of_definition(fault) for fault in refused.faults]) from None
    finally:
        spool.close()


def sealing(choices: Choices, out: IO[bytes]) -> tuple[IO[bytes], Callable[[], None]]:
    """Where the writer writes, and what ends it: through the recipient's key, where there is one."""
    receiver = age.recipient(choices.recipient) if choices.recipient else None
    if receiver is None:
        return out, lambda: None
    sealed = age.Sealing(out, receiver)
    return cast("IO[bytes]", sealed), sealed.finish


def file_name(export: Export) -> str:
    extension, _kind = FORMATS[export.format].named(files=bool(export.choices.get("files")))
    day = timezone.localtime().strftime("%Y%m%d-%H%M")
    tail = ".age" if export.choices.get("recipient") else ""
    return f"{export.form.key}-{export.format}-{day}{extension}{tail}"


def make_file(
    actor: Actor, export: Export, report: Report, writing: Callable[[], None]
) -> tuple[files.StoredFile, dict[str, Any]]:
    """The stored file and what the row is to say of it. Whoever calls discards the file if the row isn't written."""
    choices, selection = selected(actor, export)
    name = file_name(export)
    _extension, kind = FORMATS[export.format].named(files=choices.files)
    media_type = "application/octet-stream" if choices.recipient else kind
    with files.create(actor, export.form.project, name=name, media_type=media_type, kind="ecrf-export") as draft:
        out = io.BufferedWriter(cast("Any", Kept(draft)), BUFFER)
        target, finish = sealing(choices, cast("IO[bytes]", out))
        losses = write(selection, export.format, target, report, writing)
        finish()
        out.flush()
        digest = draft.sha256
    assert draft.stored is not None
    return draft.stored, described(export, selection, losses) | {"file_name": name, "sha256": digest}


class Kept(io.RawIOBase):
    """Passes bytes on, and closes nothing: the draft ends with its own block."""

    def __init__(self, draft: Any) -> None:
        self._draft = draft

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return int(self._draft.write(data))


def described(export: Export, selection: Selection, losses: list[Loss]) -> dict[str, Any]:
    """What the row says of an export that is done; its marks are those before it with its own."""
    gone = selection.before.keys() - selection.read.keys()
    told = [{"place": loss.place, "code": loss.code, "params": dict(loss.params)} for loss in losses]
    told += removed(gone)
    held = {key: mark for key, mark in selection.before.items() if key not in gone} | selection.marks
    return {
        "version": selection.form.published,
        "subjects": selection.subjects,
        "records": selection.records,
        "removed": len(gone),
        "losses": told[:MOST_LOSSES],
        "held": selection.held,
        "marks": marks.pack(held),
        "finished_at": timezone.now(),
        "keep_until": timezone.now() + timedelta(days=selection.choices.keep_days),
    }


def removed(gone: Any) -> list[dict[str, Any]]:
    """Records that an earlier export had and that were taken out of the study since, by subject and sheet."""
    rows = Entry.objects.filter(pk__in=list(gone)[:200]).order_by("subject__number", "event", "page", "instance")
    return [
        {
            "place": " ".join(filter(None, (number, event, page, str(instance) if instance > 1 else ""))),
            "code": "removed_since",
            "params": {},
        }
        for number, event, page, instance in rows.values_list("subject__number", "event", "page", "instance")
    ]
