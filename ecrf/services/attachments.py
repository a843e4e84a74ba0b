"""Files of questions: uploaded before the save that names them, read by who reads the record, swept where nobody saved.

An image is made anew from its pixels in the sandbox: what a camera wrote beside them stays behind. Everything else is
kept as it came, and only ever given back as a download.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, files, vault
from core.errors import Conflict, Fault, Invalid
from core.files import taking
from core.files.taking import Kind
from ecrf import engine, messages, permissions, rights
from ecrf.engine import Sheet
from ecrf.models import Attachment, Entry, Form, Subject
from ecrf.models.attachments import PREFIX
from ecrf.services import locks
from ecrf.services.contexts import ALONE
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor

VALUE = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
IMAGES = (Kind.PNG, Kind.JPEG)
DOCUMENTS = (Kind.PDF, *IMAGES, Kind.TIFF, Kind.TEXT, Kind.XLSX)
DRAWN = frozenset({"image", "annotation", "drawing", "signature"})
MEDIA = {
    Kind.PDF: "application/pdf",
    Kind.PNG: "image/png",
    Kind.JPEG: "image/jpeg",
    Kind.TIFF: "image/tiff",
    Kind.TEXT: "text/plain",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_BYTES = 16 << 20
FORGOTTEN = timedelta(days=1)


def kinds_of(spec: Mapping[str, Any]) -> tuple[Kind, ...]:
    """What a question takes: images only where it draws or shows them, else documents, or those that it names."""
    allowed = IMAGES if spec.get("look") in DRAWN else DOCUMENTS
    named = spec.get("accept")
    return tuple(kind for kind in allowed if kind.value in named) if named else allowed


def limit_of(spec: Mapping[str, Any]) -> int:
    return int(spec.get("max_size", MOST_BYTES))


def upload(
    actor: Actor, subject: Subject, form: Form, key: str, source: IO[bytes], name: str, *, sheet: Sheet = ALONE
) -> Attachment:
    """Take a file for a question: the value that names it can then be saved. Raises Invalid in words, and Conflict."""
    access.require(actor, permissions.SAVE, subject.project, site=subject.site, obj=subject)
    definition = form.published.loaded
    item = definition.items.get(key)
    if item is None or item.kind != "file" or not rights.of(actor, form, subject.site).edits(item.page):
        raise Invalid([Fault(key[:100], "unknown_variable", messages.words("unknown_variable", {}))])
    held = locks.holding(subject, sheet, entry_of(subject, form, sheet))
    if held.all or held.covers(item.page, item.repeat or key):
        raise Conflict(held.message or _("This is locked: unlock it first, with a reason."), "locked")
    limit = limit_of(item.spec)
    size = source.seek(0, 2)
    source.seek(0)
    if size > limit:
        text = messages.words("file_of_record_too_large", {"limit": f"{limit / (1 << 20):.0f}"})
        raise Invalid([Fault(key, "file_too_large", text)])
    name = clean_name(name)
    kinds = kinds_of(item.spec)
    try:
        if item.spec.get("look") in DRAWN or is_image(source, name, kinds):
            with taking.image(source, name, [kind for kind in kinds if kind in IMAGES]) as made, made.open() as clean:
                content = clean.read(limit + 1)
            kind = Kind.PNG if content.startswith(b"\x89PNG") else Kind.JPEG
        else:
            kind = taking.check(source, name, kinds)
            content = source.read(limit + 1)
    except taking.Rejected as refused:
        raise Invalid([Fault(key, refused.code, refused.message)]) from None
    if len(content) > limit:
        text = messages.words("file_of_record_too_large", {"limit": f"{limit / (1 << 20):.0f}"})
        raise Invalid([Fault(key, "file_too_large", text)])
    return kept(actor, subject, form, item, content, name, MEDIA[kind])


def is_image(source: IO[bytes], name: str, kinds: tuple[Kind, ...]) -> bool:
    """Whether the file begins as an image that is taken: it is then made anew."""
    head = source.read(8)
    source.seek(0)
    return (head == b"\x89PNG\r\n\x1a\n" and Kind.PNG in kinds) or (head[:3] == b"\xff\xd8\xff" and Kind.JPEG in kinds)


def kept(
    actor: Actor, subject: Subject, form: Form, item: engine.Item, content: bytes, name: str, media_type: str
) -> Attachment:
    """Store the content, or find it where the question had it already."""
    digest = hashlib.sha256(content).hexdigest()
    mark = mark_of(subject, digest)
    same = {"subject": subject, "form": form, "item": item.key, "mark": mark, "removed_at": None}
    if found := Attachment.objects.filter(**same).select_related("file").first():
        return found
    stored = files.store(actor, subject.project, [content], name=name, media_type=media_type, kind="ecrf-attachment")
    try:
        with transaction.atomic():
            made = Attachment.objects.create(
                **same,
                page=item.page,
                digest=digest,
                name=name,
                media_type=media_type,
                size=len(content),
                file=stored,
                uploaded_by=account(actor),
            )
            audit.record(actor, "ecrf.file_uploaded", made, form=form.key, field=item.key, size=len(content))
    except IntegrityError:  # the same file from two tabs at once
        files.discard(stored)
        return Attachment.objects.select_related("file").get(**same)
    except BaseException:
        files.discard(stored)
        raise
    return made


def mark_of(subject: Subject, digest: str) -> str:
    return mark_in(subject.project, subject.pk, digest)


def mark_in(project: Project, subject: UUID, digest: str) -> str:
    return vault.blind_index(project, f"{subject}/{digest}", "ecrf.attachment")


def clean_name(name: str) -> str:
    """The name alone, without the folders of its owner's machine."""
    return re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rpartition("/")[2]).strip()[-120:] or "file"


