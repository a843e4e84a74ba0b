"""The files that the questions of exported records hold: found for many records at once, opened one by one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ecrf.engine import Definition
from ecrf.engine.exchange.records import Stored
from ecrf.models import Attachment, Form
from ecrf.models.attachments import PREFIX
from ecrf.services import attachments
from ecrf.services.exports.rows import Row


def of_rows(form: Form, definition: Definition, rows: Iterable[Row]) -> dict[UUID, dict[str, Stored]]:
    """By entry and place. One query, and none where no record names a file."""
    wanted: dict[tuple[UUID, str, str], list[tuple[UUID, str]]] = {}
    for row in rows:
        for place, item, value in attachments.held_by(definition, row.values):
            if attachments.VALUE.fullmatch(value):
                mark = attachments.mark_in(form.project, row.subject.pk, value.removeprefix(PREFIX))
                wanted.setdefault((row.subject.pk, item, mark), []).append((row.pk, place))
    found: dict[UUID, dict[str, Stored]] = {}
    if not wanted:
        return found
    subjects, marks = {subject for subject, _, _ in wanted}, {mark for _, _, mark in wanted}
    kept = Attachment.objects.filter(form=form, subject__in=subjects, mark__in=marks, removed_at=None)
    for one in kept.select_related("subject__project"):
        for entry, place in wanted.get((one.subject_id, one.item, one.mark), ()):
            found.setdefault(entry, {})[place] = Stored(one.name, one.media_type, str(one.pk), content_of)
    return found


def content_of(key: str) -> bytes:
    """The clear bytes of a file that was found for who may have it; nothing where it was erased meanwhile."""
    kept: Any = Attachment.objects.select_related("file__project").filter(pk=key, removed_at=None).first()
    return attachments.content_of(kept) if kept is not None else b""
