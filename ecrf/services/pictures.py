"""The drawings and signatures that the values of a record name, to be put on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf import engine
from ecrf.engine.exchange.records import Attachment as Content
from ecrf.engine.paper.images import LARGEST
from ecrf.models import Attachment, Form, Subject
from ecrf.models.attachments import PREFIX
from ecrf.services.attachments import content_of, held_by, mark_of


def pictures(
    subject: Subject, form: Form, definition: engine.Definition, values: Mapping[str, Any]
) -> dict[str, Content]:
    """By the value that names it; what can't be drawn is left out."""
    wanted = {value for _place, _item, value in held_by(definition, values) if value.startswith(PREFIX)}
    if not wanted:
        return {}
    marks = {mark_of(subject, value.removeprefix(PREFIX)): value for value in wanted}
    rows = Attachment.objects.filter(subject=subject, form=form, mark__in=marks, media_type__in=DRAWABLE)
    return {
        marks[row.mark]: Content(str(row.pk), row.media_type, content_of(row))
        for row in rows.filter(removed_at=None, size__lte=LARGEST).select_related("file__project")
    }


DRAWABLE = ("image/png", "image/jpeg")