def entry_of(subject: Subject, form: Form, sheet: Sheet) -> Entry | None:
    rows = Entry.objects.filter(subject=subject, form=form, removed_at=None)
    return rows.filter(event=sheet.event, page=sheet.page, instance=sheet.instance).first()


def held_by(definition: engine.Definition, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(place, item, value) of each question that holds a file, in rows too."""
    for key, value in values.items():
        if key in definition.groups and isinstance(value, list | tuple):
            for number, row in enumerate(value):
                if isinstance(row, Mapping):
                    for name, cell in row.items():
                        if is_file(definition, name) and isinstance(cell, str) and cell:
                            yield f"{key}[{number}].{name}", name, cell
        elif is_file(definition, key) and isinstance(value, str) and value:
            yield key, key, value


def is_file(definition: engine.Definition, key: str) -> bool:
    return key in definition.items and definition.items[key].kind == "file"


def unknown(
    subject: Subject,
    form: Form,
    definition: engine.Definition,
    stored: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    named: bool,
) -> list[Fault]:
    """Values that name no file of this subject and question. What was there already may stay.

    `named`: an import may also bring the name of a file that it doesn't carry.
    """
    before = {value for _, _, value in held_by(definition, stored)}
    asked = [one for one in held_by(definition, values) if one[2] not in before]
    if named:
        asked = [one for one in asked if one[2].startswith(PREFIX)]
    marks = {value: mark_of(subject, value.removeprefix(PREFIX)) for _, _, value in asked if VALUE.fullmatch(value)}
    rows = Attachment.objects.filter(subject=subject, form=form, mark__in=marks.values(), removed_at=None)
    known = set(rows.values_list("item", "mark"))
    return [
        Fault(place, "unknown_file", messages.words("unknown_file", {}))
        for place, item, value in asked
        if (item, marks.get(value)) not in known
    ]


def claim(subject: Subject, form: Form, definition: engine.Definition, changed: Mapping[str, Any]) -> None:
    """From now on these files belong to the record and its history."""
    named = [value for _, _, value in held_by(definition, changed) if VALUE.fullmatch(value)]
    if named:
        marks = [mark_of(subject, value.removeprefix(PREFIX)) for value in named]
        rows = Attachment.objects.filter(subject=subject, form=form, mark__in=marks, claimed_at=None)
        rows.update(claimed_at=timezone.now())


def of_value(subject: Subject, form: Form, key: str, value: Any) -> Attachment | None:
    """The file that a value names."""
    if not isinstance(value, str) or not VALUE.fullmatch(value):
        return None
    mark = mark_of(subject, value.removeprefix(PREFIX))
    rows = Attachment.objects.filter(subject=subject, form=form, item=key, mark=mark, removed_at=None)
    return rows.select_related("file__project", "subject__project").first()


def of_entry(entry: Entry, definition: engine.Definition) -> dict[str, Attachment]:
    """The files that a record holds now, by place: what formats that carry files take along."""
    named = list(held_by(definition, entry.values))
    whole = {value for _, _, value in named if VALUE.fullmatch(value)}
    marks = {value: mark_of(entry.subject, value.removeprefix(PREFIX)) for value in whole}
    rows = Attachment.objects.filter(
        subject=entry.subject, form=entry.form, mark__in=marks.values(), removed_at=None
    ).select_related("file__project", "subject__project")
    known = {(row.item, row.mark): row for row in rows}
    found = {place: known.get((item, marks.get(value, ""))) for place, item, value in named}
    return {place: row for place, row in found.items() if row is not None}


def content_of(attachment: Attachment) -> bytes:
    """The clear bytes of a file. Whoever calls has checked that the reader may, and records it."""
    with files.opener(attachment.file)() as source:
        return bytes(source.read())


def sweep() -> None:
    """Erase what was uploaded more than a day ago and never saved."""
    old = Attachment.objects.filter(claimed_at=None, removed_at=None, created_at__lt=timezone.now() - FORGOTTEN)
    for pk in old.values_list("pk", flat=True)[:1000]:
        with transaction.atomic():
            row = Attachment.objects.select_for_update(of=("self",)).select_related("file").get(pk=pk)
            if row.claimed_at is None and row.removed_at is None:
                row.removed_at = timezone.now()
                row.save(update_fields=["removed_at"])
                files.erase(None, row.file, "never saved")
